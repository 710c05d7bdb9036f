# What the tests of calculations share.

header=$'settlement_date\tsettlement_period\tfarm_id\tvolume'

# The lines "date period farm volume" on stdin, as the filter's input.
rows() {
	printf '%s\n' "$header"
	tr ' ' '\t'
}

# The same lines, as curtailment records of the test's database.
given_records() {
	GIVEN=$((${GIVEN:-0} + 1))
	local file=$BATS_TEST_TMPDIR/given.$GIVEN
	awk -v OFS='\t' -v n="${GIVEN}0000" '{ print $1, $2, $3, "bid", ++n, -1, n, $4 }' >"$file"
	sql "select count(ensure_month(d)) from (values
		$(cut -f1 "$file" | sort -u | sed "s/.*/(date '&')/" | paste -sd,)) v (d)" >/dev/null
	sql "\\copy curtailment_records (settlement_date, settlement_period, farm_id, stack, acceptance_id, pair_id, sequence_number, volume) from '$file'"
}

# Some farms in every period of these dates: enough to be wounded.
given_days() {
	local day
	for day in "$@"; do
		awk -v day="$day" -v periods="$(sql "select settlement_periods('$day')")" 'BEGIN {
			for (p = 1; p <= periods; p++)
				for (f = 1; f <= 3; f++)
					printf "%s %d T_FARM-%d -%d.%d25\n", day, p, f, p + f, f * 7
		}'
	done | given_records
}

# These dates were fetched, every period, and this is what came.
given_fetched() {
	local day
	for day in "$@"; do
		sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
		     select '$day', p, 'final', 'bid so', count(r.farm_id), count(r.farm_id), coalesce(sum(r.volume), 0)
		       from generate_series(1, settlement_periods('$day')) p
		       left join curtailment_records r on r.settlement_date = '$day' and r.settlement_period = p
		      group by p"
	done
}

calculations() {
	sql "select settlement_date, settlement_period, farm_id, miner_model, curtailed_mwh, miners, difficulty, subsidy, bitcoin_mined
	       from historical_bitcoin_calculations order by 1, 2, 3, 4" | tr '|' '\t'
}

# The versions of all calculations: another value if but one was written again.
versions() {
	sql "select count(*), md5(string_agg(xmin::text || xmax || ctid, ',' order by settlement_date, settlement_period, farm_id, miner_model))
	       from historical_bitcoin_calculations"
}

# half_hours_agree YEAR... - every half hour of these years begins at the same instant in calc-btc and in PostgreSQL.
half_hours_agree() {
	local count
	# A history in which each period has a difficulty of its own, its number, from its start in SQL.
	sql "copy (select d::date, p, 'T_A-1', -0.0001, to_char(settlement_period_start(d::date, p), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
		     from unnest(string_to_array('$*', ' ')) y cross join lateral generate_series((y || '-01-01')::date, (y || '-12-31')::date, interval '1 day') d
		    cross join lateral generate_series(1, settlement_periods(d::date)) p order by 1, 2) to stdout" >periods
	awk -F'\t' -v OFS='\t' 'BEGIN { print "effective_from", "difficulty" } { print $5, NR }' periods >history.tsv
	(printf '%s\n' "$header"; cut -f1-4 periods) >rows.tsv
	count=$(wc -l <periods)
	[ "$count" -ge $((365 * 48 * $#)) ] || return 1
	calc-btc --subsidy 1 --model S9 --history history.tsv --no-header <rows.tsv | cut -f7 >numbers
	seq "$count" | cmp - numbers
}

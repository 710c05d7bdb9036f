# Small worlds for the tests of sums and audits.  `load sums` after `load helper`.
#
#   the_day                     the bundled day 2022-01-01, stored, calculated and summed
#   record DATE PERIOD FARM VOLUME [PRICE]    one record, with an identity of its own
#   fetched DATE [A-B]          its periods noted as fetched, with what their records add up to
#   calculate_and_sum           make everything from the records that are there
#   many_days                   two months of days, with calculations
#   changed_sums                what a person may do to a sum of the day, a line each
#   each_sum_comes_back N LINE...    so many of these: the next roll-up says what it changes, and all is as it was
#   rollup_killed TIMES         rollup-summaries of them, killed so many times: the next run brings what an undisturbed one does

# shellcheck disable=SC2154,SC2317 # $root is the suite's; kill_midway calls the functions
the_day() {
	make_day
	if [ -z "${TEST_DB:-}" ]; then
		fresh_db template_day
	else
		# An empty database gives way to a copy of the day's.
		leave_db "$TEST_DB"
		copy_db template_day "$TEST_DB"
	fi
}

# Made once for the whole run, by whichever test is first; those beside it wait.
make_day() {
	[ ! -e "$SUITE_SHARED/day" ] || return 0
	(
		flock 9
		[ ! -e "$SUITE_SHARED/day" ] || exit 0
		copy_db template_windfall template_day
		export DATABASE_URL="postgresql:///template_day?host=$SUITE_SOCKET&user=windfall"
		fetch-elexon -q --store --base-url "file://$root/tests/data/archive" 2022-01-01
		calculate_and_sum
		sql "vacuum analyze"
		psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres \
			-c "alter database template_day with is_template true allow_connections false"
		touch "$SUITE_SHARED/day"
	) 9>"$SUITE_SHARED/day.lock"
}

calculate_and_sum() {
	local days
	days=$(sql "select min(settlement_date), max(settlement_date) from curtailment_records")
	calc-btc -q --store "${days%|*}" "${days#*|}"
	rollup-summaries -q >"$BATS_TEST_TMPDIR/summed"
}

record() {
	sql "select ensure_month('$1')" >/dev/null
	sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, acceptance_id,
	                                      pair_id, sequence_number, volume, original_price, payment)
	     select '$1', $2, '$3', 'bid', 1, -1, (select count(*) from curtailment_records), $4, ${5:-null}, $4 * ${5:-null}"
}

fetched() {
	local periods=${2:-1-48}
	sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
	     select '$1', p, 'final', 'bid so', count(r.volume), count(r.volume), coalesce(sum(r.volume), 0)
	       from generate_series(${periods%-*}, ${periods#*-}) p
	       left join curtailment_records r on r.settlement_date = '$1' and r.settlement_period = p
	      group by p
	     on conflict (settlement_date, settlement_period) do update
	     set rows_kept = excluded.rows_kept, rows_seen = excluded.rows_seen, volume = excluded.volume"
}

# Sixty days of three farms, with amounts that need not be right: only sums are looked at.
many_days() {
	sql "select ensure_month('2024-12-01'), ensure_month('2025-01-01')" >/dev/null
	sql "insert into curtailment_records (settlement_date, settlement_period, farm_id, stack, sequence_number, volume, payment)
	     select d::date, p, 'T_A-' || f, 'bid', 1, -(p + f / 7.0), p * 1.01
	       from generate_series(date '2024-12-01', '2025-01-29', '1 day') d, generate_series(1, 48) p, generate_series(1, 3) f"
	sql "insert into historical_bitcoin_calculations
	     select settlement_date, settlement_period, farm_id, 'S9', 1, 1, 1, 1, 1, 1, settlement_period * 0.00000001 from curtailment_records"
}

changed_sums() {
	cat <<-'END'
		update daily_summaries set curtailed_mwh = 62399
		update daily_summaries set onshore_mwh = 1
		update monthly_summaries set payment_to_farms = payment_to_farms + 0.01
		update yearly_summaries set days = 2
		update bitcoin_daily_summaries set bitcoin_mined = bitcoin_mined - 0.00000001 where miner_model = 'S9'
		update bitcoin_monthly_summaries set value_at_mining = 0
		update bitcoin_yearly_summaries set calculations = 1844 + 1
		delete from daily_summaries
		delete from monthly_summaries
		delete from yearly_summaries
		delete from bitcoin_daily_summaries
		delete from bitcoin_monthly_summaries
		delete from bitcoin_yearly_summaries
	END
}

each_sum_comes_back() {
	local change n=$1 seen=0
	shift
	dump_db >before
	some "$n" "$@" >wanted_changes
	while read -r change; do
		sql "$change" </dev/null
		rollup-summaries -q 2022-01-01 >changed
		[ -s changed ] || { echo "nothing said: $change"; return 1; }
		dump_db | cmp - before || { echo "$change"; return 1; }
		seen=$((seen + 1))
	done <wanted_changes
	[ "$seen" -eq "$n" ]
}

rollup_killed() {
	many_days
	rollup-summaries -q >undisturbed
	dump_db >wanted
	before_kill() {
		sql "truncate daily_summaries, bitcoin_daily_summaries, yearly_summaries; delete from monthly_summaries where year_month = '2024-12'"
	}
	after_kill() {
		# Each month and year that is there is the sum of what is below it, even now.
		[ "$(sql "select count(*) from daily_summaries d full join monthly_summaries m
					 on m.year_month = to_char(d.settlement_date, 'YYYY-MM')
				   where m.year_month = '2024-12' and d.settlement_date is null")" = 0 ] || return 1
		rollup-summaries -q >out
		dump_db | cmp - wanted
	}
	kill_midway "$1" rollup-summaries -q
}

# Small worlds for the tests of sums and audits.  `load sums` after `load helper`.
#
#   the_day                     the bundled day 2022-01-01, stored, calculated and summed
#   record DATE PERIOD FARM VOLUME [PRICE]    one record, with an identity of its own
#   fetched DATE [A-B]          its periods noted as fetched, with what their records add up to
#   calculate_and_sum           make everything from the records that are there

# shellcheck disable=SC2154 # $root is the suite's
the_day() {
	make_day
	# An empty database gives way to a copy of the day's.
	drop_db "$TEST_DB"
	copy_db template_day "$TEST_DB"
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

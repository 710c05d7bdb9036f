# Programs that die in the middle of a job, for the tests of jobs (some of them) and for the drill (all).
# `load killed` after helper.
#
#   migrate_whose DIES...      migrate from nothing, with each of these programs killed at its first, second and fourth call:
#                              it does not say done unless it is
#   reingest_killed_in TOOL... the bundled day, which is stored: taken away, fetched again by a reingest that dies in that
#                              tool, and by another, which ends as if undisturbed
#
# shellcheck disable=SC2154 # root and status are set by the suite and by run

migrate_whose() {
	local tool real dies applied
	mkdir -p "$BATS_TEST_TMPDIR/stubs"
	for tool; do
		real=$(command -v "$tool")
		# shellcheck disable=SC2016
		printf '#!/bin/sh\nn=$(($(/bin/cat "%s" 2>/dev/null || echo 0) + 1)); echo $n >"%s"\n[ $n -ne "${DIES:-0}" ] || kill -KILL $$\nexec %s "$@"\n' \
			"$BATS_TEST_TMPDIR/calls.$tool" "$BATS_TEST_TMPDIR/calls.$tool" "$real" >"$BATS_TEST_TMPDIR/stubs/$tool"
		chmod +x "$BATS_TEST_TMPDIR/stubs/$tool"
		for dies in 1 2 4; do
			bare_db
			echo 0 >"$BATS_TEST_TMPDIR/calls.$tool"
			DIES=$dies PATH=$BATS_TEST_TMPDIR/stubs:$PATH run "$root/scripts/migrate"
			applied=$(sql "select case when to_regclass('schema_migrations') is null then 0 else 1 end")
			[ "$applied" -eq 0 ] || applied=$(sql "select count(*) from schema_migrations")
			echo "$tool killed at call $dies: status $status, applied $applied: $output"
			[ "$status" -ne 0 ] || [ "$applied" -eq "$(find "$root/sql" -maxdepth 1 -name '[0-9][0-9][0-9]-*.sql' | wc -l)" ] || return
			# Where it is not called so often nobody died, and nobody will at a later call.
			[ "$(<"$BATS_TEST_TMPDIR/calls.$tool")" -ge "$dies" ] || break
		done
		rm "$BATS_TEST_TMPDIR/stubs/$tool"
	done
}

reingest_killed_in() {
	local tool _
	dump_db >"$BATS_TEST_TMPDIR/undisturbed"
	for tool; do
		sql "truncate curtailment_records, ingested_periods, historical_bitcoin_calculations, daily_summaries,
		              monthly_summaries, yearly_summaries, bitcoin_daily_summaries, bitcoin_monthly_summaries,
		              bitcoin_yearly_summaries"
		# The tool of this step kills the whole job: itself, and the shell that waits for it.
		mkdir -p "$BATS_TEST_TMPDIR/$tool"
		# shellcheck disable=SC2016
		printf '#!/bin/sh\n"%s" "$@" & sleep 0.0%d; kill -9 $! $PPID\n' "$WINDFALL_BIN/$tool" $((RANDOM % 10)) \
			>"$BATS_TEST_TMPDIR/$tool/$tool"
		chmod +x "$BATS_TEST_TMPDIR/$tool/$tool"
		WINDFALL_BIN=$BATS_TEST_TMPDIR/$tool:$WINDFALL_BIN run reingest 2022-01-01 3>&-
		[ "$status" -eq 137 ] || return
		# A child of the killed job may hold the lock for the moment that it takes to end.
		for _ in {1..50}; do
			run reingest 2022-01-01
			[ "$status" -ne 75 ] && break
			sleep 0.1
		done
		[ "$status" -eq 0 ] || return
		dump_db >"$BATS_TEST_TMPDIR/after"
		cmp "$BATS_TEST_TMPDIR/undisturbed" "$BATS_TEST_TMPDIR/after" || return
	done
}

# Three years of a few days each, with a day of 46 and one of 50 periods, for the tests of partitions.
# `load year` after helper, calculations and sums; make_years in setup_file leaves the database in WORLD.
#
#   away                 put 2023 into files, in the folder $archive, and drop it
#   years_killed TIMES   that, killed so many times: the year is in the database or in the files, and the next run goes on
#
# shellcheck disable=SC2154,SC2317 # root and archive are the suite's and the tests'; kill_midway calls the functions

days=(2022-12-30 2022-12-31 2023-01-01 2023-03-26 2023-10-29 2023-12-31 2024-01-01)

# Made once for all tests of a file, in its setup_file.
make_years() {
    local day
    export BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR BATS_SUITE_TEST_NUMBER=parts
    fresh_db
    given_days "${days[@]}"
    record 2023-01-01 7 'T_ODD "&, farm' -0.004166666666666667 -12.50
    for day in "${days[@]}"; do
        fetched "$day" "1-$(sql "select settlement_periods('$day')")"
    done
    # Between the stored days lie others, fetched and empty.
    sql "insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume)
         select d::date, p, 'final', 'bid so', 9, 0, 0
           from generate_series(date '2022-12-30', date '2024-01-01', interval '1 day') d,
                lateral generate_series(1, settlement_periods(d::date)) p
         on conflict do nothing"
    sql "insert into wind_generation select '2023-01-01', p, 100, 200 from generate_series(1, 48) p"
    sql "analyze curtailment_records, ingested_periods, wind_generation"
    calculate_and_sum
    sql "analyze historical_bitcoin_calculations, daily_summaries, bitcoin_daily_summaries, farm_daily_summaries,
                 bitcoin_farm_daily_summaries, period_summaries, bitcoin_period_summaries"
    export WORLD=$TEST_DB
}

away() {
    "$root/scripts/partitions" archive-year 2023 --to "$archive" --drop
}

years_killed() {
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    # What a run before has moved is moved back, so that each has everything to do.
    before_kill() {
        [ "$(sql "select count(*) from archived_years")" = 0 ] ||
            "$root/scripts/partitions" restore-year 2023 --from "$archive" >"$BATS_TEST_TMPDIR/back" 2>&1
        rm -rf "$archive"
    }
    after_kill() {
        for _ in {1..50}; do
            [ "$(sql "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")" != 0 ] || break
            sleep 0.1
        done
        if [ "$(sql "select count(*) from archived_years")" = 0 ]; then
            dump_db --exact >"$BATS_TEST_TMPDIR/after"
            cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" || return 1
            away >"$BATS_TEST_TMPDIR/away" || return 1
        fi
        (cd "$archive/2023" && sha256sum --check --quiet SHA256SUMS) || return 1
        [ "$(sql "select count(*) from pg_class where relname ~ '_2023_'")" = 0 ] || return 1
        "$root/scripts/partitions" restore-year 2023 --from "$archive" >"$BATS_TEST_TMPDIR/back" || return 1
        dump_db --exact >"$BATS_TEST_TMPDIR/after"
        cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    }
    kill_midway "$1" setsid "$root/scripts/partitions" archive-year 2023 --to "$archive" --drop
}

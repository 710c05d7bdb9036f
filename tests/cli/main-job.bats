# The main job: a real day from source to audited summaries, by the jobs that cron and people run.
load helper
load asking
load killed
load elexon
load sums

setup() {
    fresh_db
    archive=$root/tests/data/archive
    export WINDFALL_ELEXON_URL=file://$archive
    logs=$WINDFALL_STATE/logs
}

# The reconstructed day is where it should be: the figures were made outside this project.
day_is_right() {
    [ "$(sql "select count(*), count(distinct (settlement_period, farm_id)), sum(-volume), round(sum(payment), 2)
                from curtailment_records where settlement_date = '2022-01-01'")" = "3525|1844|62399.044166454179|4418777.64" ]
    [ "$(sql "select curtailed_mwh, records, period_farms, periods_ingested, periods_final, periods_expected
                from daily_summaries where settlement_date = '2022-01-01'")" = "62399.044166466|3525|1844|48|48|48" ]
    [ "$(sql "select count(*), count(distinct miner_model) from historical_bitcoin_calculations")" = "5532|3" ]
    [ "$(find-missing --by-date | wc -l)" -eq 1 ]
    audit-calcs >"$BATS_TEST_TMPDIR/audit"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/audit")" -eq 1 ]
}

@test "reingest brings the bundled day to audited summaries" {
    run --separate-stderr reingest 2022-01-01
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [[ "$output" =~ ^"verdict=mended job=reingest run="[0-9a-f]+" status=0 " ]]
    [[ "$output" == *" expected=5532 missing=0 stale=0 orphan=0 unfetched=0 provisional=0 audit_differences=0 "* ]]
    day_is_right
    for step in check fetch clear calculate roll-up verify; do
        grep -q " step=$step msg=\"step done\"" "$logs/reingest_latest.log"
    done
}

@test "every amount equals the one that SQL makes in exact numeric, to the last satoshi" {
    the_day
    # One difficulty and one subsidy hold for the whole day; both divisions are of whole numbers.
    [ "$(sql "with energy as (
            select settlement_period, farm_id, round(sum(abs(volume)), 9) mwh from curtailment_records group by 1, 2
        ), made as (
            select settlement_period, farm_id, miner_model, mwh, div(mwh * 1000000 * 2, power_w) as miners,
                   hashrate_ths, power_w from energy cross join miner_models
        ), scaled as (
            select *, miners * hashrate_ths * 1000 * 1000000000 * 1800 * 625000000 as numerator,
                   (select difficulty from network_difficulty where effective_from <= '2022-01-01'
                     order by effective_from desc limit 1)
                       * 4294967296 as denominator from made
        )
        select count(*) from scaled s join historical_bitcoin_calculations c using (settlement_period, farm_id, miner_model)
         where c.curtailed_mwh = s.mwh and c.miners = s.miners
           and c.bitcoin_mined = div(2 * s.numerator + s.denominator, 2 * s.denominator) / 100000000")" = 5532 ]
}

@test "run twice, reingest leaves every row as it was, the times of writing too" {
    reingest 2022-01-01
    dump_db --exact >"$BATS_TEST_TMPDIR/once"
    run reingest 2022-01-01
    [ "$status" -eq 0 ]
    [[ "$output" == "verdict=ok "* ]]
    dump_db --exact >"$BATS_TEST_TMPDIR/twice"
    cmp "$BATS_TEST_TMPDIR/once" "$BATS_TEST_TMPDIR/twice"
}

@test "a reingest of some periods leaves the others alone" {
    the_day
    sql "update curtailment_records set volume = volume * 2 where settlement_period in (10, 30)"
    # Period 30 no longer adds up to what was fetched, and the audit says so.
    run reingest 2022-01-01 --periods 10-10
    [ "$status" -eq 1 ]
    [[ "$output" == "verdict=findings "* ]]
    [ "$(sql "select sum(-volume) > 62399.1 from curtailment_records")" = t ]
    run reingest 2022-01-01 --periods 30
    [ "$status" -eq 0 ]
    day_is_right
}

@test "a day of 46 periods and a day of 50 are complete with these" {
    copy=$BATS_TEST_TMPDIR/copy
    put_day "$copy" 2024-03-31 46
    put_day "$copy" 2024-10-27 50
    WINDFALL_ELEXON_URL=file://$copy
    run reingest 2024-03-31
    [ "$status" -eq 0 ]
    run reingest 2024-10-27
    [ "$status" -eq 0 ]
    [ "$(sql "select settlement_date, periods_ingested, periods_expected from daily_summaries order by 1")" = "2024-03-31|46|46
2024-10-27|50|50" ]
    run reingest 2024-03-31 --periods 47-48
    [ "$status" -eq 64 ]
}

# In one of them here, in all of them in the drill.
@test "reingest killed at any step and run again ends as if undisturbed" {
    the_day
    mapfile -t tools < <(some 1 find-missing fetch-elexon calc-btc rollup-summaries audit-calcs)
    reingest_killed_in "${tools[@]}"
}

@test "the source down: 75, what was stored is still there, and the next run mends" {
    the_day
    dump_db --exact >"$BATS_TEST_TMPDIR/before"
    WINDFALL_RETRY_WAIT=0.02 WINDFALL_ELEXON_URL=http://127.0.0.1:1 run reingest 2022-01-01
    [ "$status" -eq 75 ]
    [[ "$output" == *"; what could is stored, the rest is for the next run"*"verdict=failed "* ]]
    dump_db --exact >"$BATS_TEST_TMPDIR/after"
    cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "a bad date, a reversed range, a wrong option: 64, and no database is asked" {
    for arguments in "2025-02-30" "2025-03-02 2025-03-01" "2025-03-01 --periods 9-3" "--nonsense" "" "a b c"; do
        # shellcheck disable=SC2086
        run reingest $arguments
        [ "$status" -eq 64 ]
    done
    for periods in 9-3 0-1 1-51; do
        run reingest 2025-03-01 --periods $periods
        [[ "$output" == *"--periods $periods: from 1 to 50, the first not above the last"* ]]
    done
    [ "$(sql "select count(*) from ingested_periods")" = 0 ]
}

@test "report prints the day, demo's page says what was done" {
    the_day
    run report 2022-01-01
    [ "$status" -eq 0 ]
    [[ "$output" == *"48 of 48 fetched, 48 final"* ]]
    [[ "$output" == *"62,399.044166466 MWh"* ]]
    [[ "$output" == *"£4,418,777.64"* ]]
    [[ "$output" == *"5532 of 5532"* ]]
    [[ "$output" == *"T_KLGLW-1 Kilgallioch Windfarm SP Renewables (UK) Limited    4,470.4"* ]]
    run report 2022-02-30
    [ "$status" -eq 64 ]
}

@test "report names a farm as the register had it on that day, and lists one that it never had" {
    the_day
    sql "insert into bm_units (farm_id, valid_from, name) values ('T_KLGLW-1', '2022-06-01', 'Renamed')"
    sql "update bm_units set valid_to = '2022-06-01' where farm_id = 'T_KLGLW-1' and name <> 'Renamed'"
    sql "delete from bm_units where farm_id = 'T_MOWEO-2'"
    run report 2022-01-01
    [[ "$output" == *"T_KLGLW-1 Kilgallioch Windfarm "* ]]
    [[ "$output" == *"T_MOWEO-2 "* ]]
    [[ "$output" != *"Renamed"* ]]
    sql "delete from bm_units where name = 'Renamed'"
    run report 2022-01-01
    [[ "$output" == *"T_KLGLW-1 Kilgallioch Windfarm "* ]]
}

@test "a page that cannot be written is 74, said by whoever wrote it" {
    for command in "report 2022-01-01" "partitions list" "exchange status" "migrate --status" "reconcile status"; do
        # shellcheck disable=SC2086
        run --separate-stderr bash -c '"$@" >/dev/full' _ $command
        echo "$command: $status $stderr"
        [ "$status" -eq 74 ]
        [[ "$stderr" == *"cannot write standard output: No space left on device"* ]]
        [[ "$stderr" != *"no reason was given"* ]]
        [[ "$stderr" != *"sed: "* ]]
    done
}

@test "report does not call a day right that nobody has fetched" {
    run --separate-stderr report 2022-01-02
    [ "$status" -eq 0 ]
    [[ "$output" == *"48 periods: never fetched, damaged or overlooked"* ]]
    [[ "$output" != *"100.00 %"* ]]
    [[ "$output" != *"miner model"* ]]
}

@test "periods that the day does not have end the job with the tool's own reason" {
    run --separate-stderr reingest 2022-01-01 --periods 47-49
    [ "$status" -eq 64 ]
    [[ "$output" == verdict=failed*" status=64 step=fetch "* ]]
    [[ "$stderr" == *"--periods 47-49"* ]]
    [[ "$stderr" != *"next run"* ]]
}

@test "a period that the source spoils is named where the job says that it failed" {
    cp -r "$archive" "$BATS_TEST_TMPDIR/archive"
    echo '<html>' >"$BATS_TEST_TMPDIR/archive/balancing/settlement/stack/all/bid/2022-01-01/7"
    WINDFALL_ELEXON_URL=file://$BATS_TEST_TMPDIR/archive run --separate-stderr reingest 2022-01-01
    [ "$status" -eq 76 ]
    [[ "$stderr" == *"status 76: not all could be done (2022-01-01 period 7: "*"<html>); what could is stored (log"* ]]
}

@test "demo works from nothing, offline, and a second time finds nothing to do; a price that is there it leaves" {
    unset DATABASE_URL WINDFALL_ELEXON_URL
    unshare="unshare -n"
    $unshare true 2>/dev/null || unshare=
    $unshare demo >"$BATS_TEST_TMPDIR/first"
    grep -q "audit  *0 differences" "$BATS_TEST_TMPDIR/first"
    grep -q "100.00 %" "$BATS_TEST_TMPDIR/first"
    grep -q "441.54988122 USD 20,452,436  at the day's 46,319.65 USD" "$BATS_TEST_TMPDIR/first"
    $unshare demo >"$BATS_TEST_TMPDIR/second"
    grep -q "nothing needed doing" "$BATS_TEST_TMPDIR/second"
    printf 'price_date,price\n2022-01-01,50000\n' | fetch-prices -q --store --file -
    # A period is gone, so that the day is fetched again as the first time.
    local-db psql -XAtqc "delete from ingested_periods where settlement_period = 7"
    demo >"$BATS_TEST_TMPDIR/third"
    local-db destroy --yes
    grep -q 'from the bundled archive' "$BATS_TEST_TMPDIR/third"
    grep -q "at the day's 50,000.00 USD" "$BATS_TEST_TMPDIR/third"
}

@test "demo says why it has no database" {
    unset DATABASE_URL WINDFALL_ELEXON_URL
    mkdir -p "$WINDFALL_STATE/var"
    echo "host=elsewhere dbname=mine" >"$WINDFALL_STATE/var/database"
    run --separate-stderr demo
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"jobs here have used another (host=elsewhere dbname=mine)"* ]]
}

@test "without a network a job names the source, that no name resolves, and the step that needed it" {
    WINDFALL_RETRY_WAIT=0.01 WINDFALL_ELEXON_URL=https://source.invalid/api run --separate-stderr reingest 2022-01-01 --periods 1-2
    [ "$status" -eq 75 ]
    [[ "$output" == "verdict=failed job=reingest "*" status=75 step=fetch "* ]]
    [[ "$stderr" == "reingest: failed in step fetch with status 75: "*"the host name does not resolve"*"source.invalid"* ]]
}

# Offers are fetched for the energy that is stored, so that both steps find the source away.
@test "of several steps that must wait a job names the first" {
    fetch-elexon -q --store --base-url "file://$archive" --periods 20-21 2022-01-01
    mkdir -p "$BATS_TEST_TMPDIR/nothing"
    echo 'location /balancing/ { return 503; }' >"$BATS_TEST_TMPDIR/busy"
    replay_start "$BATS_TEST_TMPDIR/nothing" "$BATS_TEST_TMPDIR/busy"
    WINDFALL_RETRY_WAIT=0.01 WINDFALL_ELEXON_URL=$REPLAY_URL run --separate-stderr reingest 2022-01-01 --periods 20-21
    [ "$status" -eq 75 ]
    [[ "$output" == "verdict=failed job=reingest "*" status=75 step=fetch "* ]]
    grep -q 'step=replacement .*HTTP 503' "$WINDFALL_STATE/logs/reingest_latest.log"
}

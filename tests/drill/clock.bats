# The clock: the turn of the year, 29 February, both changes of the clocks, a halving, a retarget in mid-day, other zones,
# a clock set back, a machine that was off for forty days.
# shellcheck disable=SC2034,SC2154 # root, logs and status are set by the suite and by run
load drill
load ../cli/elexon

setup_file() { section clock; }
teardown_file() { score; }

setup() {
    make_days
    fresh_db
    no_network
    logs=$WINDFALL_STATE/logs
    export WINDFALL_BACKUP=off
    generate=$root/build/generate
    site=$BATS_TEST_TMPDIR/site
}

# The source of these days.
made() {
    mkdir -p "$site"
    "$generate" archive "$1" "$2" "$MONTH/units.tsv" "$site"
    export WINDFALL_ELEXON_URL=file://$site
}

# night WHEN ZONE JOB...: the job at that local time; not a defect of ours, and no half hour beyond the day asked for.
night() {
    local when=$1 zone=$2
    shift 2
    clock_at "$when" "$zone"
    status=0
    "${clock[@]}" "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || status=$?
}

# judged NAME DAY...: each of these days has all of its half hours, calculated with the difficulty and subsidy in force at
# each, and the audit finds nothing.
judged() {
    local name=$1 day short=''
    shift
    faults=$((${faults:-0} + 1))
    for day in "$@"; do
        [ "$(sql "select count(*) = settlement_periods('$day') from ingested_periods where settlement_date = '$day'")" = t ] || short+=" $day"
    done
    if [ "$short" != "" ]; then
        broke "$name" "half hours are missing of$short (status $status: $(tail -n 1 "$BATS_TEST_TMPDIR/out" | cut -c 1-150))"
    elif [ "$status" -gt 1 ]; then
        broke "$name" "status $status: $(tail -n 1 "$BATS_TEST_TMPDIR/out" | cut -c 1-150)"
    elif [ "$(audit-calcs -q | wc -l)" -ne 1 ]; then
        broke "$name" "the audit finds $(audit-calcs -q | sed -n 2p)"
    elif [ "$(sql "select count(*) from ingested_periods where settlement_period > settlement_periods(settlement_date)")" -ne 0 ]; then
        broke "$name" "a half hour that the day does not have"
    else
        count_fault "$name" 1 0 0 0 0
    fi
}

@test "daily on the morning after: new year, 29 February, both changes of the clocks, in five zones" {
    for days in "2024-12-30 2025-01-01" "2024-02-27 2024-03-01" "2024-03-30 2024-04-01" "2024-10-26 2024-10-28"; do
        # shellcheck disable=SC2086
        set -- $days
        made "$1" "$2"
        last=$2
        before=$(date -u -d "$last yesterday" +%F)
        for zone in Europe/London UTC America/New_York Pacific/Kiritimati Asia/Kolkata; do
            restart_db template_windfall
            # Five in the morning in London of the day behind the last, whatever the machine calls it.
            instant=$(TZ=Europe/London date -d "$(date -u -d "$last tomorrow" +%F) 05:00" +%s)
            night "$(TZ=$zone date -d "@$instant" '+%F %T')" "$zone" "$root/scripts/daily" 2
            judged "$last in $zone" "$before" "$last"
        done
        rm -rf "$site"
    done
    nothing_broke
}

@test "realtime within the hour that is there twice, and within that which is not there" {
    for instant in 1711845900 1711848600 1729985400 1729989000 1729992600; do
        day=$(TZ=Europe/London date -d "@$instant" +%F)
        made "$(date -u -d "$day yesterday" +%F)" "$day"
        restart_db template_windfall
        night "$(TZ=UTC date -d "@$instant" '+%F %T')" UTC "$root/scripts/realtime"
        faults=$((${faults:-0} + 1))
        # As many half hours of that day as have begun and ended by then, and none that has not.
        ended=$((($(date -u -d "@$instant" +%s) - $(TZ=Europe/London date -d "$day" +%s)) / 1800))
        got=$(sql "select coalesce(max(settlement_period), 0) from ingested_periods where settlement_date = '$day'")
        if [ "$status" -le 1 ] && [ "$got" -le "$ended" ] && [ "$got" -ge $((ended - 1)) ]; then
            count_fault "realtime at $instant" 1 0 0 0 0
        else
            broke "realtime at $instant" "status $status, period $got of $ended: $(tail -n 1 "$BATS_TEST_TMPDIR/out" | cut -c 1-150)"
        fi
        rm -rf "$site"
    done
    nothing_broke
}

# The hashes of a half hour give half as many coins from the block of the halving on; a retarget changes them in mid-day.
@test "the day of a halving and the day of a retarget: each half hour by what was in force at its start" {
    made 2024-04-19 2024-04-20
    night "2024-04-21 05:00:00" Europe/London "$root/scripts/daily" 2
    judged halving 2024-04-19 2024-04-20
    [ "$(sql "select string_agg(distinct trim_scale(subsidy)::text, ' ' order by trim_scale(subsidy)::text) from historical_bitcoin_calculations")" = "3.125 6.25" ]
    # Height 840,000 at 2024-04-20 00:09:27 UTC is 01:09 in London: period 3 is the last of the old one.
    [ "$(sql "select count(*) from historical_bitcoin_calculations where (settlement_date, settlement_period) <= ('2024-04-20', 3) and subsidy <> 6.25")" -eq 0 ]
    [ "$(sql "select count(*) from historical_bitcoin_calculations where (settlement_date, settlement_period) > ('2024-04-20', 3) and subsidy <> 3.125")" -eq 0 ]
    rm -rf "$site"
    made 2025-03-08 2025-03-09
    restart_db template_windfall
    night "2025-03-10 05:00:00" Europe/London "$root/scripts/daily" 2
    judged retarget 2025-03-08 2025-03-09
    [ "$(sql "select count(distinct difficulty) from historical_bitcoin_calculations where settlement_date = '2025-03-09'")" -eq 2 ]
    nothing_broke
}

@test "a clock that goes backwards loses nothing, and does not call the future final" {
    make_days
    restart_db template_days
    export WINDFALL_ELEXON_URL=file://$MONTH
    clock_at "2025-03-04 05:00:00"
    undisturbed "${clock[@]}" "$root/scripts/daily" 3
    for when in "2025-03-02 05:00:00" "2024-12-31 23:59:58" "2015-01-01 00:00:00" "1999-12-31 23:59:59"; do
        night "$when" UTC "$root/scripts/daily" 2
        [ "$status" -le 75 ]
        recovery=0 untruth=
        clock_at "2025-03-04 05:00:00"
        again "${clock[@]}" "$root/scripts/daily" 3
        judge "the clock at $when"
    done
    nothing_broke
}

@test "off for forty days: daily fills its bound, says what is left, and reconcile does the rest" {
    made 2025-02-10 2025-03-31
    night "2025-02-12 05:00:00" UTC "$root/scripts/daily" 2
    [ "$status" -eq 0 ]
    # From the 12th of February to the 25th of March.
    night "2025-03-26 05:00:00" UTC "$root/scripts/daily"
    grep -q 'more than 31 days were missed' "$logs/daily_latest.log"
    clock_at "2025-03-26 05:30:00" UTC
    status=0
    "${clock[@]}" "$root/scripts/reconcile" all >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || status=$?
    # shellcheck disable=SC2046
    judged "forty days off" $(sql "select d::date from generate_series(date '2025-02-10', '2025-03-25', '1 day') d")
    nothing_broke
}

# A source that lies, over real HTTP, to every job that asks it about a past that is stored: nothing is lost,
# the verdict names it, people are told, and when the source recovers so does everything.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load month

setup() {
    fresh_month 2025-03-10
    no_network
    hook
    export WINDFALL_ELEXON_URL WINDFALL_RATE=1000 WINDFALL_RETRY_WAIT=0.01
    before=$(kept)
}

# What must not be lost: every record, every calculation, every sum.
kept() { sql "select (select count(*) || ' ' || sum(volume) from curtailment_records where settlement_date <= '2025-03-10'),
              (select count(*) || ' ' || sum(bitcoin_mined) from historical_bitcoin_calculations where settlement_date <= '2025-03-10'),
              (select sum(curtailed_mwh) from daily_summaries where settlement_date <= '2025-03-10')"; }

at() {
    local time=$1
    shift
    TZ=Europe/London NO_FAKE_STAT=1 faketime "$time" "$@"
}

fact() { sed -n "\$s/.* $1=\([^ ]*\).*/\1/p" <<<"$output"; }

# lie FILTER: a copy of the source whose bodies of 8 to 10 March are changed by a jq filter, served by nginx.
lie() {
    local files file body site=$BATS_TEST_TMPDIR/site stack=balancing/settlement/stack/all
    rm -rf "$site"
    mkdir -p "$site/$stack/bid" "$site/$stack/offer"
    # Of the other days it has the source's own folders.
    ln -s "$MONTH/$stack/bid"/* "$site/$stack/bid/"
    [ ! -d "$MONTH/$stack/offer" ] || ln -s "$MONTH/$stack/offer"/* "$site/$stack/offer/"
    rm "$site/$stack/bid"/2025-03-{08,09,10}
    cp -r "$MONTH/$stack/bid"/2025-03-{08,09,10} "$site/$stack/bid/"
    files=("$site/$stack/bid"/2025-03-{08,09,10}/*)
    # One jq for all of them: a line is a body.
    jq -c "$1" "${files[@]}" >"$BATS_TEST_TMPDIR/bodies"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/bodies")" -eq "${#files[@]}" ] || return
    for file in "${files[@]}"; do
        read -r body
        printf '%s\n' "$body" >"$file"
    done <"$BATS_TEST_TMPDIR/bodies"
    chmod -R u=rwX,go=rX "$BATS_TEST_TMPDIR"
    replay_start "$site"
    WINDFALL_ELEXON_URL=$REPLAY_URL
}

# The job's verdict is findings with so many suspect periods, and an alert says so.
names_them() {
    echo "$status: $output"
    [ "$status" -eq 1 ]
    [[ "$output" == *"verdict=findings "* ]]
    [ "$(fact suspect)" = "$1" ]
    grep -q 'suspect=' "$WINDFALL_STATE/logs/"*_latest.log
    [ "$(wc -l <"$ALERTS")" -ge 1 ]
    [ "$(kept)" = "$before" ]
    [ "$(sql "select count(*) from ingested_periods where status = 'suspect'")" = "$1" ]
}

EMPTY='.data = []'
HALF='.data |= .[: (length / 2 | floor) - 1]'
ERROR='{error: "Backend unavailable", data: []}'

@test "weekly believes no empty list: it takes nothing away, makes nothing final at 0 MWh, and says so" {
    lie "$EMPTY"
    run at "2025-03-11 04:30:00" weekly 4
    # The 8th and the 9th are settled; of the 10th what is stored was final on the morning of the 11th.
    [ "$(sql "select count(*) from ingested_periods where status = 'suspect' and settlement_date < '2025-03-10'")" = 96 ]
    names_them 144
    [ "$(sql "select count(*) from daily_summaries where curtailed_mwh = 0 and periods_final = periods_expected")" = 0 ]
    # It recovers.
    WINDFALL_ELEXON_URL=file://$MONTH
    run at "2025-03-12 04:30:00" weekly 4
    [ "$(sql "select count(*) from ingested_periods where status = 'suspect'")" = 0 ]
    [ "$(kept)" = "$before" ]
}

@test "monthly, reingest, critical and daily believe neither half the rows nor an error in the place of them" {
    lie "$HALF"
    run at "2025-03-14 04:30:00" reingest 2025-03-08
    names_them 48
    run at "2025-03-14 05:00:00" reconcile critical 2025-03-09
    [ "$(sql "select count(*) from ingested_periods where status = 'suspect'")" = 96 ]
    [ "$(kept)" = "$before" ]
    [ "$status" -eq 1 ]
    replay_stop
    lie "$ERROR"
    run at "2025-03-14 05:30:00" daily 6 --force
    echo "$status: $output"
    [ "$status" -ne 0 ]
    [ "$(kept)" = "$before" ]
    run at "2025-04-01 04:30:00" monthly 2025-03
    echo "$status: $output"
    [ "$status" -ne 0 ]
    [ "$(kept)" = "$before" ]
}

@test "the rows of another day, and a body that is cut, are refused, and what is stored stays" {
    lie '(.data[] | .settlementDate) = "2025-02-08"'
    run at "2025-03-14 04:30:00" reingest 2025-03-08 2025-03-10
    echo "$status: $output"
    [ "$status" -eq 65 ]
    [[ "$output" == *"verdict=failed "* ]]
    [ "$(kept)" = "$before" ]
    replay_stop
    lie .
    for file in "$BATS_TEST_TMPDIR"/site/balancing/settlement/stack/all/bid/2025-03-08/*; do
        truncate -s -20 "$file"
    done
    run at "2025-03-14 05:00:00" fetch-elexon -q --store --attempts 2 --retry-wait 0.01 2025-03-08
    [ "$status" -eq 75 ]
    [ "$(kept)" = "$before" ]
}

@test "rows of which none names a unit are no rows of any unit: such a day is suspect, stored before or not" {
    lie '.data[].id = null'
    run at "2025-03-14 04:30:00" reingest 2025-03-08
    names_them 48
    sql "delete from curtailment_records where settlement_date = '2025-03-09'; delete from ingested_periods where settlement_date = '2025-03-09'"
    run at "2025-03-14 05:00:00" reingest 2025-03-09
    echo "$output"
    [ "$status" -eq 1 ]
    [ "$(sql "select count(*) from ingested_periods where settlement_date = '2025-03-09' and status = 'suspect'")" = 48 ]
}

@test "a person accepts by the date, and that is remembered" {
    lie '.data |= map(select(.soFlag | not))'
    run at "2025-03-14 04:30:00" reingest 2025-03-09
    [ "$status" -eq 1 ]
    [ "$(kept)" = "$before" ]
    run at "2025-03-14 05:00:00" reingest 2025-03-08 2025-03-09 --accept-suspect
    [ "$status" -eq 64 ]
    run at "2025-03-14 05:00:00" reingest 2025-03-09 --accept-suspect
    echo "$status: $output"
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from curtailment_records where settlement_date = '2025-03-09'")" = 0 ]
    [ "$(sql "select bool_and(accepted), sum(mwh_after) from revisions_since_final where settlement_date = '2025-03-09'")" = "t|0" ]
    [[ "$(report 2025-03-09)" == *"changed since it was final: period "*", accepted)"* ]]
}

# TERM, INT and HUP to every job in every step: it ends at once, says so, leaves nobody behind, and the next run does
# the rest.
# shellcheck disable=SC2034,SC2154 # root and logs are set by the suite
load drill

setup_file() { section signals; }
teardown_file() { score; }

setup() {
    fresh_days
    no_network
    export WINDFALL_BACKUP=off
    before_fault() { forget_the_third; }
}

# Processes of this test's state, but for the shells of the test itself.
family() {
    local environ pid
    for environ in $(grep -lz "^WINDFALL_STATE=$WINDFALL_STATE\$" /proc/[0-9]*/environ 2>/dev/null); do
        pid=${environ#/proc/} pid=${pid%/environ}
        ps -o stat=,args= -p "$pid" | grep -Ev '^Z|bats|^[^ ]+ +(sed|grep|ps|psql .*-c select) ' || true
    done
}

# Wait until the job has begun a step; 1 when it ended before that.
until_step() {
    local _
    for _ in {1..2000}; do
        ! grep -q "step=$2 msg=\"step begins\"" "$logs/$1_latest.log" 2>/dev/null || return 0
        kill -0 "$pid" 2>/dev/null || return 1
        sleep 0.005
    done
    return 1
}

# signal_each JOB[:LOG] COMMAND...: a signal in each step that its log, LOG_latest.log, names.
signal_each() {
    local job=${1%:*} log=${1#*:} steps step signal status began took number left hits=0
    shift
    undisturbed "$@"
    steps=$(sed -n 's/.* step=\([a-z-]*\) msg="step begins".*/\1/p' "$logs/${log}_latest.log" | sort -u)
    [ "$steps" != "" ]
    for step in $steps; do
        for signal in TERM INT HUP; do
            chance 3
            [ "$signal" = TERM ] || [ "$chosen" -eq 0 ] || continue
            before_fault
            rm -f "$logs/${log}_latest.log"
            # A child of a shell without job control ignores INT; one of env does not.
            env --default-signal=INT "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- &
            pid=$!
            until_step "$log" "$step" || { wait "$pid" || true; continue; }
            chance 60
            sleep "0.0$(printf %02d "$chosen")"
            began=$(now_ms)
            hit "$signal" "$pid"
            status=0
            wait "$pid" || status=$?
            took=$(($(now_ms) - began))
            number=$((128 + $(kill -l "$signal")))
            # Faster than the signal.
            [ "$status" -eq "$number" ] || [ "$status" -gt 1 ] || continue
            hits=$((hits + 1))
            untruth=
            [ "$status" -eq "$number" ] || untruth="status $status, not $number"
            [ "$took" -lt 5000 ] || untruth="it took $took ms to end"
            grep -q "^verdict=failed job=$job .* status=$status " "$logs/${log}_latest.log" || untruth="its log has no verdict of status $status"
            left=$(family)
            [ "$left" = "" ] || untruth="it left behind: $left"
            [ "$(ls "$WINDFALL_STATE/var/tmp")" = "" ] || untruth="it left a scratch folder"
            again "$@"
            judge "$job, $signal in step $step"
        done
    done
    echo "$job: $hits signals"
    [ "$hits" -gt 0 ]
}

@test "reingest and mend" {
    signal_each reingest "$root/scripts/reingest" 2025-03-03
    nothing_broke
}

@test "daily and realtime" {
    clock_at "2025-03-04 05:00:00"
    signal_each daily "${clock[@]}" "$root/scripts/daily" 3
    clock_at "2025-03-04 09:10:00"
    signal_each realtime "${clock[@]}" "$root/scripts/realtime"
    nothing_broke
}

@test "weekly" {
    clock_at "2025-03-04 05:00:00"
    signal_each weekly "${clock[@]}" "$root/scripts/weekly" 3
    nothing_broke
}

# The whole month, of which the last day is not there.
@test "monthly" {
    drop_db "$TEST_DB"
    fresh_month
    before_fault() {
        sql "delete from curtailment_records where settlement_date > '2025-03-30'; delete from ingested_periods where settlement_date > '2025-03-30';
             delete from historical_bitcoin_calculations where settlement_date > '2025-03-30'; delete from daily_summaries where settlement_date > '2025-03-30'"
    }
    clock_at "2025-04-02 05:00:00"
    signal_each monthly "${clock[@]}" "$root/scripts/monthly"
    nothing_broke
}

@test "reconcile with two workers" {
    signal_each reconcile "$root/scripts/reconcile" range 2025-03-01 2025-03-03 --jobs 2
    nothing_broke
}

# A ledger with a purchase that its books lack; each fault begins with it as it was.
@test "exchange-weekly" {
    fresh_books
    signal_each exchange-weekly:reconciliation "$root/scripts/exchange-weekly"
    nothing_broke
}

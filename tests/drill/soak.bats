# A month of all jobs at their hours, each perhaps with a fault by the seed.  At its end the database is the one that
# was never disturbed, the audit is clean, and of every alert that was sent the end was sent too.
#
# DRILL_DAYS days (30) from 1 March 2025 on.
# shellcheck disable=SC2034,SC2154 # root and logs are set by the suite
load drill

setup_file() { section soak; }
teardown_file() { score; }

setup() {
    make_month
    fresh_db
    days=${DRILL_DAYS:-30}
    last=$(date -u -d "2025-03-01 + $((days - 1)) days" +%F)
    # The source begins before the month, as far back as weekly asks, and goes on after it.
    mkdir -p "$BATS_TEST_TMPDIR/site"
    "$root/build/generate" archive 2025-02-20 2025-04-04 "$MONTH/units.tsv" "$BATS_TEST_TMPDIR/site"
    fetch-elexon -q --store --base-url "file://$BATS_TEST_TMPDIR/site" 2025-02-20 "$last"
    calc-btc -q --store 2025-02-20 "$last"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/summaries"
    held_now >"$BATS_TEST_TMPDIR/undisturbed"
    only_until 2025-02-28
    no_network
    hook
    logs=$WINDFALL_STATE/logs
    export WINDFALL_BACKUP=off WINDFALL_RATE=1000 WINDFALL_RETRY_WAIT=0.01
    chmod -R u=rwX,go=rX "$BATS_TEST_TMPDIR"
    # The same source well, flapping, dead, and lying: by the path below which it is asked.
    cat >"$BATS_TEST_TMPDIR/snippet" <<-'END'
		location /well/ { rewrite ^/well/(.*) /$1; }
		location /flapping/ { if ($fate = refused) { return 503; } if ($fate = cut) { return 444; } if ($fate = html) { return 200 '<html>'; } rewrite ^/flapping/(.*) /$1; }
		location /dead/ { return 500; }
		location /busy/ { return 429; }
		location /empty/ { return 200 '{"data":[]}'; }
	END
    printf 'split_clients "%s$request_id" $fate { 20%% refused; 5%% cut; 5%% html; * fine; }\n' "$SEED" >"$BATS_TEST_TMPDIR/snippet.http"
    replay_start "$BATS_TEST_TMPDIR/site" "$BATS_TEST_TMPDIR/snippet"
    tally=$BATS_TEST_TMPDIR/tally
    : >"$tally"
}

# run_job WHEN JOB...: with a fault, or without; what became of it goes into the tally.
run_job() {
    local when=$1 fault=none status=0 pid source=well
    shift
    chance 100
    case $chosen in
    [0-9])       fault="kill" ;;
    1[0-5])      fault=TERM ;;
    1[6-9]|2[0-3]) fault=flapping source=flapping ;;
    2[4-7])      fault=dead source=dead ;;
    28|29)       fault=busy source=busy ;;
    3[0-3])      fault=empty source=empty ;;
    3[4-9])      fault=cut-sessions ;;
    4[0-3])      fault=twice ;;
    esac
    clock_at "$when"
    export WINDFALL_ELEXON_URL=$REPLAY_URL/$source
    setsid "${clock[@]}" "$root/scripts/$1" "${@:2}" >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- &
    pid=$!
    chance 600
    case $fault in
    kill|TERM|cut-sessions)
        sleep "0.$(printf %03d "$chosen")"
        case $fault in
        kill) hit KILL "-$pid" ;;
        TERM) hit TERM "$pid" ;;
        *)    sql "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = current_user and pid <> pg_backend_pid()" >/dev/null ;;
        esac ;;
    twice)
        "${clock[@]}" "$root/scripts/$1" "${@:2}" >"$BATS_TEST_TMPDIR/second" 2>&1 </dev/null 3>&- || true ;;
    esac
    { wait "$pid" || status=$?; } 2>/dev/null
    [ "$fault" = none ] || faults=$((${faults:-0} + 1))
    echo "$when $1 $fault $status $(tail -n 1 "$BATS_TEST_TMPDIR/out" | cut -c 1-140)" >>"$tally"
    case $status in
    0|1|69|75|76|129|130|137|143) [ "$fault" = none ] || count_fault "$when $1 $fault" 1 0 0 0 0 ;;
    *) broke "$when $1 $fault" "status $status: $(tail -n 2 "$BATS_TEST_TMPDIR/out")" ;;
    esac
    # Whatever befell it: no half hour is final on the word of an empty list, and no sum differs from what is under it.
    [ "$(sql "select count(*) from ingested_periods where status = 'final' and rows_seen = 0")" -eq 0 ] || broke "$when $1 $fault" "final without a row"
}

@test "a month of jobs and faults ends as the month without" {
    for ((day = 0; day < days; day++)); do
        today=$(date -u -d "2025-03-01 + $day days" +%F)
        run_job "$today 05:10:00" daily
        run_job "$today 11:40:00" realtime
        run_job "$today 17:40:00" realtime
        [ "$(date -u -d "$today" +%u)" -ne 7 ] || run_job "$today 06:30:00" weekly
        chance 4
        [ "$chosen" -ne 0 ] || run_job "$today 07:30:00" reconcile all
    done
    # Three days without a fault, as cron would have them.
    export WINDFALL_ELEXON_URL=$REPLAY_URL/well
    for after in 1 2 3; do
        for job in "daily 05:10:00" "weekly 06:30:00" "reconcile 07:30:00"; do
            clock_at "$(date -u -d "$last + $after days" +%F) ${job#* }"
            status=0
            # shellcheck disable=SC2046
            "${clock[@]}" "$root/scripts/${job% *}" $([ "${job% *}" != reconcile ] || echo all) >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || status=$?
            echo "$last + $after ${job% *}: $status: $(tail -n 1 "$BATS_TEST_TMPDIR/out" | cut -c 1-160)"
        done
        if [ "$after" = 1 ]; then
            clock_at "$(date -u -d "$last + 1 day" +%F) 11:40:00"
            "${clock[@]}" "$root/scripts/realtime" >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || true
        fi
    done
    awk '{ n[$4]++; if ($5 != 0) failed[$4]++ } END { for (f in n) print f ": " n[f] " jobs, " failed[f] + 0 " of them not well" }' "$tally"
    awk '$4 == "none" && $5 != 0' "$tally" | cut -c 1-200 | head -n 12
    [ "$status" -eq 0 ]

    # The same month, never disturbed, up to the same day.
    only_until "$last"
    sql "delete from undecided_curtailment where settlement_date > '$last'"
    rollup-summaries -q >"$BATS_TEST_TMPDIR/summaries"
    held_now >"$BATS_TEST_TMPDIR/after"
    if cmp -s "$BATS_TEST_TMPDIR/undisturbed" "$BATS_TEST_TMPDIR/after"; then
        count_fault "the month" 1 0 0 0 0
    else
        diff "$BATS_TEST_TMPDIR/undisturbed" "$BATS_TEST_TMPDIR/after" | head -n 20 | cut -c 1-200
        count_fault "the month" 0 "$(diff "$BATS_TEST_TMPDIR/undisturbed" "$BATS_TEST_TMPDIR/after" | grep -c '^<')" \
            "$(diff "$BATS_TEST_TMPDIR/undisturbed" "$BATS_TEST_TMPDIR/after" | grep -c '^>')" 0 0
        breaks=$((${breaks:-0} + 1))
    fi
    [ "$(audit-calcs -q | wc -l)" -eq 1 ]
    [ "$(find-missing | wc -l)" -eq 1 ]

    # Alerts: no more were sent than jobs were not well, and the last of each job is what its last run said.
    sort "$ALERTS" | uniq -c
    [ "$(grep -c '^problem' "$ALERTS")" -le "$(awk '$5 != 0' "$tally" | wc -l)" ]
    for job in daily weekly realtime reconcile; do
        line=$(grep -E " $job (failed|has)" "$ALERTS" | tail -n 1)
        said=$(sed -n 's/^verdict=\([a-z]*\) .*/\1/p' "$logs/${job}_latest.log")
        case $said/$line in
        ok/|mended/|ok/recovery*|mended/recovery*|findings/problem*|failed/problem*) ;;
        *) broke "alerts of $job" "its last verdict is $said, its last alert '$line'" ;;
        esac
    done
    nothing_broke
}

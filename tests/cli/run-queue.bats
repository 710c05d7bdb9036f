# run-queue: the dates of a run, claimed by workers here and elsewhere.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load asking

setup() {
    fresh_db
}

# start_run DATE...: a run with these dates; its number is the output.
start_run() {
    { echo settlement_date; printf '%s\n' "$@"; } | run-queue start --job job --arguments args
}

# In another shell's name, which lives until the test is over.
somebody() {
    sleep 60 3>&- &
    SOMEBODY=$!
}

teardown() {
    [ -z "${SOMEBODY:-}" ] || hit TERM "$SOMEBODY"
    tear_down_all
}

claim() { run-queue claim "$@" --no-header | cut -f 1 | tr '\n' ' '; }
rows() { { echo settlement_date; printf '%s\n' "$@"; }; }

@test "the dates with the largest energy are claimed first, each once" {
    sql "insert into daily_summaries (settlement_date, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records,
            period_farms, periods, periods_ingested, periods_final, periods_expected)
         select d, m, 0, 0, 0, 0, 0, 0, 0, 0, 48 from (values ('2025-03-02'::date, 5), ('2025-03-03', 90), ('2025-03-04', 7)) as v (d, m)"
    run="$(start_run 2025-03-01 2025-03-02 2025-03-03 2025-03-04)"
    [ "$(claim "$run" --batch 1 --worker $$)" = "2025-03-03 " ]
    [ "$(claim "$run" --batch 2 --worker $PPID)" = "2025-03-02 2025-03-04 " ]
    [ "$(claim "$run" --worker 1)" = "2025-03-01 " ]
    somebody
    [ "$(claim "$run" --worker "$SOMEBODY")" = "" ]
}

@test "two dozen workers at once share a hundred dates without one twice" {
    # shellcheck disable=SC2046
    run="$(start_run $(for n in {0..99}; do date -u -d "2025-01-01 +$n days" +%F; done))"
    for worker in {1..24}; do
        (while run-queue claim "$run" --no-header --batch 3 | cut -f 1 >"$BATS_TEST_TMPDIR/claim.$worker" &&
            [ -s "$BATS_TEST_TMPDIR/claim.$worker" ]; do
            cat "$BATS_TEST_TMPDIR/claim.$worker" >>"$BATS_TEST_TMPDIR/claimed.$worker"
            { echo settlement_date; cat "$BATS_TEST_TMPDIR/claim.$worker"; } | run-queue "done" "$run"
        done) 3>&- &
    done
    wait
    [ "$(cat "$BATS_TEST_TMPDIR"/claimed.* | wc -l)" -eq 100 ]
    [ "$(cat "$BATS_TEST_TMPDIR"/claimed.* | sort -u | wc -l)" -eq 100 ]
    [ "$(run-queue show "$run" --no-header | cut -f 9-13)" = "100	0	0	100	0" ]
}

@test "a claim is a stretch of one month: the largest date and those nearest to it" {
    sql "insert into daily_summaries (settlement_date, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records,
            period_farms, periods, periods_ingested, periods_final, periods_expected)
         values ('2025-03-30', 90, 0, 0, 0, 0, 0, 0, 0, 0, 48), ('2025-04-01', 50, 0, 0, 0, 0, 0, 0, 0, 0, 48)"
    run="$(start_run 2025-03-01 2025-03-27 2025-03-28 2025-03-30 2025-03-31 2025-04-01 2025-04-20)"
    [ "$(claim "$run" --batch 4 --worker $$)" = "2025-03-27 2025-03-28 2025-03-30 2025-03-31 " ]
    [ "$(claim "$run" --worker $PPID)" = "2025-04-01 2025-04-20 " ]
    [ "$(claim "$run" --worker 1)" = "2025-03-01 " ]
}

# command_of SCRIPT: what work is to run on a stretch; the dates are in the file $dates, each once in $DONE.
command_of() {
    export DONE=$BATS_TEST_TMPDIR/worked
    : >"$DONE"
    printf '#!/bin/sh\ndates=$(mktemp "$DONE.XXXXXX")\nsed 1d >"$dates"\n%s\ncat "$dates" >>"$DONE"\n' "$1" >"$BATS_TEST_TMPDIR/command"
    chmod +x "$BATS_TEST_TMPDIR/command"
}
work() { run --separate-stderr timeout 60 run-queue work "$run" "$@" -- "$BATS_TEST_TMPDIR/command"; }
states() { sql "select settlement_date, state, attempts, coalesce(error, '') from reconciliation_run_dates where state <> 'done' or attempts <> 1 order by 1"; }

@test "work hands each date to a command once, in stretches, with as many workers as asked for" {
    # shellcheck disable=SC2046
    run="$(start_run $(for n in {0..59}; do date -u -d "2025-01-01 +$n days" +%F; done))"
    command_of 'wc -l <"$dates" >>"$DONE.sizes"'
    work --jobs 3
    [ "$status" -eq 0 ]
    [ "$output$(states)" = "" ]
    [ "$(sort "$DONE" | uniq -d | wc -l)-$(wc -l <"$DONE")" = 0-60 ]
    # A third of them each at most, and nothing across the end of a month.
    [ "$(sort -n "$DONE.sizes" | tail -n 1)" -eq 20 ]
    [ "$(wc -l <"$DONE.sizes")" -le 6 ]
}

@test "what work writes aside is in TMPDIR; where nothing can be, it says so and no date counts as tried" {
    run="$(start_run 2025-03-01)"
    command_of ''
    run --separate-stderr env TMPDIR="$BATS_TEST_TMPDIR/nowhere" run-queue work "$run" -- "$BATS_TEST_TMPDIR/command"
    [ "$status" -eq 73 ]
    [[ "$stderr" == *"cannot make a temporary file in $BATS_TEST_TMPDIR/nowhere: No such file or directory"* ]]
    [ "$(states)" = "2025-03-01|queued|0|" ]
    work
    [ "$status" -eq 0 ]
    [ "$(states)" = "" ]
}

@test "work: what the command prints is not done, with its reason; where it fails the guilty date alone fails" {
    run="$(start_run 2025-03-01 2025-03-02 2025-03-03 2025-03-04)"
    command_of 'printf "settlement_date\treason\n"; grep 03-02 "$dates" | sed "s/$/\tnot so/"; exit 1'
    work
    [ "$status" -eq 0 ]
    [ "$(states)" = "2025-03-02|failed|1|status 1: not so" ]
    # It ends without an answer, by a status, by a signal, or with a word that is no table.
    for how in 'exit 70' 'exit 77' 'kill -9 $$' 'echo nonsense; exit 65'; do
        run="$(start_run 2025-03-01 2025-03-02 2025-03-03 2025-03-04)"
        command_of "! grep -q 03-03 \"\$dates\" || { $how; }"
        work
        echo "$how: $(states)"
        [ "$status" -eq 0 ]
        [[ "$(sql "select settlement_date, state, error from reconciliation_run_dates where run_id = $run and state <> 'done'")" == "2025-03-03|failed|status "* ]]
        [[ "$stderr" == *"a stretch failed: its dates are tried one by one"* ]]
    done
    # It has named the guilty one before it failed: the others of the stretch are done, and are not asked for again.
    run="$(start_run 2025-03-01 2025-03-02 2025-03-03)"
    command_of '! grep -q 03-03 "$dates" || { cat "$dates" >>"$DONE"; printf "settlement_date\treason\n2025-03-03\tit is odd\n"; exit 70; }'
    work --jobs 1
    [ "$(sql "select settlement_date, error from reconciliation_run_dates where run_id = $run and state <> 'done'")" = "2025-03-03|status 70: it is odd" ]
    [ "$(sort "$DONE" | uniq -c | awk '{ print $1 }' | tr '\n' ' ')" = "1 1 2 " ]
    run="$(start_run 2025-03-01)"
    run --separate-stderr run-queue work "$run" -- /nowhere/at-all
    [ "$(sql "select error from reconciliation_run_dates where run_id = $run")" = "status 127: it ended without an answer; its log says why" ]
    [[ "$stderr" == *"cannot run /nowhere/at-all"* ]]
}

@test "work: what is for later comes again, and three stretches in vain are enough" {
    run="$(start_run 2025-03-01 2025-04-01 2025-05-01 2025-06-01)"
    command_of 'exit 75'
    work
    [ "$status" -eq 75 ]
    [ "$(sql "select state, max(attempts), count(*) from reconciliation_run_dates group by state")" = "queued|1|4" ] ||
        [ "$(sql "select count(*) from reconciliation_run_dates where state = 'queued' and attempts <= 1")" -ge 3 ]
    command_of '[ -e "$DONE.once" ] || { : >"$DONE.once"; exit 75; }'
    work
    [ "$status" -eq 0 ]
    [ "$(sql "select distinct state from reconciliation_run_dates")" = "done" ]
    # A stretch that is for later a second time is tried date by date: what one of them holds up is its own.
    run="$(start_run 2025-03-01 2025-03-02)"
    sql "update reconciliation_run_dates set attempts = 1 where run_id = $run"
    command_of 'grep -q 03-02 "$dates" && echo >>"$DONE.later" && [ "$(wc -l <"$DONE.later")" -lt 3 ] && exit 75'
    work --jobs 1
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"its dates are tried one by one"*"from=2025-03-01 to=2025-03-02 status=75"* ]]
    [ "$(sql "select settlement_date, state, attempts from reconciliation_run_dates where run_id = $run order by 1")" = "2025-03-01|done|2
2025-03-02|done|3" ]
}

@test "work: a command that runs for long keeps its claim, minute by minute" {
    run="$(start_run 2025-03-01)"
    command_of 'echo $PPID >"$DONE.worker"; until [ -e "$DONE.go" ]; do kill -0 $PPID || exit 1; sleep 0.05; done'
    # The clock of the worker is this file's: a minute is over when it says so, and the signal makes the worker look.
    echo +0 >"$BATS_TEST_TMPDIR/clock"
    FAKETIME_NO_CACHE=1 FAKETIME_TIMESTAMP_FILE=$BATS_TEST_TMPDIR/clock faketime -f +0 env -u FAKETIME \
        timeout 60 run-queue work "$run" -- "$BATS_TEST_TMPDIR/command" 3>&- &
    working=$!
    for _ in {1..200}; do [ ! -s "$DONE.worker" ] || break; sleep 0.05; done
    sql "update reconciliation_run_dates set claimed_at = claimed_at - interval '800 s'"
    for n in {1..200}; do
        echo "+$((n * 70))" >"$BATS_TEST_TMPDIR/clock"
        kill -CHLD "$(cat "$DONE.worker")"
        kept=$(sql "select claimed_at > now() - interval '100 s' from reconciliation_run_dates")
        [ "$kept" = f ] || break
        sleep 0.05
    done
    [ "$kept" = t ]
    : >"$DONE.go"
    wait "$working"
    [ "$(sql "select state, attempts from reconciliation_run_dates")" = "done|1" ]
}

@test "work: a worker that its command kills is replaced a few times; a database that refuses it for good ends it" {
    run="$(start_run 2025-03-01)"
    command_of 'echo >>"$DONE.kills"; kill -9 $PPID; sleep 10'
    work --jobs 1
    [ "$status" -eq 137 ]
    [ "$(wc -l <"$DONE.kills")" -eq 4 ]
    [ "$(grep -c 'a worker was killed' <<<"$stderr")" -eq 4 ]
    command_of :
    PGOPTIONS='-c default_transaction_read_only=on' work
    [ "$status" -eq 77 ]
    # Another has settled it meanwhile, as after a lease that ran out: that is said, and what the other noted stays.
    command_of 'psql -Xq -d "$DATABASE_URL" -c "update reconciliation_run_dates set state = '"'failed'"', claimed_by = null"'
    work
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"1 of 1 dates were no longer this worker's when they were settled"* ]]
    [ "$(sql "select state from reconciliation_run_dates")" = failed ]
}

@test "work ends with its caller, and with a signal: nothing runs on, and nothing stays claimed" {
    run="$(start_run 2025-03-01 2025-03-02)"
    command_of 'echo $$ >"$DONE.pid"; exec sleep 50'
    for how in KILL TERM; do
        rm -f "$DONE.pid"
        sh -c "run-queue work $run -- '$BATS_TEST_TMPDIR/command' & echo \$! >'$DONE.work'; wait; :" 3>&- &
        caller=$!
        for _ in {1..200}; do [ ! -s "$DONE.pid" ] || break; sleep 0.05; done
        if [ $how = KILL ]; then kill -9 "$caller"; else kill -TERM "$(cat "$DONE.work")"; fi
        wait "$caller" || true
        for _ in {1..200}; do kill -0 "$(cat "$DONE.work")" 2>/dev/null || break; sleep 0.05; done
        run ! kill -0 "$(cat "$DONE.work")"
        run ! kill -0 "$(cat "$DONE.pid")"
        [ "$(sql "select distinct state, attempts from reconciliation_run_dates")" = "queued|0" ]
    done
}

@test "what a dead worker of this host had claimed is taken over at once, and does not count as tried" {
    run="$(start_run 2025-03-01 2025-03-02)"
    sleep 60 3>&- &
    dead=$!
    [ "$(claim "$run" --worker "$dead")" = "2025-03-01 2025-03-02 " ]
    somebody
    [ "$(claim "$run" --worker "$SOMEBODY")" = "" ]
    kill -9 "$dead"
    wait "$dead" || true
    run --separate-stderr run-queue claim "$run" --worker "$SOMEBODY" --no-header
    [ "$output" = "2025-03-01	1
2025-03-02	1" ]
    [[ "$stderr" == *"worker $(uname -n):$dead is gone"* ]]
}

@test "what another host's worker claimed is left alone until it was silent for the lease" {
    run="$(start_run 2025-03-01)"
    unshare --uts sh -c 'hostname elsewhere && run-queue claim '"$run"' --worker 999999' >"$BATS_TEST_TMPDIR/theirs" ||
        skip "this system lets no one have another host name"
    [ "$(sql "select claimed_by from reconciliation_run_dates")" = elsewhere:999999 ]
    [ "$(claim "$run")" = "" ]
    sql "update reconciliation_run_dates set claimed_at = claimed_at - interval '800 s'"
    [ "$(claim "$run")" = "" ]
    # A worker that says it lives keeps what it has.
    unshare --uts sh -c 'hostname elsewhere && run-queue renew '"$run"' --worker 999999'
    [ "$(sql "select claimed_at > now() - interval '10 s' from reconciliation_run_dates")" = t ]
    sql "update reconciliation_run_dates set claimed_at = claimed_at - interval '901 s'"
    [ "$(claim "$run")" = "2025-03-01 " ]
    # And what it says then of a date that is another's changes nothing.
    run unshare --uts sh -c 'hostname elsewhere && printf "settlement_date\n2025-03-01\n" | run-queue "done" '"$run"' --worker 999999'
    [ "$status" -eq 0 ]
    [[ "$output" == *"1 of 1 dates were no longer this worker's"* ]]
    [ "$(sql "select state from reconciliation_run_dates")" = claimed ]
}

@test "a worker that asks again, or says release, has let go of what it had" {
    run="$(start_run 2025-03-01)"
    [ "$(claim "$run" --worker $$)" = "2025-03-01 " ]
    # After a restart of the machine another worker may have the same number.
    [ "$(claim "$run" --worker $$)" = "2025-03-01 " ]
    run-queue release "$run" --worker $$
    [ "$(sql "select state, attempts, claimed_by is null from reconciliation_run_dates")" = "queued|0|t" ]
}

@test "a date that failed is due again later, later each time, and failed permanently after so many attempts" {
    run="$(start_run 2025-03-01)"
    for pause in 5 10; do
        claim "$run" >"$BATS_TEST_TMPDIR/claimed"
        rows 2025-03-01 | run-queue failed "$run" --error "source down, try $pause"
        # Spread by chance around the pause: half of it to one and a half.
        [ "$(sql "select extract(epoch from not_before - now()) between $pause * 0.4 and $pause * 1.5 from reconciliation_run_dates")" = t ]
        [ "$(claim "$run")" = "" ]
        sql "update reconciliation_run_dates set not_before = now()"
    done
    claim "$run" >"$BATS_TEST_TMPDIR/claimed"
    rows 2025-03-01 | run-queue failed "$run" --error "the last"
    [ "$(claim "$run" --wait 2)" = "" ]
    [ "$(run-queue failures "$run" --no-header)" = "2025-03-01	3	the last" ]
}

@test "claim waits for a date that is another's or not due yet, and no longer than it must" {
    run="$(start_run 2025-03-01)"
    somebody
    claim "$run" --worker "$SOMEBODY" >"$BATS_TEST_TMPDIR/claimed"
    (sleep 0.5; rows 2025-03-01 | run-queue failed "$run" --worker "$SOMEBODY" --pause 0) 3>&- &
    [ "$(timeout 10 run-queue claim "$run" --wait 60 --worker $$ --no-header)" = "2025-03-01	2" ]
    (sleep 0.5; rows 2025-03-01 | run-queue "done" "$run" --worker $$) 3>&- &
    [ "$(timeout 10 run-queue claim "$run" --wait 60 --worker "$SOMEBODY" --no-header)" = "" ]
}

@test "only the newest run is gone on with, and only if it has dates left" {
    [ "$(run-queue unfinished --job job)" = "" ]
    first="$(start_run 2025-03-01)"
    [ "$(run-queue unfinished --job job)" = "$first" ]
    [ "$(run-queue unfinished --job job --arguments other)" = "" ]
    run-queue finish "$first" --status 75
    [ "$(sql "select state, exit_code from reconciliation_runs")" = "failed|75" ]
    [ "$(run-queue unfinished --job job --arguments args)" = "$first" ]
    [ "$(sql "select state, exit_code is null from reconciliation_runs")" = "running|t" ]
    second="$(start_run 2025-03-01)"
    claim "$second" >"$BATS_TEST_TMPDIR/claimed"
    rows 2025-03-01 | run-queue "done" "$second"
    [ "$(run-queue unfinished --job job)" = "" ]
}

@test "a new run finds that an earlier one was killed, and the second to finish changes nothing" {
    sleep 60 3>&- &
    dead=$!
    rows 2025-03-01 | run-queue start --job job --worker "$dead"
    somebody
    alive=$(rows 2025-03-01 | run-queue start --job job --worker "$SOMEBODY")
    kill -9 "$dead"
    wait "$dead" || true
    run="$(start_run 2025-03-02)"
    [ "$(sql "select state from reconciliation_runs order by run_id")" = "interrupted
running
running" ]
    run-queue finish "$alive" --status 0 --verdict first
    run-queue finish "$alive" --status 75 --verdict second
    [ "$(sql "select state, exit_code, verdict from reconciliation_runs where run_id = $alive")" = "done|0|first" ]
}

@test "a date may stand in a run once; a run without dates has none; what is no date is refused" {
    run="$(start_run 2025-03-01 2025-03-01)"
    [ "$(sql "select count(*) from reconciliation_run_dates")" -eq 1 ]
    run="$(echo settlement_date | run-queue start --job job)"
    [ "$(claim "$run" --wait 60)" = "" ]
    run start_run 2025-02-30
    [ "$status" -eq 65 ]
    [ "$(sql "select count(*) from reconciliation_runs")" -eq 2 ]
}

@test "a run that is not there is named, and nothing is done, nor said to be" {
    for arguments in "claim 99" "renew 99" "release 99" "done 99" "failed 99" "finish 99 --status 0" "show 99" "failures 99" "work 99 -- cat"; do
        # shellcheck disable=SC2086
        run --separate-stderr run-queue $arguments <<<$'settlement_date\n2025-03-01'
        echo "$arguments: $status $stderr"
        [ "$status/$output" = 65/ ]
        [[ "$stderr" == *"there is no run 99; run-queue show lists them"* ]]
    done
}

@test "bad usage: 64, with or without a database" {
    for arguments in "" "nonsense" "nonsense 1" "start" "start 1 --job x" "claim" "claim x" "claim 0" "claim 1 --batch 0" \
        "claim 1 --lease -1" "work" "work 1" "work x true" "work 1 --jobs 0 -- true" "work 1 --jobs 65 -- true" "finish 1" "done" "show 1 2" "--no-such"; do
        # shellcheck disable=SC2086
        DATABASE_URL="postgresql:///nothing?host=/nowhere" run --separate-stderr run-queue $arguments </dev/null
        echo "$arguments: $status"
        [ "$status" -eq 64 ]
        [ "$output" = "" ]
    done
    run --separate-stderr run-queue show 1 2
    [[ "$stderr" == *"2: one argument too many"* ]]
}

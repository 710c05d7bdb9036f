# What people are told when a job ends: scripts/alert, as scripts/lib.sh calls it, by the real send-alert.
load helper

# A tree with one job of our own and a hook that keeps what it is told in $WINDFALL_STATE/told.N.
setup() {
    unset DATABASE_URL SLACK_WEBHOOK_URL PING_URL MAIL_TO WINDFALL_HOOKS_DIR WINDFALL_ALERT_CONFIG
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/scripts" "$tree/bin"
    cp -R "$root/scripts/lib.sh" "$root/scripts/lib" "$root/scripts/alert" "$tree/scripts/"
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state WINDFALL_BIN
    mkdir -p "$WINDFALL_STATE/etc/hooks.d"
    job=$tree/scripts/nightly
    cat >"$job" <<-'END'
	#!/bin/sh
	set -eu
	root=$(CDPATH="" cd -- "$(dirname -- "$0")/.." && pwd)
	. "$root/scripts/lib.sh"
	job_start nightly "$@"
	step one
	case $1 in
	ok) ;;
	killed) kill -KILL $$ ;;
	findings) verdict findings missing=3; exit 1 ;;
	*) fail "$1" "bad things at T_X-1, password=CANARY" ;;
	esac
	END
    cat >"$WINDFALL_STATE/etc/hooks.d/keep" <<-'END'
	#!/bin/sh
	n=$(ls "$WINDFALL_STATE" | grep -c '^told')
	{ echo "$ALERT_EVENT $ALERT_SEVERITY $ALERT_SUBJECT"; cat; } >"$WINDFALL_STATE/told.$((n + 1))"
	END
    chmod 755 "$job" "$WINDFALL_STATE/etc/hooks.d/keep"
    host=$(uname -n)
}

told() { find "$WINDFALL_STATE" -maxdepth 1 -name 'told.*' | wc -l; }

@test "a failed job is told once with reason, verdict and the end of its log, and its recovery once" {
    run "$job" 65
    [ "$status" -eq 65 ]
    run "$job" 65
    [ "$(told)" -eq 1 ]
    said=$(cat "$WINDFALL_STATE/told.1")
    [[ "$said" == "problem critical CRITICAL $host: nightly failed in step one with status 65"* ]]
    [[ "$said" == *$'\nbad things at T_X-1, password=***\nverdict=failed job=nightly run='* ]]
    [[ "$said" == *"the end of $WINDFALL_STATE/logs/nightly_"* ]]
    [[ "$said" == *"severity=critical key=$host/nightly host=$host time="*" job=nightly run="*" step=one"* ]]
    [[ "$said" != *CANARY* ]]
    run "$job" ok
    [ "$status" -eq 0 ]
    [ "$(told)" -eq 2 ]
    [[ "$(cat "$WINDFALL_STATE/told.2")" == "recovery "*"RESOLVED $host: nightly has recovered"*"reports=2"* ]]
    run "$job" ok
    [ "$(told)" -eq 2 ]
}

@test "findings are a warning, and a failure after them is told although they were" {
    run "$job" findings
    [ "$status" -eq 1 ]
    [[ "$(cat "$WINDFALL_STATE/told.1")" == "problem warning WARNING $host: nightly has findings"*"missing=3"* ]]
    run "$job" findings
    [ "$(told)" -eq 1 ]
    run "$job" 70
    [ "$(told)" -eq 2 ]
    [[ "$(cat "$WINDFALL_STATE/told.2")" == "problem critical "* ]]
}

@test "75 is told from the second time in a row on, and one that passed is never told" {
    run "$job" 75
    [ "$status" -eq 75 ]
    [ "$(told)" -eq 0 ]
    run "$job" ok
    run "$job" 75
    [ "$(told)" -eq 0 ]
    run "$job" 75
    run "$job" 75
    [ "$(told)" -eq 1 ]
    [[ "$(cat "$WINDFALL_STATE/told.1")" == "problem warning WARNING $host: nightly could not do its work in step one"* ]]
}

@test "a run that another one keeps from beginning is told from the second time in a row on, and not to who typed it" {
    mkdir -p "$WINDFALL_STATE/var"
    exec {lock}>"$WINDFALL_STATE/var/nightly.lock"
    flock "$lock"
    for n in 0 1 1; do
        run --separate-stderr "$job" ok
        [ "$status" -eq 75 ]
        [ "$(told)" -eq "$n" ]
    done
    [[ "$(cat "$WINDFALL_STATE/told.1")" == "problem warning WARNING $host: nightly cannot begin"*"another nightly is running"* ]]
    rm "$WINDFALL_STATE/var/alerts/"*
    for _ in 1 2 3; do
        run script -qec "'$job' ok" /dev/null
        [ "$status" -eq 75 ]
        INVOCATION_ID=x run "$job" ok
        [ "$status" -eq 75 ]
    done
    [ "$(told)" -eq 1 ]
    exec {lock}>&-
    # What was not counted of those is not counted now.
    for n in 1 2; do
        run "$job" 75
        [ "$(told)" -eq "$n" ]
    done
}

@test "a job that is killed each time is told by the run after the second; one that comes to its end is not" {
    for n in 0 0 1; do
        run "$job" killed
        [ "$status" -eq 137 ]
        [ "$(told)" -eq "$n" ]
    done
    [[ "$(cat "$WINDFALL_STATE/told.1")" == "problem critical CRITICAL $host: nightly was killed"*"the run before this one was killed: process "* ]]
    grep -F 'it did not finish" killed="process ' "$WINDFALL_STATE/logs/nightly_latest.log"
    run "$job" ok
    [ "$(told)" -eq 2 ]
    [[ "$(cat "$WINDFALL_STATE/told.2")" == "recovery "* ]]
    # A unit of systemd's has told it itself.
    for _ in 1 2 3; do INVOCATION_ID=x run "$job" killed; done
    [ "$(told)" -eq 2 ]
    run "$job" 65
    run "$job" ok
    run ! grep -F 'did not finish' "$WINDFALL_STATE/logs/nightly_latest.log"
    # Early versions left the lock as it was.
    echo "process 1, since 2020-01-01T00:00:00Z" >"$WINDFALL_STATE/var/nightly.lock"
    run "$job" ok
    run ! grep -F 'did not finish' "$WINDFALL_STATE/logs/nightly_latest.log"
    # Who finds the lock held takes nothing of it for his own.
    exec {lock}>>"$WINDFALL_STATE/var/nightly.lock"
    flock "$lock"
    echo "process 1, since then" >&"$lock"
    run "$job" ok
    [ "$status" -eq 75 ]
    grep -F "process 1" "$WINDFALL_STATE/var/nightly.lock"
}

@test "a run that cannot begin for want of a place to write is told" {
    mkdir -p "$WINDFALL_STATE/var/tmp" "$WINDFALL_STATE/logs"
    ln -s /nonexistent/lock "$WINDFALL_STATE/var/nightly.lock"
    run "$job" ok
    [ "$status" -eq 73 ]
    [ "$(told)" -eq 1 ]
    [[ "$(cat "$WINDFALL_STATE/told.1")" == "problem critical CRITICAL $host: nightly failed in step begin with status 73"*"is a link"* ]]
}

@test "a state folder on a full disk is 74, no finding, and the alert says so" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a small disk"
    mkdir -p "$WINDFALL_STATE/var"
    mount -t tmpfs -o size=64k none "$WINDFALL_STATE/var" || skip "cannot mount here"
    mkdir "$WINDFALL_STATE/var/tmp"
    head -c 128k /dev/zero >"$WINDFALL_STATE/var/ballast" 2>/dev/null || true
    # What it does without: a statement of the shell that fails for want of room, and so with 1.
    sed -i 's/^step one$/step one; echo x >"$tmp\/x"/' "$job"
    run --separate-stderr "$job" ok
    umount "$WINDFALL_STATE/var"
    echo "$output / $stderr"
    [ "$status" -eq 74 ]
    [[ "$stderr" == *"the disk of $WINDFALL_STATE/var/tmp is full: make room first"* ]]
    # In the words of no shell.
    [[ "$stderr" != *printf* ]]
    [[ "$(cat "$WINDFALL_STATE/told.1")" == "problem critical CRITICAL $host: nightly failed in step start with status 74"*"make room first"* ]]
}

@test "a disk without room for a further file is 74 in the middle of a job and of a script, and said" {
    mkdir "$BATS_TEST_TMPDIR/few"
    few() { unshare --mount sh -c 'mount -t tmpfs -o nr_inodes=20 none "$WINDFALL_STATE" && exec "$@"' sh "$@"; }
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/few
    few true 2>/dev/null || skip "cannot mount here"
    sed -i 's/^step one$/n=0; while [ $n -lt 20 ]; do n=$((n + 1)); : >"$tmp\/$n"; done/' "$job"
    run --separate-stderr few "$job" ok
    echo "$output / $stderr"
    [ "$status" -eq 74 ]
    [[ "$output" == "verdict=failed job=nightly "*" status=74 step=start "* ]]
    [[ "$stderr" == *"the disk of $WINDFALL_STATE/var/tmp is full, or has room for no further file: make room first"* ]]
    sed -i 's/^job_start.*/scratch/' "$job"
    run --separate-stderr few "$job" ok
    echo "$output / $stderr"
    [ "$status" -eq 74 ]
    [[ "$stderr" == *"has room for no further file: make room first"* ]]
}

@test "the dead-man's switch hears start and exit status of each run, under one id" {
    mkdir -p "$BATS_TEST_TMPDIR/web"
    echo 'location /p/ { echo_read_request_body; echo ok; }' >"$BATS_TEST_TMPDIR/locations"
    replay_start "$BATS_TEST_TMPDIR/web" "$BATS_TEST_TMPDIR/locations"
    export PING_URL="$REPLAY_URL/p/{job}"
    run "$job" ok
    run "$job" 65
    run "$job" 75
    curl -fsS -o /dev/null "$REPLAY_URL/replay-sync"
    [ "$(sed 's/^[0-9]* POST //; s/?.*//' "$NGINX_LOG")" = "$(printf '/p/nightly/%s\n' start 0 start 65 start 75)" ]
    [ "$(sed 's/.*rid=//' "$NGINX_LOG" | uniq -c | awk '{ print $1 }')" = $'2\n2\n2' ]
}

@test "a hook that hangs delays the job by its time-out and changes nothing" {
    cat >"$WINDFALL_STATE/etc/hooks.d/stuck" <<-'END'
	#!/bin/sh
	sleep 300
	END
    chmod 755 "$WINDFALL_STATE/etc/hooks.d/stuck"
    sed -i 's/send-alert --ping fail/send-alert --timeout 1 --ping fail/' "$tree/scripts/alert"
    began=$SECONDS
    run --separate-stderr "$job" 65
    [ "$status" -eq 65 ]
    [ $((SECONDS - began)) -lt 50 ]
    [ "$(told)" -eq 1 ]
    [[ "$output" == verdict=failed*status=65* ]]
    grep -q 'msg="the alert hook failed" status=75' "$WINDFALL_STATE/logs/nightly_latest.log"
}

@test "a program that a hook leaves behind does not keep the job's lock" {
    cat >"$WINDFALL_STATE/etc/hooks.d/daemon" <<-'END'
	#!/bin/sh
	sleep 20 >/dev/null 2>&1 </dev/null &
	echo $! >"$WINDFALL_STATE/daemon.pid"
	END
    chmod 755 "$WINDFALL_STATE/etc/hooks.d/daemon"
    run "$job" 65
    kill -0 "$(cat "$WINDFALL_STATE/daemon.pid")"
    run "$job" ok
    kill "$(cat "$WINDFALL_STATE/daemon.pid")"
    [ "$status" -eq 0 ]
}

@test "with nothing configured, an ordinary run costs no message and leaves no trace" {
    rm -r "${WINDFALL_STATE:?}/etc"
    run --separate-stderr "$job" ok
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    run grep -c alert "$WINDFALL_STATE/logs/nightly_latest.log"
    [ "$output" = 0 ]
}

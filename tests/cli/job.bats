# What every job gets from scripts/lib.sh: lock, log, scratch folder, verdict, alert, exit status.
load helper

# A tree with one job of our own.  A test writes its steps with job_is and runs it with "$job".
setup() {
    unset DATABASE_URL
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/scripts" "$tree/bin" "$tree/sql/query"
    cp "$root/sql/session.sql" "$tree/sql/"
    cp "$root/sql/query/session.sql" "$tree/sql/query/"
    cp -R "$root/scripts/lib.sh" "$root/scripts/lib" "$tree/scripts/"
    ln -s "$WINDFALL_BIN/with-settings" "$tree/bin/"
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    mkdir "$WINDFALL_STATE"
    logs=$WINDFALL_STATE/logs
    job=$tree/scripts/nightly
}

job_is() {
    {
        # shellcheck disable=SC2016
        printf '%s\n' '#!/bin/sh' 'set -eu' 'root=$(CDPATH="" cd -- "$(dirname -- "$0")/.." && pwd)' \
            '. "$root/scripts/lib.sh"' 'job_start nightly "$@"'
        cat
    } >"$job"
    chmod +x "$job"
}

tool_is() {
    printf '#!/bin/sh\n%s\n' "$2" >"$tree/bin/$1"
    chmod +x "$tree/bin/$1"
}

hook_is() {
    printf '#!/bin/sh\n%s\n' "$1" >"$tree/scripts/alert"
    chmod +x "$tree/scripts/alert"
}

latest() { cat "$logs/nightly_latest.log"; }

wait_for() {
    for _ in {1..100}; do
        [ ! -e "$1" ] || return 0
        sleep 0.05
    done
    return 1
}

@test "a job that is well says one line, the verdict, and nothing on stderr" {
    job_is <<<'step fetch; echo hello >"$tmp/x"; step store; verdict mended dates=3 "farm=T_A B-1"'
    INVOCATION_ID=abc run --separate-stderr "$job" 2025-01-01 'a b'
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    # For a unit's own alert, which run of it has come to its end.
    grep -qx 'invocation=abc' "$WINDFALL_STATE/var/jobs/nightly"
    [[ "$output" =~ ^"verdict=mended job=nightly run="[0-9a-f]{8}" status=0 step=store ms="[0-9]+' dates=3 farm="T_A B-1" log='"$logs/nightly_"[0-9]{8}_[0-9]{6}\.log$ ]]
    [ "$(latest | tail -n 1)" = "$output" ]
    [ "$(latest | grep -c ' msg="step begins"')" -eq 2 ]
    [[ "$(latest)" == *'args="2025-01-01 a b"'* ]]
    [ "$(ls "$WINDFALL_STATE/var/tmp")" = "" ]
}

@test "every line of a log is one fact with run and step, and the time of each step" {
    job_is <<<'step one; say warning "two
lines \"quoted\"" key="a
b"'
    "$job"
    [ "$(latest | sed '$d' | grep -vcE '^ts=....-..-..T..:..:..Z level=[a-z]+ tool=nightly pid=[0-9]+ job=nightly run=[0-9a-f]{8} step=[a-z]+ msg="')" -eq 0 ]
    [ "$(latest | grep -c 'msg="two lines \\"quoted\\"" key="a b"$')" -eq 1 ]
    [ "$(latest | grep -cE 'step=one msg="step done" ms=[0-9]+$')" -eq 1 ]
}

@test "a step that fails ends the job with its status, named with the tool's own reason" {
    tool_is broken 'echo "ts=x level=error tool=broken pid=1 msg=\"no such farm\"" >&2; exit 65'
    job_is <<<'step fetch; broken; step never; touch "$state/never"'
    run --separate-stderr "$job"
    [ "$status" -eq 65 ]
    [[ "$output" == verdict=failed*" status=65 step=fetch "* ]]
    [[ "$stderr" == "nightly: failed in step fetch with status 65: no such farm (log: $logs/nightly_"*")" ]]
    [ ! -e "$WINDFALL_STATE/never" ]
    [ "$(latest | tail -n 1)" = "$output" ]
    [ "$(ls "$WINDFALL_STATE/var/tmp")" = "" ]
    # One that a signal ended has said nothing.
    tool_is broken 'kill -9 $$'
    job_is <<<'step fetch; broken'
    run --separate-stderr "$job"
    [ "$status" -eq 137 ]
    [[ "$stderr" == *"failed in step fetch with status 137: a program was ended by SIGKILL, as the system does where memory is short (log: "* ]]
    # Whatever it was told, by a setting or a server, a terminal shows it as text.
    job_is <<<'step fetch; fail 65 "$(printf "no such host \"caf\351\033[31m\"")"'
    run --separate-stderr "$job"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *': no such host "caf'*' (log: '* && "$stderr" != *$'\e'* ]]
    iconv -f UTF-8 -t UTF-8 <<<"$stderr" >/dev/null
}

@test "a program that is not there is the reason, not what an earlier tool said" {
    tool_is lame 'echo "ts=x level=error tool=lame pid=1 msg=\"no such farm\"" >&2; exit 1'
    job_is <<<'step fetch; lame || :; step check; absent-tool; step never'
    run -127 --separate-stderr "$job"
    [ "$status" -eq 127 ]
    [[ "$stderr" == "nightly: failed in step check with status 127: a program is missing or cannot be run; the end of the log names it (log: "* ]]
    latest | grep 'absent-tool: '
}

@test "a statement of the job's own that fails is a defect, not findings" {
    job_is <<<'step count; verdict ok; [ "$job" = other ]; step never'
    run --separate-stderr "$job"
    [ "$status" -eq 70 ]
    [[ "$output" == verdict=failed*" status=70 step=count "* ]]
    [[ "$stderr" == "nightly: failed in step count with status 70: a statement of its own failed (log: "* ]]
    grep -qx status=70 "$WINDFALL_STATE/var/jobs/nightly"
}

# As flock says it on a share without locks: ENOLCK is 71, others are 65.
@test "a disk that has no locks is named as that, and no other job is blamed" {
    job_is <<<'step idle'
    tool_is flock 'echo "flock: 9: No locks available" >&2; exit 71'
    run --separate-stderr "$job"
    [ "$status" -eq 73 ]
    [[ "$stderr" == *"cannot lock $WINDFALL_STATE/var/nightly.lock: set WINDFALL_STATE to a directory on a disk that has locks"* ]]
    [[ "$stderr" != *"is running"* ]]
}

@test "a TMPDIR that this user cannot write, as su leaves it, is said and not used" {
    job_is <<<'step idle; folder=$(mktemp -d); rmdir "$folder"; verdict ok made="${folder%/*}"'
    run --separate-stderr env TMPDIR="$BATS_TEST_TMPDIR/nowhere" "$job"
    [ "$status" -eq 0 ]
    [[ "$output" == *" made=/tmp "* ]]
    [[ "$stderr" == *"TMPDIR is not a folder that this user may write; /tmp is used"*"TMPDIR=$BATS_TEST_TMPDIR/nowhere"* ]]
    [ "${#stderr_lines[@]}" -eq 1 ]
    # One that can be written is used, and nothing said.
    run --separate-stderr env TMPDIR="$BATS_TEST_TMPDIR" "$job"
    [[ "$output" == *" made=$BATS_TEST_TMPDIR "* ]]
    [ "$stderr" = "" ]
}

@test "an installation below a colon, which no PATH can hold, is 78 and said so: not that it were not built" {
    job_is <<<'step idle'
    mv "$tree/bin" "$tree/no-bin"
    run --separate-stderr env -u WINDFALL_BIN -u WINDFALL_SETTINGS PATH=/usr/bin:/bin "$job"
    mv "$tree/no-bin" "$tree/bin"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *" with status 78: the tools are not built yet: run make in $tree"* ]]
    mkdir "$BATS_TEST_TMPDIR/05:30"
    mv "$tree" "$BATS_TEST_TMPDIR/05:30/"
    job=$BATS_TEST_TMPDIR/05:30/tree/scripts/nightly
    job_is <<<'step idle'
    run --separate-stderr env -u WINDFALL_BIN -u WINDFALL_SETTINGS PATH=/usr/bin:/bin "$job"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *" with status 78: no PATH can hold the colon of $BATS_TEST_TMPDIR/05:30/tree: move the installation"* ]]
    [[ "$stderr" != *"not built"* ]]
}

@test "a reader that goes away early is named and no end of the job, and the reason of a tool is shown as it was said" {
    job_is <<<'step show; exit 141'
    run --separate-stderr "$job"
    [ "$status" -eq 141 ]
    [ ! -e "$WINDFALL_STATE/var/jobs/nightly" ]
    [[ "$stderr" == *"status 141: the reader of the output closed it before its end (log"* ]]
    tool_is broken 'echo "ts=x level=error tool=broken pid=1 msg=\"no host \\\"x\\\"\"" >&2; exit 65'
    job_is <<<'step fetch; broken'
    run --separate-stderr "$job"
    [[ "$stderr" == *"status 65: no host \"x\" (log"* ]]
}

@test "a verdict that cannot be written is 74, and the log has it" {
    job_is <<<'step one'
    run --separate-stderr bash -c '"$1" >/dev/full' _ "$job"
    [ "$status" -eq 74 ]
    [[ "$stderr" == *"nightly: cannot write standard output"* ]]
    [[ "$(latest)" == *"verdict=ok job=nightly"* ]]
    # What is for later stays so.
    job_is <<<'fail 75 "the source is busy"'
    run bash -c '"$1" >/dev/full' _ "$job"
    [ "$status" -eq 75 ]
}

@test "streams that the caller closed take nothing away but themselves" {
    job_is <<<'step one; inner() { n=$(echo 3); say info "said" n="$n"; echo "$n"; }; n=$(inner); run true; verdict ok n="$n"'
    run bash -c '"$1" >&- 2>&- <&-' _ "$job"
    [ "$status" -eq 74 ]
    [[ "$(latest)" == *" n=3 log="* ]]
}

@test "a database that goes away while it is asked is 75, in its own words" {
    export DATABASE_URL="postgresql:///postgres?host=$SUITE_SOCKET&user=windfall"
    job_is <<<'step ask; name_db; n=$(db_psql -c "select pg_terminate_backend(pg_backend_pid())"); echo "$n"'
    run --separate-stderr "$job"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"failed in step ask with status 75: database: terminating connection due to administrator command"* ]]
    job_is <<<'step ask; name_db; echo "select :n" | db_psql -v n=42'
    run --separate-stderr "$job"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = 42 ]
}

@test "a full disk on which psql could not say what was wrong is 74" {
    job_is <<<'step ask; ask -c "select 1"'
    tool_is with-db '[ "$1" != --explain ] || { echo "it said nothing"; exit 78; }
        cat /dev/zero >"$WINDFALL_STATE/var/full" 2>/dev/null; exit 3'
    # shellcheck disable=SC2016
    small() { unshare --mount sh -c 'mount -t tmpfs -o size=200k none "$WINDFALL_STATE" && exec "$@"' sh "$@"; }
    small true 2>/dev/null || skip "cannot mount here"
    WINDFALL_BIN=$tree/bin run --separate-stderr small "$job"
    [ "$status" -eq 74 ]
    [[ "$output" == "verdict=failed "*" status=74 step=ask "* ]]
    [[ "$stderr" == *"the disk of $WINDFALL_STATE/var/tmp is full: make room first"* ]]
}

@test "why the private database cannot be had is the reason of the job" {
    cp "$root/scripts/local-db" "$root/scripts/migrate" "$tree/scripts/"
    job_is <<<'step database; need_db'
    mkdir "$BATS_TEST_TMPDIR/a\$b"
    WINDFALL_STATE=$BATS_TEST_TMPDIR/a\$b run --separate-stderr "$job"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"status 78: pg_ctl cannot manage a path with quotes, dollars or backslashes: "*"set WINDFALL_STATE"* ]]
}

@test "fail gives its status and its words" {
    job_is <<<'step check; fail 75 "2025-01-01 still has gaps"'
    run --separate-stderr "$job"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"status 75: 2025-01-01 still has gaps (log"* ]]
}

@test "findings are a verdict of their own, with status 1" {
    job_is <<<'step audit; verdict findings differences=2; exit 1'
    run --separate-stderr "$job"
    [ "$status" -eq 1 ]
    [[ "$output" == verdict=findings*" status=1 "*" differences=2 "* ]]
    [ "$stderr" = "" ]
    # It has not gone well by that.
    grep -qx 'last_good=' "$WINDFALL_STATE/var/jobs/nightly"
}

@test "a second one is told who holds the lock and since when, and exits 75" {
    job_is <<<'touch "$state/begun"; while [ ! -e "$state/end" ]; do sleep 0.05; done'
    "$job" >/dev/null 3>&- &
    first=$!
    wait_for "$WINDFALL_STATE/begun"
    run --separate-stderr "$job"
    [ "$status" -eq 75 ]
    [[ "$stderr" =~ "another nightly is running: process $first, since "20..-..-..T..:..:..Z ]]
    [ "$(find "$logs" -type f | wc -l)" -eq 1 ]
    touch "$WINDFALL_STATE/end"
    wait "$first"
    run "$job"
    [ "$status" -eq 0 ]
}

@test "after kill -9 the lock is free, and what the dead one left is swept" {
    job_is <<<'touch "$state/begun"; [ -z "${1:-}" ] || exec sleep 30'
    "$job" wait >/dev/null 3>&- &
    first=$!
    wait_for "$WINDFALL_STATE/begun"
    kill -9 "$first"
    wait "$first" || true
    [ "$(ls "$WINDFALL_STATE/var/tmp")" != "" ]
    run "$job"
    [ "$status" -eq 0 ]
    [ "$(ls "$WINDFALL_STATE/var/tmp")" = "" ]
}

# By its number alone the process of another container is nobody, and that of a killed run whoever has the number next.
@test "what a run in another container uses is left to it; a number that has become another process's holds nothing" {
    local tmp=$WINDFALL_STATE/var/tmp births
    mapfile -t births < <(sed 's/.*) //' "/proc/$$/stat" /proc/1/stat | cut -d ' ' -f 20)
    job_is <<<'ls "$state/var/tmp" >"$state/seen"'
    "$job" >/dev/null
    mkdir "$tmp"/{lives,again,elsewhere,old}.abcdef
    echo "$$ ${births[*]}" >"$tmp/lives.abcdef/.owner"
    echo "$$ 1${births[*]}" >"$tmp/again.abcdef/.owner"
    echo "4194305 ${births[0]} 1${births[1]}" | tee "$tmp/elsewhere.abcdef/.owner" >"$tmp/old.abcdef/.owner"
    touch -d '8 days ago' "$tmp/old.abcdef"
    "$job" >/dev/null
    [ "$(grep -v nightly "$WINDFALL_STATE/seen" | tr '\n' ' ')" = "elsewhere.abcdef lives.abcdef " ]
    [ "$(id -u)" -eq 0 ] || return 0
    # And truly so.
    rm -rf "${tmp:?}"/*
    job_is <<<'[ -z "${1:-}" ] || { touch "$state/begun"; until [ -e "$state/end" ]; do sleep 0.05; done; : >"$tmp/still"; }'
    unshare --pid --fork --mount-proc "$job" wait >"$BATS_TEST_TMPDIR/first" 3>&- &
    first=$!
    wait_for "$WINDFALL_STATE/begun"
    sed 's/job_start nightly/job_start hourly/' "$job" >"$tree/scripts/hourly"
    chmod +x "$tree/scripts/hourly"
    "$tree/scripts/hourly" >/dev/null
    touch "$WINDFALL_STATE/end"
    wait "$first"
    [[ "$(cat "$BATS_TEST_TMPDIR/first")" == verdict=ok* ]]
}

@test "a signal ends the job and its tool at once, with 128 and the signal's number" {
    tool_is slow 'echo $$ >"$WINDFALL_STATE/slow"; exec sleep 30'
    job_is <<<'step wait; run slow'
    for signal in HUP:129 INT:130 TERM:143; do
        rm -f "$WINDFALL_STATE/slow"
        # A background job of a shell ignores SIGINT, and what nohup started SIGHUP: env undoes that.
        env --default-signal=HUP,INT,TERM "$job" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/said" 3>&- &
        pid=$!
        wait_for "$WINDFALL_STATE/slow"
        sleep 0.05
        kill -s "${signal%:*}" "$pid"
        status=0
        wait "$pid" || status=$?
        [ "$status" -eq "${signal#*:}" ]
        ! kill -0 "$(cat "$WINDFALL_STATE/slow")" 2>/dev/null || false
        [[ "$(cat "$BATS_TEST_TMPDIR/out")" == verdict=failed*"status=$status step=wait "* ]]
        [[ "$(cat "$BATS_TEST_TMPDIR/said")" == *"failed in step wait with status $status: a signal ended it "* ]]
    done
}

@test "a variable of the user's is none of a job's: it ends no stranger, and its words are its own" {
    sleep 60 3>&- &
    stranger=$!
    job_is <<<'step work; fail 65 "of its own"'
    run env child=$stranger workers=$stranger asking=yes verdict_word=findings reason=theirs pending=1 log_broken=yes \
        no_proxy=kept "$job"
    [ "$status" -eq 65 ]
    kill -0 $stranger
    kill $stranger
    [[ "$output" == *"failed in step work with status 65: of its own ("* ]]
    [ "$(env workers=1 no_proxy=kept C3=kept with-settings --clean env | grep -E '^(workers|no_proxy|C3)=' | sort)" = $'C3=kept\nno_proxy=kept' ]
}

@test "what is shown is shown where POSIXLY_CORRECT is set, too" {
    job_is <<<'step show; printf "a\033b\tc\n" >"$tmp/rows"; show "$tmp/rows"'
    POSIXLY_CORRECT=1 run "$job"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = $'ab\tc' ]
}

@test "run gives the tool its stdin and the job its status" {
    tool_is counts 'wc -l; exit 3'
    job_is <<<'step count; printf "a\nb\n" >"$tmp/in"; status=0; run counts <"$tmp/in" >"$state/out" || status=$?; [ "$status" -eq 3 ]'
    run "$job"
    [ "$status" -eq 0 ]
    [ "$(cat "$WINDFALL_STATE/out")" -eq 2 ]
}

@test "two runs within one second have two logs, and latest is the second" {
    job_is <<<'say info "this is $1"'
    faketime -f '2026-01-02 03:04:05' "$job" one
    faketime -f '2026-01-02 03:04:05' "$job" two
    [ "$(find "$logs" -type f | wc -l)" -eq 2 ]
    [[ "$(latest)" == *"this is two"* ]]
    [ "$(readlink "$logs/nightly_latest.log")" = nightly_20260102_030405_2.log ]
}

@test "a machine whose clock was never set begins no work: later" {
    job_is <<<'step work; echo done >"$WINDFALL_STATE/done"; verdict ok'
    for clock in '1970-01-02 03:04:05' '1995-12-31 23:00:00' '2079-01-01 00:00:01'; do
        TZ=UTC run --separate-stderr faketime "$clock" "$job"
        echo "$clock: $status $output $stderr"
        [ "$status" -eq 75 ]
        [[ "$output" == "verdict=failed "* ]]
        [[ "$stderr" == *"the clock of this machine says ${clock% *}T"*": set it"* ]]
        [ ! -e "$WINDFALL_STATE/done" ]
    done
    TZ=UTC faketime '2028-02-29 12:00:00' "$job"
    [ -e "$WINDFALL_STATE/done" ]
}

@test "a clock that leaps removes nothing for its age, and is named; one that is set back is as before" {
    job_is <<<'verdict ok'
    "$job"
    touch -d '85 days ago' "$logs/nightly_20200101_000001.log"
    ended=$WINDFALL_STATE/var/jobs/nightly
    sed -i "s/^ended=.*/ended=$(date -u -d '34 days ago' +%FT%TZ)/" "$ended"
    "$job"
    [[ "$(latest)" == *"no job has ended for a month by the clock of this machine: set it if it is wrong; nothing is removed by age in"* ]]
    "$job"
    [[ "$(latest)" != *"by the clock"* ]]
    [ -e "$logs/nightly_20200101_000001.log" ]
    touch -d '85 days ago' "$WINDFALL_STATE/var/leap"
    "$job"
    [ ! -e "$logs/nightly_20200101_000001.log" ]
    # Set back: the leap was of the future.
    touch -d '85 days ago' "$logs/nightly_20200101_000001.log"
    touch -d '1 year' "$WINDFALL_STATE/var/leap"
    sed -i "s/^ended=.*/ended=$(date -u -d '1 year' +%FT%TZ)/" "$ended"
    "$job"
    [ ! -e "$logs/nightly_20200101_000001.log" ]
}

@test "a log is never written through a link that lies in its place" {
    job_is <<<':'
    mkdir "$logs"
    echo precious >"$BATS_TEST_TMPDIR/victim"
    ln -s "$BATS_TEST_TMPDIR/victim" "$logs/nightly_20260102_030405.log"
    faketime -f '2026-01-02 03:04:05' "$job"
    [ "$(cat "$BATS_TEST_TMPDIR/victim")" = precious ]
    [ -s "$logs/nightly_20260102_030405_2.log" ]
}

@test "logs of this job older than 84 days go; other jobs' logs, links and folders stay" {
    job_is <<<':'
    # The folder may be a link to another disk.
    mkdir "$BATS_TEST_TMPDIR/disk"
    ln -s "$BATS_TEST_TMPDIR/disk" "$logs"
    mkdir -p "$logs/nightly_20200101_000000.log"
    touch -d '85 days ago' "$logs/nightly_20200101_000001.log" "$logs/weekly_20200101_000000.log" "$logs/nightly_notes"
    touch -d '83 days ago' "$logs/nightly_20200101_000002.log"
    ln -s "$logs/nightly_notes" "$logs/nightly_20200101_000003.log"
    touch -h -d '85 days ago' "$logs/nightly_20200101_000003.log"
    touch -d '85 days ago' "$logs/nightly_20200101_000000.log"
    "$job"
    [ ! -e "$logs/nightly_20200101_000001.log" ]
    [ -e "$logs/weekly_20200101_000000.log" ]
    [ -e "$logs/nightly_20200101_000002.log" ]
    [ -L "$logs/nightly_20200101_000003.log" ]
    [ -d "$logs/nightly_20200101_000000.log" ]
    [ -e "$logs/nightly_notes" ]
}

@test "the alert hook is told the start, and step, status, log and reason of every end" {
    hook_is 'echo "$@" >>"$WINDFALL_STATE/alerts"; cat >>"$WINDFALL_STATE/alerts"'
    job_is <<<'step one; [ "$1" != fail ] || fail 65 "bad things"; verdict "$1"; [ "$1" != findings ] || exit 1'
    "$job" ok
    run "$job" fail
    run "$job" findings
    [ "$(grep -c '^nightly start$' "$WINDFALL_STATE/alerts")" -eq 3 ]
    [ "$(sed -n 3p "$WINDFALL_STATE/alerts")" = ok ]
    [[ "$(sed -n 6,7p "$WINDFALL_STATE/alerts")" == "nightly one 65 $logs/nightly_"*$'\nbad things' ]]
    [[ "$(sed -n 10,11p "$WINDFALL_STATE/alerts")" == "nightly one 1 $logs/nightly_"*$'\nfindings' ]]
    [[ "$(sed -n 12p "$WINDFALL_STATE/alerts")" == "verdict=findings job=nightly"* ]]
}

@test "a sandbox that hides all of /proc but the processes keeps no job from its work, and no alert from being sent" {
    bare() { unshare --mount sh -c 'mount -t proc -o subset=pid proc /proc && exec "$@"' sh "$@"; }
    bare true 2>/dev/null || skip "this system lets nobody have a /proc of their own"
    hook_is 'echo "$@" >>"$WINDFALL_STATE/alerts"; cat >>"$WINDFALL_STATE/alerts"'
    job_is <<<'step one; verdict ok; fail 65 "bad things"'
    run --separate-stderr bare "$job"
    [ "$status" -eq 65 ]
    [[ "$output" =~ ^"verdict=failed job=nightly run="[0-9a-f]{8}" status=65 " ]]
    grep -qx "bad things" "$WINDFALL_STATE/alerts"
    run --separate-stderr bare "$root/scripts/alert" nightly one 65 </dev/null
    [ "$status/$stderr" = "0/" ]
}

@test "a hook that fails cannot change how the job ended" {
    hook_is 'exit 9'
    job_is <<<'fail 75 later'
    run --separate-stderr "$job"
    [ "$status" -eq 75 ]
    [ "$(latest | grep -c 'msg="the alert hook failed" status=9')" -eq 2 ]
    [[ "$(latest | tail -n 1)" == verdict=failed*status=75* ]]
}

@test "a hook that does not read what it is told is no error in the log" {
    hook_is 'exec <&-'
    tool_is broken 'printf "ts=x level=error tool=broken pid=1 msg=\"%100000s\"\n" "" >&2; exit 65'
    job_is <<<'step fetch; broken'
    run "$job"
    [ "$status" -eq 65 ]
    [ "$(latest | grep -vc -e '^ts=' -e '^verdict=')" -eq 0 ]
}

@test "a full log disk does not stop the work, and is complained of once" {
    job_is <<<'step one; say info a; say info b; echo well >"$state/work"'
    [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a small disk"
    mkdir -p "$logs"
    mount -t tmpfs -o size=16k none "$logs" || skip "cannot mount here"
    head -c 64k /dev/zero >"$logs/ballast" 2>/dev/null || true
    run --separate-stderr "$job"
    umount "$logs"
    echo "$output / $stderr"
    [ "$status" -eq 0 ]
    [[ "$output" == verdict=ok* ]]
    [ "$(grep -c 'cannot' <<<"$stderr")" -eq 1 ]
    [ "$(cat "$WINDFALL_STATE/work")" = well ]
}

@test "a folder of logs that goes in the middle of a job takes nothing but the log" {
    tool_is tool-of-the-tree 'echo answer'
    job_is <<<'step one
rm -rf "$logs"
step two
say info "still here" fact=1
run tool-of-the-tree >/dev/null
verdict ok'
    run --separate-stderr "$job"
    echo "$output / $stderr"
    [ "$status" -eq 0 ]
    [[ "$output" == verdict=ok* ]]
    job_is <<<'step one
rm -rf "$logs" "$tmp"
fail 75 "it was so"'
    run --separate-stderr "$job"
    echo "$output / $stderr"
    [ "$status" -eq 75 ]
    [[ "$output" == verdict=failed*status=75* ]]
    run "$job"
    [ "$status" -eq 75 ]
}

@test "cron's bare environment is enough" {
    tool_is tool-of-the-tree 'exit 0'
    job_is <<<'tool-of-the-tree; step one; [ "$LC_ALL" = C ]; [ "$(umask)" = 0027 ]'
    run --separate-stderr env -i SHELL=/bin/sh HOME=/ LOGNAME=nobody WINDFALL_STATE="$WINDFALL_STATE" WINDFALL_CONF=/dev/null PATH=/usr/bin:/bin IFS=x "$job"
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
}

@test "a state that cannot be written is named before anything else" {
    job_is <<<':'
    WINDFALL_STATE=/proc/nowhere run --separate-stderr "$job"
    [ "$status" -eq 73 ]
    [[ "$stderr" == *"set WINDFALL_STATE"* ]]
}

@test "at a terminal the log is shown as it is written, in short" {
    script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip "this machine gives no pseudo-terminal"
    job_is <<<'step one; say warning "look here" n=1; fail 65 "that was it"'
    status=0
    script -qec "$job" /dev/null >"$BATS_TEST_TMPDIR/screen" </dev/null || status=$?
    [ "$status" -eq 65 ]
    [[ "$(cat "$BATS_TEST_TMPDIR/screen")" == *"nightly: warning: look here n=1"* ]]
    [[ "$(latest)" == *'msg="look here" n=1'* ]]
    # There the verdict is a sentence; the log has it as ever.
    [[ "$(cat "$BATS_TEST_TMPDIR/screen")" == *"nightly: failed in step one with status 65: that was it ("*"  log: $logs/nightly_"* ]]
    [[ "$(latest | tail -n 1)" == "verdict=failed job=nightly "* ]]
}

@test "need_db makes and starts the private database, brings its tables, and lets no lock escape to it" {
    cp "$root/scripts/local-db" "$root/scripts/migrate" "$tree/scripts/"
    echo 'create table t as select 42 as n;' >"$tree/sql/001-t.sql"
    job_is <<<'step database; need_db; name_db; db_psql -c "select n from t" >"$state/answer"'
    chmod 755 "$BATS_TEST_TMPDIR"
    run --separate-stderr "$job"
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "$(cat "$WINDFALL_STATE/answer")" = 42 ]
    [[ "$(latest)" == *"tool=migrate"*"job=nightly"*'msg="migrated" applied=1 of=1'* ]]
    # The server that the job started is up, and the job's lock is free all the same.
    run --separate-stderr "$job"
    [ "$status" -eq 0 ]
    [[ "$(latest)" != *migrated* ]]
    "$tree/scripts/local-db" stop
    run --separate-stderr "$job"
    [ "$status" -eq 0 ]
    "$tree/scripts/local-db" destroy --yes
}

@test "a database that is named and down is status 75, and no private one is made instead" {
    cp "$root/scripts/local-db" "$root/scripts/migrate" "$tree/scripts/"
    echo 'create table t ();' >"$tree/sql/001-t.sql"
    job_is <<<'step database; need_db'
    DATABASE_URL="postgresql:///x?host=$BATS_TEST_TMPDIR" run --separate-stderr "$job"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"failed in step database with status 75: "*"connection to server"* ]]
    [ ! -e "$WINDFALL_STATE/var/pg" ]
}

@test "locks are 0600 and never opened through a link, nor is a log; root works in nobody else's state" {
    job_is <<<'verdict ok'
    "$job"
    [ "$(stat -c %a "$WINDFALL_STATE/var/nightly.lock")" = 600 ]
    echo precious >"$BATS_TEST_TMPDIR/precious"
    rm "$WINDFALL_STATE/var/nightly.lock"
    ln -s "$BATS_TEST_TMPDIR/precious" "$WINDFALL_STATE/var/nightly.lock"
    run "$job"
    [ "$status" -eq 73 ]
    [[ "$output" == *"nightly.lock is a link"* ]]
    rm "$WINDFALL_STATE/var/nightly.lock"
    for second in 0 1 2 3 4; do
        ln -sf "$BATS_TEST_TMPDIR/precious" "$WINDFALL_STATE/logs/nightly_$(date -u -d "+$second seconds" +%Y%m%d_%H%M%S).log"
    done
    "$job"
    [ "$(cat "$BATS_TEST_TMPDIR/precious")" = precious ]
    [ "$(id -u)" -eq 0 ] || return 0
    chown 65534 "$WINDFALL_STATE"
    run "$job"
    [ "$status" -eq 77 ]
    [[ "$output" == *"belongs to nobody: run this as nobody"* ]]
    chown 0 "$WINDFALL_STATE"
}

# What a job says goes the way of what a tool says: message, facts, reason, verdict, alert.
@test "the lines of a job hold no secret, whatever it was told by whom it ran" {
    local forms=(
        "cannot connect to postgresql://wf:S3crtPw@db.example/x" "password=S3crtPw was refused" 'the answer was {"privateKey": "S3crtPw"}'
        "Authorization: Bearer S3crtPw" "GET https://x.example/a?key=S3crtPw failed" "api_key: S3crtPw" "Basic S3crtPw=="
        "curl -u me:S3crtPw" "AUTHORIZATION: S3crtPw" "the answer set a Cookie: sid=S3crtPw"
        "it was called with --password S3crtPw" "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJTM2NydFB3In0.S3crtPw-signature"
        "DB_PASS=S3crtPw" "it was called with --pass S3crtPw" '{"auth":"S3crtPw"}' "db.example:5432:windfall:wf:S3crtPw"
        "123456789:AAS3crtPw0123456789012345678901234" "to=https%3A%2F%2Fhooks.slack.com%2Fservices%2FS3crtPw"
        "the key -----BEGIN EC PRIVATE KEY-----S3crtPw-----END EC PRIVATE KEY-----" "ghp_S3crtPw0123456789012345678"
        "glpat-S3crtPw0123456789" "xoxb-0123456789-S3crtPw" "AKIA0123456789ABCDEFS3crtPw" "AIzaS3crtPw0123456789012345678901234"
        "sk_live_S3crtPw0123456789" "whsec_S3crtPw0123456789" "sk-S3crtPw01234567890123456789012345" "hf_S3crtPw012345678901234567890123"
        "npm_S3crtPw0123456789012345678901234" "hvs.S3crtPw0123456789012" "tskey-S3crtPw012345" "tk_S3crtPw0123456789012345"
        "npg_S3crtPw012345" "sbp_S3crtPw0123456789012" "shpat_S3crtPw0123456789012" 'SCRAM-SHA-256$4096:S3crtPw0123456789$a:b'
    )
    # shellcheck disable=SC2016
    job_is <<<'step probing
say warning "$FORM" fact="$FORM"
fail 75 "$FORM"'
    hook_is "{ echo \"\$*\"; cat; } >>'$BATS_TEST_TMPDIR/alerts'"
    for form in "${forms[@]}"; do
        echo "$form"
        FORM=$form run "$job"
        [ "$status" -eq 75 ]
        [[ "$output" == *'***'* ]]
        [[ "$output" != *S3crtPw* ]]
        grep -q 'level=warning .*\*\*\*.* fact=.*\*\*\*' "$logs/nightly_latest.log"
        run with-settings --redact <<<"$form"
        [ "$status" -eq 0 ]
        [[ "$output" == *'***'* ]]
        [[ "$output" != *S3crtPw* ]]
    done
    [ "$(grep -c 'verdict=failed' "$BATS_TEST_TMPDIR/alerts")" -eq "${#forms[@]}" ]
    ! grep -r S3crtPw "$WINDFALL_STATE" "$BATS_TEST_TMPDIR/alerts" || false
    # What is configured is known by its value, also where no word says what it is.
    for url in 'postgresql://wf:S3crt%20Pw@127.0.0.1:1/d' 'host=127.0.0.1 port=1 password=S3crtPw user=me' \
        'postgresql://wf@127.0.0.1:1/d?password=S3crtPw&sslmode=prefer' 'postgresql://wf:S3crtPw@127.0.0.1:1/d' 'postgresql://wf:S3crtPw%2e%2F@127.0.0.1:1/d'; do
        echo "$url"
        for form in "it was S3crtPw./ and S3crt Pw, was it" "it was S3crtPw%2e%2F, or S3crt%20Pw"; do
            DATABASE_URL=$url FORM=$form run "$job"
            echo "$output"
            [ "$status" -eq 75 ]
            [[ "$url" != *%20* ]] || [[ "$output" != *"S3crt Pw"* && "$output" != *S3crt%20Pw* ]]
            [[ "$url" == *%20* ]] || [[ "$output$(cat "$logs/nightly_latest.log")" != *S3crtPw* ]]
        done
    done
    PGHOST=127.0.0.1 PGPASSWORD=S3crtPw FORM='it was S3crtPw, was it' run "$job"
    [[ "$output" == *'it was ***, was it'* ]]
    [ "$(PING_URL=https://own.example/topic with-settings --redact <<<'curl: (6) own.example/topic')" = 'curl: (6) ***' ]
    [ "$(DATABASE_URL='postgresql://wf:so%20so@h/d' with-settings --redact <<<'not "so so" nor so%20so')" = 'not "***" nor ***' ]
    # What only sounds like one stays.
    [ "$(with-settings --redact <<<'the key of the table, and a token of it')" = 'the key of the table, and a token of it' ]
}

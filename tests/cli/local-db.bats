# The private PostgreSQL through what happens to servers: crashes, stale files, long paths.
load helper
load early

setup_file() {
    export WINDFALL_STATE=$BATS_FILE_TMPDIR/state
    mkdir "$WINDFALL_STATE"
    local-db start
}

teardown_file() {
    local-db destroy --yes
}

setup() {
    unset DATABASE_URL
    export WINDFALL_STATE=$BATS_FILE_TMPDIR/state
}

teardown() {
    [ "$WINDFALL_STATE" != "$BATS_FILE_TMPDIR/state" ] || return 0
    if [ -x "$BATS_TEST_TMPDIR/tree/scripts/local-db" ]; then
        "$BATS_TEST_TMPDIR/tree/scripts/local-db" destroy --yes
    else
        local-db destroy --yes
    fi
}

# local-db, at a place that anybody may enter.
open_tree() {
    mkdir -p "$BATS_TEST_TMPDIR/tree/scripts"
    cp -R "$root/scripts/local-db" "$root/scripts/lib" "$BATS_TEST_TMPDIR/tree/scripts/"
    chmod 755 "$BATS_TEST_TMPDIR"
}

# Run it as somebody who owns nothing.
as_nobody() {
    open_tree
    cd / && setpriv --reuid=65534 --regid=65534 --clear-groups "$BATS_TEST_TMPDIR/tree/scripts/local-db" "$@"
}

postmaster() { head -n 1 "$WINDFALL_STATE/var/pg/postmaster.pid"; }

answers() { [ "$(local-db psql -XAtc 'select 6 * 7')" = 42 ]; }

@test "a start when it is up changes nothing and says nothing" {
    before=$(postmaster)
    run --separate-stderr local-db start
    [ "$status" -eq 0 ]
    [ "$output$stderr" = "" ]
    [ "$(postmaster)" = "$before" ]
    # Nor does a restart stop one that its disk has no room to start again.
    mkdir "$BATS_TEST_TMPDIR/full"
    printf '#!/bin/sh\necho of\necho none 9 9 2048 9%% /\n' >"$BATS_TEST_TMPDIR/full/df"
    chmod +x "$BATS_TEST_TMPDIR/full/df"
    PATH=$BATS_TEST_TMPDIR/full:$PATH run --separate-stderr local-db restart
    [ "$status" -eq 74 ]
    [[ "$stderr" == "local-db: error: only 2 MB are free on the disk of $WINDFALL_STATE/var, and 64 MB are needed: make room first" ]]
    [ "$(postmaster)" = "$before" ]
}

# Each job begins with it.
@test "a start when it is up starts two programs, and without the server's own note looks as it did" {
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 WINDFALL_SETTINGS=read WINDFALL_ROOT=$root PGHOST=nowhere PGPORT=$'1\nexport PGUSER=2' \
        strace -f -qq -e trace=execve -e signal=none -o "$BATS_TEST_TMPDIR/calls" "$root/scripts/local-db" start
    sed -n 's/.*execve("\([^"]*\)".* = 0$/\1/p' "$BATS_TEST_TMPDIR/calls" | sed 's,.*/,,' >"$BATS_TEST_TMPDIR/programs"
    cat "$BATS_TEST_TMPDIR/programs"
    [ "$(cat "$BATS_TEST_TMPDIR/programs")" = $'local-db\nid\nstat' ]
    # Which program it was started by is noted there; without that the server itself is looked at.
    before=$(postmaster)
    mv "$WINDFALL_STATE/var/pg/postmaster.opts" "$BATS_TEST_TMPDIR/opts"
    run local-db start
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    mv "$BATS_TEST_TMPDIR/opts" "$WINDFALL_STATE/var/pg/postmaster.opts"
    [ "$(postmaster)" = "$before" ]
}

@test "var/socket names a directory that only the owner enters, and no TCP port is open" {
    read -r socket <"$WINDFALL_STATE/var/socket"
    [ -S "$socket/.s.PGSQL.5432" ]
    [ "$(stat -c %a "$socket")" = 700 ]
    [ "$(local-db psql -XAtc 'show listen_addresses')" = "" ]
    run ss -Hltnp
    [[ "$output" != *"pid=$(postmaster),"* ]]
}

@test "the data have checksums, UTF-8 and no locale's order" {
    run local-db psql -XAtc 'show data_checksums' -c 'show server_encoding' -c 'show lc_collate'
    [ "$output" = $'on\nUTF8\nC' ]
}

@test "the server never runs as root" {
    [ "$(stat -c %u "/proc/$(postmaster)")" -ne 0 ]
}

@test "the caller's PG variables, locale and clock do not reach it" {
    local-db stop
    PGHOST=nowhere PGPORT=1 PGDATABASE=none PGUSER=nobody LC_ALL=de_DE.UTF-8 TZ=America/New_York \
        faketime '2020-02-02' "$root/scripts/local-db" start
    # The server has the machine's clock, whatever that says, and not the caller's.
    run local-db psql -XAtc "select abs(extract(epoch from now()) - $(date +%s)) < 3600, current_user, current_database()" -c 'show timezone'
    [ "$output" = $'t|windfall|windfall\nUTC' ]
}

@test "it is up again after kill -9 of the postmaster, with what was committed" {
    local-db psql -Xqc 'create table kept as select 1 as n'
    # A session that never looks up does not see the postmaster go, and nothing can be started beside it.
    local-db psql -XqAt -c 'select pg_backend_pid()' -c 'do $$ begin loop end loop; end $$' >"$BATS_TEST_TMPDIR/busy" 2>&1 3>&- &
    for _ in {1..100}; do
        [ ! -s "$BATS_TEST_TMPDIR/busy" ] || [ "$(local-db psql -XAtc "select count(*) from pg_stat_activity where query like 'do %'")" != 1 ] || break
        sleep 0.05
    done
    busy=$(head -n 1 "$BATS_TEST_TMPDIR/busy")
    kill -9 "$(postmaster)"
    run local-db status
    [[ "$output" == "server   process $busy, which a killed server left, still works on these data"$'\n'* ]]
    kill "$busy"
    wait "$!" || true
    run local-db start
    [ "$status" -eq 0 ]
    [ "$(local-db psql -XAtc 'select n from kept')" = 1 ]
    local-db psql -Xqc 'drop table kept'
}

@test "kill -9 of the postmaster and all its children at once is survived too" {
    pids=$(pgrep -P "$(postmaster)")
    # shellcheck disable=SC2086 # a list
    kill -9 "$(postmaster)" $pids
    local-db start
    answers
}

@test "a pid file whose process is gone does not keep it down" {
    local-db stop
    printf '4194304\n%s\n1\n5432\n\n\n\nready\n' "$WINDFALL_STATE/var/pg" >"$BATS_TEST_TMPDIR/pid"
    cat "$BATS_TEST_TMPDIR/pid" >"$WINDFALL_STATE/var/pg/postmaster.pid"
    run local-db status
    [ "$status" -eq 3 ]
    local-db start
    answers
}

@test "a pid file that names another living process does not keep it down" {
    # What a reboot leaves when the number was given to somebody else, of the same account.
    kill -9 "$(postmaster)"
    sleep 0.3
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=postgres --regid=postgres --init-groups sleep 60 3>&- &
    else
        sleep 60 3>&- &
    fi
    other=$!
    for file in "$WINDFALL_STATE/var/pg/postmaster.pid" "$(cat "$WINDFALL_STATE/var/socket")/.s.PGSQL.5432.lock"; do
        sed "1s/.*/$other/" "$file" >"$BATS_TEST_TMPDIR/pid"
        cat "$BATS_TEST_TMPDIR/pid" >"$file"
    done
    run local-db status
    [ "$status" -eq 3 ]
    local-db start
    kill -0 "$other"
    kill "$other"
    answers
}

@test "its socket directory deleted under it, a start brings it back" {
    read -r socket <"$WINDFALL_STATE/var/socket"
    rm -rf "$socket"
    local-db start
    answers
}

@test "two starts at once end with one server, and both succeed" {
    local-db stop
    for i in 1 2 3; do
        (status=0; local-db start >"$BATS_TEST_TMPDIR/out$i" 2>&1 || status=$?; echo $status >"$BATS_TEST_TMPDIR/status$i") 3>&- &
    done
    wait
    [ "$(cat "$BATS_TEST_TMPDIR"/status?)" = $'0\n0\n0' ]
    [ "$(cat "$BATS_TEST_TMPDIR"/out?)" = "" ]
    answers
}

@test "a start holds no descriptor of its caller: a job's lock does not outlive the job" {
    local-db stop
    exec 9>"$BATS_TEST_TMPDIR/lock"
    flock -n 9
    local-db start
    exec 9>&-
    flock -n "$BATS_TEST_TMPDIR/lock" true
}

# There neither the process nor the memory of this one is seen, by which PostgreSQL itself would know: two would write the same files.
@test "a second container starts no server on data that a first one serves" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to be another container"
    local first note=$WINDFALL_STATE/var/pg/postmaster.pid
    first=$(postmaster)
    mkdir "$BATS_TEST_TMPDIR/hasty"
    ln -s /bin/true "$BATS_TEST_TMPDIR/hasty/sleep"
    printf '#!/bin/sh\nshift 2\nexec /usr/bin/flock -n "$@"\n' >"$BATS_TEST_TMPDIR/hasty/flock"
    chmod +x "$BATS_TEST_TMPDIR/hasty/flock"
    PATH=$BATS_TEST_TMPDIR/hasty:$PATH run unshare --pid --ipc --fork --mount-proc sh -c 'for verb in status start stop "destroy --yes"; do "$0/scripts/local-db" $verb; echo "$verb=$?"; done' "$root"
    echo "$output"
    [[ "$output" == *"server   another container or machine serves these data, unseen from here"*status=3* ]]
    [[ "$output" == *"does not start within 15 seconds: another container or machine serves these data"*start=75* ]]
    [[ "$output" == *"unseen from here: stop it there"*stop=75* ]]
    [[ "$output" == *"nothing was deleted"*"destroy --yes=75"* ]]
    [ "$(head -n 1 "$note")" = "$first" ]
    answers
}

@test "who waits for another local-db in vain is told which one holds the lock" {
    local-db stop
    # The other is at work in its first step after the lock, which here takes as long as it is asked.
    mkfifo "$BATS_TEST_TMPDIR/go"
    mkdir "$BATS_TEST_TMPDIR/slow" "$BATS_TEST_TMPDIR/hasty"
    printf '#!/bin/sh\necho asked >"%s"\nread -r _ <"%s"\nexec /bin/df "$@"\n' "$BATS_TEST_TMPDIR"/{asked,go} >"$BATS_TEST_TMPDIR/slow/df"
    printf '#!/bin/sh\nshift 2\nexec /usr/bin/flock -n "$@"\n' >"$BATS_TEST_TMPDIR/hasty/flock"
    chmod +x "$BATS_TEST_TMPDIR"/slow/df "$BATS_TEST_TMPDIR"/hasty/flock
    PATH=$BATS_TEST_TMPDIR/slow:$PATH local-db start 3>&- &
    local other=$!
    wait_until [ -s "$BATS_TEST_TMPDIR/asked" ]
    PATH=$BATS_TEST_TMPDIR/hasty:$PATH run --separate-stderr local-db start
    echo >"$BATS_TEST_TMPDIR/go"
    wait "$other"
    echo "$status $stderr"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"another local-db has held $WINDFALL_STATE/var for two minutes: process $other (start)" ]]
}

@test "stop when it is down, and status, say how it is" {
    local-db stop
    run --separate-stderr local-db stop
    [ "$status" -eq 0 ]
    [ "$output$stderr" = "" ]
    run local-db status
    [ "$status" -eq 3 ]
    [[ "$output" == *stopped* ]]
    local-db start
    run local-db status
    [ "$status" -eq 0 ]
    [[ "$output" == *"running, process $(postmaster)"* ]]
}

@test "destroy asks, and without a terminal refuses" {
    run local-db destroy </dev/null
    [ "$status" -eq 64 ]
    answers
}

@test "a word it does not know is a usage error" {
    run local-db begin
    [ "$status" -eq 64 ]
    run local-db start now
    [ "$status" -eq 64 ]
}

@test "a clone too deep for a socket's 107 bytes, with spaces in its name, works as well; a socket directory of somebody else's is refused" {
    WINDFALL_STATE="$BATS_TEST_TMPDIR/a clone/$(printf 'deep%.0s' {1..30})/below"
    mkdir -p "$WINDFALL_STATE"
    local-db start
    answers
    read -r socket <"$WINDFALL_STATE/var/socket"
    [ ${#socket} -lt 90 ]
    [ "$(stat -c %a "$socket")" = 700 ]
    # /tmp may be emptied while it is down, and somebody else may make the folder first.
    local-db stop
    rm -rf "$socket"
    if [ "$(id -u)" -eq 0 ]; then
        mkdir "$socket"
        chown 65534 "$socket"
        run local-db start
        [ "$status" -eq 77 ]
        [[ "$output" == *"belongs to somebody else"* ]]
        rmdir "$socket"
    fi
    local-db start
    answers
    local-db destroy --yes
    [ ! -e "$socket" ]
    [ ! -e "$WINDFALL_STATE/var/pg" ]
}

@test "a path that pg_ctl would hand to a shell is refused before anything is made" {
    for name in 'a"b' 'a$(id)b' 'a`id`b' 'a\b'; do
        mkdir "$BATS_TEST_TMPDIR/$name"
        status=0
        output=$(WINDFALL_STATE="$BATS_TEST_TMPDIR/$name" local-db start 2>&1) || status=$?
        [ "$status" -eq 78 ]
        [[ "$output" == *"cannot manage a path"* ]]
        [ "$(ls "$BATS_TEST_TMPDIR/$name/var")" = "" ]
    done
}

@test "an ordinary user runs it as that user" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to become somebody else; the other tests are this one then"
    WINDFALL_STATE=$BATS_TEST_TMPDIR/nobody
    mkdir "$WINDFALL_STATE"
    chown 65534:65534 "$WINDFALL_STATE"
    run as_nobody psql -XAtc 'select current_user'
    [ "$output" = windfall ]
    [ "$(stat -c %u "/proc/$(postmaster)")" -eq 65534 ]
    # Of another group, as after newgrp, that user sees less of the process; and sees no folder of root's.
    mkdir -m 700 "$BATS_TEST_TMPDIR/closed"
    cd "$BATS_TEST_TMPDIR/closed" || return
    run setpriv --reuid=65534 --regid=1 --clear-groups "$BATS_TEST_TMPDIR/tree/scripts/local-db" status
    [[ "$output" == "server   running, process $(postmaster)"$'\n'* ]]
    [[ "$output" != *"could not change directory"* ]]
    # Root in that user's tree: the same server, and no file of root's left behind.
    cd /
    chgrp 0 "$WINDFALL_STATE"
    run "$BATS_TEST_TMPDIR/tree/scripts/local-db" psql -XAtc 'select 6 * 7'
    [ "$output" = 42 ]
    run find "$WINDFALL_STATE" -mindepth 1 \( -user root -o -group root \)
    [ "$output" = "" ]
}

@test "data that were given to another user are that user's" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to become somebody else"
    WINDFALL_STATE=$BATS_TEST_TMPDIR/given
    mkdir "$WINDFALL_STATE"
    chown 65534:65534 "$WINDFALL_STATE"
    as_nobody psql -XAtqc 'create table kept (n integer)'
    chown -R 1:1 "$WINDFALL_STATE"
    as_daemon() { setpriv --reuid=1 --regid=1 --clear-groups "$BATS_TEST_TMPDIR/tree/scripts/local-db" "$@"; }
    # Not under the running server, of which the new owner sees only that it is there: two would write the same files.
    run as_daemon start
    [ "$status" -eq 75 ]
    [[ "$output" == *"another user's server (process $(head -n 1 "$WINDFALL_STATE/var/pg/postmaster.pid")) still runs on these data"* ]]
    run as_daemon stop
    [ "$status" -eq 75 ]
    chown -R 65534:65534 "$WINDFALL_STATE"
    as_nobody stop
    chown -R 1:1 "$WINDFALL_STATE"
    run as_daemon psql -XAtc "select current_user, count(*) from kept"
    [ "$output" = "windfall|0" ]
    [ "$(as_daemon psql -XAtU postgres -c 'select current_user')" = postgres ]
    # Again nothing is added, and root is let in as before.
    as_daemon restart
    [ "$(grep -c '"daemon"' "$WINDFALL_STATE/var/pg/pg_ident.conf")" -eq 2 ]
    run "$BATS_TEST_TMPDIR/tree/scripts/local-db" psql -XAtc 'select current_user'
    [ "$output" = windfall ]
}

@test "root begins in an empty folder of somebody's: all of it is that user's" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to become somebody else"
    WINDFALL_STATE=$BATS_TEST_TMPDIR/nobody
    mkdir "$WINDFALL_STATE"
    chown 65534:65534 "$WINDFALL_STATE"
    open_tree
    cd /
    run "$BATS_TEST_TMPDIR/tree/scripts/local-db" psql -XAtc 'select 6 * 7'
    [ "$output" = 42 ]
    run find "$WINDFALL_STATE" -user root
    [ "$output" = "" ]
}

@test "another user's database is refused in words" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to become somebody else"
    run as_nobody psql -c 'select 1'
    [ "$status" -eq 77 ]
    [[ "$output" == *"belongs to"* ]]
}

@test "root's tree where no other account can enter: the data go to /var/lib/windfall-private" {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    WINDFALL_STATE=$BATS_TEST_TMPDIR/closed/tree
    mkdir -p "$WINDFALL_STATE"
    chmod 700 "$BATS_TEST_TMPDIR/closed"
    run local-db start
    [ "$status" -eq 0 ]
    [[ "$output" == *"lives in /var/lib/windfall-private/"* ]]
    run local-db start
    [ "$output" = "" ]
    answers
    home=$(dirname "$(readlink "$WINDFALL_STATE/var/pg")")
    local-db destroy --yes
    [ ! -e "$home" ]
}

@test "a disk with too little room is named before anything is made" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a small disk"
    small=$BATS_TEST_TMPDIR/small
    mkdir "$small"
    mount -t tmpfs -o size=100m none "$small" || skip "cannot mount here"
    chmod 755 "$small"
    status=0
    output=$(WINDFALL_STATE=$small local-db start 2>&1) || status=$?
    left=$(ls "$small/var")
    umount "$small"
    [ "$status" -eq 74 ]
    [[ "$output" == *"MB are free"* ]]
    [ "$left" = local-db.lock ]
}

@test "a killed creation leaves nothing that a later one trips over" {
    WINDFALL_STATE=$BATS_TEST_TMPDIR/killed
    mkdir "$WINDFALL_STATE"
    after_kill() { :; }
    # Long before it is up, whatever the machine.
    MIDWAY=300000 kill_midway 1 local-db start
    local-db start
    answers
}

# A copy of the server's programs, laid out so that they find their libraries and their share.
copy_programs() {
    local version
    version=$(pg_config --version 2>/dev/null | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
    [ -x "/usr/lib/postgresql/$version/bin/postgres" ] || version=$(basename "$(dirname "$(dirname "$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | tail -n 1)")")")
    prefix=$BATS_TEST_TMPDIR/prefix/usr
    mkdir -p "$prefix/lib/postgresql/$version/bin" "$prefix/share"
    chmod -R 755 "$BATS_TEST_TMPDIR"
    cp "/usr/lib/postgresql/$version/bin/"* "$prefix/lib/postgresql/$version/bin/"
    ln -s "/usr/lib/postgresql/$version/lib" "$prefix/lib/postgresql/$version/lib"
    ln -s "/usr/share/postgresql" "$prefix/share/postgresql"
    export WINDFALL_PG_BIN=$prefix/lib/postgresql/$version/bin
}

# As a package manager does: the new program takes the name, the old one runs on.
update_programs() {
    cp "$WINDFALL_PG_BIN/postgres" "$WINDFALL_PG_BIN/postgres.new"
    mv "$WINDFALL_PG_BIN/postgres.new" "$WINDFALL_PG_BIN/postgres"
}

@test "programs updated under the running server: it is started anew when nobody works, and says so" {
    WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    mkdir "$WINDFALL_STATE"
    copy_programs
    local-db start
    [[ "$(readlink "/proc/$(postmaster)/exe")" == "$BATS_TEST_TMPDIR/prefix/"* ]]
    local-db psql -XAtqc 'create table kept as select 42 as n'
    before=$(postmaster)
    run local-db start
    [ "$output" = "" ]
    # Somebody is at work: it is told, and left.
    local-db psql -XAtqc 'select pg_sleep(30)' >/dev/null 2>&1 &
    for _ in $(seq 100); do
        [ "$(local-db psql -XAtqc "select count(*) from pg_stat_activity where query = 'select pg_sleep(30)'")" != 1 ] || break
        sleep 0.1
    done
    update_programs
    run local-db status
    [[ "$output" == *"of an earlier version: local-db restart"* ]]
    run local-db start
    [ "$status" -eq 0 ]
    [[ "$output" == *"updated under the running server, and others are connected (1): run local-db restart"* ]]
    [ "$(postmaster)" = "$before" ]
    local-db psql -XAtqc "select pg_terminate_backend(pid) from pg_stat_activity where query = 'select pg_sleep(30)'" >/dev/null 2>&1
    wait
    run local-db start
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *"restarting it"* ]]
    [ "$(postmaster)" != "$before" ]
    [ "$(local-db psql -XAtqc 'select n from kept')" = 42 ]
    run local-db start
    [ "$output" = "" ]
    before=$(postmaster)
    local-db restart
    [ "$(postmaster)" != "$before" ]
}

@test "the tools' role is no superuser, and makes databases for copies" {
    answers
    run local-db psql -XAtc "select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user"
    [ "$output" = "f|t|f" ]
    [ "$(local-db psql -U postgres -XAtc 'select rolsuper from pg_roles where rolname = current_user')" = t ]
}

@test "upgrade carries everything over to the newest server, and leaves the old data beside it" {
    early_data
    # Not while somebody works.
    local-db psql -XAtqc 'select pg_sleep(30)' >/dev/null 2>&1 3>&- &
    for _ in $(seq 100); do
        [ "$(local-db psql -XAtqc "select count(*) from pg_stat_activity where query = 'select pg_sleep(30)'")" != 1 ] || break
        sleep 0.1
    done
    run local-db upgrade
    [ "$status" -eq 75 ]
    [[ "$output" == *"others are connected to the database (1)"* ]]
    local-db psql -XAtqc "select pg_terminate_backend(pid) from pg_stat_activity where query = 'select pg_sleep(30)'" >/dev/null 2>&1
    wait
    # What cannot be carried over is said in a line of its own, with the server's reason, and none of the programs'.
    local-db psql -XAtq -c "create function sound() returns boolean immutable language sql as 'select true'" \
        -c 'create table odd (n integer check (sound()))' -c 'insert into odd values (1)' \
        -c "create or replace function sound() returns boolean immutable language sql as 'select false'"
    run local-db upgrade
    echo "$output"
    [ "$status" -eq 74 ]
    [[ "${lines[-1]}" == 'local-db: error: the data cannot be carried over to PostgreSQL '*' (new row for relation "odd" violates check constraint'*'they stay as they are'* ]]
    [ "$(grep -vc '^local-db: ' <<<"$output")" -eq 0 ]
    [ "$(kept)" = "333833500|t" ]
    local-db psql -XAtq -c 'drop table odd' -c 'drop function sound'
    began=$(date +%s%N)
    run local-db upgrade
    echo $((($(date +%s%N) - began) / 1000)) >"$BATS_FILE_TMPDIR/it-takes"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *"carrying over the database other"*"carrying over the database windfall"*"stay in $early/pg.before"* ]]
    [ "$(kept)" = "333833500|t" ]
    [ "$(local-db psql -XAtc "select rolsuper from pg_roles where rolname = 'windfall'")" = f ]
    [ "$(local-db psql -XAtc "select count(*) from pg_database where datname = 'other'")" = 1 ]
    [ -d "$early/pg.before" ]
    [ ! -e "$early/pg.next" ]
    [ -z "$(find "$early" -maxdepth 1 -name 'upgrade.*')" ]
    # What a killed one left in /tmp goes with the next.
    left=$(mktemp -d /tmp/windfall-upgrade.XXXXXX)
    echo "$left" >"$early/upgrade.sockets"
    run local-db upgrade
    [ ! -e "$left" ]
    [ "$status" -eq 0 ]
    [[ "$output" == *"nothing to do"* ]]
    local-db destroy --yes
    [ ! -e "$early/pg.before" ]
    run local-db upgrade
    [ "$status" -eq 78 ]
}

@test "an upgrade killed at any moment loses nothing, and is done again" {
    # As long as the upgrade of the test before took, unless this one is run alone.
    MIDWAY=$(cat "$BATS_FILE_TMPDIR/it-takes" 2>/dev/null || :) upgrade_killed 1
}

@test "data whose programs are gone are said with the way forward" {
    WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    mkdir -p "$WINDFALL_STATE/var/pg"
    echo 14 >"$WINDFALL_STATE/var/pg/PG_VERSION"
    run local-db start
    echo "$output"
    [ "$status" -eq 78 ]
    [[ "$output" == *"made by PostgreSQL 14, which is not installed: install postgresql-14 again and run local-db upgrade"* ]]
    rm -rf "$WINDFALL_STATE"
}

@test "what such a server cannot load is a matter for later, with the command that cures it" {
    answers
    local-db psql -XAtqc "create function broken() returns int language plpgsql as 'begin raise exception using errcode = ''XX000'', message = ''could not load library \"/usr/lib/postgresql/15/lib/plpgsql.so\": undefined symbol: x''; end'"
    echo 'ERROR:  XX000: could not load library "/usr/lib/postgresql/15/lib/plpgsql.so": undefined symbol: x' >"$BATS_TEST_TMPDIR/said"
    run with-db --explain "$BATS_TEST_TMPDIR/said"
    [ "$status" -eq 75 ]
    [[ "$output" == *"could not load library"*"scripts/local-db restart"* ]]
    scripts=$root/scripts
    WINDFALL_STATE=$WINDFALL_STATE "$scripts/migrate"
    local-db psql -XAtqc "alter table network_difficulty rename to difficulty_before" -c "create view network_difficulty as select * from difficulty_before where broken() = 1"
    run find-missing
    echo "$output"
    [ "$status" -eq 75 ]
    [[ "$output" == *"could not load library"*"scripts/local-db restart"* ]]
    local-db psql -XAtqc "drop view network_difficulty" -c "alter table difficulty_before rename to network_difficulty"
}

@test "a server of somebody else's behind the socket's name is not spoken to" {
    answers
    read -r socket <"$WINDFALL_STATE/var/socket"
    WINDFALL_STATE=$BATS_TEST_TMPDIR/other
    mkdir -p "$WINDFALL_STATE/var/pg"
    echo "$socket" >"$WINDFALL_STATE/var/socket"
    chown 65534 "$WINDFALL_STATE/var/pg" 2>/dev/null || skip "only root can give a folder away"
    run find-missing
    echo "$output"
    [ "$status" -ne 0 ]
    [[ "$output" == *"requirepeer specifies"*"nobody"*"but actual peer user name is"* ]]
    rm -rf "$WINDFALL_STATE"
    WINDFALL_STATE=$BATS_FILE_TMPDIR/state
}

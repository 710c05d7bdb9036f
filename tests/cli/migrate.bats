# Migrations: once each, whole or not at all, and never one that was edited.
load helper

# A tree of our own whose migrations can be edited, on an empty database.
setup() {
    fresh_db
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/sql/reference" "$tree/sql/query" "$tree/scripts"
    cp "$root/sql/session.sql" "$tree/sql/"
    cp "$root/sql/query/session.sql" "$tree/sql/query/"
    cp -R "$root/scripts/migrate" "$root/scripts/lib.sh" "$root/scripts/lib" "$tree/scripts/"
    echo 'create table a (n integer);' >"$tree/sql/001-first.sql"
    printf '\\copy a from '\''sql/reference/a.csv'\''\n' >"$tree/sql/002-second.sql"
    seq 3 >"$tree/sql/reference/a.csv"
}

empty_database() {
    bare_db
}

@test "every migration of the suite is applied, and a second run changes nothing" {
    before=$(dump_db --exact)
    run --separate-stderr "$root/scripts/migrate" -v
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"applied=0"* ]]
    [ "$(dump_db --exact)" = "$before" ]
    run --separate-stderr "$root/scripts/migrate"
    [ "$status" -eq 0 ]
    [ "$output$stderr" = "" ]
}

@test "they are applied in order, data files and all, and noted with their sum" {
    empty_database
    run --separate-stderr "$tree/scripts/migrate"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"applied=2 of=2"* ]]
    [ "$(sql 'select sum(n) from a')" = 6 ]
    [ "$(sql 'select version, name, checksum from schema_migrations order by 1' | head -n 1)" = \
      "1|first|$(sha256sum <"$tree/sql/001-first.sql" | cut -d' ' -f1)" ]
}

@test "a new one is added to those applied, from any folder" {
    empty_database
    "$tree/scripts/migrate"
    echo 'create table b ();' >"$tree/sql/003-third.sql"
    run --separate-stderr sh -c "cd / && '$tree/scripts/migrate'"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"applied=1 of=3"* ]]
}

@test "an edited one is refused and named, and nothing after it is applied" {
    empty_database
    "$tree/scripts/migrate"
    echo '-- a thought' >>"$tree/sql/001-first.sql"
    echo 'create table b ();' >"$tree/sql/003-third.sql"
    run "$tree/scripts/migrate"
    [ "$status" -eq 78 ]
    [[ "$output" == *"sql/001-first.sql was edited"* ]]
    [ "$(sql "select to_regclass('b') is null")" = t ]
}

@test "a vanished one is refused and named" {
    empty_database
    "$tree/scripts/migrate"
    rm "$tree/sql/002-second.sql"
    echo 'create table b ();' >"$tree/sql/003-third.sql"
    run "$tree/scripts/migrate"
    [ "$status" -eq 78 ]
    [[ "$output" == *"sql/002-second.sql was applied here but is not in this tree"* ]]
    [ "$(sql "select to_regclass('b') is null")" = t ]
    rm "$tree/sql/003-third.sql"
    run "$tree/scripts/migrate"
    [ "$status" -eq 78 ]
}

@test "one that fails half-way leaves nothing of itself, and those before it stay" {
    empty_database
    printf 'create table b ();\nselect 1 / 0;\n' >"$tree/sql/003-third.sql"
    run "$tree/scripts/migrate"
    [ "$status" -eq 78 ]
    [[ "$output" == *"sql/003-third.sql:2: division by zero"* ]]
    [ "$(sql "select to_regclass('b') is null, max(version) from schema_migrations")" = "t|2" ]
}

@test "one whose data file is missing is refused, and leaves nothing of itself" {
    empty_database
    rm "$tree/sql/reference/a.csv"
    run "$tree/scripts/migrate"
    [ "$status" -eq 78 ]
    [[ "$output" == *"002-second.sql"*"a.csv"* ]]
    [ "$(sql "select max(version) from schema_migrations")" = 1 ]
}

@test "one that would end its own transaction is refused before anything runs" {
    empty_database
    printf 'create table b ();\nCOMMIT;\n' >"$tree/sql/003-third.sql"
    run "$tree/scripts/migrate" --status
    [ "$status" -eq 78 ]
    run "$tree/scripts/migrate"
    [ "$status" -eq 78 ]
    [ "$(sql "select to_regclass('a') is null")" = t ]
}

@test "two with one number are refused" {
    echo >"$tree/sql/002-also.sql"
    run "$tree/scripts/migrate"
    [ "$status" -eq 78 ]
    [[ "$output" == *"number 002"* ]]
}

@test "three at once: each file is applied once, by whichever is first at it" {
    empty_database
    echo 'select pg_sleep(0.7);' >>"$tree/sql/001-first.sql"
    for i in 1 2 3; do
        (status=0; "$tree/scripts/migrate" -v >"$BATS_TEST_TMPDIR/out$i" 2>&1 || status=$?; echo $status >"$BATS_TEST_TMPDIR/status$i") 3>&- &
    done
    wait
    [ "$(cat "$BATS_TEST_TMPDIR"/status?)" = $'0\n0\n0' ]
    # The lock is of one file: the second may fall to one that waited for the first.
    [ "$(grep -h -o 'applied=.' "$BATS_TEST_TMPDIR"/out? | awk -F= '{ n += $2 } END { print NR, n }')" = "3 2" ]
    [ "$(sql 'select sum(n) from a')" = 6 ]
}

@test "killed in the middle, the next run finishes it" {
    empty_database
    echo 'select pg_sleep(30);' >>"$tree/sql/002-second.sql"
    "$tree/scripts/migrate" 3>&- &
    job=$!
    for _ in {1..50}; do
        [ "$(sql "select count(*) from pg_stat_activity where datname = current_database() and query ~ '^select pg_sleep'")" = 0 ] || break
        sleep 0.1
    done
    # The job first: whose child has died goes on to say so.
    mapfile -t children < <(pgrep -P "$job")
    kill -9 "$job" "${children[@]}"
    wait "$job" || true
    sed -i '$d' "$tree/sql/002-second.sql"
    run "$tree/scripts/migrate"
    [ "$status" -eq 0 ]
    [ "$(sql 'select sum(n) from a')" = 6 ]
}

@test "what psql leaves before its plan is done is no migration, whatever its status is" {
    empty_database
    psql=$(command -v psql)
    mkdir "$BATS_TEST_TMPDIR/bin"
    # It reads of the plan as much as there is: all, but that it is at its end, at the last.
    for left in killed 0 1 -1; do
        cat >"$BATS_TEST_TMPDIR/bin/psql" <<-END
		#!/bin/bash
		for last do :; done
		case $left\$last in killed*/plan.sql) kill -KILL \$\$ ;; esac
		case \$last in */plan.sql) head -n $left "\$last" >"\$last.cut"; set -- "\${@:1:\$#-1}" "\$last.cut" ;; esac
		exec "$psql" "\$@"
		END
        chmod 755 "$BATS_TEST_TMPDIR/bin/psql"
        PATH=$BATS_TEST_TMPDIR/bin:$PATH run --separate-stderr "$tree/scripts/migrate"
        echo "$left: $status $stderr"
        [ "$status" -eq 75 ]
        [[ "$stderr" == *"the migrations were interrupted: run this again"* && "$stderr" != *'msg="migrated"'* ]]
    done
    run --separate-stderr "$tree/scripts/migrate"
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from a")" = 3 ]
}

@test "--status tells applied from pending, edited and vanished" {
    empty_database
    run "$tree/scripts/migrate" --status --create
    [ "$status" -eq 64 ]
    run "$tree/scripts/migrate" --status
    [ "$status" -eq 1 ]
    [ "${lines[1]}" = $'1\tfirst\tpending\t' ]
    "$tree/scripts/migrate"
    run "$tree/scripts/migrate" --status
    [ "$status" -eq 0 ]
    mv "$tree/sql/001-first.sql" "$tree/sql/003-third.sql"
    echo '-- edited' >>"$tree/sql/002-second.sql"
    run "$tree/scripts/migrate" --status
    [ "$status" -eq 1 ]
    [ "$(cut -f 1-3 <<<"$output")" = $'version\tname\tstate\n1\tfirst\tvanished\n2\tsecond\tedited\n3\tthird\tpending' ]
}

# looks_in_vain WORDS [N] - each way of looking, in turn, ends with status 78 and these words; or N of them, others each time.
looks_in_vain() {
    local ways
    mapfile -t ways <"$BATS_TEST_TMPDIR/ways"
    [ $# -eq 1 ] || mapfile -t ways < <(some "$2" "${ways[@]}")
    for looking in "${ways[@]}"; do
        # shellcheck disable=SC2086 # words
        PATH=$root/scripts:$PATH run $looking
        echo "$looking: $status $output"
        [ "$status" -eq 78 ]
        [[ "$output" == *"$1"*"run scripts/migrate"* ]]
    done
}

@test "looking makes no tables and no database: it says that scripts/migrate does" {
    cat >"$BATS_TEST_TMPDIR/ways" <<-'END'
	reconcile status
	reconcile analyze
	reconcile report
	reconcile all --dry-run
	reconcile critical 2025-03-04 --dry-run
	reconcile spot-fix 2025-03-04 1 T_A-1 --dry-run
	report 2025-03-04
	partitions list
	exchange status
	exchange proposals
	exchange versions
	exchange audit
	fix-difficulty --dry-run 2025-03-01 2025-03-02 112149504190349
	END
    empty_database
    looks_in_vain "the database has no tables yet"
    [ "$(sql "select count(*) from pg_class where relnamespace = 'public'::regnamespace")" = 0 ]
    "$root/scripts/migrate"
    sql "delete from schema_migrations where version = 20; drop table archived_years cascade"
    looks_in_vain "the tables of the database are not those of this version" 4
    [ "$(sql "select to_regclass('archived_years') is null")" = t ]
    # One of a later version is not to be migrated by this one.
    sql "insert into schema_migrations (version, name, checksum) values (999, 'later', repeat('a', 64))"
    run "$root/scripts/reconcile" status
    [ "$status" -eq 78 ]
    [[ "$output" == *"this version does not know: use the version that migrated it, or a newer one"* ]]
    WINDFALL_BACKUP=off "$root/scripts/doctor" --offline >"$BATS_TEST_TMPDIR/doctor" || :
    grep -F 'schema	bad	the database has a migration that this version does not know	use the version that migrated it' "$BATS_TEST_TMPDIR/doctor"
    # Where no job has used a database yet.
    unset DATABASE_URL
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/new
    mkdir "$WINDFALL_STATE"
    looks_in_vain "there is no database" 4
    run "$root/scripts/migrate" --status
    [ "$status" -eq 78 ]
    [ ! -e "$WINDFALL_STATE/var/pg" ]
}

@test "tables in a schema that the role does not look into first are named, and no second set is made" {
    "$root/scripts/migrate"
    sql "create schema other"
    for path in other nowhere; do
        export PGOPTIONS="-c search_path=$path"
        for command in "$root/scripts/migrate" "$root/scripts/migrate --status" "$root/scripts/reconcile status" "calc-btc --store 2022-01-01"; do
            echo "$path: $command"
            # shellcheck disable=SC2086 # a command and its arguments
            run --separate-stderr $command
            [ "$status" -eq 78 ]
            [[ "$stderr" == *"the tables are in the schema public, "* ]]
        done
    done
    unset PGOPTIONS
    # Seen, but behind another: the next migration would be made in that one.
    sql "delete from schema_migrations where version = (select max(version) from schema_migrations)"
    PGOPTIONS="-c search_path=other,public" run --separate-stderr "$root/scripts/migrate"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"the tables are in the schema public, and the search_path of this role begins with other: "* ]]
    [ "$(sql "select count(*) from pg_class where relnamespace = 'other'::regnamespace")" = 0 ]
    # Another program's table of that name is none of these.
    empty_database
    sql "create table other.schema_migrations (version text)"
    "$tree/scripts/migrate"
    [ "$(sql 'select sum(n) from public.a')" = 6 ]
}

@test "a database whose encoding lacks letters of the names is refused before anything is made in it" {
    ask_server postgres postgres "create database ${TEST_DB}_latin owner windfall template template0 encoding 'LATIN1' locale 'C'"
    latin="postgresql:///${TEST_DB}_latin?host=$SUITE_SOCKET&user=windfall"
    DATABASE_URL=$latin run "$root/scripts/migrate"
    [ "$status" -eq 78 ]
    [[ "$output" == *"the database's encoding is LATIN1, "*"createdb --template template0 --encoding UTF8"* ]]
    [ "$(psql -XAtq -d "$latin" -c "select count(*) from pg_class where relnamespace = 'public'::regnamespace")" = 0 ]
    ask_server postgres postgres "drop database ${TEST_DB}_latin"
    # In SQL_ASCII every byte is what it was sent as.
    ask_server postgres postgres "create database ${TEST_DB}_ascii owner windfall template template0 encoding 'SQL_ASCII' locale 'C'"
    DATABASE_URL="postgresql:///${TEST_DB}_ascii?host=$SUITE_SOCKET&user=windfall" run "$tree/scripts/migrate"
    ask_server postgres postgres "drop database ${TEST_DB}_ascii"
    [ "$status" -eq 0 ]
}

@test "a database that is down is a matter for later" {
    DATABASE_URL="postgresql:///x?host=$BATS_TEST_TMPDIR" run "$tree/scripts/migrate"
    [ "$status" -eq 75 ]
    DATABASE_URL='' PGHOST=127.0.0.1 PGPORT=1 run "$tree/scripts/migrate"
    [ "$status" -eq 75 ]
}

@test "a database that is not there, or a role that is not, is not" {
    DATABASE_URL="postgresql:///nowhere?host=$SUITE_SOCKET&user=windfall" run "$tree/scripts/migrate"
    [ "$status" -eq 78 ]
    DATABASE_URL="postgresql:///postgres?host=$SUITE_SOCKET&user=somebody" run "$tree/scripts/migrate"
    [ "$status" -eq 77 ]
}

@test "a user without permission is told so" {
    empty_database
    admin_sql "create role reader; grant reader to windfall; grant usage on schema public to reader"
    PGOPTIONS='-c role=reader' run "$tree/scripts/migrate"
    admin_sql "drop owned by reader; drop role reader"
    [ "$status" -eq 77 ]
    [[ "$output" == *"permission denied for schema public: this role needs the right to make tables there (grant create on schema "* ]]
}

@test "a read-only database with everything applied is in order, with something pending it is not" {
    "$root/scripts/migrate"
    PGOPTIONS='-c default_transaction_read_only=on' run "$root/scripts/migrate"
    [ "$status" -eq 0 ]
    empty_database
    PGOPTIONS='-c default_transaction_read_only=on' run "$tree/scripts/migrate"
    [ "$status" -eq 77 ]
}

@test "a password in DATABASE_URL is no argument of any process" {
    mkdir "$BATS_TEST_TMPDIR/stubs"
    printf '#!/bin/sh\nprintf "%%s\\n" "$PGPASSWORD" "$PGHOST" "$PGUSER" "$@" >"%s"\n' "$BATS_TEST_TMPDIR/seen" >"$BATS_TEST_TMPDIR/stubs/psql"
    chmod +x "$BATS_TEST_TMPDIR/stubs/psql"
    for url in 'postgresql://me:s%40crET%2f@db.example/x?sslmode=require' \
               'postgres://me@db.example/x?password=s%40crET%2F&sslmode=require' \
               "host=db.example user=me password='s@crET/' dbname=x" \
               'user=me  password = s@crET/ host=db.example'; do
        DATABASE_URL=$url PATH=$BATS_TEST_TMPDIR/stubs:$PATH run "$tree/scripts/migrate"
        # A psql that did nothing has migrated nothing.
        [ "$status" -eq 75 ]
        [ "$(head -n 1 "$BATS_TEST_TMPDIR/seen")" = 's@crET/' ]
        [ "$(sed -n 2,3p "$BATS_TEST_TMPDIR/seen")" = $'db.example\nme' ]
        run tail -n +4 "$BATS_TEST_TMPDIR/seen"
        [[ "$output" == *-XAtq*lock_timeout=10min* ]]
        [[ "$output" != *crET* ]]
    done
}

@test "on a full disk migrate says so, ends with 74 and leaves nothing" {
    [ "$(id -u)" -eq 0 ] || skip "only root can mount a small disk"
    mkdir "$BATS_TEST_TMPDIR/small"
    mount -t tmpfs -o size=64k tmpfs "$BATS_TEST_TMPDIR/small" || skip "no small disk can be mounted here"
    head -c 40000 /dev/zero >"$BATS_TEST_TMPDIR/small/x"
    WINDFALL_STATE=$BATS_TEST_TMPDIR/small run --separate-stderr "$root/scripts/migrate"
    left=$(ls "$BATS_TEST_TMPDIR/small/var/tmp")
    umount "$BATS_TEST_TMPDIR/small"
    echo "$stderr"
    [ "$status" -eq 74 ]
    [[ "$stderr" == *"/var/tmp is full: make room first"* ]]
    [ "$left" = "" ]
    # Where it has room for no folder, or cannot be written, that is all that is said.
    mount -t tmpfs -o nr_inodes=4 tmpfs "$BATS_TEST_TMPDIR/small"
    WINDFALL_STATE=$BATS_TEST_TMPDIR/small run --separate-stderr "$root/scripts/migrate"
    full=$status/${#stderr_lines[@]}/$stderr
    mount -o remount,ro "$BATS_TEST_TMPDIR/small"
    WINDFALL_STATE=$BATS_TEST_TMPDIR/small run --separate-stderr "$root/scripts/migrate"
    umount "$BATS_TEST_TMPDIR/small"
    echo "$full $stderr"
    [[ "$full" == 74/1/*"cannot write in $BATS_TEST_TMPDIR/small/var/tmp: the disk is full: make room first"* ]]
    [ "$status/${#stderr_lines[@]}" = 73/1 ]
    [[ "$stderr" == *"cannot write in $BATS_TEST_TMPDIR/small/var/tmp: Read-only file system"* ]]
}

# pooled_start [SETTING [MODE]] - a pgbouncer that hands each transaction another session of this test's database, in $pooled
pooled_start() {
    command -v pgbouncer >/dev/null || skip "pgbouncer is not installed"
    local home who=()
    home=$(mktemp -d) && POOLER_HOME=$home
    echo '"windfall" ""' >"$home/users"
    cat >"$home/pgbouncer.ini" <<-END
	[databases]
	$TEST_DB = host=$SUITE_SOCKET user=windfall
	[pgbouncer]
	unix_socket_dir = $home
	unix_socket_mode = 0777
	listen_port = 6432
	auth_type = any
	auth_file = $home/users
	pool_mode = ${2:-transaction}
	default_pool_size = 4
	ignore_startup_parameters = extra_float_digits
	${1:-}
	END
    # It refuses to run as root: it runs as whoever owns the database's socket.
    if [ "$(id -u)" -eq 0 ]; then
        chown -R "$(stat -c %u:%g "$SUITE_SOCKET")" "$home"
        who=(setpriv "--reuid=$(stat -c %u "$SUITE_SOCKET")" "--regid=$(stat -c %g "$SUITE_SOCKET")" --clear-groups)
    fi
    "${who[@]}" pgbouncer -q "$home/pgbouncer.ini" 3>&- &
    POOLER_PID=$!
    for _ in {1..100}; do [ ! -S "$home/.s.PGSQL.6432" ] || break; sleep 0.05; done
    pooled="postgresql:///$TEST_DB?host=$home&port=6432&user=windfall"
}

teardown() {
    [ -z "${POOLER_PID:-}" ] || hit TERM "$POOLER_PID"
    [ -z "${POOLER_HOME:-}" ] || rm -rf "$POOLER_HOME"
    tear_down_all
}

advisory_locks() { sql "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"; }

@test "behind a pooler in transaction mode it leaves no lock behind, and the jobs go on" {
    pooled_start
    empty_database
    DATABASE_URL=$pooled run --separate-stderr "$tree/scripts/migrate" -v
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"applied=2 of=2"* ]]
    [ "$(advisory_locks)" = 0 ]
    empty_database
    DATABASE_URL=$pooled "$root/scripts/migrate"
    [ "$(advisory_locks)" = 0 ]
    DATABASE_URL=$pooled fetch-elexon -q --store --base-url "file://$root/tests/data/archive" 2022-01-01
    DATABASE_URL=$pooled run --separate-stderr "$root/scripts/reconcile" all --jobs 2
    [ "$status" -eq 0 ]
    [[ "$output" == verdict=* ]]
    [ "$(advisory_locks)" = 0 ]
    # The ledger's turn ends with its transaction too: the next one, in another session of the pool, does not wait for it.
    sql "insert into exchange_windows (product_id, window_from, window_to, source, fills_seen) values ('*', '-infinity', now(), 'api', 0)"
    for _ in 1 2 3; do
        DATABASE_URL=$pooled timeout 20 reconcile-fills -q check 2 --offline
        [ "$(sql "select count(*) from pg_locks where relation = 'exchange_turn'::regclass")" = 0 ]
    done
    [ "$(advisory_locks)" = 0 ]
}

@test "behind a pooler in transaction mode a lock is waited for as long as anywhere, whichever session a transaction gets" {
    pooled_start "server_round_robin = 1"
    empty_database
    DATABASE_URL=$pooled "$root/scripts/migrate"
    coproc HOLD { PGAPPNAME=other psql -XAtq -d "$DATABASE_URL" 3>&-; }
    echo "begin; lock table network_difficulty in share mode; select 'held';" >&"${HOLD[1]}"
    read -r -t 10 -u "${HOLD[0]}" _
    WINDFALL_LOCK_WAIT=300ms DATABASE_URL=$pooled run --separate-stderr timeout 20 fetch-difficulty --store --file - \
        <<<$'effective_from,difficulty\n2022-01-01,24272331996979.97'
    echo "$stderr"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"other (process "[0-9]*" of the server"* ]]
    echo '\q' >&"${HOLD[1]}"
    wait "$HOLD_PID" || true
}

@test "behind a pooler in transaction mode no transaction depends on what another session was told" {
    needs_plain "it has no trigger on what it spreads"
    # Each transaction gets a session that was told nothing, as it gets another one on a busy server.
    pooled_start "server_reset_query_always = 1"
    admin_sql "alter role windfall in database $TEST_DB set default_transaction_isolation = serializable"
    admin_sql "alter role windfall in database $TEST_DB set idle_in_transaction_session_timeout = '20s'"
    admin_sql "create function as_the_tools_need() returns trigger language plpgsql as \$\$ begin
        if current_setting('transaction_isolation') <> 'read committed' or current_setting('idle_in_transaction_session_timeout') <> '0'
        then raise exception '% %', current_setting('transaction_isolation'), current_setting('idle_in_transaction_session_timeout'); end if;
        return new; end \$\$"
    admin_sql "create trigger as_the_tools_need before insert on exchange_rates for each row execute function as_the_tools_need()"
    DATABASE_URL=$pooled run --separate-stderr fetch-rates -q --store --file "$root/tests/data/ecb/eurofxref-hist.xml"
    echo "$stderr"
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from exchange_rates")" -gt 0 ]
}

@test "a pooler that lends a session for one statement, and one that is given options, are 78 with what to do" {
    pooled_start "" statement
    DATABASE_URL=$pooled run --separate-stderr calc-btc --store 2022-01-01
    echo "$stderr"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"statement pooling mode"*"(pool_mode)"* && "$stderr" != *schema* ]]
    empty_database
    DATABASE_URL=$pooled run --separate-stderr "$tree/scripts/migrate"
    echo "$stderr"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"(pool_mode)"* ]]
    DATABASE_URL="$pooled&options=-c%20work_mem%3D8MB" run --separate-stderr calc-btc --store 2022-01-01
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"unsupported startup parameter: options"*"alter role"* ]]
    PGOPTIONS='-c work_mem=8MB' DATABASE_URL=$pooled run --separate-stderr "$root/scripts/migrate" --status
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"alter role"* ]]
}

@test "another that holds the lock too long is named as the reason: status 75, later again" {
    empty_database
    coproc HOLD { PGAPPNAME=other psql -XAtq -d "$DATABASE_URL" 3>&-; }
    echo "select 'held' from pg_advisory_lock(hashtextextended('windfall migrate', 0));" >&"${HOLD[1]}"
    read -r -t 10 -u "${HOLD[0]}" _
    WINDFALL_MIGRATE_WAIT=300ms run --separate-stderr "$tree/scripts/migrate"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"another migrate holds"*"300ms; locks are held by other (process "[0-9]*" of the server, since 20"*"): run this again"* ]]
    [ "$(sql "select to_regclass('a') is null")" = t ]
    echo '\q' >&"${HOLD[1]}"
    wait "$HOLD_PID" || true
    "$tree/scripts/migrate"
    [ "$(sql 'select sum(n) from a')" = 6 ]
}

# backup and restore: what is kept has been tried, and going back to yesterday is one command.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load month

setup() {
    fresh_month 2025-03-03
    no_network
    export WINDFALL_BACKUPS=$BATS_TEST_TMPDIR/backups
}

# shellcheck disable=SC2120 # the operands are some tests' own
backup() { "$root/scripts/backup" "$@"; }
# shellcheck disable=SC2120
restore() { "$root/scripts/restore" --yes "$@"; }

teardown() {
    local left
    for left in $(psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "select datname from pg_database where datname like '${TEST_DB}\\_before\\_%'"); do
        psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "drop database if exists \"$left\" with (force)"
    done
    tear_down_all
}

on_server() { psql -XAtq -v ON_ERROR_STOP=1 -h "$SUITE_SOCKET" -U windfall -d postgres -c "$1"; }

# What names of copies have of this machine and this test's state folder.
ours() { echo "$(uname -n | tr '[:upper:]' '[:lower:]' | tr -cd '[:lower:][:digit:]' | cut -c 1-20)_$(cksum <<<"$WINDFALL_STATE" | cut -d ' ' -f 1)"; }

# The copies that are there and this test's.
copies() { on_server "select datname from pg_database where datname ~ '^windfall_(verify|restore)_$(ours)_'"; }

# A cluster's database is restored under another name, where it is a plain one.
renamed() { needs_plain "its databases cannot change names"; }

@test "a backup is tried before it has a name; going back to it is one command, to the last row" {
    renamed
    before=$(dump_db --exact)
    run --separate-stderr backup
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [[ "$output" == *"verdict=ok job=backup"*" removed=0 kept=1"* ]]
    file=$("$root/scripts/backup" --list)
    [ -s "$file" ]
    (cd "${file%/*}" && sha256sum --check --strict --quiet "$file.sha256")
    [ "$(stat -c %a "$file")" = 600 ]
    sql "delete from curtailment_records where settlement_date >= '2025-03-02'; delete from bm_units"
    [ "$(dump_db --exact)" != "$before" ]
    run --separate-stderr restore
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [[ "$output" == *"verdict=mended job=restore"* ]]
    [ "$(dump_db --exact)" = "$before" ]
    # What was replaced is there still.
    [ "$(psql -XAtq -h "$SUITE_SOCKET" -U windfall -d postgres -c "select count(*) from pg_database where datname like '${TEST_DB}\\_before\\_%'")" = 1 ]
}

# For certain it is there: it begins with the audit of the copy, which waits for it, and goes slowly.
@test "a worker of autovacuum in the copy does not keep it from being dropped" {
    unset DATABASE_URL
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/private
    mkdir "$WINDFALL_STATE"
    local-db start
    read -r socket <"$WINDFALL_STATE/var/socket"
    psql -XAtq -h "$socket" -U postgres -d postgres -c "alter system set fsync = off" -c "alter system set autovacuum = off" \
        -c "alter system set autovacuum_naptime = '1s'" -c "alter system set autovacuum_vacuum_cost_delay = '100ms'" \
        -c "alter system set autovacuum_vacuum_cost_limit = 1" -c "select pg_reload_conf()" >"$BATS_TEST_TMPDIR/reloaded"
    migrate
    # No copy is begun for which its disk has no room.
    stub df 'printf "Filesystem 1024-blocks Used Available Capacity Mounted on\nnone 9 9 71680 9%% /\n"'
    run --separate-stderr backup
    rm "$BATS_TEST_TMPDIR/stubs/df"
    [ "$status" -eq 74 ]
    [[ "$stderr" =~ "the copy that is tried may take "[0-9]+" MB, and only 70 MB are free on the disk of $WINDFALL_STATE/var/pg: make room first" ]]
    cat >"$BATS_TEST_TMPDIR/until.sql" <<-'END'
	do $$ begin
		for turn in 1..1000 loop
			if exists (select from pg_stat_activity where datname = current_database() and backend_type = 'autovacuum worker') then
				return;
			end if;
			commit;
			perform pg_sleep(0.02);
		end loop;
		raise exception 'autovacuum did not come';
	end $$;
	END
    stub audit-calcs "psql -XAtq -U postgres -d postgres -c 'alter system set autovacuum = on' -c 'select pg_reload_conf()' >'$BATS_TEST_TMPDIR/begun'
        psql -XAtq -v ON_ERROR_STOP=1 -f '$BATS_TEST_TMPDIR/until.sql' && date +%s >>'$BATS_TEST_TMPDIR/came'"
    run --separate-stderr backup
    local-db destroy --yes
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [[ "$output" == *"verdict=ok job=backup"* ]]
    [ -s "$BATS_TEST_TMPDIR/came" ]
}

@test "N are kept, the oldest goes only after a verified newer one; a database that is inconsistent removes none" {
    export WINDFALL_BACKUPS="$BATS_TEST_TMPDIR/my backups"
    mkdir -m 700 "$WINDFALL_BACKUPS"
    echo precious >"$BATS_TEST_TMPDIR/my"
    # Made while the clock was wrong: in nobody's place.
    for year in 2077 2078 2079; do echo later >"$WINDFALL_BACKUPS/windfall_${year}0101_000000.dump"; done
    for day in 01 02 03; do echo old >"$WINDFALL_BACKUPS/windfall_202401${day}_000000.dump"; done
    for own in notes windfall_2023 windfall_2023-12-31 'windfall_20240103_000000 (copy)'; do echo mine >"$WINDFALL_BACKUPS/$own.dump"; done
    # Of two matched products one was traded since: nothing can be held against its version, but against the other's.
    printf '%s\n' product_id,trade_id,side,trade_time,size,value,fee ETH-USD,1,BUY,2024-01-02T00:00:00Z,1,10,0 \
        BTC-USD,2,BUY,2024-01-03T00:00:00Z,1,100,0 BTC-USD,3,SELL,2024-01-04T00:00:00Z,1,120,0 | import-trades -q --store -
    match-fifo make 1 --all -q >"$BATS_TEST_TMPDIR/matched"
    printf '%s\n' product_id,trade_id,side,trade_time,size,value,fee ETH-USD,4,BUY,2024-01-01T00:00:00Z,1,11,0 | import-trades -q --store -
    sql "update fifo_allocations set basis = basis + 1, gain = gain - 1 where product_id = 'BTC-USD' and gain is not null"
    run backup --keep 2
    [ "$status" -eq 1 ]
    [[ "$output" == *"verdict=findings job=backup"* ]]
    [ "$("$root/scripts/backup" --list | wc -l)" -eq 7 ]
    sql "update fifo_allocations set basis = basis - 1, gain = gain + 1 where product_id = 'BTC-USD' and gain is not null"
    # The first is of this very second: it keeps its name and its content.
    first=$("$root/scripts/backup" --list | sed -n 4p)
    cksum <"$first" >"$BATS_TEST_TMPDIR/first"
    stub date "[ \"\$*\" != '-u +%Y%m%d_%H%M%S' ] || ! mkdir '$BATS_TEST_TMPDIR/once' 2>/dev/null || { echo '${first:(-20):15}'; exit; }
        exec /bin/date \"\$@\""
    run backup --keep 2
    rm "$BATS_TEST_TMPDIR/stubs/date"
    [ -d "$BATS_TEST_TMPDIR/once" ]
    cksum <"$first" | cmp - "$BATS_TEST_TMPDIR/first"
    [ "$status" -eq 0 ]
    [[ "$output" == *" removed=3 kept=2"* ]]
    [ "$("$root/scripts/backup" --list | wc -l)" -eq 5 ]
    [ -s "$(sed -n 's/.* file="\([^"]*\)".*/\1/p' <<<"$output")" ]
    [ ! -e "$WINDFALL_BACKUPS/windfall_20240103_000000.dump" ]
    # What a person put there has another name, and stays.
    [ "$(cat "$WINDFALL_BACKUPS/"{notes,windfall_2023,windfall_2023-12-31,'windfall_20240103_000000 (copy)'}.dump)" = "$(printf 'mine\n%.0s' 1 2 3 4)" ]
    [ -e "$BATS_TEST_TMPDIR/my" ]
    grep -F 'with a time in the future' "$WINDFALL_STATE"/logs/backup_latest.log
    latest=$("$root/scripts/backup" --list | sed -n 4p)
    WINDFALL_BACKUP=on "$root/scripts/doctor" --offline >"$BATS_TEST_TMPDIR/doctor" || :
    grep -F "backup	ok	${latest##*/}, 0 minutes old" "$BATS_TEST_TMPDIR/doctor"
    grep -F 'backup	warn	3 with a time in the future' "$BATS_TEST_TMPDIR/doctor"
    # It is the latest for a restore too.
    run "$root/scripts/restore" latest </dev/null
    grep -F "args=\"$latest\"" "$WINDFALL_STATE"/logs/restore_latest.log
    # A copy that cannot be audited is no backup: it gets no name, and no older one goes.
    listed=$("$root/scripts/backup" --list)
    for tool in audit-calcs audit-fifo; do
        stub $tool 'exit 75'
        run backup --keep 1
        rm "$BATS_TEST_TMPDIR/stubs/$tool"
        [ "$status" -eq 75 ]
        [[ "$output" == *"verdict=failed job=backup "*" step=verify "* ]]
        [ "$("$root/scripts/backup" --list)" = "$listed" ]
    done
    # Nor is one whose program the machine has ended, for lack of memory.
    stub pg_dump 'kill -9 $$'
    run backup --keep 1
    rm "$BATS_TEST_TMPDIR/stubs/pg_dump"
    [ "$status" -eq 75 ]
    [[ "$output" == *"pg_dump: ended by SIGKILL"* ]]
    [[ "$output" == *"verdict=failed job=backup "*" step=dump "* ]]
    [ "$("$root/scripts/backup" --list)" = "$listed" ]
    # What cannot be checked is no fault of the copy.
    sql "delete from network_difficulty"
    run backup --keep 3
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$(find "$WINDFALL_BACKUPS" -name '.windfall_*' | wc -l)" -eq 0 ]
}

@test "killed at any moment a backup leaves no file of that name and the next run no copy; signalled it cleans up" {
    after_kill() {
        local file
        for file in "$WINDFALL_BACKUPS"/windfall_*.dump; do
            [ ! -e "$file" ] || pg_restore -l "$file" >"$BATS_TEST_TMPDIR/list" || return 1
        done
        sleep 0.5
    }
    MIDWAY=500000 kill_midway 2 "$root/scripts/backup"
    # One more that a killed run left, and one at which an installation in another folder is working.
    on_server "create database windfall_verify_$(ours)_1"
    on_server "create database windfall_verify_$(ours)0_${BATS_ROOT_PID}_1"
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        good=0
        backup >/dev/null 2>&1 || good=$?
        [ "$good" -eq 75 ] || break
        sleep 1
    done
    [ "$good" -eq 0 ]
    [ "$(copies)" = "" ]
    on_server "drop database windfall_verify_$(ours)0_${BATS_ROOT_PID}_1"
    [ "$(find "$WINDFALL_BACKUPS" -name '.windfall_*' | wc -l)" -eq 0 ]
    "$root/scripts/backup" >/dev/null 2>&1 &
    pid=$!
    sleep 0.8
    hit TERM "$pid"
    wait "$pid" || :
    [ "$(find "$WINDFALL_BACKUPS" -name '.windfall_*' | wc -l)" -eq 0 ]
}

@test "a signal ends what a backup runs on its copy: nothing goes on after the verdict" {
    local status=0 _
    stub pg_restore "case \$* in *--list*) exec $(command -v pg_restore) \"\$@\" ;; esac
        echo \$\$ >'$BATS_TEST_TMPDIR/restoring'
        exec sleep 60"
    "$root/scripts/backup" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    pid=$!
    for _ in {1..300}; do [ ! -s "$BATS_TEST_TMPDIR/restoring" ] || break; sleep 0.05; done
    kill -TERM "$pid"
    wait "$pid" || status=$?
    [ "$status" -eq 143 ]
    run ! kill -0 "$(<"$BATS_TEST_TMPDIR/restoring")"
    [ "$(copies)" = "" ]
}

@test "a restore that is killed leaves the old or the new, whole; one of a damaged file changes nothing" {
    renamed
    backup >/dev/null
    file=$("$root/scripts/backup" --list)
    saved=$(dump_db --exact)
    sql "delete from bm_units where farm_id > 'T_M'"
    changed=$(dump_db --exact)
    after_kill() {
        local now
        now=$(dump_db --exact)
        [ "$now" = "$changed" ] || [ "$now" = "$saved" ]
    }
    MIDWAY=600000 kill_midway 2 "$root/scripts/restore" --yes
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        done=0
        restore >/dev/null 2>&1 || done=$?
        [ "$done" -eq 75 ] || break
        sleep 1
    done
    [ "$done" -eq 0 ]
    [ "$(dump_db --exact)" = "$saved" ]
    cp "$file" "$BATS_TEST_TMPDIR/good.dump"
    printf 'x' | dd of="$file" bs=1 seek=5000 conv=notrunc 2>/dev/null
    run restore "$file"
    [ "$status" -eq 65 ]
    [[ "$output" == *"is damaged: its checksum differs; nothing was changed"* ]]
    cd "$BATS_TEST_TMPDIR"
    head -c 20000 good.dump >half.dump
    head -c -20000 good.dump >cut.dump
    : >empty.dump
    { cat good.dump; echo; } | tr '\200-\300' '\300' >garbled.dump
    pg_dump -Fc -d "$DATABASE_URL" -t miner_models -f part.dump
    on_server "create database \"${TEST_DB}-other\""
    pg_dump -Fc -h "$SUITE_SOCKET" -U windfall -d "${TEST_DB}-other" -f other.dump
    on_server "drop database \"${TEST_DB}-other\""
    for bad in half cut empty garbled other; do
        run restore $bad.dump
        echo "$bad $output"
        [ "$status" -eq 65 ]
        [[ "$output" == *"is damaged, or not a backup"* || "$output" == *"is not a backup of a Windfall database"* ]]
    done
    run restore part.dump
    [ "$status" -ne 0 ]
    grep -F 'there is no checksum beside the backup' "$WINDFALL_STATE"/logs/restore_latest.log
    [ "$(copies)" = "" ]
    [ "$(dump_db --exact)" = "$saved" ]
}

@test "a backup of an earlier version is brought to the tables of this one, with every row" {
    renamed
    mkdir -p "$BATS_TEST_TMPDIR/earlier"
    cp -R "$root/scripts" "$root/sql" "$BATS_TEST_TMPDIR/earlier/"
    rm "$BATS_TEST_TMPDIR"/earlier/sql/0[5-9]*.sql
    on_server "create database \"${TEST_DB}-earlier\""
    earlier="host=$SUITE_SOCKET user=windfall dbname=${TEST_DB}-earlier"
    WINDFALL_ROOT='' DATABASE_URL=$earlier run "$BATS_TEST_TMPDIR/earlier/scripts/migrate"
    echo "$output"
    # The models are compared by a tool of this version, for which that is too early.
    [[ "$output" == *'msg="migrated"'* ]]
    psql -XAtq -v ON_ERROR_STOP=1 -d "$earlier" \
        -c "insert into bitcoin_prices (price_date, price, source, currency) values ('2025-03-01', 7, 'of then', 'USD')" \
        -c "insert into bm_units (farm_id, valid_from, fuel_type, name) values ('T_THEN-1', '-infinity', 'WIND', 'of then')" \
        -c "insert into declared_units (farm_id, valid_from, fuel_type, provenance, declared_by) values ('T_THEN-2', '-infinity', 'WIND', 'x', 'y')"
    last=$(psql -XAtq -d "$earlier" -c "select max(version) from schema_migrations")
    # After an upgrade, before its tables are migrated: the copy is, and they stay.
    DATABASE_URL=$earlier run --separate-stderr backup
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    mv "$(backup --list)" "$BATS_TEST_TMPDIR/earlier.dump"
    [ "$(psql -XAtq -d "$earlier" -c "select max(version) from schema_migrations")" = "$last" ]
    on_server "drop database \"${TEST_DB}-earlier\""
    [ "$last" -lt 50 ]
    run --separate-stderr restore "$BATS_TEST_TMPDIR/earlier.dump"
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [[ "$output" == *"verdict=mended job=restore"* ]]
    [ "$(sql "select max(version) from schema_migrations")" = "$(basename "$(printf '%s\n' "$root"/sql/0*.sql | tail -n 1)" | sed 's/^0*//; s/-.*//')" ]
    [ "$(sql "select price, source from bitcoin_prices")" = "7|of then" ]
    [ "$(sql "select name from bm_units where farm_id = 'T_THEN-1'")" = "of then" ]
    [ "$(sql "select provenance from declared_units where farm_id = 'T_THEN-2'")" = "x" ]
    "$root/scripts/migrate" --status >"$BATS_TEST_TMPDIR/migrations"
}

@test "what is restored has the grants, owners and settings of what it replaces; nobody else's database is dropped" {
    renamed
    # Of fifty bytes: with a time behind it, it would be longer than a name can be.
    name=$(printf '%.50s' "${TEST_DB}_a_database_with_a_name_that_is_rather_long_for_one")
    kept=$(printf '%.29s' "$name")_$(printf %s "$name" | cksum | cut -d ' ' -f 1)
    others="${kept}_before_the_move ${kept/_/X}_before_20200101_000000 ${kept}_before_20200101"
    ask_server postgres postgres "alter database $TEST_DB rename to $name"
    DATABASE_URL=${DATABASE_URL/$TEST_DB/$name}
    # Of earlier restores one of another day is dropped; one of the same hour is kept.
    others+=" ${kept}_before_$(date -u -d '1 hour ago' +%Y%m%d_%H%M%S)"
    for other in $others ${kept}_before_20200101_000000; do on_server "create database \"$other\""; done
    ask_server "$name" postgres "create role ${TEST_DB}_reads; grant ${TEST_DB}_reads to windfall;
        grant select on bm_units to ${TEST_DB}_reads; alter view half_hours owner to ${TEST_DB}_reads;
        revoke connect on database $name from public; grant connect on database $name to ${TEST_DB}_reads;
        grant create on schema public to ${TEST_DB}_reads; revoke execute on function ensure_month(date) from public;
        alter default privileges for role windfall grant select on tables to ${TEST_DB}_reads;
        alter database $name set search_path to public, \"x; drop table bm_units\";
        alter database $name set statement_timeout to '1h'"
    rights() {
        psql -XAtq -d "$DATABASE_URL" -c "select (select datacl::text[] from pg_database where datname = current_database()) @> array['${TEST_DB}_reads=c/windfall'],
            has_database_privilege('public', current_database(), 'connect'),
            has_table_privilege('${TEST_DB}_reads', 'bm_units', 'select'), has_table_privilege('${TEST_DB}_reads', 'bitcoin_prices', 'select'),
            has_function_privilege('public', 'ensure_month(date)', 'execute'), has_schema_privilege('${TEST_DB}_reads', 'public', 'create'),
            (select relowner::regrole from pg_class where relname = 'half_hours'), (select count(*) from pg_default_acl),
            current_setting('search_path'), current_setting('statement_timeout')"
    }
    backup >/dev/null
    before=$(rights)
    [[ "$before" == 't|f|t|f|f|t|'*'_reads|1|public, "x; drop table bm_units"|1h' ]]
    # A setting that this role cannot give is named, and stops nothing.
    ask_server postgres postgres "alter database $name set log_statement = 'ddl'"
    run --separate-stderr restore
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    [ "$(rights)" = "$before" ]
    grep -F 'permission denied to set parameter \"log_statement\"' "$WINDFALL_STATE"/logs/restore_latest.log
    there=$(on_server "select datname from pg_database")
    for other in $others; do grep -qxF "$other" <<<"$there"; on_server "drop database \"$other\""; done
    # Beside these this one is kept, by the name that the log has.
    there=$(grep -vxF "${others// /$'\n'}" <<<"$there")
    [ "$(grep -E "^${kept}_before_[0-9]{8}_[0-9]{6}\$" <<<"$there")" = "$(sed -n 's/.* before=\([^ ]*\).*/\1/p' <<<"$output")" ]
    for other in $(on_server "select datname from pg_database where datname ~ '^${kept}_before_'") "$name"; do drop_db "\"$other\""; done
    ask_server postgres postgres "drop role ${TEST_DB}_reads"
}

@test "a backup with differences is restored only when they are accepted" {
    renamed
    # A single one is one.
    sql "update yearly_summaries set payment = payment + 1"
    run backup
    [ "$status" -eq 1 ]
    [[ "$output" == *"verdict=findings job=backup"*" differences=1 "* ]]
    saved=$(dump_db --exact)
    sql "delete from bm_units"
    run restore
    echo "$output"
    [ "$status" -eq 1 ]
    grep -F 'nothing was changed: name another backup, or restore --accept-differences' "$WINDFALL_STATE"/logs/restore_latest.log
    [ "$(sql "select count(*) from bm_units")" = 0 ]
    # Names that cannot be changed are not said to be.
    ask_server postgres postgres "alter database $TEST_DB owner to postgres; grant all on database $TEST_DB to windfall"
    run restore --accept-differences
    [ "$status" -eq 77 ] || { echo "$status $output"; false; }
    [[ "$output" == *"verdict=failed job=restore "*" step=exchange "* ]]
    [ "$(sql "select count(*) from bm_units")" = 0 ]
    ask_server postgres postgres "alter database $TEST_DB owner to windfall"
    # By a clock that has leapt all is old.
    touch -d '1 hour ago' "$WINDFALL_STATE/var/leap"
    for kept in before_1 before; do on_server "create database ${TEST_DB}_${kept}_20200101_000000"; done
    run restore --accept-differences
    [ "$status" -eq 0 ]
    [[ "$output" == *"verdict=mended job=restore"*" differences=1 "* ]]
    [ "$(dump_db --exact)" = "$saved" ]
    for kept in before_1 before; do on_server "drop database ${TEST_DB}_${kept}_20200101_000000"; done
}

@test "a session that is connected is not ended: the restore names it, waits, and changes nothing" {
    renamed
    backup >/dev/null
    sql "delete from bm_units where farm_id > 'T_M'"
    changed=$(dump_db --exact)
    PGAPPNAME=a-report psql -XAtq -d "$DATABASE_URL" -c "select pg_sleep(600)" >/dev/null 2>&1 3>&- &
    holder=$!
    began=$SECONDS
    # By a clock that runs ten times as fast.
    run faketime -f '+0 x10' "$root/scripts/restore" --yes
    echo "$output"
    # Ten seconds of it for whoever is connected, and what the rest of it takes.
    [ $((SECONDS - began)) -le 40 ]
    kill "$holder"
    ended=0
    wait "$holder" || ended=$?
    [ "$ended" -eq 143 ]
    [ "$status" -eq 75 ]
    [[ "$output" == *"$TEST_DB is in use, and nothing was changed: end a-report of windfall, and run restore again"* ]]
    [ "$(dump_db --exact)" = "$changed" ]
    [ "$(copies)" = "" ]
}

@test "a database that an engine has spread is restored under another name, where every row is as before" {
    [ -n "$SUITE_ENGINE" ] || sql "create table citus_tables (table_name regclass)"
    backup >"$BATS_TEST_TMPDIR/out"
    sql "delete from bm_units where farm_id > 'T_M'"
    changed=$(dump_db)
    run restore
    echo "$output"
    [ "$status" -eq 78 ]
    [[ "$output" == *"$TEST_DB is spread over a cluster"*"nothing was changed"* ]]
    [ "$(dump_db)" = "$changed" ]
    [ "$(copies)" = "" ]
    # The deleted rows are in the backup, and nothing else differs.
    on_server "create database ${TEST_DB}_before_1"
    DATABASE_URL=${DATABASE_URL/$TEST_DB/${TEST_DB}_before_1}
    restore
    sql "drop table if exists citus_tables"
    [ "$(sql "select count(*) from bm_units where farm_id > 'T_M'")" -gt 0 ]
    sql "delete from bm_units where farm_id > 'T_M'"
    [ "$(dump_db | grep -v '^-- citus_tables')" = "$(grep -v '^-- citus_tables' <<<"$changed")" ]
    on_server "drop database ${TEST_DB}_before_1"
}

@test "a folder is one installation's: another makes no backup there, and restores from it what is named" {
    renamed
    # A pg_restore of version 17, on an older server, begins so.
    stub pg_restore 'case " $* " in *" -d "*) ;; *) exec /usr/bin/pg_restore "$@" ;; esac
        said="pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter \"transaction_timeout\"
Command was: SET transaction_timeout = 0;"
        case " $* " in *" --exit-on-error "*) echo "$said" >&2; exit 1 ;; esac
        PATH=/usr/bin:$PATH pg_restore --exit-on-error "$@" || exit
        printf "%s\n" "$said" "pg_restore: warning: errors ignored on restore: 1" >&2
        exit 1'
    run --separate-stderr backup
    rm "$BATS_TEST_TMPDIR/stubs/pg_restore"
    echo "$output $stderr"
    [ "$status" -eq 0 ]
    file=$("$root/scripts/backup" --list)
    # What wrote it is newer than what is to read it: no damage.
    stub pg_restore 'case $1 in --version) exec /usr/bin/pg_restore "$1" ;; esac; echo "pg_restore: error: unsupported version (1.16) in file header" >&2; exit 1'
    run --separate-stderr restore
    rm "$BATS_TEST_TMPDIR/stubs/pg_restore"
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"unsupported version (1.16) in file header: a newer PostgreSQL wrote it than pg_restore (PostgreSQL) "*": install a newer postgresql-client"* ]]
    # A disk that is not mounted has the folder alone, or not even that.
    mv "$WINDFALL_BACKUPS" "$BATS_TEST_TMPDIR/disk"
    run --separate-stderr backup
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"$WINDFALL_BACKUPS has none of the earlier backups: is its disk mounted? If they are gone for good, remove $WINDFALL_STATE/var/backups"* ]]
    [ ! -e "$WINDFALL_BACKUPS" ]
    run --separate-stderr restore --yes
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"$WINDFALL_BACKUPS has none of the earlier backups: is its disk mounted?"* ]]
    WINDFALL_BACKUP=on run --separate-stderr doctor --offline
    [[ "$output" == *$'\nbackup\tbad\t'"$WINDFALL_BACKUPS has none of the earlier backups"* ]]
    mv "$BATS_TEST_TMPDIR/disk" "$WINDFALL_BACKUPS"
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/other
    mkdir -p "$WINDFALL_STATE/backups"
    # One that never made a backup, as after the loss of a machine, may go back to the latest.
    run --separate-stderr "$root/scripts/restore" </dev/null
    [[ "$stderr" == *"--yes is needed"* ]]
    [[ "$stderr" == *level=warning*"if this one takes its place, remove the file"*"file=$WINDFALL_BACKUPS/.installation"* ]]
    run --separate-stderr backup
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"$WINDFALL_BACKUPS has the backups of another installation ($(uname -n) ${WINDFALL_STATE%/other}/"*"): set WINDFALL_BACKUPS to one of"* ]]
    WINDFALL_BACKUPS=$WINDFALL_STATE/backups run --separate-stderr backup
    [ "$status" -eq 0 ]
    for wanted in latest "$(date -u +%F)"; do
        run --separate-stderr restore "$wanted"
        [ "$status" -eq 78 ]
        [[ "$stderr" == *"name the file that is to be restored"* ]]
    done
    run --separate-stderr "$root/scripts/restore" "$file" </dev/null
    [[ "$stderr" == *"--yes is needed"* ]]
    WINDFALL_BACKUP=on run --separate-stderr doctor --offline
    [[ "$output" == *$'\nbackup\tbad\t'"$WINDFALL_BACKUPS has the backups of another installation"* ]]
    # It has taken the other's place.
    rm "$WINDFALL_BACKUPS/.installation"
    run --separate-stderr backup
    [ "$status" -eq 0 ]
    [ "$("$root/scripts/backup" --list | wc -l)" -eq 2 ]
}

@test "which backup: the latest, of a day, a file; none is said; without --yes nobody is asked" {
    renamed
    WINDFALL_BACKUP_KEEP=many run backup
    [ "$status" -eq 78 ]
    [[ "$output" == *"WINDFALL_BACKUP_KEEP is many: a number from 1 to 999 is needed"* ]]
    run restore
    [ "$status" -eq 64 ]
    [[ "$output" == *"there is no backup of latest"* ]]
    backup >/dev/null
    # On a disk of its own, by a link in the place of the folder.
    mv "$WINDFALL_BACKUPS" "$BATS_TEST_TMPDIR/disk"
    ln -s "$BATS_TEST_TMPDIR/disk" "$WINDFALL_BACKUPS"
    run restore 2020-01-01
    [ "$status" -eq 64 ]
    for operands in "2020-01-01 latest" "--list latest"; do
        # shellcheck disable=SC2086 # the words of a command line
        run --separate-stderr restore $operands
        [ "$status" -eq 64 ]
        [[ "$stderr" == *"latest: one operand too many"* ]]
    done
    run "$root/scripts/restore" latest </dev/null
    [ "$status" -eq 64 ]
    [[ "$output" == *"--yes is needed"* ]]
    run restore "$(date -u +%F)"
    [ "$status" -eq 0 ]
    run backup --keep 0
    [ "$status" -eq 64 ]
    # A database whose name has a blank or a dot can be backed up, and so it can be restored.
    name="$TEST_DB of a.b"
    ask_server postgres postgres "alter database $TEST_DB rename to \"$name\""
    for left in "$name" "$TEST_DB of aXb"; do on_server "create database \"${left}_before_20200101_000000\""; done
    DATABASE_URL=${DATABASE_URL/$TEST_DB/$TEST_DB%20of%20a.b} run restore latest
    echo "$output"
    there=$(on_server "select datname from pg_database where datname ~ '^$TEST_DB of a'")
    while IFS= read -r left; do drop_db "\"$left\""; done <<<"$there"
    [ "$status" -eq 0 ]
    grep -qxF "$name" <<<"$there"
    grep -qxF "$TEST_DB of aXb_before_20200101_000000" <<<"$there"
    [ "$(grep -cF "${name}_before_2" <<<"$there")" -eq 1 ]
}

@test "why pg_dump ended is said: the first error, the versions, a disk that had no room even for its words" {
    stub pg_dump 'printf "%s\n" "pg_dump: error: aborting because of server version mismatch" "pg_dump: detail: server version: 17.2 (Debian 17.2-1); pg_dump version: 15.9" >&2; exit 1'
    run --separate-stderr backup
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"the server is PostgreSQL 17.2 and pg_dump 15.9: install a postgresql-client that is no older than the server"* ]]
    stub pg_dump 'printf "%s\n" "pg_dump: error: query failed: ERROR:  could not write to file \"base/pgsql_tmp/1\": No space left on device" "CONTEXT:  line 7" >&2; exit 1'
    run --separate-stderr backup
    [ "$status" -eq 74 ]
    [[ "$stderr" == *"could not write to file"*"No space left on device (log: "* ]]
    [ "$(id -u)" -eq 0 ] || return 0
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/small WINDFALL_BACKUPS=$BATS_TEST_TMPDIR/small/backups
    mkdir "$WINDFALL_STATE"
    mount -t tmpfs -o size=2m none "$WINDFALL_STATE" || skip "cannot mount here"
    stub pg_dump 'cat /dev/zero >"$WINDFALL_STATE/full" 2>/dev/null; echo "pg_dump: error: could not write to output file: No space left on device" >&2; exit 1'
    run --separate-stderr backup
    umount "$WINDFALL_STATE"
    echo "$output $stderr"
    [ "$status" -eq 74 ]
    [[ "$stderr" == *"is full: make room first"* ]]
}

@test "a role that may not create a database is told so, and leaves nothing" {
    needs_plain "its nodes let in the role of the session, not one that it has set"
    admin_sql "do \$\$ begin if not exists (select from pg_roles where rolname = 'test_poor') then create role test_poor; end if; grant test_poor to windfall; end \$\$;
         grant usage on schema public to test_poor; grant select on all tables in schema public to test_poor; grant select on all sequences in schema public to test_poor"
    DATABASE_URL="$DATABASE_URL&options=-c%20role%3Dtest_poor" run backup
    echo "$output"
    [ "$status" -eq 77 ]
    [[ "$output" == *"permission denied to create database"* ]]
    [ "$("$root/scripts/backup" --list | wc -l)" -eq 0 ]
    admin_sql "drop owned by test_poor"
}

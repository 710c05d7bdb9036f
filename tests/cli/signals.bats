# A signal ends all that a job or script has started, and what is left by one that was killed is swept by the next.
# shellcheck disable=SC2154 # root, TEST_DB and stderr are set by the suite and by run
load helper
load killed

setup() {
    fresh_db
    export WINDFALL_STATE=$BATS_TEST_TMPDIR/state
    mkdir -p "$WINDFALL_STATE"
}

# hold TABLE [MODE] - hold it, against everybody or as that mode does, from a session of its own, until let_go.
hold() {
    local mode=${2:-access exclusive}
    PGAPPNAME="the one" psql -XAtq -d "$DATABASE_URL" -c "begin; lock table $1 in $mode mode; select pg_sleep(60)" >/dev/null 2>&1 3>&- &
    holder=$!
    sql_until "exists (select from pg_locks where relation = '$1'::regclass and granted and lower(mode) = '${mode// /}lock')"
}

let_go() {
    sql "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid() and datname = current_database()" >/dev/null
    wait "$holder" || true
}

waiting() { sql "select count(*) from pg_locks where relation = '$1'::regclass and not granted"; }

until_somebody_waits_for() { sql_until "exists (select from pg_locks where relation = '$1'::regclass and not granted)"; }

# The processes of this test's state, but for shells of bats.
family() { grep -lz "^WINDFALL_STATE=$WINDFALL_STATE\$" /proc/[0-9]*/environ 2>/dev/null | cut -d / -f 3 | while read -r pid; do
    ps -o pid=,stat=,args= -p "$pid"; done | grep -Ev ' Z|bats|ps -o|grep|cut -d|pg_sleep.60' || true; }

# ends_in_time COMMAND...: it waits for the table $1, is sent TERM, and is gone with all it started soon after.
ends_in_time() {
    local table=$1 status=0 began
    shift
    hold "$table"
    "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    job=$!
    until_somebody_waits_for "$table"
    began=$(date +%s%3N)
    kill -TERM "$job"
    wait "$job" || status=$?
    took=$(($(date +%s%3N) - began))
    echo "$*: status $status after $took ms"
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 143 ]
    # Who does not wait for the table's sixty seconds, nor for a lock's.
    [ "$took" -lt 15000 ]
    run family
    echo "left: $output"
    [ "$output" = "" ]
    # Nor does the server go on with what was asked of it.
    for _ in {1..40}; do
        [ "$(waiting "$table")" -gt 0 ] || break
        sleep 0.05
    done
    [ "$(waiting "$table")" -eq 0 ]
    [ "$(ls "$WINDFALL_STATE/var/tmp")" = "" ]
    let_go
}

@test "a job that waits in migrate, in a query, or in a script it started ends within seconds, and all it started with it" {
    ends_in_time schema_migrations "$root/scripts/reconcile" status
    ends_in_time schema_migrations "$root/scripts/daily"
    ends_in_time daily_summaries "$root/scripts/report" 2025-03-04
    ends_in_time wanted_spans "$root/scripts/wanted" list
    ends_in_time reconciliation_runs "$root/scripts/reconcile" missing
    grep -q '^verdict=failed job=reconcile .* status=143 ' "$WINDFALL_STATE/logs/reconcile_latest.log"
}

@test "a change that waits for a table is not made after the script has said that it failed" {
    ends_in_time wanted_spans "$root/scripts/wanted" from 2025-01-01
    [ "$(sql 'select count(*) from wanted_spans')" -eq 0 ]
    before=$(sql "select count(*) from pg_inherits where inhparent = 'curtailment_records'::regclass")
    ends_in_time curtailment_records "$root/scripts/partitions" ensure 30
    sleep 0.5
    [ "$(sql "select count(*) from pg_inherits where inhparent = 'curtailment_records'::regclass")" -eq "$before" ]
}

@test "what a killed script leaves in the state folder is swept by the next of any kind" {
    hold schema_migrations
    for script in "reconcile status" "report 2025-03-04" wanted; do
        # shellcheck disable=SC2086
        "$root/scripts/"$script >/dev/null 2>&1 3>&- &
        job=$!
        until_somebody_waits_for schema_migrations
        kill -KILL "$job"
        wait "$job" || true
        family | while read -r pid _; do kill -KILL "$pid" 2>/dev/null || true; done
        # The server may not see for as long as it waits that nobody is there any more.
        sql "select pg_terminate_backend(pid) from pg_locks where relation = 'schema_migrations'::regclass and not granted and database = (select oid from pg_database where datname = current_database())" >/dev/null
    done
    let_go
    [ "$(find "$WINDFALL_STATE/var/tmp" -mindepth 1 -maxdepth 1 | wc -l)" -ge 1 ]
    # What somebody uses still stays.
    mkdir "$WINDFALL_STATE/var/tmp/mine.abcdef"
    echo $$ >"$WINDFALL_STATE/var/tmp/mine.abcdef/.owner"
    run "$root/scripts/units"
    [ "$status" -eq 0 ]
    [ "$(ls "$WINDFALL_STATE/var/tmp")" = mine.abcdef ]
}

# Two of them here, all of them in the drill.
@test "migrate whose helpers are killed at any of their calls does not say done unless it is" {
    mapfile -t helpers < <(some 2 cat awk grep sha256sum psql tail cmp head)
    migrate_whose "${helpers[@]}"
}

@test "a script that waits for a lock in vain ends with 75 and names the holder; psql and pg_dump alike" {
    local waits
    for waits in "wanted_spans wanted from 2025-01-01" "daily_summaries report 2025-03-04" "schema_migrations migrate" \
                 "bm_units backup" "declared_units units"; do
        hold "${waits%% *}"
        # shellcheck disable=SC2086 # a script and its arguments
        WINDFALL_LOCK_WAIT=300ms WINDFALL_MIGRATE_WAIT=300ms run timeout 60 "$root/scripts/"${waits#* }
        echo "$waits: $status $output"
        [ "$status" -eq 75 ]
        [[ "$output" == *"; locks are held by the one (process "[0-9]*" of the server, since 20"* ]]
        let_go
    done
    [ "$(sql 'select count(*) from wanted_spans')" -eq 0 ]
    # Who changes a table waits for its readers.
    hold wanted_spans "access share"
    printf '%s\n' "\\set ON_ERROR_STOP on" "alter table wanted_spans add drilled text;" >"$BATS_TEST_TMPDIR/alter.sql"
    run with-db psql -XAtq -v VERBOSITY=verbose -v lock_wait=300ms -f "$root/sql/session.sql" -f "$BATS_TEST_TMPDIR/alter.sql"
    printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/said"
    run with-db --explain "$BATS_TEST_TMPDIR/said"
    [ "$status" -eq 75 ]
    [[ "$output" == *"; tables are read by the one (process "* ]]
    let_go
    local wrong
    for wrong in "WINDFALL_LOCK_WAIT wanted" "WINDFALL_MIGRATE_WAIT migrate"; do
        for value in -1 soon no 5minutes 30000d $'5min\xff'; do
            run env "${wrong% *}=$value" "$root/scripts/${wrong#* }"
            [ "$status" -eq 78 ]
            [[ "$output" == *"${wrong% *} in the environment: it must be a time such as 30s or 5min"* ]]
        done
    done
    for value in 0 250 "5 min" 1.5h 300ms 20d; do
        WINDFALL_LOCK_WAIT=$value "$root/scripts/wanted"
    done
}

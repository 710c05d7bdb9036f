# A short sample of `make drill`, whose sections are in tests/drill: a few kills by the seed, with its own comparison.
# shellcheck disable=SC2034,SC2154 # root is the suite's
load ../drill/drill

setup_file() { section sample; }
teardown_file() { score; }

setup() {
    fresh_days
    no_network
    DRILL_ROUNDS=
}

@test "killed at some of its calls and run again, a tool leaves what it leaves undisturbed" {
    [ "${TEST_BUILD:-}" != build/coverage ] || skip "most calls of a program that counts lines are the writing of its counts"
    before_fault() {
        sql "delete from curtailment_records where settlement_date > '2025-03-02'; delete from ingested_periods where settlement_date > '2025-03-02'"
    }
    kill_at_each 4 fetch-elexon -q --store 2025-03-03
    before_fault() { sql "delete from historical_bitcoin_calculations where settlement_date > '2025-03-02'"; }
    kill_at_each 4 calc-btc -q --store 2025-03-03
    nothing_broke
}

# The drill's own judgement: what is lost, doubled or untrue is seen, or all its scores say nothing.
@test "a fault that loses, doubles or lies is counted as such" {
    before_fault() { :; }
    undisturbed true
    faults=0 breaks=0
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-03' and settlement_period = 20"
    judge loses
    [ "$breaks" -eq 1 ]
    [ "$(awk -F '\t' '$1 == "loses" { print $2, ($3 > 0), $4 }' "$BATS_FILE_TMPDIR/score")" = "0 1 0" ]
    left_whole 0
    [ "$untruth" = "it said done (status 0) and was not" ]
    calc-btc -q --store 2025-03-03
    sql "insert into bm_units (farm_id, valid_from, fuel_type) values ('T_TWICE-1', '2020-01-01', 'WIND')"
    judge doubles
    [ "$(awk -F '\t' '$1 == "doubles" { print $2, $3, $4, $5 }' "$BATS_FILE_TMPDIR/score")" = "0 0 1 1" ]
    untruth=
    again false
    [[ "$untruth" == "run again, it ends with 1: "* ]]
    # None of this is a fault of the tools.
    sed -i '/^loses\t/d; /^doubles\t/d' "$BATS_FILE_TMPDIR/score"
}

@test "a deadlock that no server sees: who waits for a lock of another session says later, within WINDFALL_LOCK_WAIT" {
    sql "delete from historical_bitcoin_calculations where settlement_date > '2025-03-02'"
    crossing historical_bitcoin_calculations 2025-03-03
    WINDFALL_LOCK_WAIT=1s run --separate-stderr timeout 30 calc-btc -q --store 2025-03-03
    wait
    echo "$status $stderr"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"lock timeout"* ]]
    # Bytes that are no text were no time either, and nothing bounded the wait.
    for wait in soon $'5min\xff'; do
        WINDFALL_LOCK_WAIT=$wait run --separate-stderr calc-btc -q --store 2025-03-03
        [ "$status" -eq 78 ]
        [[ "$stderr" == *"WINDFALL_LOCK_WAIT in the environment: it must be a time such as 30s or 5min"* ]]
    done
    # What PGOPTIONS says is obeyed before it.
    WINDFALL_LOCK_WAIT=1us PGOPTIONS="-c lock_timeout=5s" calc-btc -q --store 2025-03-03
}

@test "who waits for a table's lock in vain says who holds it, by name and process" {
    printf 'price_date\tprice\n2025-03-01\t84373.01\n' >"$BATS_TEST_TMPDIR/prices"
    PGAPPNAME=somebody psql -XAtq -d "$DATABASE_URL" -c "begin; lock table bitcoin_prices in exclusive mode; select pg_sleep(60)" \
        >"$BATS_TEST_TMPDIR/holder" 2>&1 3>&- &
    local holder=$! pid somebody="from pg_stat_activity a join pg_locks l using (pid)
            where a.datname = current_database() and a.application_name = 'somebody' and l.mode = 'ExclusiveLock' and l.locktype = 'relation'"
    sql_until "exists (select $somebody)"
    pid=$(sql "select a.pid $somebody")
    WINDFALL_LOCK_WAIT=200ms run --separate-stderr fetch-prices --store --file "$BATS_TEST_TMPDIR/prices"
    sql "select pg_terminate_backend($pid)" >/dev/null
    wait "$holder" || :
    echo "$status $stderr"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"lock timeout; locks are held by somebody (process $pid of the server, since 20"*"Z); try again later"* ]]
    # Nobody holds it now.
    fetch-prices -q --store --file "$BATS_TEST_TMPDIR/prices"
}

# waits_for_somebody COMMAND... - it waits for the session of that name in vain, and says so
waits_for_somebody() {
    WINDFALL_LOCK_WAIT=200ms run --separate-stderr "$@"
    echo "$1: $status $stderr"
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"; locks are held by somebody (process $pid of the server, since 20"*"Z); try again later"* ]]
}

@test "who waits for a lock that is a name alone, and no table's, says who holds it too" {
    PGAPPNAME=somebody psql -XAtq -d "$DATABASE_URL" -c "begin;
        select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest('{bm_units,network_difficulty,summaries 2025}'::text[]) name;
        select pg_sleep(60)" >"$BATS_TEST_TMPDIR/holder" 2>&1 3>&- &
    local holder=$! tries=0 pid=
    until [ -n "$pid" ] || [ $((tries += 1)) -gt 100 ]; do
        sleep 0.1
        pid=$(sql "select pid from pg_stat_activity where datname = current_database() and application_name = 'somebody'
            and wait_event = 'PgSleep'")
    done
    waits_for_somebody fetch-bmunits --store --base-url "file://$root/tests/data/archive"
    waits_for_somebody fetch-difficulty --store --source file --file "$root/sql/reference/difficulty-epochs.tsv"
    waits_for_somebody rollup-summaries --whole 2025-03-02
    sql "select pg_terminate_backend($pid)" >/dev/null
    wait "$holder" || :
}

@test "a database that a later version has migrated is refused by the tools as by the jobs" {
    sql "insert into schema_migrations (version, name, checksum) values (999, 'of-tomorrow', 'x')"
    run --separate-stderr calc-btc --store 2025-03-03
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"the database is at migration 999, which this version ("*") does not know"* ]]
    sql "delete from schema_migrations where version = 999"
}

@test "a migration that is missing below the last one is missed: 78, until migrate has applied it" {
    sql "create table kept as select * from schema_migrations"
    sql "delete from schema_migrations where version in (36, 54)"
    run --separate-stderr calc-btc --store 2025-03-03
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"the database is at migration "*", but lacks 36, 54 before it; run scripts/migrate"* ]]
    sql "insert into schema_migrations select * from kept k where not exists (select from schema_migrations m where m.version = k.version)"
    calc-btc -q --store 2025-03-03
    # What the program was built with is what stands in sql/.
    [ "$(sql "select count(*) from schema_migrations")" -eq "$(ls "$root"/sql/[0-9]*.sql | wc -l)" ]
}

@test "tables that are not this version's, or may not be read, are said as such: 78 and 77" {
    sql "alter table miner_models rename column power_w to watts"
    run --separate-stderr calc-btc --store 2025-03-03
    [ "$status" -eq 78 ]
    [[ "$stderr" == *"the database's schema is not what this version needs: "*"power_w"*"; run scripts/migrate"* ]]
    # Each by itself: a cluster takes but one such statement at a time.
    sql "alter table miner_models rename column watts to power_w"
    sql "revoke select on curtailment_records from windfall"
    run --separate-stderr calc-btc --store 2025-03-03
    [ "$status" -eq 77 ]
    [[ "$stderr" == *"permission denied for table curtailment_records"* ]]
    sql "grant select on curtailment_records to windfall"
    sql "revoke select on schema_migrations from windfall"
    run --separate-stderr calc-btc --store 2025-03-03
    [ "$status" -eq 77 ]
    [[ "$stderr" == *"permission denied for table schema_migrations"* ]]
}

@test "what the server says besides its answers is a line of the log, or nothing" {
    needs_plain "what it spreads has no triggers, by which the server is made to say it"
    sql "create function say() returns trigger language plpgsql as
        'begin raise notice ''a notice''; raise warning ''a warning'' using detail = ''and more'', hint = ''and a hint''; return null; end';
        create trigger says after insert on bitcoin_prices for each statement execute function say()"
    run --separate-stderr fetch-prices --store --file - <<<$'price_date\tprice\n2024-03-01\t61430.5'
    echo "$stderr"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *' level=warning tool=fetch-prices '*' msg="database: a warning"'* ]]
    [[ "$stderr" != *"a notice"* ]]
    run ! grep -v '^ts=' <<<"$stderr"
}

@test "a host that does not answer is left after connect_timeout for the next one" {
    local silent=$BATS_TEST_TMPDIR/silent socat
    mkdir "$silent"
    socat "UNIX-LISTEN:$silent/.s.PGSQL.5432,fork" EXEC:'sleep 30' 3>&- &
    socat=$!
    wait_until [ -S "$silent/.s.PGSQL.5432" ]
    DATABASE_URL="host=$silent,$SUITE_SOCKET dbname=$TEST_DB user=windfall connect_timeout=2" run timeout 60 calc-btc -q --store 2025-03-03
    pkill -P "$socat" || :
    kill "$socat"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "the private database of somebody else is not one that has stopped: 77, and not later" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to become somebody else"
    mkdir -p "$BATS_TEST_TMPDIR/own/var" "$BATS_TEST_TMPDIR/sockets"
    chmod 700 "$BATS_TEST_TMPDIR/sockets"
    chmod 755 "$BATS_TEST_TMPDIR"
    echo "$BATS_TEST_TMPDIR/sockets" >"$BATS_TEST_TMPDIR/own/var/socket"
    cp "$(command -v calc-btc)" "$BATS_TEST_TMPDIR/"
    cd /
    private() { run --separate-stderr env -u DATABASE_URL WINDFALL_STATE="$BATS_TEST_TMPDIR/own" "$@" "$BATS_TEST_TMPDIR/calc-btc" --store 2025-03-03; }
    private setpriv --reuid=65534 --regid=65534 --clear-groups
    echo "$status $stderr"
    [ "$status" -eq 77 ]
    [[ "$stderr" == *"the private database belongs to another user ("*"/sockets)"* ]]
    rmdir "$BATS_TEST_TMPDIR/sockets"
    private
    [ "$status" -eq 75 ]
    [[ "$stderr" == *"the private database is not running; start it with scripts/local-db start"* ]]
}

# All tools and jobs are asked so in the drill's section surroundings.
@test "what a role or a database sets for its sessions changes no answer, in tools as in scripts" {
    needs_plain "its own sessions on the nodes have what the database sets, as sql/distributed/citus.sql has it"
    sql "update bm_units set name = 'Łódź – ' || name where farm_id = (select min(farm_id) from curtailment_records)"
    answers() {
        find-missing -q --by-date --all-dates 2025-03-01 2025-03-03
        "$root/scripts/summary" --by half-hour --format csv 2025-03-03
        "$root/scripts/export" bm_units --format ndjson
        "$root/scripts/reconcile" status | grep -v ^verdict=
    }
    answers >"$BATS_TEST_TMPDIR/plain"
    strange_sessions
    answers >"$BATS_TEST_TMPDIR/strange"
    ordinary_sessions
    grep -q 'Łódź' "$BATS_TEST_TMPDIR/plain"
    diff "$BATS_TEST_TMPDIR/plain" "$BATS_TEST_TMPDIR/strange"
}

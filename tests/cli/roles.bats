# sql/roles.sql: who may only write rows does the jobs' work, who may only read does a report's, and no more.
# shellcheck disable=SC2154 # root, stderr and lines are set by the suite and by run
load helper
load month
load elexon

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# as ROLE: from here on DATABASE_URL is a session with that role's rights alone, as set role gives them.
as() {
    export DATABASE_URL="postgresql:///$TEST_DB?host=$SUITE_SOCKET&user=postgres&options=-c%20role%3Dwindfall_$1"
    [ -z "$(admin_sql "select 1 from pg_extension where extname = 'citus'")" ] || as_member "$1"
}

# An engine's nodes let in who the session is: a member that may log in, as people and machines have them.
as_member() {
    ask_server postgres postgres "do \$\$ begin
        if to_regrole('windfall_a_$1') is null then create role windfall_a_$1 login in role windfall_$1; end if; end \$\$"
    export DATABASE_URL="postgresql:///$TEST_DB?host=$SUITE_SOCKET&user=windfall_a_$1"
}

# The roles stay in the tests' cluster.
give_roles() {
    psql -XAtq -v ON_ERROR_STOP=1 -h "$SUITE_SOCKET" -U postgres -d "$TEST_DB" -f "$root/sql/roles.sql"
}

@test "the writer does the work of every tool and job that stores, and makes the tables of a new month" {
    fresh_month
    no_network
    give_roles
    as writer
    fetch-elexon -q --store --base-url "file://$MONTH" 2025-03-04
    sql "delete from historical_bitcoin_calculations where settlement_date = '2025-03-04'"
    calc-btc -q --store 2025-03-04
    rollup-summaries -q 2025-03-01 2025-03-31 >sums
    audit-calcs -q 2025-03-01 2025-03-31
    fetch-bmunits -q --store --base-url "file://$root/tests/data/archive"
    # A month of which there is no table yet.
    row T_KPMRW-1 -1.5 -20
    put_stack "$PWD/later" bid 2024-05-01 1
    fetch-elexon -q --store --base-url "file://$PWD/later" --periods 1 2024-05-01
    [ "$(sql "select pg_get_userbyid(relowner) from pg_class where relname = 'curtailment_records_2024_05'")" = windfall_owner ]
    printf 'product_id,side,trade_time,size,price,trade_id\nBTC-USD,BUY,2024-01-01T00:00:00Z,1,1,a\nBTC-USD,SELL,2024-01-02T00:00:00Z,1,2,b\n' >books.csv
    import-trades -q --store books.csv
    match-fifo -q make 1 --all --make-current >fifo
    audit-fifo -q --fifo 1
    run "$root/scripts/reconcile" date 2025-03-05
    echo "$output"
    [ "$status" -le 1 ]
    "$root/scripts/units" declare T_NEW-1 WIND --why "a test"
    check-status --last 1 >state || [ $? -le 2 ]
}

@test "the reader reads: figures, lists, audits and reports; and writes nothing" {
    fresh_month
    give_roles
    as reader
    before=$(dump_db)
    find-missing -q 2025-03-01 2025-03-31 >list
    find-missing -q --by-date --all-dates 2025-03-01 2025-03-31 >list
    find-missing -q --periods 2025-03-01 2025-03-31 >list
    audit-calcs -q 2025-03-01 2025-03-31
    check-status --last 1 >state || [ $? -le 2 ]
    "$root/scripts/report" 2025-03-04 >page
    "$root/scripts/summary" 2025-03 >page
    for tool in "calc-btc --store 2025-03-04 --last 0" "fetch-elexon --store --base-url file://$MONTH 2025-03-04" \
        "fetch-bmunits --store --base-url file://$root/tests/data/archive"; do
        # shellcheck disable=SC2086 # words
        run $tool
        echo "$tool: $status $output"
        [ "$status" -ne 0 ]
    done
    run fetch-bmunits --store --base-url "file://$root/tests/data/archive"
    [ "$status" -eq 77 ]
    run sql "select ensure_month('2027-06-01')"
    [[ "$output" == *"permission denied for function ensure_month"* ]]
    run sql "delete from curtailment_records where settlement_date = '2025-03-04'"
    [[ "$output" == *"permission denied"* ]]
    [ "$(dump_db)" = "$before" ]
}

@test "the writer changes no table, no migration's row and no archived year; nobody makes things in the schema" {
    fresh_month
    give_roles
    as writer
    for statement in "drop table wind_generation" "alter table bm_units add x int" "delete from schema_migrations" \
        "insert into archived_years values ('2020')" "create table mine (x int)" "truncate bm_units" \
        "create function public.now() returns int language sql as 'select 1'"; do
        run sql "$statement"
        echo "$statement: $output"
        [[ "$output" == *"permission denied"* || "$output" == *"must be owner"* ]]
    done
    # A function that runs with the owner's rights looks nowhere that a caller could put something.
    [[ "$(sql "select array_to_string(proconfig, ' ') from pg_proc where proname = 'ensure_month' and prosecdef")" == \
        'search_path=public, pg_temp' ]]
    run sql "create temp table archived_years (year text); create temp table curtailment_records (settlement_date date); select ensure_month('2027-07-01')"
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from pg_class where relname = 'curtailment_records_2027_07' and relnamespace = 'public'::regnamespace")" = 1 ]
}

@test "the owner migrates an empty database, and writer and reader may what they may of what it makes" {
    fresh_db template0
    give_roles
    as owner
    "$root/scripts/migrate"
    as writer
    fetch-bmunits -q --store --base-url "file://$root/tests/data/archive"
    as reader
    [ "$(sql "select count(*) > 200 from bm_units")" = t ]
    run "$root/scripts/migrate"
    [ "$status" -eq 0 ]
    as writer
    [ "$(sql "select count(*) > 10 from schema_migrations")" = t ]
    # What was made after the roles has the default rights; applied again, the file takes away what is the owner's.
    export DATABASE_URL="postgresql:///$TEST_DB?host=$SUITE_SOCKET&user=windfall"
    give_roles
    as writer
    run sql "delete from schema_migrations"
    [[ "$output" == *"permission denied"* ]]
}

@test "applied again it changes nothing" {
    fresh_month
    give_roles
    grants() { sql "select relname, relacl, pg_get_userbyid(relowner) from pg_class where relnamespace = 'public'::regnamespace order by 1"; }
    before=$(grants)
    give_roles
    [ "$(grants)" = "$before" ]
    [ "$(sql "select count(*) from pg_class where relnamespace = 'public'::regnamespace and pg_get_userbyid(relowner) <> 'windfall_owner' and relkind in ('r','p','v')
                 and oid not in (select objid from pg_depend where deptype = 'e')")" = 0 ]
}

# Moving to a distributed engine and back.  None is a package of Debian's: what is tested here is that the
# two files name every table, ask for each thing once, and ask for nothing that the engine refuses.
# The stand-in below has the engine's names, and its refusals as they were measured.  The jobs and tools are
# tried on a real one by naming it in WINDFALL_TEST_SERVER (tests/suite-db).
load helper

setup() {
    needs_plain "the stand-in here has its names"
    fresh_db
    citus=$root/sql/distributed/citus.sql
    back=$root/sql/distributed/undistribute.sql
}

engine() {
    sql "create schema engine; alter database $TEST_DB set search_path = public, engine"
    psql -XAtq -v ON_ERROR_STOP=1 -d "$DATABASE_URL" <<'SQL'
        create table engine.citus_tables (table_name regclass primary key, citus_table_type text, distribution_column text);
        create table engine.pg_dist_object (classid oid, objid oid, primary key (classid, objid));
        create table engine.calls (n integer generated always as identity, what text);

        create function engine.place(t regclass, type text, col text) returns void language plpgsql as $$
        begin
            if t in (select table_name from citus_tables) then
                raise exception 'table "%" is already distributed', t;
            end if;
            if exists (select from pg_trigger where tgrelid = t and not tgisinternal) then
                raise exception 'triggers are not supported on %', t;
            end if;
            if exists (select from pg_constraint c where c.contype = 'f' and (c.conrelid = t or c.confrelid = t)) then
                raise exception 'foreign keys between % and a local table', t;
            end if;
            if col is not null and exists (
                select from pg_index i where i.indrelid = t and (i.indisunique or i.indisprimary)
                   and not exists (select from pg_attribute a where a.attrelid = t and a.attname = col and a.attnum = any (i.indkey))) then
                raise exception 'cannot create constraint on "%" without the distribution column', t;
            end if;
            insert into citus_tables values (t, type, coalesce(col, '<none>'));
            insert into citus_tables select inhrelid, type, coalesce(col, '<none>') from pg_inherits where inhparent = t;
            insert into calls (what) values (type || ' ' || t);
        end $$;

        create function create_distributed_table(t regclass, col text, colocate_with text default 'default', shard_count int default 32)
        returns void language plpgsql as $$
        begin
            if colocate_with <> 'default' and colocate_with::regclass not in (select table_name from citus_tables) then
                raise exception 'relation % is not distributed', colocate_with;
            end if;
            perform engine.place(t, 'distributed', col);
        end $$;
        create function create_reference_table(t regclass) returns void language sql
            as $$ select engine.place(t, 'reference', null) $$;
        create function create_distributed_function(f regprocedure) returns void language sql
            as $$ insert into pg_dist_object values ('pg_proc'::regclass, f) $$;
        create function run_command_on_all_nodes(command text) returns table (nodeid int, success boolean, result text) language plpgsql as $$
        begin
            nodeid := 1;
            success := true;
            execute command into result;
            return next;
            if command = 'select current_setting(''datestyle'')' and to_regclass('engine.german_node') is not null then
                nodeid := 2;
                result := 'German, DMY';
                return next;
            end if;
        end $$;
        create function truncate_local_data_after_distributing_table(t regclass) returns void language plpgsql as $$
        begin
            if t not in (select table_name from citus_tables) then raise exception 'supplied relation % is not distributed', t; end if;
            execute format('truncate %s', t);
            insert into calls (what) values ('truncate ' || t);
        end $$;
        create function undistribute_table(t regclass) returns void language plpgsql as $$
        begin
            delete from citus_tables where table_name = t;
            if not found then raise exception 'cannot undistribute % because it is not distributed', t; end if;
            delete from citus_tables where table_name in (select inhrelid from pg_inherits where inhparent = t);
            -- The table is made anew, and so are the views over it: what was said of them is not.
            execute format('comment on table %s is null', t);
            if t = 'daily_summaries'::regclass then
                execute 'comment on column daily_summaries.records is null';
                execute 'comment on view days is null';
            end if;
            insert into calls (what) values ('back ' || t);
        end $$;
SQL
}

apply() {
    psql -XAtq -d "$DATABASE_URL" -v ON_ERROR_STOP=1 "$@" 2>&1
}

placed() {
    sql "select string_agg(table_name::text, ' ' order by table_name::text) from citus_tables
          where citus_table_type = '$1' and not (select relispartition from pg_class where oid = table_name)"
}

# What is said of tables, views and their columns: how many, and a digest.
remarks() {
    sql "select count(*) || '|' || md5(string_agg(concat_ws(' ', objoid, objsubid, description), ' ' order by objoid, objsubid))
           from pg_description where objoid in (select oid from pg_class where relnamespace = 'public'::regnamespace)"
}

@test "what grows by the day is spread by the date, what is small is everywhere, the rest stays" {
    engine
    sql "select ensure_month('2025-01-01')" >/dev/null
    run apply -f "$citus"
    [ "$status" -eq 0 ]
    # Whatever has a date in its key is spread by it, but for the queue of a run and proofs, of which a cluster has none.
    [ "$(placed distributed)" = "$(sql "select string_agg(c.relname, ' ' order by c.relname) from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'settlement_date' and not a.attisdropped
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
             and c.relname not in ('reconciliation_run_dates', 'day_proofs', 'summed_days')")" ]
    [ "$(sql "select count(*) from citus_tables where citus_table_type = 'distributed' and distribution_column <> 'settlement_date'")" = 0 ]
    # Whatever the calculations and sums are made from beside these is on every node.
    [ "$(placed reference)" = "archived_years bitcoin_monthly_summaries bitcoin_prices bitcoin_yearly_summaries block_subsidies bm_units declared_units exchange_rates miner_models monthly_summaries network_difficulty register_fetches replacement_monthly_summaries replacement_yearly_summaries sites wanted_spans withdrawn_declarations yearly_summaries" ]
    # What was moved does not lie here a second time, and what had no rows is not asked for.
    [ "$(sql "select count(*) from calls where what ~ '^truncate '")" -gt 3 ]
    [ "$(sql "select sum(pg_relation_size(table_name)) from citus_tables")" = 0 ]
    [ "$(sql "select count(*) from calls where what = 'truncate wind_generation'")" = 0 ]
    # The first is the one the others lie with.
    [ "$(sql "select what from calls order by n limit 1")" = "distributed curtailment_records" ]
    [ "$(sql "select string_agg(objid::regprocedure::text, ' ' order by objid::regprocedure::text) from pg_dist_object")" = \
        "audit_differences(jsonb,jsonb,text) settlement_period_start(date,integer) settlement_periods(date)" ]
}

@test "a second run asks for nothing, and one that was cut short goes on" {
    engine
    sql "create function broken() returns trigger language plpgsql as \$\$ begin raise exception 'the node is gone'; end \$\$;
         create trigger t before insert on engine.citus_tables for each row
             when (new.table_name = 'network_difficulty'::regclass) execute function broken()"
    run apply -f "$citus"
    [ "$status" -eq 3 ]
    [[ "$output" == *"the node is gone"* ]]
    [ -n "$(placed distributed)" ]
    sql "drop trigger t on engine.citus_tables"
    run apply -f "$citus"
    [ "$status" -eq 0 ]
    # Nothing was asked for twice: the stand-in refuses.
    before=$(sql "select count(*) from calls")
    [ "$before" -eq "$(sql "select count(distinct what) from calls")" ]
    run apply -f "$citus"
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from calls")" = "$before" ]
}

@test "where a node writes values in another way than the tools do, the database says how, once" {
    engine
    # In the order of the names; nothing where all nodes agree.
    said_of_database() { sql "select coalesce(string_agg(s, ' ' order by s), 'nothing') from pg_db_role_setting, unnest(setconfig) s
        where setdatabase = (select oid from pg_database where datname = current_database()) and s !~ '^search_path'"; }
    run apply -f "$citus"
    [ "$status" -eq 0 ]
    [ "$(said_of_database)" = nothing ]
    sql "alter database $TEST_DB set timezone = 'Pacific/Kiritimati'; alter database $TEST_DB set extra_float_digits = -15"
    sql "create table engine.german_node ()"
    for _ in first second; do
        run apply -f "$citus"
        [ "$status" -eq 0 ]
        [ "$(said_of_database)" = "DateStyle=ISO, MDY TimeZone=UTC extra_float_digits=1" ]
    done
    # What the tools say for their own sessions, the engine's have too.
    local n=0
    for name in $(grep -o "('[a-z_]*', '[A-Za-z0-9, ]*')" "$root/sql/query/session.sql" | grep -Eo "\('[a-z_]*" | tr -d "('" |
            grep -Ev '^(client_|idle_|default_|jit$|quote_)'); do
        grep -qF "('$name', $(grep -oE "\('$name', '[^']*'" "$root/sql/query/session.sql" | sed "s/.*, '/'/"))" "$citus"
        n=$((n + 1))
    done
    [ "$n" -eq 11 ]
}

@test "the way back leaves nothing behind, and a second time has nothing to do" {
    engine
    sql "select ensure_month('2025-01-01')" >/dev/null
    apply -f "$citus"
    said=$(remarks)
    run apply -f "$back"
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from citus_tables")" = 0 ]
    # What export and the manual tell of tables and columns is told as before.
    [ "${said%%|*}" -gt 500 ]
    [ "$(remarks)" = "$said" ]
    before=$(sql "select count(*) from calls")
    run apply -f "$back"
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from calls")" = "$before" ]
}

@test "a table that nobody gave a place stops it before anything is moved" {
    engine
    sql "create table newcomer (settlement_date date primary key)"
    run apply -f "$citus"
    [ "$status" -ne 0 ]
    [[ "$output" == *"do not agree: newcomer"* ]]
    [ "$(sql "select count(*) from calls")" = 0 ]
    sql "drop table newcomer; drop table bitcoin_prices"
    run apply -f "$citus"
    [ "$status" -ne 0 ]
    [[ "$output" == *"do not agree: bitcoin_prices"* ]]
    [ "$(sql "select count(*) from calls")" = 0 ]
}

@test "without the engine both say so, and change nothing" {
    for file in "$citus" "$back"; do
        run apply -f "$file"
        [ "$status" -ne 0 ]
        [[ "$output" == *"no Citus"* ]]
    done
}

@test "migrate does not see them" {
    engine
    migrate
    run migrate --status
    [ "$status" -eq 0 ]
    [[ "$output" != *citus* ]]
    [ "$(sql "select count(*) from calls")" = 0 ]
}

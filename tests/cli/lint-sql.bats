# The lint that keeps the SQL such as a sharded engine takes: it must see each construct that fails.
bats_require_minimum_version 1.5.0

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    cd "$BATS_TEST_TMPDIR" || return
}

# refused WHAT <<SQL: the statement is named at its line, in a migration and in a C source alike.
refused() {
    local statement
    statement=$(cat)
    printf -- '-- a comment; with a semicolon\nselect 1;\n\n%s;\nselect 2;\n' "$statement" >x.sql
    run "$root/tests/lint-sql" "$PWD/x.sql"
    echo "sql: $status: $output"
    [ "$status" -eq 1 ]
    [[ "$output" == "$PWD/x.sql:4: "*"$1"* ]]
    [ "${#lines[@]}" -eq 1 ]

    {   printf '#define HALF "%s"\n' "${statement:0:7}"
        printf 'static const char *const sql =\n\tHALF /* and */\n'
        tail -c +8 <<<"$statement" | sed 's/[\\"]/\\&/g; s/.*/\t"& "/'
        printf ';\nconst char *f(void) { return sql; }\n'; } >x.c
    run "$root/tests/lint-sql" "$PWD/x.c"
    echo "c: $status: $output"
    [ "$status" -eq 1 ]
    [[ "$output" == "$PWD/x.c:3: "*"$1"* ]]
    [ "${#lines[@]}" -eq 1 ]
}

accepted() {
    cat >y.sql
    run "$root/tests/lint-sql" "$PWD/y.sql"
    echo "$status: $output"
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
}

@test "the suite's own SQL is read, in C too, and fewer than all those are refused" {
    local names=(lib/calculation/summaries_db audit-calcs find-missing run-queue lib/curtailment/curtailment_db) files=() name
    # That all of it is accepted `make lint` says, of which this is the same program.
    for name in "${names[@]}"; do files+=("src/$name.c"); done
    # What it shows is statements, with tabs; what it finds has none, and status 1.
    LINT_SQL_SHOW=1 "$root/tests/lint-sql" sql/037-farm-summaries.sql "${files[@]}" >statements 2>said || { grep -v $'\t' statements; cat said; false; }
    [ ! -s said ]
    run ! grep -v $'\t' statements
    [ "$(cut -f 3 statements | grep -Ec '^(select|insert|update|delete|create|with|copy) ')" -gt 30 ]
    for name in "${names[@]}"; do
        [ "$(grep -c "^src/$name.c" statements)" -gt 1 ]
    done
    mkdir -p tree/tests tree/sql/query tree/sql/report tree/sql/partitions tree/src/lib/x tree/scripts/lib
    cp "$root/tests/lint-sql" tree/tests/
    cp -R "$root/sql/distributed" tree/sql/
    for name in sql/one sql/query/one sql/report/one sql/partitions/one; do echo "select 1;" >"tree/$name.sql"; done
    echo "int none;" | tee tree/src/one.c >tree/src/lib/x/one.c
    printf '%s\n' '#!/bin/sh' 'ask -c "select 1"' | tee tree/scripts/one.sh tree/scripts/lib/one.sh >tree/scripts/one
    run tree/tests/lint-sql
    [ "$status" -eq 1 ]
    [ "$output" = "lint-sql: only 7 statements were found" ]
}

@test "unique keys without the date are refused on tables that are spread by it" {
    refused "unique key of wind_generation without" <<<"create table wind_generation (id bigserial primary key, settlement_date date)"
    refused "unique key of wind_generation without" <<<"create table wind_generation (settlement_date date, farm text unique, n integer)"
    refused "unique key of wind_generation without" <<<"create table if not exists wind_generation (settlement_date date, n integer, primary key (n))"
    refused "unique key of wind_generation without" <<<"create table wind_generation (settlement_date date, n integer, unique nulls not distinct (n, farm_id))"
    refused "unique key of curtailment_records without" <<<"create unique index on curtailment_records (farm_id, acceptance_id)"
    refused "unique key of curtailment_records without" <<<"alter table curtailment_records add constraint x unique (farm_id)"
    refused "unique key of curtailment_records without" <<<"alter table curtailment_records add column id bigint generated always as identity primary key"
    refused "deferrable" <<<"alter table daily_summaries add constraint x unique (settlement_date) deferrable initially deferred"
    refused "exclusion" <<<"create table wind_generation (settlement_date date, exclude using gist (settlement_date with =))"
    accepted <<-END
		create table wind_generation (settlement_date date not null, n integer check (n in (1, 2)), primary key (settlement_date, n));
		create table daily_summaries (settlement_date date primary key, n integer);
		create unique index on curtailment_records (settlement_date, farm_id);
		create index on curtailment_records (farm_id);
		create table trade_records (id bigserial primary key, other text unique);
		create temp table anything (id integer primary key);
		create table curtailment_records_2025_01 partition of curtailment_records for values from ('2025-01-01') to ('2025-02-01');
		alter table wind_generation add column unique_number integer;
	END
}

@test "a table that nobody has placed is refused" {
    refused "the table strangers has no place" <<<"create table strangers (settlement_date date primary key)"
}

@test "foreign keys that would leave their node are refused" {
    refused "foreign key from wind_generation, which is spread, to reconciliation_runs" <<-END
		create table wind_generation (settlement_date date, run_id bigint references reconciliation_runs,
		primary key (settlement_date))
	END
    refused "foreign key from wind_generation, which is spread, to ingested_periods" <<-END
		create table wind_generation (settlement_date date primary key, n smallint, foreign key (n) references ingested_periods (n))
	END
    refused "foreign key from miner_models to daily_summaries" <<<"alter table miner_models add foreign key (day) references daily_summaries"
    accepted <<-END
		create table wind_generation (settlement_date date primary key, model text references miner_models);
		create table reconciliation_run_dates (run_id bigint references reconciliation_runs on delete cascade);
	END
}

@test "triggers and rules are refused, but for tables of the coordinator alone" {
    refused "a trigger" <<<"create trigger t before insert on daily_summaries for each row execute function f()"
    refused "a trigger" <<<"create constraint trigger t after insert on miner_models for each row execute function f()"
    refused "a rule" <<<"create or replace rule r as on insert to daily_summaries do instead nothing"
    accepted <<<"create trigger t before insert on trade_records for each row execute function f();"
}

@test "rollup, cube, grouping sets and except are refused" {
    refused "rollup, cube" <<<"select settlement_date, sum(volume) from curtailment_records group by rollup (settlement_date)"
    refused "rollup, cube" <<<"select settlement_date, farm_id from curtailment_records group by cube(settlement_date, farm_id)"
    refused "rollup, cube" <<<"select settlement_date from curtailment_records group by grouping sets ((settlement_date), ())"
    refused "except" <<<"select settlement_date from ingested_periods except select settlement_date from daily_summaries"
    refused "except" <<<"select settlement_date from ingested_periods except all (select date '2025-01-01')"
    accepted <<-END
		select record_id from trade_records except select entry_id from exchange_fills;
		select 'rollup (x) except ', rollup_name from curtailment_records;
	END
}

@test "a function that is not immutable in do update set is refused" {
    for now in "now()" "clock_timestamp()" "current_timestamp" "random()" "coalesce(excluded.updated_at, now())"; do
        refused "on conflict do update" <<-END
			insert into daily_summaries (settlement_date) values (\$1)
			on conflict (settlement_date) do update set records = 1, updated_at = $now
			where daily_summaries.records <> 1
		END
    done
    accepted <<-END
		insert into daily_summaries (settlement_date) values (\$1)
		on conflict (settlement_date) do update set updated_at = excluded.updated_at where daily_summaries.updated_at < now();
		insert into reconciliation_runs (run_id) values (1) on conflict (run_id) do update set finished_at = now();
		update daily_summaries set updated_at = now() where settlement_date = \$1;
	END
}

@test "updates with volatile functions, and of the date itself, are refused" {
    refused "volatile function of daily_summaries" <<<"update daily_summaries set updated_at = clock_timestamp()"
    refused "volatile function of miner_models" <<<"update miner_models set power_w = random()"
    refused "a stable function of its columns" <<<"update network_difficulty set in_force_until = effective_from + interval '1 day'"
    refused "settlement_date of wind_generation" <<<"update wind_generation set onshore_mwh = 1, settlement_date = settlement_date + 1"
    refused "settlement_date of wind_generation" <<<"update wind_generation set (settlement_date, onshore_mwh) = (\$1, 1)"
    accepted <<-END
		update wind_generation w set onshore_mwh = 1 where settlement_date = \$1;
		update reconciliation_run_dates set not_before = now() + random() * interval '1 s', settlement_date = \$1;
	END
}

@test "rows locked across nodes are refused" {
    refused "locked on many nodes" <<<"select 1 from curtailment_records where farm_id = \$1 for update skip locked"
    refused "locked on many nodes" <<<"with x as (select farm_id from daily_summaries for share) select 1 from x"
    accepted <<-END
		select settlement_date from reconciliation_run_dates where state = 'queued' for update skip locked;
		select 1 from daily_summaries where settlement_date = \$1 for update;
	END
}

@test "recursion over a table that is spread is refused" {
    refused "recursive" <<-END
		with recursive d as (select 1 as n union all select n + 1 from d join daily_summaries s on s.records = n)
		select n from d
	END
}

@test "joins and correlated subqueries that are not on the date are refused" {
    refused "not on the settlement_date" <<-END
		select r.volume from curtailment_records r join historical_bitcoin_calculations c on c.farm_id = r.farm_id
	END
    refused "not on the settlement_date" <<-END
		delete from curtailment_records r using ingested_periods p where p.settlement_period = r.settlement_period
	END
    refused "not on the settlement_date" <<-END
		select 1, (select sum(r.volume) from curtailment_records r join historical_bitcoin_calculations c using (farm_id))
	END
    refused "does not hang on the settlement_date" <<-END
		select farm_id from bm_units u where not exists (select from curtailment_records r where r.farm_id = u.farm_id)
	END
    accepted <<-END
		select 1 from curtailment_records r join ingested_periods p using (settlement_date, settlement_period);
		select 1 from curtailment_records r join ingested_periods p on p.settlement_date = r.settlement_date;
		select 1 from curtailment_records r join ingested_periods p on true where r.settlement_date = \$1 and p.settlement_date = \$1;
		select 1 from curtailment_records r join miner_models m on true;
		select 1 from curtailment_records r where not exists
		(select from ingested_periods p where p.settlement_date = r.settlement_date and p.settlement_period = r.settlement_period);
		select (select count(*) from (select 1 from daily_summaries) b full join monthly_summaries a on true)
		     + (select count(*) from (select 1 from bitcoin_daily_summaries) b full join yearly_summaries a on true);
		select least((select min(settlement_date) from curtailment_records), (select min(settlement_date) from daily_summaries));
	END
}

@test "a table of the coordinator beside one that is spread is refused" {
    refused "in one statement" <<-END
		insert into reconciliation_run_dates (run_id, settlement_date, priority) select 1, settlement_date, curtailed_mwh from daily_summaries
	END
    accepted <<-END
		insert into reconciliation_run_dates (run_id, settlement_date, priority) select run_id, \$1::date, 0 from reconciliation_runs;
		select settlement_date, curtailed_mwh from daily_summaries join miner_models on true;
	END
}

@test "a temporary table joined with one that is spread or on every node is refused, one read first is not" {
    # Each kind that the engine refused: it says that the temporary table is not distributed.
    beside() {
        {   echo "create temp table if not exists staged (like daily_summaries including defaults) on commit delete rows;"
            cat
            echo ";"
        } >x.sql
        run "$root/tests/lint-sql" "$PWD/x.sql"
        echo "$status: $output"
        [ "$status" -eq 1 ]
        [ "$output" = "$PWD/x.sql:2: the temporary table staged beside one that is spread or on every node: read it first, with … as materialized (select * from staged)" ]
    }
    beside <<<"delete from daily_summaries d using staged s where d.settlement_date = s.settlement_date"
    beside <<<"insert into daily_summaries select * from staged s where not exists (select from daily_summaries d where d.settlement_date = s.settlement_date)"
    beside <<<"insert into staged select d.* from daily_summaries d join staged s using (settlement_date)"
    beside <<<"create temp table more as select s.* from staged s join bm_units using (farm_id)"
    beside <<<"with s as materialized (select staged.* from staged join daily_summaries using (settlement_date)) select * from s"
    beside <<<"with s as (select * from staged) select * from s join daily_summaries using (settlement_date)"
    accepted <<-END
		create temporary table staged as select * from daily_summaries with no data;
		create temp table pairs (n integer);
		insert into staged select * from daily_summaries where settlement_date = \$1;
		insert into daily_summaries as d (settlement_date, records) select settlement_date, records from staged
		on conflict (settlement_date) do update set records = excluded.records where d.records <> excluded.records;
		with s as materialized (select * from staged) delete from daily_summaries d using s where d.settlement_date = s.settlement_date;
		insert into daily_summaries with s as materialized (select * from staged) select * from s
		where not exists (select from daily_summaries d where d.settlement_date = s.settlement_date and d.settlement_date = \$1);
		select count(*) from staged join trade_records on record_id = note;
		with pairs as (select settlement_date from daily_summaries) select count(*) from pairs;
		select staged from miner_models;
	END
}

@test "a table on every node is changed by an insert that meets its rows, not by those of this session" {
    temp() {
        { echo "create temp table staged (farm_id text, name text);"; cat; echo ";"; } >x.sql
        run "$root/tests/lint-sql" "$PWD/x.sql"
        echo "$status: $output"
        [ "$status" -eq 1 ]
        [[ "$output" == "$PWD/x.sql:2: "*"$1"* ]]
    }
    temp "on every node, changed by" <<<"with s as materialized (select * from staged) update bm_units b set name = s.name from s where s.farm_id = b.farm_id"
    temp "on every node, changed by" <<<"update miner_models m set power_w = s.records from staged s where s.note = m.miner_model"
    temp "on every node, changed by" <<<"delete from network_difficulty n where not exists (select from staged s where s.effective_from = n.effective_from)"
    temp "on every node, changed by" <<<"with s as materialized (select * from staged) delete from sites where farm_id in (select farm_id from s)"
    accepted <<-END
		create temp table staged (farm_id text, name text);
		delete from sites where farm_id in (select farm_id from staged);
		insert into bm_units (farm_id, valid_from, name) with s as materialized (select * from staged)
		select b.farm_id, b.valid_from, s.name from bm_units b join s using (farm_id) on conflict (farm_id, valid_from) do update set name = excluded.name;
	END
}

@test "what is asked beside a table that is spread, and has to be asked first, is refused" {
    refused "ask that first" <<-'END'
		delete from replacement_offers x where x.settlement_date between $1 and $2 and not $1::date <@ (select archived from days_left_out)
		and not exists (select from curtailment_records r where r.settlement_date = x.settlement_date)
	END
    refused "exists of any table over many dates" <<<'select exists (select from %s where settlement_date between $1::date and $2::date)'
    refused "a question in its list" <<<"select count(*), (select max(year) from archived_years) from daily_summaries"
    refused "a union in a lateral join" <<-'END'
		select 1 from daily_summaries d cross join lateral (select rate_date from exchange_rates where rate_date <= d.settlement_date union all select null) r
	END
    refused "read it first" <<-'END'
		select 1 from daily_summaries d cross join lateral (select count(*) from daily_summaries n where n.settlement_date > d.settlement_date - 14) near
	END
    accepted <<-'END'
		select exists (select 1 from curtailment_records where farm_id = 'T_A-1');
		select exists (select from curtailment_records where settlement_date = $1);
		with n as materialized (select count(*) as n from daily_summaries) select n, (select max(year) from archived_years) from n;
		with days as materialized (select settlement_date from daily_summaries) select 1 from days d
		cross join lateral (select count(*) from days n where n.settlement_date > d.settlement_date - 14) near
	END
}

@test "every exists of many dates without a column is refused, wherever it stands and whatever it reads" {
    refused "exists of curtailment_records over many dates" <<<"select exists (select from curtailment_records where farm_id = 'T_A-1')"
    refused "over many dates" <<-'END'
		select exists (select 1 from ingested_periods where settlement_date between $1 and $2)
		    or exists (select from curtailment_records where settlement_date between $1 and $2)
	END
    refused "over many dates" <<<'select 1 where not exists (select from curtailment_records where settlement_date = any ($1))'
    refused "over many dates" <<<"select case when exists(select from daily_summaries limit 1) then 1 else 2 end"
    refused "over many dates" <<<"delete from wanted_spans where exists (select from daily_summaries)"
    refused "over many dates" <<<"insert into wanted_spans (kind) select 'from' where exists (select from daily_summaries where farms > 1)"
    refused "over many dates" <<<"select count(*) from daily_summaries d where not exists (select from period_summaries where farms = 1)"
    refused "over many dates" <<<"with x as materialized (select exists (select from daily_summaries) as e) select e from x"
    refused "exists of x over many dates" <<<"with x as (select settlement_date from daily_summaries) select exists (select from x)"
    refused "over many dates" <<<"with a as materialized (select 1 as n) select exists (select from a join daily_summaries on records = n)"
    accepted <<-'END'
		select exists (select 1 from curtailment_records where farm_id = 'T_A-1'), exists (select from bm_units);
		select exists (select from daily_summaries where settlement_date = $1) or exists (select from curtailment_records where settlement_date = $1);
		select count(*) from daily_summaries d where not exists (select from curtailment_records r where r.settlement_date = d.settlement_date);
		with x as materialized (select settlement_date from daily_summaries) select exists (select from x);
		with x as materialized (select 1 as n), y as (select n from x) select count(*) from daily_summaries where exists (select from y);
		with days as materialized (select day from wanted_spans) select count(*) from days a where not exists (select from days b where b.day < a.day);
		select preexists (select from daily_summaries);
	END
    # A view is what it reads, and so is a view of it.
    for view in summed sums_of; do
        printf '%s\n' "create view summed as select farms from daily_summaries;" "create view sums_of as select farms from summed;" \
            "select exists (select from $view);" >v.sql
        run "$root/tests/lint-sql" "$PWD/v.sql"
        [ "$output" = "$PWD/v.sql:3: exists of $view over many dates: select 1 from" ]
    done
    accepted <<-'END'
		create view summed as select farms from daily_summaries;
		create or replace view summed as select farm_id from bm_units;
		select exists (select from summed), exists (select 1 from daily_summaries);
	END
}

@test "an exists of a table that is spread, for rows that are not, is refused" {
    local of_row="exists (select from curtailment_records r where r.settlement_date"
    refused "hangs on rows that are not" <<<"with x as materialized (select date '2025-01-01' as d) select d from x where $of_row = x.d)"
    refused "hangs on rows that are not" <<<"select d from generate_series(date '2025-01-01', date '2025-01-02', '1 day') g (d) where not $of_row = g.d)"
    refused "hangs on rows that are not" <<<"select m.miner_model from miner_models m where m.power_w > 0 and not $of_row = m.retired_from)"
    accepted <<-END
		with x as materialized (select date '2025-01-01' as d) select x.d from x join daily_summaries d on d.settlement_date = x.d where $of_row = d.settlement_date);
		select 1 from (select date '2025-01-01' as d) g where not $of_row = g.d);
		with x as materialized (select 1 as n) select n from x where not $of_row = \$1 and r.settlement_period = x.n);
	END
}

# said WHAT LINE <<script: of a script just this is said.
said() {
    cat >s
    run "$root/tests/lint-sql" "$PWD/s"
    echo "$status: $output"
    [ "$status" -eq 1 ]
    [[ "$output" == "$PWD/s:$2: "*"$1"* ]]
    [ "${#lines[@]}" -eq 1 ]
}

@test "the SQL of scripts is read: words, words within words, and here-documents" {
    said "over many dates" 2 <<-'END'
		#!/bin/sh
		ask -c "select exists (select from daily_summaries)"
	END
    said "over many dates" 3 <<-'END'
		#!/bin/bash
		# It isn't a quote that stands in a comment, nor in this one: $#.
		[ $# -gt 0 ] || echo 'select exists (select from daily_summaries where farms = '\''1'\'')' >"$tmp/plan.sql"
	END
    said "over many dates" 4 <<-'END'
		#!/bin/sh
		first=${1%%\'*} other="${2#"$first"}"
		if [ "${line%\"}" = "$(db_psql -v at="$first" \
			-c "select exists (select from daily_summaries where farms = '$x')")" ]; then echo; fi
	END
    said "over many dates" 5 <<-'END'
		#!/bin/sh
		db_psql -v a="$1" <<-'END_SQL' >"$tmp/here"
			\if :one
			select 1 as one, 'it''s' \gset
			select exists (select from daily_summaries where farms = :'a');
			\endif
		END_SQL
	END
    said "over many dates" 3 <<-'END'
		#!/bin/sh
		cat >"$tmp/plan.sql" <<END_SQL
		\copy (select exists (select from daily_summaries)) to 'file'
		END_SQL
	END
    said "over many dates" 3 <<-'END'
		#!/bin/sh
		statement="
			select
			exists (select from daily_summaries),
			$(date +%s)"
	END
    said "except: take not exists" 4 <<-'END'
		#!/bin/sh
		case $1 in
		a)	b ;;
		*)	show_query "select settlement_date from ingested_periods except select settlement_date from daily_summaries" ;; esac
	END
    # A library of functions is one by its name.
    mv s lib.sh
    sed -i 1d lib.sh
    run "$root/tests/lint-sql" "$PWD/lib.sh"
    [[ "$output" == "$PWD/lib.sh:3: except: take not exists" ]]
}

@test "of scripts, what is right is passed over, and what is no SQL; quotes that do not end are said" {
    cat >good <<-'END'
		#!/bin/sh
		usage() {
			cat <<'END_USAGE'
		usage: good [DATE]

		It isn't SQL; select exists (select from daily_summaries) is how the help says it.
		END_USAGE
		}
		# select exists (select from daily_summaries)
		say "the rows to select from daily_summaries aren't there" why='create them'
		db_psql -c "select exists (select 1 from daily_summaries)" -c 'create temp table lines (line text)' \
			-c "select line from lines"
		echo "$(awk '{ print "select", $1 }' "$tmp/rows")" | tr -d "'" >&2
	END
    run "$root/tests/lint-sql" "$PWD/good"
    [ "$output" = "" ]
    [ "$status" -eq 0 ]
    printf '%s\n' '#!/bin/sh' "echo 'select 1" >open
    run "$root/tests/lint-sql" "$PWD/open"
    [ "$status" -eq 1 ]
    [ "$output" = "lint-sql: $PWD/open: where the quotes end was not found" ]
    # A list may have the name that a script's temporary table has.
    cat >list.sql <<-'END'
		with lines as materialized (select * from staged_fills) select 1 from lines l where not exists (
			select from curtailment_records r where r.settlement_date = $1 and r.settlement_date = l.settlement_date);
	END
    run "$root/tests/lint-sql" "$PWD/good" "$PWD/list.sql"
    [ "$output" = "" ]
    [ "$status" -eq 0 ]
}

@test "an aggregate in one expression with what a subquery works out and the rows are grouped by is refused" {
    refused "an aggregate in one expression with can" <<-'END'
		select farm_id, round(max(paid) - can, 3) from (select farm_id, payment as paid, curtailed_mwh / 2 as can from farm_daily_summaries) f
		 where can > 1 group by farm_id, can order by farm_id
	END
    accepted <<-'END'
		select farm_id, max(paid) - can from (select farm_id, payment as paid, curtailed_mwh as can from farm_daily_summaries) f group by farm_id, can;
		select farm_id, trim_scale(can), max(paid) from (select farm_id, payment as paid, curtailed_mwh / 2 as can from farm_daily_summaries) f group by farm_id, can;
		with f as materialized (select farm_id, payment as paid, curtailed_mwh / 2 as can from farm_daily_summaries)
		select farm_id, max(paid) - can from f group by farm_id, can;
	END
}

@test "a function in SQL over tables that are not the coordinator's is refused, unless another takes its place" {
    refused "a function in SQL" <<-'END'
		create function best(day date) returns numeric language sql stable as $$ select max(price) from bitcoin_prices where price_date = day $$
	END
    accepted <<-'END'
		create function best(day date) returns numeric language sql stable as $$ select max(price) from bitcoin_prices where price_date = day $$;
		create or replace function best(day date) returns numeric language plpgsql stable as $$ begin return 1; end $$;
		create function half(n numeric) returns numeric language sql immutable as $$ select n / 2 $$;
		create function known(id text) returns boolean language sql stable as $$ select id in (select record_id from trade_records) $$;
		select known('x');
		select half(payment) from daily_summaries;
	END
    cat >z.sql <<-'END'
		create function noted(day date) returns bigint language sql stable as $$ select count(*) from reconciliation_run_dates where settlement_date = day $$;
		select settlement_date, noted($1) from daily_summaries;
	END
    run "$root/tests/lint-sql" "$PWD/z.sql"
    [ "$status" -eq 1 ]
    [ "$output" = "$PWD/z.sql:2: the function noted in SQL, over tables, beside a table that is spread: take PL/pgSQL" ]
}

@test "what is changed on conflict is looked at, whatever stands before it" {
    refused "on conflict do update" <<-END
		insert into declared_units (farm_id) select farm_id from bm_units where valid_to is null
		on conflict (farm_id, valid_from) do update set declared_at = now()
	END
}

@test "add constraint beside another change of the table is refused" {
    refused "beside another change" <<<"alter table miner_models add constraint positive check (power_w > 0), add column note text"
    accepted <<<"alter table trade_records add constraint positive check (size > 0), add column note text;"
}

@test "what stands in comments, in literals and in other words is passed over" {
    accepted <<-END
		/* create trigger t on daily_summaries */
		-- select 1 from curtailment_records except select 2
		select 'for update; except (', exceptional from curtailment_records;
		create function f() returns void language plpgsql as \$\$ begin raise exception 'x'; end \$\$;
		\\copy curtailment_records from 'x'
	END
    cat >z.c <<-'END'
		/* "select 1 from curtailment_records except select 2" */
		static const char help[] = "usage: x\n\nAll rows except those of today; for update see the manual.\n";
		const char *f(void) { return help; }
	END
    run "$root/tests/lint-sql" "$PWD/z.c"
    [ "$output" = "" ]
    [ "$status" -eq 0 ]
    run "$root/tests/lint-sql" "$PWD/z.txt"
    [ "$status" -eq 64 ]
}

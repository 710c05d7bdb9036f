-- Spread the tables over the nodes of a Citus cluster.  Applied by hand, after scripts/migrate, and
-- again after every migration that brings a table:
--
--	psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f sql/distributed/citus.sql
--
-- The engine must be there (create extension citus, and its nodes added).  What is spread already is
-- left alone, so that a second run changes nothing, and one that was cut short goes on.  Tables with
-- rows are moved with their rows.  undistribute.sql is the way back.
--
-- -v shards=N sets how many pieces the tables have, for all nodes together: once or twice the number
-- of their processors.  It counts the first time only.

\set ON_ERROR_STOP on
\if :{?shards}
\else
\set shards 8
\endif

select to_regclass('citus_tables') is null as absent \gset
\if :absent
do $$ begin raise exception 'this database has no Citus: create extension citus, and add its nodes'; end $$;
\endif

-- The engine's own sessions on the nodes write and read values as their node has it set, whatever the tools have set for theirs
-- (sql/query/session.sql): a date written in another way is none to them, or is in no month.  So where a node has it
-- otherwise the database says it, which the engine hands on to its nodes.
create temp table written (name text primary key, value text not null);
insert into written values
	('datestyle', 'ISO, MDY'), ('intervalstyle', 'postgres'), ('timezone', 'UTC'), ('lc_numeric', 'C'), ('lc_monetary', 'C'),
	('lc_time', 'C'), ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('standard_conforming_strings', 'on'),
	('array_nulls', 'on'), ('transform_null_equals', 'off');
select format('alter database %I set %I = %L', current_database(), w.name, w.value)
  from written w
 where exists (select from run_command_on_all_nodes(format('select current_setting(%L)', w.name)) n
		where n.result is distinct from w.value)
 order by w.name \gexec
drop table written;

-- What each table is to the engine.
--   date       its rows live on the node that their settlement date gives: whatever joins on the date,
--              and every transaction of the tools, which is of one date, stays on one node
--   reference  small, and whole on every node
--   local      on the coordinator alone: the ledger, whose keys have no date, and the diaries of
--              runs, which workers lock row by row
create temp table placement (name text primary key, class text not null);
insert into placement values
	('curtailment_records', 'date'),
	('ingested_periods', 'date'),
	('period_revisions', 'date'),
	('wind_generation', 'date'),
	('undecided_curtailment', 'date'),
	('historical_bitcoin_calculations', 'date'),
	('daily_summaries', 'date'),
	('bitcoin_daily_summaries', 'date'),
	('farm_daily_summaries', 'date'),
	('bitcoin_farm_daily_summaries', 'date'),
	('period_summaries', 'date'),
	('bitcoin_period_summaries', 'date'),
	('replacement_costs', 'date'),
	('replacement_offers', 'date'),
	('replacement_daily_summaries', 'date'),
	('settled_cashflows', 'date'),
	('settled_days', 'date'),

	('bm_units', 'reference'),
	('sites', 'reference'),
	('wanted_spans', 'reference'),
	('declared_units', 'reference'),
	('withdrawn_declarations', 'reference'),
	('miner_models', 'reference'),
	('network_difficulty', 'reference'),
	('block_subsidies', 'reference'),
	('register_fetches', 'reference'),
	('bitcoin_prices', 'reference'),
	('exchange_rates', 'reference'),
	('monthly_summaries', 'reference'),
	('bitcoin_monthly_summaries', 'reference'),
	('yearly_summaries', 'reference'),
	('bitcoin_yearly_summaries', 'reference'),
	('replacement_monthly_summaries', 'reference'),
	('replacement_yearly_summaries', 'reference'),
	('archived_years', 'reference'),

	('schema_migrations', 'local'),
	('day_proofs', 'local'),
	('withdrawn_proofs', 'local'),
	('summed_days', 'local'),
	('difficulty_corrections', 'local'),
	('acknowledged_implausible', 'local'),
	('reconciliation_runs', 'local'),
	('reconciliation_run_dates', 'local'),
	('exchange_fills', 'local'),
	('exchange_orders', 'local'),
	('exchange_windows', 'local'),
	('settled_corrections', 'local'),
	('exchange_turn', 'local'),
	('exchange_checks', 'local'),
	('discarded_trades', 'local'),
	('discarded_fills', 'local'),
	('trade_records', 'local'),
	('backfill_proposals', 'local'),
	('fifo_versions', 'local'),
	('fifo_version_products', 'local'),
	('fifo_allocations', 'local');

-- A table that nobody has thought about stops it all: half of a schema spread is slower than none.
do $$
declare
	strangers text;
begin
	select string_agg(coalesce(c.relname, p.name), ', ' order by coalesce(c.relname, p.name)) into strangers
	  from placement p
	  full join (select relname::text from pg_class
		      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
		        and oid not in (select objid from pg_depend where deptype = 'e')) c on c.relname = p.name
	 where p.name is null or c.relname is null;
	if strangers is not null then
		raise exception 'tables and their places do not agree: %', strangers
			using hint = 'is the schema migrated, and every new table named in this file?';
	end if;
end $$;

-- The engine has no triggers on what it spreads, so that there no day is proved (sql/058-day-proofs.sql): they go, and
-- undistribute.sql brings them back.
select format('drop trigger withdraw_proofs on %s', tgrelid::regclass)
  from pg_trigger where tgname = 'withdraw_proofs'
 order by tgrelid \gexec
delete from day_proofs;

-- The functions that queries send to the nodes with the rows.
select format('select create_distributed_function(%L)', oid::regprocedure)
  from pg_proc
 where oid in ('settlement_periods(date)'::regprocedure, 'settlement_period_start(date, integer)'::regprocedure,
               'audit_differences(jsonb, jsonb, text)'::regprocedure)
   and not exists (select from pg_dist_object d where d.classid = 'pg_proc'::regclass and d.objid = pg_proc.oid)
 order by oid \gexec

-- Each table is a transaction of its own.  Curtailment records come first: the others lie with them.
select case when class = 'reference' then format('select create_reference_table(%L)', name)
	    when name = 'curtailment_records'
	    then format('select create_distributed_table(%L, %L, shard_count => %s)', name, 'settlement_date', :'shards'::integer)
	    else format('select create_distributed_table(%L, %L, colocate_with => %L)', name, 'settlement_date', 'curtailment_records')
       end
  from placement
 where class <> 'local'
   and not exists (select from citus_tables t where t.table_name = name::regclass)
 order by name <> 'curtailment_records', class, name \gexec

-- The rows that were moved stay on this server's disk, unseen, until they are thrown away.
select format('select truncate_local_data_after_distributing_table(%L)', name)
  from placement
 where class <> 'local'
   and (select pg_relation_size(name::regclass) + coalesce(sum(pg_relation_size(inhrelid)), 0)
	  from pg_inherits where inhparent = name::regclass) > 0
 order by name \gexec

drop table placement;

-- The way back from citus.sql: every table becomes a plain one on this server, with its rows.
--
--	psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f sql/distributed/undistribute.sql
--
-- The disk of this server must have room for all of them.  A second run changes nothing, and one that
-- was cut short goes on.  The views lose what was granted on them: where roles.sql was applied, apply it
-- again.  The engine itself may then be removed: drop extension citus.

\set ON_ERROR_STOP on

select to_regclass('citus_tables') is null as absent \gset
\if :absent
do $$ begin raise exception 'this database has no Citus: there is nothing to bring back'; end $$;
\endif

-- Each table is a transaction of its own; partitions come with their parent.  The engine makes the table anew, and the views
-- over it, without what is said of them: so that is said again.
with remark as (
	select c.oid, c.relkind, format('comment on %s %I.%I%s is %L;', case when d.objsubid > 0 then 'column'
			when c.relkind = 'v' then 'view' else 'table' end, 'public', c.relname, '.' || quote_ident(a.attname), d.description) as statement
	  from pg_description d
	  join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass and c.relkind in ('r', 'p', 'v')
	  left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0
	 where c.relnamespace = 'public'::regnamespace
)
select format('select undistribute_table(%L);', t.table_name)
       || coalesce((select string_agg(statement, ' ') from remark r where r.oid = c.oid or r.relkind = 'v'), '')
  from citus_tables t
  join pg_class c on c.oid = t.table_name
 where c.relnamespace = 'public'::regnamespace and not c.relispartition
 order by t.table_name::text \gexec

-- Changes of records and calculations are watched again, so that days can be proved.
select watch_proofs();

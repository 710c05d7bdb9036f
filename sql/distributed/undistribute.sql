-- The way back from citus.sql: every table becomes a plain one on this server, with its rows.
--
--	psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f sql/distributed/undistribute.sql
--
-- The disk of this server must have room for all of them.  A second run changes nothing, and one that
-- was cut short goes on.  The engine itself may then be removed: drop extension citus.

\set ON_ERROR_STOP on

select to_regclass('citus_tables') is null as absent \gset
\if :absent
do $$ begin raise exception 'this database has no Citus: there is nothing to bring back'; end $$;
\endif

-- Each table is a transaction of its own; partitions come with their parent.
select format('select undistribute_table(%L)', t.table_name)
  from citus_tables t
  join pg_class c on c.oid = t.table_name
 where c.relnamespace = 'public'::regnamespace and not c.relispartition
 order by t.table_name::text \gexec

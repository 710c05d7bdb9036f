-- windfall-tables(5), in mdoc, from the comments on every table, view and column of a migrated database.  The page is kept
-- in the tree; a test compares it with a database of this version.  It is made by make tables-page, in a database of its own.
\pset tuples_only on
\pset format unaligned
\pset footer off
create function pg_temp.mdoc(text text) returns text language sql immutable as $$
	select regexp_replace(replace(replace(replace(text, '\', '\e'), '£', '\(Po'), '×', '\(mu'), '^([.''])', '\\&\1')
$$;
-- The names that PostgreSQL gives its types are long.
create function pg_temp.type_name(type text) returns text language sql immutable as $$
	select replace(replace(replace(type, 'timestamp with time zone', 'timestamptz'), 'character varying', 'varchar'), ' without time zone', '')
$$;
\qecho '.\\" Made by src/man/tables.sql from the comments in the database: change these, by a migration, and make tables-page.'
\qecho .Dd November 29, 2026
\qecho .Dt WINDFALL-TABLES 5
\qecho .Os Windfall
\qecho .Sh NAME
\qecho .Nm windfall-tables
\qecho .Nd the tables and views of the database
\qecho .Sh DESCRIPTION
\qecho These are the tables and views that
\qecho .Xr windfall-migrate 8
\qecho makes, for whoever reads them with a program of their own;
\qecho .Ql "windfall with-db psql"
\qecho is psql on that database, and
\qecho '.Ql \\ed+'
\qecho shows there what stands here.
\qecho Whoever writes into them by hand is found out by
\qecho .Xr audit-calcs 1
\qecho and
\qecho .Xr audit-fifo 1 .
\qecho .Pp
\qecho Days are settlement dates, in London; energy is in MWh, payments are in pounds, and both are exact decimals.
\qecho The views half_hours, farm_days, days and months, and those whose names begin with bitcoin_, are meant for questions:
\qecho they have the instants (UTC) at which each row begins and ends.
\qecho The records and the calculations are partitioned by month.
with relations as (
	select c.oid, c.relname::text as name, c.relkind,
	       (select string_agg(a.attname, ', ' order by k.nr)
	          from pg_index i cross join lateral unnest(i.indkey) with ordinality k (attnum, nr)
	          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
	         where i.indrelid = c.oid and i.indisprimary) as key,
	       (select count(*) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
	  from pg_class c
	 where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
	   and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
), lines (section, name, nr, text) as (
	select 1, null, 0, '.Sh TABLES'
	union all
	select 2, null, 0, '.Sh VIEWS'
	union all
	select case when relkind in ('r', 'p') then 1 else 2 end, name, 0,
	       concat_ws(E'\n', '.Ss ' || name, pg_temp.mdoc(upper(left(obj_description(oid, 'pg_class'), 1)) || substr(obj_description(oid, 'pg_class'), 2)) || '.',
	                 case when key is not null then 'Key: ' || key || '.' end, case when columns > 0 then '.Bl -tag -width Ds' end)
	  from relations
	union all
	select case when relkind in ('r', 'p') then 1 else 2 end, name, a.attnum,
	       concat_ws(E'\n', format('.It Va %s No %s', a.attname, pg_temp.type_name(format_type(a.atttypid, a.atttypmod))),
	                 pg_temp.mdoc(col_description(r.oid, a.attnum)))
	  from relations r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
	union all
	select case when relkind in ('r', 'p') then 1 else 2 end, name, 10000, '.El'
	  from relations where columns > 0
)
select text from lines order by section, name collate "C" nulls first, nr;
\qecho .Sh SEE ALSO
\qecho .Xr audit-calcs 1 ,
\qecho .Xr windfall 1 ,
\qecho .Xr windfall-export 1 ,
\qecho .Xr with-db 1 ,
\qecho .Xr windfall 7 ,
\qecho .Xr windfall-migrate 8

-- What scripts/export can print, and what each is.
\set ON_ERROR_STOP on
\set lists 'nothing as (select)'
select $list$
result as not materialized (
	select c.relname::text as name, case c.relkind when 'v' then 'view' else 'table' end as kind,
	       coalesce(obj_description(c.oid, 'pg_class'), '') as what
	  from pg_class c
	 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
	   and c.oid not in (select objid from pg_depend where deptype = 'e')
	 order by c.relkind <> 'v', c.relname
)
$list$ as list \gset
\set lists :lists ', ' :list

-- The list "result" (export.sql) as the statements that make a table of it in SQLite, for scripts/export.  Variable: name.
\set ON_ERROR_STOP on
select $list$
result_columns as not materialized (
	select attname::text as name, attnum,
	       case when atttypid in ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'boolean'::regtype) then 'INTEGER'
		    when atttypid in ('numeric'::regtype, 'double precision'::regtype, 'real'::regtype) then 'REAL'
		    else 'TEXT' end as kind, atttypid = 'boolean'::regtype as logical
	  from pg_attribute where attrelid = format('public.%I', :'name')::regclass and attnum > 0 and not attisdropped
)
$list$ as list \gset
\set lists :lists ', ' :list

-- The expression that writes one column as SQLite's literal; a text doubles its quotes.
select $list$
result_literals as not materialized (
	select attnum, case when logical then format('coalesce(%I::integer::text, ''NULL'')', name)
			    when kind = 'TEXT' then format($$coalesce('''' || replace(%I::text, '''', '''''') || '''', 'NULL')$$, name)
			    else format('coalesce(%I::text, ''NULL'')', name) end as expression
	  from result_columns
)
$list$ as list \gset
\set lists :lists ', ' :list

select 'begin;';
select format('drop table if exists "%s";', :'name');
with :lists
select format('create table "%s" (%s);', :'name', string_agg(format('"%s" %s', name, kind), ', ' order by attnum)) from result_columns;
with :lists
select format($$select 'insert into "%s" values (' || concat_ws(',', %s) || ');' from result $$ || :'answer_order', :'name',
	      string_agg(expression, ', ' order by attnum)) as statement from result_literals \gset
with :lists
:statement;
select 'commit;';

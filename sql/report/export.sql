-- One view or table as the list "result" (spans.sql), for scripts/export.  Variables: name (it exists); from, to (days, or ''
-- for all of it).
\set ON_ERROR_STOP on
\set lists 'nothing as (select)'

-- By which column a span picks its rows; empty where it has none of that kind.
select coalesce((
	select column_name
	  from (values ('settlement_date', 1), ('price_date', 2), ('year_month', 3), ('year', 4), ('rate_date', 5)) known (column_name, preference)
	 where column_name in (select attname from pg_attribute
				where attrelid = format('public.%I', :'name')::regclass and attnum > 0 and not attisdropped)
	 order by preference limit 1), '') as days_column \gset

select format('result as not materialized (select * from public.%I', :'name')
       || case when :'from' = '' or :'days_column' = '' then ''
	       else format(case :'days_column' when 'year_month' then ' where year_month between left(%2$L, 7) and left(%3$L, 7)'
			   when 'year' then ' where year between left(%2$L, 4) and left(%3$L, 4)'
			   else ' where %1$I between %2$L::date and %3$L::date' end, :'days_column', :'from', :'to') end
       || ')' as list, coalesce((select 'order by ' || string_agg(format('%I', attname), ', ' order by attnum)
		      from pg_attribute
		     where attrelid = format('public.%I', :'name')::regclass and not attisdropped
		       and attname in ('settlement_date', 'settlement_period', 'price_date', 'rate_date', 'year_month', 'year', 'farm_id', 'miner_model')), '') as answer_order \gset
\set lists :lists ', ' :list

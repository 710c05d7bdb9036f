-- The days, months or years of a span, a line each, for scripts/report.  Variables: those of summary.sql.
\ir summary.sql
-- The state is that of the models in force through the whole part: one that was retired in it is never complete.
select $list$
told as materialized (
	select distinct on (first_day) first_day, last_day, state, days, curtailed_mwh, payment, payment_per_mwh, curtailed_share_percent, farms
	  from result left join models using (miner_model)
	 order by first_day, in_force_until > last_day desc, state = 'not_complete' desc
)
$list$ as list \gset
\set lists :lists ', ' :list
-- What is only a part of a month or year says which.
select $list$
named as not materialized (
	select *, case when :'parts' = 'day' then first_day::text
		       when :'parts' = 'month' and extract(day from first_day) = 1 and extract(day from last_day + 1) = 1 then to_char(first_day, 'YYYY-MM')
		       when :'parts' = 'year' and to_char(first_day, 'MM-DD') = '01-01' and to_char(last_day, 'MM-DD') = '12-31' then to_char(first_day, 'YYYY')
		       else first_day || ' to ' || to_char(last_day, 'MM-DD') end as name
	  from told
)
$list$ as list \gset
\set lists :lists ', ' :list
select '  ' || :'parts' as heading \gset
with :lists
select '  ' || name as :"heading", case when days > 0 then to_char(curtailed_mwh, 'FM999,999,999,990.000') else '-' end as "MWh",
       case when days > 0 then to_char(payment, 'FM999,999,999,990.00') else '-' end as "£", coalesce(to_char(payment_per_mwh, 'FM999,999,999,990.00'), '-') as "£/MWh",
       coalesce(to_char(curtailed_share_percent, 'FM990.0'), '-') as "share %", coalesce(farms::text, '-') as units,
       case when days = 0 then 'nothing is stored' when state = 'not_complete' then 'not complete' else state end as state
  from named order by first_day;

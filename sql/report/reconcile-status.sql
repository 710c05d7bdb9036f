-- What is stored, counted, for reconcile status: the rows of a day are read only where no note says how many there are
-- (sql/074-counts-of-known-days.sql), each once, and none is sorted.
\set ON_ERROR_STOP on
with stored as materialized (
	select what, name, sum(n) as n, min(first_day) as first_day, max(last_day) as last_day from stored_counts() group by what, name
), lines as (
	select 1 as part, '' as miner_model,
	       format('records          %s of %s farms, from %s to %s', to_char(coalesce(sum(n), 0), 'FM999,999,999,990'), count(name),
		      coalesce(min(first_day)::text, '-'), coalesce(max(last_day)::text, '-')) as line
	  from stored where what = 'record'
	union all
	select 2, '', format('periods          %s fetched, %s of them provisional', to_char(count(*), 'FM999,999,999,990'),
			     to_char(count(*) filter (where status = 'provisional'), 'FM999,999,999,990'))
		      || case when count(*) filter (where status = 'suspect') > 0
			      then format(', %s suspect', to_char(count(*) filter (where status = 'suspect'), 'FM999,999,999,990')) else '' end
	  from ingested_periods
	union all
	select 3, '', format('calculations     %s', to_char(coalesce(sum(n), 0), 'FM999,999,999,990')) from stored where what = 'calculation'
	union all
	select 3, m.miner_model, format('  %s %s', rpad(m.miner_model, 14), to_char(coalesce(c.n, 0), 'FM999,999,999,990'))
	       || case when m.active then '' when m.retired_from is null then ' (not active)'
		       else format(' (retired from %s)', m.retired_from) end
	  from miner_models m left join stored c on c.what = 'calculation' and c.name = m.miner_model
	 where m.active or c.n > 0
)
select line from lines order by part, miner_model;

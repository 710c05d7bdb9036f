-- What is stored, counted, for reconcile status: each row is read once, and none is sorted.
\set ON_ERROR_STOP on
with farms as materialized (
	select farm_id, count(*) as records, min(settlement_date) as first_day, max(settlement_date) as last_day
	  from curtailment_records group by farm_id
)
select format('records          %s of %s farms, from %s to %s', to_char(coalesce(sum(records), 0), 'FM999,999,999,990'),
	      count(*), coalesce(min(first_day)::text, '-'), coalesce(max(last_day)::text, '-'))
  from farms;
select format('periods          %s fetched, %s of them provisional', to_char(count(*), 'FM999,999,999,990'),
	      to_char(count(*) filter (where status = 'provisional'), 'FM999,999,999,990'))
       || case when count(*) filter (where status = 'suspect') > 0
	       then format(', %s suspect', to_char(count(*) filter (where status = 'suspect'), 'FM999,999,999,990')) else '' end
  from ingested_periods;
with counted as materialized (
	select miner_model, count(*) as n from historical_bitcoin_calculations group by miner_model
), lines as (
	select '' as miner_model, format('calculations     %s', to_char(coalesce(sum(n), 0), 'FM999,999,999,990')) as line from counted
	union all
	select m.miner_model, format('  %s %s', rpad(m.miner_model, 14), to_char(coalesce(c.n, 0), 'FM999,999,999,990'))
	       || case when m.active then '' when m.retired_from is null then ' (not active)'
		       else format(' (retired from %s)', m.retired_from) end
	  from miner_models m left join counted c using (miner_model)
	 where m.active or c.n > 0
)
select line from lines order by miner_model;

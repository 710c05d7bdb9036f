-- What is stored, counted, for reconcile status.
\set ON_ERROR_STOP on
select format('records          %s of %s farms, from %s to %s', to_char(count(*), 'FM999,999,999,990'),
	      count(distinct farm_id), coalesce(min(settlement_date)::text, '-'), coalesce(max(settlement_date)::text, '-'))
  from curtailment_records;
select format('periods          %s fetched, %s of them provisional', to_char(count(*), 'FM999,999,990'),
	      to_char(count(*) filter (where status = 'provisional'), 'FM999,999,990'))
       || case when count(*) filter (where status = 'suspect') > 0
	       then format(', %s suspect', to_char(count(*) filter (where status = 'suspect'), 'FM999,999,990')) else '' end
  from ingested_periods;
select format('calculations     %s', to_char(count(*), 'FM999,999,999,990')) from historical_bitcoin_calculations;
select format('  %s %s', rpad(m.miner_model, 14), to_char(coalesce(c.n, 0), 'FM999,999,999,990'))
       || case when m.active then '' when m.retired_from is null then ' (not active)'
	       else format(' (retired from %s)', m.retired_from) end
  from miner_models m
  left join (select miner_model, count(*) as n from historical_bitcoin_calculations group by miner_model) c using (miner_model)
 where m.active or c.n > 0
 order by m.miner_model;

-- One settlement day on a page.  psql -v day=YYYY-MM-DD
\set ON_ERROR_STOP on
\pset tuples_only on
\pset format unaligned
\pset footer off

select format('Curtailed wind on %s', to_char(:'day'::date, 'FMDay DD FMMonth YYYY'));
select '';
select exists (select from daily_summaries where settlement_date = :'day') as summed \gset
\if :summed
\set lists 'nothing as (select)'
select $list$
span_days as materialized (
	select 0 as place, 0 as part, :'day'::date as settlement_date
)
$list$ as list \gset
\set lists :lists ', ' :list
\ir replacement.sql
with :lists, this_day as materialized (
	select d.*, x.settled_payment, x.days as days_settled, 1 as days_expected, r.state as replacement_state, r.cost as replacement_cost,
	       d.payment + r.cost as total_cost, r.known as replacement_periods
	  from (select * from daily_summaries where settlement_date = :'day') d cross join replaced r cross join settled x
)
select format('  periods         %s of %s fetched, %s final', d.periods_ingested, d.periods_expected, d.periods_final)
       || E'\n' || format('  records         %s, of %s (period, farm) pair%s in %s period%s',
			  to_char(d.records, 'FM999,999,999,990'), to_char(d.period_farms, 'FM999,999,999,990'),
			  case when d.period_farms <> 1 then 's' end, d.periods, case when d.periods <> 1 then 's' end)
       || E'\n' || format('  energy          %s MWh', to_char(d.curtailed_mwh, 'FM999,999,999,990.000000000'))
       || E'\n' || format('  paid            £%s%s', to_char(d.payment, 'FM999,999,999,990.00'),
			  case when d.payment_by_farms <> 0
			       then format(' (£%s to farms, £%s by farms)', to_char(d.payment_to_farms, 'FM999,999,999,990.00'),
					   to_char(d.payment_by_farms, 'FM999,999,999,990.00'))
			       else '' end)
       || case when days_settled = 0 then '' else E'\n' || '  settled         ' || :settled_line end
       || case when d.periods = 0 then ''
	       else E'\n' || '  to replace it   ' || :replacement_line end
       || case when d.onshore_mwh is null then ''
	       else E'\n' || format('  wind generated  %s MWh; %s %% of the possible wind generation was curtailed',
				    to_char(d.onshore_mwh + d.offshore_mwh, 'FM999,999,999,990'),
				    to_char(100 * d.wind_curtailed_mwh / nullif(d.onshore_mwh + d.offshore_mwh + d.wind_curtailed_mwh, 0), 'FM990.0'))
		    || case when d.wind_periods < d.periods_expected
			    then format(' (of %s of %s half hours: the others are not known)', d.wind_periods, d.periods_expected) else '' end
	  end
  from this_day d;

select format('  suspect         %s: %s; the stored rows stay',
	      case when count(*) = 1 then '1 settlement period' else count(*) || ' settlement periods' end, min(suspect))
  from ingested_periods where settlement_date = :'day' and status = 'suspect' having count(*) > 0;
select format('  changed since it was final: period %s on %s, %s to %s MWh, £%s to £%s (%s%s)', settlement_period,
	      to_char(revised_at, 'YYYY-MM-DD HH24:MI'), to_char(mwh_before, 'FM999,999,999,990.000'), to_char(mwh_after, 'FM999,999,999,990.000'),
	      to_char(payment_before, 'FM999,999,999,990.00'), to_char(payment_after, 'FM999,999,999,990.00'), fetched_by,
	      case when accepted then ', accepted' else '' end)
  from revisions_since_final where settlement_date = :'day' order by settlement_period, revised_at;

select '';
\pset tuples_only off
\pset format aligned
\pset border 0
select '  ' || b.miner_model as "  if mined by",
       coalesce(to_char(peak.machines, 'FM999,999,999,990'), '-') as "machines",
       coalesce(to_char(100 * peak.share, 'FM999,999,999,990.0') || ' %', '-') as "of the network",
       to_char(b.bitcoin_mined, 'FM999,999,999,990.00000000') as "BTC",
       b.currency || ' ' || coalesce(to_char(b.value_at_mining, 'FM999,999,999,990'), '-') as "value at mining",
       case when b.price is null then format('no price in %s is known', b.currency)
	    when b.price_assumed then format('at an assumed %s %s', to_char(b.price, 'FM999,999,999,990'), b.currency)
	    when b.price_date <> b.settlement_date
	    then format('at %s %s, of %s: no price is known for that day', to_char(b.price, 'FM999,999,999,990.00'), b.currency, b.price_date)
	    else format('at the day''s %s %s', to_char(b.price, 'FM999,999,999,990.00'), b.currency) end as "price",
       coalesce(to_char(g.value_gbp / nullif(g.curtailed_mwh, 0), 'FM999,999,999,990.00'), '-') as "£/MWh",
       coalesce(to_char((g.value_gbp - g.payment) / nullif(g.curtailed_mwh, 0), 'FMSG999,999,999,990.00'), '-') as "less paid"
  from bitcoin_daily_summaries b
  join miner_models m using (miner_model)
  left join bitcoin_days_in_pounds g using (settlement_date, miner_model)
  left join (select miner_model, max(machines) as machines, max(share) as share
	       from (select miner_model, sum(miners) as machines,
			    sum(miners * hashrate_ths) * 1000000000000 * 600 / (max(difficulty) * 4294967296) as share
		       from historical_bitcoin_calculations where settlement_date = :'day'
		      group by miner_model, settlement_period) half_hours
	      group by miner_model) peak using (miner_model)
 where b.settlement_date = :'day'
 order by b.bitcoin_mined desc;

\pset tuples_only on
\pset format unaligned
select '  The machines that the busiest half hour could have powered, and their share of the'
       || E'\n  network of that time.  The historical difficulty is used, although so many more would'
       || E'\n  have raised it; transaction fees are not counted.'
       || coalesce((select case when currency = 'GBP' then '' else
				format(E'\n  A %s was £%s at the European Central Bank''s rates of %s.', currency, trim_scale(round(pounds_per_unit, 6)), rate_date) end
		      from bitcoin_days_in_pounds join bitcoin_daily_summaries using (settlement_date, miner_model)
		     where settlement_date = :'day' limit 1), '')
       || E'\n'
 where exists (select from bitcoin_daily_summaries where settlement_date = :'day');
\pset tuples_only off
\pset format aligned

select '  ' || farm_id as "  lost most", coalesce(name, '') as "name", coalesce(lead_party_name, '') as "lead party",
       to_char(mwh, 'FM999,999,999,990.0') as "MWh", '£' || to_char(paid, 'FM999,999,999,990') as "paid",
       to_char(btc, 'FM999,999,999,990.0000') as "BTC, S19J_PRO"
  from (select d.farm_id, d.curtailed_mwh as mwh, d.payment as paid, b.bitcoin_mined as btc
	  from farm_daily_summaries d
	  left join bitcoin_farm_daily_summaries b on b.settlement_date = d.settlement_date and b.farm_id = d.farm_id
	   and b.miner_model = 'S19J_PRO'
	 where d.settlement_date = :'day'
	 order by mwh desc, farm_id
	 limit 5) most
  left join (select farm_id, name, lead_party_name from bm_units
	      where valid_from <= :'day' and (valid_to is null or valid_to > :'day')) as unit_of_the_day using (farm_id)
 order by mwh desc, farm_id;
\endif

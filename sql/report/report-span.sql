-- A span on a page, for scripts/report.  Variables: those of summary.sql, with parts all and compare yes.
\ir summary.sql
\pset tuples_only on
\pset format unaligned
\pset footer off

-- Energy as people write it: MWh to three decimals, or GWh above a thousand of them, or TWh.
select $list$
told as materialized (
	select distinct on (span) *,
	       case when extract(day from first_day) = 1 and last_day = (first_day + interval '1 month')::date - 1 then to_char(first_day, 'FMMonth YYYY')
		    when to_char(first_day, 'MM-DD') = '01-01' and last_day = (first_day + interval '1 year')::date - 1 then to_char(first_day, 'YYYY')
		    else to_char(first_day, 'FMDD FMMonth YYYY') || ' to ' || to_char(last_day, 'FMDD FMMonth YYYY') end as name,
	       case when abs(curtailed_mwh) >= 1000000 then to_char(curtailed_mwh / 1000000, 'FM999,999,999,990.000') || ' TWh'
		    when abs(curtailed_mwh) >= 1000 then to_char(curtailed_mwh / 1000, 'FM999,999,999,990.000') || ' GWh'
		    else to_char(curtailed_mwh, 'FM999,999,999,990.000') || ' MWh' end as energy
	  from result order by span, bitcoin_mined desc nulls last
)
$list$ as list \gset
\set lists :lists ', ' :list

with :lists
select 'Curtailed wind, ' || name || E'\n' from told where span = 'span';
with :lists
select format('  days            %s of %s stored; half hours %s of %s fetched, %s final', days, days_expected,
	      to_char(periods_ingested, 'FM999,999,999,990'), to_char(periods_expected, 'FM999,999,999,990'), to_char(periods_final, 'FM999,999,999,990'))
       || case when days = 0 then ''
	       else E'\n' || format('  energy          %s in %s half hour%s, of %s unit%s', energy, to_char(periods, 'FM999,999,999,990'),
				    case when periods <> 1 then 's' end, coalesce(farms::text, 'an unknown number of'),
				    case when farms is distinct from 1 then 's' end)
		    || E'\n' || format('  paid            £%s%s%s', to_char(payment, 'FM999,999,999,990.00'),
				       coalesce(', £' || to_char(payment_per_mwh, 'FM999,999,999,990.00') || ' a MWh', ''),
				       case when payment_by_farms <> 0
					    then format(' (£%s to farms, £%s by farms)', to_char(payment_to_farms, 'FM999,999,999,990.00'),
							to_char(payment_by_farms, 'FM999,999,999,990.00')) else '' end)
		    || case when days_settled = 0 then '' else E'\n' || '  settled         ' || :settled_line end
		    || case when periods = 0 then ''
			    else E'\n' || '  to replace it   ' || :replacement_line end
		    || case when curtailed_share_percent is null then ''
			    else E'\n' || format('  share of wind   %s %% of the possible wind generation, in the %s of %s half hours whose generation is known',
						 to_char(curtailed_share_percent, 'FM990.0'), to_char(wind_periods, 'FM999,999,999,990'),
						 to_char(periods_expected, 'FM999,999,999,990')) end end
  from told where span = 'span';

-- A change is told only from a span of which every day is stored.
with :lists
select format('  %s %s', rpad(case t.span when 'before' then 'the span before' else 'a year earlier' end, 15),
	      case when t.days < t.days_expected then format('%s: %s of %s days are stored, nothing is compared', t.name,
							     t.days, t.days_expected)
		   else format('%s: %s (%s), £%s (%s)', t.name, t.energy,
			       coalesce(to_char(100 * (s.curtailed_mwh / nullif(t.curtailed_mwh, 0) - 1), 'SFM999,999,999,990.0') || ' %', 'from nothing'),
			       to_char(t.payment, 'FM999,999,999,990.00'),
			       case when t.payment < 0 then 'farms paid on balance'
				    else coalesce(to_char(100 * (s.payment / nullif(t.payment, 0) - 1), 'SFM999,999,999,990.0') || ' %', 'from nothing') end) end)
  from told t cross join (select * from told where span = 'span' and days > 0) s
 where t.span <> 'span' order by t.span;

select '';
\pset tuples_only off
\pset format aligned
\pset border 0
with :lists
select '  ' || miner_model || case when calculations < period_farms then ' (part of it)' else '' end as "  if mined by",
       to_char(bitcoin_mined, 'FM999,999,999,990.00000000') as "BTC",
       coalesce(currency || ' ' || to_char(value_at_mining, 'FM999,999,999,990'), '-') as "value at mining",
       coalesce(to_char(price, 'FM999,999,999,990.00'), '-') as "price",
       case price_state when 'known' then 'of each day' when 'earlier' then 'of each day, or of an earlier day' when 'mixed' then 'of each day, or assumed'
			when 'assumed' then 'assumed' when 'incomplete' then 'not known for some days: these have no value'
			when 'currencies' then 'in several currencies: run rollup-summaries' else 'not known' end as "which is",
       coalesce(to_char(bitcoin_gbp_per_mwh, 'FM999,999,999,990.00'), '-') as "£/MWh", coalesce(to_char(bitcoin_less_payment_per_mwh, 'FMSG999,999,999,990.00'), '-') as "less paid"
  from result left join (select miner_model, calculations from mined where place = 1) calculated using (miner_model)
 where span = 'span' and miner_model is not null and days > 0
 order by bitcoin_mined desc nulls last;

\pset tuples_only on
\pset format unaligned
-- The model that mined most says of all of them what their pounds are.
with :lists
select format('  Every whole machine that the energy could power runs, at the difficulty of the time, without fees,'
	      || E'\n  costs or downtime.  £/MWh is what the bitcoin of a MWh was worth%s, and'
	      || E'\n  "less paid" what that is beyond the payment for it.%s\n',
	      case when currency = 'GBP' then '' else ' (European Central Bank rates)' end,
	      case gbp_state when 'incomplete' then E'\n  Some days have no known price or rate: both figures cover the others.'
			     when 'unknown' then E'\n  No day has both a known price and an exchange rate: fetch-rates --store, fetch-prices --store.'
			     when 'earlier' then E'\n  Where a day has no price or rate, as on weekends, the last one before it counts.' else '' end)
  from told where span = 'span' and days > 0 and miner_model is not null;
\pset tuples_only off
\pset format aligned

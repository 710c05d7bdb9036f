-- Who or what was turned down most in a span, for scripts/rank-farms.  Variables: from, to (days); by (unit, farm,
-- owner, county, region, nation, border, period, weekday or month); model (one); compare (before, year or no);
-- sort (energy, payment or bitcoin); top (how many; 0 is all); farm ('' is all; not with by period,
-- which is summed for all farms alone).
\set ON_ERROR_STOP on
\set parts all
\ir spans.sql

select (:'by' in ('period', 'weekday', 'month'))::text as by_time, :'farm' <> '' as one_farm, :'by' = 'period' as by_period,
       :'by' in ('period', 'weekday', 'month') and :'farm' = '' as whole_days \gset

-- What is ranked, each with the sums of one unit or of all of them, energy and bitcoin apart.
\if :whole_days
\if :by_period
select $list$
facts as not materialized (
	select settlement_date, settlement_period, null::text as farm_id, curtailed_mwh, payment, farms as unit_periods, null::numeric as bitcoin_mined
	  from period_summaries where settlement_date between :'first_read' and :'last_read'
	union all
	select settlement_date, settlement_period, null, null, null, null, bitcoin_mined
	  from bitcoin_period_summaries where settlement_date between :'first_read' and :'last_read' and miner_model = :'model'
)
$list$ as list \gset
\set lists :lists ', ' :list
\else
select $list$
facts as not materialized (
	select settlement_date, null::smallint as settlement_period, null::text as farm_id, curtailed_mwh, payment, period_farms as unit_periods,
	       null::numeric as bitcoin_mined
	  from daily_summaries where period_farms > 0
	union all
	select settlement_date, null, null, null, null, null, bitcoin_mined
	  from bitcoin_daily_summaries where miner_model = :'model'
)
$list$ as list \gset
\set lists :lists ', ' :list
\endif
\else
select $list$
facts as not materialized (
	select settlement_date, null::smallint as settlement_period, farm_id, curtailed_mwh, payment, periods as unit_periods,
	       null::numeric as bitcoin_mined
	  from farm_daily_summaries where settlement_date between :'first_read' and :'last_read'
	union all
	select settlement_date, null, farm_id, null, null, null, bitcoin_mined
	  from bitcoin_farm_daily_summaries where settlement_date between :'first_read' and :'last_read' and miner_model = :'model'
)
$list$ as list \gset
\set lists :lists ', ' :list
\endif

-- Each unit's sums first, and then those of what it stands under.  A unit without a site stays itself; a month of the
-- other span is that of the day that stands where this one does.
set work_mem = '32MB';
select $list$
ranked as materialized (
	select u.place, n.name, count(distinct u.farm_id) as units, bool_and(s.farm_id is not null) as placed,
	       sum(u.curtailed_mwh) as curtailed_mwh, sum(u.payment) as payment, sum(u.unit_periods) as unit_periods,
	       sum(u.bitcoin_mined) as bitcoin_mined
	  from (select d.place, d.time, f.settlement_period, f.farm_id, s.valid_from, sum(f.curtailed_mwh) as curtailed_mwh,
		       sum(f.payment) as payment, sum(f.unit_periods) as unit_periods, sum(f.bitcoin_mined) as bitcoin_mined
		  from (select place, settlement_date,
			       case :'by' when 'weekday' then to_char(settlement_date, 'FMDay')
				    when 'month' then to_char(case place when 1 then settlement_date when 3 then settlement_date + interval '1 year'
								   else case when whole then settlement_date + months::integer * interval '1 month'
									     else settlement_date + (m.last_day - m.first_day + 1) end end, 'YYYY-MM')
				    end as time
			  from span_days cross join measured m) d
		  join facts f on f.settlement_date = d.settlement_date
		  left join sites s on s.farm_id = f.farm_id and s.valid_from <= f.settlement_date
				   and (s.valid_to is null or s.valid_to > f.settlement_date)
		 where :'farm' in ('', s.farm, f.farm_id)
		 group by d.place, d.time, f.settlement_period, f.farm_id, s.valid_from) u
	  left join sites s on s.farm_id = u.farm_id and s.valid_from = u.valid_from
	 cross join lateral (select case :'by'
		when 'unit' then u.farm_id
		when 'farm' then coalesce(s.farm, u.farm_id)
		when 'owner' then coalesce(s.owner, s.farm, u.farm_id)
		when 'county' then coalesce(s.county, 'Offshore, ' || s.nation, u.farm_id)
		when 'region' then coalesce(case s.region when 'Offshore' then 'Offshore, ' || s.nation else s.region end, u.farm_id)
		when 'nation' then coalesce(s.nation, u.farm_id)
		when 'border' then coalesce(s.b6 || ' of B6', u.farm_id)
		when 'period' then u.settlement_period::text
		else u.time end) n (name)
	 group by u.place, n.name
)
$list$ as list \gset
\set lists :lists ', ' :list

-- What is known of the whole, so that the rows below it add up to it: of all farms, what summary tells.
select $list$
stored as materialized (
	select place, count(s.settlement_date) as days, count(*) as days_expected,
	       sum(s.curtailed_mwh) as curtailed_mwh, sum(s.payment) as payment, sum(s.period_farms) as unit_periods,
	       sum(b.bitcoin_mined) as bitcoin_mined
	  from span_days d left join daily_summaries s using (settlement_date)
	  left join bitcoin_daily_summaries b on b.settlement_date = d.settlement_date and b.miner_model = :'model'
	 group by place
)
$list$ as list \gset
\set lists :lists ', ' :list
\if :one_farm
select $list$
whole as not materialized (
	select d.place, d.days, d.days_expected, r.curtailed_mwh, r.payment, r.unit_periods, r.bitcoin_mined
	  from stored d
	  left join (select place, sum(curtailed_mwh) as curtailed_mwh, sum(payment) as payment, sum(unit_periods) as unit_periods,
			    sum(bitcoin_mined) as bitcoin_mined from ranked group by place) r using (place)
)
$list$ as list \gset
\set lists :lists ', ' :list
\else
select $list$
whole as not materialized (
	select * from stored
)
$list$ as list \gset
\set lists :lists ', ' :list
\endif

select $list$
numbered as not materialized (
	select row_number() over (order by case :'sort' when 'energy' then curtailed_mwh when 'payment' then payment else bitcoin_mined end
				      desc nulls last, name) as rank, r.*
	  from (select coalesce(n.name, c.name) as name, coalesce(n.units, 0) as units, coalesce(n.placed, c.placed) as placed,
		       coalesce(n.curtailed_mwh, 0) as curtailed_mwh, coalesce(n.payment, 0) as payment,
		       coalesce(n.unit_periods, 0) as unit_periods, n.bitcoin_mined, c.curtailed_mwh as compared_mwh,
		       c.payment as compared_payment
		  from (select * from ranked where place = 1) n
		  full join (select * from ranked where place > 1) c using (name)) r
)
$list$ as list \gset
\set lists :lists ', ' :list

-- The rows above --top, what the others come to, and what no farm can be named for: a year that was archived before
-- its farms were summed.
select $list$
rows as not materialized (
	select rank, name, units, placed, curtailed_mwh, payment, unit_periods, bitcoin_mined, compared_mwh, compared_payment
	  from numbered where :top = 0 or rank <= :top
	union all
	select null, 'others', sum(units), bool_and(placed), sum(curtailed_mwh), sum(payment), sum(unit_periods), sum(bitcoin_mined),
	       sum(compared_mwh), sum(compared_payment)
	  from numbered where :top > 0 and rank > :top having count(*) > 0
	union all
	select null, 'not known', null, null, w.curtailed_mwh - n.curtailed_mwh, w.payment - n.payment, w.unit_periods - n.unit_periods,
	       w.bitcoin_mined - n.bitcoin_mined, null, null
	  from whole w
	 cross join (select coalesce(sum(curtailed_mwh), 0) as curtailed_mwh, coalesce(sum(payment), 0) as payment,
			    coalesce(sum(unit_periods), 0) as unit_periods, coalesce(sum(bitcoin_mined), 0) as bitcoin_mined from numbered) n
	 where w.place = 1 and (w.curtailed_mwh <> n.curtailed_mwh or w.payment <> n.payment or w.unit_periods <> n.unit_periods
				or w.bitcoin_mined <> n.bitcoin_mined)
)
$list$ as list \gset
\set lists :lists ', ' :list

-- A span of which nothing is stored has no sum; one that is stored and without it has none of it.  A change is told
-- only from a span of which every day is stored.
select $list$
result as not materialized (
	select r.rank, :'by' as by, r.name, case when not :by_time then r.units end as units, case when not :by_time then r.placed end as placed,
	       trim_scale(r.curtailed_mwh) as curtailed_mwh, trim_scale(r.payment) as payment,
	       round(r.payment / nullif(r.curtailed_mwh, 0), 6) as payment_per_mwh,
	       trim_scale(r.unit_periods * 0.5) as unit_hours, round(100 * r.curtailed_mwh / nullif(w.curtailed_mwh, 0), 6) as share_percent,
	       :'model' as miner_model, round(case when r.curtailed_mwh = 0 then coalesce(r.bitcoin_mined, 0) else r.bitcoin_mined end, 8) as bitcoin_mined,
	       case when c.curtailed_mwh is not null and r.name <> 'not known' then trim_scale(coalesce(r.compared_mwh, 0)) end as compared_mwh,
	       case when c.curtailed_mwh is not null and r.name <> 'not known' then trim_scale(coalesce(r.compared_payment, 0)) end as compared_payment,
	       case when c.days = c.days_expected then round(100 * (r.curtailed_mwh / nullif(r.compared_mwh, 0) - 1), 6) end as change_percent
	  from rows r cross join (select * from whole where place = 1) w left join (select * from whole where place > 1) c on true
	 order by r.rank nulls last, r.name = 'not known'
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
page as not materialized (
	select rank as "#", name || case when rank > 0 and not placed then ' (not placed)' else '' end as :"by", to_char(curtailed_mwh, 'FM999,999,999,990.000') as "MWh",
	       to_char(payment, 'FM999,999,999,990.00') as "£", to_char(payment_per_mwh, 'FM999,999,999,990.00') as "£/MWh",
	       to_char(unit_hours, 'FM999,999,999,990.0') as "unit hours", to_char(share_percent, 'FM990.00') as "share %",
	       to_char(bitcoin_mined, 'FM999,999,999,990.00000000') as "BTC", to_char(change_percent, 'SFM999,999,999,990.0') as "change %"
	  from result
)
$list$ as list \gset
\set lists :lists ', ' :list

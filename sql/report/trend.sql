-- What changes and what stands out in a span of days, for scripts/trend.  Variables: from, to (days); top; far.
\set ON_ERROR_STOP on
\set lists 'nothing as (select)'

-- Days that are complete: those of a season, and those that can be a record.
select $list$
whole_days as not materialized (
	select settlement_date, curtailed_mwh, payment, payment / nullif(curtailed_mwh, 0) as price,
	       case when periods_final = periods_expected then 'final' else 'provisional' end as state
	  from daily_summaries where periods_ingested = periods_expected
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
span_days as not materialized (
	select * from whole_days where settlement_date between :'from' and :'to'
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Months -----------------------------------------------------------------------------------------

select $list$
month_sums as materialized (
	select to_char(day, 'YYYY-MM') as month, min(day)::date as first_day, count(*) as days_expected, count(w.settlement_date) as days,
	       sum(w.curtailed_mwh) as mwh, sum(w.payment) as payment, bool_and(w.state = 'final') as final
	  from generate_series(date_trunc('month', (select min(settlement_date) from daily_summaries)),
			       date_trunc('month', (select max(settlement_date) from daily_summaries)) + interval '1 month -1 day',
			       interval '1 day') as day
	  left join whole_days w on w.settlement_date = day
	 group by 1
)
$list$ as list \gset
\set lists :lists ', ' :list

-- A month of which days are missing is no measure of its season, and nothing changes against it.
select $list$
complete_months as not materialized (
	select *, mwh / days as a_day from month_sums where days = days_expected
)
$list$ as list \gset
\set lists :lists ', ' :list

-- The seasons are worked out once, not anew for each pair of months.
select $list$
seasons as materialized (
	select m.month, m.first_day, m.a_day / nullif((select avg(o.a_day) from complete_months o
		where extract(month from o.first_day) = extract(month from m.first_day) and o.month <> m.month), 0) as season
	  from complete_months m
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
months as not materialized (
	select m.month, case when m.days < m.days_expected then 'not_complete' when m.final then 'final' else 'provisional' end as state,
	       m.days, m.days_expected, trim_scale(m.mwh) as curtailed_mwh, trim_scale(m.payment) as payment,
	       round(m.payment / nullif(m.mwh, 0), 6) as payment_per_mwh,
	       round(100 * (c.a_day / nullif(b.a_day, 0) - 1), 6) as change_percent,
	       round(100 * (c.mwh / nullif(y.mwh, 0) - 1), 6) as change_on_year_percent,
	       round(100 * s.season, 6) as season_percent,
	       round(100 * (s.season / nullif(e.season, 0) - 1), 6) as change_of_season_percent
	  from month_sums m
	  left join complete_months c using (month)
	  left join complete_months b on b.first_day = m.first_day - interval '1 month'
	  left join complete_months y on y.first_day = m.first_day - interval '1 year'
	  left join seasons s on s.month = m.month
	  left join seasons e on e.first_day = m.first_day - interval '1 month'
	 where m.first_day <= :'to' and m.first_day + interval '1 month' > :'from' and m.days > 0
	 order by m.month
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
months_page as not materialized (
	select month, state, to_char(curtailed_mwh, 'FM999,999,999,990.000') as "MWh", to_char(payment, 'FM999,999,999,990.00') as "£",
	       to_char(payment_per_mwh, 'FM999,999,999,990.00') as "£/MWh", to_char(change_percent, 'FMSG999,999,999,990.0') as "change %",
	       to_char(change_on_year_percent, 'FMSG999,999,999,990.0') as "on a year %", to_char(season_percent, 'FM999,999,999,990.0') as "season %",
	       to_char(change_of_season_percent, 'FMSG999,999,999,990.0') as "of season %"
	  from months
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Storms and calms -------------------------------------------------------------------------------

-- Each half hour that was fetched; a half hour that was not ends a stretch of either kind.  Of an archived year its days
-- alone say that they all were.
select $list$
half_hours as not materialized (
	select settlement_date, settlement_period, settlement_period_start(settlement_date, settlement_period) as begins,
	       p.farms is not null as stormy, p.curtailed_mwh, p.payment, p.farms
	  from (select settlement_date, settlement_period from ingested_periods where settlement_date between :'from' and :'to'
		union
		select settlement_date, n from span_days cross join lateral generate_series(1, settlement_periods(settlement_date)) n) fetched
	  left join (select * from period_summaries where settlement_date between :'from' and :'to') p
	       using (settlement_date, settlement_period)
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
stretches as not materialized (
	select stormy, min(begins) as begins, max(begins) + interval '30 minutes' as ends, count(*) as half_hours,
	       sum(curtailed_mwh) as mwh, sum(payment) as payment, max(curtailed_mwh) as peak, max(farms) as farms
	  from (select *, begins - row_number() over (partition by stormy order by begins) * interval '30 minutes' as stretch from half_hours) h
	 group by stormy, stretch
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
storms as not materialized (
	select to_char(begins at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') as begins, to_char(ends at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') as ends,
	       half_hours, trim_scale(mwh) as curtailed_mwh, trim_scale(payment) as payment, trim_scale(peak) as peak_mwh, farms as most_farms
	  from stretches where stormy order by stretches.half_hours desc, stretches.begins limit :top
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
calms as not materialized (
	select to_char(begins at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') as begins, to_char(ends at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') as ends,
	       half_hours
	  from stretches where not stormy order by stretches.half_hours desc, stretches.begins limit :top
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
storms_page as not materialized (
	select begins, ends, to_char(half_hours / 2.0, 'FM999,999,999,990.0') as hours, to_char(curtailed_mwh, 'FM999,999,999,990.000') as "MWh",
	       to_char(payment, 'FM999,999,999,990.00') as "£", to_char(peak_mwh, 'FM999,999,999,990.000') as "peak MWh", most_farms as "farms at once"
	  from storms
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
calms_page as not materialized (
	select begins, ends, to_char(half_hours / 2.0, 'FM999,999,999,990.0') as hours from calms
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Records ----------------------------------------------------------------------------------------

select $list$
farms_of_days as not materialized (
	select settlement_date, count(*) as farms from farm_daily_summaries where settlement_date between :'from' and :'to' group by 1
)
$list$ as list \gset
\set lists :lists ', ' :list

-- The first of those that are equal.
select $list$
records as not materialized (
	select record, at, trim_scale(value) as value, unit from (
		(select 1 as place, 'half hour, energy' as record, p.settlement_date || ' ' || p.settlement_period as at,
			p.curtailed_mwh as value, 'MWh' as unit
		   from period_summaries p join span_days using (settlement_date)
		  order by p.curtailed_mwh desc, p.settlement_date, p.settlement_period limit 1)
		union all
		(select 2, 'day, energy', settlement_date::text, curtailed_mwh, 'MWh' from span_days
		  order by curtailed_mwh desc, settlement_date limit 1)
		union all
		(select 3, 'day, payment', settlement_date::text, payment, '£' from span_days order by payment desc, settlement_date limit 1)
		union all
		(select 4, 'day, price', settlement_date::text, round(price, 6), '£/MWh' from span_days where price is not null
		  order by price desc, settlement_date limit 1)
		union all
		(select 5, 'day, lowest price', settlement_date::text, round(price, 6), '£/MWh' from span_days where price is not null
		  order by price, settlement_date limit 1)
		union all
		(select 6, 'day, farms', settlement_date::text, farms, 'units' from farms_of_days join span_days using (settlement_date)
		  order by farms desc, settlement_date limit 1)
		union all
		(select 7, 'farm''s day, energy', f.settlement_date || ' ' || f.farm_id, f.curtailed_mwh, 'MWh'
		   from farm_daily_summaries f join span_days using (settlement_date)
		  order by f.curtailed_mwh desc, f.settlement_date, f.farm_id limit 1)
		union all
		(select 8, 'month, energy', month, mwh, 'MWh' from complete_months
		  where first_day >= :'from' and first_day + interval '1 month -1 day' <= :'to' order by mwh desc, month limit 1)
		union all
		(select 9, 'year, energy', to_char(first_day, 'YYYY'), sum(mwh), 'MWh' from complete_months
		  where first_day >= :'from' and first_day + interval '1 month -1 day' <= :'to'
		  group by 3 having count(*) = 12 order by sum(mwh) desc, 3 limit 1)
	) r order by place
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
records_page as not materialized (
	select record, at, to_char(value, 'FM999,999,999,990.00') as value, unit from records
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Outliers ---------------------------------------------------------------------------------------

-- The figures of each day, one below the other.  A day without curtailment has energy and farms, of nothing, and no price.
select $list$
measures as materialized (
	select w.settlement_date, extract(doy from w.settlement_date)::integer as doy, m.measure, m.value
	  from whole_days w
	  left join (select settlement_date, count(*) as farms from farm_daily_summaries group by 1) f using (settlement_date)
	 cross join lateral (values ('energy', w.curtailed_mwh), ('price', w.price), ('farms', coalesce(f.farms, 0)::numeric)) m (measure, value)
	 where m.value is not null
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Of the days within a fortnight in the calendar, over the turn of the year, too: the middle one, and the middle of the
-- distances from it.  Medians are days' own figures: a storm among them moves neither.  Where more than half of the days
-- are alike, as when all is calm, that middle distance is nil, and the mean one stands for it.  Both factors make of it the
-- standard deviation of what is normally distributed.
select $list$
outliers as not materialized (
	with neighbours as materialized (
		select c.doy, o.doy as other
		  from generate_series(1, 366) as c (doy), generate_series(1, 366) as o (doy)
		 where abs(o.doy - c.doy) <= 14 or abs(o.doy - c.doy) >= 352
	), medians as materialized (
		select n.doy, o.measure, percentile_disc(0.5) within group (order by o.value) as median, count(*) as days
		  from neighbours n join measures o on o.doy = n.other
		 where n.doy in (select doy from measures where settlement_date between :'from' and :'to')
		 group by n.doy, o.measure having count(*) >= 15
	), spreads as materialized (
		select n.doy, o.measure, m.median, m.days,
		       coalesce(nullif(percentile_disc(0.5) within group (order by abs(o.value - m.median)) * 1.4826, 0),
				1.2533 * avg(abs(o.value - m.median))) as spread
		  from medians m join neighbours n using (doy) join measures o on o.doy = n.other and o.measure = m.measure
		 group by n.doy, o.measure, m.median, m.days
	)
	select settlement_date, measure as reason, trim_scale(round(value, 9)) as value, trim_scale(round(median, 9)) as season,
	       trim_scale(round(spread, 9)) as spread, round((value - median) / spread, 2) as times, days as days_of_season, state
	  from measures join spreads using (doy, measure) join whole_days using (settlement_date)
	 where settlement_date between :'from' and :'to' and spread > 0 and abs(value - median) > :far * spread
	 order by settlement_date, measure
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
outliers_page as not materialized (
	select settlement_date as day, reason, to_char(value, 'FM999,999,999,990.00') as value, to_char(season, 'FM999,999,999,990.00') as season,
	       to_char(times, 'FMSG999,999,999,990.0') as times, state
	  from outliers
)
$list$ as list \gset
\set lists :lists ', ' :list

-- What the days of a month that are not known yet usually bring, for scripts/forecast.  Variables: from, to (days); parts (month
-- or day); hits (yes: each complete month of the span is forecast as on its eve; no: the days of the one month that are not
-- stored whole).
--
-- A sample is the sum of the days that stand where those to forecast do in an earlier year, or up to three weeks before or
-- after, where all of them are stored whole.  Days stay together, because windy weeks follow windy weeks: of samples put
-- together from weeks of different years the quantiles are too near to each other.
\set ON_ERROR_STOP on
\set lists 'nothing as (select)'

select $list$
complete_days as materialized (
	select settlement_date, curtailed_mwh, payment, periods_final = periods_expected as final
	  from daily_summaries where periods_ingested = periods_expected
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
month_days as materialized (
	select date_trunc('month', day)::date as month, day::date as day, w.curtailed_mwh, w.payment, w.final
	  from generate_series(:'from'::timestamp, :'to'::timestamp, interval '1 day') as day
	  left join complete_days w on w.settlement_date = day::date
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
months as not materialized (
	select month, min(day) as first_day, max(day) as last_day, count(*) as days, count(final) as known, sum(curtailed_mwh) as mwh,
	       sum(payment) as payment, bool_and(final) as final, min(day) filter (where final is not null) as first_known,
	       max(day) filter (where final is not null) as last_known
	  from month_days group by month
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
targets as materialized (
	select m.month, d.day
	  from months m join month_days d using (month)
	 where case when :'hits' = 'yes' then m.known = m.days else d.final is null end
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Days in a row, and how many such a month has; sums of any such are differences of these.
select $list$
runs as materialized (
	select month, min(day) as first_day, max(day) as last_day, count(*) over (partition by month) as of_month
	  from (select month, day, day - row_number() over (partition by month order by day)::integer as run from targets) t
	 group by month, run
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
cumulated as materialized (
	select day::date as day, count(w.settlement_date) over days as n, coalesce(sum(w.curtailed_mwh) over days, 0) as mwh,
	       coalesce(sum(w.payment) over days, 0) as payment
	  from generate_series((select min(settlement_date) - 1 from complete_days)::timestamp, (select max(settlement_date) from complete_days)::timestamp,
			       interval '1 day') as day
	  left join complete_days w on w.settlement_date = day::date
	window days as (order by day)
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
places as not materialized (
	select back, shift
	  from generate_series(1, (select coalesce(extract(year from :'to'::date) - extract(year from min(settlement_date)), 0)::integer from complete_days)) back
	 cross join generate_series(-21, 21) shift
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Whether all days of a sample are there is asked of the whole, not of each run: as a condition of the join it would be the one
-- that two copies of all days are joined by, each with each.
select $list$
samples as materialized (
	select r.month, p.back, p.shift, sum(e.mwh - b.mwh) as mwh, sum(e.payment - b.payment) as payment
	  from runs r cross join places p
	  join cumulated e on e.day = (r.last_day - p.back * interval '1 year')::date + p.shift
	  join cumulated b on b.day = (r.first_day - p.back * interval '1 year')::date + p.shift - 1
	 where e.day < r.month
	 group by r.month, r.of_month, p.back, p.shift
	having count(*) = r.of_month and sum(e.n - b.n) = sum(e.day - b.day)
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Of a window over the end of February the days may be one more or less; what it lacks or has too much is a day in thirty.
select $list$
quantiles as not materialized (
	select month, count(distinct back) as years, count(*) as samples,
	       percentile_disc(array[0.1, 0.5, 0.9]) within group (order by mwh) as mwh,
	       percentile_disc(array[0.1, 0.5, 0.9]) within group (order by payment) as payment
	  from samples group by month
)
$list$ as list \gset
\set lists :lists ', ' :list

-- How many earlier years a month has, that has something to come.
select $list$
years as not materialized (
	select month, coalesce(q.years, 0) as years from (select distinct month from targets) t left join quantiles q using (month)
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
day_quantiles as not materialized (
	select t.day, count(distinct p.back) as years, percentile_disc(array[0.1, 0.5, 0.9]) within group (order by w.curtailed_mwh) as mwh,
	       percentile_disc(array[0.1, 0.5, 0.9]) within group (order by w.payment) as payment
	  from targets t cross join places p
	  join complete_days w on w.settlement_date = (t.day - p.back * interval '1 year')::date + p.shift
	 where w.settlement_date < t.month
	 group by t.day
)
$list$ as list \gset
\set lists :lists ', ' :list

-- What is known has no quantiles but itself.
select $list$
parts as not materialized (
	select 1 as place, 'so_far' as part, first_known as first_day, last_known as last_day, known as days,
	       case when final then 'final' else 'provisional' end as state, array[mwh, mwh, mwh] as mwh, array[payment, payment, payment] as payment,
	       null::bigint as years
	  from months where known > 0
	union all
	select 2, 'to_come', t.first_day, t.last_day, t.days, 'forecast', q.mwh, q.payment, q.years
	  from (select month, min(day) as first_day, max(day) as last_day, count(*) as days from targets group by month) t
	  join quantiles q using (month)
	union all
	select 3, 'month', m.first_day, m.last_day, m.days, case when q.month is not null then 'forecast' when m.final then 'final' else 'provisional' end,
	       array[coalesce(m.mwh, 0) + coalesce(q.mwh[1], 0), coalesce(m.mwh, 0) + coalesce(q.mwh[2], 0), coalesce(m.mwh, 0) + coalesce(q.mwh[3], 0)],
	       array[coalesce(m.payment, 0) + coalesce(q.payment[1], 0), coalesce(m.payment, 0) + coalesce(q.payment[2], 0),
		     coalesce(m.payment, 0) + coalesce(q.payment[3], 0)],
	       q.years
	  from months m left join quantiles q using (month)
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
each_day as not materialized (
	select row_number() over (order by d.day) as place, 'day' as part, d.day as first_day, d.day as last_day, 1 as days,
	       case when d.final then 'final' when not d.final then 'provisional' else 'forecast' end as state,
	       case when d.final is null then q.mwh else array[d.curtailed_mwh, d.curtailed_mwh, d.curtailed_mwh] end as mwh,
	       case when d.final is null then q.payment else array[d.payment, d.payment, d.payment] end as payment, q.years
	  from month_days d left join day_quantiles q using (day)
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
forecast as not materialized (
	select part, first_day, last_day, days, state, trim_scale(mwh[1]) as curtailed_mwh_10, trim_scale(mwh[2]) as curtailed_mwh_50,
	       trim_scale(mwh[3]) as curtailed_mwh_90, trim_scale(payment[1]) as payment_10, trim_scale(payment[2]) as payment_50,
	       trim_scale(payment[3]) as payment_90, years
	  from (select * from parts where :'parts' = 'month' union all select * from each_day where :'parts' = 'day') p
	 order by place
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
forecast_page as not materialized (
	select part, first_day as "from", last_day as "to", days, state, to_char(curtailed_mwh_10, 'FM999,999,999,990.000') as "MWh 10 %",
	       to_char(curtailed_mwh_50, 'FM999,999,999,990.000') as "50 %", to_char(curtailed_mwh_90, 'FM999,999,999,990.000') as "90 %",
	       to_char(payment_10, 'FM999,999,999,990.00') as "£ 10 %", to_char(payment_50, 'FM999,999,999,990.00') as "£ 50 %",
	       to_char(payment_90, 'FM999,999,999,990.00') as "£ 90 %", years
	  from forecast
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Each month as it would have been forecast, and as it was.
select $list$
hits as not materialized (
	select to_char(m.month, 'YYYY-MM') as month, case when m.final then 'final' else 'provisional' end as state, trim_scale(m.mwh) as curtailed_mwh,
	       trim_scale(q.mwh[1]) as curtailed_mwh_10, trim_scale(q.mwh[2]) as curtailed_mwh_50, trim_scale(q.mwh[3]) as curtailed_mwh_90,
	       case when m.mwh < q.mwh[1] then 'below' when m.mwh > q.mwh[3] then 'above' else 'within' end as curtailed_mwh_is,
	       trim_scale(m.payment) as payment, trim_scale(q.payment[1]) as payment_10, trim_scale(q.payment[2]) as payment_50,
	       trim_scale(q.payment[3]) as payment_90,
	       case when m.payment < q.payment[1] then 'below' when m.payment > q.payment[3] then 'above' else 'within' end as payment_is, q.years
	  from months m join quantiles q using (month)
	 where q.years >= 2 order by m.month
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
hits_page as not materialized (
	select month, state, to_char(curtailed_mwh, 'FM999,999,999,990.000') as "MWh", to_char(curtailed_mwh_10, 'FM999,999,999,990.000') as "10 %",
	       to_char(curtailed_mwh_50, 'FM999,999,999,990.000') as "50 %", to_char(curtailed_mwh_90, 'FM999,999,999,990.000') as "90 %",
	       curtailed_mwh_is as "MWh is", to_char(payment, 'FM999,999,999,990.00') as "£", payment_is as "£ is", years
	  from hits
)
$list$ as list \gset
\set lists :lists ', ' :list

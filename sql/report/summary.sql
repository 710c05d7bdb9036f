-- Sums of a span of days and what its energy would have mined, for scripts/summary.  Variables: from, to (days);
-- by (all, day, month or year); model ('' is every one in force on a day of the part); compare (yes or no).
\set ON_ERROR_STOP on

create temp view parts as
	select min(day)::date as first_day, max(day)::date as last_day
	  from generate_series(:'from'::timestamp, :'to'::timestamp, interval '1 day') as day
	 group by case :'by' when 'day' then to_char(day, 'YYYY-MM-DD') when 'month' then to_char(day, 'YYYY-MM')
			     when 'year' then to_char(day, 'YYYY') else 'all' end;

-- The spans to compare with: a span of whole months has as many whole months before it, another as many days.
create temp view measured as
	select first_day, last_day, extract(day from first_day) = 1 and extract(day from last_day + 1) = 1 as whole,
	       (extract(year from last_day + 1) - extract(year from first_day)) * 12
	       + extract(month from last_day + 1) - extract(month from first_day) as months
	  from parts;

create temp view spans as
	select 1 as place, 'span' as span, first_day as part, first_day, last_day from parts
	union all
	select 2, 'before', first_day, case when whole then (first_day - months::integer * interval '1 month')::date
					     else first_day - (last_day - first_day + 1) end, first_day - 1
	  from measured where :'compare' = 'yes'
	union all
	select 3, 'year_earlier', first_day, (first_day - interval '1 year')::date,
	       case when whole then (last_day + 1 - interval '1 year')::date - 1 else (last_day - interval '1 year')::date end
	  from measured where :'compare' = 'yes';

create temp table span_days as
	select place, span, part, first_day, last_day, day::date as settlement_date, settlement_periods(day::date) as periods_of_day
	  from spans, generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') as day;
analyze span_days;

-- The farms of a span are counted in the records; where those of a day are archived, nobody can count them.
create temp view counted as
	select place, part, count(distinct farm_id) as farms
	  from span_days join (select distinct settlement_date, farm_id from curtailment_records
				where settlement_date between (select min(settlement_date) from span_days)
							  and (select max(settlement_date) from span_days)) as present using (settlement_date)
	 group by place, part;

create temp view sums as
	select s.place, s.span, s.part, s.first_day, s.last_day, count(d.settlement_date) as days, count(*) as days_expected,
	       sum(d.curtailed_mwh) as curtailed_mwh, sum(d.payment) as payment, sum(d.payment_to_farms) as payment_to_farms,
	       sum(d.payment_by_farms) as payment_by_farms, sum(d.onshore_mwh + d.offshore_mwh) as wind_mwh,
	       sum(d.wind_periods) as wind_periods, sum(d.wind_curtailed_mwh) filter (where d.onshore_mwh is not null) as wind_curtailed_mwh,
	       sum(d.records) as records, sum(d.period_farms) as period_farms, sum(d.periods) as periods,
	       coalesce(sum(d.periods_ingested), 0) as periods_ingested, coalesce(sum(d.periods_final), 0) as periods_final,
	       sum(s.periods_of_day) as periods_expected,
	       bool_or(s.settlement_date <@ (select archived from history)) as archived
	  from span_days s left join daily_summaries d using (settlement_date)
	 group by s.place, s.span, s.part, s.first_day, s.last_day;

create temp view models as
	select miner_model, case when active then 'infinity' else coalesce(retired_from, '-infinity') end as in_force_until
	  from miner_models where :'model' in ('', miner_model);

-- Values in several currencies have no sum; a mean price is that of what has a price.
create temp view mined as
	select s.place, s.part, b.miner_model, sum(b.bitcoin_mined) as bitcoin_mined,
	       sum(b.bitcoin_mined) filter (where b.price is not null) as bitcoin_valued,
	       case when min(b.currency) = max(b.currency) then sum(b.value_at_mining) end as value_at_mining,
	       sum(b.calculations) as calculations, case when min(b.currency) = max(b.currency) then min(b.currency) end as currency,
	       min(b.price) as least, max(b.price) as most,
	       count(*) filter (where b.price_assumed) as assumed, count(*) as days, count(b.price) as priced,
	       count(*) filter (where b.price_date <> b.settlement_date) as earlier
	  from span_days s join bitcoin_daily_summaries b using (settlement_date) join models using (miner_model)
	 group by s.place, s.part, b.miner_model;

-- What nothing is stored of has no sum, which is not zero.
create temp view result as
	select s.span, s.first_day, s.last_day,
	       case when s.days < s.days_expected or s.periods_ingested < s.periods_expected
			 or (m.miner_model is not null and coalesce(b.calculations, 0) <> s.period_farms) then 'not_complete'
		    when s.periods_final < s.periods_expected then 'provisional' else 'final' end as state,
	       s.days, s.days_expected, trim_scale(s.curtailed_mwh) as curtailed_mwh, trim_scale(s.payment) as payment,
	       trim_scale(s.payment_to_farms) as payment_to_farms, trim_scale(s.payment_by_farms) as payment_by_farms,
	       round(s.payment / nullif(s.curtailed_mwh, 0), 6) as payment_per_mwh,
	       round(100 * s.wind_curtailed_mwh / nullif(s.wind_mwh + s.wind_curtailed_mwh, 0), 6) as curtailed_share_percent,
	       s.wind_periods, s.records, s.period_farms, case when s.days > 0 and not s.archived then coalesce(c.farms, 0) end as farms,
	       s.periods, s.periods_ingested, s.periods_final, s.periods_expected, m.miner_model,
	       round(case when s.period_farms = 0 then coalesce(b.bitcoin_mined, 0) else b.bitcoin_mined end, 8) as bitcoin_mined,
	       trim_scale(case when s.period_farms = 0 then coalesce(b.value_at_mining, 0) else b.value_at_mining end) as value_at_mining,
	       b.currency,
	       case when b.currency is null then null when b.least = b.most then trim_scale(b.least)
		    else round(b.value_at_mining / nullif(b.bitcoin_valued, 0), 6) end as price,
	       case when b.days is null then null when b.currency is null then 'currencies' when b.priced = 0 then 'unknown'
		    when b.priced < b.days then 'incomplete' when b.assumed = b.priced then 'assumed'
		    when b.assumed > 0 then 'mixed' when b.earlier > 0 then 'earlier' else 'known' end as price_state
	  from sums s left join counted c using (place, part) left join models m on :'model' <> '' or m.in_force_until > s.first_day
	  left join mined b on b.place = s.place and b.part = s.part and b.miner_model = m.miner_model
	 order by s.part, s.place, m.miner_model;

-- For people: two decimals of money, three of energy, eight of bitcoin always.
create temp view page as
	select span, first_day as "from", last_day as "to", state, to_char(curtailed_mwh, 'FM999,999,999,990.000') as "MWh",
	       to_char(payment, 'FM999,999,999,990.00') as "£", to_char(payment_per_mwh, 'FM999,990.00') as "£/MWh",
	       to_char(curtailed_share_percent, 'FM990.00') as "share %", format('%s/%s', coalesce(wind_periods, 0), periods_expected) as "share of",
	       periods, farms, miner_model as model, to_char(bitcoin_mined, 'FM999,999,990.00000000') as "BTC",
	       to_char(value_at_mining, 'FM999,999,999,990.00') as value, currency, to_char(price, 'FM999,999,990.00') as price, price_state as "price is"
	  from result;

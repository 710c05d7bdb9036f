-- Sums of a span of days and what its energy would have mined, for scripts/summary.  Variables: from, to (days);
-- parts (all, day, month or year); model ('' is every one in force on a day of the part); compare (yes or no).
\set ON_ERROR_STOP on

\ir spans.sql
\ir replacement.sql

-- Farms are counted in their days; where those are not known (a year that was archived before they were summed),
-- nobody can count them.
select $list$
counted as not materialized (
	select s.place, s.part, count(distinct f.farm_id) as farms, sum(f.periods) as period_farms
	  from span_days s join farm_daily_summaries f using (settlement_date)
	 where f.settlement_date between :'first_read' and :'last_read'
	 group by s.place, s.part
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
sums as not materialized (
	select s.place, s.span, s.part, s.first_day, s.last_day, count(d.settlement_date) as days, count(*) as days_expected,
	       sum(d.curtailed_mwh) as curtailed_mwh, sum(d.payment) as payment, sum(d.payment_to_farms) as payment_to_farms,
	       sum(d.payment_by_farms) as payment_by_farms, sum(d.onshore_mwh + d.offshore_mwh) as wind_mwh,
	       sum(d.wind_periods) as wind_periods, sum(d.wind_curtailed_mwh) filter (where d.onshore_mwh is not null) as wind_curtailed_mwh,
	       sum(d.records) as records, sum(d.period_farms) as period_farms, sum(d.periods) as periods,
	       coalesce(sum(d.periods_ingested), 0) as periods_ingested, coalesce(sum(d.periods_final), 0) as periods_final,
	       sum(s.periods_of_day) as periods_expected
	  from span_days s left join daily_summaries d using (settlement_date)
	 group by s.place, s.span, s.part, s.first_day, s.last_day
)
$list$ as list \gset
\set lists :lists ', ' :list

\ir summary-models.sql

-- Values in several currencies have no sum; a mean price is that of what has a price.
select $list$
mined as not materialized (
	select s.place, s.part, b.miner_model, sum(b.bitcoin_mined) as bitcoin_mined,
	       sum(b.bitcoin_mined) filter (where b.price is not null) as bitcoin_valued,
	       case when min(b.currency) = max(b.currency) then sum(b.value_at_mining) end as value_at_mining,
	       sum(b.calculations) as calculations, case when min(b.currency) = max(b.currency) then min(b.currency) end as currency,
	       min(b.price) as least, max(b.price) as most,
	       count(*) filter (where b.price_assumed) as assumed, count(*) as days, count(b.price) as priced,
	       count(*) filter (where b.price_date <> b.settlement_date) as earlier
	  from span_days s join bitcoin_daily_summaries b using (settlement_date) join models using (miner_model)
	 group by s.place, s.part, b.miner_model
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Pounds beside pounds: of the days whose bitcoin has a value in pounds, and the payment of the same days.
select $list$
in_pounds as not materialized (
	select s.place, s.part, g.miner_model, count(*) as days, sum(g.value_gbp) as value, sum(g.curtailed_mwh) as mwh,
	       sum(g.payment) as payment, bool_and(g.of_the_day) as of_the_day,
	       case when min(g.rate_date) = max(g.rate_date) then min(g.rate_date) end as rate_date
	  from span_days s join bitcoin_days_in_pounds g using (settlement_date) join models using (miner_model)
	 group by s.place, s.part, g.miner_model
)
$list$ as list \gset
\set lists :lists ', ' :list

-- What nothing is stored of has no sum, which is not zero.
select $list$
result as not materialized (
	select s.span, s.first_day, s.last_day,
	       case when s.days < s.days_expected or s.periods_ingested < s.periods_expected
			 or (m.miner_model is not null and coalesce(b.calculations, 0) <> s.period_farms) then 'not_complete'
		    when s.periods_final < s.periods_expected then 'provisional' else 'final' end as state,
	       s.days, s.days_expected, trim_scale(s.curtailed_mwh) as curtailed_mwh, trim_scale(s.payment) as payment,
	       trim_scale(s.payment_to_farms) as payment_to_farms, trim_scale(s.payment_by_farms) as payment_by_farms,
	       round(s.payment / nullif(s.curtailed_mwh, 0), 6) as payment_per_mwh,
	       round(100 * s.wind_curtailed_mwh / nullif(s.wind_mwh + s.wind_curtailed_mwh, 0), 6) as curtailed_share_percent,
	       s.wind_periods, s.records, s.period_farms, case when s.period_farms = coalesce(c.period_farms, 0) then coalesce(c.farms, 0) end as farms,
	       s.periods, s.periods_ingested, s.periods_final, s.periods_expected, m.miner_model,
	       round(case when s.period_farms = 0 then coalesce(b.bitcoin_mined, 0) else b.bitcoin_mined end, 8) as bitcoin_mined,
	       trim_scale(case when s.period_farms = 0 then coalesce(b.value_at_mining, 0) else b.value_at_mining end) as value_at_mining,
	       b.currency,
	       case when b.currency is null then null when b.least = b.most then trim_scale(b.least)
		    else round(b.value_at_mining / nullif(b.bitcoin_valued, 0), 6) end as price,
	       case when b.days is null then null when b.currency is null then 'currencies' when b.priced = 0 then 'unknown'
		    when b.priced < b.days then 'incomplete' when b.assumed = b.priced then 'assumed'
		    when b.assumed > 0 then 'mixed' when b.earlier > 0 then 'earlier' else 'known' end as price_state,
	       trim_scale(case when r.state = 'known' then coalesce(r.replaced_mwh, 0) else r.replaced_mwh end) as replaced_mwh,
	       trim_scale(case when r.state = 'known' then coalesce(r.cost, 0) else r.cost end) as replacement_cost,
	       case when r.state in ('known', 'provisional') then trim_scale(s.payment + coalesce(r.cost, 0)) end as total_cost,
	       r.known as replacement_periods, r.state as replacement_state,
	       trim_scale(g.value) as bitcoin_gbp, round(g.value / nullif(g.mwh, 0), 6) as bitcoin_gbp_per_mwh,
	       round((g.value - g.payment) / nullif(g.mwh, 0), 6) as bitcoin_less_payment_per_mwh, g.rate_date as gbp_rate_date,
	       case when b.days is null then null when g.days is null then 'unknown' when g.days < b.days then 'incomplete'
		    when not g.of_the_day then 'earlier' else 'known' end as gbp_state,
	       trim_scale(x.settled_payment) as settled_payment, trim_scale(x.settled_not_flagged) as settled_not_flagged,
	       trim_scale(x.settled_offers) as settled_offers, x.days as days_settled
	  from sums s left join counted c using (place, part) left join models m on :'model' <> '' or m.in_force_until > s.first_day
	  left join replaced r on r.place = s.place and r.part = s.part
	  left join settled x on x.place = s.place and x.part = s.part
	  left join mined b on b.place = s.place and b.part = s.part and b.miner_model = m.miner_model
	  left join in_pounds g on g.place = s.place and g.part = s.part and g.miner_model = m.miner_model
	 order by s.part, s.place, m.miner_model
)
$list$ as list \gset
\set lists :lists ', ' :list

-- For people: two decimals of money, three of energy, eight of bitcoin always.
select $list$
page as not materialized (
	select span, first_day as "from", last_day as "to", state, to_char(curtailed_mwh, 'FM999,999,999,990.000') as "MWh",
	       to_char(payment, 'FM999,999,999,990.00') as "£", to_char(payment_per_mwh, 'FM999,999,999,990.00') as "£/MWh",
	       coalesce(to_char(settled_payment, 'FM999,999,999,990.00'), '-')
	       || case when days_settled between 1 and days_expected - 1 then format(' of %s/%s days', days_settled, days_expected) else '' end as "settled £",
	       case replacement_state when 'unknown' then 'not known' when 'incomplete'
		    then to_char(replacement_cost, 'FM999,999,999,990.00') || format(' of %s/%s', replacement_periods, periods)
		    else to_char(replacement_cost, 'FM999,999,999,990.00') end as "replacement £",
	       to_char(curtailed_share_percent, 'FM990.00') as "share %", format('%s/%s', coalesce(wind_periods, 0), periods_expected) as "share of",
	       periods, farms, miner_model as model, to_char(bitcoin_mined, 'FM999,999,999,990.00000000') as "BTC",
	       to_char(value_at_mining, 'FM999,999,999,990.00') as value, currency, to_char(price, 'FM999,999,999,990.00') as price, price_state as "price is",
	       to_char(bitcoin_gbp_per_mwh, 'FM999,999,999,990.00') as "BTC £/MWh", to_char(bitcoin_less_payment_per_mwh, 'FMSG999,999,999,990.00') as "less paid"
	  from result
)
$list$ as list \gset
\set lists :lists ', ' :list

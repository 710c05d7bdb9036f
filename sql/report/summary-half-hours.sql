-- The half hours of a span and what the energy of each would have mined, for scripts/summary.  Variables: from, to (days);
-- model ('' is every one in force on the day).
\set ON_ERROR_STOP on
\set parts all
\set compare no

\ir spans.sql
\ir summary-models.sql

-- A half hour of which nothing is stored but its day's sums, as in an archived year, is as final as these.
select $list$
half_hours_of_span as not materialized (
	select s.settlement_date, n as settlement_period,
	       coalesce(i.status, case when d.periods_final = d.periods_expected then 'final'
				       when d.periods_ingested = d.periods_expected then 'provisional' else 'unfetched' end) as status,
	       p.curtailed_mwh, p.payment, p.payment_to_farms, p.payment_by_farms, p.farms
	  from span_days s cross join lateral generate_series(1, s.periods_of_day) n
	  left join daily_summaries d on d.settlement_date = s.settlement_date
	  left join ingested_periods i on i.settlement_date = s.settlement_date and i.settlement_period = n
				      and i.settlement_date between :'first_read' and :'last_read'
	  left join period_summaries p on p.settlement_date = s.settlement_date and p.settlement_period = n
				      and p.settlement_date between :'first_read' and :'last_read'
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
valued as not materialized (
	select h.settlement_date, h.settlement_period, m.miner_model, h.status, h.farms, b.calculations,
	       case when h.curtailed_mwh is not null then h.curtailed_mwh when h.status <> 'unfetched' then 0 end as mwh,
	       case when h.payment is not null then h.payment when h.status <> 'unfetched' then 0 end as payment,
	       h.payment_to_farms, h.payment_by_farms,
	       case when b.bitcoin_mined is not null then b.bitcoin_mined when h.farms is null and h.status <> 'unfetched' then 0 end as bitcoin,
	       c.price, c.currency, c.price_assumed, c.price_date, g.price_gbp, g.rate_date, g.of_the_day, c.settlement_date is not null as summed
	  from half_hours_of_span h left join models m on :'model' <> '' or m.in_force_until > h.settlement_date
	  left join bitcoin_period_summaries b on b.settlement_date = h.settlement_date and b.settlement_period = h.settlement_period
					      and b.miner_model = m.miner_model
					      and b.settlement_date between :'first_read' and :'last_read'
	  left join bitcoin_daily_summaries c on c.settlement_date = h.settlement_date and c.miner_model = m.miner_model
	  left join bitcoin_days_in_pounds g on g.settlement_date = h.settlement_date and g.miner_model = m.miner_model
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
result as not materialized (
	select settlement_date, settlement_period,
	       to_char(settlement_period_start(settlement_date, settlement_period) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') as starts_at,
	       case when farms is not null and miner_model is not null and coalesce(calculations, 0) <> farms then 'not_complete' else status end as state,
	       trim_scale(mwh) as curtailed_mwh, trim_scale(payment) as payment,
	       trim_scale(coalesce(payment_to_farms, payment)) as payment_to_farms,
	       trim_scale(coalesce(payment_by_farms, 0 * payment)) as payment_by_farms,
	       round(payment / nullif(mwh, 0), 6) as payment_per_mwh,
	       case when status <> 'unfetched' then coalesce(farms, 0) end as farms, miner_model, bitcoin as bitcoin_mined,
	       trim_scale(bitcoin * price) as value_at_mining, currency, trim_scale(price) as price,
	       case when not summed then null when price is null then 'unknown' when price_assumed then 'assumed'
		    when price_date <> settlement_date then 'earlier' else 'known' end as price_state,
	       trim_scale(bitcoin * price_gbp) as bitcoin_gbp, round(bitcoin * price_gbp / nullif(mwh, 0), 6) as bitcoin_gbp_per_mwh,
	       round((bitcoin * price_gbp - payment) / nullif(mwh, 0), 6) as bitcoin_less_payment_per_mwh, rate_date as gbp_rate_date,
	       case when not summed then null when price_gbp is null then 'unknown' when not of_the_day then 'earlier' else 'known' end as gbp_state
	  from valued
	 order by settlement_date, settlement_period, miner_model
)
$list$ as list \gset
\set lists :lists ', ' :list

select $list$
page as not materialized (
	select settlement_date as day, settlement_period as period, right(starts_at, 6) as begins, state,
	       to_char(curtailed_mwh, 'FM999,999,999,990.000') as "MWh", to_char(payment, 'FM999,999,999,990.00') as "£",
	       to_char(payment_per_mwh, 'FM999,999,999,990.00') as "£/MWh", farms, miner_model as model,
	       to_char(bitcoin_mined, 'FM999,999,999,990.00000000') as "BTC", to_char(value_at_mining, 'FM999,999,999,990.00') as value, currency,
	       price_state as "price is", to_char(bitcoin_gbp_per_mwh, 'FM999,999,999,990.00') as "BTC £/MWh",
	       to_char(bitcoin_less_payment_per_mwh, 'FMSG999,999,999,990.00') as "less paid"
	  from result
)
$list$ as list \gset
\set lists :lists ', ' :list

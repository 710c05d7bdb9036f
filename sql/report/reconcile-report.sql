-- The whole state, for reconcile report: by month, by miner model.
\set ON_ERROR_STOP on
\pset tuples_only off
\pset format aligned
\pset border 0
select year_month as "month", days, periods_ingested || '/' || periods_expected as "periods", periods_final as "final",
       records, period_farms as "pairs", to_char(curtailed_mwh, 'FM999,999,999,990.0') as "MWh",
       to_char(payment, 'FM999,999,999,990') as "£"
  from monthly_summaries order by year_month;
-- While the years are in several currencies their values have no sum.
select miner_model as "miner model", sum(calculations) as "calculations", sum(bitcoin_mined) as "BTC",
       case when count(currency) = count(*) and min(currency) = max(currency)
	    then to_char(sum(value_at_mining), 'FM999,999,999,990') else '-' end as "value",
       case when count(currency) = count(*) and min(currency) = max(currency)
	    then min(currency) else 'several currencies: run rollup-summaries' end as "currency",
       sum(days_price_assumed) as "days at the assumed price", sum(days_without_price) as "days without a price"
  from bitcoin_yearly_summaries group by miner_model order by miner_model;

-- Value at the day's price; on a day that the source leaves out (a history by the week), at that of the last known
-- day before it, where the next known one is within a fortnight of that; or at 65,000 USD, marked as assumed.
--
-- $1 from date   the first day
-- $2 to   date   the last day
-- gives the columns of bitcoin_daily_summaries
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/summary-bitcoin-day.sql
with spans as (
  select price_date, price, lead(price_date) over (order by price_date) as next
    from bitcoin_prices where currency = 'USD'
), priced as (
  select price_date, price, case when next <= price_date + 14 then next else price_date + 1 end as until from spans
), mined as (
  select settlement_date, miner_model, sum(bitcoin_mined) as bitcoin, count(*) as calculations
    from historical_bitcoin_calculations where settlement_date between :'from'::date and :'to'::date
   group by settlement_date, miner_model
)
select c.settlement_date, c.miner_model, trim_scale(c.bitcoin), c.calculations,
       trim_scale(coalesce(p.price, 65000)), 'USD', p.price is null, trim_scale(c.bitcoin * coalesce(p.price, 65000)), p.price_date
  from mined c
  left join priced p on c.settlement_date >= p.price_date and c.settlement_date < p.until
 order by 1, 2;

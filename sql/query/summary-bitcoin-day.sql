-- A day is the sum of its half hours, which sum_farms has brought to what the calculations say.
--
-- Value at the day's price in the currency; on a day that the source leaves out (a history by the week), at that of the
-- last known day before it, where the next known one is within a fortnight of that.  Where none is known, at 65,000 USD,
-- marked as assumed; in another currency there is no such figure, and no value.  What was mined on the days of an
-- archived year only their summaries still know: they are valued like the others.
--
-- $1 from     date   the first day
-- $2 to       date   the last day, of the same month
-- $3 currency text   in which the value is to be
-- gives the columns of bitcoin_daily_summaries
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -v currency=USD -f sql/query/summary-bitcoin-day.sql
with spans as (
  select price_date, price, lead(price_date) over (order by price_date) as next
    from bitcoin_prices where currency = :'currency'::text
), priced as (
  select day::date as day, price, price_date
    from generate_series(:'from'::date, :'to'::date, interval '1 day') day
    join spans on day >= price_date and day < case when next <= price_date + 14 then next else price_date + 1 end
), assumed as (
  select 65000::numeric as price where :'currency'::text = 'USD'
), mined as (
  select settlement_date, miner_model, sum(bitcoin_mined) as bitcoin, sum(calculations) as calculations
    from bitcoin_period_summaries where settlement_date between :'from'::date and :'to'::date
     and not :'from'::date <@ (select archived from days_left_out)
   group by settlement_date, miner_model
  union all
  select settlement_date, miner_model, bitcoin_mined, calculations
    from bitcoin_daily_summaries where settlement_date between :'from'::date and :'to'::date
     and :'from'::date <@ (select archived from days_left_out)
)
select c.settlement_date, c.miner_model, trim_scale(c.bitcoin), c.calculations,
       trim_scale(coalesce(p.price, a.price)), :'currency'::text, p.price is null and a.price is not null,
       trim_scale(c.bitcoin * coalesce(p.price, a.price)), p.price_date
  from mined c
  left join priced p on c.settlement_date = p.day
  left join assumed a on true
 order by 1, 2;

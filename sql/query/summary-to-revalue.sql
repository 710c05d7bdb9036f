-- The days that have to be valued again, whichever a run was asked for: those in another currency, and those without a
-- value for whose price one has come: of the day itself, or of a day before it and the next at most a fortnight apart.
--
-- $1 currency text   in which the value is to be
-- gives the day, and whether it is in another currency
--
-- psql -v currency=EUR -f sql/query/summary-to-revalue.sql
with spans as (
  select price_date, lead(price_date) over (order by price_date) as next
    from bitcoin_prices where currency = :'currency'::text
), priced as (
  select coalesce(range_agg(daterange(price_date, case when next <= price_date + 14 then next else price_date + 1 end)), '{}') as days
    from spans
)
select settlement_date, bool_or(currency <> :'currency'::text)
  from bitcoin_daily_summaries
 where currency <> :'currency'::text or (price is null and settlement_date <@ (select days from priced))
 group by settlement_date
 order by settlement_date;

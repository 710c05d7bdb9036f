-- A price of another magnitude than the known ones on both sides of it.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-price.sql
select price_date || case when currency = 'USD' then '' else ' ' || currency end, 'price',
       trim_scale(price)::text, trim_scale(before)::text, trim_scale(price - before)::text
  from (select price_date, currency, price, lag(price) over w as before, lead(price) over w as after,
               case when lead(price_date) over w - lag(price_date) over w > 62 then 10 else 5 end as times
          from bitcoin_prices window w as (partition by currency order by price_date)) p
 where price_date between :'from'::date and :'to'::date
   and before is not null and after is not null
   and (price > times * greatest(before, after) or price * times < least(before, after))
 order by price_date, currency;

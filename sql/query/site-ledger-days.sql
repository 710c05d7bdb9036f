-- Each day (UTC) of the ledger, from its first trade or fill: whether the exchange was asked for the whole of it, and what
-- it and the books have of it.  A product is covered where every portfolio that was ever asked was asked to the end of the day.
-- What of today lies ahead is not wanted.  Futures, perpetuals, income and fees outside trades are left out.
--
-- $1 until timestamptz  the present
-- gives day, products, those covered the whole day, those covered in part of it, fills, trades of the books
--
-- psql -v until=2026-11-29T12:00:00Z -f sql/query/site-ledger-days.sql
with fills as (
  select (trade_time at time zone 'UTC')::date as day, count(*) as n
    from exchange_fills where not is_contract(product_id) group by 1
), trades as (
  select (trade_time at time zone 'UTC')::date as day, count(*) as n
    from trade_records where side in ('BUY', 'SELL') and not is_contract(product_id) group by 1
), products as materialized (
  select product_id, coalesce(exchange_covered(product_id), '{}') as spans
    from (select product_id from exchange_fills union select product_id from trade_records where side in ('BUY', 'SELL')) p
   where not is_contract(product_id)
), days as (
  select d::date as day, tstzrange(d at time zone 'UTC', least((d + interval '1 day') at time zone 'UTC', :'until'::timestamptz)) as span
    from generate_series((select min(day) from (select day from fills union all select day from trades) f)::timestamp,
                         (:'until'::timestamptz at time zone 'UTC')::date::timestamp, interval '1 day') d
)
select d.day, count(*), count(*) filter (where d.span <@ p.spans), count(*) filter (where d.span && p.spans and not d.span <@ p.spans),
       coalesce(max(f.n), 0), coalesce(max(t.n), 0)
  from days d
 cross join products p
  left join fills f on f.day = d.day
  left join trades t on t.day = d.day
 where not isempty(d.span)
 group by d.day
 order by d.day;

-- Trades just staged, and new, that have the coin, side, size and time (to two seconds) of another in another currency, where
-- one of the two is of a transaction history.  That shows amounts in the currency that the account has when it is made, and
-- names the pair in its notes at best: after a change of that currency, or beside the interface, one trade may be told as
-- BTC-EUR and as BTC-USD.
--
-- gives product_id, trade_time, side, size, other_product, other_source, in order
--
-- psql -1 -f sql/query/fills-stage.sql -f sql/query/fills-other-currency.sql
with told as (
	select entry_id, product_id, source, side, round(base_size, 8) as size, split_part(product_id, '-', 1) as coin,
	       regexp_replace(product_id, '-USDC$', '-USD') as book, trade_time, true as is_new
	  from staged_fills s
	 where trade_type = 'FILL' and not exists (select from exchange_fills e where e.entry_id = s.entry_id)
	union all
	select entry_id, product_id, source, side, round(base_size, 8), split_part(product_id, '-', 1),
	       regexp_replace(product_id, '-USDC$', '-USD'), trade_time, false
	  from exchange_fills
	 where trade_type = 'FILL'
	   and trade_time between (select min(trade_time) - interval '3 seconds' from staged_fills)
	                      and (select max(trade_time) + interval '3 seconds' from staged_fills)
)
 select a.product_id, to_char(a.trade_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as trade_time, a.side,
        trim_scale(a.size) as size, b.product_id as other_product, b.source as other_source
   from told a cross join generate_series(-2, 2) as seconds
   join told b on b.side = a.side and b.coin = a.coin and b.size = a.size
              and date_trunc('second', b.trade_time) = date_trunc('second', a.trade_time) + make_interval(secs => seconds)
  where a.is_new and a.book <> b.book and 'csv-history' in (a.source, b.source) and (not b.is_new or a.entry_id < b.entry_id)
  order by a.trade_time, a.entry_id, b.entry_id;

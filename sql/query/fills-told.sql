-- The trades that were just staged, and those that are stored around them and around the fills of their orders, where a row of
-- a transaction history is among them: that may be a whole order, of which the others are the fills.
--
-- gives product_id, side, base_size, first_time, last_time, entry_id, source, trade_id, moved, order_id, is_new, in order
--
-- psql -1 -f sql/query/fills-stage.sql -f sql/query/fills-told.sql
with orders as (
	select order_id from staged_fills
	union
	select order_id from exchange_fills where trade_time between (select min(trade_time) - interval '1 day' from staged_fills)
	                                                         and (select max(trade_time) + interval '1 day' from staged_fills)
), span as (
	select min(trade_time) - interval '1 day' as first, max(trade_time) + interval '1 day' as last
	  from (select trade_time from staged_fills
	        union all
	        select trade_time from exchange_fills where order_id in (select order_id from orders)) as fills
), told as (
	select product_id, side, base_size, trade_time, trade_nanos, entry_id, source, trade_id,
	       amount_moved(side, value, commission) as moved, order_id,
	       not exists (select from exchange_fills e where e.entry_id = s.entry_id) as is_new
	  from staged_fills s where trade_type = 'FILL'
	union all
	select product_id, side, base_size, trade_time, trade_nanos, entry_id, source, trade_id,
	       amount_moved(side, value, commission), order_id, false
	  from exchange_fills e
	 where trade_type = 'FILL' and not exists (select from staged_fills s where s.entry_id = e.entry_id)
	   and trade_time between (select first from span) and (select last from span)
)
 select product_id, side, base_size, to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as first_time,
        to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as last_time, entry_id, source, trade_id, moved,
        order_id, is_new
   from told where exists (select from told where source = 'csv-history')
  order by trade_time, trade_nanos, entry_id;

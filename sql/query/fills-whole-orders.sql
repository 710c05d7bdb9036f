-- Rows of a transaction history that are a whole order, of which the interface or a statement has the fills: among what was just
-- staged and what is stored around it.  An order and a row have the same product, side and size, and the row's time lies
-- within the order's, and two seconds; of several, the first row is the first order's.
--
-- gives entry_id, product_id, trade_time, moved, order_moved, order_id: of the row, and what moved by either
--
-- psql -1 -f sql/query/fills-stage.sql -f sql/query/fills-whole-orders.sql
with told as (
	select entry_id, order_id, source, product_id, side, regexp_replace(product_id, '-USDC$', '-USD') as book, base_size,
	       trade_time, amount_moved(side, value, commission) as moved
	  from staged_fills where trade_type = 'FILL'
	union all
	select entry_id, order_id, source, product_id, side, regexp_replace(product_id, '-USDC$', '-USD'), base_size,
	       trade_time, amount_moved(side, value, commission)
	  from exchange_fills e
	 where trade_type = 'FILL' and not exists (select from staged_fills s where s.entry_id = e.entry_id)
	   and trade_time between (select min(trade_time) - interval '1 day' from staged_fills)
	                      and (select max(trade_time) + interval '1 day' from staged_fills)
), orders as (
	select order_id, book, side, sum(base_size) as size, sum(moved) as moved, min(trade_time) as first, max(trade_time) as last
	  from told where order_id is not null and source <> 'csv-history'
	 group by order_id, book, side having count(*) > 1
), pairs as (
	select t.entry_id, t.product_id, t.trade_time, t.moved, o.moved as order_moved, o.order_id,
	       row_number() over (partition by t.entry_id order by o.first, o.order_id) as nth_order,
	       row_number() over (partition by o.order_id order by t.trade_time, t.entry_id) as nth_row
	  from told t
	  join orders o on o.book = t.book and o.side = t.side and abs(o.size - t.base_size) <= 0.00000001
	               and t.trade_time between o.first - interval '2 seconds' and o.last + interval '2 seconds'
	 where t.source = 'csv-history'
)
 select entry_id, product_id, to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as trade_time, moved,
        order_moved, order_id
   from pairs where nth_order = nth_row
  order by pairs.trade_time, entry_id;

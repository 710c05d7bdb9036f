-- Rows of a transaction history that are a whole order, of which the interface, a statement or a fills report has the fills:
-- among what was just staged and what is stored around it.  An order and a row have the same product, side and size, and the
-- row's time lies within the order's, and two seconds; of several, the first row is the first order's.  A fills report names no
-- orders: its fills of one product and side that follow each other within two seconds are taken for one.
--
-- Of the row and the fills the row goes; but of two exports the first counts, so that a row that is stored stays beside the
-- fills of a report that are new.
--
-- gives entry_id, product_id, trade_time, moved, order_moved, order_id, row_counts: an entry that goes a row; what moved by
-- the row and by its fills, with the first of a pair alone
--
-- psql -1 -f sql/query/fills-stage.sql -f sql/query/fills-whole-orders.sql
with told as (
	select entry_id, order_id, source, product_id, side, regexp_replace(product_id, '-USDC$', '-USD') as book, base_size,
	       trade_time, amount_moved(side, value, commission) as moved,
	       not exists (select from exchange_fills e where e.entry_id = s.entry_id) as is_new
	  from staged_fills s where trade_type = 'FILL'
	union all
	select entry_id, order_id, source, product_id, side, regexp_replace(product_id, '-USDC$', '-USD'), base_size,
	       trade_time, amount_moved(side, value, commission), false
	  from exchange_fills e
	 where trade_type = 'FILL' and not exists (select from staged_fills s where s.entry_id = e.entry_id)
	   and trade_time between (select min(trade_time) - interval '1 day' from staged_fills)
	                      and (select max(trade_time) + interval '1 day' from staged_fills)
), reported as (
	select *, count(*) filter (where apart) over (partition by book, side order by trade_time, entry_id) as nth
	  from (select *, trade_time - lag(trade_time) over (partition by book, side order by trade_time, entry_id)
	                  > interval '2 seconds' as apart
	          from told where order_id is null and source = 'csv-fills') as f
), orders as (
	select order_id, book, side, sum(base_size) as size, sum(moved) as moved, min(trade_time) as first, max(trade_time) as last,
	       null as new_entries
	  from told where order_id is not null and source <> 'csv-history'
	 group by order_id, book, side having count(*) > 1
	union all
	select min(entry_id), book, side, sum(base_size), sum(moved), min(trade_time), max(trade_time),
	       case when bool_and(is_new) then array_agg(entry_id) end
	  from reported group by book, side, nth having count(*) > 1
), pairs as (
	select t.entry_id, t.product_id, t.trade_time, t.moved, o.moved as order_moved, o.order_id,
	       case when not t.is_new then o.new_entries end as new_entries,
	       row_number() over (partition by t.entry_id order by o.first, o.order_id) as nth_order,
	       row_number() over (partition by o.order_id order by t.trade_time, t.entry_id) as nth_row
	  from told t
	  join orders o on o.book = t.book and o.side = t.side and abs(o.size - t.base_size) <= 0.00000001
	               and t.trade_time between o.first - interval '2 seconds' and o.last + interval '2 seconds'
	 where t.source = 'csv-history'
)
 select gone.entry_id, product_id, to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as trade_time,
        case when nth = 1 then moved end as moved, order_moved, order_id, new_entries is not null as row_counts
   from pairs cross join lateral unnest(coalesce(new_entries, array[pairs.entry_id])) with ordinality as gone (entry_id, nth)
  where nth_order = nth_row
  order by pairs.trade_time, pairs.entry_id, nth;

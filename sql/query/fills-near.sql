-- Rows of a transaction history that have the order book, side and size of a trade of another source, or of a whole order of it,
-- move as much, and are up to a minute away: too far to be called one trade, and near enough for a person to look.  One of
-- the two was just staged, and is new; neither is known to be another's.
--
-- $1 taken text[]   the entries that are one trade with another, or a part of it
--
-- gives product_id, trade_time, side, size, seconds, other_product, other_source, in order
--
-- psql -1 -f sql/query/fills-stage.sql -v "taken={}" -f sql/query/fills-near.sql
with told as (
	select entry_id, order_id, product_id, source, side, base_size, trade_time, amount_moved(side, value, commission) as moved,
	       not exists (select from exchange_fills e where e.entry_id = s.entry_id) as is_new
	  from staged_fills s where trade_type = 'FILL'
	union all
	select entry_id, order_id, product_id, source, side, base_size, trade_time, amount_moved(side, value, commission), false
	  from exchange_fills e
	 where trade_type = 'FILL' and not exists (select from staged_fills s where s.entry_id = e.entry_id)
	   and trade_time between (select min(trade_time) - interval '1 day' from staged_fills)
	                      and (select max(trade_time) + interval '1 day' from staged_fills)
), free as (
	select *, order_book(product_id) as book from told where not entry_id = any (:'taken'::text[])
), trades as (
	select book, side, min(product_id) as product_id, min(source) as source, round(sum(base_size), 8) as size, sum(moved) as moved,
	       min(trade_time) as first, max(trade_time) as last, bool_or(is_new) as is_new, min(entry_id) as entry_id
	  from free where source <> 'csv-history' group by coalesce(order_id, entry_id), book, side
)
 select r.product_id, to_char(r.trade_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as trade_time, r.side,
        trim_scale(r.base_size) as size, ceil(extract(epoch from greatest(t.first - r.trade_time, r.trade_time - t.last, '0'))) as seconds,
        t.product_id as other_product, t.source as other_source
   from free r
   join trades t on t.book = r.book and t.side = r.side and t.size = round(r.base_size, 8)
                and r.trade_time between t.first - interval '1 minute' and t.last + interval '1 minute'
                and abs(t.moved - r.moved) <= 0.002 * abs(r.moved) + 0.02
  where r.source = 'csv-history' and (r.is_new or t.is_new)
  order by r.trade_time, r.entry_id, t.entry_id;

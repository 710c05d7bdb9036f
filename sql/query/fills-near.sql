-- Rows of a transaction history that have the order book and side of a trade of another source, or of an order of it, and
-- may be that: they move as much and are up to a minute away, too far to be called one trade; or they move more at such a
-- price, either within two seconds of it, or up to an hour before it where nothing older of that source is known: the first
-- fills of it may lie before what was fetched.  One of the two was just staged, and is new; neither is known to be another's.
--
-- $1 taken text[]   the entries that are one trade with another, or a part of it
--
-- gives product_id, trade_time, side, size, seconds, other_product, other_source, other_size, is_part, in order
--
-- psql -1 -f sql/query/fills-stage.sql -v "taken={}" -f sql/query/fills-near.sql
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
	select entry_id, order_id, product_id, source, side, base_size, trade_time, amount_moved(side, value, commission) as moved,
	       not exists (select from exchange_fills e where e.entry_id = s.entry_id) as is_new
	  from staged_fills s where trade_type = 'FILL'
	union all
	select entry_id, order_id, product_id, source, side, base_size, trade_time, amount_moved(side, value, commission), false
	  from exchange_fills e
	 where trade_type = 'FILL' and not exists (select from staged_fills s where s.entry_id = e.entry_id)
	   and trade_time between (select first from span) and (select last from span)
), free as (
	select *, order_book(product_id) as book from told where not entry_id = any (:'taken'::text[])
), trades as (
	select book, side, min(product_id) as product_id, min(source) as source, round(sum(base_size), 8) as size, sum(moved) as moved,
	       min(trade_time) as first, max(trade_time) as last, bool_or(is_new) as is_new, min(entry_id) as entry_id
	  from free where source <> 'csv-history' group by coalesce(order_id, entry_id), book, side
), spread as materialized (
	-- Once for each hour in which a row may lie that is this trade: each row is held against the trades of its hour alone.
	select t.*, hour from trades t
	 cross join lateral generate_series(date_trunc('hour', t.first, 'UTC') - interval '1 hour', t.last + interval '1 minute',
	                                    interval '1 hour') as hour
), pairs as (
	select r.product_id, r.trade_time, r.side, r.base_size, r.entry_id, t.product_id as other_product, t.source as other_source,
	       t.size as other_size, t.first, t.last, t.entry_id as other_entry, t.size < round(r.base_size, 8) as is_part
	  from free r
	  join spread t on t.book = r.book and t.side = r.side and t.hour = date_trunc('hour', r.trade_time, 'UTC')
	               and t.size <= round(r.base_size, 8)
	               and r.trade_time between t.first - interval '1 hour' and t.last + interval '1 minute'
	 where r.source = 'csv-history' and (r.is_new or t.is_new)
	   and case when t.size < round(r.base_size, 8)
	            then abs(t.moved * r.base_size - r.moved * t.size) <= 0.01 * abs(r.moved * t.size)
	            else r.trade_time >= t.first - interval '1 minute' and abs(t.moved - r.moved) <= 0.002 * abs(r.moved) + 0.02 end
), oldest as (
	select source, min(trade_time) as first
	  from (select source, trade_time from exchange_fills union all select source, trade_time from staged_fills) as fills
	 group by source
)
 select product_id, to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as trade_time, side,
        trim_scale(base_size) as size, ceil(extract(epoch from greatest(p.first - trade_time, trade_time - last, '0'))) as seconds,
        other_product, other_source, trim_scale(other_size) as other_size, is_part
   from pairs p join oldest o on o.source = other_source
  where not is_part
     or trade_time between p.first - interval '2 seconds' and last + interval '2 seconds'
     or o.first >= least(trade_time, p.first)
  order by p.trade_time, entry_id, other_entry;

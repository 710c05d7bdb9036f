-- A fill sized in quote has a base quantity that does not end; the order's filled size is the rounded truth.
-- Each fill is rounded to the decimals of the total and the last one takes the remainder, if that is
-- no more than such rounding can leave.
--
-- psql -1 -f sql/query/fills-stage.sql -f sql/query/fills-settle-sizes.sql -c rollback
with quoted as (
	select f.order_id from exchange_fills f where f.size_in_quote and f.order_id is not null
	   and (exists (select from staged_fills s where s.order_id = f.order_id)
	     or exists (select from staged_orders s where s.order_id = f.order_id))
	 group by f.order_id
), rounded as (
	select f.entry_id, f.base_size, o.filled_size, o.number_of_fills,
	       round(case when f.size_in_quote then f.size / f.price else f.base_size end, scale(o.filled_size)) as part,
	       count(*) over w as fills, bool_and(f.trade_type = 'FILL') over w as plain,
	       row_number() over (w order by f.trade_time desc, f.trade_nanos desc, f.entry_id desc) as from_last
	  from exchange_fills f join quoted using (order_id) join exchange_orders o using (order_id)
	window w as (partition by f.order_id)
), settled as (
	select entry_id, base_size, plain and fills = number_of_fills
	       and abs(filled_size - sum(part) over o) <= fills * 10::numeric ^ -scale(filled_size) as ok,
	       case when from_last = 1 then part + filled_size - sum(part) over o else part end as part
	  from (select r.*, f.order_id from rounded r join exchange_fills f using (entry_id)) r
	window o as (partition by order_id)
)
 update exchange_fills f set base_size = s.part, fetched_at = now()
  from settled s where s.entry_id = f.entry_id and s.ok and s.part > 0 and f.base_size <> s.part;

-- An order's own totals beside the sum of its fills, and what it says has moved beside its own value and fees, for
-- the orders just listed; and, where the listing was of all time, fills whose order is not in it.  The sums may
-- differ by a unit of the eighth decimal a fill: that much the exchange rounds.
--
-- $1 whole boolean   was the listing of all time, and of every product?
-- gives order_id, product_id, field, order, fills
--
-- psql -1 -f sql/query/fills-stage.sql -v whole=t -f sql/query/orders-against-fills.sql
with listed as (
	select o.* from exchange_orders o where exists (select from staged_orders s where s.order_id = o.order_id)
), summed as (
	select order_id, min(product_id) as product_id, count(*) as fills, sum(base_size) as size, sum(value) as value,
	       sum(commission) as fees
	  from exchange_fills where trade_type = 'FILL' and order_id is not null group by order_id
), compared as (
	select l.order_id, l.product_id, f.field, f.wanted, f.got, f.slack * coalesce(s.fills, 0) as slack
	  from listed l left join summed s using (order_id),
	       lateral (values ('filled_size', l.filled_size, coalesce(s.size, 0), 1e-8),
	                       ('filled_value', l.filled_value, coalesce(s.value, 0), 1e-8),
	                       ('total_fees', l.total_fees, coalesce(s.fees, 0), 1e-8),
	                       ('number_of_fills', l.number_of_fills, coalesce(s.fills, 0), 0),
	                       -- What moved, by side: a total on the wrong side of the value shows a fee that is none.
	                       ('total_value_after_fees', case when l.number_of_fills > 0 then l.total_value_after_fees end,
	                        amount_moved(l.side, l.filled_value, l.total_fees), 1e-8))
	            as f (field, wanted, got, slack)
)
 select order_id, product_id, field, wanted::text as "order", got::text as fills from compared
  where abs(wanted - got) > slack
 union all
 select s.order_id, s.product_id, 'order', null, s.fills::text from summed s
  where :'whole'::boolean and not exists (select from listed l where l.order_id = s.order_id)
 order by 1, 3;

-- Staged orders that are new, or differ.
--
-- psql -1 -f sql/query/fills-stage.sql -f sql/query/fills-store-orders.sql -c rollback
insert into exchange_orders (
order_id, product_id, side, status, filled_size, average_filled_price, filled_value, total_fees,
 total_value_after_fees, number_of_fills, settled, placement_source, created_time, last_fill_time)
 select
order_id, product_id, side, status, filled_size, average_filled_price, filled_value, total_fees,
 total_value_after_fees, number_of_fills, settled, placement_source, created_time, last_fill_time from staged_orders s
  where not exists (select from exchange_orders e where e.order_id = s.order_id
	                and (e.product_id, e.side, e.status, e.filled_size, e.average_filled_price, e.filled_value,
	                     e.total_fees, e.total_value_after_fees, e.number_of_fills, e.settled, e.placement_source,
	                     e.created_time, e.last_fill_time) is not distinct from
	                    (s.product_id, s.side, s.status, s.filled_size, s.average_filled_price, s.filled_value,
	                     s.total_fees, s.total_value_after_fees, s.number_of_fills, s.settled, s.placement_source,
	                     s.created_time, s.last_fill_time))
  order by order_id
 on conflict (order_id) do update
    set product_id = excluded.product_id, side = excluded.side, status = excluded.status,
        filled_size = excluded.filled_size, average_filled_price = excluded.average_filled_price,
        filled_value = excluded.filled_value, total_fees = excluded.total_fees,
        total_value_after_fees = excluded.total_value_after_fees, number_of_fills = excluded.number_of_fills,
        settled = excluded.settled, placement_source = excluded.placement_source,
        created_time = excluded.created_time, last_fill_time = excluded.last_fill_time,
        fetched_at = excluded.fetched_at;

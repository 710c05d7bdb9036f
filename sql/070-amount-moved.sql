-- What moved by value and fee is asked of fills, staged and stored, and of the totals of orders.

create function amount_moved(side text, value numeric, fee numeric) returns numeric
	language sql immutable parallel safe as $$ select value + case side when 'BUY' then fee else -fee end $$;
comment on function amount_moved(text, numeric, numeric) is
	'what was paid for a purchase, with its fee, or received for a sale, less its fee; a negative fee is a rebate';

create or replace view open_corrections as
	select e.* from exchange_fills e
	 where (e.trade_type <> 'FILL'
	        or e.commission < 0 and e.source = 'api'
	           and not exists (select from exchange_orders o
	                            where o.order_id = e.order_id
	                              and abs(o.total_value_after_fees - amount_moved(o.side, o.filled_value, o.total_fees)) <= 0.00000001
	                              and abs(o.total_fees - (select sum(f.commission) from exchange_fills f
	                                                       where f.order_id = o.order_id and f.trade_type = 'FILL'))
	                                  <= 0.00000001 * greatest(o.number_of_fills, 1)))
	   and not exists (select from settled_corrections s where s.entry_id = e.entry_id);

-- Two trades of one size and second that an export tells, each with its number.

-- Exports name no orders, and the books know such a trade by its number and not by its entry: once the first of two was taken
-- into them it was a fact about the second, of which the proposal was stale then, and a yes to all was half a yes.
create or replace function facts_digest(product_id text, record_id text, level text, order_id text, side text, size numeric,
                                        trade_time timestamptz, last_time timestamptz, entry_ids text[]) returns text
	language sql stable as $$
	select encode(sha256(convert_to(concat(
		(select string_agg(concat_ws('|', f.entry_id, f.product_id, f.side, f.trade_time at time zone 'UTC', f.trade_nanos,
		                             trim_scale(f.base_size), trim_scale(f.value), trim_scale(f.commission)), E'\n'
		                   order by f.entry_id)
		   from exchange_fills f
		  where f.trade_type = 'FILL'
		    and (f.entry_id = any (facts_digest.entry_ids)
		         or (facts_digest.level = 'order' and f.order_id = facts_digest.order_id))),
		E'\n#\n',
		(select string_agg(concat_ws('|', r.product_id, r.record_id, r.level, r.order_id, r.side, r.trade_time at time zone 'UTC',
		                             r.trade_nanos, trim_scale(r.size), coalesce(trim_scale(r.price)::text, '?'),
		                             trim_scale(r.value), trim_scale(r.fee)), E'\n' order by r.product_id, r.record_id)
		   from trade_records r
		  where (r.record_id = facts_digest.record_id
		         -- Of another book, and known there: another trade with the same number.
		         and (r.product_id = any (order_book_names(facts_digest.product_id))
		              or not exists (select from exchange_fills o
		                              where o.product_id = any (order_book_names(r.product_id)) and o.trade_id = r.record_id
		                                and o.side = r.side and o.trade_type = 'FILL' and o.entry_id <> all (facts_digest.entry_ids)
		                                and o.trade_time between r.trade_time - interval '2 seconds'
		                                                     and r.trade_time + interval '2 seconds')))
		     or r.record_id = any (facts_digest.entry_ids)
		     or (facts_digest.level = 'order' or r.level = 'order') and r.order_id = facts_digest.order_id
		     or (r.product_id = any (order_book_names(facts_digest.product_id))
		         and r.side = facts_digest.side and abs(r.size - facts_digest.size) <= 0.00000001
		         and r.trade_time between facts_digest.trade_time - interval '2 seconds'
		                              and coalesce(facts_digest.last_time, facts_digest.trade_time) + interval '2 seconds'
		         and not exists (select from exchange_fills o where o.order_id = r.order_id)
		         and not exists (select from exchange_fills o where o.entry_id = r.record_id)
		         -- Known by its number: another trade of that second.
		         and not exists (select from exchange_fills o
		                          where o.product_id = any (order_book_names(r.product_id))
		                            and o.trade_id = coalesce(r.trade_id, r.record_id) and o.side = r.side
		                            and o.trade_type = 'FILL' and o.entry_id <> all (facts_digest.entry_ids)))),
		-- A correction of the trade that came since is a fact about it.
		(select string_agg(c.entry_id, ',' order by c.entry_id) from exchange_fills c
		  where c.trade_type <> 'FILL'
		    and (c.order_id = facts_digest.order_id or c.trade_id in (
		         select t.trade_id from exchange_fills t where t.entry_id = any (facts_digest.entry_ids))))
	), 'UTF8')), 'hex')
$$;
comment on function facts_digest(text, text, text, text, text, numeric, timestamptz, timestamptz, text[]) is
	'the facts that a proposal stands on, as one digest: the fills of its trade at the exchange, and the rows of the books that '
	'tell of it, by its ids, or by what it was if they are not known to be another trade; siblings in its order, and trades of '
	'other order books with the same number, do not count';

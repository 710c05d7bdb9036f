-- What the file does not say (null) does not contradict the books.
--
-- gives the temporary table different
--
-- psql -1 -f sql/query/import-stage.sql -f sql/query/import-different.sql
create temporary table different on commit drop as
 select i.product_id, i.record_id, string_agg(f.name || ' ' || coalesce(f.here, '(none)') || ' here, '
                                             || f.there || ' in the file', '; ' order by f.n) as what
  from incoming i join trade_records r using (product_id, record_id)
 cross join lateral (values
	(1, 'level', r.level, i.level), (2, 'side', r.side, i.side),
	(3, 'time', r.trade_time::text, i.trade_time::text),
	(4, 'nanoseconds', r.trade_nanos::text, i.trade_nanos::text),
	(5, 'size', trim_scale(r.size)::text, trim_scale(i.size)::text),
	(6, 'price', trim_scale(r.price)::text, trim_scale(i.price)::text),
	(7, 'value', trim_scale(r.value)::text, trim_scale(i.value)::text),
	(8, 'fee', trim_scale(r.fee)::text, trim_scale(i.fee)::text),
	(9, 'order_id', r.order_id, i.order_id), (10, 'trade_id', r.trade_id, i.trade_id),
	(11, 'first_time', r.first_time::text, i.first_time::text),
	(12, 'last_time', r.last_time::text, i.last_time::text),
	(13, 'fills', r.fills::text, i.fills::text), (14, 'account', r.account, i.account),
	(15, 'note', r.note, i.note)) f (n, name, here, there)
 where f.there is not null and f.here is distinct from f.there
 group by i.product_id, i.record_id;

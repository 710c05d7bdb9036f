-- Stored fills that the staged ones know better.
--
-- psql -1 -f sql/query/fills-stage.sql -f sql/query/fills-change.sql -c rollback
update exchange_fills e
   set trade_id = s.trade_id, order_id = s.order_id, product_id = s.product_id, side = s.side, trade_type = s.trade_type,
       trade_time = s.trade_time, trade_nanos = s.trade_nanos, sequence_time = s.sequence_time, price = s.price,
       size = s.size, size_in_quote = s.size_in_quote, base_size = s.base_size, value = s.value,
       commission = s.commission, liquidity = s.liquidity, portfolio_id = s.portfolio_id, source = s.source,
       fetched_at = now()
  from staged_fills s
 where e.entry_id = s.entry_id and
(e.trade_id, e.order_id, e.product_id, e.side, e.trade_type, e.trade_time, e.trade_nanos, e.sequence_time, e.price,
 e.size, e.size_in_quote, e.base_size, e.value, e.commission, e.liquidity, e.portfolio_id, e.source)
 is distinct from
(s.trade_id, s.order_id, s.product_id, s.side, s.trade_type, s.trade_time, s.trade_nanos, s.sequence_time, s.price,
 s.size, s.size_in_quote, s.base_size, s.value, s.commission, s.liquidity, s.portfolio_id, s.source);

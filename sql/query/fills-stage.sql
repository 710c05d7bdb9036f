-- Where fills, orders and the windows that were asked for are staged.
--
-- gives the temporary tables staged_fills, staged_orders, staged_windows
--
-- psql -f sql/query/fills-stage.sql
create temp table if not exists staged_fills as select
entry_id, trade_id, order_id, product_id, side, trade_type, trade_time, trade_nanos, sequence_time,
 price, size, size_in_quote, base_size, value, commission, liquidity, portfolio_id, source from exchange_fills with no data;
-- Whatever the planner takes the tables for: a row that is stored is looked up in it, and never sought.
create index if not exists staged_fills_entry on staged_fills (entry_id);
create temp table if not exists staged_orders as select
order_id, product_id, side, status, filled_size, average_filled_price, filled_value, total_fees,
 total_value_after_fees, number_of_fills, settled, placement_source, created_time, last_fill_time from exchange_orders with no data;
create temp table if not exists staged_windows as
 select product_id, portfolio_id, kind, window_from, window_to, source, fills_seen from exchange_windows with no data;
truncate staged_fills, staged_orders, staged_windows;

-- Where the rows of a file are staged, with the line that each stands in.
--
-- gives the temporary table incoming
--
-- psql -f sql/query/import-stage.sql
create temporary table incoming on commit drop as
 select product_id, record_id, level, order_id, trade_id, side, trade_time, trade_nanos, size, price, value, fee,
 first_time, last_time, fills, account, note, 0::bigint as line from trade_records limit 0;

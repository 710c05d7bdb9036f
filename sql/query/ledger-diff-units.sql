-- The exchange's side by order, or by fill where there is none.
--
-- gives the temporary table units
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql
create index on fills (unit); create index on fills (entry_id); create index on fills (trade_id);
analyze fills;
create temp table units on commit drop as
 select f.unit, min(f.order_id) as order_id, min(f.product_id) as product_id, min(f.side) as side,
        sum(f.base_size) as size, sum(f.value) as value, sum(f.commission) as fee, count(*)::integer as fills,
        (array_agg(f.trade_time order by f.trade_time, f.trade_nanos))[1] as first_time,
        (array_agg(f.trade_nanos order by f.trade_time, f.trade_nanos))[1] as first_nanos,
        (array_agg(f.trade_time order by f.trade_time desc, f.trade_nanos desc))[1] as last_time,
        (array_agg(f.trade_nanos order by f.trade_time desc, f.trade_nanos desc))[1] as last_nanos,
        least(min(f.trade_time), min(o.created_time)) as from_time,
        array_agg(f.entry_id order by f.entry_id) as entry_ids, bool_or(f.source = 'csv-history') as coarse
   from fills f left join exchange_orders o on o.order_id = f.order_id group by f.unit;
create unique index on units (unit); analyze units;

-- Each row of the books beside what it is linked to, and an empty table for the same with what is wrong with it.
--
-- gives the temporary tables pairs, judged
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql \
--	-f sql/query/ledger-diff-link.sql -f sql/query/ledger-diff-pairs.sql
create temp table pairs on commit drop as
 select b.product_id as b_product, b.record_id, b.level, b.side as b_side, b.size as b_size, b.price as b_price,
        b.value as b_value, b.fee as b_fee, b.trade_time as b_time, b.trade_nanos as b_nanos, b.first_time as b_first,
        b.last_time as b_last, b.fills as b_fills, b.order_id as b_order, b.trade_id as b_trade,
        (extract(epoch from b.trade_time) * 1000000000 + b.trade_nanos) as b_ns, l.unit, l.entry_id,
        coalesce(f.product_id, u.product_id) as product_id, coalesce(f.side, u.side) as side,
        coalesce(f.base_size, u.size) as size, coalesce(f.value, u.value) as value,
        coalesce(f.commission, u.fee) as fee, u.order_id, f.trade_id,
        coalesce(f.price, u.value / u.size) as price, coalesce(f.trade_time, u.first_time) as trade_time,
        coalesce(f.trade_nanos, u.first_nanos) as trade_nanos, u.first_time, u.last_time, u.fills as n_fills,
        case when f.entry_id is null then u.entry_ids else array[f.entry_id] end as entry_ids, u.coarse,
        (extract(epoch from coalesce(f.trade_time, u.first_time)) * 1000000000 + coalesce(f.trade_nanos, u.first_nanos)) as ns,
        (extract(epoch from u.from_time) * 1000000000 + 0) as from_ns,
        (extract(epoch from u.last_time) * 1000000000 + u.last_nanos) as last_ns
   from linked l join books b using (product_id, record_id) join units u on u.unit = l.unit
   left join fills f on f.entry_id = l.entry_id and b.level = 'fill'
  where not l.extra and not l.part;
create temp table judged on commit drop as
 select p.*, false as wrong_product, false as wrong_side, false as wrong_size, false as wrong_value, false as wrong_fee,
        false as wrong_price, false as wrong_time, false as wrong_first, false as wrong_last, false as wrong_fills,
        false as wrong_order from pairs p with no data;

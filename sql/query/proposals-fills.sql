-- By fills, where the books are kept so, or the order is not known or is there in part.
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql \
--	-f sql/query/ledger-diff-link.sql -f sql/query/ledger-diff-pairs.sql -v tolerance=0 \
--	-f sql/query/ledger-diff-judged.sql -f sql/query/ledger-diff-findings.sql -f sql/query/proposals-wanted.sql \
--	-f sql/query/proposals-fills.sql
insert into wanted
with names as materialized (
	select product_id, book_name(product_id) as name from (select distinct product_id from fills) p
)
 select n.name, coalesce(case when count(*) over (partition by n.name, f.trade_id) = 1 then f.trade_id end, f.entry_id),
        'insert', 'the fill is missing here', 'fill', f.order_id, f.trade_id, f.side, f.trade_time, f.trade_nanos,
        f.base_size, f.price, f.value, f.commission, null, null, 1, array[f.entry_id], d.may_be
   from findings d join fills f on f.unit = d.unit and (d.entry_id is null or d.entry_id = f.entry_id)
   join names n on n.product_id = f.product_id
  where d.finding = 'missing_here'
    and not exists (select from wanted w where w.level = 'order' and w.order_id = f.unit);

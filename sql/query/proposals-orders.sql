-- Orders that are missing here, under the name that the books use, where they are kept by orders.
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql \
--	-f sql/query/ledger-diff-link.sql -f sql/query/ledger-diff-pairs.sql -v tolerance=0 \
--	-f sql/query/ledger-diff-judged.sql -f sql/query/ledger-diff-findings.sql -f sql/query/proposals-wanted.sql \
--	-f sql/query/proposals-orders.sql
insert into wanted
with names as materialized (
	select product_id, name, exists (select from trade_records b where b.product_id = name having bool_and(b.level = 'fill')) as by_fills
	  from (select product_id, book_name(product_id) as name from (select distinct product_id from units) p) n
)
 select n.name, u.order_id, 'insert', 'the order is missing here', 'order', u.order_id, null, u.side, u.first_time,
        u.first_nanos, u.size, round(u.value / u.size, 18), u.value, u.fee, u.first_time, u.last_time, u.fills, u.entry_ids, d.may_be
   from findings d join units u using (unit) join names n on n.product_id = u.product_id
  where d.finding = 'missing_here' and d.entry_id is null and u.order_id is not null and not n.by_fills;

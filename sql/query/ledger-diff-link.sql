-- Known by id: an order as a whole; a fill by its entry, or by its trade.
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql \
--	-f sql/query/ledger-diff-link.sql
insert into linked (product_id, record_id, unit)
 select b.product_id, b.record_id, u.unit from books b join units u on u.order_id = b.order_id where b.level = 'order';
insert into linked (product_id, record_id, unit, entry_id)
 select b.product_id, b.record_id, f.unit, f.entry_id from books b join fills f on f.entry_id = b.record_id
  where b.level = 'fill';
insert into linked (product_id, record_id, unit, entry_id)
 select distinct on (b.product_id, b.record_id) b.product_id, b.record_id, f.unit, f.entry_id
   from books b join fills f on f.trade_id = coalesce(b.trade_id, b.record_id)
  where b.level = 'fill'
    -- The number of an old trade is its product's own; a UUID is everybody's, and a transaction history's id its coin's, in
    -- whatever currency of the account the history tells it.
    and (length(f.trade_id) >= 32 or order_book(f.product_id) = order_book(b.product_id)
         or (f.source = 'csv-history' and split_part(f.product_id, '-', 1) = split_part(b.product_id, '-', 1)))
    and not exists (select from linked l where (l.product_id, l.record_id) = (b.product_id, b.record_id))
  order by b.product_id, b.record_id, f.side <> b.side, f.entry_id;
create unique index on linked (product_id, record_id); create index on linked (unit); analyze linked;

-- What is missing here, beside a row of the books that is no trade of the exchange: of that coin and side, within a day of the
-- trade, or of its order.  It may be that, or a part or the whole of it, told with another time, quantity or currency.
--
-- gives the temporary table loose
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql \
--	-f sql/query/ledger-diff-link.sql -f sql/query/ledger-diff-findings.sql -f sql/query/ledger-diff-doubts.sql
create temp table loose on commit drop as
 select split_part(b.product_id, '-', 1) collate "C" as coin, b.side, b.trade_time, b.record_id
   from books b
   join (select split_part(product_id, '-', 1) as coin, side, min(first_time) - interval '1 day' as since,
                max(last_time) + interval '1 day' as until
           from units where unit in (select unit from findings where finding = 'missing_here') group by 1, 2) s
     on split_part(b.product_id, '-', 1) = s.coin and b.side = s.side and b.trade_time between s.since and s.until
  where not exists (select from linked l where (l.product_id, l.record_id) = (b.product_id, b.record_id))
    -- Of a window alone not all that is known is among the fills.
    and not exists (select from exchange_fills e
                     where e.product_id = any (order_book_names(b.product_id)) and e.side = b.side
                       and e.trade_time between b.trade_time - interval '1 day' and b.trade_time + interval '1 day'
                       and (b.record_id in (e.entry_id, e.trade_id) or e.trade_id = b.trade_id or e.order_id = b.order_id
                            or abs(e.base_size - b.size) <= 0.00000001
                               and abs(extract(epoch from e.trade_time - b.trade_time)) <= 2)
                       and not exists (select from fills f where f.entry_id = e.entry_id));
create index on loose (coin, side, trade_time); analyze loose;
update findings d set books = n.record_id, may_be = n.record_id
  from units u
 cross join lateral (select l.record_id from loose l
                      where l.coin = split_part(u.product_id, '-', 1) and l.side = u.side
                        and l.trade_time between u.first_time - interval '1 day' and u.last_time + interval '1 day'
                      order by abs(extract(epoch from l.trade_time - u.first_time)), l.record_id limit 1) n
 where d.finding = 'missing_here' and u.unit = d.unit;

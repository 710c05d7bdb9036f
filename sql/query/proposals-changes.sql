-- Rows of the books that should say something else.
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql \
--	-f sql/query/ledger-diff-link.sql -f sql/query/ledger-diff-pairs.sql -v tolerance=0 \
--	-f sql/query/ledger-diff-judged.sql -f sql/query/ledger-diff-findings.sql -f sql/query/proposals-wanted.sql \
--	-f sql/query/proposals-changes.sql
insert into wanted
 select case when wrong_product then book_name(j.product_id) else b_product end, j.record_id, 'update',
        (select string_agg(d.field || ' ' || d.books || ' -> ' || d.exchange, ', ' order by d.nth) from findings d
          where d.finding = 'different' and (d.product_id, d.record_id) = (j.b_product, j.record_id)),
        level, coalesce(order_id, b_order), trade_id, side,
        case when wrong_time then trade_time else b_time end, case when wrong_time then trade_nanos else b_nanos end,
        case when wrong_size then size else b_size end,
        case when wrong_price or wrong_size or wrong_value then round(price, 18) else b_price end,
        case when wrong_value then value else b_value end, case when wrong_fee then fee else b_fee end,
        case when wrong_first then first_time else b_first end, case when wrong_last then last_time else b_last end,
        case when level = 'order' then n_fills else 1 end, entry_ids
   from judged j
  where (wrong_order or wrong_product or wrong_side or wrong_size or wrong_value or wrong_fee or wrong_price is true or wrong_time
         or wrong_first or wrong_last or wrong_fills) is true;

-- Each field in which a row of the books differs is a finding.
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql \
--	-f sql/query/ledger-diff-link.sql -f sql/query/ledger-diff-pairs.sql -v tolerance=0 -f sql/query/ledger-diff-judged.sql \
--	-f sql/query/ledger-diff-findings.sql -f sql/query/ledger-diff-differences.sql
insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange, unit, entry_id)
 select 'different', b_product, record_id, b_side, b_time, b_size, d.field, d.books, d.exchange, unit, entry_id
   from judged cross join lateral (values
	(1, wrong_order, 'order_id', b_order, order_id),
	(2, wrong_product, 'product_id', b_product, product_id),
	(3, wrong_side, 'side', b_side, side),
	(4, wrong_time, 'trade_time', to_char(b_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
	    to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
	(5, wrong_size, 'size', trim_scale(b_size)::text, trim_scale(size)::text),
	(6, wrong_price, 'price', trim_scale(b_price)::text, trim_scale(price)::text),
	(7, wrong_value, 'value', trim_scale(b_value)::text, trim_scale(value)::text),
	(8, wrong_fee, 'fee', trim_scale(b_fee)::text, trim_scale(fee)::text),
	(9, wrong_first, 'first_time', to_char(b_first at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
	    to_char(first_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
	(10, wrong_last, 'last_time', to_char(b_last at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
	    to_char(last_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
	(11, wrong_fills, 'fills', b_fills::text, n_fills::text)) as d (nth, wrong, field, books, exchange)
  where d.wrong order by b_product, b_time, b_nanos, record_id, d.nth;

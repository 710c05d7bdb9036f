-- Sums by product, day and side, of what lies where the exchange was asked.  A trade that both know has one
-- day, the books', if the books' time is not wrong; and one name, the books', if it is an alias.  What the exchange only
-- shows in cents counts as the books have it, where it may be that.
--
-- $1 tolerance numeric   beyond which the amounts of one trade differ
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql \
--	-f sql/query/ledger-diff-link.sql -f sql/query/ledger-diff-pairs.sql -v tolerance=0 -f sql/query/ledger-diff-judged.sql \
--	-f sql/query/ledger-diff-findings.sql -v tolerance=0 -f sql/query/ledger-diff-sums.sql
insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange)
 with there as (
	select coalesce(j.b_product, f.product_id) as product_id,
	       (coalesce(case when not j.wrong_time then j.b_time end, u.first_time) at time zone 'UTC')::date as day,
	       f.side, f.unit, bool_or(u.coarse) as coarse, sum(f.base_size) as size, sum(f.value) as value, sum(f.commission) as fee
	  from fills f join units u using (unit)
	  left join lateral (select case when j.wrong_product then null else j.b_product end as b_product, j.b_time, j.wrong_time
	                       from judged j where j.unit = f.unit and (j.entry_id is null or j.entry_id = f.entry_id)
	                      limit 1) as j on true
	 group by 1, 2, 3, 4
), here as (
	select b.product_id, (b.trade_time at time zone 'UTC')::date as day, b.side,
	       case when l.extra then b.record_id else coalesce(l.unit, b.record_id) end as unit,
	       sum(b.size) as size, sum(b.value) as value, sum(b.fee) as fee
	  from books b left join linked l using (product_id, record_id)
	 where l.unit is not null or exists (select from covered c where c.product_id = b.product_id and b.trade_time <@ c.span)
	 group by 1, 2, 3, 4
), told as (
	select t.product_id, t.day, t.side, t.size,
	       case when t.coarse and amount_is_shown_as(h.value, t.value) then h.value else t.value end as value,
	       case when t.coarse and amount_is_shown_as(h.fee, t.fee) then h.fee else t.fee end as fee
	  from there t left join here h using (product_id, day, side, unit)
), days as (
	select product_id, day, side, h.trades as h_trades, h.size as h_size, h.value as h_value, h.fee as h_fee,
	       t.trades as t_trades, t.size as t_size, t.value as t_value, t.fee as t_fee,
	       :'tolerance'::numeric * greatest(coalesce(h.trades, 0), coalesce(t.trades, 0)) as slack
	  from (select product_id, day, side, count(*) as trades, sum(size) as size, sum(value) as value, sum(fee) as fee
	          from here group by product_id, day, side) as h
	  full join (select product_id, day, side, count(*) as trades, sum(size) as size, sum(value) as value, sum(fee) as fee
	               from told group by product_id, day, side) as t using (product_id, day, side)
)
 select 'sum', product_id, null, side, day::timestamp at time zone 'UTC', null, d.field,
        trim_scale(coalesce(d.books, 0))::text, trim_scale(coalesce(d.exchange, 0))::text
   from days cross join lateral (values
	(1, 'trades', h_trades::numeric, t_trades::numeric, 0), (2, 'size', h_size, t_size, slack),
	(3, 'value', h_value, t_value, slack), (4, 'fee', h_fee, t_fee, slack)) as d (nth, field, books, exchange, slack)
  where abs(coalesce(d.books, 0) - coalesce(d.exchange, 0)) > d.slack
  order by product_id, day, side, d.nth;

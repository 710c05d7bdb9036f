-- Field by field: which of a pair's differ.  A time of a fill is right when it is the exchange's, cut or rounded to
-- the digits that the books keep; that of an order, and of a fill that is a whole one, anywhere from its creation to its
-- last fill; an export's own time is good to two seconds.  A price that is the mean of several fills' may be cut or rounded,
-- too: it is in no amount that moved.  A transaction history shows amounts in cents: one that the books have with more
-- digits is right within a unit of the last that is shown, as a fee that is what two rounded amounts differ by.
--
-- $1 tolerance numeric   beyond which amounts differ
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql \
--	-f sql/query/ledger-diff-link.sql -f sql/query/ledger-diff-pairs.sql -v tolerance=0 \
--	-f sql/query/ledger-diff-judged.sql
insert into judged
select p.*, order_book(b_product) <> order_book(product_id), b_side <> side,
       abs(b_size - size) > :'tolerance'::numeric,
       abs(b_value - value) > :'tolerance'::numeric and not (coarse and amount_is_shown_as(b_value, value)),
       abs(b_fee - fee) > :'tolerance'::numeric and not (coarse and amount_is_shown_as(b_fee, fee)),
       abs(b_price - price) > :'tolerance'::numeric and not (coarse and amount_is_shown_as(b_price, price)) and
       not (n_fills > 1 and (level = 'order' or entry_id is null) and
            b_price in (round(price, min_scale(b_price)), trunc(price, min_scale(b_price)))),
       not case when coarse then b_ns between from_ns - 2000000000 and last_ns + 2000000000
                when level = 'order' or entry_id is null then b_ns between floor(from_ns / u.at) * u.at and ceil(last_ns / u.at) * u.at
                else b_ns in (floor(ns / u.at) * u.at, round(ns / u.at) * u.at) end,
       not coarse and level = 'order' and t.b_first not in (floor(t.first / u.first) * u.first, round(t.first / u.first) * u.first),
       not coarse and level = 'order' and t.b_last not in (floor(t.last / u.last) * u.last, round(t.last / u.last) * u.last),
       level = 'order' and b_fills <> n_fills, b_order <> order_id
  from pairs p
 cross join lateral (select extract(epoch from b_first) * 1000000000 as b_first, extract(epoch from b_last) * 1000000000 as b_last,
                            extract(epoch from first_time) * 1000000000 as first, extract(epoch from last_time) * 1000000000 as last) t
 cross join lateral (select digits_kept(b_ns) as at, digits_kept(t.b_first) as first, digits_kept(t.b_last) as last) u;

-- The sells that a version found no lot for, and what the books as they are now hold strictly before each: lots not
-- later than it, less what earlier disposals could take of them.  A disposal without cover takes nothing, so the
-- balance starts again from its lowest point.  What is covered by now needs no look-up.
--
-- $1 version integer   the version
-- $2 product text      the only product, or null for all
-- gives product_id, record_id, time, uncovered, size, what the books hold before it, is that enough?
--
-- psql -v version=1 -v product=null -f sql/query/uncovered-sells.sql
with trades as (
	select product_id, record_id, trade_time, trade_nanos, side in ('BUY', 'INCOME') as lot, size from trade_records
	 where (:product::text is null or product_id = :product)
	   and product_id not in (select product_id from contract_products)
	   and product_id in (select product_id from fifo_allocations where version = :'version'::integer and status = 'MISSING_BASIS')
), balances as (
	select *, sum(case when lot then size else -size end) over w as balance from trades
	window w as (partition by product_id order by trade_time, trade_nanos, not lot, record_id rows unbounded preceding)
), stock as (
	select *, balance + size - least(0, coalesce(min(balance) over (partition by product_id
		order by trade_time, trade_nanos, not lot, record_id rows between unbounded preceding and 1 preceding), 0)) as before
	  from balances
), unmatched as (
	select a.product_id, a.disposal_id, min(a.disposal_time) as at, sum(a.size) as uncovered from fifo_allocations a
	 where a.version = :'version'::integer and a.status = 'MISSING_BASIS' and (:product::text is null or a.product_id = :product)
	 group by a.product_id, a.disposal_id
)
 select u.product_id, u.disposal_id, to_char(u.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        trim_scale(u.uncovered), trim_scale(s.size), trim_scale(s.before),
        s.before >= s.size as covered_now
   from unmatched u join stock s on s.product_id = u.product_id and s.record_id = u.disposal_id and not s.lot
  order by u.product_id, u.at, u.disposal_id;

-- First in, first out a second time, by other means, for comparing with match-fifo row by row: no loop, no state.
--
-- Lay all lots of a product end to end on a line, and the disposals end to end on another.  At a disposal that
-- ends at D, the lots that exist reach to L.  What could not be covered so far, U, is the largest D − L seen
-- so far (or 0), so the disposal takes the stretch of the lots' line that ends at D − U and begins where the last
-- one ended; the lots that lie in that stretch are its lots.
create temporary table second as
with trade as (
	select product_id as p, record_id as id, side in ('BUY', 'INCOME') as is_lot, trade_time, trade_nanos, size,
	       case when side in ('BUY', 'INCOME') then value + fee else value - fee end as amount,
	       coalesce(sum(size) filter (where side in ('BUY', 'INCOME')) over (partition by product_id
			order by trade_time, trade_nanos, side in ('BUY', 'INCOME') desc, record_id), 0) as l
	  from trade_records where size > 0
), lot as (
	select *, sum(size) over w - size as low, sum(size) over w as high, row_number() over w as nth
	  from trade where is_lot window w as (partition by p order by trade_time, trade_nanos, id)
), ended as (
	select *, sum(size) over w as d, row_number() over w as nth
	  from trade where not is_lot window w as (partition by p order by trade_time, trade_nanos, id)
), disposal as (
	select *, d - greatest(0, max(d - l) over (partition by p order by nth)) as high from ended
), stretch as (
	select *, lag(high, 1, 0::numeric) over (partition by p order by nth) as low from disposal
), slice as (
	select d.p, 'OK' as status, d.nth as d_nth, d.id as disposal_id, d.size as d_size, d.amount as d_amount,
	       l.nth as l_nth, l.id as lot_id, l.size as l_size, l.amount as l_amount,
	       least(d.high, l.high) - greatest(d.low, l.low) as size
	  from stretch d join lot l on l.p = d.p and l.low < d.high and l.high > d.low
	union all
	select p, 'MISSING_BASIS', nth, id, size, amount, null, null, null, null, size - (high - low)
	  from stretch where size > high - low
	union all
	select l.p, 'OPEN', null, null, null, null, l.nth, l.id, l.size, l.amount, l.high - greatest(l.low, coalesce(used, 0))
	  from lot l left join (select p, max(high) as used from disposal group by p) u using (p)
	 where l.high > coalesce(used, 0)
), share as (
	-- A quotient carries at least as many decimals as what is divided, so 60 zeros make it long enough.
	select *, row_number() over (partition by p order by d_nth nulls last, l_nth nulls last) as seq,
	       row_number() over (partition by p, lot_id order by d_nth desc nulls first) = 1 as lot_ends,
	       row_number() over (partition by p, disposal_id order by l_nth desc nulls first) = 1 as disposal_ends,
	       round(l_amount * size * ('1.' || repeat('0', 60))::numeric / l_size, 18) as l_share,
	       round(d_amount * size * ('1.' || repeat('0', 60))::numeric / d_size, 18) as d_share
	  from slice
), money as (
	select *, case when lot_id is null then 0 when not lot_ends then l_share
		       else l_amount - coalesce(sum(l_share) filter (where not lot_ends) over (partition by p, lot_id), 0) end as basis,
	       case when disposal_id is null then null when not disposal_ends then d_share
		    else d_amount - coalesce(sum(d_share) filter (where not disposal_ends) over (partition by p, disposal_id), 0)
	       end as proceeds
	  from share
)
select p as product_id, seq, status, disposal_id, lot_id, size, basis, proceeds, proceeds - basis as gain from money;

-- First in, first out: in the order of the rows neither disposals nor lots ever go back, no pair and no
-- remainder occurs twice, and no disposal went without while a lot that was there came later.
--
-- The rows come in this order from their key.  For the lots that come after a disposal without one the
-- rows are cut in stretches, each beginning with such a disposal, and only the stretches are sorted.
--
-- $1 version integer   the version, as match-fifo list shows it
-- gives product_id, kind, id, check, field, stored, expected
--
-- psql -v version=1 -f sql/query/audit-fifo-order.sql
with disposals as (
	select product_id, seq, disposal_id as id, disposal_time as at, disposal_nanos as nanos,
	       lag(disposal_id) over w as previous, lag(disposal_time) over w as previous_at,
	       lag(disposal_nanos) over w as previous_nanos
	  from fifo_allocations where version = :version and disposal_id is not null window w as (partition by product_id order by seq)
), lots as (
	select product_id, seq, lot_id as id, lot_time as at, lot_nanos as nanos,
	       lag(lot_id) over w as previous, lag(lot_time) over w as previous_at, lag(lot_nanos) over w as previous_nanos
	  from fifo_allocations where version = :version and lot_id is not null window w as (partition by product_id order by seq)
), stretch as (
	select product_id, nth, min(seq) as seq, min(id) as id, min(uncovered) as uncovered, min(lot) as lot
	  from (select product_id, seq, count(*) filter (where status = 'MISSING_BASIS') over w as nth,
	               case status when 'MISSING_BASIS' then disposal_id end as id,
	               case status when 'MISSING_BASIS' then
	                    extract(epoch from disposal_time) * 1000000000 + disposal_nanos end as uncovered,
	               extract(epoch from lot_time) * 1000000000 + lot_nanos as lot
	          from fifo_allocations where version = :version window w as (partition by product_id order by seq)) r
	 group by product_id, nth
), behind as (
	select product_id, seq, id, uncovered, min(lot) over (partition by product_id order by nth desc) as next_lot from stretch
), pair as (
	select product_id, disposal_id, lot_id, count(*) as times
	  from fifo_allocations where version = :version group by lot_id, disposal_id, product_id having count(*) > 1
)
 select product_id, 'disposal', id, 'order', 'row ' || seq, id, 'not after ' || previous
   from disposals where (at, nanos, id) < (previous_at, previous_nanos, previous)
 union all
 select product_id, 'lot', id, 'order', 'row ' || seq, id, 'not after ' || previous
   from lots where (at, nanos, id) < (previous_at, previous_nanos, previous)
 union all
 select product_id, 'disposal', id, 'uncovered_too_soon', 'row ' || seq, 'no lot', 'a lot that was there'
   from behind where next_lot <= uncovered
 union all
 select product_id, case when disposal_id is null then 'lot' else 'disposal' end, coalesce(disposal_id, lot_id), 'twice',
        case when disposal_id is null or lot_id is null then 'remainder' else 'lot ' || lot_id end, times::text, '1' from pair
 order by 1, 4, 2, 3, 5;

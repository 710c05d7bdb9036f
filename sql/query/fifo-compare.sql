-- What changed between two versions, and why.  A version holds each trade as the sum of its slices, so
-- the trades of then can be compared without the books of now.  A lot or disposal that went in the
-- same and came out otherwise names as its cause the first trade of its product that did not go in
-- the same (for a disposal, not one later than itself); failing that, what the two runs were told.
--
-- $1 old integer   a version
-- $2 new integer   another
-- gives product_id, kind, id, reason, field, old, new, cause
--
-- psql -v old=1 -v new=2 -f sql/query/fifo-compare.sql
with side (version, product_id, kind, id, at, nanos, size, amount, basis, gain, uncovered) as (
	select version, product_id, 'disposal', disposal_id, disposal_time, disposal_nanos, sum(size),
	       sum(proceeds), sum(basis), sum(gain), coalesce(sum(size) filter (where lot_id is null), 0)
	  from fifo_allocations where version in (:old, :new) and disposal_id is not null
	 group by version, product_id, disposal_id, disposal_time, disposal_nanos
	union all
	select version, product_id, 'lot', lot_id, lot_time, lot_nanos, sum(size), sum(basis),
	       coalesce(sum(basis) filter (where disposal_id is null), 0), null,
	       coalesce(sum(size) filter (where disposal_id is null), 0)
	  from fifo_allocations where version in (:old, :new) and lot_id is not null
	 group by version, product_id, lot_id, lot_time, lot_nanos
), pair as (
	select product_id, kind, id, coalesce(b.at, a.at) as at, coalesce(b.nanos, a.nanos) as nanos,
	       a as a, b as b, a.id is null as added, b.id is null as removed,
	       (a.at, a.nanos, a.size, a.amount) is distinct from (b.at, b.nanos, b.size, b.amount) as changed
	  from (select * from side where version = :old) a
	  full join (select * from side where version = :new) b using (product_id, kind, id)
), moved as (
	select product_id, at, nanos, kind || ' ' || id || case when added then ' added' when removed then ' removed'
	       else ' changed' end as what,
	       row_number() over (partition by product_id order by at, nanos, kind desc, id) as nth
	  from pair where changed
), told as (
	select nullif(concat_ws(', ',
		case when a.until is distinct from b.until then 'until ' || coalesce(a.until::text, 'none')
			  || ' -> ' || coalesce(b.until::text, 'none') end,
		case when a.dust <> b.dust then 'dust ' || a.dust || ' -> ' || b.dust end,
		case when a.product_id is distinct from b.product_id
		     then 'product ' || coalesce(a.product_id, 'all') || ' -> ' || coalesce(b.product_id, 'all') end),
		'') as what
	  from fifo_versions a cross join fifo_versions b where a.version = :old and b.version = :new
), difference as (
	select product_id, at, nanos, kind, id, field, old, new,
	       case when added then 'added' when removed then 'removed' when changed then 'changed'
		    else 'rematched' end as reason
	  from pair cross join lateral (values
		(1, 'time', ((a).at::text || lpad((a).nanos::text, 3, '0')), ((b).at::text || lpad((b).nanos::text, 3, '0'))),
		(2, 'size', trim_scale((a).size)::text, trim_scale((b).size)::text),
		(3, case kind when 'lot' then 'cost' else 'proceeds' end, trim_scale((a).amount)::text,
		    trim_scale((b).amount)::text),
		(4, case kind when 'lot' then 'open_basis' else 'basis' end, trim_scale((a).basis)::text,
		    trim_scale((b).basis)::text),
		(5, 'gain', trim_scale((a).gain)::text, trim_scale((b).gain)::text),
		(6, case kind when 'lot' then 'open_size' else 'uncovered' end, trim_scale((a).uncovered)::text,
		    trim_scale((b).uncovered)::text)) f (n, field, old, new)
	 where old is distinct from new
)
 select d.product_id, d.kind, d.id, d.reason, d.field, d.old, d.new,
        case when d.reason = 'rematched' then coalesce(
             (select m.what from moved m where m.product_id = d.product_id and m.nth = 1
                 and (d.kind = 'lot' or (m.at, m.nanos) <= (d.at, d.nanos))), told.what)
             else told.what end
   from difference d cross join told
  order by d.product_id, d.at, d.nanos, d.kind desc, d.id, d.field;

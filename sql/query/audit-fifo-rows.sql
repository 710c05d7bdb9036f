-- Each row by itself, and beside the one before it.
--
-- $1 version integer   the version, as match-fifo list shows it
-- gives product_id, kind, id, check, field, stored, expected
--
-- psql -v version=1 -f sql/query/audit-fifo-rows.sql
with beside as (
	select product_id, seq, status, disposal_id, disposal_time, disposal_nanos, lot_id, lot_time, lot_nanos, size, basis,
	       proceeds, gain, lag(status) over w as previous_status, lag(seq, 1, 0::bigint) over w + 1 as next_seq
	  from fifo_allocations where version = :version window w as (partition by product_id order by seq)
)
 select a.product_id, case when a.disposal_id is null then 'lot' else 'disposal' end,
       coalesce(a.disposal_id, a.lot_id), f."check", f.field, f.stored, f.expected
  from beside a join fifo_versions v on v.version = :version
 cross join lateral (values
	(1, 'before_it_existed', 'lot_time of row ' || seq, a.lot_time::text, 'not after ' || a.disposal_time,
	    (a.lot_time, a.lot_nanos) > (a.disposal_time, a.disposal_nanos)),
	(2, 'gain', 'gain of row ' || seq, a.gain::text, (a.proceeds - a.basis)::text,
	    a.gain is distinct from a.proceeds - a.basis),
	(3, 'basis_without_lot', 'basis of row ' || seq, a.basis::text, '0', a.lot_id is null and a.basis <> 0),
	(4, 'status', 'status of row ' || seq, a.status, case when a.lot_id is null then 'MISSING_BASIS or DUST'
	    when a.disposal_id is null then 'OPEN or DUST' else 'OK' end,
	    a.status <> all (case when a.lot_id is null then array['MISSING_BASIS', 'DUST']
	                          when a.disposal_id is null then array['OPEN', 'DUST'] else array['OK'] end)),
	(5, 'dust', 'size of row ' || seq, a.size::text, 'at most ' || v.dust, a.status = 'DUST' and a.size > v.dust),
	(6, 'size', 'size of row ' || seq, a.size::text, 'more than 0', a.size <= 0),
	(7, 'time', 'lot_time of row ' || seq, concat_ws(' +', a.lot_time, a.lot_nanos), 'id and time, or neither',
	    num_nulls(a.lot_id, a.lot_time, a.lot_nanos) in (1, 2)),
	(8, 'time', 'disposal_time of row ' || seq, concat_ws(' +', a.disposal_time, a.disposal_nanos),
	    'id and time, or neither', num_nulls(a.disposal_id, a.disposal_time, a.disposal_nanos) in (1, 2)),
	(9, 'order', 'row ' || seq, 'after what is open', 'before it', a.previous_status = 'OPEN' and a.disposal_id is not null),
	(10, 'rows', 'seq', seq::text, next_seq::text, seq <> next_seq)) f (n, "check", field, stored, expected, wrong)
 where ((a.lot_time, a.lot_nanos) > (a.disposal_time, a.disposal_nanos) or a.size <= 0
        or a.gain is distinct from a.proceeds - a.basis or (a.lot_id is null and a.basis <> 0)
        or a.status = 'DUST' or (a.status = 'OK') <> (a.lot_id is not null and a.disposal_id is not null)
        or (a.status = 'OPEN') <> (a.disposal_id is null) or (a.status = 'MISSING_BASIS') <> (a.lot_id is null)
        or num_nulls(a.lot_id, a.lot_time, a.lot_nanos) in (1, 2)
        or num_nulls(a.disposal_id, a.disposal_time, a.disposal_nanos) in (1, 2)
        or (a.previous_status = 'OPEN' and a.disposal_id is not null) or seq <> next_seq)
   and f.wrong
 order by a.product_id, a.seq, f.n;

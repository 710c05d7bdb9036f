-- Each lot and disposal of the books is the sum of its slices, in size and in money, and is where it
-- was in time; each slice is of a trade that is there; and each but the last of a trade is its share of
-- the whole, rounded half away from zero.  The quotient of a share is taken in whole numbers, because
-- numeric division stops after some digits.
--
-- A trade (without seq) and its slices are sorted to stand together.  By id first: a product is the
-- same for many rows, and then only the id's comparison costs.
--
-- $1 version integer   the version, as match-fifo list shows it
-- gives product_id, kind, id, check, field, stored, expected
--
-- psql -v version=1 -f sql/query/audit-fifo-trades.sql
with line as (
	select 'lot' as kind, product_id, lot_id as id, seq, size, basis as amount, lot_time as at, lot_nanos as nanos
	  from fifo_allocations where version = :version and lot_id is not null
	union all
	select 'disposal', product_id, disposal_id, seq, size, proceeds, disposal_time, disposal_nanos
	  from fifo_allocations where version = :version and disposal_id is not null
	union all
	select case when t.side in ('BUY', 'INCOME') then 'lot' else 'disposal' end, t.product_id, t.record_id, null, t.size,
	       case when t.side in ('BUY', 'INCOME') then t.value + t.fee else t.value - t.fee end, t.trade_time, t.trade_nanos
	  from trade_records t join fifo_versions v on v.version = :version
	   and (v.product_id is null or t.product_id = v.product_id) and (v.until is null or t.trade_time < v.until)
	 where t.size > 0 and t.product_id not in (select product_id from contract_products)
), line_of_whole as (
	select line.*, seq is null as is_trade, seq = max(seq) over whole as is_last, bool_or(seq is null) over whole as has_trade,
	       sum(size) filter (where seq is not null) over whole as whole_size,
	       sum(amount) filter (where seq is not null) over whole as whole_amount,
	       min(at) over whole as first, max(at) over whole as last, min(nanos) over whole as low, max(nanos) over whole as high
	  from line window whole as (partition by id, product_id, kind)
), rounding as materialized (
	select ('1e' || places)::numeric as units, ('1e-' || places)::numeric as unit from fifo_versions where version = :version
), judged as (
	select l.*, case when not is_last then sign(whole_amount) * unit
	            * div(2 * abs(whole_amount) * size * units + whole_size, 2 * nullif(whole_size, 0)) end as share
	  from line_of_whole l cross join rounding
)
 select product_id, kind, id, f."check", f.field, f.stored, f.expected
   from judged cross join lateral (values
	(1, 'orphan', 'trade', whole_size::text, null, is_last and not has_trade),
	(2, 'absent', 'slices', null, size::text, is_trade and whole_size is null),
	(3, case when whole_size > size then 'overused' else 'lost' end, 'size', whole_size::text, size::text,
	    is_trade and whole_size <> size),
	(4, 'money', case kind when 'lot' then 'basis' else 'proceeds' end, whole_amount::text, amount::text,
	    is_trade and whole_amount <> amount),
	(5, 'moved', 'time', case when first <> at or low <> nanos then first::text || ' +' || low || ' ns'
	    else last::text || ' +' || high || ' ns' end, at::text || ' +' || nanos || ' ns',
	    is_trade and (first <> last or low <> high)),
	(6, 'share', case kind when 'lot' then 'basis' else 'proceeds' end || ' of row ' || seq, amount::text,
	    trim_scale(share)::text, amount <> share)) f (n, "check", field, stored, expected, wrong)
  where (is_trade and (whole_size is null or whole_size <> size or whole_amount <> amount or first <> last or low <> high)
         or is_last and not has_trade or amount <> share)
    and f.wrong
  order by product_id, first, kind desc, id, f.n, seq;

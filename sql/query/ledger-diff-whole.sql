-- Fills that name no order, of which the books know several as one: they become one unit.
--
-- $1 entries text[]   their entries
-- $2 wholes text[]    the unit of each
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql \
--	-v "entries={}" -v "wholes={}" -f sql/query/ledger-diff-whole.sql
with parts as (
	select entry_id, whole from unnest(:'entries'::text[], :'wholes'::text[]) as p (entry_id, whole)
), renamed as (
	update fills f set unit = p.whole from parts p where f.entry_id = p.entry_id
), gone as (
	delete from units u using parts p where u.unit = p.entry_id returning u.*, p.whole
)
insert into units (unit, product_id, side, size, value, fee, fills, first_time, first_nanos, last_time, last_nanos, from_time,
                   entry_ids, coarse)
select whole, min(product_id), min(side), sum(size), sum(value), sum(fee), count(*),
       (array_agg(first_time order by first_time, first_nanos))[1], (array_agg(first_nanos order by first_time, first_nanos))[1],
       (array_agg(last_time order by last_time desc, last_nanos desc))[1],
       (array_agg(last_nanos order by last_time desc, last_nanos desc))[1],
       min(from_time), array_agg(unit order by unit), false
  from gone group by whole;

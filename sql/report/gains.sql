-- The gains of one FIFO version, for scripts/gains.  Variables: version; product ('' is all); zone, in which
-- days and years are told; year_begins (MM-DD); year ('' is all); by (year, product, disposal or slice).
\set ON_ERROR_STOP on
\set lists 'nothing as (select)'
set timezone = :'zone';

-- What was disposed of, a row a slice.  Whole days held: 24 hours each.  A year is named 2024, or 2024/25 where it does not
-- begin in January.
select $list$
slices as not materialized (
	select case when :'year_begins' = '01-01' then to_char(disposal_time, 'YYYY')
		    else format('%s/%s', to_char(began, 'YYYY'), to_char(began + interval '1 year', 'YY')) end as year, product_id,
	       substring(product_id from '-([^-]*)$') as currency, disposal_id, disposal_time, disposal_nanos, seq, lot_id, lot_time,
	       status, size, proceeds, basis, gain,
	       floor(extract(epoch from disposal_time - lot_time) / 86400)::integer as held_days
	  from fifo_allocations
	 cross join lateral (select date_trunc('year', disposal_time)
				    - case when to_char(disposal_time, 'MM-DD') < :'year_begins' then interval '1 year' else interval '0' end as began) y
	 where version = :version and disposal_id is not null and (:'product' in ('', product_id))
	   and product_id not in (select product_id from fifo_version_products where version = :version and is_contract(product_id))
)
$list$ as list \gset
\set lists :lists ', ' :list

-- A row a disposal.  The fee is that of the books: already taken off the proceeds.
select $list$
disposals as not materialized (
	select s.*, t.side, t.fee as fees
	  from (select year, product_id, currency, disposal_id, disposal_time, disposal_nanos,
		       coalesce(sum(size) filter (where status <> 'MISSING_BASIS'), 0) as size,
		       coalesce(sum(proceeds) filter (where status <> 'MISSING_BASIS'), 0) as proceeds,
		       sum(basis) as basis, coalesce(sum(gain) filter (where status <> 'MISSING_BASIS'), 0) as gain,
		       count(*) filter (where lot_id is not null) as lots,
		       min(held_days) as held_days_min, max(held_days) as held_days_max,
		       sum(held_days * size) as held_size_days, sum(size) filter (where lot_id is not null) as held_size,
		       coalesce(sum(size) filter (where status = 'MISSING_BASIS'), 0) as uncovered_size,
		       coalesce(sum(proceeds) filter (where status = 'MISSING_BASIS'), 0) as uncovered_proceeds
		  from slices
		 group by year, product_id, currency, disposal_id, disposal_time, disposal_nanos) as s
	  left join trade_records t on (t.product_id, t.record_id) = (s.product_id, s.disposal_id)
	 where :'year' in ('', s.year)
)
$list$ as list \gset
\set lists :lists ', ' :list

select :'by' = 'slice' as by_slice, :'by' = 'disposal' as by_disposal \gset
\if :by_slice
select $list$
result as not materialized (
	select year, product_id, currency, disposal_id, disposal_time, lot_id, lot_time, held_days, status,
	       trim_scale(size) as size, trim_scale(proceeds) as proceeds, trim_scale(basis) as basis,
	       case when status <> 'MISSING_BASIS' then trim_scale(gain) end as gain
	  from slices where :'year' in ('', year)
	 order by slices.disposal_time, disposal_nanos, product_id, seq
)
$list$ as list \gset
\set lists :lists ', ' :list
\elif :by_disposal
select $list$
result as not materialized (
	select year, product_id, currency, disposal_id, side, disposal_time, trim_scale(size) as size, trim_scale(proceeds) as proceeds,
	       trim_scale(basis) as basis, trim_scale(gain) as gain, trim_scale(fees) as fees, lots, held_days_min, held_days_max,
	       trim_scale(uncovered_size) as uncovered_size, trim_scale(uncovered_proceeds) as uncovered_proceeds
	  from disposals
	 order by disposals.disposal_time, disposal_nanos, product_id, disposal_id
)
$list$ as list \gset
\set lists :lists ', ' :list
\else
select $list$
result as not materialized (
	select case when :'by' = 'year' then year else 'all' end as year, product_id, currency, count(*) as disposals,
	       trim_scale(sum(size)) as size, trim_scale(sum(proceeds)) as proceeds, trim_scale(sum(basis)) as basis,
	       trim_scale(sum(gain)) as gain, trim_scale(sum(fees)) as fees,
	       min(held_days_min) as held_days_min, round(sum(held_size_days) / sum(held_size), 1) as held_days_mean,
	       max(held_days_max) as held_days_max, count(*) filter (where uncovered_size > 0) as uncovered,
	       trim_scale(sum(uncovered_size)) as uncovered_size, trim_scale(sum(uncovered_proceeds)) as uncovered_proceeds
	  from disposals
	 group by 1, 2, 3
	 order by 1, 2
)
$list$ as list \gset
\set lists :lists ', ' :list
\endif

-- The totals that were kept against the rows, product by product and in all.
--
-- $1 version integer   the version, as match-fifo list shows it
-- gives product_id, kind, id, check, field, stored, expected
--
-- psql -v version=1 -f sql/query/audit-fifo-totals.sql
with added as (
	select product_id, count(distinct lot_id) as lots, count(distinct disposal_id) as disposals,
	       count(*) as allocations, count(*) filter (where status = 'MISSING_BASIS') as uncovered,
	       coalesce(sum(size) filter (where disposal_id is not null), 0) as size,
	       coalesce(sum(basis) filter (where disposal_id is not null), 0) as basis,
	       coalesce(sum(proceeds), 0) as proceeds,
	       coalesce(sum(proceeds) - sum(basis) filter (where disposal_id is not null), 0) as gain,
	       coalesce(sum(size) filter (where status = 'MISSING_BASIS'), 0) as uncovered_size,
	       coalesce(sum(proceeds) filter (where status = 'MISSING_BASIS'), 0) as uncovered_proceeds,
	       coalesce(sum(size) filter (where disposal_id is null), 0) as open_size,
	       coalesce(sum(basis) filter (where disposal_id is null), 0) as open_basis
	  from fifo_allocations where version = :version group by product_id
), wrong as (
	select product_id, f.n, f.field, f.stored, f.expected
	  from (select * from fifo_version_products where version = :version) p full join added a using (product_id)
	 cross join lateral (values
		(1, 'lots', p.lots::numeric, a.lots::numeric), (2, 'disposals', p.disposals, a.disposals),
		(3, 'allocations', p.allocations, a.allocations), (4, 'uncovered', p.uncovered, a.uncovered),
		(5, 'size', p.size, a.size), (6, 'basis', p.basis, a.basis), (7, 'proceeds', p.proceeds, a.proceeds),
		(8, 'gain', p.gain, a.gain), (9, 'uncovered_size', p.uncovered_size, a.uncovered_size),
		(10, 'uncovered_proceeds', p.uncovered_proceeds, a.uncovered_proceeds),
		(11, 'open_size', p.open_size, a.open_size), (12, 'open_basis', p.open_basis, a.open_basis))
		f (n, field, stored, expected)
	 where case when a.product_id is null then p.allocations <> 0 and f.n = 3
	            else f.stored is distinct from f.expected end
	union all
	select null, f.n, f.field, f.stored, f.expected
	  from fifo_versions v
	 cross join (select count(*) as products, coalesce(sum(lots), 0) as lots, coalesce(sum(disposals), 0) as disposals,
	                    coalesce(sum(allocations), 0) as allocations, coalesce(sum(uncovered), 0) as uncovered,
	                    coalesce(sum(basis), 0) as basis, coalesce(sum(proceeds), 0) as proceeds,
	                    coalesce(sum(gain), 0) as gain
	               from added) a
	 cross join lateral (values
		(1, 'lots', v.lots::numeric, a.lots::numeric), (2, 'disposals', v.disposals, a.disposals),
		(3, 'allocations', v.allocations, a.allocations), (4, 'uncovered', v.uncovered, a.uncovered),
		(6, 'basis', v.basis, a.basis), (7, 'proceeds', v.proceeds, a.proceeds), (8, 'gain', v.gain, a.gain))
		f (n, field, stored, expected)
	 where v.version = :version and f.stored <> f.expected
)
 select product_id, case when product_id is null then 'version' else 'product' end, :version::text, 'total', field,
        trim_scale(stored), trim_scale(expected)
   from wrong order by product_id nulls last, n;

-- The miner models of a summary, for summary.sql and summary-half-hours.sql.  Variable: model ('' is every one).
select $list$
models as not materialized (
	select miner_model, case when active then 'infinity' else coalesce(retired_from, '-infinity') end as in_force_until
	  from miner_models where :'model' in ('', miner_model)
)
$list$ as list \gset
\set lists :lists ', ' :list

-- Amounts of several currencies have no sum: the ledger's gain and uncovered proceeds are null where its current version has
-- disposals of products that are priced in more than one.
create or replace view ledger_state as
	select f.fills, f.last_fill, w.asked_until, p.open_proposals, c.open_corrections, k.contracts, v.version as fifo_version,
	       case when v.version is not null and coalesce(u.currencies, 0) <= 1 then coalesce(u.covered_gain, 0) end as covered_gain,
	       case when v.version is not null then coalesce(u.uncovered, 0) end as uncovered,
	       case when v.version is not null and coalesce(u.currencies, 0) <= 1 then coalesce(u.uncovered_proceeds, 0) end
	            as uncovered_proceeds,
	       case when v.version is not null then
	            (select count(*) from trade_records where recorded_at > v.finished_at
	                and product_id not in (select product_id from contract_products)) end as recorded_since,
	       t.findings_1, t.checked_1, t.findings_2, t.checked_2, t.findings_3, t.checked_3
	  from (select count(*) as fills, max(trade_time) as last_fill from exchange_fills) as f
	 cross join (select max(window_to) as asked_until from exchange_windows where source = 'api') as w
	 cross join (select count(*) as open_proposals from backfill_proposals where state = 'proposed') as p
	 cross join (select count(*) as open_corrections from open_corrections) as c
	 cross join (select (select count(*) from trade_records where product_id in (select product_id from contract_products))
	                    + (select count(*) from exchange_fills where product_id in (select product_id from contract_products))
	                    as contracts) as k
	 cross join (select max(findings) filter (where tier = 1) as findings_1, max(checked_at) filter (where tier = 1) as checked_1,
	                    max(findings) filter (where tier = 2) as findings_2, max(checked_at) filter (where tier = 2) as checked_2,
	                    max(findings) filter (where tier = 3) as findings_3, max(checked_at) filter (where tier = 3) as checked_3
	               from exchange_checks where product_id = '' and account = '') as t
	  left join fifo_versions v on v.is_current
	  left join (select version, trim_scale(sum(gain - uncovered_proceeds)) as covered_gain, sum(uncovered) as uncovered,
	                    count(distinct substring(product_id from '[^-]*$')) filter (where disposals > 0) as currencies,
	                    trim_scale(sum(uncovered_proceeds)) as uncovered_proceeds
	               from fifo_version_products where not is_contract(product_id) group by version) as u on u.version = v.version
	 where f.fills > 0 or exists (select from trade_records);

comment on column ledger_state.covered_gain is 'gain of what a lot covers; null where disposals are in several currencies: gains has each';
comment on column ledger_state.uncovered_proceeds is 'proceeds of what no lot covers; null where disposals are in several currencies: gains has each';

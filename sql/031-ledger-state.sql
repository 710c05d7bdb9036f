-- Contracts are no coins; what a check of the ledger found is kept; and the state of the ledger is one view.

-- Contracts ----------------------------------------------------------------------------------

-- Is this the id of a future, a perpetual or an option, whose size counts contracts?  Spot is BASE-QUOTE, or the
-- operator's own name for it; the same rule as coinbase_product_is_contract(), src/lib/coinbase/coinbase.c:
-- BIP-20DEC30-CDE and BTC/USD:USD have a third part, ETH-28MAR25 an expiry for a quote, BTC-PERP a word for one.
create function is_contract(product text) returns boolean
	language sql immutable parallel safe
	as $$
	select product ~* '[-/:].*[-/:]|[-/:_][0-9]|[-/:_](PERP|PERPETUAL|SWAP)$|^(PERP|SWAP)_.*_|^[A-Z0-9]{3,}PERP$'
	$$;

-- Earlier versions stored contracts as if they were coins.  Trades of the operator's own ledger stay until a person
-- discards them; until then each is a finding, and nothing is matched, compared or summed up with them.  The product ids are
-- found by skipping from one to the next in the index: there are few.
create view contract_products as
	with recursive traded (product_id) as (
		select min(product_id) from trade_records
		union all
		select (select min(t.product_id) from trade_records t where t.product_id > n.product_id)
		  from traded n where n.product_id is not null
	), filled (product_id) as (
		select min(product_id) from exchange_fills
		union all
		select (select min(t.product_id) from exchange_fills t where t.product_id > n.product_id)
		  from filled n where n.product_id is not null
	)
	select product_id from (select product_id from traded union select product_id from filled) as named
	 where product_id is not null and is_contract(product_id);

-- What was taken out, as it was.
create table discarded_trades (like trade_records);
alter table discarded_trades add column discarded_at timestamptz not null default now();
alter table discarded_trades add column discarded_by text not null;
create table discarded_fills (like exchange_fills);
alter table discarded_fills add column discarded_at timestamptz not null default now();
alter table discarded_fills add column discarded_by text not null;

-- The exchange's own rows can be fetched again by whoever wants them: they go now, and are kept here.
with gone as (delete from exchange_fills where is_contract(product_id) returning *)
insert into discarded_fills
select gone.*, now(), 'migration 31' from gone;
delete from exchange_orders where is_contract(product_id);
delete from exchange_windows where is_contract(product_id);
update backfill_proposals set state = 'stale' where state = 'proposed' and is_contract(product_id);

-- A rebate --------------------------------------------------------------------------------------

-- A commission is no rebate by its sign alone.  One below zero is as open as a correction until the totals of its order
-- prove it (the value and the fees make what moved, and the fills make the fees), or a person decides.
create or replace view open_corrections as
	select e.* from exchange_fills e
	 where (e.trade_type <> 'FILL'
	        or e.commission < 0 and e.source = 'api'
	           and not exists (select from exchange_orders o
	                            where o.order_id = e.order_id
	                              and abs(o.total_value_after_fees
	                                      - case o.side when 'BUY' then o.filled_value + o.total_fees
	                                                    else o.filled_value - o.total_fees end) <= 0.00000001
	                              and abs(o.total_fees - (select sum(f.commission) from exchange_fills f
	                                                       where f.order_id = o.order_id and f.trade_type = 'FILL'))
	                                  <= 0.00000001 * greatest(o.number_of_fills, 1)))
	   and not exists (select from settled_corrections s where s.entry_id = e.entry_id);

create index exchange_fills_rebates on exchange_fills (trade_time) where commission < 0;

-- Turns -----------------------------------------------------------------------------------------

-- Fetches, comparisons and decisions take turns by an exclusive lock of this table, which stays empty.  A lock of a table
-- ends with its transaction, also behind a pooler, and unlike a function that takes one it may be waited for before the
-- transaction's snapshot is taken.
create table exchange_turn ();

-- What the checks found -------------------------------------------------------------------------

-- The last comparison of each tier and scope that came to its end.
create table exchange_checks (
	tier smallint not null check (tier between 1 and 3),
	product_id text collate "C" not null,		-- '': every product
	account text collate "C" not null,		-- '': every account
	checked_at timestamptz not null default now(),
	findings integer not null,			-- that are left
	missing_buy integer not null,			-- orders, or fills without one
	missing_sell integer not null,
	partly boolean not null,			-- some of it was not checked
	primary key (tier, product_id, account)
);

-- The state of the ledger in one row, for check-status and the reports; none where there is no ledger.
create view ledger_state as
	select f.fills, f.last_fill, w.asked_until, p.open_proposals, c.open_corrections, k.contracts, v.version as fifo_version,
	       case when v.version is not null then coalesce(u.covered_gain, 0) end as covered_gain,
	       case when v.version is not null then coalesce(u.uncovered, 0) end as uncovered,
	       case when v.version is not null then coalesce(u.uncovered_proceeds, 0) end as uncovered_proceeds,
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
	                    trim_scale(sum(uncovered_proceeds)) as uncovered_proceeds
	               from fifo_version_products where not is_contract(product_id) group by version) as u on u.version = v.version
	 where f.fills > 0 or exists (select from trade_records);

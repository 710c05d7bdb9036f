-- Entries of the exchange that are no executions (REVERSAL, CORRECTION, SYNTHETIC), about which a person has decided: what
-- they mean stands in the books.  Until then each is a finding, and nothing is proposed about its trade.
create table settled_corrections (
	entry_id text collate "C" primary key,
	settled_at timestamptz not null default now(),
	settled_by text not null
);

-- Those that are open.
create view open_corrections as
	select e.* from exchange_fills e
	 where e.trade_type <> 'FILL' and not exists (select from settled_corrections s where s.entry_id = e.entry_id);

create index exchange_fills_corrections on exchange_fills (trade_time) where trade_type <> 'FILL';

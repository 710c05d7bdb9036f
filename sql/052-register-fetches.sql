-- When the register of units was last fetched whole, changed or not: bm_units has a row for what changed, and says nothing of
-- how old the knowledge is that nothing has.
create table register_fetches (
	source text collate "C" primary key,
	units integer not null,
	fetched_at timestamptz not null default now()
);
comment on table register_fetches is 'when each register of units was last fetched whole';
comment on column register_fetches.source is 'elexon, the service; an archive of its answers is not noted';
comment on column register_fetches.units is 'units that it listed';
comment on column register_fetches.fetched_at is 'when';

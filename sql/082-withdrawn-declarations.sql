-- A declaration of a unit that a person withdrew, or replaced by another word, leaves what was stored by it: the records of a unit
-- that no list calls wind any more stayed in every sum, and nothing named them.  What was once declared is kept, so that
-- the half hours that still have such records are found (sql/query/missing-periods.sql).
create table withdrawn_declarations (
	farm_id text collate "C" not null,
	valid_from date not null,
	valid_to date,						-- exclusive; null: without end
	fuel_type text collate "C" not null,
	provenance text not null,
	declared_by text not null,
	declared_at timestamptz not null,
	withdrawn_by text not null,
	withdrawn_at timestamptz not null default now(),
	primary key (farm_id, valid_from, declared_at)
);

comment on table withdrawn_declarations is 'declarations of units that hold no longer: withdrawn, or replaced by another of the same first day';
comment on column withdrawn_declarations.farm_id is 'BM unit, as the source names it';
comment on column withdrawn_declarations.valid_from is 'the first day on which it held';
comment on column withdrawn_declarations.valid_to is 'the first day on which it did not hold any more; null: without end';
comment on column withdrawn_declarations.fuel_type is 'what it said: WIND, or what else the unit was called';
comment on column withdrawn_declarations.provenance is 'how it was said to be known';
comment on column withdrawn_declarations.declared_by is 'who declared it; sql/reference: the file of declarations';
comment on column withdrawn_declarations.declared_at is 'when';
comment on column withdrawn_declarations.withdrawn_by is 'who withdrew or replaced it';
comment on column withdrawn_declarations.withdrawn_at is 'when';

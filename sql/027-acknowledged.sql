-- What audit-calcs --plausibility called implausible and a person has looked at: it is no finding any more.
-- A key may end in * for all that begin so.
create table acknowledged_implausible (
	field text collate "C" not null,
	key text collate "C" not null,
	acknowledged_at timestamptz not null default now(),
	acknowledged_by text not null,
	reason text not null check (reason <> ''),
	primary key (field, key)
);

-- Which days are wanted, by a person's word: history begins at a date (to_date null), a span stands for itself (a
-- day that was fetched to be looked at), or a gap is accepted.  Without any of these, history begins at the first
-- day that was fetched.
create table wanted_spans (
	kind text collate "C" not null check (kind in ('from', 'span', 'gap')),
	from_date date not null,
	to_date date check (to_date >= from_date),		-- inclusive
	why text,
	declared_by text not null,
	declared_at timestamptz not null default now(),
	primary key (kind, from_date),
	check ((to_date is null) = (kind = 'from')),
	check (why is not null or kind <> 'gap')
);

-- From which day on no day may be missing; null where no history has begun.  A span stands for itself, and
-- what lies between it and the rest is not wanted.
create view history_begins as
	select coalesce((select min(from_date) from wanted_spans where kind = 'from'),
	                (select min(i.settlement_date)
	                   from ingested_periods i
	                   left join wanted_spans w on w.kind = 'span' and i.settlement_date between w.from_date and w.to_date
	                  where w.kind is null)) as begins;

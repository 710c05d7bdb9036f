-- What a person has set right in the history of difficulty, with the reason given: the row itself says only
-- "manual", and goes when a source knows better.
create table difficulty_corrections (
	corrected_at timestamptz not null default now(),
	effective_from timestamptz not null,
	in_force_until timestamptz not null check (in_force_until > effective_from),
	difficulty numeric not null,
	forced boolean not null,			-- though the network cannot have had it, or hardly
	reason text,
	corrected_by text not null,
	check (reason is not null or not forced)
);

-- Years whose records, calculations and fetched periods were taken out of the database, into files
-- (scripts/partitions archive-year).  Their summaries stay: they are all that is left to know here of
-- such a year, and nothing is made, missed or found wrong below them until it is restored.
create table archived_years (
	year text collate "C" primary key check (year ~ '^\d{4}$'),
	archived_at timestamptz not null default now(),
	host text not null,			-- where the files were written
	directory text not null,
	checksum text not null,			-- sha256 of the list of their checksums
	records bigint not null,
	calculations bigint not null,
	periods bigint not null
);

-- As before, and no month of a year that is archived: half a year beside the other half's files
-- would be neither.
create or replace function ensure_month(day date) returns boolean
	language plpgsql as $$
declare
	month_start constant date := date_trunc('month', day)::date;
	month_end constant date := (date_trunc('month', day) + interval '1 month')::date;
	suffix constant text := to_char(day, '"_"YYYY"_"MM');
	parent text;
	made boolean := false;
begin
	if exists (select from archived_years where year = to_char(day, 'YYYY')) then
		raise exception 'the year % is archived: restore it first, with scripts/partitions restore-year',
			to_char(day, 'YYYY') using errcode = 'check_violation';
	end if;
	foreach parent in array array['curtailment_records', 'historical_bitcoin_calculations'] loop
		continue when to_regclass(parent || suffix) is not null;
		-- What attaching takes in any case; an advisory lock would not refresh what is known of tables.
		execute format('lock table %I in share update exclusive mode', parent);
		continue when to_regclass(parent || suffix) is not null;
		execute format('create table %I (like %I including defaults including constraints)',
			       parent || suffix, parent);
		execute format('alter table %I attach partition %I for values from (%L) to (%L)',
			       parent, parent || suffix, month_start, month_end);
		made := true;
	end loop;
	return made;
end $$;

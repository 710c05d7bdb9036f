-- Two that need the same new month at the same moment: one makes it, the other waits and finds it.
--
-- to_regclass() answers from a cache of names that waiting for an advisory lock does not refresh,
-- so the one that waited went by its own "no" of before, and failed with "already exists".  A
-- query of pg_class is always today's.
create or replace function ensure_month(day date) returns boolean
	language plpgsql as $$
declare
	month_start constant date := date_trunc('month', day)::date;
	month_end constant date := (date_trunc('month', day) + interval '1 month')::date;
	suffix constant text := to_char(day, '"_"YYYY"_"MM');
	parent text;
	made boolean := false;
begin
	foreach parent in array array['curtailment_records', 'historical_bitcoin_calculations'] loop
		continue when to_regclass(parent || suffix) is not null;
		perform pg_advisory_xact_lock(hashtextextended('ensure_month ' || parent || suffix, 0));
		continue when exists (select from pg_inherits
				       where inhparent = parent::regclass
					 and inhrelid in (select oid from pg_class where relname = parent || suffix));
		execute format('create table %I (like %I including defaults including constraints)',
			       parent || suffix, parent);
		execute format('alter table %I attach partition %I for values from (%L) to (%L)',
			       parent, parent || suffix, month_start, month_end);
		made := true;
	end loop;
	return made;
end $$;

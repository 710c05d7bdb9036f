-- The units whose lines of a fetched period were left out only because the register did not call them
-- wind then.  One that it calls wind of that day now was overlooked (src/lib/units.h), and the period
-- is fetched again.  Null where it was not noted: of what was fetched before this migration.
alter table ingested_periods add column passed_over text[] collate "C";

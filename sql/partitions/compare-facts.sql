-- The same as compare.sql of what was fetched alone: the calculations may have been brought up to date since.
--
-- year  text  YYYY
-- prints the lines of compare-table.sql
--
-- psql -v year=2023 -f sql/partitions/compare-facts.sql
\set ON_ERROR_STOP on
\set VERBOSITY verbose
begin isolation level repeatable read;
\ir begin.sql
\set differs false
\set table ingested_periods
\ir compare-table.sql
\set table curtailment_records
\ir compare-table.sql
rollback;

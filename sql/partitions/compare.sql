-- The files of the current folder against what is stored of the year, table by table until one differs.
--
-- year  text  YYYY
-- prints the lines of compare-table.sql
--
-- psql -v year=2023 -f sql/partitions/compare.sql
\set ON_ERROR_STOP on
\set VERBOSITY verbose
begin isolation level repeatable read;
\ir begin.sql
\set differs false
\set table curtailment_records
\ir compare-table.sql
\set table historical_bitcoin_calculations
\ir compare-table.sql
\set table ingested_periods
\ir compare-table.sql
rollback;

-- Remove a year that is in files: compared now that nobody can change anything, and dropped in the same
-- transaction.
--
-- year       text  YYYY
-- host       text  the machine that has the files
-- directory  text  their folder there, which is the current one
-- checksum   text  of their SHA256SUMS
-- prints the lines of compare-table.sql, and "dropped" when it is done
--
-- psql -v year=2023 -v host=$(uname -n) -v directory=$PWD -v checksum=... -f sql/partitions/drop.sql
\set ON_ERROR_STOP on
\set VERBOSITY verbose
begin;
\ir begin.sql
\ir hold-year.sql
\set statement 'lock table %I in exclusive mode'
\ir each-month.sql
\set differs false
\set table curtailment_records
\ir compare-table.sql
\set records :n
\set table historical_bitcoin_calculations
\ir compare-table.sql
\set calculations :n
\set table ingested_periods
\ir compare-table.sql
\set periods :n
-- Here, and not in compare-table.sql, where it would end no more than that file.
\if :differs
\quit
\endif
insert into archived_years (year, host, directory, checksum, records, calculations, periods)
values (:'year', :'host', :'directory', :'checksum', :records, :calculations, :periods);
delete from ingested_periods where settlement_date between :'first'::date and :'last'::date;
\set statement 'drop table %I'
\ir each-month.sql
commit;
\echo dropped

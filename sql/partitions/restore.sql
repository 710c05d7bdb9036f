-- Bring the year in the files of the current folder back: everything, or nothing.
--
-- year      text  YYYY
-- checksum  text  of their SHA256SUMS
-- curtailment_records, historical_bitcoin_calculations, ingested_periods  text  the columns of each file, as its header has
--           them, with commas between
-- prints "occupied TABLE" where rows of the year are stored, "other" where another copy was dropped than this one, else
-- "same TABLE ROWS" of each and "restored" when it is done
--
-- psql -v year=2023 -v checksum=... -v curtailment_records='settlement_date, ...' ... -f sql/partitions/restore.sql
\set ON_ERROR_STOP on
\set VERBOSITY verbose
begin;
\ir begin.sql
\ir hold-year.sql
select exists (select 1 from curtailment_records where settlement_date between :'first'::date and :'last'::date) as occupied \gset
\if :occupied
\echo occupied curtailment_records
\quit
\endif
select exists (select 1 from historical_bitcoin_calculations where settlement_date between :'first'::date and :'last'::date) as occupied \gset
\if :occupied
\echo occupied historical_bitcoin_calculations
\quit
\endif
select exists (select 1 from ingested_periods where settlement_date between :'first'::date and :'last'::date) as occupied \gset
\if :occupied
\echo occupied ingested_periods
\quit
\endif
select exists (select from archived_years where year = :'year' and checksum <> :'checksum') as other \gset
\if :other
\echo other
\quit
\endif
delete from archived_years where year = :'year';
\o /dev/null
select ensure_month(month::date) from generate_series(:'first'::date, :'last'::date, interval '1 month') month;
\o
-- \copy takes its line as it stands, so the line is made first.
\set load '\\copy curtailment_records (' :curtailment_records ') from program ''gzip -dc curtailment_records.tsv.gz'' with (format text, header match)'
:load
\echo same curtailment_records :ROW_COUNT
\set load '\\copy historical_bitcoin_calculations (' :historical_bitcoin_calculations ') from program ''gzip -dc historical_bitcoin_calculations.tsv.gz'' with (format text, header match)'
:load
\echo same historical_bitcoin_calculations :ROW_COUNT
\set load '\\copy ingested_periods (' :ingested_periods ') from program ''gzip -dc ingested_periods.tsv.gz'' with (format text, header match)'
:load
\echo same ingested_periods :ROW_COUNT
commit;
\echo restored

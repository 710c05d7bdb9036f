-- All that a year is made of, as it was at one instant, each table into its file of the current folder, in the order of
-- its key.
--
-- year  text  YYYY
--
-- psql -v year=2023 -f sql/partitions/copy.sql
\set ON_ERROR_STOP on
\set VERBOSITY verbose
begin isolation level repeatable read read only;
\ir begin.sql
-- \copy takes its line as it stands, so the line is made first: a setting would not be known where a node has the rows.
\set save '\\copy (select * from curtailment_records where settlement_date between ''' :first ''' and ''' :last ''' order by settlement_date, settlement_period, farm_id, stack, acceptance_id, pair_id, sequence_number) to program ''gzip -n >curtailment_records.tsv.gz'' with (format text, header)'
:save
\set save '\\copy (select * from historical_bitcoin_calculations where settlement_date between ''' :first ''' and ''' :last ''' order by settlement_date, settlement_period, farm_id, miner_model) to program ''gzip -n >historical_bitcoin_calculations.tsv.gz'' with (format text, header)'
:save
\set save '\\copy (select * from ingested_periods where settlement_date between ''' :first ''' and ''' :last ''' order by settlement_date, settlement_period) to program ''gzip -n >ingested_periods.tsv.gz'' with (format text, header)'
:save
commit;

-- One row a finding.
--
-- gives the temporary table findings
--
-- psql -f sql/query/ledger-diff-findings.sql
create temp table findings (finding text, product_id text collate "C", record_id text collate "C", side text,
	trade_time timestamptz, size numeric, field text, books text, exchange text,
	unit text collate "C", entry_id text collate "C", may_be text collate "C", nth bigint generated always as identity) on commit drop;

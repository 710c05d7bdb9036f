-- Where the rows of a day and the facts about its periods are staged before they replace what is stored, and what the
-- stored rows came to before and after.
--
-- gives the temporary tables staged_records, staged_periods, period_sums
--
-- psql -f sql/query/curtailment-stage.sql
create temp table if not exists staged_records (like curtailment_records including defaults) on commit delete rows;
create temp table if not exists staged_periods (like ingested_periods including defaults) on commit delete rows;
create temp table if not exists period_sums (after boolean, settlement_period smallint, records bigint, mwh numeric,
	payment numeric, content numeric) on commit delete rows;

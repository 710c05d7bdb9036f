-- What the stored rows of the fetched periods come to, before they are replaced and after.
--
-- gives the temporary table period_sums
--
-- psql -f sql/query/curtailment-stage.sql
create temp table if not exists period_sums (after boolean, settlement_period smallint, records bigint, mwh numeric,
	payment numeric, content numeric) on commit delete rows;

-- Revisions: what the fetched periods came to before their rows were replaced and after.
--
-- $1 day        date         the settlement date
-- $2 periods    smallint[]   the fetched ones
-- $3 fetched_by text         who fetches
-- $4 accepted   boolean      has a person accepted the day?
--
-- psql -1 -f sql/query/curtailment-stage.sql -v day=2025-03-04 -v periods='{1,2}' -v fetched_by=me -v accepted=f \
--	-f sql/query/curtailment-remember.sql -c rollback
insert into period_revisions (settlement_date, settlement_period, was_status, records_before, records_after,
                              mwh_before, mwh_after, payment_before, payment_after, fetched_by, accepted)
with sums as materialized (
	select * from period_sums
)
select :'day'::date, i.settlement_period, i.status, coalesce(b.records, 0), coalesce(a.records, 0),
       coalesce(b.mwh, 0), coalesce(a.mwh, 0), coalesce(b.payment, 0), coalesce(a.payment, 0), :'fetched_by', :'accepted'::boolean
  from (select settlement_period, status from ingested_periods
         where settlement_date = :'day'::date and settlement_period = any (:'periods'::smallint[])) i
  left join sums b on b.settlement_period = i.settlement_period and not b.after
  left join sums a on a.settlement_period = i.settlement_period and a.after
 where b.content is distinct from a.content;

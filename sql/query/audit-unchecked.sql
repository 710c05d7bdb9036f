-- Half hours whose difficulty or subsidy is not known: how many calculations stand, and should.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-unchecked.sql
with half_hours as materialized (
  select * from audit_half_hours(:'from'::date, :'to'::date)
), unknown as (
  select settlement_date, settlement_period,
         case when difficulty is null then 'difficulty' else 'subsidy' end as what
    from half_hours where difficulty is null or subsidy is null
), s as (
  select settlement_date, settlement_period, count(*) as calculations
    from historical_bitcoin_calculations where settlement_date between :'from'::date and :'to'::date
   group by settlement_date, settlement_period
), e as (
  select settlement_date, settlement_period,
         count(distinct farm_id)
         * (select count(*) from miner_models where active or settlement_date < retired_from) as calculations
    from curtailment_records where settlement_date between :'from'::date and :'to'::date and exists (select from unknown)
   group by settlement_date, settlement_period
)
select concat_ws(' ', settlement_date, settlement_period), what, coalesce(s.calculations, 0), coalesce(e.calculations, 0), null
  from unknown left join s using (settlement_date, settlement_period)
  left join e using (settlement_date, settlement_period)
 where s.calculations > 0 or e.calculations > 0
 order by settlement_date, settlement_period;

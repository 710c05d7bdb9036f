-- Each day against its records, fetched periods and wind.  The days of an archived year have nothing below them
-- here to be compared with.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-day.sql
with energy as materialized (
  select settlement_date, settlement_period, farm_id, round(sum(abs(volume)), 9) as curtailed_mwh
    from (select settlement_date, settlement_period, farm_id, volume
            from curtailment_records where settlement_date between :'from'::date and :'to'::date
           order by settlement_date, settlement_period, farm_id offset 0) r
   group by settlement_date, settlement_period, farm_id
), fetched as (
  select settlement_date, count(*) as periods_ingested, sum((status = 'final')::integer) as periods_final
    from ingested_periods where settlement_date between :'from'::date and :'to'::date group by settlement_date
), farms as (
  select settlement_date, sum(curtailed_mwh) as curtailed_mwh, count(*) as period_farms,
         count(distinct settlement_period) as periods
    from energy group by settlement_date
), paid as (
  select settlement_date, sum(payment) as payment, sum(greatest(payment, 0)) as payment_to_farms,
         - sum(least(payment, 0)) as payment_by_farms, count(*) as records
    from curtailment_records where settlement_date between :'from'::date and :'to'::date group by settlement_date
), wind as (
  select settlement_date, sum(onshore_mwh) as onshore_mwh, sum(offshore_mwh) as offshore_mwh,
         count(*) as wind_periods, coalesce(sum(curtailed_mwh), 0) as wind_curtailed_mwh
    from wind_generation
    left join (select settlement_date, settlement_period, sum(curtailed_mwh) as curtailed_mwh from energy
                group by settlement_date, settlement_period) half_hours using (settlement_date, settlement_period)
   where settlement_date between :'from'::date and :'to'::date and onshore_mwh + offshore_mwh > 0 group by settlement_date
)
select settlement_date::text, f.field, f.stored, f.expected, f.difference
  from (select *, true as there
               from daily_summaries where settlement_date between :'from'::date and :'to'::date
           and to_char(:'from'::date, 'YYYY') not in (select year from archived_years)) s
  full join (select settlement_date, coalesce(curtailed_mwh, 0) as curtailed_mwh, coalesce(payment, 0) as payment,
                    coalesce(payment_to_farms, 0) as payment_to_farms, coalesce(payment_by_farms, 0) as payment_by_farms,
                    coalesce(records, 0) as records, coalesce(period_farms, 0) as period_farms,
                    coalesce(periods, 0) as periods, coalesce(periods_ingested, 0) as periods_ingested,
                    coalesce(periods_final, 0) as periods_final,
                    extract(epoch from ((settlement_date + 1) + time '00:00') at time zone 'Europe/London'
                            - (settlement_date + time '00:00') at time zone 'Europe/London')::integer / 1800 as periods_expected,
                    onshore_mwh, offshore_mwh, coalesce(wind_periods, 0) as wind_periods, wind_curtailed_mwh, true as there
               from (farms join paid using (settlement_date)) full join fetched using (settlement_date)
               left join wind using (settlement_date)) e
 using (settlement_date)
 cross join lateral (values
	('missing', null, e.curtailed_mwh::text, (- e.curtailed_mwh)::text, s.there is null),
	('orphan', s.curtailed_mwh::text, null, s.curtailed_mwh::text, e.there is null),
	('curtailed_mwh', s.curtailed_mwh::text, e.curtailed_mwh::text, (s.curtailed_mwh - e.curtailed_mwh)::text, s.curtailed_mwh is distinct from e.curtailed_mwh),
	('payment', s.payment::text, e.payment::text, (s.payment - e.payment)::text, s.payment is distinct from e.payment),
	('payment_to_farms', s.payment_to_farms::text, e.payment_to_farms::text, (s.payment_to_farms - e.payment_to_farms)::text, s.payment_to_farms is distinct from e.payment_to_farms),
	('payment_by_farms', s.payment_by_farms::text, e.payment_by_farms::text, (s.payment_by_farms - e.payment_by_farms)::text, s.payment_by_farms is distinct from e.payment_by_farms),
	('records', s.records::text, e.records::text, (s.records - e.records)::text, s.records is distinct from e.records),
	('period_farms', s.period_farms::text, e.period_farms::text, (s.period_farms - e.period_farms)::text, s.period_farms is distinct from e.period_farms),
	('periods', s.periods::text, e.periods::text, (s.periods - e.periods)::text, s.periods is distinct from e.periods),
	('periods_ingested', s.periods_ingested::text, e.periods_ingested::text, (s.periods_ingested - e.periods_ingested)::text, s.periods_ingested is distinct from e.periods_ingested),
	('periods_final', s.periods_final::text, e.periods_final::text, (s.periods_final - e.periods_final)::text, s.periods_final is distinct from e.periods_final),
	('periods_expected', s.periods_expected::text, e.periods_expected::text, (s.periods_expected - e.periods_expected)::text, s.periods_expected is distinct from e.periods_expected),
	('onshore_mwh', s.onshore_mwh::text, e.onshore_mwh::text, (s.onshore_mwh - e.onshore_mwh)::text, s.onshore_mwh is distinct from e.onshore_mwh),
	('offshore_mwh', s.offshore_mwh::text, e.offshore_mwh::text, (s.offshore_mwh - e.offshore_mwh)::text, s.offshore_mwh is distinct from e.offshore_mwh),
	('wind_periods', s.wind_periods::text, e.wind_periods::text, (s.wind_periods - e.wind_periods)::text, s.wind_periods is distinct from e.wind_periods),
	('wind_curtailed_mwh', s.wind_curtailed_mwh::text, e.wind_curtailed_mwh::text, (s.wind_curtailed_mwh - e.wind_curtailed_mwh)::text, s.wind_curtailed_mwh is distinct from e.wind_curtailed_mwh)) f (field, stored, expected, difference, differs)
 where f.differs and (f.field in ('missing', 'orphan') or (s.there and e.there))
 order by settlement_date, f.field;

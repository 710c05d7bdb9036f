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
select settlement_date::text, d.field, d.stored, d.expected, d.difference
  from (select *, true as there
               from daily_summaries where settlement_date between :'from'::date and :'to'::date
           and not :'from'::date <@ (select archived from days_left_out)) s
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
 cross join lateral audit_differences(to_jsonb(s), to_jsonb(e), 'curtailed_mwh') d
 order by settlement_date, d.field;

-- The sums of a span of days: no row of the sums is null where a day of it is stored.
--
-- $1 from date  the first day
-- $2 to   date  the last day
-- gives days, days expected, and the figures of a span's page
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/site-span.sql
with summed as materialized (
  select count(*) as days, trim_scale(sum(curtailed_mwh)) as mwh, trim_scale(sum(payment)) as net,
         trim_scale(sum(payment_to_farms)) as to_farms, trim_scale(sum(payment_by_farms)) as by_farms,
         round(sum(payment) / nullif(sum(curtailed_mwh), 0), 6) as a_mwh,
         round(100 * sum(wind_curtailed_mwh) filter (where onshore_mwh is not null)
               / nullif(sum(onshore_mwh + offshore_mwh) + sum(wind_curtailed_mwh) filter (where onshore_mwh is not null), 0), 6) as share,
         coalesce(sum(wind_periods), 0) as wind_periods, coalesce(sum(periods), 0) as periods,
         coalesce(sum(periods_ingested), 0) as ingested, coalesce(sum(periods_final), 0) as final
    from daily_summaries where settlement_date between :'from'::date and :'to'::date
), farms as materialized (
  select count(distinct farm_id) as farms from farm_daily_summaries where settlement_date between :'from'::date and :'to'::date
), replaced as materialized (
  select trim_scale(sum(cost)) as cost, coalesce(sum(periods), 0) as periods
    from replacement_daily_summaries where settlement_date between :'from'::date and :'to'::date
)
select s.days, :'to'::date - :'from'::date + 1, s.mwh, s.net, s.to_farms, s.by_farms, s.a_mwh, s.share, s.wind_periods, s.periods,
       s.ingested, s.final,
       (select coalesce(sum(settlement_periods(:'from'::date + n)), 0) from generate_series(0, :'to'::date - :'from'::date) n),
       f.farms, r.cost, r.periods
  from summed s cross join farms f cross join replaced r;

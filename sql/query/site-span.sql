-- The sums of a span of days: no row of the sums is null where a day of it is stored.
--
-- $1 from date  the first day
-- $2 to   date  the last day
-- gives days, days expected, and the figures of a span's page
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/site-span.sql
select count(*), :'to'::date - :'from'::date + 1, trim_scale(sum(curtailed_mwh)), trim_scale(sum(payment)), trim_scale(sum(payment_to_farms)),
       trim_scale(sum(payment_by_farms)), round(sum(payment) / nullif(sum(curtailed_mwh), 0), 6),
       round(100 * sum(wind_curtailed_mwh) filter (where onshore_mwh is not null)
             / nullif(sum(onshore_mwh + offshore_mwh) + sum(wind_curtailed_mwh) filter (where onshore_mwh is not null), 0), 6),
       coalesce(sum(wind_periods), 0), coalesce(sum(periods), 0), coalesce(sum(periods_ingested), 0), coalesce(sum(periods_final), 0),
       (select coalesce(sum(settlement_periods(:'from'::date + n)), 0) from generate_series(0, :'to'::date - :'from'::date) n),
       (select count(distinct farm_id) from farm_daily_summaries where settlement_date between :'from'::date and :'to'::date),
       (select trim_scale(sum(cost)) from replacement_daily_summaries where settlement_date between :'from'::date and :'to'::date),
       (select coalesce(sum(periods), 0) from replacement_daily_summaries where settlement_date between :'from'::date and :'to'::date)
  from daily_summaries
 where settlement_date between :'from'::date and :'to'::date;

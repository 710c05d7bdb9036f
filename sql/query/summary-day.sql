-- A day is the sum of its half hours, which sum_farms has brought to what the records say.  The half hours of an archived
-- year stand, and so do its days: they are not summed again.
--
-- $1 from date   the first day
-- $2 to   date   the last day
-- gives the columns of daily_summaries
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/summary-day.sql
with half_hours as (
  select settlement_date, settlement_period, curtailed_mwh as mwh, payment, payment_to_farms, payment_by_farms, records, farms
    from period_summaries where settlement_date between :'from'::date and :'to'::date
     and not :'from'::date <@ (select archived from days_left_out)
), curtailed as (
  select settlement_date, sum(mwh) as mwh, sum(payment) as net, sum(payment_to_farms) as to_farms,
         sum(payment_by_farms) as by_farms, sum(records) as records, sum(farms) as pairs, count(*) as periods
    from half_hours group by settlement_date
), fetched as (
  select settlement_date, count(*) as periods, count(*) filter (where status = 'final') as final
    from ingested_periods where settlement_date between :'from'::date and :'to'::date
   group by settlement_date
), wind as (
  select w.settlement_date, sum(w.onshore_mwh) as onshore, sum(w.offshore_mwh) as offshore, count(*) as periods,
         coalesce(sum(h.mwh), 0) as curtailed
    from wind_known w left join half_hours h
      on h.settlement_date = w.settlement_date and h.settlement_period = w.settlement_period
   where w.settlement_date between :'from'::date and :'to'::date
   group by w.settlement_date
)
select settlement_date, trim_scale(coalesce(c.mwh, 0)), trim_scale(coalesce(c.net, 0)),
       trim_scale(coalesce(c.to_farms, 0)), trim_scale(coalesce(c.by_farms, 0)),
       coalesce(c.records, 0), coalesce(c.pairs, 0), coalesce(c.periods, 0),
       coalesce(f.periods, 0), coalesce(f.final, 0), settlement_periods(settlement_date),
       trim_scale(w.onshore), trim_scale(w.offshore), coalesce(w.periods, 0), trim_scale(w.curtailed)
  from curtailed c full join fetched f using (settlement_date)
  left join wind w using (settlement_date)
 order by settlement_date;

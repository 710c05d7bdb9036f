-- The energy of a day is the sum of what its calculations use: each (period, farm) rounded to 1e-9 MWh.
-- Rows are read in the order of the table's key, so that no hash of all pairs is needed.
--
-- $1 from date   the first day
-- $2 to   date   the last day
-- gives the columns of daily_summaries
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/summary-day.sql
with pairs as (
  select settlement_date, settlement_period, round(sum(abs(volume)), 9) as mwh
    from (select settlement_date, settlement_period, farm_id, volume
            from curtailment_records where settlement_date between :'from'::date and :'to'::date
           order by settlement_date, settlement_period, farm_id offset 0) records
   group by settlement_date, settlement_period, farm_id
), half_hours as (
  select settlement_date, settlement_period, sum(mwh) as mwh, count(*) as pairs
    from pairs group by settlement_date, settlement_period
), curtailed as (
  select settlement_date, sum(mwh) as mwh, sum(pairs) as pairs, count(*) as periods
    from half_hours group by settlement_date
), paid as (
  select settlement_date, count(*) as records, coalesce(sum(payment), 0) as net,
         coalesce(- sum(payment) filter (where payment < 0), 0) as by_farms
    from curtailment_records where settlement_date between :'from'::date and :'to'::date
   group by settlement_date
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
select settlement_date, trim_scale(coalesce(c.mwh, 0)), trim_scale(coalesce(p.net, 0)),
       trim_scale(coalesce(p.net + p.by_farms, 0)), trim_scale(coalesce(p.by_farms, 0)),
       coalesce(p.records, 0), coalesce(c.pairs, 0), coalesce(c.periods, 0),
       coalesce(f.periods, 0), coalesce(f.final, 0), settlement_periods(settlement_date),
       trim_scale(w.onshore), trim_scale(w.offshore), coalesce(w.periods, 0), trim_scale(w.curtailed)
  from (curtailed c join paid p using (settlement_date)) full join fetched f using (settlement_date)
  left join wind w using (settlement_date)
 order by settlement_date;

-- What it cost to turn others up, of the half hours in which the energy replaced is the energy curtailed.
--
-- $1 from date   the first day
-- $2 to   date   the last day
-- gives the columns of replacement_daily_summaries
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/summary-replacement-day.sql
select r.settlement_date, trim_scale(sum(r.curtailed_mwh)), trim_scale(sum(r.replaced_mwh)), trim_scale(sum(r.cost)),
       sum(r.offers), count(*), count(*) filter (where r.status = 'final'),
       count(*) filter (where r.replaced_mwh < r.curtailed_mwh)
  from replacement_costs r
  join period_summaries p on p.settlement_date = r.settlement_date and p.settlement_period = r.settlement_period
 where r.settlement_date between :'from'::date and :'to'::date and p.curtailed_mwh = r.curtailed_mwh
 group by r.settlement_date
 order by r.settlement_date;

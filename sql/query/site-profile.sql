-- The mean of each half hour of a span's days, over the days on which it was fetched; of the others nothing is known.
-- Of an archived year its days alone say that they were.
--
-- $1 from date  the first day
-- $2 to   date  the last day
-- gives settlement_period, days on which it was fetched, mean curtailed_mwh
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/site-profile.sql
select settlement_period, count(*), round(coalesce(sum(p.curtailed_mwh), 0) / count(*), 6)
  from (select settlement_date, settlement_period from ingested_periods
         where settlement_date between :'from'::date and :'to'::date
        union
        select settlement_date, n from daily_summaries cross join lateral generate_series(1, periods_expected) n
         where settlement_date between :'from'::date and :'to'::date and periods_ingested = periods_expected) fetched
  left join (select * from period_summaries where settlement_date between :'from'::date and :'to'::date) p
       using (settlement_date, settlement_period)
 group by settlement_period
 order by settlement_period;

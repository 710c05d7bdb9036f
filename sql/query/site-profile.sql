-- The mean of each half hour of a span's days, over the days on which it was fetched; of the others nothing is known.
--
-- $1 from date  the first day
-- $2 to   date  the last day
-- gives settlement_period, days on which it was fetched, mean curtailed_mwh
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/site-profile.sql
select settlement_period, sum(fetched), round(sum(mwh) / nullif(sum(fetched), 0), 6)
  from (select settlement_period, 1 as fetched, 0 as mwh from ingested_periods
         where settlement_date between :'from'::date and :'to'::date
        union all
        select settlement_period, 0, curtailed_mwh from period_summaries
         where settlement_date between :'from'::date and :'to'::date) half_hours
 group by settlement_period
 order by settlement_period;

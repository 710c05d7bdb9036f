-- The months of which something is noted: fetched periods, and sums of days, months and years, of which one may have
-- lost its base.  A year stands for its January: it is summed and audited with it.
--
-- gives the first day of each month, in order
--
-- psql -f sql/query/known-months.sql
select distinct date_trunc('month', day)::date
  from (select settlement_date as day from ingested_periods group by settlement_date
        union select settlement_date from daily_summaries
        union select settlement_date from bitcoin_daily_summaries
        union select settlement_date from replacement_daily_summaries
        union select (year_month || '-01')::date from monthly_summaries
        union select (year_month || '-01')::date from bitcoin_monthly_summaries
        union select (year_month || '-01')::date from replacement_monthly_summaries
        union select (year || '-01-01')::date from yearly_summaries
        union select (year || '-01-01')::date from bitcoin_yearly_summaries
        union select (year || '-01-01')::date from replacement_yearly_summaries) known
 order by 1;

-- The months of which something is noted: fetched periods, and sums of days, months and years, of which one may have
-- lost its base.  A year of which no month is stands for its January: it is summed and audited with a month.
--
-- gives the first day of each month, in order
--
-- psql -f sql/query/known-months.sql
with months as (
  select date_trunc('month', day)::date as month
    from (select settlement_date as day from ingested_periods group by settlement_date
          union select settlement_date from daily_summaries
          union select settlement_date from bitcoin_daily_summaries
          union select settlement_date from replacement_daily_summaries
          union select (year_month || '-01')::date from monthly_summaries
          union select (year_month || '-01')::date from bitcoin_monthly_summaries
          union select (year_month || '-01')::date from replacement_monthly_summaries) known
), years as (
  select year from yearly_summaries
  union select year from bitcoin_yearly_summaries
  union select year from replacement_yearly_summaries
)
select month from months
 union
select (year || '-01-01')::date from years where year not in (select to_char(month, 'YYYY') from months)
 order by 1;

-- The days that summaries are kept of, whether anything lies below them or not; of a month or a year that has no
-- day of its own, the first day.
--
-- gives settlement_date
--
-- psql -f sql/report/reconcile-summed-days.sql
copy (select settlement_date from daily_summaries
       union select settlement_date from bitcoin_daily_summaries
       union select settlement_date from farm_daily_summaries
       union select settlement_date from bitcoin_farm_daily_summaries
       union select settlement_date from period_summaries
       union select settlement_date from bitcoin_period_summaries
       union select (year_month || '-01')::date from monthly_summaries
              where year_month not in (select to_char(settlement_date, 'YYYY-MM') from daily_summaries)
       union select (year_month || '-01')::date from bitcoin_monthly_summaries
              where year_month not in (select to_char(settlement_date, 'YYYY-MM') from bitcoin_daily_summaries)
       union select (year || '-01-01')::date from yearly_summaries
              where year not in (select left(year_month, 4) from monthly_summaries)
       union select (year || '-01-01')::date from bitcoin_yearly_summaries
              where year not in (select left(year_month, 4) from bitcoin_monthly_summaries)) to stdout with (header);

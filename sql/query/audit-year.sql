-- A year against its months.
--
-- $1 from  text   a day of the month (or the year)
-- $2 to    text   a later day of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-year.sql
select year, d.field, d.stored, d.expected, d.difference
  from (select *, true as there from yearly_summaries where year = left(:'from', 4)) s
  full join (select left(:'from', 4) as year, sum(days) as days,
                    sum(curtailed_mwh) as curtailed_mwh, sum(payment) as payment,
                    sum(payment_to_farms) as payment_to_farms, sum(payment_by_farms) as payment_by_farms,
                    sum(records) as records, sum(period_farms) as period_farms, sum(periods) as periods,
                    sum(periods_ingested) as periods_ingested, sum(periods_final) as periods_final,
                    sum(periods_expected) as periods_expected,
                    sum(onshore_mwh) as onshore_mwh, sum(offshore_mwh) as offshore_mwh,
                    sum(wind_periods) as wind_periods, sum(wind_curtailed_mwh) as wind_curtailed_mwh, true as there
               from monthly_summaries
              where left(year_month, 4) = left(:'to', 4) having count(*) > 0) e
 using (year)
 cross join lateral audit_differences(to_jsonb(s), to_jsonb(e), 'curtailed_mwh') d
 order by d.field;

-- A month's replacement cost against its days.
--
-- $1 from  text   a day of the month (or the year)
-- $2 to    text   a later day of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-replacement-month.sql
select year_month, d.field, d.stored, d.expected, d.difference
  from (select *, true as there from replacement_monthly_summaries where year_month = left(:'from', 7)) s
  full join (select left(:'from', 7) as year_month, sum(curtailed_mwh) as curtailed_mwh, sum(replaced_mwh) as replaced_mwh,
                    sum(cost) as cost, sum(offers) as offers, sum(periods) as periods, sum(periods_final) as periods_final,
                    sum(periods_short) as periods_short, true as there
               from replacement_daily_summaries
              where left(settlement_date::text, 7) = left(:'to', 7) having count(*) > 0) e
 using (year_month)
 cross join lateral audit_differences(to_jsonb(s), to_jsonb(e), 'cost') d
 order by d.field;

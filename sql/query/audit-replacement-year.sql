-- A year's replacement cost against its months.
--
-- $1 from  text   a day of the year
-- $2 to    text   a later day of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-replacement-year.sql
select year, d.field, d.stored, d.expected, d.difference
  from (select *, true as there from replacement_yearly_summaries where year = left(:'from', 4)) s
  full join (select left(:'from', 4) as year, sum(curtailed_mwh) as curtailed_mwh, sum(replaced_mwh) as replaced_mwh,
                    sum(cost) as cost, sum(offers) as offers, sum(periods) as periods, sum(periods_final) as periods_final,
                    sum(periods_short) as periods_short, true as there
               from replacement_monthly_summaries
              where left(year_month, 4) = left(:'to', 4) having count(*) > 0) e
 using (year)
 cross join lateral audit_differences(to_jsonb(s), to_jsonb(e), 'cost') d
 order by d.field;

-- Each day's replacement cost against its half hours, of those in which the energy replaced is the energy curtailed.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-replacement-day.sql
select settlement_date::text, d.field, d.stored, d.expected, d.difference
  from (select *, true as there
          from replacement_daily_summaries where settlement_date between :'from'::date and :'to'::date) s
  full join (select c.settlement_date, sum(c.curtailed_mwh) as curtailed_mwh, sum(c.replaced_mwh) as replaced_mwh, sum(c.cost) as cost,
                    sum(c.offers) as offers, count(*) as periods, sum((c.status = 'final')::integer) as periods_final,
                    sum((c.replaced_mwh <> c.curtailed_mwh)::integer) as periods_short, true as there
               from replacement_costs c
              where c.settlement_date between :'from'::date and :'to'::date
                and exists (select from period_summaries p
                             where p.settlement_date = c.settlement_date and p.settlement_period = c.settlement_period
                               and p.curtailed_mwh = c.curtailed_mwh)
              group by c.settlement_date) e
 using (settlement_date)
 cross join lateral audit_differences(to_jsonb(s), to_jsonb(e), 'cost') d
 order by settlement_date, d.field;

-- A day unlike the days around it, two weeks to either side: by more than 3.5 of the robust
-- deviations that the median of the absolute differences gives (0.6745 of one in a normal
-- distribution), on a logarithmic scale, and by at least a factor.  Wind comes and goes: only a
-- warning.  The records of one farm in one period hardly vary, so that there a small factor tells.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-pattern.sql
with days as materialized (
  select settlement_date, curtailed_mwh, records, periods, period_farms
    from daily_summaries where settlement_date between :'from'::date - 14 and :'to'::date + 14
)
select settlement_date::text, f.field, round(f.value, 3)::text, round(exp(m.median) - 1, 3)::text,
       round(f.value - (exp(m.median) - 1), 3)::text
  from days d
 cross join lateral (values (1, 'curtailed_mwh', curtailed_mwh, 5),
                            (2, 'records', records, 5), (3, 'periods', periods, 5),
                            (4, 'records_a_farm', records::numeric / nullif(period_farms, 0), 1.5)) f (n, field, value, factor)
 cross join lateral (select array_agg(ln(1 + case f.n when 1 then curtailed_mwh when 2 then records when 3 then periods
                                              else records::numeric / nullif(period_farms, 0) end)) as logs
                       from days
                      where settlement_date between d.settlement_date - 14 and d.settlement_date + 14
                        and settlement_date <> d.settlement_date) near
 cross join lateral (select count(x) as n, percentile_disc(0.5) within group (order by x) as median
                       from unnest(near.logs) x) m
 cross join lateral (select percentile_disc(0.5) within group (order by abs(x - m.median)) as deviation
                       from unnest(near.logs) x) a
 where settlement_date between :'from'::date and :'to'::date and m.n >= 10
   and abs(ln(1 + f.value) - m.median) > greatest(ln(f.factor), 3.5 / 0.6745 * a.deviation)
 order by settlement_date, f.n;

-- The fetch state is one row a settlement period: how many a day has is counted in its key alone, and what is not final in an
-- index of its own.
--
-- $1 yesterday    date   the last day of spans that are looked at
-- $2 unfetched_by date   the last day on which nothing should be unfetched
-- $3 final_by     date   the last day on which nothing should be provisional
-- gives first day, last day, days; periods expected, fetched, final, provisional; unfetched by yesterday, by
-- unfetched_by; provisional by final_by; days fetched and not summed; periods suspect; has history begun? the
-- archived years
--
-- psql -v yesterday=2025-03-31 -v unfetched_by=2025-03-29 -v final_by=2025-03-28 \
--	-f sql/query/status-fetched.sql
with h as materialized (
  select * from history
), counted as (
  select settlement_date as day, count(*) as n
    from (select settlement_date from ingested_periods order by settlement_date, settlement_period offset 0) in_order
   group by settlement_date
), unfinished as (
  select settlement_date as day, count(*) as n, count(*) filter (where status = 'suspect') as suspect
    from ingested_periods where status <> 'final' group by settlement_date
), fetched as materialized (
  select c.day, c.n, c.n - coalesce(u.n, 0) as final, coalesce(u.suspect, 0) as suspect from counted c left join unfinished u using (day)
), expected as (
  select d::date as day, settlement_periods(d::date) as periods
    from h
   cross join (select min(day) as first, max(day) as last from fetched) f
   cross join lateral generate_series(least(f.first, h.begins, lower(h.spans)),
                                      greatest(f.last, case when not isempty(h.spans)
                                                            then least(upper(h.spans) - 1, :'yesterday'::date) end), interval '1 day') d
   where not d::date <@ h.archived
     and (d::date <@ h.wanted or d::date in (select day from fetched))
), days as (
  select e.day, e.periods, coalesce(f.n, 0) as n, coalesce(f.final, 0) as final, coalesce(f.suspect, 0) as suspect,
         greatest(e.periods - coalesce(f.n, 0), 0) as unfetched, s.settlement_date is null as unsummed
    from expected e left join fetched f using (day)
    left join daily_summaries s on s.settlement_date = e.day
)
select min(day), max(day), count(*), sum(periods), sum(n), sum(final), sum(n - final - suspect),
       sum(unfetched) filter (where day <= :'yesterday'::date), sum(unfetched) filter (where day <= :'unfetched_by'::date),
       sum(n - final - suspect) filter (where day <= :'final_by'::date), count(*) filter (where unsummed and n > 0), sum(suspect),
       (select begins is not null from h),
       (select string_agg(year, ', ' order by year) from archived_years)
  from days;

-- The fetch state is one row a settlement period: how many a day has is counted in its key alone, and what is not final in an
-- index of its own.  Beyond that count nothing costs more than a step a day: a day is joined by its date, as it is.
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
), counted as materialized (
  select settlement_date as day, count(*) as n
    from (select settlement_date from ingested_periods order by settlement_date, settlement_period offset 0) in_order
   group by settlement_date
), unfinished as materialized (
  select settlement_date as day, count(*) as n, count(*) filter (where status = 'suspect') as suspect
    from ingested_periods where status <> 'final' group by settlement_date
), wanted as (
  select f.first + n as day
    from h
   cross join lateral (select least(min(day), h.begins, lower(h.spans)) as first,
                              greatest(max(day), case when not isempty(h.spans)
                                                      then least(upper(h.spans) - 1, :'yesterday'::date) end) as last
                         from counted) f
   cross join lateral generate_series(0, f.last - f.first) n
   where f.first + n <@ h.wanted
), known as (
  select coalesce(c.day, w.day) as day, coalesce(c.n, 0) as n from counted c full join wanted w on w.day = c.day
), measured as materialized (
  select day, n, settlement_periods(day) as periods from known
), days as (
  select k.day, k.periods, k.n, k.n - coalesce(u.n, 0) as final, coalesce(u.suspect, 0) as suspect,
         greatest(k.periods - k.n, 0) as unfetched, s.settlement_date is null as unsummed
    from measured k
   cross join h
    left join unfinished u using (day)
    left join daily_summaries s on s.settlement_date = k.day
   where not k.day <@ h.archived
)
select min(day), max(day), count(*), sum(periods), sum(n), sum(final), sum(n - final - suspect),
       sum(unfetched) filter (where day <= :'yesterday'::date), sum(unfetched) filter (where day <= :'unfetched_by'::date),
       sum(n - final - suspect) filter (where day <= :'final_by'::date), count(*) filter (where unsummed and n > 0), sum(suspect),
       (select begins is not null from h),
       (select string_agg(year, ', ' order by year) from archived_years)
  from days;

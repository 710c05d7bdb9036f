-- Hold the settlement dates of the year against every other job until the transaction ends.
--
-- first, last  date  as begin.sql sets them
\o /dev/null
select pg_advisory_xact_lock(hashtextextended('day ' || day::date, 0))
  from generate_series(:'first'::date, :'last'::date, interval '1 day') day;
\o

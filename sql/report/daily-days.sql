-- The last settlement days, and how long it is since the latest that was fetched.
--
-- yesterday  date     the latest settlement day that is over
-- days       integer  how many days are asked for; at least as many as bound are given
-- bound      integer
-- gives days_ago (1 is yesterday), settlement_date, behind (days; null where nothing was fetched)
--
-- psql -v yesterday=2025-03-31 -v days=2 -v bound=31 -f sql/report/daily-days.sql
copy (select n as days_ago, :'yesterday'::date - (n - 1) as settlement_date,
             :'yesterday'::date - (select max(i.settlement_date)
                                     from ingested_periods i join history_begins h on i.settlement_date >= h.begins) as behind
        from generate_series(1, greatest(:'days'::integer, :'bound'::integer)) n
       order by n desc) to stdout with (header);

-- The last settlement days, how long it is since the latest that was fetched, and which days just before them were missed,
-- whatever was fetched since.
--
-- yesterday  date     the latest settlement day that is over
-- days       integer  how many days are asked for; at least as many as bound are given
-- bound      integer
-- gives days_ago (1 is yesterday), settlement_date, behind (days; null where nothing was fetched),
--       missed_from, missed_to, missed (how many from the first to yesterday; null where none was missed)
--
-- psql -v yesterday=2025-03-31 -v days=2 -v bound=31 -f sql/report/daily-days.sql
copy (with reach as (
             select greatest(:'days'::integer, :'bound'::integer) as days),
           fetched as (
             select (select max(settlement_date) from ingested_periods
                      where settlement_date >= (select begins from history_begins)) as latest,
                    (select max(settlement_date) from ingested_periods
                      where settlement_date >= (select begins from history_begins)
                        and settlement_date <= :'yesterday'::date - (select days from reach)) as before),
           missed as (
             select datemultirange(daterange(before, :'yesterday'::date - days, '(]')) * (wanted - archived) as span
               from fetched cross join history cross join reach
              where before is not null)
      select n as days_ago, :'yesterday'::date - (n - 1) as settlement_date, :'yesterday'::date - latest as behind,
             lower(span) as missed_from, upper(span) - 1 as missed_to, :'yesterday'::date - lower(span) + 1 as missed
        from fetched left join missed on true cross join reach cross join generate_series(1, days) n
       order by n desc) to stdout with (header);

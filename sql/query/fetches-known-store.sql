-- Note of these days, whose sums have a note, that their records add up to what was noted of their fetches: of those whose
-- records do.
--
-- $1 from   date     the first of the days
-- $2 to     date     the last of them, of the same month
-- $3 days   date[]   the days
--
-- psql -v from=2025-03-04 -v to=2025-03-04 -v days='{2025-03-04}' -f sql/query/fetches-known-store.sql
update summed_days s
   set fetched = f.digest
  from (select day, digest from fetches_that_add_up(:'from'::date, :'to'::date) offset 0) f
 where s.settlement_date = f.day and s.settlement_date = any (:'days'::date[]) and s.fetched is distinct from f.digest;

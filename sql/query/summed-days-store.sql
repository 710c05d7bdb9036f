-- Note that the sums by farm and half hour of these days, as they are now, are those of the rows of their proofs, and so how many
-- rows there are of whom (sql/074-counts-of-known-days.sql).  Whether these are those of the fetches is another question
-- (fetches-known-store.sql).
--
-- $1 from   date     the first of the days
-- $2 to     date     the last of them
-- $3 days   date[]   the days
-- $4 proofs text[]   and the proof of each (summed-days.sql)
--
-- psql -v from=2025-03-04 -v to=2025-03-04 -v days='{2025-03-04}' -v proofs='{1:1:}' -f sql/query/summed-days-store.sql
insert into summed_days (settlement_date, proof, digest, farms, calculations)
select p.settlement_date, p.seen::pg_snapshot, coalesce(d.digest, 0), coalesce(c.farms, '{}'), coalesce(c.calculations, '{}')
  from unnest(:'days'::date[], :'proofs'::text[]) p (settlement_date, seen)
  left join sums_digests(:'from'::date, :'to'::date) d on d.day = p.settlement_date
  left join sums_counts(:'from'::date, :'to'::date) c on c.day = p.settlement_date
 order by p.settlement_date
on conflict (settlement_date) do update
   set proof = excluded.proof, digest = excluded.digest, summed_at = excluded.summed_at, fetched = null,
       farms = excluded.farms, calculations = excluded.calculations;

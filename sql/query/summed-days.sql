-- The days that have a proof that holds, as far as the rows go (sql/058-day-proofs.sql), and whether their records are known to
-- be those of their fetches (sql/072-fetches-known.sql), and their sums by farm and half hour to be those of its rows
-- (sql/064-summed-days.sql).
--
-- $1 from  date      the first day
-- $2 to    date      the last day, of the same month
-- $3 whole boolean   believe no note: all days are to be added up, and none need be looked at for it
-- gives settlement_date, proof, checked, summed, in order
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -v whole=false -f sql/query/summed-days.sql
with proved as materialized (
	select * from noted_days(:'from'::date, :'to'::date)
), noted as materialized (
	select min(settlement_date) as first_day, max(settlement_date) as last_day
	  from proved where sums is not null and not :'whole'::boolean having count(*) > 0
), sums as materialized (
	select d.* from noted n cross join lateral sums_digests(n.first_day, n.last_day) d
), fetches as materialized (
	select d.* from noted n cross join lateral fetches_digests(n.first_day, n.last_day) d
)
select p.settlement_date, p.proof, not :'whole'::boolean and coalesce(p.fetched = coalesce(f.digest, 0), false),
       not :'whole'::boolean and coalesce(p.sums = coalesce(s.digest, 0), false)
  from proved p
  left join sums s on s.day = p.settlement_date
  left join fetches f on f.day = p.settlement_date
 order by p.settlement_date;

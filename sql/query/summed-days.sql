-- The days that have a proof that holds, as far as the rows go (sql/058-day-proofs.sql), and whether their sums by farm and
-- half hour are those that were made of its rows (sql/064-summed-days.sql).
--
-- $1 from date   the first day
-- $2 to   date   the last day, of the same month
-- gives settlement_date, proof, summed, in order
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/summed-days.sql
with proved as materialized (
	select p.settlement_date, p.seen::text as proof, s.digest
	  from valid_day_proofs(:'from'::date, :'to'::date) p
	  left join summed_days s on s.settlement_date = p.settlement_date and s.proof::text = p.seen::text and s.summed_at >= p.proved_at
), digests as materialized (
	select d.*
	  from (select min(settlement_date) as first_day, max(settlement_date) as last_day
	          from proved where digest is not null having count(*) > 0) noted
	 cross join lateral sums_digests(noted.first_day, noted.last_day) d
)
select p.settlement_date, p.proof, coalesce(p.digest = coalesce(d.digest, 0), false)
  from proved p left join digests d on d.day = p.settlement_date
 order by p.settlement_date;

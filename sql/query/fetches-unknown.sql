-- Which days of a month must be held against their fetches record by record: those from the first to the last of which it is
-- not known that the records add up (sql/072-fetches-known.sql).
--
-- $1 from date   the first day
-- $2 to   date   the last day, of the same month
-- gives the first of them and the last; null where it is known of every day
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/fetches-unknown.sql
with noted as materialized (
	select settlement_date, fetched from noted_days(:'from'::date, :'to'::date) where fetched is not null
), fetches as materialized (
	select d.*
	  from (select min(settlement_date) as first_day, max(settlement_date) as last_day from noted having count(*) > 0) n
	 cross join lateral fetches_digests(n.first_day, n.last_day) d
)
select min(day), max(day)
  from (select :'from'::date + n as day from generate_series(0, :'to'::date - :'from'::date) n) days
 where not exists (select from noted n left join fetches f on f.day = n.settlement_date
		    where n.settlement_date = days.day and n.fetched = coalesce(f.digest, 0));

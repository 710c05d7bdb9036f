-- Claim a stretch: of the dates that are free the one with the largest energy, and those of its month that lie
-- nearest to it.  A date is free when it is due, or when whoever held it has not been heard of for the lease.
--
-- $1 run    bigint    the run
-- $2 worker text      who claims
-- $3 batch  integer   how many at the most
-- $4 lease  integer   seconds
-- gives settlement_date, attempts
--
-- psql -1 -v run=1 -v worker=here:1 -v batch=7 -v lease=3600 -f sql/query/queue-claim.sql -c rollback
with largest as (
  select settlement_date from reconciliation_run_dates
   where run_id = :'run'::bigint
     and (state = 'queued' and not_before <= now()
          or state = 'claimed' and claimed_at < now() - make_interval(secs => :'lease'::integer))
   order by priority desc, settlement_date
   limit 1
     for update skip locked
), stretch as (
  select settlement_date from reconciliation_run_dates
   where run_id = :'run'::bigint
     and settlement_date >= (select date_trunc('month', settlement_date)::date from largest)
     and settlement_date < (select (date_trunc('month', settlement_date) + interval '1 month')::date from largest)
     and (state = 'queued' and not_before <= now()
          or state = 'claimed' and claimed_at < now() - make_interval(secs => :'lease'::integer))
   order by abs(settlement_date - (select settlement_date from largest)), settlement_date
   limit :'batch'::integer
     for update skip locked
), claim as (
  update reconciliation_run_dates d
     set state = 'claimed', claimed_by = :'worker', claimed_at = now(), attempts = attempts + 1
    from stretch where d.run_id = :'run'::bigint and d.settlement_date = stretch.settlement_date
  returning d.settlement_date, d.attempts
)
select settlement_date, attempts from claim order by settlement_date;

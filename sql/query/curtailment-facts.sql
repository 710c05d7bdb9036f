-- The facts about the fetched periods, where they differ from those that are noted.
--
-- $1 day date   the settlement date
--
-- psql -1 -c 'create temp table staged_ingested_periods as table ingested_periods with no data' \
--	-v day=2025-03-04 -f sql/query/curtailment-facts.sql -c rollback
insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume,
                              source_created_at, passed_over)
with facts as materialized (
	select * from staged_ingested_periods
)
select settlement_date, settlement_period, status, selection, rows_seen, rows_kept, volume, source_created_at, passed_over
  from facts p
 where not exists (select from ingested_periods i
                    where i.settlement_date = :'day'::date and i.settlement_date = p.settlement_date
                      and i.settlement_period = p.settlement_period
                      and (i.status, i.selection, i.rows_seen, i.rows_kept, i.volume, i.source_created_at, i.passed_over)
                          is not distinct from
                          (p.status, p.selection, p.rows_seen, p.rows_kept, p.volume, p.source_created_at, p.passed_over))
 order by settlement_period
on conflict (settlement_date, settlement_period) do update
   set status = excluded.status, selection = excluded.selection, rows_seen = excluded.rows_seen,
       rows_kept = excluded.rows_kept, volume = excluded.volume,
       source_created_at = excluded.source_created_at, passed_over = excluded.passed_over,
       fetched_at = excluded.fetched_at, suspect = null;

-- The half hours of these days with curtailment whose replacement cost is missing, provisional, or of other curtailment
-- than is stored now; with force, all that have curtailment.
--
-- $1 from  date      the first day
-- $2 to    date      the last day
-- $3 force boolean   also what is known and final
-- gives settlement_date, settlement_period, curtailed_mwh, when that last changed, the offer rows that were seen before
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -v force=f -f sql/query/replacement-wanted.sql
with energy as (
  select settlement_date, settlement_period, sum(mwh) as mwh
    from (select settlement_date, settlement_period, round(sum(abs(volume)), 9) as mwh
            from (select settlement_date, settlement_period, farm_id, volume
                    from curtailment_records where settlement_date between :'from'::date and :'to'::date
                   order by settlement_date, settlement_period, farm_id offset 0) records
           group by settlement_date, settlement_period, farm_id) pairs
   group by settlement_date, settlement_period
), changed as (
  select settlement_date, settlement_period, max(changed_at) as as_of
    from (select settlement_date, settlement_period, fetched_at as changed_at
            from ingested_periods where settlement_date between :'from'::date and :'to'::date
           union all
          select settlement_date, settlement_period, revised_at
            from period_revisions where settlement_date between :'from'::date and :'to'::date) times
   group by settlement_date, settlement_period
)
select e.settlement_date, e.settlement_period, e.mwh, c.as_of, coalesce(r.rows_seen, 0)
  from energy e
  left join changed c on c.settlement_date = e.settlement_date and c.settlement_period = e.settlement_period
  left join (select * from replacement_costs where settlement_date between :'from'::date and :'to'::date) r
    on r.settlement_date = e.settlement_date and r.settlement_period = e.settlement_period
 where e.mwh > 0
   and (:'force'::boolean or r.status is distinct from 'final' or r.curtailed_mwh <> e.mwh or r.records_as_of is distinct from c.as_of)
 order by e.settlement_date, e.settlement_period;

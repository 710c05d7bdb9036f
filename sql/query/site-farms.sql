-- Farms and owners by curtailed energy in a span, beside the same of another span.  A unit that no site is known of is a
-- farm and an owner of its own, as in rank-farms.
--
-- $1 from   date  the first day
-- $2 to     date  the last day
-- $3 before date  the first day of the span to compare with
-- $4 until  date  its last day
-- gives kind (farm, owner), name, units, curtailed_mwh, payment, payment for a MWh, unit hours, share of all, curtailed_mwh before
--
-- psql -v from=2025-01-01 -v to=2025-12-31 -v before=2024-01-01 -v until=2024-12-31 -f sql/query/site-farms.sql
with placed as (
  select f.settlement_date between :'from'::date and :'to'::date as now, coalesce(s.farm, f.farm_id) as farm,
         coalesce(s.owner, s.farm, f.farm_id) as owner, f.farm_id, sum(f.curtailed_mwh) as mwh, sum(f.payment) as payment,
         sum(f.periods) as periods
    from farm_daily_summaries f
    left join sites s on s.farm_id = f.farm_id and s.valid_from <= f.settlement_date
                     and (s.valid_to is null or s.valid_to > f.settlement_date)
   where f.settlement_date between :'from'::date and :'to'::date or f.settlement_date between :'before'::date and :'until'::date
   group by 1, 2, 3, 4
), named as (
  select 'farm' as kind, farm as name, farm_id, now, mwh, payment, periods from placed
  union all
  select 'owner', owner, farm_id, now, mwh, payment, periods from placed
), summed as (
  select kind, name, count(distinct farm_id) filter (where now) as units, sum(mwh) filter (where now) as mwh,
         sum(payment) filter (where now) as payment, sum(periods) filter (where now) as periods,
         sum(mwh) filter (where not now) as mwh_before
    from named group by kind, name
), whole as (
  select kind, sum(mwh) as mwh from summed group by kind
)
select s.kind, s.name, s.units, trim_scale(s.mwh), trim_scale(s.payment), round(s.payment / nullif(s.mwh, 0), 6), trim_scale(s.periods * 0.5),
       round(100 * s.mwh / nullif(w.mwh, 0), 6), trim_scale(s.mwh_before)
  from summed s join whole w using (kind)
 where s.mwh is not null
 order by s.kind, s.mwh desc, s.name;

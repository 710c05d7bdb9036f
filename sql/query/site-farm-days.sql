-- The ten days on which each farm, and each owner, was turned down most.
--
-- gives kind, name, settlement_date, curtailed_mwh, payment, unit hours
--
-- psql -f sql/query/site-farm-days.sql
with placed as (
  select f.settlement_date, coalesce(s.farm, f.farm_id) as farm, coalesce(s.owner, s.farm, f.farm_id) as owner,
         f.curtailed_mwh as mwh, f.payment, f.periods
    from farm_daily_summaries f
    left join sites s on s.farm_id = f.farm_id and s.valid_from <= f.settlement_date
                     and (s.valid_to is null or s.valid_to > f.settlement_date)
), named as (
  select 'farm' as kind, farm as name, settlement_date, mwh, payment, periods from placed
  union all
  select 'owner', owner, settlement_date, mwh, payment, periods from placed
), days as (
  select kind, name, settlement_date, sum(mwh) as mwh, sum(payment) as payment, sum(periods) as periods,
         row_number() over (partition by kind, name order by sum(mwh) desc, settlement_date) as rank
    from named group by kind, name, settlement_date
)
select kind, name, settlement_date, trim_scale(mwh), trim_scale(payment), trim_scale(periods * 0.5)
  from days where rank <= 10
 order by kind, name, rank;

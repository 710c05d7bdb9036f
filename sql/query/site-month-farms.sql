-- What farms and owners have of a month: the sums of each, with the bitcoin of one miner model, and the ten days on which it
-- was turned down most.  Only stored days count: those that the digests of site-days.sql are of.
--
-- $1 from  date  the first day
-- $2 to    date  the last day, of the same month
-- $3 model text  the miner model
-- gives kind (farm, owner), name, settlement_date (null: all days), units, curtailed_mwh, payment, unit hours, bitcoin_mined
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -v model=S19J_PRO -f sql/query/site-month-farms.sql
with mined as (
  select settlement_date, farm_id, bitcoin_mined from bitcoin_farm_daily_summaries
   where settlement_date between :'from'::date and :'to'::date and miner_model = :'model'
), placed as (
  select f.settlement_date, coalesce(s.farm, f.farm_id) as farm, coalesce(s.owner, s.farm, f.farm_id) as owner, f.farm_id,
         f.curtailed_mwh as mwh, f.payment, f.periods, b.bitcoin_mined as bitcoin
    from daily_summaries d
    join farm_daily_summaries f on f.settlement_date = d.settlement_date
    left join mined b on b.settlement_date = f.settlement_date and b.farm_id = f.farm_id
    left join sites s on s.farm_id = f.farm_id and s.valid_from <= f.settlement_date
                     and (s.valid_to is null or s.valid_to > f.settlement_date)
   where d.settlement_date between :'from'::date and :'to'::date
     and f.settlement_date between :'from'::date and :'to'::date
), named as materialized (
  select 'farm' as kind, farm as name, settlement_date, farm_id, mwh, payment, periods, bitcoin from placed
  union all
  select 'owner', owner, settlement_date, farm_id, mwh, payment, periods, bitcoin from placed
), days as (
  select kind, name, settlement_date, count(*) as units, sum(mwh) as mwh, sum(payment) as payment, sum(periods) as periods,
         sum(bitcoin) as bitcoin, count(bitcoin) as mined,
         row_number() over (partition by kind, name order by sum(mwh) desc, settlement_date) as rank
    from named group by kind, name, settlement_date
), summed as (
  select kind, name, null::date as settlement_date, count(distinct farm_id) as units, sum(mwh) as mwh, sum(payment) as payment,
         sum(periods) as periods, case when count(bitcoin) = count(*) then sum(bitcoin) end as bitcoin
    from named group by kind, name
  union all
  select kind, name, settlement_date, units, mwh, payment, periods, case when mined = units then bitcoin end
    from days where rank <= 10
)
select kind, name, settlement_date, units, trim_scale(mwh), trim_scale(payment), trim_scale(periods * 0.5), round(bitcoin, 8)
  from summed
 order by kind, name, settlement_date nulls first;

-- Each farm and each owner by month, with the bitcoin of one miner model.
--
-- $1 model text  the miner model
-- gives kind, name, year_month, units, curtailed_mwh, payment, unit hours, bitcoin_mined
--
-- psql -v model=S19J_PRO -f sql/query/site-farm-months.sql
with mined as (
  select settlement_date, farm_id, bitcoin_mined from bitcoin_farm_daily_summaries where miner_model = :'model'
), placed as (
  select to_char(f.settlement_date, 'YYYY-MM') as month, coalesce(s.farm, f.farm_id) as farm,
         coalesce(s.owner, s.farm, f.farm_id) as owner, f.farm_id, sum(f.curtailed_mwh) as mwh, sum(f.payment) as payment,
         sum(f.periods) as periods, sum(b.bitcoin_mined) as bitcoin, count(*) as days, count(b.bitcoin_mined) as mined
    from farm_daily_summaries f
    left join mined b on b.settlement_date = f.settlement_date and b.farm_id = f.farm_id
    left join sites s on s.farm_id = f.farm_id and s.valid_from <= f.settlement_date
                     and (s.valid_to is null or s.valid_to > f.settlement_date)
   group by 1, 2, 3, 4
), named as (
  select 'farm' as kind, farm as name, month, farm_id, mwh, payment, periods, bitcoin, days, mined from placed
  union all
  select 'owner', owner, month, farm_id, mwh, payment, periods, bitcoin, days, mined from placed
)
select kind, name, month, count(distinct farm_id), trim_scale(sum(mwh)), trim_scale(sum(payment)), trim_scale(sum(periods) * 0.5),
       case when sum(mined) = sum(days) then round(sum(bitcoin), 8) end
  from named
 group by kind, name, month
 order by kind, name, month;

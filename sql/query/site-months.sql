-- Each stored month, by the side of boundary B6 on which its units stand, and what one miner model would have made of it.
--
-- $1 model text  the miner model
-- gives year_month, state, days, curtailed_mwh, payment, payment for a MWh, share of possible wind generation, curtailed_mwh north of
--       B6, south of it, and not placed; bitcoin, value, currency, value for a MWh, the same in
--       pounds where price and rate of every day are known
--
-- psql -v model=S19J_PRO -f sql/query/site-months.sql
with days as (
  select f.settlement_date, sum(f.curtailed_mwh) filter (where s.b6 = 'north') as north,
         sum(f.curtailed_mwh) filter (where s.b6 = 'south') as south, sum(f.curtailed_mwh) filter (where s.b6 is null) as unplaced
    from farm_daily_summaries f
    left join sites s on s.farm_id = f.farm_id and s.valid_from <= f.settlement_date
                     and (s.valid_to is null or s.valid_to > f.settlement_date)
   group by f.settlement_date
), sides as (
  select to_char(settlement_date, 'YYYY-MM') as year_month, sum(north) as north, sum(south) as south, sum(unplaced) as unplaced
    from days group by 1
), pounds as (
  select to_char(settlement_date, 'YYYY-MM') as year_month, sum(value_gbp) as value, count(*) as days
    from bitcoin_days_in_pounds where miner_model = :'model'
   group by 1
)
select m.year_month, m.state, m.days, trim_scale(m.curtailed_mwh), trim_scale(m.payment), round(m.payment / nullif(m.curtailed_mwh, 0), 6),
       round(100 * m.wind_curtailed_mwh / nullif(m.onshore_mwh + m.offshore_mwh + m.wind_curtailed_mwh, 0), 6),
       trim_scale(coalesce(s.north, 0)), trim_scale(coalesce(s.south, 0)), trim_scale(coalesce(s.unplaced, 0)),
       case when b.calculations = m.period_farms then b.bitcoin_mined end, trim_scale(b.value_at_mining), b.currency,
       case when b.calculations = m.period_farms and b.days_without_price = 0 then round(b.value_at_mining / nullif(m.curtailed_mwh, 0), 6) end,
       case when b.calculations = m.period_farms and p.days = b.days then round(p.value / nullif(m.curtailed_mwh, 0), 6) end
  from months m left join sides s using (year_month)
  left join pounds p using (year_month)
  left join bitcoin_months b on b.year_month = m.year_month and b.miner_model = :'model'
 order by m.year_month;

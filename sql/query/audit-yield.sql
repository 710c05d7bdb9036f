-- The bitcoin of a MWh, which the difficulty of the day bounds from both sides: that of one machine of
-- 1 TH/s in one half hour lies between k_min and k_max.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-yield.sql
with half_hours as materialized (
  select * from audit_half_hours(:'from'::date, :'to'::date)
), bounds as (
  select settlement_date, 1800000000000000 * min(subsidy) / (max(difficulty) * 4294967296) as k_min,
         1800000000000000 * max(subsidy) / (min(difficulty) * 4294967296) as k_max
    from half_hours group by settlement_date having count(difficulty) = 50)
select concat_ws(' ', settlement_date, miner_model), 'bitcoin_a_mwh', round(bitcoin_mined / curtailed_mwh, 12)::text,
       round(case when bitcoin_mined > most then most else least end / curtailed_mwh, 12)::text,
       round((bitcoin_mined - case when bitcoin_mined > most then most else least end) / curtailed_mwh, 12)::text
  from bitcoin_daily_summaries b join daily_summaries d using (settlement_date)
  join bounds using (settlement_date) join miner_models using (miner_model)
 cross join lateral (select curtailed_mwh * 2000000 * hashrate_ths / power_w * k_max + calculations * 0.000000005 as most,
                           (curtailed_mwh * 2000000 / power_w - calculations) * hashrate_ths * k_min
                           - calculations * 0.000000005 as least) l
 where settlement_date between :'from'::date and :'to'::date and calculations = period_farms
   and curtailed_mwh > 0 and bitcoin_mined not between least and most
 order by settlement_date, miner_model;

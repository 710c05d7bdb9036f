-- Two models that ran on the same energy mined in the ratio of their hashrate per watt.  Each loses
-- less than one machine's share for every calculation, since only whole machines run, and half a
-- satoshi in rounding: what lies beyond that cannot come from these models.  The bitcoin of one machine
-- of 1 TH/s in one half hour of the day lies between k_min and k_max.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-ratio.sql
with half_hours as materialized (
  select * from audit_half_hours(:'from'::date, :'to'::date)
), bounds as (
  select settlement_date, 1800000000000000 * min(subsidy) / (max(difficulty) * 4294967296) as k_min,
         1800000000000000 * max(subsidy) / (min(difficulty) * 4294967296) as k_max
    from half_hours group by settlement_date having count(difficulty) = 50)
select concat_ws(' ', settlement_date, a.miner_model, b.miner_model), 'ratio',
       round(a.bitcoin_mined / nullif(b.bitcoin_mined, 0), 6)::text,
       round((ma.hashrate_ths * mb.power_w) / (ma.power_w * mb.hashrate_ths), 6)::text, null
  from bitcoin_daily_summaries a join bitcoin_daily_summaries b using (settlement_date, calculations)
  join bounds using (settlement_date)
  join miner_models ma on ma.miner_model = a.miner_model
  join miner_models mb on mb.miner_model = b.miner_model
 where settlement_date between :'from'::date and :'to'::date and a.miner_model < b.miner_model
   and abs(a.bitcoin_mined * ma.power_w / ma.hashrate_ths - b.bitcoin_mined * mb.power_w / mb.hashrate_ths)
       > calculations * (greatest(ma.power_w, mb.power_w) * k_max
                         + 0.000000005 * (ma.power_w / ma.hashrate_ths + mb.power_w / mb.hashrate_ths))
 order by settlement_date, a.miner_model, b.miner_model;

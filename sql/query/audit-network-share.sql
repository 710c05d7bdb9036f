-- More machines of one model than the whole network of that time: difficulty is 600 s of its hashes in 2^32.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-network-share.sql
select concat_ws(' ', settlement_date, miner_model), 'network_share_percent', round(100 * max(share), 1)::text, '100', null
  from (select settlement_date, settlement_period, miner_model,
               sum(miners * hashrate_ths) * 1000000000000 * 600 / (max(difficulty) * 4294967296) as share
          from historical_bitcoin_calculations where settlement_date between :'from'::date and :'to'::date
         group by settlement_date, settlement_period, miner_model) half_hours
 group by settlement_date, miner_model having max(share) > 1 order by settlement_date, miner_model;

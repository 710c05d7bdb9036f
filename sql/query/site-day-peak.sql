-- The machines of each model that the busiest half hour of a day could have powered, and their share of the network then.
--
-- $1 day date  the settlement date
-- gives miner_model, machines, share_percent
--
-- psql -v day=2025-03-04 -f sql/query/site-day-peak.sql
select miner_model, max(machines), round(100 * max(share), 2)
  from (select miner_model, sum(miners) as machines,
               sum(miners * hashrate_ths) * 1000000000000 * 600 / (max(difficulty) * 4294967296) as share
          from historical_bitcoin_calculations where settlement_date = :'day'::date
         group by miner_model, settlement_period) half_hours
 group by miner_model
 order by miner_model;

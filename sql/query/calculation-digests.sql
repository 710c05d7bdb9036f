-- What is stored of each day as one figure, so that a day that is what it should be need not be read row by row.
--
-- Each calculation is a chain of PostgreSQL's own extended hash functions over all its columns but the date, and a day
-- is the sum of its calculations: calculation/digest.c makes the same of what should be there.  They do not see a sign,
-- so that a calculation with a figure below zero, which none has, is left out of the sum and not of the count.
--
-- $1 from   date     the first day
-- $2 to     date     the last day
-- $3 models text[]   the miner models to look at, or null for all
-- gives settlement_date, calculations, digest, each day that has any
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -v models=null -f sql/query/calculation-digests.sql
select settlement_date, count(*),
       sum(case when curtailed_mwh < 0 or difficulty < 0 or subsidy < 0 or hashrate_ths < 0 or power_w < 0 or bitcoin_mined < 0
                then null
                else hash_numeric_extended(bitcoin_mined, hashint8extended(miners, hash_numeric_extended(curtailed_mwh,
                     hashtextextended(farm_id, hash_numeric_extended(power_w, hash_numeric_extended(hashrate_ths,
                     hash_numeric_extended(subsidy, hash_numeric_extended(difficulty,
                     hashint2extended(settlement_period, hashtextextended(miner_model, 0))))))))))
           end)
  from historical_bitcoin_calculations
 where settlement_date between :'from'::date and :'to'::date
   and (:models::text[] is null or miner_model = any(:models::text[]))
 group by settlement_date
 order by settlement_date;

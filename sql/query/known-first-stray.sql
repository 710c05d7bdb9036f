-- The first day between two that anything is stored of in the tables with a row a farm or a half hour, which are too long to
-- be read for it: asked of the spans of which nothing is noted.
--
-- $1 from date   the first day, or -infinity
-- $2 to   date   the last day, or infinity
-- gives the day; null if nothing is stored
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/known-first-stray.sql
select min(day)
  from (select min(settlement_date) as day from curtailment_records where settlement_date between :'from'::date and :'to'::date
        union all select min(settlement_date) from historical_bitcoin_calculations where settlement_date between :'from'::date and :'to'::date
        union all select min(settlement_date) from farm_daily_summaries where settlement_date between :'from'::date and :'to'::date
        union all select min(settlement_date) from bitcoin_farm_daily_summaries where settlement_date between :'from'::date and :'to'::date
        union all select min(settlement_date) from period_summaries where settlement_date between :'from'::date and :'to'::date
        union all select min(settlement_date) from bitcoin_period_summaries where settlement_date between :'from'::date and :'to'::date
        union all select min(settlement_date) from replacement_costs where settlement_date between :'from'::date and :'to'::date
        union all select min(settlement_date) from replacement_offers where settlement_date between :'from'::date and :'to'::date
        union all select min(settlement_date) from settled_days where settlement_date between :'from'::date and :'to'::date) stored;

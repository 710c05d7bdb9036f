-- What all the energy of a span would have mined, by miner model, the most first.  A model is there if it was in force in
-- the span or has a calculation in it; without value where prices are in several currencies or none is known.
--
-- $1 from date  the first day
-- $2 to   date  the last day
-- gives miner_model, hashrate, power, bitcoin, value, currency, price state, calculations, calculations expected,
--       value for a MWh curtailed on the days that have one
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/site-models.sql
with mined as (
  select b.miner_model, sum(b.bitcoin_mined) as bitcoin, sum(b.calculations) as calculations, count(*) as days,
         count(b.price) as priced, count(*) filter (where b.price_assumed) as assumed,
         count(*) filter (where b.price_date <> b.settlement_date) as earlier,
         case when min(b.currency) = max(b.currency) then min(b.currency) end as currency,
         case when min(b.currency) = max(b.currency) and count(b.price) > 0 then sum(b.value_at_mining) end as value,
         sum(d.curtailed_mwh) filter (where b.price is not null) as valued_mwh
    from bitcoin_daily_summaries b join daily_summaries d on d.settlement_date = b.settlement_date
   where b.settlement_date between :'from'::date and :'to'::date
   group by b.miner_model
)
select m.miner_model, trim_scale(m.hashrate_ths), trim_scale(m.power_w),
       round(case when c.pairs = 0 then 0 else b.bitcoin end, 8), trim_scale(b.value), b.currency,
       case when b.days is null then null when b.currency is null then 'currencies' when b.priced = 0 then 'unknown'
            when b.priced < b.days then 'incomplete' when b.assumed = b.priced then 'assumed'
            when b.assumed > 0 then 'mixed' when b.earlier > 0 then 'earlier' else 'known' end,
       coalesce(b.calculations, 0), c.pairs,
       case when b.calculations = c.pairs then round(b.value / nullif(b.valued_mwh, 0), 6) end
  from miner_models m
 cross join (select coalesce(sum(period_farms), 0) as pairs from daily_summaries
              where settlement_date between :'from'::date and :'to'::date) c
  left join mined b using (miner_model)
 where b.calculations > 0 or m.active or m.retired_from > :'from'::date
 order by 4 desc nulls last, 1;

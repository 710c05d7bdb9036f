-- Rows that are not the sum of the level below, either way, or that are valued in another currency.
--
-- $1 currency text   in which the summaries should be valued
-- gives their number
--
-- psql -v currency=USD -f sql/query/status-levels.sql
select (select count(*)
          from (select to_char(settlement_date, 'YYYY-MM'), sum(curtailed_mwh), sum(payment), sum(records),
                       sum(period_farms), sum(periods_ingested), count(*)
                  from daily_summaries group by 1) b (k, c1, c2, c3, c4, c5, c6)
          full join monthly_summaries a on a.year_month = b.k
         where (c1, c2, c3, c4, c5, c6) is distinct from
               (a.curtailed_mwh, a.payment, a.records, a.period_farms, a.periods_ingested, a.days))
     + (select count(*)
          from (select left(year_month, 4), sum(curtailed_mwh), sum(payment), sum(records), sum(period_farms),
                       sum(periods_ingested), sum(days)
                  from monthly_summaries group by 1) b (k, c1, c2, c3, c4, c5, c6)
          full join yearly_summaries a on a.year = b.k
         where (c1, c2, c3, c4, c5, c6) is distinct from
               (a.curtailed_mwh, a.payment, a.records, a.period_farms, a.periods_ingested, a.days))
     + (select count(*)
          from (select to_char(settlement_date, 'YYYY-MM'), miner_model, sum(bitcoin_mined),
                       case when min(currency) = max(currency) then sum(value_at_mining) end, sum(calculations), count(*)
                  from bitcoin_daily_summaries group by 1, 2) b (k, model, c1, c2, c3, c4)
          full join bitcoin_monthly_summaries a on a.year_month = b.k and a.miner_model = b.model
         where (c1, c2, c3, c4) is distinct from (a.bitcoin_mined, a.value_at_mining, a.calculations, a.days))
     + (select count(*)
          from (select left(year_month, 4), miner_model, sum(bitcoin_mined),
                       case when bool_and(currency is not null) and min(currency) = max(currency) then sum(value_at_mining) end,
                       sum(calculations), sum(days)
                  from bitcoin_monthly_summaries group by 1, 2) b (k, model, c1, c2, c3, c4)
          full join bitcoin_yearly_summaries a on a.year = b.k and a.miner_model = b.model
         where (c1, c2, c3, c4) is distinct from (a.bitcoin_mined, a.value_at_mining, a.calculations, a.days))
     + (select count(*) from bitcoin_daily_summaries where currency <> :'currency'::text)
     + (select count(*) from bitcoin_monthly_summaries where currency is distinct from :'currency'::text)
     + (select count(*) from bitcoin_yearly_summaries where currency is distinct from :'currency'::text);

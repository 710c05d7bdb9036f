-- Each day and miner model against its calculations, valued in the currency.  Where no price in it is known, 65,000 USD
-- are assumed, and in another currency nothing is; a day that is left out between two known ones, at most a fortnight
-- apart, has the price of the earlier.  What was mined on the days of an archived year stands in their summaries alone.
--
-- $1 from     date   the first day
-- $2 to       date   the last day, of the same month
-- $3 currency text   in which the summaries should be valued
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -v currency=USD -f sql/query/audit-bitcoin-day.sql
select settlement_date || ' ' || miner_model, d.field, d.stored, d.expected, d.difference
  from (select *, true as there from bitcoin_daily_summaries where settlement_date between :'from'::date and :'to'::date) s
  full join (select *, bitcoin_mined * price as value_at_mining, true as there
               from (select settlement_date, miner_model, bitcoin_mined, calculations, :'currency'::text as currency, p.price_date,
                            case when p.price is null and :'currency'::text = 'USD' then 65000 else p.price end as price,
                            p.price is null and :'currency'::text = 'USD' as price_assumed
                       from (select settlement_date, miner_model, sum(bitcoin_mined) as bitcoin_mined, count(*) as calculations
                               from historical_bitcoin_calculations
                              where settlement_date between :'from'::date and :'to'::date
                                and not :'from'::date <@ (select archived from days_left_out) group by settlement_date, miner_model
                              union all
                             select settlement_date, miner_model, bitcoin_mined, calculations
                               from bitcoin_daily_summaries where settlement_date between :'from'::date and :'to'::date
                                and :'from'::date <@ (select archived from days_left_out)) c
                       left join audit_prices(:'from'::date, :'to'::date, :'currency'::text) p on p.day = settlement_date) valued) e
 using (settlement_date, miner_model)
 cross join lateral audit_differences(to_jsonb(s), to_jsonb(e), 'bitcoin_mined') d
 order by settlement_date, miner_model, d.field;

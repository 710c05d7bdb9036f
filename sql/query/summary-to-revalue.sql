-- The days that have to be valued again, whichever a run was asked for: those in another currency, and those without a
-- value for whose price one has come: of the day itself, or of a day before it and the next at most a fortnight apart.
--
-- $1 currency text   in which the value is to be
-- gives the day, and whether it is in another currency
--
-- psql -v currency=EUR -f sql/query/summary-to-revalue.sql
select settlement_date, bool_or(currency <> :'currency'::text)
  from bitcoin_daily_summaries d
 where currency <> :'currency'::text
    or (price is null
        and exists (select from bitcoin_prices p
                     where p.currency = :'currency'::text and p.price_date <= d.settlement_date and p.price_date > d.settlement_date - 14
                       and (p.price_date = d.settlement_date
                            or exists (select from bitcoin_prices n
                                        where n.currency = :'currency'::text and n.price_date > d.settlement_date
                                          and n.price_date <= p.price_date + 14))))
 group by settlement_date
 order by settlement_date;

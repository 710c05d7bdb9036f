-- A month, by miner model, against its days.
-- A sum of what is in several currencies has neither currency nor value; the days that are in another than the one
-- configured are each a difference.
--
-- $1 from  text   a day of the month (or the year)
-- $2 to    text   a later day of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-bitcoin-month.sql
select year_month || ' ' || miner_model, d.field, d.stored, d.expected, d.difference
  from (select *, true as there from bitcoin_monthly_summaries where year_month = left(:'from', 7)) s
  full join (select left(:'from', 7) as year_month, miner_model, sum(bitcoin_mined) as bitcoin_mined,
                    sum(calculations) as calculations,
                    case when min(coalesce(currency, '')) = max(coalesce(currency, '')) then min(currency) end as currency,
                    count(*) as days,
                    count(nullif(price_assumed, false)) as days_price_assumed, count(*) - count(price) as days_without_price,
                    case when min(coalesce(currency, '')) = max(coalesce(currency, '')) then sum(value_at_mining) end as value_at_mining,
                    true as there
               from bitcoin_daily_summaries where left(settlement_date::text, 7) = left(:'to', 7) group by miner_model) e
 using (year_month, miner_model)
 cross join lateral audit_differences(to_jsonb(s), to_jsonb(e), 'bitcoin_mined') d
 order by miner_model, d.field;

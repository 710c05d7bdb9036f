-- A year, by miner model, against its months.
-- A sum of what is in several currencies has neither currency nor value; the months that are in another than the one
-- configured are each a difference.
--
-- $1 from  text   a day of the month (or the year)
-- $2 to    text   a later day of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-bitcoin-year.sql
select year || ' ' || miner_model, d.field, d.stored, d.expected, d.difference
  from (select *, true as there from bitcoin_yearly_summaries where year = left(:'from', 4)) s
  full join (select left(:'from', 4) as year, miner_model, sum(bitcoin_mined) as bitcoin_mined,
                    sum(calculations) as calculations,
                    case when min(coalesce(currency, '')) = max(coalesce(currency, '')) then min(currency) end as currency,
                    sum(days) as days,
                    sum(days_price_assumed) as days_price_assumed, sum(days_without_price) as days_without_price,
                    case when min(coalesce(currency, '')) = max(coalesce(currency, '')) then sum(value_at_mining) end as value_at_mining,
                    true as there
               from bitcoin_monthly_summaries where left(year_month, 4) = left(:'to', 4) group by miner_model) e
 using (year, miner_model)
 cross join lateral audit_differences(to_jsonb(s), to_jsonb(e), 'bitcoin_mined') d
 order by miner_model, d.field;

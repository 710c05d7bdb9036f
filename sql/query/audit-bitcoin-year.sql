-- A year, by miner model, against its months.
-- A sum of what is in several currencies has neither currency nor value; the months that are in another than the one
-- configured are each a difference.
--
-- $1 from  text   a day of the month (or the year)
-- $2 to    text   a later day of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-bitcoin-year.sql
select year || ' ' || miner_model, f.field, f.stored, f.expected, f.difference
  from (select *, true as there from bitcoin_yearly_summaries where year = left(:'from', 4)) s
  full join (select left(:'from', 4) as year, miner_model, sum(bitcoin_mined) as bitcoin_mined,
                    sum(calculations) as calculations, case when min(coalesce(currency, '')) = max(coalesce(currency, '')) then min(currency) end as currency, sum(days) as days,
                    sum(days_price_assumed) as days_price_assumed, sum(days_without_price) as days_without_price,
                    case when min(coalesce(currency, '')) = max(coalesce(currency, '')) then sum(value_at_mining) end as value_at_mining, true as there
               from bitcoin_monthly_summaries where left(year_month, 4) = left(:'to', 4) group by miner_model) e
 using (year, miner_model)
 cross join lateral (values
	('missing', null, e.bitcoin_mined::text, (- e.bitcoin_mined)::text, s.there is null),
	('orphan', s.bitcoin_mined::text, null, s.bitcoin_mined::text, e.there is null),
	('bitcoin_mined', s.bitcoin_mined::text, e.bitcoin_mined::text, (s.bitcoin_mined - e.bitcoin_mined)::text, s.bitcoin_mined is distinct from e.bitcoin_mined),
	('calculations', s.calculations::text, e.calculations::text, (s.calculations - e.calculations)::text, s.calculations is distinct from e.calculations),
	('currency', s.currency::text, e.currency::text, null, s.currency is distinct from e.currency),
	('value_at_mining', s.value_at_mining::text, e.value_at_mining::text, (s.value_at_mining - e.value_at_mining)::text, s.value_at_mining is distinct from e.value_at_mining),
	('days', s.days::text, e.days::text, (s.days - e.days)::text, s.days is distinct from e.days),
	('days_price_assumed', s.days_price_assumed::text, e.days_price_assumed::text, (s.days_price_assumed - e.days_price_assumed)::text, s.days_price_assumed is distinct from e.days_price_assumed),
	('days_without_price', s.days_without_price::text, e.days_without_price::text, (s.days_without_price - e.days_without_price)::text, s.days_without_price is distinct from e.days_without_price)) f (field, stored, expected, difference, differs)
 where f.differs and (f.field in ('missing', 'orphan') or (s.there and e.there))
 order by miner_model, f.field;

-- Each farm's day, by miner model, against its calculations.  The days of an archived year have nothing below them
-- here to be compared with.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-bitcoin-farm-day.sql
select concat_ws(' ', settlement_date, farm_id, miner_model), f.field, f.stored, f.expected, f.difference
  from (select *, true as there
          from bitcoin_farm_daily_summaries where settlement_date between :'from'::date and :'to'::date
           and to_char(:'from'::date, 'YYYY') not in (select year from archived_years)) s
  full join (select settlement_date, farm_id, miner_model, sum(bitcoin_mined) as bitcoin_mined,
                    count(*) as calculations, true as there
               from historical_bitcoin_calculations where settlement_date between :'from'::date and :'to'::date
              group by settlement_date, farm_id, miner_model) e
 using (settlement_date, farm_id, miner_model)
 cross join lateral (values
	('missing', null, e.bitcoin_mined::text, (- e.bitcoin_mined)::text, s.there is null),
	('orphan', s.bitcoin_mined::text, null, s.bitcoin_mined::text, e.there is null),
	('bitcoin_mined', s.bitcoin_mined::text, e.bitcoin_mined::text, (s.bitcoin_mined - e.bitcoin_mined)::text, s.bitcoin_mined is distinct from e.bitcoin_mined),
	('calculations', s.calculations::text, e.calculations::text, (s.calculations - e.calculations)::text, s.calculations is distinct from e.calculations)) f (field, stored, expected, difference, differs)
 where f.differs and (f.field in ('missing', 'orphan') or (s.there and e.there))
 order by settlement_date, farm_id, miner_model, f.field;

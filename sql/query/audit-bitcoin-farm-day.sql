-- Each farm's day, by miner model, against its calculations.  The days of an archived year have nothing below them
-- here to be compared with.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-bitcoin-farm-day.sql
select concat_ws(' ', settlement_date, farm_id, miner_model), d.field, d.stored, d.expected, d.difference
  from (select *, true as there
          from bitcoin_farm_daily_summaries where settlement_date between :'from'::date and :'to'::date
           and not :'from'::date <@ (select archived from days_left_out)) s
  full join (select settlement_date, farm_id, miner_model, sum(bitcoin_mined) as bitcoin_mined,
                    count(*) as calculations, true as there
               from historical_bitcoin_calculations where settlement_date between :'from'::date and :'to'::date
              group by settlement_date, farm_id, miner_model) e
 using (settlement_date, farm_id, miner_model)
 cross join lateral audit_differences(to_jsonb(s), to_jsonb(e), 'bitcoin_mined') d
 where (s.bitcoin_mined, s.calculations, s.there) is distinct from (e.bitcoin_mined, e.calculations, e.there)
 order by settlement_date, farm_id, miner_model, d.field;

-- Rows that came twice under different ids: every line of a period has its double.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-doubled.sql
select concat_ws(' ', settlement_date, settlement_period), 'doubled', sum(n)::text, count(*)::text, (sum(n) - count(*))::text
  from (select settlement_date, settlement_period, count(*) as n
          from curtailment_records where settlement_date between :'from'::date and :'to'::date
         group by settlement_date, settlement_period, farm_id, pair_id, volume, original_price) lines
 group by settlement_date, settlement_period having min(n) > 1 and count(*) > 1
 order by settlement_date, settlement_period;

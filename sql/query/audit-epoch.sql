-- Calculations of one difficulty epoch that were not all made with the same.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-epoch.sql
select d.effective_from::date::text, 'difficulties', count(distinct c.difficulty)::text, '1', null
  from (select settlement_date, settlement_period, difficulty
          from historical_bitcoin_calculations where settlement_date between :'from'::date and :'to'::date
         group by settlement_date, settlement_period, difficulty) c
  join network_difficulty d
    on (c.settlement_date + time '00:00') at time zone 'Europe/London'
       + (c.settlement_period - 1) * interval '30 minutes' >= d.effective_from
   and (c.settlement_date + time '00:00') at time zone 'Europe/London'
       + (c.settlement_period - 1) * interval '30 minutes' < d.in_force_until
 group by d.effective_from having count(distinct c.difficulty) > 1
 order by d.effective_from;

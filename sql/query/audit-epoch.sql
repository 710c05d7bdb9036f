-- Calculations of one difficulty epoch that were not all made with the same.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- Of the epochs only those of these days are compared, a day and more to spare: each pair costs a microsecond, and there are
-- hundreds of epochs.
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-epoch.sql
select d.effective_from::date::text, 'difficulties', count(distinct c.difficulty)::text, '1', null
  from (select (settlement_date + time '00:00') at time zone 'Europe/London'
               + (settlement_period - 1) * interval '30 minutes' as begins, difficulty
          from historical_bitcoin_calculations where settlement_date between :'from'::date and :'to'::date
         group by settlement_date, settlement_period, difficulty) c
  join (select effective_from, in_force_until
          from network_difficulty
         where in_force_until > (:'from'::date - 1)::timestamp at time zone 'Europe/London'
           and effective_from < (:'to'::date + 2)::timestamp at time zone 'Europe/London') d
    on c.begins >= d.effective_from and c.begins < d.in_force_until
 group by d.effective_from having count(distinct c.difficulty) > 1
 order by d.effective_from;

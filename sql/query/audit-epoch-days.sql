-- Epochs of more than three weeks: 2,016 blocks take about two weeks, and took twenty days at the slowest since
-- 2010; a retarget that is not in the history makes one epoch of two.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-epoch-days.sql
select effective_from::date::text, 'epoch_days', round(extract(epoch from in_force_until - effective_from) / 86400, 1)::text,
       '14.0', null
  from network_difficulty
 where effective_from >= :'from'::date and effective_from < :'to'::date + 1
   and in_force_until - effective_from > interval '21 days'
 order by effective_from;

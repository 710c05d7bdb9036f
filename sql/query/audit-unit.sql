-- Units with curtailment that no list calls wind on that day: the register does not have them, or not as wind, and a
-- declaration that said so was withdrawn.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-unit.sql
select concat_ws(' ', min(settlement_date), farm_id), 'unknown_unit', count(*)::text, null, null
  from curtailment_records r
 where settlement_date between :'from'::date and :'to'::date
   and not exists (select from known_units u where u.farm_id = r.farm_id and u.fuel_type = 'WIND' and u.valid_from <= r.settlement_date
                      and (u.valid_to is null or u.valid_to > r.settlement_date))
 group by farm_id order by min(settlement_date), farm_id;

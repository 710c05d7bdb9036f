-- Farms that were turned down, in the half hours of a day in which they were, by over a quarter more than what their
-- registered capacity makes in half an hour: as where figures are MW and not MWh.  The worst day of the month, for each
-- capacity: a farm half built is acknowledged once and for all.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-capacity.sql
with f as materialized (
  select d.farm_id, d.curtailed_mwh / d.periods as mwh, u.capacity_mw / 2 as can
    from farm_daily_summaries d
    join bm_units u on u.farm_id = d.farm_id and u.valid_from <= d.settlement_date
                   and (u.valid_to is null or u.valid_to > d.settlement_date)
   where d.settlement_date between :'from'::date and :'to'::date and d.periods > 0 and u.capacity_mw > 0
)
select concat_ws(' ', farm_id, to_char(:'from'::date, 'YYYY-MM')), 'mwh_a_half_hour', round(max(mwh), 3)::text,
       trim_scale(can)::text, round(max(mwh) - can, 3)::text
  from f
 where mwh > 1.25 * can and mwh > can + 1
 group by farm_id, can order by farm_id, can;

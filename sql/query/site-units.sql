-- The units that were ever turned down, each with its farm, owner and place as they are now, and what the register says.
--
-- gives farm_id, farm, owner, registered name, lead party, capacity (MW), place, latitude, longitude, first and last day
--
-- psql -f sql/query/site-units.sql
with turned_down as (
  select farm_id, min(settlement_date) as first_day, max(settlement_date) as last_day from farm_daily_summaries group by farm_id
), placed as (
  select distinct on (farm_id) * from sites order by farm_id, valid_from desc
), registered as (
  select distinct on (farm_id) farm_id, name, lead_party_name, capacity_mw from bm_units order by farm_id, valid_from desc
)
select t.farm_id, coalesce(s.farm, t.farm_id), coalesce(s.owner, s.farm, t.farm_id), r.name, r.lead_party_name, trim_scale(r.capacity_mw),
       case when s.farm is null then null when s.county is not null then concat_ws(', ', s.county, s.nation)
            else concat_ws(', ', s.region, s.nation) end,
       s.latitude, s.longitude, t.first_day, t.last_day
  from turned_down t left join placed s using (farm_id) left join registered r using (farm_id)
 order by 2, 1;

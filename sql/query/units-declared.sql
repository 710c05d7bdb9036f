-- What sql/reference declares and the database does not have yet; what a person declared here stays.
--
-- psql -1 -c 'create temp table staged_declared_units as table declared_units with no data' \
--	-f sql/query/units-declared.sql -c rollback
insert into declared_units (farm_id, valid_from, valid_to, fuel_type, name, lead_party_name, provenance, declared_by)
with s as materialized (
	select * from staged_declared_units
)
select farm_id, coalesce(valid_from, '-infinity'), valid_to, fuel_type, name, lead_party_name, provenance, 'sql/reference'
  from s
 where not exists (select from declared_units d where d.farm_id = s.farm_id
                      and d.valid_from = coalesce(s.valid_from, '-infinity')
                      and (d.declared_by <> 'sql/reference'
                           or (d.valid_to, d.fuel_type, d.name, d.lead_party_name, d.provenance) is not distinct from
                              (s.valid_to, s.fuel_type, s.name, s.lead_party_name, s.provenance)))
on conflict (farm_id, valid_from) do update
   set valid_to = excluded.valid_to, fuel_type = excluded.fuel_type, name = excluded.name,
       lead_party_name = excluded.lead_party_name, provenance = excluded.provenance, declared_at = excluded.declared_at;

-- The declarations that those of sql/reference replace by another word, kept before units-declared.sql replaces them.
--
-- psql -1 -c 'create temp table staged_declared_units as table declared_units with no data' \
--	-f sql/query/units-replaced.sql -c rollback
insert into withdrawn_declarations (farm_id, valid_from, valid_to, fuel_type, provenance, declared_by, declared_at, withdrawn_by)
with s as materialized (
	select * from staged_declared_units
)
select d.farm_id, d.valid_from, d.valid_to, d.fuel_type, d.provenance, d.declared_by, d.declared_at, 'sql/reference'
  from s
  join declared_units d on d.farm_id = s.farm_id and d.valid_from = coalesce(s.valid_from, '-infinity')
 where d.declared_by = 'sql/reference' and (d.valid_to, d.fuel_type) is distinct from (s.valid_to, s.fuel_type)
on conflict do nothing;

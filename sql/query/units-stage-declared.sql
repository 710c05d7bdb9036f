-- Where the declarations of sql/reference are staged.
--
-- gives the temporary table staged_declarations
--
-- psql -f sql/query/units-stage-declared.sql
create temp table staged_declarations on commit drop as
 select farm_id, valid_from, valid_to, fuel_type, name, lead_party_name, provenance from declared_units with no data;

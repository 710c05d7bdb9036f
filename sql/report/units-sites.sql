-- How a file of sites on standard input differs from the table, for scripts/units; what of the file is not there comes in.
-- Variable: load (yes or no).  The file speaks for the units that it names, with all their dates; other units' sites stay.
\set ON_ERROR_STOP on
begin;
create temp table given_sites (like sites including all) on commit drop;
\copy given_sites (farm_id, valid_from, valid_to, farm, owner, county, region, nation, easting, northing, latitude, longitude, b6, planning_refs, provenance) from pstdin with (format text, header match)

-- A unit stands in one place at a time.
create temp view doubled as
	select format('%s from %s and from %s', a.farm_id, a.valid_from, b.valid_from) as what
	  from given_sites a join given_sites b on b.farm_id = a.farm_id and b.valid_from > a.valid_from and b.valid_from < coalesce(a.valid_to, 'infinity');
select count(*) > 0 as doubled from doubled \gset
\if :doubled
select 'doubled: ' || min(what) from doubled;
rollback;
\quit
\endif

create temp table sites_differ on commit drop as
	with g as materialized (select * from given_sites)
	select farm_id, valid_from, case when s.farm_id is null then 'file_only' when g.farm_id is null then 'database_only' else 'differs' end as difference,
	       s.farm as farm, g.farm as file_farm
	  from g full join sites s using (farm_id, valid_from)
	 where (s.farm_id is null or g.farm_id is null
		or (s.valid_to, s.farm, s.owner, s.county, s.region, s.nation, s.easting, s.northing, s.latitude, s.longitude, s.b6, s.planning_refs, s.provenance)
		   is distinct from
		   (g.valid_to, g.farm, g.owner, g.county, g.region, g.nation, g.easting, g.northing, g.latitude, g.longitude, g.b6, g.planning_refs, g.provenance));

select concat_ws(E'\t', 'farm_id', 'valid_from', 'difference', 'farm', 'file_farm');
select concat_ws(E'\t', farm_id, valid_from, difference, coalesce(farm, '\N'), coalesce(file_farm, '\N')) from sites_differ order by farm_id, valid_from;

select :'load' = 'yes' as load \gset
\if :load
\o /dev/null
delete from sites where farm_id in (select farm_id from sites_differ) and farm_id in (select farm_id from given_sites);
with g as materialized (select * from given_sites)
insert into sites select * from g where farm_id not in (select farm_id from sites);
\o
\endif
commit;

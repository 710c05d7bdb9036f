-- Where a unit's turbines stand: its farm, who runs it, the place, and the side of boundary B6 (the circuits between
-- Scotland and England) on which its power enters the network.  Dated like bm_units: a unit may change hands.  What a
-- source does not give, or gives such as cannot be, is null; provenance says which source and why.
create table sites (
	farm_id text collate "C" not null check (farm_id ~ '^[A-Za-z0-9_-]+$'),
	valid_from date not null default '-infinity',
	valid_to date check (valid_to > valid_from),			-- exclusive; null while it holds
	farm text not null check (farm <> ''),
	owner text,							-- operator or applicant
	county text,							-- null offshore
	region text not null,						-- of Great Britain, or Offshore
	nation text not null check (nation in ('England', 'Scotland', 'Wales')),
	easting integer check (easting between 0 and 800000),		-- m, British National Grid
	northing integer check (northing between 0 and 1300000),
	latitude numeric(6, 4) check (latitude between 49 and 62),	-- degrees, WGS 84
	longitude numeric(6, 4) check (longitude between -9 and 4),
	b6 text collate "C" not null check (b6 in ('north', 'south')),
	planning_refs text collate "C",					-- in the planning database, commas between them
	provenance text not null check (provenance <> ''),
	primary key (farm_id, valid_from),
	check ((latitude is null) = (longitude is null)),
	check ((easting is null) = (northing is null))
);

\copy sites (farm_id, valid_from, valid_to, farm, owner, county, region, nation, easting, northing, latitude, longitude, b6, planning_refs, provenance) from 'sql/reference/sites.tsv' with (format text, header match)

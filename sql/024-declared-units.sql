-- What the register does not say, or says no more: a unit that a person declares to be wind, or not to be, and the
-- retired ids of wind farms.  On the days of a declaration it holds, whatever the register says.
create table declared_units (
	farm_id text collate "C" not null check (farm_id ~ '^[A-Za-z0-9_-]+$'),
	valid_from date not null default '-infinity',
	valid_to date check (valid_to > valid_from),			-- exclusive; null while it holds
	fuel_type text collate "C" not null check (fuel_type ~ '^[A-Z]+$'),	-- WIND, or what else it is
	name text,
	lead_party_name text,
	provenance text not null check (provenance <> ''),		-- how it is known
	declared_by text not null,
	declared_at timestamptz not null default now(),
	primary key (farm_id, valid_from)
);

create temp table declarations (farm_id text, valid_from date, valid_to date, fuel_type text, name text,
	lead_party_name text, provenance text) on commit drop;
\copy declarations from 'sql/reference/declared-units.tsv' with (format text, header match)

insert into declared_units (farm_id, valid_from, valid_to, fuel_type, name, lead_party_name, provenance, declared_by)
select farm_id, valid_from, valid_to, fuel_type, name, lead_party_name, provenance, 'sql/reference' from declarations;

-- Both together: of a day on which a unit is declared and registered, the declared row is the one that holds.
create view known_units as
	select farm_id, valid_from, valid_to, fuel_type, name, lead_party_name, null::numeric as capacity_mw, true as declared
	  from declared_units
	union all
	select farm_id, valid_from, valid_to, fuel_type, name, lead_party_name, capacity_mw, false
	  from bm_units;

-- What was turned down for the system and was not stored because nobody says whether the unit is wind: the
-- lines of units without a fuel type, with capacity and a price at or below zero, and of units that no list holds.
create table undecided_curtailment (
	settlement_date date not null,
	settlement_period smallint not null,
	farm_id text collate "C" not null,
	records integer not null,
	mwh numeric not null,						-- positive
	payment numeric not null,					-- £
	primary key (settlement_date, settlement_period, farm_id)
);

-- Those about which nobody has decided since.  A list of wind units alone cannot say that a unit is unknown:
-- that takes a register.
create view undecided_units as
	select c.farm_id, case when u.farm_id is null then 'not in the register' else 'no fuel type' end as reason,
	       u.name, u.lead_party_name, u.capacity_mw,
	       min(c.settlement_date) as first_day, max(c.settlement_date) as last_day,
	       count(distinct c.settlement_date) as days, sum(c.records) as records,
	       trim_scale(sum(c.mwh)) as mwh, trim_scale(sum(c.payment)) as payment
	  from undecided_curtailment c
	  left join bm_units u on u.farm_id = c.farm_id and u.valid_from <= c.settlement_date
	                      and (u.valid_to is null or u.valid_to > c.settlement_date)
	  left join declared_units d on d.farm_id = c.farm_id and d.valid_from <= c.settlement_date
	                            and (d.valid_to is null or d.valid_to > c.settlement_date)
	 where d.farm_id is null
	   and (u.farm_id is null or (u.fuel_type is null and u.capacity_mw > 0))
	   and (select count(*) from bm_units where fuel_type is distinct from 'WIND') > 0
	 group by c.farm_id, u.farm_id, u.name, u.lead_party_name, u.capacity_mw;

-- The reference facts a new database starts with; where each comes from stands in
-- sql/reference/README.md.  Run from the directory above sql/.

\copy miner_models (miner_model, hashrate_ths, power_w, active) from 'sql/reference/miner-models.tsv' with (format text, header match)
\copy block_subsidies (effective_from, block_height, subsidy) from 'sql/reference/block-subsidies.tsv' with (format text, header match)

create temp table epochs (effective_from timestamptz, block_height integer, difficulty numeric,
	source text, nbits text, time_quality text, time_sigma_s integer) on commit drop;
\copy epochs from 'sql/reference/difficulty-epochs.tsv' with (format text, header match)

-- How long the newest one lasts is not known to a file: nothing beyond its first day is claimed.
insert into network_difficulty (effective_from, in_force_until, block_height, nbits, difficulty,
				source, time_quality, time_sigma_s)
select effective_from,
       lead(effective_from, 1, effective_from + interval '1 day') over (order by effective_from),
       block_height, nbits, difficulty, source, time_quality, time_sigma_s
  from epochs;

create temp table units (farm_id text, name text, lead_party_name text, fuel_type text,
	capacity_mw numeric, national_grid_id text) on commit drop;
\copy units from 'sql/reference/wind-units.tsv' with (format text, header match)

insert into bm_units (farm_id, valid_from, name, lead_party_name, fuel_type, capacity_mw, national_grid_id)
select farm_id, '-infinity', name, lead_party_name, fuel_type, capacity_mw, national_grid_id
  from units;

-- The tables of the curtailment side, as they are named and meant in the design contract.
--
-- Keys are natural and begin with the settlement date, text keys are in the "C" collation,
-- and the two big tables carry no foreign key, no surrogate id and no second index: each of
-- these was measured to cost two to six times the load.  What they would have guarded is
-- checked at the door by the tools and again by audit-calcs.

-- Instants -----------------------------------------------------------------------------------

-- The instant (UTC) at which a settlement period of a London day begins.
create function settlement_period_start(day date, period integer) returns timestamptz
	language sql immutable parallel safe
	return ((day::timestamp at time zone 'Europe/London') at time zone 'UTC'
		+ (period - 1) * interval '30 minutes') at time zone 'UTC';

-- How many settlement periods a London day has: 48, or 46 and 50 when the clocks change.
create function settlement_periods(day date) returns integer
	language sql immutable parallel safe
	return (extract(epoch from ((day + 1)::timestamp at time zone 'Europe/London')
			         - (day::timestamp at time zone 'Europe/London')) / 1800)::integer;

-- Sources ------------------------------------------------------------------------------------

-- One row per line of the settlement stack that is curtailment, every digit as sent.
create table curtailment_records (
	settlement_date date not null,
	settlement_period smallint not null check (settlement_period between 1 and 50),
	farm_id text collate "C" not null,
	stack text collate "C" not null check (stack in ('bid', 'offer')),
	acceptance_id bigint,
	pair_id smallint,
	sequence_number integer not null,
	lead_party_name text,
	volume numeric not null check (volume < 0),			-- MWh, negative as sent
	original_price numeric,						-- £/MWh
	final_price numeric,
	payment numeric,						-- £ = volume × original_price, sign never forced
	so_flag boolean,
	cadl_flag boolean,
	source_created_at timestamptz,
	transmission_loss_multiplier numeric,
	ingested_at timestamptz not null default now(),
	-- The source's own identity of a line; ids it leaves null are part of it all the same.
	unique nulls not distinct (settlement_date, settlement_period, farm_id, stack,
				   acceptance_id, pair_id, sequence_number)
) partition by range (settlement_date);

-- What was asked of the source: absence of curtailment is a row here with 0 kept, not a guess.
create table ingested_periods (
	settlement_date date not null,
	settlement_period smallint not null check (settlement_period between 1 and 50),
	status text collate "C" not null check (status in ('provisional', 'final')),
	selection text collate "C" not null,				-- sides and filter: 'bid so', 'both all', …
	rows_seen integer not null,
	rows_kept integer not null,
	volume numeric not null,					-- MWh kept, as the sum of the records
	source_created_at timestamptz,					-- the newest of the period's rows
	fetched_at timestamptz not null default now(),
	primary key (settlement_date, settlement_period)
);

-- The register of balancing mechanism units, dated: a unit may change its lead party.
create table bm_units (
	farm_id text collate "C" not null,
	valid_from date not null,
	valid_to date,							-- exclusive; null while it holds
	name text,
	lead_party_name text,
	fuel_type text collate "C",
	capacity_mw numeric,
	national_grid_id text collate "C",
	primary key (farm_id, valid_from)
);

create table wind_generation (
	settlement_date date not null,
	settlement_period smallint not null check (settlement_period between 1 and 50),
	onshore_mwh numeric,
	offshore_mwh numeric,
	primary key (settlement_date, settlement_period)
);

-- Reference facts ----------------------------------------------------------------------------

create table miner_models (
	miner_model text collate "C" primary key,
	hashrate_ths numeric not null check (hashrate_ths > 0 and hashrate_ths <= 100000 and scale(hashrate_ths) <= 3),
	power_w numeric not null check (power_w > 0 and power_w <= 1000000 and scale(power_w) <= 3),
	active boolean not null default true
);

-- A difficulty is in force from effective_from until, exclusive, in_force_until: the next
-- retarget, or as far as the source that brought the newest one could see.  Beyond that the
-- difficulty is not known, and nothing is calculated.
create table network_difficulty (
	effective_from timestamptz primary key,
	in_force_until timestamptz not null check (in_force_until > effective_from),
	block_height integer,						-- null in whole-day sources
	nbits text collate "C" check (nbits ~ '^[0-9a-f]{8}$'),
	difficulty numeric not null check (difficulty > 0 and difficulty < 1e24 and scale(difficulty) <= 8),
	source text collate "C" not null,
	time_quality text collate "C" not null
		check (time_quality in ('exact', 'estimated', 'day')),
	time_sigma_s integer not null default 0
);

create table block_subsidies (
	effective_from timestamptz primary key,
	block_height integer not null unique,
	subsidy numeric(10, 8) not null check (subsidy > 0)		-- BTC
);

create table bitcoin_prices (
	price_date date not null,
	currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
	price numeric not null check (price > 0 and price < 1e9),
	source text collate "C" not null,
	primary key (price_date, currency)
);

-- Calculations -------------------------------------------------------------------------------

create table historical_bitcoin_calculations (
	settlement_date date not null,
	settlement_period smallint not null,
	farm_id text collate "C" not null,
	miner_model text collate "C" not null,
	curtailed_mwh numeric(18, 9) not null,
	miners bigint not null,
	difficulty numeric not null,					-- the four inputs as used
	subsidy numeric(10, 8) not null,
	hashrate_ths numeric not null,
	power_w numeric not null,
	bitcoin_mined numeric(18, 8) not null,
	calculated_at timestamptz not null default now(),
	primary key (settlement_date, settlement_period, farm_id, miner_model)
) partition by range (settlement_date);

-- Summaries: each level is the sum of the one below, never computed anew ---------------------

create table daily_summaries (
	settlement_date date primary key,
	curtailed_mwh numeric not null,			-- Σ over (period, farm) of the energy the calculations use
	payment numeric not null,			-- £ net = to_farms − by_farms
	payment_to_farms numeric not null,
	payment_by_farms numeric not null,
	records integer not null,
	period_farms integer not null,			-- distinct (period, farm)
	periods integer not null,			-- settlement periods with curtailment
	periods_ingested integer not null,
	periods_final integer not null,
	periods_expected integer not null,
	onshore_mwh numeric,				-- wind generation; null while not known
	offshore_mwh numeric,
	updated_at timestamptz not null default now()
);

create table monthly_summaries (
	year_month text collate "C" primary key check (year_month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
	curtailed_mwh numeric not null,
	payment numeric not null,
	payment_to_farms numeric not null,
	payment_by_farms numeric not null,
	records integer not null,
	period_farms integer not null,
	periods integer not null,
	periods_ingested integer not null,
	periods_final integer not null,
	periods_expected integer not null,		-- of the days that are there
	days integer not null,				-- days summed
	onshore_mwh numeric,
	offshore_mwh numeric,
	updated_at timestamptz not null default now()
);

create table yearly_summaries (
	year text collate "C" primary key check (year ~ '^\d{4}$'),
	curtailed_mwh numeric not null,
	payment numeric not null,
	payment_to_farms numeric not null,
	payment_by_farms numeric not null,
	records integer not null,
	period_farms integer not null,
	periods integer not null,
	periods_ingested integer not null,
	periods_final integer not null,
	periods_expected integer not null,
	days integer not null,
	onshore_mwh numeric,
	offshore_mwh numeric,
	updated_at timestamptz not null default now()
);

create table bitcoin_daily_summaries (
	settlement_date date not null,
	miner_model text collate "C" not null,
	bitcoin_mined numeric not null,
	calculations integer not null,
	price numeric not null,				-- of the day, or the assumed one
	currency text collate "C" not null,
	price_assumed boolean not null,
	value_at_mining numeric not null,		-- bitcoin_mined × price, every digit
	updated_at timestamptz not null default now(),
	primary key (settlement_date, miner_model)
);

create table bitcoin_monthly_summaries (
	year_month text collate "C" not null check (year_month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
	miner_model text collate "C" not null,
	bitcoin_mined numeric not null,
	calculations integer not null,
	currency text collate "C" not null,
	days integer not null,
	days_price_assumed integer not null,
	value_at_mining numeric not null,
	updated_at timestamptz not null default now(),
	primary key (year_month, miner_model)
);

create table bitcoin_yearly_summaries (
	year text collate "C" not null check (year ~ '^\d{4}$'),
	miner_model text collate "C" not null,
	bitcoin_mined numeric not null,
	calculations integer not null,
	currency text collate "C" not null,
	days integer not null,
	days_price_assumed integer not null,
	value_at_mining numeric not null,
	updated_at timestamptz not null default now(),
	primary key (year, miner_model)
);

-- Runs ---------------------------------------------------------------------------------------

create table reconciliation_runs (
	run_id bigint generated always as identity primary key,
	job text collate "C" not null,
	arguments text not null default '',
	host text not null,
	pid integer not null,
	started_at timestamptz not null default now(),
	finished_at timestamptz,
	state text collate "C" not null default 'running'
		check (state in ('running', 'done', 'failed', 'interrupted')),
	exit_code integer,
	verdict text
);

-- The queue of a run: its checkpoint, its claims, and why a date failed.
create table reconciliation_run_dates (
	run_id bigint not null references reconciliation_runs on delete cascade,
	settlement_date date not null,
	priority numeric not null default 0,			-- MWh at stake: largest first
	state text collate "C" not null default 'queued'
		check (state in ('queued', 'claimed', 'done', 'failed')),
	attempts integer not null default 0,
	not_before timestamptz not null default now(),
	claimed_by text,
	claimed_at timestamptz,
	finished_at timestamptz,
	error text,
	primary key (run_id, settlement_date)
);

-- Partitions ---------------------------------------------------------------------------------

-- Make the monthly partitions that hold a date, if they are not there yet; true if one was made.
-- Built beside its parent and then attached, so that readers and writers of other months go on;
-- two sessions that ask at once wait for each other.
create function ensure_month(day date) returns boolean
	language plpgsql as $$
declare
	month_start constant date := date_trunc('month', day)::date;
	month_end constant date := (date_trunc('month', day) + interval '1 month')::date;
	suffix constant text := to_char(day, '"_"YYYY"_"MM');
	parent text;
	made boolean := false;
begin
	foreach parent in array array['curtailment_records', 'historical_bitcoin_calculations'] loop
		continue when to_regclass(parent || suffix) is not null;
		-- What attaching takes in any case; an advisory lock would not refresh what is known of tables.
		execute format('lock table %I in share update exclusive mode', parent);
		continue when to_regclass(parent || suffix) is not null;
		execute format('create table %I (like %I including defaults including constraints)',
			       parent || suffix, parent);
		execute format('alter table %I attach partition %I for values from (%L) to (%L)',
			       parent, parent || suffix, month_start, month_end);
		made := true;
	end loop;
	return made;
end $$;

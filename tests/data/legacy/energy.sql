-- The tables of the curtailment platform that the documents describe, with the columns and types of its schema.
create table public.curtailment_records (
	id serial primary key,
	settlement_date date not null,
	settlement_period integer not null,
	farm_id text not null,
	lead_party_name text,
	volume numeric not null,
	payment numeric not null,
	original_price numeric not null,
	final_price numeric not null,
	so_flag boolean not null,
	cadl_flag boolean,
	created_at timestamp default now()
);
create index curtailment_settlement_date_idx on public.curtailment_records (settlement_date);

create table public.historical_bitcoin_calculations (
	id serial primary key,
	settlement_date date not null,
	settlement_period integer not null,
	farm_id text not null,
	miner_model text not null,
	bitcoin_mined numeric not null,
	difficulty numeric,
	calculated_at timestamp default now()
);

create table public.bitcoin_daily_summaries (
	id serial primary key, summary_date date not null, miner_model text not null, bitcoin_mined numeric not null,
	created_at timestamp default now(), updated_at timestamp default now()
);
create table public.bitcoin_monthly_summaries (
	id serial primary key, year_month text not null, miner_model text not null, bitcoin_mined numeric not null,
	created_at timestamp default now(), updated_at timestamp default now()
);
create table public.bitcoin_yearly_summaries (
	id serial primary key, year text not null, miner_model text not null, bitcoin_mined numeric not null,
	created_at timestamp default now(), updated_at timestamp default now()
);
create table public.daily_summaries (
	summary_date date primary key, total_curtailed_energy numeric, total_payment numeric,
	total_wind_generation numeric default 0, wind_onshore_generation numeric default 0, wind_offshore_generation numeric default 0,
	created_at timestamp default now(), last_updated timestamp default now()
);
create table public.monthly_summaries (
	year_month text primary key, total_curtailed_energy numeric, total_payment numeric,
	total_wind_generation numeric default 0, wind_onshore_generation numeric default 0, wind_offshore_generation numeric default 0,
	created_at timestamp default now(), updated_at timestamp default now(), last_updated timestamp default now()
);
create table public.yearly_summaries (
	year text primary key, total_curtailed_energy numeric, total_payment numeric,
	total_wind_generation numeric default 0, wind_onshore_generation numeric default 0, wind_offshore_generation numeric default 0,
	created_at timestamp default now(), updated_at timestamp default now(), last_updated timestamp default now()
);
create table public.ingestion_progress (
	id serial primary key, last_processed_date date not null, status text not null, error_message text,
	created_at timestamp default now(), updated_at timestamp default now()
);

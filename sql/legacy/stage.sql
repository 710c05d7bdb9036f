-- Where the tables of an earlier system are read into, in a database made for that: every column is text, so that a row
-- which cannot be is a row to report, and not the end of the import.  line is its place among the rows of its table.
--
-- psql -f sql/legacy/stage.sql
create schema legacy;

create unlogged table legacy.raw_curtailment_records (line bigint generated always as identity, settlement_date text,
	settlement_period text, farm_id text, lead_party_name text, volume text, payment text, original_price text, final_price text,
	so_flag text, cadl_flag text, created_at text);
create unlogged table legacy.raw_historical_bitcoin_calculations (line bigint generated always as identity, settlement_date text,
	settlement_period text, farm_id text, miner_model text, bitcoin_mined text, difficulty text);
create unlogged table legacy.raw_bitcoin_daily_summaries (line bigint generated always as identity, summary_date text, miner_model text,
	bitcoin_mined text);
create unlogged table legacy.raw_bitcoin_monthly_summaries (line bigint generated always as identity, year_month text, miner_model text,
	bitcoin_mined text);
create unlogged table legacy.raw_bitcoin_yearly_summaries (line bigint generated always as identity, year text, miner_model text,
	bitcoin_mined text);
create unlogged table legacy.raw_daily_summaries (line bigint generated always as identity, summary_date text,
	total_curtailed_energy text, total_payment text);
create unlogged table legacy.raw_monthly_summaries (line bigint generated always as identity, year_month text,
	total_curtailed_energy text, total_payment text);
create unlogged table legacy.raw_yearly_summaries (line bigint generated always as identity, year text,
	total_curtailed_energy text, total_payment text);
create unlogged table legacy.raw_trade_records (line bigint generated always as identity, order_id text, symbol text, side text,
	order_time text, price text, size text, total_fees_usd text);
create unlogged table legacy.raw_fifo_allocations (line bigint generated always as identity, sell_order_id text, buy_order_id text,
	symbol text, allocated_size text, cost_basis_usd text, net_proceeds_usd text, pnl_usd text, buy_time text, sell_time text,
	allocation_version text);

-- What is already in the database that takes them, as it stands there.
create unlogged table legacy.here (settlement_date date, settlement_period smallint, selection text, rows_kept integer, volume numeric);
create unlogged table legacy.archived (year text);

-- A row each for whatever is wrong with one of theirs; key says which row, amount what is at stake, in the unit of its table.
create unlogged table legacy.findings (of_table text, problem text, day date, key text, detail text, amount numeric);

-- Text that is no such value is null.  The tests come before the casts, so that nothing here can fail.
create function legacy.as_date(t text) returns date language sql immutable as $$
	select case when t ~ '^(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$'
	             and right(t, 2)::int <= extract(day from (left(t, 7) || '-01')::date + interval '1 month -1 day') then t::date end
$$;
create function legacy.as_number(t text) returns numeric language sql immutable as $$
	select case when length(t) <= 60 and t ~ '^[+-]?(?:\d+[.]?\d*|[.]\d+)(?:[eE][+-]?\d{1,2})?$' then t::numeric end
$$;
create function legacy.as_integer(t text) returns integer language sql immutable as $$
	select case when t ~ '^-?\d{1,9}$' then t::integer end
$$;
create function legacy.as_flag(t text) returns boolean language sql immutable as $$
	select case when t in ('t', 'true', '1') then true when t in ('f', 'false', '0') then false end
$$;
create function legacy.has_zone(t text) returns boolean language sql immutable as $$
	select substr(t, 20) ~ '[Z+-]'
$$;
create function legacy.as_instant(t text) returns timestamptz language sql stable as $$
	select case when t ~ '^(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.]\d{1,9})?(?:Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?$'
	             and (substr(t, 9, 2) <= '28' or legacy.as_date(left(t, 10)) is not null)
	            then case when legacy.has_zone(t) then t else t || 'Z' end::timestamptz end
$$;
-- The year, and the month, of a key of a summary.
create function legacy.as_month(t text) returns text language sql immutable as $$
	select case when t ~ '^(19|20)\d\d-(0[1-9]|1[0-2])$' then t end
$$;
create function legacy.as_year(t text) returns text language sql immutable as $$
	select case when t ~ '^(19|20)\d\d$' then t end
$$;
-- A short piece of a text that may be anything, on one line.
create function legacy.shown(t text) returns text language sql immutable as $$
	select case when t is null then 'null' else left(regexp_replace(t, '[^[:print:]]', '?', 'g'), 40) end
$$;

-- The tables of the trading bot that the documents describe, with the columns and types of its models; amounts of a trade
-- are in double precision there.
create table public.trade_records (
	order_id text primary key, parent_id text, parent_ids text[], symbol text not null, side text not null,
	order_time timestamptz not null, price double precision not null, size double precision not null, total_fees_usd double precision,
	pnl_usd double precision, trigger jsonb, order_type text, status text, source text default 'unknown',
	cost_basis_usd double precision, sale_proceeds_usd double precision, net_sale_proceeds_usd double precision,
	remaining_size double precision, realized_profit double precision, ingest_via text, last_reconciled_at timestamptz,
	last_reconciled_via text
);
create index idx_trade_symbol_time on public.trade_records (symbol, order_time);

create table public.fifo_allocations (
	id serial primary key,
	sell_order_id text not null references public.trade_records (order_id),
	buy_order_id text references public.trade_records (order_id),
	symbol text not null,
	allocated_size numeric(20, 8) not null check (allocated_size > 0),
	buy_price numeric(20, 8), sell_price numeric(20, 8), buy_fees_per_unit numeric(20, 8), sell_fees_per_unit numeric(20, 8),
	cost_basis_usd numeric(20, 8) check (cost_basis_usd >= 0), proceeds_usd numeric(20, 8) check (proceeds_usd >= 0),
	net_proceeds_usd numeric(20, 8) check (net_proceeds_usd >= 0), pnl_usd numeric(20, 8),
	buy_time timestamptz, sell_time timestamptz not null, allocation_time timestamptz default now(),
	allocation_version integer not null, allocation_batch_id uuid, notes text,
	check (buy_order_id is not null or notes is not null), check (buy_time <= sell_time)
);
create unique index fifo_one_allocation on public.fifo_allocations (sell_order_id, coalesce(buy_order_id, ''), allocation_version);

create table public.fifo_computation_log (
	id serial primary key, symbol text, version integer not null, batch_id uuid, started_at timestamptz, ended_at timestamptz,
	duration_ms integer, status text, error text
);

-- The exchange ledger: what the exchange says, what the operator's own books say, what was
-- proposed to bring the two together, and the lots and disposals matched from the books.
--
-- Amounts are numeric with every digit that was sent; nothing here is ever a double.  Times are
-- UTC.  PostgreSQL keeps microseconds and the exchange sends nanoseconds, and first in first out
-- must not confuse two fills of one microsecond: the three digits that are left over stand in a
-- column of their own, always beside the time, and times are ordered by the pair.
--
-- In a sharded engine these tables stay local to the coordinator: no key here needs a date first.

-- The exchange's word ------------------------------------------------------------------------

-- One row per ledger entry of the exchange, as sent.  An entry read from one of the exchange's
-- own CSV exports, which have no entry id, gets one that says so and is made from its facts.
create table exchange_fills (
	entry_id text collate "C" primary key,
	trade_id text collate "C",			-- alone no key: a correction repeats it
	order_id text collate "C",			-- exports may lack it
	product_id text collate "C" not null,
	side text collate "C" not null check (side in ('BUY', 'SELL')),
	trade_type text collate "C" not null,		-- only FILL is booked without a person
	trade_time timestamptz not null,		-- cut, not rounded, to the microsecond
	trade_nanos smallint not null default 0 check (trade_nanos between 0 and 999),
	sequence_time timestamptz,			-- what the source's own windows go by
	price numeric not null,				-- quote per base
	size numeric not null,				-- as sent: base, or quote if size_in_quote
	size_in_quote boolean not null default false,
	base_size numeric not null,			-- what was bought or sold
	value numeric not null,				-- quote, without the commission
	commission numeric not null,			-- quote; negative is a rebate
	liquidity text collate "C",
	portfolio_id text collate "C",
	source text collate "C" not null,		-- api, csv-fills, csv-account, csv-history
	fetched_at timestamptz not null default now()
);

create index on exchange_fills (product_id, trade_time);
create index on exchange_fills (order_id);

-- The exchange's own totals of an order, to hold the sum of its fills against.
create table exchange_orders (
	order_id text collate "C" primary key,
	product_id text collate "C" not null,
	side text collate "C" not null check (side in ('BUY', 'SELL')),
	status text collate "C" not null,
	filled_size numeric not null,
	average_filled_price numeric,
	filled_value numeric not null,
	total_fees numeric not null,
	total_value_after_fees numeric,
	number_of_fills integer not null,
	settled boolean,
	placement_source text collate "C",
	created_time timestamptz,
	last_fill_time timestamptz,
	fetched_at timestamptz not null default now()
);

-- What the exchange was asked, to the end: without a row here nothing is known about a window,
-- and "none missing" may not be said of it.
create table exchange_windows (
	product_id text collate "C" not null,
	window_from timestamptz not null,
	window_to timestamptz not null check (window_to > window_from),		-- exclusive
	source text collate "C" not null,
	fills_seen integer not null,
	fetched_at timestamptz not null default now(),
	primary key (product_id, window_from, window_to, source)
);

-- The operator's books -----------------------------------------------------------------------

-- One row per trade: a whole order or a single fill, whichever the books are kept by.  The id is
-- the order's or the fill's own; some exchanges number trades within a product only, so the
-- product is part of the key.  BUY and INCOME bring a lot, SELL and FEE dispose of one.
create table trade_records (
	product_id text collate "C" not null check (product_id <> ''),
	record_id text collate "C" not null check (record_id <> ''),
	level text collate "C" not null check (level in ('order', 'fill')),
	order_id text collate "C",			-- of a fill; the id itself for an order
	trade_id text collate "C",			-- the exchange's, where the books have it
	side text collate "C" not null check (side in ('BUY', 'SELL', 'INCOME', 'FEE')),
	trade_time timestamptz not null,
	trade_nanos smallint not null default 0 check (trade_nanos between 0 and 999),
	size numeric not null check (size >= 0 and size < 'Infinity'),
	price numeric check (price >= 0 and price < 'Infinity'),	-- as sent; null where only the value was
	value numeric not null check (value >= 0 and value < 'Infinity'),	-- size × price, or as sent; without fee
	fee numeric not null default 0 check (fee > '-Infinity' and fee < 'Infinity'),	-- quote; negative is a rebate
	first_time timestamptz,				-- of an order's fills, where known
	last_time timestamptz,
	fills integer,
	account text collate "C",
	source text collate "C" not null,		-- import, backfill, …
	proposal_id bigint,				-- the backfill that brought or last changed it
	note text,
	recorded_at timestamptz not null default now(),
	primary key (product_id, record_id),
	-- What has no size has no place for its money to go.
	check (size > 0 or (value = 0 and fee = 0)),
	check (level = 'fill' or order_id = record_id)
);

create index on trade_records (product_id, trade_time);
create index on trade_records (order_id);

-- What would make the books agree with the exchange, until a person has said yes or no.
create table backfill_proposals (
	proposal_id bigint generated always as identity primary key,
	product_id text collate "C" not null,
	record_id text collate "C" not null,		-- the row of trade_records that it would make or change
	action text collate "C" not null check (action in ('insert', 'update')),
	tier smallint not null check (tier between 1 and 3),
	reason text not null,				-- what differs, in words
	level text collate "C" not null check (level in ('order', 'fill')),
	order_id text collate "C",
	trade_id text collate "C",
	side text collate "C" not null check (side in ('BUY', 'SELL')),
	trade_time timestamptz not null,
	trade_nanos smallint not null default 0 check (trade_nanos between 0 and 999),
	size numeric not null,
	price numeric,
	value numeric not null,
	fee numeric not null,
	first_time timestamptz,
	last_time timestamptz,
	fills integer not null,
	entry_ids text[] not null,			-- of exchange_fills: where it comes from
	facts_digest text collate "C" not null,		-- sha256 of the fills and of the row here it was compared with
	state text collate "C" not null default 'proposed'
		check (state in ('proposed', 'approved', 'applied', 'rejected', 'stale')),
	proposed_at timestamptz not null default now(),
	decided_by text,
	decided_at timestamptz,
	applied_at timestamptz,
	unique (product_id, record_id, action, facts_digest),
	check (state = 'proposed' or state = 'stale' or (decided_by is not null and decided_at is not null)),
	check ((state = 'applied') = (applied_at is not null))
);

-- First in, first out ------------------------------------------------------------------------

-- One row per version: written once, together with its rows below, in one transaction; a version
-- that is here is whole.  Reports read the one that a person made current, never the largest.
create table fifo_versions (
	version integer primary key check (version > 0),
	is_current boolean not null default false,
	product_id text collate "C",			-- null: all products
	until timestamptz,				-- trades before this instant; null: all
	dust numeric not null default 0 check (dust >= 0),
	places smallint not null,			-- decimals to which all slices but the last are rounded
	input_digest text collate "C" not null,		-- sha256 over the products' digests
	products integer not null,
	lots bigint not null,
	disposals bigint not null,
	allocations bigint not null,			-- rows of fifo_allocations
	uncovered bigint not null,			-- of these MISSING_BASIS
	basis numeric not null,				-- realised
	proceeds numeric not null,
	gain numeric not null,
	tool_version text not null,
	made_by text not null default current_user,
	note text,
	started_at timestamptz not null,
	finished_at timestamptz not null default clock_timestamp()
);

create unique index fifo_versions_one_current on fifo_versions (is_current) where is_current;

-- The totals of a version by product: what audit-fifo adds up again.
create table fifo_version_products (
	version integer not null,
	product_id text collate "C" not null,
	input_digest text collate "C" not null,		-- sha256 over the product's trades as they were read
	lots bigint not null,
	disposals bigint not null,
	allocations bigint not null,
	uncovered bigint not null,
	size numeric not null,				-- disposed of, all of it
	basis numeric not null,
	proceeds numeric not null,
	gain numeric not null,
	uncovered_size numeric not null,		-- the part of it without a lot
	uncovered_proceeds numeric not null,
	open_size numeric not null,			-- of lots, not disposed of
	open_basis numeric not null,
	primary key (version, product_id)
);

-- Slices.  Every lot and every disposal is the sum of its rows, in size and in money, exactly:
--   OK             a slice of a lot that went to a disposal
--   MISSING_BASIS  what of a disposal no lot covers: no lot, zero basis
--   OPEN           what of a lot is still there: no disposal
--   DUST           a remainder that --dust set aside: of a disposal or of a lot
create table fifo_allocations (
	version integer not null,
	product_id text collate "C" not null,
	seq bigint not null,				-- in the order of matching, from 1 in each product
	status text collate "C" not null check (status in ('OK', 'MISSING_BASIS', 'OPEN', 'DUST')),
	disposal_id text collate "C",			-- record_id of trade_records
	disposal_time timestamptz,
	disposal_nanos smallint,
	lot_id text collate "C",
	lot_time timestamptz,
	lot_nanos smallint,
	size numeric not null check (size > 0),
	basis numeric not null,				-- the lot's cost with its fee; 0 without a lot
	proceeds numeric,				-- the disposal's value less its fee; null: no disposal
	gain numeric,					-- proceeds − basis; null: nothing was disposed of
	primary key (version, product_id, seq),
	check ((lot_id is null) = (lot_time is null) and (disposal_id is null) = (disposal_time is null)),
	check ((disposal_id is null) = (proceeds is null) and (proceeds is null) = (gain is null)),
	check (case status when 'OK' then lot_id is not null and disposal_id is not null
			   when 'MISSING_BASIS' then lot_id is null and disposal_id is not null
			   when 'OPEN' then lot_id is not null and disposal_id is null
			   else (lot_id is null) <> (disposal_id is null) end),
	check (lot_id is not null or basis = 0),
	check ((lot_time, lot_nanos) <= (disposal_time, disposal_nanos)),
	check (gain = proceeds - basis)
);

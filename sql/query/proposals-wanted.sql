-- What the books should say, a row each; the books' own word is kept where it is not wrong, so that a correction
-- of the fee does not touch the time.
--
-- gives the temporary table wanted
--
-- psql -1 -f sql/query/proposals-wanted.sql
create temp table wanted (product_id text collate "C" not null, record_id text collate "C" not null, action text not null,
	reason text not null, level text not null, order_id text collate "C", trade_id text, side text not null,
	trade_time timestamptz not null, trade_nanos smallint not null, size numeric not null, price numeric,
	value numeric not null, fee numeric not null, first_time timestamptz, last_time timestamptz,
	fills integer not null, entry_ids text[] not null, may_be text collate "C") on commit drop;
create index on wanted (order_id);

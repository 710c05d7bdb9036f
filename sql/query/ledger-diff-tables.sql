-- What a comparison of the books with the exchange keeps while it lasts: what it covers, both sides, and which trade is
-- which.
--
-- gives the temporary tables covered, fills, books, linked
--
-- psql -f sql/query/ledger-diff-tables.sql
create temp table covered (product_id text collate "C" not null, span tstzrange not null) on commit drop;
create temp table fills (like exchange_fills, unit text collate "C" not null) on commit drop;
create temp table books (like trade_records) on commit drop;
create temp table linked (product_id text collate "C", record_id text collate "C", unit text collate "C" not null,
                          entry_id text collate "C", extra boolean not null default false, part boolean not null default false)
                          on commit drop;

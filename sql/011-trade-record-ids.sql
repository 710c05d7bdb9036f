-- A trade of the books is looked for by its id alone, too: the product may be what is wrong with it.
create index on trade_records (record_id);

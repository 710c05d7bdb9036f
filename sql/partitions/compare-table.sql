-- The file of one table, read back, against what is stored of the year: row by row by a hash of all its text.
-- Once two have differed nothing more is compared.
--
-- table        text     its name; the file is TABLE.tsv.gz of the current folder
-- first, last  date     as begin.sql sets them
-- differs      boolean  false to begin with; true is left there when they differ
-- leaves :n, how many rows are stored, and prints "same TABLE ROWS" or "differs TABLE ROWS-OF-THE-FILE ROWS"
\if :differs
\else
create temp table loaded (like :"table") on commit drop;
-- \copy takes its line as it stands, so the line is made first.
\set load '\\copy loaded from program ''gzip -dc ' :table '.tsv.gz'' with (format text, header match)'
:load
select count(*) as n, coalesce(sum(hashtextextended(r::text, 0)), 0) as hash from loaded r \gset loaded_
drop table loaded;
select count(*) as n, coalesce(sum(hashtextextended(r::text, 0)), 0) as hash
  from (select * from :"table" where settlement_date between :'first'::date and :'last'::date) r \gset stored_
select (:loaded_n, :loaded_hash) is distinct from (:stored_n, :stored_hash) as differs \gset
\set n :stored_n
\if :differs
\echo differs :table :loaded_n :stored_n
\else
\echo same :table :n
\endif
\endif

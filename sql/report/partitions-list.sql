-- The months that the two big tables are cut into, and the years that are in files.
\set ON_ERROR_STOP on
\pset tuples_only off
\pset footer off
\pset format aligned
\pset border 0
-- Where Citus has spread them, the server that is asked has none of their rows.
\set size pg_total_relation_size
select to_regclass('citus_tables') is not null as spread \gset
\if :spread
\set size citus_total_relation_size
\endif
select to_char(to_date(right(child.relname, 7), 'YYYY_MM'), 'YYYY-MM') as month,
       pg_size_pretty(sum(:size(child.oid)) filter (where parent.relname = 'curtailment_records')) as records,
       pg_size_pretty(sum(:size(child.oid)) filter (where parent.relname <> 'curtailment_records')) as calculations
  from pg_inherits i
  join pg_class child on child.oid = i.inhrelid
  join pg_class parent on parent.oid = i.inhparent
 where parent.oid in ('curtailment_records'::regclass, 'historical_bitcoin_calculations'::regclass)
 group by 1 order by 1;
select year as "year in files", records, calculations, periods, archived_at::date as since, host, directory
  from archived_years order by year;

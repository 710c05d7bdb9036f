-- A statement on each partition of the year, in the order of their names.
--
-- year       text  YYYY
-- statement  text  as format() takes it, with %I for the partition
select format(:'statement', child.relname)
  from pg_inherits i join pg_class child on child.oid = i.inhrelid
 where i.inhparent in ('curtailment_records'::regclass, 'historical_bitcoin_calculations'::regclass)
   and child.relname ~ ('_' || :'year' || '_[01][0-9]$')
 order by child.relname \gexec

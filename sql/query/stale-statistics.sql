-- Of these tables what the planner knows too little about: what was never analyzed, or has grown by a fifth since.
-- Of one that is cut into partitions it is the whole, which analyzes each of them, or the partitions alone.
--
-- $1 tables text[]
-- gives the name of each, quoted where it needs it
--
-- psql -v tables='{curtailment_records,ingested_periods}' -f sql/query/stale-statistics.sql
with relations as (
  select t::regclass::oid as root, t::regclass::oid as oid from unnest(:'tables'::text[]) t
   union
  select t::regclass::oid, p.relid::oid from unnest(:'tables'::text[]) t cross join lateral pg_partition_tree(t::regclass) p
), sizes as (
  select r.root, c.oid, c.relkind = 'p' as whole, c.reltuples, c.relpages,
         case c.relkind when 'r' then pg_relation_size(c.oid) / current_setting('block_size')::integer else 0 end as pages
    from relations r join pg_class c on c.oid = r.oid
), parts as (
  -- Where nothing is known of the rows of a page fifty are taken.
  select root, oid, pages > 0 and (reltuples < 0 or pages > 1.2 * relpages + 8) as stale,
         pages * case when reltuples > 0 and relpages > 0 then reltuples / relpages else 50 end as tuples
    from sizes where not whole
), wholes as (
  select w.root, w.oid
    from sizes w join parts p on p.root = w.root
   where w.whole and w.oid = w.root
   group by w.root, w.oid, w.reltuples
  having bool_or(p.stale) and (w.reltuples < 0 or sum(p.tuples) > 1.2 * w.reltuples)
)
select oid::regclass::text from wholes
 union
select oid::regclass::text from parts where stale and root not in (select root from wholes)
 order by 1;

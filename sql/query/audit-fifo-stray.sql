-- Rows of a version that is not there, in any table.
--
-- gives product_id, kind, id, check, field, stored, expected
--
-- psql -f sql/query/audit-fifo-stray.sql
select product_id, 'version', version::text, 'orphan', 'rows', count(*)::text, 'a version'
  from (select version, product_id from fifo_allocations
        union all select version, product_id from fifo_version_products) r
 where not exists (select from fifo_versions v where v.version = r.version)
 group by version, product_id order by version, product_id;

-- Disposals that no lot covers: with --strict, findings too.
--
-- $1 version integer   the version, as match-fifo list shows it
-- gives product_id, kind, id, check, field, stored, expected
--
-- psql -v version=1 -f sql/query/audit-fifo-uncovered.sql
select product_id, 'disposal', disposal_id, 'uncovered', 'size', trim_scale(size), '0'
  from fifo_allocations where version = :version and status = 'MISSING_BASIS' order by product_id, seq;

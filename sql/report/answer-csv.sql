-- The answer of a report as comma-separated rows.  Variables: lists (spans.sql); answer, which of them; answer_order, where it is not
-- in an order of its own, for an engine that shards keeps none of a list's.
\if :{?answer_order}
\else
\set answer_order ''
\endif
copy (with :lists select * from :"answer" :answer_order) to stdout with (format csv, header);

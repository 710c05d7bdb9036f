-- The answer of a report as JSON, a row a line.  Variables: lists (spans.sql); answer, which of them; answer_order, as for answer-tsv.sql.
\if :{?answer_order}
\else
\set answer_order ''
\endif
with :lists
select row_to_json(answer) from :"answer" answer :answer_order;

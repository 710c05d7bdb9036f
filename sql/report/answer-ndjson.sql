-- The answer of a report as JSON, a row a line.  Variables: lists (spans.sql); answer, which of them.
with :lists
select row_to_json(answer) from (select * from :"answer") answer;

-- The answer of a report as a table.  Variables: lists (spans.sql); answer, which of them.
with :lists
select * from :"answer";

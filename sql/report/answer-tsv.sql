-- The answer of a report as tab-separated rows.  Variables: lists (spans.sql); answer, which of them.
copy (with :lists select * from :"answer") to stdout with (header);

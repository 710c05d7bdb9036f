-- What an energy job says before its verdict, in one go: the units of which no list says whether they are wind, with the
-- energy that is left out, into a file, with a header; then the exchange ledger as facts (ledger-facts.sql).
--
-- undecided  the path of that file
--
-- psql -At -v undecided=undecided.tsv -f sql/report/conclude.sql
\o :undecided
copy (select farm_id, mwh, days, last_day, reason from undecided_units order by mwh desc, farm_id) to stdout with (header);
\o
\ir ledger-facts.sql

-- Where the files of a year are, as HOST:FOLDER; nothing where it is not archived.
--
-- year  text  YYYY
--
-- psql -v year=2023 -f sql/partitions/archived.sql
select host || ':' || directory from archived_years where year = :'year';

-- The days of a year that may not be missing, with a header.
--
-- year  text  YYYY
--
-- psql -v year=2023 -f sql/partitions/wanted-days.sql
copy (select d::date as settlement_date
        from history, generate_series(make_date(:'year', 1, 1), make_date(:'year', 12, 31), interval '1 day') d
       where d::date <@ wanted) to stdout (header);

-- The proofs of days that hold as far as the rows go (sql/058-day-proofs.sql); the inputs are compared by who reads them.
--
-- $1 from date   the first day
-- $2 to   date   the last day
-- gives settlement_date, inputs, records, pairs, curtailed_mwh, expected, calculations, in order
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/day-proofs.sql
select settlement_date, inputs, records, pairs, trim_scale(curtailed_mwh), expected, calculations
  from valid_day_proofs(:'from'::date, :'to'::date)
 order by settlement_date;

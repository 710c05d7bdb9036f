-- Payments that are not volume times price, whatever the sign.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-record.sql
select concat_ws(' ', settlement_date, settlement_period, farm_id, stack, acceptance_id, pair_id, sequence_number),
       'payment', payment::text, (volume * original_price)::text, (payment - volume * original_price)::text
  from curtailment_records
 where settlement_date between :'from'::date and :'to'::date and payment is distinct from volume * original_price
 order by settlement_date, settlement_period, farm_id, stack, acceptance_id, pair_id, sequence_number;

-- What changed since it was final, the latest first.
--
-- $1 from date  the first settlement date
-- $2 to   date  the last one
-- gives settlement_date, settlement_period, revised_at, energy and payment before and after, by whom, accepted
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/site-revisions.sql
select settlement_date, settlement_period, to_char(revised_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       trim_scale(mwh_before), trim_scale(mwh_after), trim_scale(payment_before), trim_scale(payment_after), fetched_by,
       accepted
  from revisions_since_final
 where settlement_date between :'from'::date and :'to'::date
 order by revised_at desc, settlement_date, settlement_period
 limit 100;

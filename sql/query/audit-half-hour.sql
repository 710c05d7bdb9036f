-- Each half hour against its records.  The days of an archived year have nothing below them
-- here to be compared with.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-half-hour.sql
select concat_ws(' ', settlement_date, settlement_period), d.field, d.stored, d.expected, d.difference
  from (select *, true as there
          from period_summaries where settlement_date between :'from'::date and :'to'::date
           and not :'from'::date <@ (select archived from days_left_out)) s
  full join (select settlement_date, settlement_period, sum(curtailed_mwh) as curtailed_mwh, sum(payment) as payment,
                    sum(payment_to_farms) as payment_to_farms, sum(payment_by_farms) as payment_by_farms,
                    sum(records) as records, count(*) as farms, true as there
               from (select settlement_date, settlement_period, farm_id, round(sum(abs(volume)), 9) as curtailed_mwh,
                            coalesce(sum(payment), 0) as payment, coalesce(sum(greatest(payment, 0)), 0) as payment_to_farms,
                            coalesce(- sum(least(payment, 0)), 0) as payment_by_farms, count(*) as records
                       from (select settlement_date, settlement_period, farm_id, volume, payment
                               from curtailment_records where settlement_date between :'from'::date and :'to'::date
                              order by settlement_date, settlement_period, farm_id offset 0) r
                      group by settlement_date, settlement_period, farm_id) pairs
              group by settlement_date, settlement_period) e
 using (settlement_date, settlement_period)
 cross join lateral audit_differences(to_jsonb(s), to_jsonb(e), 'curtailed_mwh') d
 where (s.curtailed_mwh, s.payment, s.payment_to_farms, s.payment_by_farms, s.records, s.farms, s.there)
       is distinct from (e.curtailed_mwh, e.payment, e.payment_to_farms, e.payment_by_farms, e.records, e.farms, e.there)
 order by settlement_date, settlement_period, d.field;

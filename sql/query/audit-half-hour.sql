-- Each half hour against its records.  The days of an archived year have nothing below them
-- here to be compared with.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-half-hour.sql
select concat_ws(' ', settlement_date, settlement_period), f.field, f.stored, f.expected, f.difference
  from (select *, true as there
          from period_summaries where settlement_date between :'from'::date and :'to'::date
           and to_char(:'from'::date, 'YYYY') not in (select year from archived_years)) s
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
 cross join lateral (values
	('missing', null, e.curtailed_mwh::text, (- e.curtailed_mwh)::text, s.there is null),
	('orphan', s.curtailed_mwh::text, null, s.curtailed_mwh::text, e.there is null),
	('curtailed_mwh', s.curtailed_mwh::text, e.curtailed_mwh::text, (s.curtailed_mwh - e.curtailed_mwh)::text, s.curtailed_mwh is distinct from e.curtailed_mwh),
	('payment', s.payment::text, e.payment::text, (s.payment - e.payment)::text, s.payment is distinct from e.payment),
	('payment_to_farms', s.payment_to_farms::text, e.payment_to_farms::text, (s.payment_to_farms - e.payment_to_farms)::text, s.payment_to_farms is distinct from e.payment_to_farms),
	('payment_by_farms', s.payment_by_farms::text, e.payment_by_farms::text, (s.payment_by_farms - e.payment_by_farms)::text, s.payment_by_farms is distinct from e.payment_by_farms),
	('records', s.records::text, e.records::text, (s.records - e.records)::text, s.records is distinct from e.records),
	('farms', s.farms::text, e.farms::text, (s.farms - e.farms)::text, s.farms is distinct from e.farms)) f (field, stored, expected, difference, differs)
 where f.differs and (f.field in ('missing', 'orphan') or (s.there and e.there))
 order by settlement_date, settlement_period, f.field;

-- A month against its days.
--
-- $1 from  text   a day of the month (or the year)
-- $2 to    text   a later day of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-month.sql
select year_month, f.field, f.stored, f.expected, f.difference
  from (select *, true as there from monthly_summaries where year_month = left(:'from', 7)) s
  full join (select left(:'from', 7) as year_month, count(*) as days,
                    sum(curtailed_mwh) as curtailed_mwh, sum(payment) as payment,
                    sum(payment_to_farms) as payment_to_farms, sum(payment_by_farms) as payment_by_farms,
                    sum(records) as records, sum(period_farms) as period_farms, sum(periods) as periods,
                    sum(periods_ingested) as periods_ingested, sum(periods_final) as periods_final,
                    sum(periods_expected) as periods_expected,
                    sum(onshore_mwh) as onshore_mwh, sum(offshore_mwh) as offshore_mwh,
                    sum(wind_periods) as wind_periods, sum(wind_curtailed_mwh) as wind_curtailed_mwh, true as there
               from daily_summaries
              where left(settlement_date::text, 7) = left(:'to', 7) having count(*) > 0) e
 using (year_month)
 cross join lateral (values
	('missing', null, e.curtailed_mwh::text, (- e.curtailed_mwh)::text, s.there is null),
	('orphan', s.curtailed_mwh::text, null, s.curtailed_mwh::text, e.there is null),
	('curtailed_mwh', s.curtailed_mwh::text, e.curtailed_mwh::text, (s.curtailed_mwh - e.curtailed_mwh)::text, s.curtailed_mwh is distinct from e.curtailed_mwh),
	('payment', s.payment::text, e.payment::text, (s.payment - e.payment)::text, s.payment is distinct from e.payment),
	('payment_to_farms', s.payment_to_farms::text, e.payment_to_farms::text, (s.payment_to_farms - e.payment_to_farms)::text, s.payment_to_farms is distinct from e.payment_to_farms),
	('payment_by_farms', s.payment_by_farms::text, e.payment_by_farms::text, (s.payment_by_farms - e.payment_by_farms)::text, s.payment_by_farms is distinct from e.payment_by_farms),
	('records', s.records::text, e.records::text, (s.records - e.records)::text, s.records is distinct from e.records),
	('period_farms', s.period_farms::text, e.period_farms::text, (s.period_farms - e.period_farms)::text, s.period_farms is distinct from e.period_farms),
	('periods', s.periods::text, e.periods::text, (s.periods - e.periods)::text, s.periods is distinct from e.periods),
	('periods_ingested', s.periods_ingested::text, e.periods_ingested::text, (s.periods_ingested - e.periods_ingested)::text, s.periods_ingested is distinct from e.periods_ingested),
	('periods_final', s.periods_final::text, e.periods_final::text, (s.periods_final - e.periods_final)::text, s.periods_final is distinct from e.periods_final),
	('periods_expected', s.periods_expected::text, e.periods_expected::text, (s.periods_expected - e.periods_expected)::text, s.periods_expected is distinct from e.periods_expected),
	('onshore_mwh', s.onshore_mwh::text, e.onshore_mwh::text, (s.onshore_mwh - e.onshore_mwh)::text, s.onshore_mwh is distinct from e.onshore_mwh),
	('offshore_mwh', s.offshore_mwh::text, e.offshore_mwh::text, (s.offshore_mwh - e.offshore_mwh)::text, s.offshore_mwh is distinct from e.offshore_mwh),
	('wind_periods', s.wind_periods::text, e.wind_periods::text, (s.wind_periods - e.wind_periods)::text, s.wind_periods is distinct from e.wind_periods),
	('wind_curtailed_mwh', s.wind_curtailed_mwh::text, e.wind_curtailed_mwh::text, (s.wind_curtailed_mwh - e.wind_curtailed_mwh)::text, s.wind_curtailed_mwh is distinct from e.wind_curtailed_mwh),
	('days', s.days::text, e.days::text, (s.days - e.days)::text, s.days is distinct from e.days)) f (field, stored, expected, difference, differs)
 where f.differs and (f.field in ('missing', 'orphan') or (s.there and e.there))
 order by f.field;

-- As before, and with the half hours of an archived year that nothing was curtailed in, which went into its files: where its
-- day says that all of them were fetched and final, they are known to be calm.
create or replace view half_hours as
	select settlement_period_start(settlement_date, settlement_period) as starts_at,
	       settlement_period_start(settlement_date, settlement_period) + interval '30 minutes' as ends_at,
	       settlement_date, settlement_period, i.status,
	       case when p.curtailed_mwh is null and i.rows_kept = 0 then 0 else p.curtailed_mwh end as curtailed_mwh,
	       case when p.payment is null and i.rows_kept = 0 then 0 else p.payment end as payment,
	       case when p.payment_to_farms is null and i.rows_kept = 0 then 0 else p.payment_to_farms end as payment_to_farms,
	       case when p.payment_by_farms is null and i.rows_kept = 0 then 0 else p.payment_by_farms end as payment_by_farms,
	       case when p.records is null and i.rows_kept = 0 then 0 else p.records end as records,
	       case when p.farms is null and i.rows_kept = 0 then 0 else p.farms end as farms,
	       w.onshore_mwh, w.offshore_mwh
	  from (select settlement_date, settlement_period, status, rows_kept from ingested_periods
		 union all
		select d.settlement_date, n::smallint, 'final', 0
		  from daily_summaries d
		  join days_left_out h on d.settlement_date <@ h.archived
		 cross join lateral generate_series(1, d.periods_expected) n
		 where d.periods_final = d.periods_expected) i
	  full join period_summaries p using (settlement_date, settlement_period)
	  left join wind_known w using (settlement_date, settlement_period);

comment on column half_hours.status is 'provisional, final or suspect; null in an archived year, of a day that was not fetched whole';

-- As before, and a span of settlement dates reads these alone: of the full join that this was, every row was made, and then most
-- of them left out again.  Half hours that are summed and were not fetched are rows of their own.
create or replace view half_hours as
	select settlement_period_start(settlement_date, settlement_period) as starts_at,
	       settlement_period_start(settlement_date, settlement_period) + interval '30 minutes' as ends_at,
	       settlement_date, settlement_period, status,
	       case when curtailed_mwh is null and rows_kept = 0 then 0 else curtailed_mwh end as curtailed_mwh,
	       case when payment is null and rows_kept = 0 then 0 else payment end as payment,
	       case when payment_to_farms is null and rows_kept = 0 then 0 else payment_to_farms end as payment_to_farms,
	       case when payment_by_farms is null and rows_kept = 0 then 0 else payment_by_farms end as payment_by_farms,
	       case when records is null and rows_kept = 0 then 0 else records end as records,
	       case when farms is null and rows_kept = 0 then 0 else farms end as farms,
	       w.onshore_mwh, w.offshore_mwh
	  from (select i.settlement_date, i.settlement_period, i.status, i.rows_kept, p.curtailed_mwh, p.payment, p.payment_to_farms,
		       p.payment_by_farms, p.records, p.farms
		  from (select settlement_date, settlement_period, status, rows_kept from ingested_periods
			 union all
			select d.settlement_date, n::smallint, 'final', 0
			  from daily_summaries d
			  join days_left_out h on d.settlement_date <@ h.archived
			 cross join lateral generate_series(1, d.periods_expected) n
			 where d.periods_final = d.periods_expected) i
		  left join period_summaries p on p.settlement_date = i.settlement_date and p.settlement_period = i.settlement_period
		 union all
		select p.settlement_date, p.settlement_period, null, null, p.curtailed_mwh, p.payment, p.payment_to_farms, p.payment_by_farms,
		       p.records, p.farms
		  from period_summaries p
		 where not exists (select from ingested_periods i
				    where i.settlement_date = p.settlement_date and i.settlement_period = p.settlement_period)
		   and not exists (select from daily_summaries d join days_left_out h on d.settlement_date <@ h.archived
				    where d.settlement_date = p.settlement_date and p.settlement_period <= d.periods_expected
				      and d.periods_final = d.periods_expected)) halves
	  left join wind_known w using (settlement_date, settlement_period);

comment on column half_hours.starts_at is 'instant at which it begins; to read a span alone, choose it by settlement_date';

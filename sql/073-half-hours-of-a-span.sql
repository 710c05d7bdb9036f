-- As before, and a span of settlement dates reads these alone: what is asked of the columns that group the rows is asked of each
-- table beneath, and nothing of the kind reaches through a full join, which made every row and then left most of them out.  Each
-- table has a row for a half hour at most, so that the greatest figure of it is the figure.
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
	  from (select settlement_date, settlement_period, max(status) as status, max(rows_kept) as rows_kept,
		       max(curtailed_mwh) as curtailed_mwh, max(payment) as payment, max(payment_to_farms) as payment_to_farms,
		       max(payment_by_farms) as payment_by_farms, max(records) as records, max(farms) as farms
		  from (select settlement_date, settlement_period, status, rows_kept, null::numeric as curtailed_mwh, null::numeric as payment,
			       null::numeric as payment_to_farms, null::numeric as payment_by_farms, null::integer as records,
			       null::integer as farms
			  from ingested_periods
			 union all
			select d.settlement_date, n::smallint, 'final', 0, null, null, null, null, null, null
			  from daily_summaries d
			  join days_left_out h on d.settlement_date <@ h.archived
			 cross join lateral generate_series(1, d.periods_expected) n
			 where d.periods_final = d.periods_expected
			 union all
			select settlement_date, settlement_period, null, null, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records,
			       farms
			  from period_summaries) fetched_or_summed
		 group by settlement_date, settlement_period) h
	  left join wind_known w using (settlement_date, settlement_period);

comment on column half_hours.starts_at is 'instant at which it begins; to read a span alone, choose it by settlement_date';

-- For whoever knows SQL: half hours, farms' days, days and months with the instants at which they begin and end, and
-- the same by miner model.  They show what the summaries hold; nothing is computed here that could differ from them.

create view half_hours as
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
	  from ingested_periods i full join period_summaries p using (settlement_date, settlement_period)
	  left join wind_known w using (settlement_date, settlement_period);

create view bitcoin_half_hours as
	select settlement_period_start(settlement_date, settlement_period) as starts_at,
	       settlement_period_start(settlement_date, settlement_period) + interval '30 minutes' as ends_at,
	       settlement_date, settlement_period, miner_model, bitcoin_mined, calculations
	  from bitcoin_period_summaries;

create view farm_days as
	select settlement_period_start(f.settlement_date, 1) as starts_at, settlement_period_start(f.settlement_date + 1, 1) as ends_at,
	       f.settlement_date, f.farm_id, s.farm, s.owner, s.county, s.region, s.nation, s.b6, s.latitude, s.longitude,
	       f.curtailed_mwh, f.payment, f.payment_to_farms, f.payment_by_farms, f.records, f.periods
	  from farm_daily_summaries f
	  left join sites s on s.farm_id = f.farm_id and s.valid_from <= f.settlement_date
			   and (s.valid_to is null or s.valid_to > f.settlement_date);

create view bitcoin_farm_days as
	select settlement_period_start(f.settlement_date, 1) as starts_at, settlement_period_start(f.settlement_date + 1, 1) as ends_at,
	       f.settlement_date, f.farm_id, s.farm, f.miner_model, f.bitcoin_mined, f.calculations
	  from bitcoin_farm_daily_summaries f
	  left join sites s on s.farm_id = f.farm_id and s.valid_from <= f.settlement_date
			   and (s.valid_to is null or s.valid_to > f.settlement_date);

create view days as
	select settlement_period_start(settlement_date, 1) as starts_at, settlement_period_start(settlement_date + 1, 1) as ends_at,
	       settlement_date,
	       case when periods_ingested < periods_expected then 'not_complete'
		    when periods_final < periods_expected then 'provisional' else 'final' end as state,
	       curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, period_farms, periods, periods_ingested,
	       periods_final, periods_expected, onshore_mwh, offshore_mwh, wind_periods, wind_curtailed_mwh
	  from daily_summaries;

create view bitcoin_days as
	select settlement_period_start(settlement_date, 1) as starts_at, settlement_period_start(settlement_date + 1, 1) as ends_at,
	       settlement_date, miner_model, bitcoin_mined, calculations, value_at_mining, price, currency, price_date, price_assumed
	  from bitcoin_daily_summaries;

create view months as
	select settlement_period_start((year_month || '-01')::date, 1) as starts_at,
	       settlement_period_start(((year_month || '-01')::date + interval '1 month')::date, 1) as ends_at, year_month,
	       case when periods_ingested < periods_expected
			 or days < ((year_month || '-01')::date + interval '1 month')::date - (year_month || '-01')::date then 'not_complete'
		    when periods_final < periods_expected then 'provisional' else 'final' end as state,
	       curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, period_farms, periods, periods_ingested,
	       periods_final, periods_expected, days, onshore_mwh, offshore_mwh, wind_periods, wind_curtailed_mwh
	  from monthly_summaries;

create view bitcoin_months as
	select settlement_period_start((year_month || '-01')::date, 1) as starts_at,
	       settlement_period_start(((year_month || '-01')::date + interval '1 month')::date, 1) as ends_at,
	       year_month, miner_model, bitcoin_mined, calculations, value_at_mining, currency, days, days_price_assumed, days_without_price
	  from bitcoin_monthly_summaries;

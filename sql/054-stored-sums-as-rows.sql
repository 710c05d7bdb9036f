-- What is stored comes as rows, and is made values of the tables' types here: a value that a node of a cluster has made is of
-- the type of the piece that it keeps, which no variable can hold.  What the function does is as it was.
create or replace function sum_farms(first_day date, last_day date) returns bigint
	language plpgsql set work_mem = '32MB' as $$
declare
	farms farm_daily_summaries[];
	farms_stored farm_daily_summaries[];
	farms_gone farm_daily_summaries[];
	half_hours period_summaries[];
	half_hours_stored period_summaries[];
	half_hours_gone period_summaries[];
	farm_coins bitcoin_farm_daily_summaries[];
	farm_coins_stored bitcoin_farm_daily_summaries[];
	farm_coins_gone bitcoin_farm_daily_summaries[];
	half_hour_coins bitcoin_period_summaries[];
	half_hour_coins_stored bitcoin_period_summaries[];
	half_hour_coins_gone bitcoin_period_summaries[];
	changed bigint := 0;
begin
	with of_units as materialized (
		select settlement_date, settlement_period, farm_id, round(sum(abs(volume)), 9) as mwh, count(*) as lines,
		       coalesce(sum(payment), 0) as net, coalesce(- sum(payment) filter (where payment < 0), 0) as by_farms
		  from (select settlement_date, settlement_period, farm_id, volume, payment
			  from curtailment_records where settlement_date between first_day and last_day
			 order by settlement_date, settlement_period, farm_id offset 0) records
		 group by settlement_date, settlement_period, farm_id
	), farm_days as (
		select settlement_date, farm_id, trim_scale(sum(mwh)), trim_scale(sum(net)), trim_scale(sum(net) + sum(by_farms)),
		       trim_scale(sum(by_farms)), sum(lines), count(*)
		  from of_units group by settlement_date, farm_id
	), half_hour_sums as (
		select settlement_date, settlement_period, trim_scale(sum(mwh)), trim_scale(sum(net)), trim_scale(sum(net) + sum(by_farms)),
		       trim_scale(sum(by_farms)), sum(lines), count(*)
		  from of_units group by settlement_date, settlement_period
	)
	select (select array_agg(row(s.*)::farm_daily_summaries) from farm_days s),
	       (select array_agg(row(s.*)::period_summaries) from half_hour_sums s)
	  into farms, half_hours;

	with stored as materialized (
		select * from farm_daily_summaries
		 where settlement_date between first_day and last_day
		   and to_char(settlement_date, 'YYYY') not in (select year from archived_years)
	)
	select array_agg(row(s.*)::farm_daily_summaries) into farms_stored from stored s;
	select array_agg(row(s.*)::farm_daily_summaries) filter (where s.settlement_date is not null),
	       array_agg(row(f.*)::farm_daily_summaries) filter (where s.settlement_date is null)
	  into farms, farms_gone
	  from unnest(farms) s
	  full join unnest(farms_stored) f on s.settlement_date = f.settlement_date and s.farm_id = f.farm_id
	 where s is distinct from f;
	if farms is not null then
		insert into farm_daily_summaries
		select * from unnest(farms)
		on conflict (settlement_date, farm_id) do update
		set curtailed_mwh = excluded.curtailed_mwh, payment = excluded.payment, payment_to_farms = excluded.payment_to_farms,
		    payment_by_farms = excluded.payment_by_farms, records = excluded.records, periods = excluded.periods;
	end if;
	if farms_gone is not null then
		delete from farm_daily_summaries f using unnest(farms_gone) g
		 where f.settlement_date = g.settlement_date and f.farm_id = g.farm_id;
	end if;
	changed := changed + coalesce(cardinality(farms), 0) + coalesce(cardinality(farms_gone), 0);

	with stored as materialized (
		select * from period_summaries
		 where settlement_date between first_day and last_day
		   and to_char(settlement_date, 'YYYY') not in (select year from archived_years)
	)
	select array_agg(row(s.*)::period_summaries) into half_hours_stored from stored s;
	select array_agg(row(s.*)::period_summaries) filter (where s.settlement_date is not null),
	       array_agg(row(f.*)::period_summaries) filter (where s.settlement_date is null)
	  into half_hours, half_hours_gone
	  from unnest(half_hours) s
	  full join unnest(half_hours_stored) f on s.settlement_date = f.settlement_date and s.settlement_period = f.settlement_period
	 where s is distinct from f;
	if half_hours is not null then
		insert into period_summaries
		select * from unnest(half_hours)
		on conflict (settlement_date, settlement_period) do update
		set curtailed_mwh = excluded.curtailed_mwh, payment = excluded.payment, payment_to_farms = excluded.payment_to_farms,
		    payment_by_farms = excluded.payment_by_farms, records = excluded.records, farms = excluded.farms;
	end if;
	if half_hours_gone is not null then
		delete from period_summaries f using unnest(half_hours_gone) g
		 where f.settlement_date = g.settlement_date and f.settlement_period = g.settlement_period;
	end if;
	changed := changed + coalesce(cardinality(half_hours), 0) + coalesce(cardinality(half_hours_gone), 0);

	with sums as materialized (
		select settlement_date, farm_id, miner_model, trim_scale(sum(bitcoin_mined)), count(*)
		  from historical_bitcoin_calculations where settlement_date between first_day and last_day
		 group by settlement_date, farm_id, miner_model
	)
	select array_agg(row(s.*)::bitcoin_farm_daily_summaries) into farm_coins from sums s;
	with stored as materialized (
		select * from bitcoin_farm_daily_summaries
		 where settlement_date between first_day and last_day
		   and to_char(settlement_date, 'YYYY') not in (select year from archived_years)
	)
	select array_agg(row(s.*)::bitcoin_farm_daily_summaries) into farm_coins_stored from stored s;
	select array_agg(row(s.*)::bitcoin_farm_daily_summaries) filter (where s.settlement_date is not null),
	       array_agg(row(f.*)::bitcoin_farm_daily_summaries) filter (where s.settlement_date is null)
	  into farm_coins, farm_coins_gone
	  from unnest(farm_coins) s
	  full join unnest(farm_coins_stored) f
	       on s.settlement_date = f.settlement_date and s.farm_id = f.farm_id and s.miner_model = f.miner_model
	 where s is distinct from f;
	if farm_coins is not null then
		insert into bitcoin_farm_daily_summaries
		select * from unnest(farm_coins)
		on conflict (settlement_date, farm_id, miner_model) do update
		set bitcoin_mined = excluded.bitcoin_mined, calculations = excluded.calculations;
	end if;
	if farm_coins_gone is not null then
		delete from bitcoin_farm_daily_summaries f using unnest(farm_coins_gone) g
		 where f.settlement_date = g.settlement_date and f.farm_id = g.farm_id and f.miner_model = g.miner_model;
	end if;
	changed := changed + coalesce(cardinality(farm_coins), 0) + coalesce(cardinality(farm_coins_gone), 0);

	with sums as materialized (
		select settlement_date, settlement_period, miner_model, trim_scale(sum(bitcoin_mined)), count(*)
		  from historical_bitcoin_calculations where settlement_date between first_day and last_day
		 group by settlement_date, settlement_period, miner_model
	)
	select array_agg(row(s.*)::bitcoin_period_summaries) into half_hour_coins from sums s;
	with stored as materialized (
		select * from bitcoin_period_summaries
		 where settlement_date between first_day and last_day
		   and to_char(settlement_date, 'YYYY') not in (select year from archived_years)
	)
	select array_agg(row(s.*)::bitcoin_period_summaries) into half_hour_coins_stored from stored s;
	select array_agg(row(s.*)::bitcoin_period_summaries) filter (where s.settlement_date is not null),
	       array_agg(row(f.*)::bitcoin_period_summaries) filter (where s.settlement_date is null)
	  into half_hour_coins, half_hour_coins_gone
	  from unnest(half_hour_coins) s
	  full join unnest(half_hour_coins_stored) f
	       on s.settlement_date = f.settlement_date and s.settlement_period = f.settlement_period and s.miner_model = f.miner_model
	 where s is distinct from f;
	if half_hour_coins is not null then
		insert into bitcoin_period_summaries
		select * from unnest(half_hour_coins)
		on conflict (settlement_date, settlement_period, miner_model) do update
		set bitcoin_mined = excluded.bitcoin_mined, calculations = excluded.calculations;
	end if;
	if half_hour_coins_gone is not null then
		delete from bitcoin_period_summaries f using unnest(half_hour_coins_gone) g
		 where f.settlement_date = g.settlement_date and f.settlement_period = g.settlement_period and f.miner_model = g.miner_model;
	end if;
	changed := changed + coalesce(cardinality(half_hour_coins), 0) + coalesce(cardinality(half_hour_coins_gone), 0);
	return changed;
end $$;

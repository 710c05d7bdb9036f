-- Sums between a half hour and a day, so that a question about farms or half hours of three years is answered from
-- some hundred thousand rows and not from millions.  They add up to daily_summaries and bitcoin_daily_summaries.

create table farm_daily_summaries (
	settlement_date date not null,
	farm_id text collate "C" not null,
	curtailed_mwh numeric not null,		-- Σ over its half hours of the energy the calculations use
	payment numeric not null,		-- £ net = to_farms − by_farms
	payment_to_farms numeric not null,
	payment_by_farms numeric not null,
	records integer not null,
	periods integer not null,		-- half hours in which the unit was turned down
	primary key (settlement_date, farm_id)
);

create table bitcoin_farm_daily_summaries (
	settlement_date date not null,
	farm_id text collate "C" not null,
	miner_model text collate "C" not null,
	bitcoin_mined numeric not null,
	calculations integer not null,
	primary key (settlement_date, farm_id, miner_model)
);

create table period_summaries (
	settlement_date date not null,
	settlement_period smallint not null,
	curtailed_mwh numeric not null,
	payment numeric not null,
	payment_to_farms numeric not null,
	payment_by_farms numeric not null,
	records integer not null,
	farms integer not null,			-- units turned down
	primary key (settlement_date, settlement_period)
);

create table bitcoin_period_summaries (
	settlement_date date not null,
	settlement_period smallint not null,
	miner_model text collate "C" not null,
	bitcoin_mined numeric not null,
	calculations integer not null,
	primary key (settlement_date, settlement_period, miner_model)
);

-- Bring the four tables to what the records and calculations of these days say, and return how many rows differed.
-- Where none does, nothing is written, and no right to write is needed.  Days of archived years have nothing below
-- them: their sums stand.  Records are read in the order of their key, so that no hash of all pairs is needed.
create function sum_farms(first_day date, last_day date) returns bigint
	language plpgsql set work_mem = '32MB' as $$
declare
	farms farm_daily_summaries[];
	farms_gone farm_daily_summaries[];
	half_hours period_summaries[];
	half_hours_gone period_summaries[];
	farm_coins bitcoin_farm_daily_summaries[];
	farm_coins_gone bitcoin_farm_daily_summaries[];
	half_hour_coins bitcoin_period_summaries[];
	half_hour_coins_gone bitcoin_period_summaries[];
	changed bigint := 0;
begin
	select array_agg(row(s.*)::farm_daily_summaries) filter (where s.settlement_date is not null),
	       array_agg(f) filter (where s.settlement_date is null)
	  into farms, farms_gone
	  from (
		select settlement_date, farm_id, trim_scale(sum(mwh)), trim_scale(sum(net)), trim_scale(sum(net + by_farms)),
		       trim_scale(sum(by_farms)), sum(lines), count(*)
		  from (select settlement_date, settlement_period, farm_id, round(sum(abs(volume)), 9) as mwh, count(*) as lines,
			       coalesce(sum(payment), 0) as net, coalesce(- sum(payment) filter (where payment < 0), 0) as by_farms
			  from (select settlement_date, settlement_period, farm_id, volume, payment
				  from curtailment_records where settlement_date between first_day and last_day
				 order by settlement_date, settlement_period, farm_id offset 0) records
			 group by settlement_date, settlement_period, farm_id) pairs
		 group by settlement_date, farm_id
	  ) s (settlement_date, farm_id, curtailed_mwh, payment, payment_to_farms, payment_by_farms,
			records, periods)
	  full join (select * from farm_daily_summaries
		      where settlement_date between first_day and last_day
			and to_char(settlement_date, 'YYYY') not in (select year from archived_years)) f
	       using (settlement_date, farm_id)
	 where row(s.*)::farm_daily_summaries is distinct from f;
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

	select array_agg(row(s.*)::period_summaries) filter (where s.settlement_date is not null),
	       array_agg(f) filter (where s.settlement_date is null)
	  into half_hours, half_hours_gone
	  from (
		select settlement_date, settlement_period, trim_scale(sum(mwh)), trim_scale(sum(net)), trim_scale(sum(net + by_farms)),
		       trim_scale(sum(by_farms)), sum(lines), count(*)
		  from (select settlement_date, settlement_period, farm_id, round(sum(abs(volume)), 9) as mwh, count(*) as lines,
			       coalesce(sum(payment), 0) as net, coalesce(- sum(payment) filter (where payment < 0), 0) as by_farms
			  from (select settlement_date, settlement_period, farm_id, volume, payment
				  from curtailment_records where settlement_date between first_day and last_day
				 order by settlement_date, settlement_period, farm_id offset 0) records
			 group by settlement_date, settlement_period, farm_id) pairs
		 group by settlement_date, settlement_period
	  ) s (settlement_date, settlement_period, curtailed_mwh, payment, payment_to_farms,
			payment_by_farms, records, farms)
	  full join (select * from period_summaries
		      where settlement_date between first_day and last_day
			and to_char(settlement_date, 'YYYY') not in (select year from archived_years)) f
	       using (settlement_date, settlement_period)
	 where row(s.*)::period_summaries is distinct from f;
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

	select array_agg(row(s.*)::bitcoin_farm_daily_summaries) filter (where s.settlement_date is not null),
	       array_agg(f) filter (where s.settlement_date is null)
	  into farm_coins, farm_coins_gone
	  from (
		select settlement_date, farm_id, miner_model, trim_scale(sum(bitcoin_mined)), count(*)
		  from historical_bitcoin_calculations where settlement_date between first_day and last_day
		 group by settlement_date, farm_id, miner_model
	  ) s (settlement_date, farm_id, miner_model, bitcoin_mined, calculations)
	  full join (select * from bitcoin_farm_daily_summaries
		      where settlement_date between first_day and last_day
			and to_char(settlement_date, 'YYYY') not in (select year from archived_years)) f
	       using (settlement_date, farm_id, miner_model)
	 where row(s.*)::bitcoin_farm_daily_summaries is distinct from f;
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

	select array_agg(row(s.*)::bitcoin_period_summaries) filter (where s.settlement_date is not null),
	       array_agg(f) filter (where s.settlement_date is null)
	  into half_hour_coins, half_hour_coins_gone
	  from (
		select settlement_date, settlement_period, miner_model, trim_scale(sum(bitcoin_mined)), count(*)
		  from historical_bitcoin_calculations where settlement_date between first_day and last_day
		 group by settlement_date, settlement_period, miner_model
	  ) s (settlement_date, settlement_period, miner_model, bitcoin_mined, calculations)
	  full join (select * from bitcoin_period_summaries
		      where settlement_date between first_day and last_day
			and to_char(settlement_date, 'YYYY') not in (select year from archived_years)) f
	       using (settlement_date, settlement_period, miner_model)
	 where row(s.*)::bitcoin_period_summaries is distinct from f;
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

-- What is summed already gets its farms now; later days get them from rollup-summaries.
select sum(sum_farms(first_day, (first_day + interval '1 month')::date - 1))
  from (select distinct date_trunc('month', settlement_date)::date as first_day from daily_summaries) months;

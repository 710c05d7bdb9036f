-- How many records and calculations are stored, and of whom, is asked without a date, and read every row of all years.  The
-- note of a day that was summed (064-summed-days.sql) now says it too, of the rows that were summed.  It holds while the proof
-- does whose name it has: the rows cannot have changed unnoticed, so that what becomes of the sums does not matter.
alter table summed_days add column farms text[], add column calculations jsonb;

-- Of each day that has sums by farm: the farms that have records, and how many calculations each miner model has.
create function sums_counts(first_day date, last_day date) returns table (day date, farms text[], calculations jsonb)
	language plpgsql stable as $$
begin
	return query
	select coalesce(r.settlement_date, c.settlement_date), coalesce(r.farms, '{}'), coalesce(c.calculations, '{}')
	  from (select f.settlement_date, array_agg(f.farm_id) as farms
		  from farm_daily_summaries f where f.settlement_date between first_day and last_day
		 group by f.settlement_date) r
	  full join (select m.settlement_date, jsonb_object_agg(m.miner_model, m.calculations) as calculations
		       from (select b.settlement_date, b.miner_model, sum(b.calculations) as calculations
			       from bitcoin_farm_daily_summaries b where b.settlement_date between first_day and last_day
			      group by b.settlement_date, b.miner_model) m
		      group by m.settlement_date) c on c.settlement_date = r.settlement_date;
end $$;

-- What is stored, counted: the records of each farm (what is 'record') and the calculations of each miner model (what is
-- 'calculation'), each with the first and the last day on which there are any.  A name may have several rows.  The records of days
-- that are known have none, and these days' farms then have rows with a count of 0.  A day is known if its proof holds and its note is
-- of that proof: the proof has how many rows there are, and the note whose; a note that does not add up to its proof counts for
-- nothing.  Of a month that has other days the rows of these are read.
create function stored_counts() returns table (what text, name text, n bigint, first_day date, last_day date)
	language plpgsql stable as $$
declare
	known constant date[] := array(
		select p.settlement_date
		  from valid_day_proofs('-infinity', 'infinity') p
		  join summed_days s on s.settlement_date = p.settlement_date and s.proof::text = p.seen::text and s.summed_at >= p.proved_at
		 where (p.records > 0) = (cardinality(s.farms) > 0)
		   and p.calculations = (select coalesce(sum(value::bigint), 0) from jsonb_each_text(s.calculations)));
	records constant daterange := (select daterange(min(settlement_date), max(settlement_date), '[]') from curtailment_records);
	calculations constant daterange := (
		select daterange(min(settlement_date), max(settlement_date), '[]') from historical_bitcoin_calculations);
	month record;
begin
	return query
	select c.what, c.name, sum(c.n)::bigint, min(c.day), max(c.day)
	  from summed_days s
	  join day_proofs p on p.settlement_date = s.settlement_date
	 cross join lateral (
		select 'record', null, p.records, case when p.records > 0 then p.settlement_date end
		union all select 'record', f, 0, null from unnest(s.farms) f
		union all select 'calculation', key, value::bigint, p.settlement_date from jsonb_each_text(s.calculations)) c (what, name, n, day)
	 where s.settlement_date = any (known)
	 group by c.what, c.name;
	for month in
		select array_agg(d.day::date) as days, min(d.day)::date as first_day, max(d.day)::date as last_day
		  from generate_series(least(lower(records), lower(calculations)), greatest(upper(records), upper(calculations)) - 1,
				       interval '1 day') d (day)
		 where not exists (select from unnest(known) k (day) where k.day = d.day::date)
		 group by date_trunc('month', d.day)
	loop
		return query
		select 'record', r.farm_id, count(*), min(r.settlement_date), max(r.settlement_date)
		  from curtailment_records r
		 where r.settlement_date between month.first_day and month.last_day and r.settlement_date = any (month.days)
		 group by r.farm_id;
		return query
		select 'calculation', c.miner_model, count(*), min(c.settlement_date), max(c.settlement_date)
		  from historical_bitcoin_calculations c
		 where c.settlement_date between month.first_day and month.last_day and c.settlement_date = any (month.days)
		 group by c.miner_model;
	end loop;
end $$;

-- Notes that were made before say it too, where their sums are still those that were noted.
update summed_days s set farms = c.farms, calculations = c.calculations
  from (select n.settlement_date, coalesce(c.farms, '{}') as farms, coalesce(c.calculations, '{}') as calculations
	  from summed_days n
	  left join sums_digests('-infinity', 'infinity') d on d.day = n.settlement_date
	  left join sums_counts('-infinity', 'infinity') c on c.day = n.settlement_date
	 where n.digest = coalesce(d.digest, 0) offset 0) c
 where s.settlement_date = c.settlement_date;

comment on column summed_days.farms is 'the farms that had records when the day was summed; null in a note that does not say';
comment on column summed_days.calculations is 'how many calculations each miner model had then; null in a note that does not say';
comment on function sums_counts(date, date) is
	'for rollup-summaries: of each day that has sums by farm, the farms with records and the number of calculations of each miner model';
comment on function stored_counts() is
	'for reconcile status: records by farm and calculations by miner model, read only of days of which no note says it';

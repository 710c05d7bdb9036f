-- Whether the records of a day are those that were noted as they were fetched is asked by every list of periods, each time of
-- all records of its days.  The note of a day that was summed (064-summed-days.sql) now says so too: it holds while the proof
-- does whose name it has, so that the records cannot have changed unnoticed, and it has a digest of what was noted of the
-- fetches, which nothing watches, and which are read.
alter table summed_days add column fetched numeric;

-- The digest of what was noted of the fetches of each day that has any, as far as the records are held against it.
create function fetches_digests(first_day date, last_day date) returns table (day date, digest numeric)
	language plpgsql stable as $$
begin
	return query
	select i.settlement_date, sum(hash_record_extended(row(i.settlement_period, i.rows_kept, i.volume), 0))
	  from ingested_periods i where i.settlement_date between first_day and last_day
	 group by i.settlement_date;
end $$;

-- The days whose records add up to what was noted of their fetches, paid volume times price, and that digest; of a day
-- without fetches it is 0.  One statement reads both, so that they are of one moment.
create function fetches_that_add_up(first_day date, last_day date) returns table (day date, digest numeric)
	language plpgsql stable as $$
begin
	return query
	with stored as (
		select r.settlement_date, r.settlement_period, count(*) as records, sum(r.volume) as volume,
		       bool_or(r.payment is distinct from r.volume * r.original_price) as paid_wrong
		  from curtailment_records r where r.settlement_date between first_day and last_day
		 group by r.settlement_date, r.settlement_period
	), fetched as (
		select i.settlement_date, i.settlement_period, i.rows_kept, i.volume
		  from ingested_periods i where i.settlement_date between first_day and last_day
	), compared as (
		select coalesce(f.settlement_date, s.settlement_date) as settlement_date,
		       case when f.settlement_date is not null
			    then hash_record_extended(row(f.settlement_period, f.rows_kept, f.volume), 0) else 0 end as hash,
		       coalesce(s.paid_wrong, false)
		       or coalesce(f.rows_kept <> coalesce(s.records, 0) or f.volume <> coalesce(s.volume, 0), false) as wrong
		  from fetched f
		  full join stored s on s.settlement_date = f.settlement_date and s.settlement_period = f.settlement_period
	)
	select first_day + n, coalesce(sum(c.hash), 0)
	  from generate_series(0, last_day - first_day) n
	  left join compared c on c.settlement_date = first_day + n
	 group by n
	having not coalesce(bool_or(c.wrong), false);
end $$;

-- The days that have a proof that holds, as far as the rows go, and what their notes say: that the sums with one digest are
-- those of its rows, and that its rows are those of the fetches with another; null where there is no such note.
create function noted_days(first_day date, last_day date)
	returns table (settlement_date date, proof text, sums numeric, fetched numeric)
	language sql stable rows 365 as $$
	select p.settlement_date, p.seen::text, s.digest, s.fetched
	  from valid_day_proofs(first_day, last_day) p
	  left join summed_days s on s.settlement_date = p.settlement_date and s.proof::text = p.seen::text and s.summed_at >= p.proved_at
$$;

comment on column summed_days.fetched is
	'digest of what was noted of the fetches of the day (fetches_digests) while its records added up to it; null where they did not, or nobody looked';
comment on function fetches_digests(date, date) is
	'for rollup-summaries and find-missing: the sum of the hashes of what was noted of the fetches of each day that has any';
comment on function fetches_that_add_up(date, date) is
	'for rollup-summaries: the days whose records add up to what was noted of their fetches, and its digest';
comment on function noted_days(date, date) is
	'for rollup-summaries and find-missing: the days with a proof that holds, and what their notes in summed_days say';

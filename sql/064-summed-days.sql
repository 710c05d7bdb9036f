-- Days of which the sums by farm and by half hour are known to be those of their records and calculations.  Whoever has
-- added up a day that has a proof (058-day-proofs.sql), whose rows cannot change unnoticed, leaves a digest of the sums with
-- it; who finds that proof still holding and the sums with that digest need not read the rows again.  So nothing watches the
-- sums: they are read, which costs a twentieth of adding up.  The name of the proof is the transactions it was read after:
-- rows that change and are proved anew have another, whatever becomes of this table.  In a copy on another server transactions
-- are counted anew, so that a note made before its proof is none.
create table summed_days (
	settlement_date date primary key,
	proof pg_snapshot not null,
	digest numeric not null,
	summed_at timestamptz not null default clock_timestamp()
);

-- The digest of the sums of each day that has any: the sum of the hashes of the rows, as text, so that nothing of a row is
-- passed over, each hashed on the names of its table and columns.
create function sums_digests(first_day date, last_day date) returns table (day date, digest numeric)
	language plpgsql stable as $$
declare
	names constant bigint[] := (
		select array_agg(hashtextextended(t.name || (select string_agg(attname, ' ' order by attnum) from pg_attribute
							      where attrelid = t.name::regclass and attnum > 0 and not attisdropped), 0)
				 order by t.n)
		  from unnest(array['farm_daily_summaries', 'period_summaries', 'bitcoin_farm_daily_summaries', 'bitcoin_period_summaries'])
		       with ordinality t (name, n));
begin
	return query
	select s.settlement_date, sum(s.hash)
	  from (select f.settlement_date, hashtextextended(f::text, names[1]) as hash
		  from farm_daily_summaries f where f.settlement_date between first_day and last_day
		union all
		select p.settlement_date, hashtextextended(p::text, names[2])
		  from period_summaries p where p.settlement_date between first_day and last_day
		union all
		select f.settlement_date, hashtextextended(f::text, names[3])
		  from bitcoin_farm_daily_summaries f where f.settlement_date between first_day and last_day
		union all
		select p.settlement_date, hashtextextended(p::text, names[4])
		  from bitcoin_period_summaries p where p.settlement_date between first_day and last_day) s
	 group by s.settlement_date;
end $$;

comment on table summed_days is 'days whose sums by farm and half hour were compared with their rows while a proof of the day held; rollup-summaries writes them, and they count while that proof holds and the sums are unchanged';
comment on column summed_days.settlement_date is 'settlement date in London time';
comment on column summed_days.proof is 'the proof: day_proofs.seen as it was';
comment on column summed_days.digest is 'sum of the hashes of the sums (sums_digests)';
comment on column summed_days.summed_at is 'when it was written';
comment on function sums_digests(date, date) is
	'for rollup-summaries: the sum of the hashes of the sums by farm and half hour of each day that has any';

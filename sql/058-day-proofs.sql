-- Days that are known to be right.  Who compares the calculations of a day with its records and finds, or makes, all of
-- them right leaves a proof; who reads it need not compare the day again.  A proof must never outlive what it says, whoever
-- changes a row and however, so that it holds three things:
--
--   inputs  a digest of all that the calculations of the day follow from but the records (calculation/proof_inputs.h)
--   seal    what the tables of the month are, and the triggers that watch them (month_seal): a partition that comes, goes
--           or is written anew, a column or a trigger that is another or was switched off for a moment has another seal
--   seen    which transactions the rows were read after
--
-- A trigger on each of the tables, for statements and not for rows, withdraws proofs when rows were changed.  The tools say
-- which dates they write, hold these dates, and no proof but theirs goes.  Whoever says nothing withdraws the proofs of the
-- months that he changed: he notes them with his transaction, and a proof counts only where every such transaction is among
-- those that its rows were read after.  So nobody waits for anybody, and it does not matter which of two, who changes and who
-- proves, began or ended first.
create table day_proofs (
	settlement_date date primary key,
	inputs bigint not null,
	seal bigint not null,
	seen pg_snapshot not null,
	records bigint not null,
	pairs bigint not null,
	curtailed_mwh numeric not null,
	expected bigint not null,
	calculations bigint not null,
	digest numeric not null,
	proved_at timestamptz not null default now()
);

create table withdrawn_proofs (
	from_date date not null,
	to_date date not null,
	writer xid8 not null default pg_current_xact_id()
);

-- The first day of the month that a partition of one of the two big tables holds, and no more, in no other way than the rows
-- of a table; null where it is not as the tools make it.
create function month_of_table(relation oid) returns date language plpgsql stable as $$
begin
	return (
		select m.month
		  from pg_class c
		  join pg_inherits i on i.inhrelid = c.oid
		   and i.inhparent in (to_regclass('curtailment_records'), to_regclass('historical_bitcoin_calculations'))
		 cross join lateral (select case when c.relname ~ '_[0-9]{4}_(0[1-9]|1[0-2])$'
		                                 then to_date(right(c.relname::text, 7), 'YYYY_MM') end as month) m
		 where c.oid = relation and c.relkind = 'r' and c.relpersistence = 'p'
		   and pg_get_expr(c.relpartbound, c.oid)
		       = format('FOR VALUES FROM (%L) TO (%L)', m.month, (m.month + interval '1 month')::date));
end $$;

-- What one of the tables is, as far as a change of its rows could pass unseen: itself, its file, its columns, the trigger
-- that watches it, and when that trigger and its function were last altered.  Null where a change would not be seen.
create function watched_table(relation oid) returns text language plpgsql stable as $$
begin
	return (
		select concat_ws(' ', c.oid, c.relfilenode, t.oid, t.xmin, f.oid, f.xmin,
		                 (select string_agg(concat_ws(' ', attnum, attname, atttypid), ',' order by attnum)
		                    from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped))
		  from pg_class c
		  -- for a statement that inserts, updates, deletes or truncates, after it, always and without a condition
		  join pg_trigger t on t.tgrelid = c.oid and t.tgname = 'withdraw_proofs' and t.tgenabled = 'A'
		       and t.tgtype = 60 and t.tgqual is null and t.tgattr::text = ''
		  join pg_proc f on f.oid = t.tgfoid and f.proname = 'withdraw_proofs'
		 where c.oid = relation and not c.relrowsecurity
		   -- What a subscription brings fires no trigger for statements.
		   and not exists (select from pg_subscription_rel s where s.srrelid = c.oid));
end $$;

-- The same of all tables that hold the month, as one figure; null where a change would not be seen.
create function month_seal(first_day date) returns bigint language plpgsql stable as $$
begin
	return (
		select hashtextextended(string_agg(w.mark, '/' order by t.oid), (select system_identifier from pg_control_system()))
		  from pg_class p
		 cross join lateral (select p.oid
				     union all
				     select c.oid from pg_class c
				      where c.relname = (p.relname || to_char(first_day, '"_"YYYY"_"MM'))::name
				        and c.relnamespace = p.relnamespace and month_of_table(c.oid) = first_day) t
		 cross join lateral (select watched_table(t.oid) as mark offset 0) w
		 where p.oid in (to_regclass('curtailment_records'), to_regclass('historical_bitcoin_calculations'))
		having count(w.mark) = 4);
end $$;

-- The proofs of these days that hold as far as the rows go; whether their inputs are those in force its reader must see.
create function valid_day_proofs(first_day date, last_day date) returns setof day_proofs language sql stable rows 365 as $$
	with seals as materialized (
		select month, month_seal(month) as seal
		  from (select distinct date_trunc('month', settlement_date)::date as month
			  from day_proofs where settlement_date between first_day and last_day) months
	)
	select p.*
	  from day_proofs p
	  join seals s on s.month = date_trunc('month', p.settlement_date)::date and s.seal = p.seal
	 where p.settlement_date between first_day and last_day
	   and not exists (select from withdrawn_proofs w
	                    where p.settlement_date between w.from_date and w.to_date
	                      and not pg_visible_in_snapshot(w.writer, p.seen))
$$;

-- After a statement on one of the tables or their partitions.  windfall.writes is set by the tools for their transaction, to
-- the first and the last date that they hold and write: '2025-03-01 2025-03-31'.
create function withdraw_proofs() returns trigger language plpgsql security definer as $$
declare
	said constant text[] := regexp_match(current_setting('windfall.writes', true), '^(\d{4}-\d\d-\d\d) (\d{4}-\d\d-\d\d)$');
	changed oid[];
begin
	-- The tables whose rows the transaction changed, as the server counts them; null where it does not.
	if tg_op = 'TRUNCATE' then
		changed := array[tg_relid];
	elsif current_setting('track_counts')::boolean then
		select coalesce(array_agg(oid), '{}') into changed
		  from (select inhrelid as oid from pg_inherits where inhparent = tg_relid union all select tg_relid) t
		 where pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
		       + pg_stat_get_xact_tuples_deleted(oid) > 0;
		if changed = '{}' then
			return null;
		end if;
	end if;
	if said is not null and tg_op <> 'TRUNCATE' and current_setting('transaction_isolation') = 'read committed' then
		delete from day_proofs where settlement_date between said[1]::date and said[2]::date;
		return null;
	end if;
	-- One that is no month's, or not known to be one, stands for all of them.
	insert into withdrawn_proofs (from_date, to_date)
	select s.from_date, s.to_date
	  from (select distinct coalesce(m.month, '-infinity') as from_date,
		       coalesce((m.month + interval '1 month')::date - 1, 'infinity') as to_date
		  from (select month_of_table(oid) as month from unnest(coalesce(changed, '{0}')) oid) m) s
	 where not exists (select from withdrawn_proofs w
	                    where w.writer = pg_current_xact_id() and w.from_date <= s.from_date and w.to_date >= s.to_date);
	return null;
end $$;

-- Watch the tables and all their partitions, where they are not watched yet; true if one was not.
create function watch_proofs() returns boolean language plpgsql as $$
declare
	it regclass;
	made boolean := false;
	spread boolean := false;
begin
	-- An engine that shards has no triggers on what it has spread: there no day is proved.
	if to_regclass('pg_dist_partition') is not null then
		execute 'select exists (select from pg_dist_partition where logicalrelid = to_regclass(''curtailment_records''))' into spread;
	end if;
	if spread then
		return false;
	end if;
	for it in
		select c.oid::regclass
		  from pg_class c
		 where (c.oid in (to_regclass('curtailment_records'), to_regclass('historical_bitcoin_calculations'))
		        or exists (select from pg_inherits i
		                    where i.inhrelid = c.oid
		                      and i.inhparent in (to_regclass('curtailment_records'), to_regclass('historical_bitcoin_calculations'))))
		   and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'withdraw_proofs')
		 order by c.oid
	loop
		execute format('create trigger withdraw_proofs after insert or update or delete or truncate on %s'
			       ' for each statement execute function withdraw_proofs()', it);
		execute format('alter table %s enable always trigger withdraw_proofs', it);
		made := true;
	end loop;
	return made;
end $$;

-- As before, and a new month is watched as its table is.
create or replace function ensure_month(day date) returns boolean
	language plpgsql security definer as $$
declare
	month_start constant date := date_trunc('month', day)::date;
	month_end constant date := (date_trunc('month', day) + interval '1 month')::date;
	suffix constant text := to_char(day, '"_"YYYY"_"MM');
	parent text;
	made boolean := false;
begin
	if exists (select from archived_years where year = to_char(day, 'YYYY')) then
		raise exception 'the year % is archived: restore it first, with scripts/partitions restore-year',
			to_char(day, 'YYYY') using errcode = 'check_violation';
	end if;
	foreach parent in array array['curtailment_records', 'historical_bitcoin_calculations'] loop
		continue when to_regclass(parent || suffix) is not null;
		-- What attaching takes in any case; an advisory lock would not refresh what is known of tables.
		execute format('lock table %I in share update exclusive mode', parent);
		continue when to_regclass(parent || suffix) is not null;
		execute format('create table %I (like %I including defaults including constraints)',
			       parent || suffix, parent);
		execute format('alter table %I attach partition %I for values from (%L) to (%L)',
			       parent, parent || suffix, month_start, month_end);
		if exists (select from pg_trigger where tgrelid = parent::regclass and tgname = 'withdraw_proofs') then
			execute format('create trigger withdraw_proofs after insert or update or delete or truncate on %I'
				       ' for each statement execute function withdraw_proofs()', parent || suffix);
			execute format('alter table %I enable always trigger withdraw_proofs', parent || suffix);
		end if;
		made := true;
	end loop;
	return made;
end $$;

-- The path is fixed, behind pg_catalog, which always comes first: nothing of the caller's comes before what is meant.
do $$
begin
	execute format('alter function ensure_month(date) set search_path = %I, pg_temp', current_schema());
	execute format('alter function withdraw_proofs() set search_path = %I, pg_temp', current_schema());
end $$;

select watch_proofs();

comment on table day_proofs is 'days whose calculations were compared with their records and were all correct; calc-btc --store writes them, and a change of the rows, of their tables or of the inputs voids them';
comment on column day_proofs.settlement_date is 'settlement date in London time';
comment on column day_proofs.inputs is 'digest of the difficulty and subsidy of each half hour and of every miner model, as they were';
comment on column day_proofs.seal is 'what the tables of the month and their triggers were (month_seal)';
comment on column day_proofs.seen is 'the transactions that the rows were read after';
comment on column day_proofs.records is 'curtailment records of the day';
comment on column day_proofs.pairs is 'distinct (period, farm) among them';
comment on column day_proofs.curtailed_mwh is 'their energy, each pair rounded to 1e-9 MWh';
comment on column day_proofs.expected is 'calculations that the miner models in force call for, all there and correct';
comment on column day_proofs.calculations is 'calculations stored, those of retired models included';
comment on column day_proofs.digest is 'sum of the hashes of the calculations (sql/query/calculation-digests.sql)';
comment on column day_proofs.proved_at is 'when it was written';

comment on table withdrawn_proofs is 'months that a transaction changed without a tool: a proof counts only if its rows were read after that transaction; calc-btc --store removes what no proof is older than';
comment on column withdrawn_proofs.from_date is 'first date of the proofs that are void';
comment on column withdrawn_proofs.to_date is 'last of them';
comment on column withdrawn_proofs.writer is 'the transaction that changed the rows';

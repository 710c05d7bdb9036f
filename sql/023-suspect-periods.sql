-- A period of which the source now gives less than can be: no row of any unit though it is settled, less than
-- half the rows that were stored, or hardly any of the curtailed energy that was final.  What was stored stays,
-- nothing is final by it, and a person or a later, whole answer decides.
alter table ingested_periods drop constraint ingested_periods_status_check;
alter table ingested_periods add constraint ingested_periods_status_check
	check (status in ('provisional', 'final', 'suspect'));
alter table ingested_periods add column suspect text;	-- what made it so; null while it is not

-- Each time the stored rows of a period changed: what they came to before and after, and by which fetch.
create table period_revisions (
	settlement_date date not null,
	settlement_period smallint not null,
	revised_at timestamptz not null default clock_timestamp(),
	was_status text collate "C" not null,		-- before: provisional, final, suspect
	records_before integer not null,
	records_after integer not null,
	mwh_before numeric not null,			-- curtailed energy, positive
	mwh_after numeric not null,
	payment_before numeric not null,		-- £
	payment_after numeric not null,
	fetched_by text not null,			-- the job and its run, or who ran the tool by hand
	accepted boolean not null default false,	-- a person took an answer that was suspect
	primary key (settlement_date, settlement_period, revised_at)
);

-- What changed since it was final.
create view revisions_since_final as
	select settlement_date, settlement_period, revised_at, records_before, records_after, mwh_before, mwh_after,
	       mwh_after - mwh_before as mwh_change, payment_before, payment_after,
	       payment_after - payment_before as payment_change, fetched_by, accepted
	  from period_revisions
	 where was_status <> 'provisional';

-- What it cost to turn others up in place of wind that was turned down (src/lib/curtailment/replacement.h), with the
-- offers that it was taken from, so that anybody can do it again; and its sums by day, month and year.
create table replacement_costs (
	settlement_date date not null,
	settlement_period smallint not null check (settlement_period between 1 and 50),
	status text collate "C" not null check (status in ('provisional', 'final')),
	curtailed_mwh numeric not null check (curtailed_mwh > 0),
	replaced_mwh numeric not null,
	cost numeric not null,
	offers integer not null,
	rows_seen integer not null,
	source_created_at timestamptz,
	records_as_of timestamptz,
	fetched_at timestamptz not null default now(),
	primary key (settlement_date, settlement_period)
);
comment on table replacement_costs is
	'what it cost to turn others up in a half hour in which wind was turned down; a half hour without a row is not known';
comment on column replacement_costs.settlement_date is 'settlement day: a day in London';
comment on column replacement_costs.settlement_period is 'half hour of the day, from 1 at local midnight; 46, 48 or 50 a day';
comment on column replacement_costs.status is 'provisional or final, as the offer stack was when it was read';
comment on column replacement_costs.curtailed_mwh is
	'MWh of wind turned down, which were to be replaced; where that is not what is stored now, the row counts for nothing and is made anew';
comment on column replacement_costs.replaced_mwh is 'MWh taken from the offers: less than curtailed where they ran out';
comment on column replacement_costs.cost is 'pounds: the sum of original price times MWh taken';
comment on column replacement_costs.offers is 'offers taken, the last perhaps in part: rows of replacement_offers';
comment on column replacement_costs.rows_seen is 'lines of the offer stack';
comment on column replacement_costs.source_created_at is 'newest createdDateTime of the offer stack';
comment on column replacement_costs.records_as_of is
	'when the curtailment that is replaced was last changed; where it has changed since, the half hour is made anew';
comment on column replacement_costs.fetched_at is 'when it was fetched';

create table replacement_offers (
	settlement_date date not null,
	settlement_period smallint not null,
	place integer not null check (place > 0),
	unit_id text collate "C",
	acceptance_id bigint,
	pair_id smallint,
	sequence_number integer not null,
	so_flag boolean,
	offered_mwh numeric not null check (offered_mwh > 0),
	original_price numeric not null,
	taken_mwh numeric not null check (taken_mwh > 0),
	primary key (settlement_date, settlement_period, place)
);
comment on table replacement_offers is 'the offers that replacement_costs were taken from, in order';
comment on column replacement_offers.settlement_date is 'settlement day: a day in London';
comment on column replacement_offers.settlement_period is 'half hour of the day, from 1 at local midnight; 46, 48 or 50 a day';
comment on column replacement_offers.place is 'its turn: offers without the SO flag first, then by sequence number';
comment on column replacement_offers.unit_id is 'BM unit of any fuel, or the number of a balancing services adjustment; null where the source has none';
comment on column replacement_offers.acceptance_id is 'acceptance: the instruction of the system operator';
comment on column replacement_offers.pair_id is 'bid-offer pair';
comment on column replacement_offers.sequence_number is 'place in the offer stack';
comment on column replacement_offers.so_flag is 'the acceptance may have been for a system reason';
comment on column replacement_offers.offered_mwh is 'MWh, as sent';
comment on column replacement_offers.original_price is '£/MWh';
comment on column replacement_offers.taken_mwh is 'MWh taken: all that was offered, but for the last';

create table replacement_daily_summaries (
	settlement_date date primary key,
	curtailed_mwh numeric not null,
	replaced_mwh numeric not null,
	cost numeric not null,
	offers integer not null,
	periods integer not null,
	periods_final integer not null,
	periods_short integer not null,
	updated_at timestamptz not null default now()
);
create table replacement_monthly_summaries (
	year_month text collate "C" primary key check (year_month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
	curtailed_mwh numeric not null,
	replaced_mwh numeric not null,
	cost numeric not null,
	offers integer not null,
	periods integer not null,
	periods_final integer not null,
	periods_short integer not null,
	updated_at timestamptz not null default now()
);
create table replacement_yearly_summaries (
	year text collate "C" primary key check (year ~ '^\d{4}$'),
	curtailed_mwh numeric not null,
	replaced_mwh numeric not null,
	cost numeric not null,
	offers integer not null,
	periods integer not null,
	periods_final integer not null,
	periods_short integer not null,
	updated_at timestamptz not null default now()
);
comment on table replacement_daily_summaries is 'replacement costs by day: of the half hours of which they are known, and no others';
comment on table replacement_monthly_summaries is 'replacement costs by month: the sums of its days';
comment on table replacement_yearly_summaries is 'replacement costs by year: the sums of its months';
comment on column replacement_daily_summaries.settlement_date is 'settlement day: a day in London';
comment on column replacement_monthly_summaries.year_month is 'month, YYYY-MM';
comment on column replacement_yearly_summaries.year is 'year';
do $$
declare
	summary text;
begin
	foreach summary in array array['replacement_daily_summaries', 'replacement_monthly_summaries', 'replacement_yearly_summaries'] loop
		execute format('comment on column %I.curtailed_mwh is ''MWh of wind turned down in these half hours''', summary);
		execute format('comment on column %I.replaced_mwh is ''MWh taken from the offers''', summary);
		execute format('comment on column %I.cost is ''pounds: the sum of original price times MWh taken''', summary);
		execute format('comment on column %I.offers is ''offers taken''', summary);
		execute format('comment on column %I.periods is ''half hours with curtailment whose replacement cost is known; the summary of the same name without replacement_ has how many there were''', summary);
		execute format('comment on column %I.periods_final is ''of these final''', summary);
		execute format('comment on column %I.periods_short is ''of these such in which the offers ran out''', summary);
		execute format('comment on column %I.updated_at is ''when it was last changed''', summary);
	end loop;
end $$;

-- What is known now of which half hours, for whoever asks the database: the cost is there where it is of the curtailment
-- that is stored, and null, not zero, where it is not known.
create view replacement_half_hours as
	select settlement_period_start(p.settlement_date, p.settlement_period) as starts_at,
	       settlement_period_start(p.settlement_date, p.settlement_period) + interval '30 minutes' as ends_at,
	       p.settlement_date, p.settlement_period, coalesce(r.status, 'unknown') as state, p.curtailed_mwh, p.payment,
	       r.replaced_mwh, r.cost as replacement_cost, p.payment + r.cost as total_cost, r.offers
	  from period_summaries p
	  left join replacement_costs r on r.settlement_date = p.settlement_date and r.settlement_period = p.settlement_period
	                               and r.curtailed_mwh = p.curtailed_mwh;
create view replacement_days as
	select settlement_period_start(d.settlement_date, 1) as starts_at, settlement_period_start(d.settlement_date + 1, 1) as ends_at,
	       d.settlement_date,
	       case when coalesce(r.periods, 0) = d.periods
		    then case when coalesce(r.periods_final, 0) = d.periods and d.periods_final = d.periods_expected then 'final'
			      when d.periods_ingested < d.periods_expected then 'not_complete' else 'provisional' end
		    when r.periods is null then 'unknown' else 'not_complete' end as state,
	       d.curtailed_mwh, d.payment, case when d.periods = 0 then 0 else r.replaced_mwh end as replaced_mwh,
	       case when d.periods = 0 then 0 else r.cost end as replacement_cost,
	       case when coalesce(r.periods, 0) = d.periods then d.payment + coalesce(r.cost, 0) end as total_cost,
	       d.periods, coalesce(r.periods, 0) as replacement_periods, coalesce(r.periods_short, 0) as periods_short
	  from daily_summaries d left join replacement_daily_summaries r on r.settlement_date = d.settlement_date;
create view replacement_months as
	select settlement_period_start((m.year_month || '-01')::date, 1) as starts_at,
	       settlement_period_start(((m.year_month || '-01')::date + interval '1 month')::date, 1) as ends_at, m.year_month,
	       case when coalesce(r.periods, 0) < m.periods then case when r.periods is null then 'unknown' else 'not_complete' end
		    when m.periods_ingested < m.periods_expected
			 or m.days < ((m.year_month || '-01')::date + interval '1 month')::date - (m.year_month || '-01')::date then 'not_complete'
		    when coalesce(r.periods_final, 0) = m.periods and m.periods_final = m.periods_expected then 'final' else 'provisional' end as state,
	       m.curtailed_mwh, m.payment, case when m.periods = 0 then 0 else r.replaced_mwh end as replaced_mwh,
	       case when m.periods = 0 then 0 else r.cost end as replacement_cost,
	       case when coalesce(r.periods, 0) = m.periods then m.payment + coalesce(r.cost, 0) end as total_cost,
	       m.periods, coalesce(r.periods, 0) as replacement_periods, coalesce(r.periods_short, 0) as periods_short
	  from monthly_summaries m left join replacement_monthly_summaries r on r.year_month = m.year_month;
comment on view replacement_half_hours is 'half hours with curtailment, with what it cost to turn others up';
comment on view replacement_days is 'days, with what it cost to turn others up';
comment on view replacement_months is 'months, with what it cost to turn others up';
do $$
declare
	shown text;
begin
	foreach shown in array array['replacement_half_hours', 'replacement_days', 'replacement_months'] loop
		execute format('comment on column %I.starts_at is ''when it begins''', shown);
		execute format('comment on column %I.ends_at is ''when it ends''', shown);
		execute format('comment on column %I.state is ''final; provisional; not_complete: the cost of some half hours is not known, and the sums leave them out; unknown: of none''', shown);
		execute format('comment on column %I.curtailed_mwh is ''MWh of wind turned down''', shown);
		execute format('comment on column %I.payment is ''pounds paid to farms less pounds paid by farms''', shown);
		execute format('comment on column %I.replaced_mwh is ''MWh taken from the offers''', shown);
		execute format('comment on column %I.replacement_cost is ''pounds paid to turn others up; null where it is not known''', shown);
		execute format('comment on column %I.total_cost is ''payment and replacement cost together; null where not all of it is known''', shown);
	end loop;
	foreach shown in array array['replacement_days', 'replacement_months'] loop
		execute format('comment on column %I.periods is ''half hours with curtailment''', shown);
		execute format('comment on column %I.replacement_periods is ''of these such whose replacement cost is known''', shown);
		execute format('comment on column %I.periods_short is ''of these such in which the offers ran out''', shown);
	end loop;
end $$;
comment on column replacement_half_hours.settlement_date is 'settlement day: a day in London';
comment on column replacement_half_hours.settlement_period is 'half hour of the day, from 1 at local midnight; 46, 48 or 50 a day';
comment on column replacement_half_hours.offers is 'offers taken';
comment on column replacement_days.settlement_date is 'settlement day: a day in London';
comment on column replacement_months.year_month is 'month, YYYY-MM';

-- The publisher's own settled cash flows of wind units (audit-source), beside the payments calculated from the stacks.
create table settled_cashflows (
	settlement_date date not null,
	settlement_period smallint not null check (settlement_period between 1 and 50),
	farm_id text collate "C" not null,
	bid_cashflow numeric not null,
	offer_cashflow numeric not null,
	not_flagged numeric not null,
	primary key (settlement_date, settlement_period, farm_id)
);
comment on table settled_cashflows is 'what the publisher settled with each wind unit in a half hour; zero is left out';
comment on column settled_cashflows.settlement_date is 'settlement day: a day in London';
comment on column settled_cashflows.settlement_period is 'half hour of the day, from 1 at local midnight; 46, 48 or 50 a day';
comment on column settled_cashflows.farm_id is 'BM unit, as the source names it';
comment on column settled_cashflows.bid_cashflow is 'pounds for accepted bids, transmission losses included, positive to the farm';
comment on column settled_cashflows.offer_cashflow is 'pounds for accepted offers, positive to the farm';
comment on column settled_cashflows.not_flagged is 'what of the bids is of lines without the SO flag, which are no curtailment here: as far as the comparison found it';

create table settled_days (
	settlement_date date primary key,
	bid_rows integer not null,
	offer_rows integer not null,
	source_created_at timestamptz,
	settled_payment numeric not null,
	settled_not_flagged numeric not null,
	settled_offers numeric not null,
	unexplained integer not null,
	checked_at timestamptz not null default now()
);
comment on table settled_days is 'days whose payments were compared with the publisher''s settled cash flows';
comment on column settled_days.settlement_date is 'settlement day: a day in London';
comment on column settled_days.bid_rows is 'rows of the answer for bids, of units of all fuels';
comment on column settled_days.offer_rows is 'rows of the answer for offers';
comment on column settled_days.source_created_at is 'newest createdDateTime of both';
comment on column settled_days.settled_payment is 'pounds settled with wind units for bids, without those known to lack the SO flag: beside payment';
comment on column settled_days.settled_not_flagged is 'pounds settled with wind units for bids without the SO flag';
comment on column settled_days.settled_offers is 'pounds settled with wind units for offers';
comment on column settled_days.unexplained is 'half hours of units that differ from the stored records, unexplained';
comment on column settled_days.checked_at is 'when the result of the comparison last changed';

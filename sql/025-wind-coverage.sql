-- A curtailed share stands on the half hours whose wind generation is known, onshore and offshore: how many
-- those are, and what was curtailed in them.  onshore_mwh and offshore_mwh are of these half hours from now on.
alter table daily_summaries add column wind_periods integer not null default 0;
alter table daily_summaries add column wind_curtailed_mwh numeric;
alter table monthly_summaries add column wind_periods integer not null default 0;
alter table monthly_summaries add column wind_curtailed_mwh numeric;
alter table yearly_summaries add column wind_periods integer not null default 0;
alter table yearly_summaries add column wind_curtailed_mwh numeric;

-- What the sums above a half hour are made of: a half hour with one of the two missing says nothing of the
-- whole, and both at zero cannot be (Great Britain has never been without any wind).
create view wind_known as
	select settlement_date, settlement_period, onshore_mwh, offshore_mwh
	  from wind_generation
	 where onshore_mwh is not null and offshore_mwh is not null and onshore_mwh + offshore_mwh > 0;

-- Bitcoin prices of days that their source leaves out: the price of the nearest known day before, within a
-- fortnight, marked so.
alter table bitcoin_daily_summaries add column price_date date;	-- of which day the price is; null if it is assumed

-- Summaries are valued in the currency configured (WINDFALL_CURRENCY, USD unless set).  The price that is assumed
-- where none is known is one in US dollars: in another currency such a day has neither price nor value.
alter table bitcoin_daily_summaries alter column price drop not null;
alter table bitcoin_daily_summaries alter column value_at_mining drop not null;
alter table bitcoin_daily_summaries add constraint bitcoin_daily_summaries_value
	check ((price is null) = (value_at_mining is null) and (price is not null or not price_assumed));

-- A month or year sums the days that have a value, and counts those that have none.  While its days are in several
-- currencies, which lasts until rollup-summaries has been through them, it has neither currency nor value.
alter table bitcoin_monthly_summaries alter column currency drop not null;
alter table bitcoin_monthly_summaries alter column value_at_mining drop not null;
alter table bitcoin_monthly_summaries add column days_without_price integer not null default 0;
alter table bitcoin_yearly_summaries alter column currency drop not null;
alter table bitcoin_yearly_summaries alter column value_at_mining drop not null;
alter table bitcoin_yearly_summaries add column days_without_price integer not null default 0;

-- Pounds beside pounds: what the bitcoin of a day is worth in pounds, whatever currency it is valued in.

create table exchange_rates (
	rate_date date not null,
	currency text collate "C" not null check (currency ~ '^[A-Z]{3}$' and currency <> 'EUR'),
	per_euro numeric not null check (per_euro > 0 and per_euro < 1000000000),
	source text collate "C" not null,
	primary key (rate_date, currency)
);
comment on table exchange_rates is 'reference rates of the European Central Bank, of the days on which it published them';
comment on column exchange_rates.rate_date is 'day of publication: no weekend, no holiday of the bank';
comment on column exchange_rates.currency is 'currency, three letters; the euro''s own rate is 1';
comment on column exchange_rates.per_euro is 'units of the currency that one euro bought';
comment on column exchange_rates.source is 'ecb, or file';

-- Rounded here and nowhere else, so that pounds of half hours add up to those of the day.
create view pounds_per_unit as
	select c.rate_date, c.currency, round(p.per_euro / c.per_euro, 12) as pounds
	  from exchange_rates c join exchange_rates p on p.rate_date = c.rate_date and p.currency = 'GBP'
	 where c.currency <> 'GBP'
	union all
	select rate_date, 'EUR', per_euro from exchange_rates where currency = 'GBP';
comment on view pounds_per_unit is 'pounds for one unit of each other currency, on the days with rates';
comment on column pounds_per_unit.rate_date is 'day of publication';
comment on column pounds_per_unit.currency is 'currency, three letters';
comment on column pounds_per_unit.pounds is 'pounds for one unit, rounded to twelve decimals';

-- A day has the rate published on it, or the last one of the seven days before it; the longest pause so far was five
-- days.  A day whose price is unknown or assumed is worth nothing that anybody knows.
create view bitcoin_days_in_pounds as
	select b.settlement_date, b.miner_model, b.bitcoin_mined, d.curtailed_mwh, d.payment, r.pounds as pounds_per_unit,
	       r.rate_date, trim_scale(b.price * r.pounds) as price_gbp, trim_scale(b.value_at_mining * r.pounds) as value_gbp,
	       b.price_date = b.settlement_date and r.rate_date = b.settlement_date as of_the_day
	  from bitcoin_daily_summaries b
	  join daily_summaries d using (settlement_date)
	 cross join lateral (
		select u.pounds, u.rate_date from pounds_per_unit u
		 where u.currency = b.currency and u.rate_date <= b.settlement_date and u.rate_date > b.settlement_date - 8
		   and b.currency <> 'GBP'
		 union all
		select 1, b.settlement_date where b.currency = 'GBP'
		 order by rate_date desc limit 1) r
	 where b.price is not null and not b.price_assumed;
comment on view bitcoin_days_in_pounds is 'the bitcoin of each day and miner model in pounds, where a price and an exchange rate are known';
comment on column bitcoin_days_in_pounds.settlement_date is 'settlement day: a day in London';
comment on column bitcoin_days_in_pounds.miner_model is 'name of the model';
comment on column bitcoin_days_in_pounds.bitcoin_mined is 'bitcoin, eight decimals';
comment on column bitcoin_days_in_pounds.curtailed_mwh is 'MWh curtailed';
comment on column bitcoin_days_in_pounds.payment is 'pounds paid for it, net';
comment on column bitcoin_days_in_pounds.pounds_per_unit is 'pounds for one unit of the currency of the price';
comment on column bitcoin_days_in_pounds.rate_date is 'day of that rate: the day itself, or the last one before it with a rate';
comment on column bitcoin_days_in_pounds.price_gbp is 'pounds for one bitcoin';
comment on column bitcoin_days_in_pounds.value_gbp is 'value at mining in pounds';
comment on column bitcoin_days_in_pounds.of_the_day is 'price and rate are those of the day itself';

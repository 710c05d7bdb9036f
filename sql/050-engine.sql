-- Two questions in a form that an engine which shards answers too.  What they give is as it was.

-- Such an engine plans no function in SQL whose arguments are those of a statement.
create or replace function audit_half_hours(first date, last date)
	returns table (settlement_date date, settlement_period integer, difficulty numeric, subsidy numeric)
	language plpgsql stable rows 1550 as $$
begin
	return query
	select day::date, number, d.difficulty, s.subsidy
	  from generate_series(first, last, interval '1 day') day
	 cross join generate_series(1, 50) number
	 cross join lateral (select (day::date + time '00:00') at time zone 'Europe/London'
	                            + (number - 1) * interval '30 minutes' as begins) t
	  left join lateral (select n.difficulty, n.in_force_until from network_difficulty n
	                      where n.effective_from <= t.begins
	                      order by n.effective_from desc limit 1) d on d.in_force_until > t.begins
	  left join lateral (select b.subsidy from block_subsidies b
	                      where b.effective_from <= t.begins
	                      order by b.effective_from desc limit 1) s on true;
end $$;

-- Pounds are worth a pound on every day; the union of the two was what the engine refused.
create or replace view bitcoin_days_in_pounds as
	select b.settlement_date, b.miner_model, b.bitcoin_mined, d.curtailed_mwh, d.payment,
	       case when b.currency = 'GBP' then 1 else r.pounds end as pounds_per_unit,
	       case when b.currency = 'GBP' then b.settlement_date else r.rate_date end as rate_date,
	       trim_scale(b.price * case when b.currency = 'GBP' then 1 else r.pounds end) as price_gbp,
	       trim_scale(b.value_at_mining * case when b.currency = 'GBP' then 1 else r.pounds end) as value_gbp,
	       b.price_date = b.settlement_date and (b.currency = 'GBP' or r.rate_date = b.settlement_date) as of_the_day
	  from bitcoin_daily_summaries b
	  join daily_summaries d using (settlement_date)
	  left join lateral (
		select u.pounds, u.rate_date from pounds_per_unit u
		 where u.currency = b.currency and u.rate_date <= b.settlement_date and u.rate_date > b.settlement_date - 8
		   and b.currency <> 'GBP'
		 order by u.rate_date desc limit 1) r on true
	 where b.price is not null and not b.price_assumed and (b.currency = 'GBP' or r.pounds is not null);

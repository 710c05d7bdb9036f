-- The price of each day as the audit knows it, which two of its statements ask for.  As audit_half_hours() it is no SQL function,
-- for an engine that shards plans none of those with the arguments of a statement.
create function audit_prices(first date, last date, currency text)
	returns table (day date, price numeric, price_date date)
	language plpgsql stable rows 31 as $$
begin
	return query
	select c.day, k.price, k.price_date
	  from (select d::date as day,
	               (select max(b.price_date) from bitcoin_prices b
	                 where b.currency = audit_prices.currency and b.price_date <= d::date) as before,
	               (select min(a.price_date) from bitcoin_prices a
	                 where a.currency = audit_prices.currency and a.price_date > d::date) as after
	          from generate_series(first, last, interval '1 day') d) c
	  join bitcoin_prices k on k.price_date = c.before and k.currency = audit_prices.currency
	 where c.before = c.day or c.after - c.before <= 14;
end $$;
comment on function audit_prices(date, date, text) is
	'for audit-calcs: the price in a currency that is in force on each of these days: that of the day or, between two known ones '
	'at most a fortnight apart, of the earlier; without one a day is not listed';

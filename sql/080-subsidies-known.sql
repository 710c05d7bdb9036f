-- The last subsidy that is known holds until the next halving, which nobody dates before it comes: the audit expected what it gives
-- for ever, where calc-btc refuses, and so named figures as missing that nobody can know, and found nothing wrong with those of
-- half the network's coins too many.  With heights, an epoch that ends before the next halving has the subsidy of its height;
-- without, the last one holds for as long as the fastest of eras would, 210,000 blocks of nine minutes.
create or replace function audit_half_hours(first date, last date)
	returns table (settlement_date date, settlement_period integer, difficulty numeric, subsidy numeric)
	language plpgsql stable rows 1550 as $$
begin
	return query
	with half_hours as materialized (
		select first + n as day, number, midnight + (number - 1) * interval '30 minutes' as begins
		  from generate_series(0, last - first) n
		 cross join lateral (select (first + n + time '00:00') at time zone 'Europe/London' as midnight offset 0) m
		 cross join generate_series(1, 50) number
	), span as materialized (
		select min(begins) as first_instant, max(begins) as last_instant from half_hours
	), difficulties as materialized (
		select e.effective_from, e.until, e.difficulty, e.block_height
		  from (select n.effective_from, n.difficulty, n.block_height,
			       least(n.in_force_until, lead(n.effective_from) over (order by n.effective_from)) as until
			  from network_difficulty n) e
		  join span on e.effective_from <= last_instant and e.until > first_instant
	), subsidies as materialized (
		select e.effective_from, e.until, e.subsidy, e.block_height
		  from (select b.effective_from, b.subsidy, b.block_height,
			       coalesce(lead(b.effective_from) over (order by b.effective_from), 'infinity') as until
			  from block_subsidies b) e
		  join span on e.effective_from <= last_instant and e.until > first_instant
	)
	select h.day, h.number, d.difficulty,
	       case when s.until < 'infinity' or d.block_height + 2016 <= s.block_height + 210000
		      or (d.block_height is null and h.begins < s.effective_from + interval '31500 hours') then s.subsidy
		    when d.block_height > s.block_height and d.block_height / 210000 = (d.block_height + 2015) / 210000
		    then div(5000000000, 2::numeric ^ (d.block_height / 210000)) * 0.00000001 end
	  from half_hours h
	  left join difficulties d on h.begins >= d.effective_from and h.begins < d.until
	  left join subsidies s on h.begins >= s.effective_from and h.begins < s.until;
end $$;

-- As before, and not in SQL: a function of that kind is planned with the statement that calls it, and a cluster's engine
-- refuses it beside a table that is spread.
create or replace function valid_day_proofs(first_day date, last_day date) returns setof day_proofs
	language plpgsql stable rows 365 as $$
begin
	return query
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
	                      and not pg_visible_in_snapshot(w.writer, p.seen));
end $$;

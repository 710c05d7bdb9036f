-- A report of the order books is made for one portfolio, or for all of them.  One of a single portfolio says nothing of the
-- others: its window was taken for all, so that a trade of another portfolio seemed to be none at the exchange.
update exchange_windows w set portfolio_id = f.portfolio_id
  from (select v.product_id, v.kind, v.window_from, v.window_to, v.source, min(e.portfolio_id) as portfolio_id
	  from exchange_windows v
	  join exchange_fills e on e.source = v.source and e.product_id = v.product_id
			       and e.trade_time between v.window_from and v.window_to
	 where v.source in ('csv-fills', 'csv-account') and v.portfolio_id = ''
	 group by v.product_id, v.kind, v.window_from, v.window_to, v.source
	having count(distinct coalesce(e.portfolio_id, '')) = 1 and min(e.portfolio_id) <> '') f
 where w.product_id = f.product_id and w.portfolio_id = '' and w.kind = f.kind and w.window_from = f.window_from
   and w.window_to = f.window_to and w.source = f.source;

-- When everything that the exchange could know of a product is known: where each portfolio that was ever asked has been
-- asked to the end; or where each that exports name for this product has one that is whole.  A key calls a portfolio by its
-- number and an export by its name, so that neither can be held against the other.  What names no portfolio counts for all.
create or replace function exchange_covered(product text) returns tstzmultirange
	language sql stable
	as $$
	with named as (
		select distinct source = 'api' as asked, portfolio_id
		  from exchange_windows
		 where portfolio_id <> '' and (source = 'api' or product_id in (product, '*'))
	), needed as (
		select asked, portfolio_id from named
		union all
		select k.asked, '' from (values (true), (false)) k (asked) where k.asked not in (select asked from named)
	), known as (
		select n.asked, n.portfolio_id, range_agg(tstzrange(w.window_from, w.window_to)) as spans
		  from needed n
		  join exchange_windows w on w.portfolio_id = '' or (w.portfolio_id = n.portfolio_id and (w.source = 'api') = n.asked)
		 where w.kind = 'all' and w.product_id in (product, '*')
		 group by n.asked, n.portfolio_id
	), whole as (
		select range_intersect_agg(k.spans) as spans
		  from known k group by k.asked
		having count(*) = (select count(*) from needed n where n.asked = k.asked)
	)
	select range_agg(spans) from whole
	$$;

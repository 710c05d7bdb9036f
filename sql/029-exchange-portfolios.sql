-- A window belongs to what was asked: a key sees one portfolio; an export may be of one product, or of simple
-- trades only.
alter table exchange_windows add column portfolio_id text collate "C" not null default '';	-- '': not of one, or not known
alter table exchange_windows add column kind text collate "C" not null default 'all'
	check (kind in ('all', 'simple'));	-- simple: purchases and sales outside the order books, nothing of the others
alter table exchange_windows drop constraint exchange_windows_pkey;
alter table exchange_windows add primary key (product_id, portfolio_id, kind, window_from, window_to, source);

-- When everything that the exchange could know of a product is known: where each portfolio that was ever asked has
-- been asked to the end.  What no portfolio says, as an export, counts for all of them.
create function exchange_covered(product text) returns tstzmultirange
	language sql stable
	as $$
	with named as (
		select distinct portfolio_id from exchange_windows where portfolio_id <> ''
	), needed as (
		select portfolio_id from named union all select '' where not exists (select from named)
	), known as (
		select n.portfolio_id, range_agg(tstzrange(w.window_from, w.window_to)) as spans
		  from needed n join exchange_windows w on w.portfolio_id in (n.portfolio_id, '')
		 where w.kind = 'all' and w.product_id in (product, '*')
		 group by n.portfolio_id
	)
	select case when count(*) = (select count(*) from needed) then range_intersect_agg(spans) end from known
	$$;

-- What is missing here, and what is stored may tell twice.  A row of a transaction history near a trade of another source that may
-- be it, or a part of it, by the rule of fills-near.sql, is doubtful.  Such a row waits; but where the books have it, the trades of
-- other sources wait that may be a part of it, up to a day away.
--
-- gives the temporary tables missing, doubtful
--
-- psql -1 -f sql/query/ledger-diff-tables.sql -f sql/query/ledger-diff-units.sql \
--	-f sql/query/ledger-diff-link.sql -f sql/query/ledger-diff-findings.sql -f sql/query/ledger-diff-told-twice.sql
create temp table missing on commit drop as
 select d.nth, f.entry_id, f.source, order_book(f.product_id) as book, f.side, f.trade_time, f.base_size as size,
        amount_moved(f.side, f.value, f.commission) as moved
   from findings d join fills f on f.unit = d.unit and (d.entry_id is null or d.entry_id = f.entry_id)
  where d.finding = 'missing_here';
create temp table doubtful on commit drop as
with near_days as (
	select book, side, range_agg(tstzrange(trade_time - interval '1 day', trade_time + interval '1 day', '[]')) as times
	  from missing group by book, side
), rows as (
	select d.book, r.*, amount_moved(r.side, r.value, r.commission) as moved
	  from fills r join near_days d on d.book = order_book(r.product_id) and d.side = r.side and r.trade_time <@ d.times
	 where r.source = 'csv-history'
), oldest as materialized (
	select source, min(trade_time) as first from exchange_fills group by source
)
 select r.book, r.side, r.trade_time, r.base_size as size, r.moved, r.entry_id, n.entry_id as near,
        exists (select from linked l where l.unit = r.unit) as is_here
   from rows r
  cross join lateral (
	select o.entry_id
	  from exchange_fills o
	  join oldest s using (source)
	  join fills f on f.entry_id = o.entry_id
	  join units t on t.unit = f.unit
	 cross join lateral (select extract(epoch from o.trade_time - r.trade_time) as after,
	                            amount_moved(t.side, t.value, t.fee) as moved) a
	 where o.product_id = any (order_book_names(r.product_id)) and o.side = r.side and o.source <> 'csv-history'
	   and o.trade_time between r.trade_time - interval '1 minute' and r.trade_time + interval '1 hour'
	   and case when round(t.size, 8) < round(r.base_size, 8)
	            then abs(a.moved * r.base_size - r.moved * t.size) <= 0.01 * abs(r.moved * t.size)
	                 and (abs(a.after) <= 2 or a.after > 0 and s.first >= r.trade_time)
	            else round(t.size, 8) = round(r.base_size, 8) and abs(a.moved - r.moved) <= 0.002 * abs(r.moved) + 0.02
	                 and abs(a.after) <= 60 end
	 order by abs(a.after), o.entry_id limit 1) n;
create index on doubtful (entry_id); create index on doubtful (book, side, trade_time) where is_here; analyze missing, doubtful;
update findings d set may_be = r.near
  from missing m join doubtful r using (entry_id) where d.nth = m.nth and d.may_be is null;
update findings d set may_be = n.entry_id
  from missing m
 cross join lateral (select r.entry_id from doubtful r
                      where r.is_here and r.book = m.book and r.side = m.side and m.size <= r.size
                        and r.trade_time between m.trade_time - interval '1 day' and m.trade_time + interval '1 day'
                        and abs(m.moved * r.size - r.moved * m.size) <= 0.01 * abs(r.moved * m.size)
                      order by abs(extract(epoch from r.trade_time - m.trade_time)), r.entry_id limit 1) n
 where m.source <> 'csv-history' and d.nth = m.nth and d.may_be is null;

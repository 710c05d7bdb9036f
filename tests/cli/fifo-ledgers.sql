-- Random ledgers, one product each: :ledgers of them from :seed.  Few distinct times, so that many trades share one
-- and only the nanoseconds or the id decide; sizes from dust to thousands, whole and with many digits; values that are not
-- size times price; fees, rebates, and fees larger than the trade; sales before any buy; trades of no size.
select setseed(:seed) \g /dev/null
insert into trade_records (product_id, record_id, level, side, trade_time, trade_nanos, size, price, value, fee, source)
select product, id, 'fill', side, at, nanos, size, price, case when size = 0 then 0 else value end,
       case when size = 0 then 0 else fee end, 'import'
  from (select product, id, side, at, nanos, size, price,
	       case when odd < 0.2 then trunc((random() * 1000)::numeric, 16) else size * price end as value,
	       case when odd < 0.3 then 0 when odd < 0.9 then trunc((random() * 3)::numeric, (random() * 16)::int)
		    when odd < 0.95 then -trunc(random()::numeric, 12) else 1000 end as fee
	  from (select 'R' || lpad(l::text, 6, '0') as product, md5(random()::text) as id,
		       case when random() < buys then case when random() < 0.9 then 'BUY' else 'INCOME' end
			    else case when random() < 0.9 then 'SELL' else 'FEE' end end as side,
		       timestamptz '2024-03-31 00:59:58Z' + floor(random() * times) * interval '1 second' as at,
		       case when random() < 0.8 then 0 else floor(random() * 3)::int end as nanos,
		       case when style < 0.4 then 1 + floor(random() * 4)::numeric
			    when style < 0.7 then trunc((random() * 10)::numeric, 1 + (random() * 7)::int)
			    when style < 0.9 then (1 + floor(random() * 1000))::numeric / 100000000
			    when random() < 0.1 then 0
			    else trunc((random() * 3000)::numeric, 16) end as size,
		       trunc((random() * 60000)::numeric, (random() * 6)::int) as price, random() as odd
		  from (select l, random() as style, 0.3 + random() * 0.5 as buys, 2 + floor(random() * 12) as times,
			       1 + floor(random() * 30)::int as n
			  from generate_series(1, :ledgers) l) ledger
		 cross join lateral generate_series(1, n)) trade) row_of;

-- The exchange ledger on a page, for exchange status and report, and the weekly summary.
\set ON_ERROR_STOP on
select format('books        %s trade%s of %s product%s, %s to %s; %s by backfill, %s of them in the last 7 days',
	      to_char(count(*), 'FM999,999,999,990'), case when count(*) <> 1 then 's' end, count(distinct product_id),
	      case when count(distinct product_id) <> 1 then 's' end, coalesce(min(trade_time)::date::text, '-'),
	      coalesce(max(trade_time)::date::text, '-'), count(*) filter (where source = 'backfill'),
	      count(*) filter (where source = 'backfill' and recorded_at > now() - interval '7 days'))
  from trade_records;
select format('exchange     %s fill%s of %s product%s, %s to %s; %s not booked (corrections, reversals)',
	      to_char(count(*), 'FM999,999,999,990'), case when count(*) <> 1 then 's' end, count(distinct product_id),
	      case when count(distinct product_id) <> 1 then 's' end, coalesce(min(trade_time)::date::text, '-'),
	      coalesce(max(trade_time)::date::text, '-'), count(*) filter (where trade_type <> 'FILL'))
  from exchange_fills;
select format('fetched      %s', coalesce(string_agg(format('%s from %s to %s', product_id,
	      case when span_from = '-infinity' then 'the first trade' else to_char(span_from at time zone 'UTC', 'YYYY-MM-DD HH24:MI') end,
	      to_char(span_to at time zone 'UTC', 'YYYY-MM-DD HH24:MI')), '; ' order by product_id, span_from), 'never'))
  from (select product_id, lower(r) as span_from, upper(r) as span_to
	  from (select product_id, unnest(range_agg(tstzrange(window_from, window_to))) as r
		  from exchange_windows group by product_id) as ranges) as spans;
select format('proposals    %s open, %s applied, %s rejected, %s stale', count(*) filter (where state = 'proposed'),
	      count(*) filter (where state = 'applied'), count(*) filter (where state = 'rejected'),
	      count(*) filter (where state = 'stale'))
  from backfill_proposals;
select coalesce((select format('FIFO         version %s of %s: %s lot%s, %s disposal%s; gain on disposals with a lot %s', version,
			       to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD'), lots, case when lots <> 1 then 's' end,
			       disposals, case when disposals <> 1 then 's' end,
			       to_char(coalesce(covered, 0), 'FM999,999,999,990.00'))
		       || case when rows_without > 0 then format(E'\n             incomplete: %s row%s without a lot, proceeds %s, whose cost is unknown; not counted as gain',
							      rows_without, case when rows_without <> 1 then 's' end, to_char(without_lot, 'FM999,999,999,990.00')) else '' end
		   from fifo_versions
		   left join (select version, sum(uncovered) as rows_without, sum(uncovered_proceeds) as without_lot, sum(gain - uncovered_proceeds) as covered
		           from fifo_version_products where not is_contract(product_id) group by version) u using (version)
		  where is_current),
		(select 'FIFO         no version is current'
			|| case when exists (select from exchange_fills) and not exists (select from trade_records)
				then E'\n             the books are empty: exchange backfill adds the exchange''s fills to them, exchange import'
				     || E'\n             FILE your own; then exchange match'
				else '' end));
select format('contracts    futures and perpetuals are left out (%s); exchange check 2 lists them, reconcile-fills discard removes them from the books',
	      contracts) from ledger_state where contracts > 0;
select format('discarded    %s trade%s and %s fill%s of futures and perpetuals, kept in discarded_trades and discarded_fills',
	      trades, case when trades <> 1 then 's' end, fills, case when fills <> 1 then 's' end)
  from (select count(*) as trades from discarded_trades) as t cross join (select count(*) as fills from discarded_fills) as f
 where trades + fills > 0;
select format('checked      %s', string_agg(format('tier %s %s UTC: %s finding%s%s', tier, to_char(checked_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
						   findings, case when findings <> 1 then 's' end, case when partly then ', not everything was checked' else '' end), '; ' order by tier))
  from exchange_checks where product_id = '' and account = '' having count(*) > 0;
select format('             %s %s recorded since: match a new version', count(*), case count(*) when 1 then 'trade was' else 'trades were' end)
  from trade_records where recorded_at > (select finished_at from fifo_versions where is_current) having count(*) > 0;
\pset tuples_only off
\pset format aligned
\pset border 0
\pset footer off
\echo
select p.product_id as "product", p.lots, p.disposals, p.uncovered as "without a lot", trim_scale(p.uncovered_size) as "their size",
       to_char(p.uncovered_proceeds, 'FM999,999,999,990.00') as "their proceeds",
       to_char(p.gain - p.uncovered_proceeds, 'FM999,999,999,990.00') as "gain with a lot", trim_scale(p.open_size) as "still held"
  from fifo_version_products p join fifo_versions v on v.version = p.version and v.is_current
 where not is_contract(p.product_id)
 order by p.product_id;

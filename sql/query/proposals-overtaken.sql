-- Open proposals of a trade near which the books have got a row of that coin and side since a comparison last called for it, other
-- than by a proposal: the row may be that trade, and only a comparison can tell.
--
-- psql -1 -f sql/query/proposals-overtaken.sql -c rollback
with open as (
	select proposal_id, split_part(product_id, '-', 1) as coin, side, coalesce(checked_at, '-infinity') as checked_at,
	       coalesce(first_time, trade_time) - interval '1 day' as since, coalesce(last_time, trade_time) + interval '1 day' as until
	  from backfill_proposals where state = 'proposed' and action = 'insert'
), newer as materialized (
	select split_part(r.product_id, '-', 1) as coin, r.side, r.trade_time, r.recorded_at
	  from trade_records r left join backfill_proposals b using (proposal_id)
	 where r.recorded_at > (select min(checked_at) from open) and b.applied_at is distinct from r.recorded_at
)
update backfill_proposals p set state = 'stale'
  from open o
 where p.proposal_id = o.proposal_id
   and exists (select from newer n where n.coin = o.coin and n.side = o.side and n.trade_time between o.since and o.until
                                     and n.recorded_at > o.checked_at);

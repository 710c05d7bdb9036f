-- A day's settled pounds, from its cash flows, where they or what else is noted of the day differ from what is stored.
--
-- $1 day         date         the settlement date
-- $2 bid_rows    integer      rows of the answer for bids
-- $3 offer_rows  integer      rows of the answer for offers
-- $4 created     timestamptz  when the newest of them was made; may be null
-- $5 unexplained integer      half hours of units that nothing explains
--
-- psql -v day=2025-03-04 -v bid_rows=9 -v offer_rows=9 -v created=null -v unexplained=0 -f sql/query/settled-day.sql
insert into settled_days as d (settlement_date, bid_rows, offer_rows, source_created_at, settled_payment,
                               settled_not_flagged, settled_offers, unexplained)
select :'day'::date, :'bid_rows'::integer, :'offer_rows'::integer, :created::timestamptz,
       coalesce(trim_scale(sum(bid_cashflow - not_flagged)), 0), coalesce(trim_scale(sum(not_flagged)), 0),
       coalesce(trim_scale(sum(offer_cashflow)), 0), :'unexplained'::integer
  from settled_cashflows where settlement_date = :'day'::date
on conflict (settlement_date) do update
   set bid_rows = excluded.bid_rows, offer_rows = excluded.offer_rows, source_created_at = excluded.source_created_at,
       settled_payment = excluded.settled_payment, settled_not_flagged = excluded.settled_not_flagged,
       settled_offers = excluded.settled_offers, unexplained = excluded.unexplained, checked_at = excluded.checked_at
 where (d.bid_rows, d.offer_rows, d.source_created_at, d.settled_payment, d.settled_not_flagged, d.settled_offers, d.unexplained)
       is distinct from (excluded.bid_rows, excluded.offer_rows, excluded.source_created_at, excluded.settled_payment,
                         excluded.settled_not_flagged, excluded.settled_offers, excluded.unexplained)
returning true;

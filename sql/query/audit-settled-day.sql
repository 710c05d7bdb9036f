-- Each day's settled payment against the cash flows of its units.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-settled-day.sql
select s.settlement_date::text, d.field, d.stored, d.expected, d.difference
  from (select *, true as there from settled_days where settlement_date between :'from'::date and :'to'::date) s
  left join (select settlement_date, sum(bid_cashflow) as bids, sum(offer_cashflow) as offers, sum(not_flagged) as not_flagged
               from settled_cashflows where settlement_date between :'from'::date and :'to'::date
              group by settlement_date) c on c.settlement_date = s.settlement_date
 cross join lateral audit_differences(to_jsonb(s), jsonb_build_object('settled_payment', coalesce(c.bids - c.not_flagged, 0),
	'settled_not_flagged', coalesce(c.not_flagged, 0), 'settled_offers', coalesce(c.offers, 0), 'there', true), 'settled_payment') d
 order by s.settlement_date, d.field;

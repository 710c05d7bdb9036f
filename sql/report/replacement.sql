-- What it cost to turn others up, by part of a span (spans.sql): of the half hours of which it is known, how many
-- these are, and a word on that; and what was settled.  Included by summary.sql and report.sql.
select $list$
replaced as materialized (
	select place, part, replaced_mwh, cost, known,
	       case when days = 0 then null when known = 0 and periods > 0 then 'unknown' when known < periods then 'incomplete'
		    when final < periods then 'provisional' else 'known' end as state
	  from (select s.place, s.part, count(d.settlement_date) as days, coalesce(sum(d.periods), 0) as periods,
		       coalesce(sum(r.periods), 0) as known, coalesce(sum(r.periods_final), 0) as final,
		       sum(r.replaced_mwh) as replaced_mwh, sum(r.cost) as cost
		  from span_days s
		  left join daily_summaries d on d.settlement_date = s.settlement_date
		  left join replacement_daily_summaries r on r.settlement_date = s.settlement_date
		 group by s.place, s.part) of_parts
)
$list$ as list \gset
\set lists :lists ', ' :list

-- What the publisher settled with the farms for it (audit-source), of the days of which that is known.
select $list$
settled as materialized (
	select s.place, s.part, sum(d.settled_payment) as settled_payment, sum(d.settled_not_flagged) as settled_not_flagged,
	       sum(d.settled_offers) as settled_offers, count(d.settlement_date) as days, count(*) as days_expected
	  from span_days s left join settled_days d on d.settlement_date = s.settlement_date
	 group by s.place, s.part
)
$list$ as list \gset
\set lists :lists ', ' :list

-- The same in a line for people, from the columns of those names: the cost, and with it what was paid to the farms, or that it
-- is not known; and what was settled.
select $text$
	case when replacement_state in ('known', 'provisional')
	     then format('£%s for others turned up in its place; £%s in all%s', to_char(replacement_cost, 'FM999,999,999,990.00'),
			 to_char(total_cost, 'FM999,999,999,990.00'), case replacement_state when 'provisional' then ' (provisional)' else '' end)
	     when replacement_state = 'incomplete'
	     then format('£%s for others turned up in %s of %s half hours; the offers of the others are not known',
			 to_char(replacement_cost, 'FM999,999,999,990.00'), to_char(replacement_periods, 'FM999,999,999,990'),
			 to_char(periods, 'FM999,999,999,990'))
	     else 'not known: no offers of these half hours are stored (fetch-replacement)' end
$text$ as replacement_line, $text$
	format('£%s by the publisher''s own cash flows, transmission losses included%s', to_char(settled_payment, 'FM999,999,999,990.00'),
	       case when days_settled < days_expected then format(', of %s of %s days', days_settled, days_expected) else '' end)
$text$ as settled_line \gset

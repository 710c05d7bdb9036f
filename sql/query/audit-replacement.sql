-- Each half hour's replacement cost against the offers that it was taken from, worked out from running sums: each
-- offer gives what it has as long as the curtailed energy is not reached; and the offers against their order.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-replacement.sql
with turns as materialized (
  select settlement_date, settlement_period, place, offered_mwh, original_price, taken_mwh,
         row_number() over half_hour as turn, sum(offered_mwh) over half_hour - offered_mwh as before
    from replacement_offers where settlement_date between :'from'::date and :'to'::date
  window half_hour as (partition by settlement_date, settlement_period
                       order by coalesce(so_flag, false), sequence_number, unit_id nulls first, acceptance_id nulls first, pair_id nulls first, place
                       rows between unbounded preceding and current row)
), costs as materialized (
  select settlement_date, settlement_period, curtailed_mwh, trim_scale(replaced_mwh) as replaced_mwh, trim_scale(cost) as cost, offers, true as there
    from replacement_costs where settlement_date between :'from'::date and :'to'::date
), sums as (
  select t.settlement_date, t.settlement_period, count(*) as offers, sum(t.taken) as replaced_mwh,
         sum(t.taken * t.original_price) as cost
    from (select t.*, greatest(least(t.offered_mwh, c.curtailed_mwh - t.before), 0) as taken
            from turns t join costs c on c.settlement_date = t.settlement_date and c.settlement_period = t.settlement_period) t
   group by t.settlement_date, t.settlement_period
)
select concat_ws(' ', settlement_date, settlement_period), d.field, d.stored, d.expected, d.difference
  from costs s
  full join (select c.settlement_date, c.settlement_period, trim_scale(coalesce(e.replaced_mwh, 0)) as replaced_mwh, trim_scale(coalesce(e.cost, 0)) as cost,
                    coalesce(e.offers, 0) as offers, true as there
               from costs c
               left join sums e on e.settlement_date = c.settlement_date and e.settlement_period = c.settlement_period) e
 using (settlement_date, settlement_period)
 cross join lateral audit_differences(to_jsonb(s), to_jsonb(e), 'cost') d
union all
select concat_ws(' ', t.settlement_date, t.settlement_period, 'offer', t.place), d.field, d.stored, d.expected, d.difference
  from turns t
  left join costs c on c.settlement_date = t.settlement_date and c.settlement_period = t.settlement_period
 cross join lateral (values
	('orphan', t.taken_mwh::text, null, t.taken_mwh::text, c.there is null),
	('place', t.place::text, t.turn::text, (t.place - t.turn)::text, t.place <> t.turn),
	('taken_mwh', t.taken_mwh::text, trim_scale(greatest(least(t.offered_mwh, c.curtailed_mwh - t.before), 0))::text,
	 trim_scale(t.taken_mwh - greatest(least(t.offered_mwh, c.curtailed_mwh - t.before), 0))::text,
	 c.there and t.taken_mwh <> greatest(least(t.offered_mwh, c.curtailed_mwh - t.before), 0))) d (field, stored, expected, difference, differs)
 where d.differs
 order by 1, 2;

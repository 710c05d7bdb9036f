-- Each period: its records against what was noted when it was fetched, and whether
-- the day has it at all.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-period.sql
select concat_ws(' ', settlement_date, settlement_period), f.field, f.stored, f.expected, f.difference
  from (select settlement_date, settlement_period, rows_kept, volume, settlement_period as number, true as there
          from ingested_periods where settlement_date between :'from'::date and :'to'::date) s
  full join (select i.settlement_date, i.settlement_period, coalesce(r.rows_kept, 0) as rows_kept,
                    coalesce(r.volume, 0) as volume,
                    case when i.settlement_period * interval '30 minutes' <=
                              ((i.settlement_date + 1) + time '00:00') at time zone 'Europe/London'
                              - (i.settlement_date + time '00:00') at time zone 'Europe/London'
                         then i.settlement_period end as number, true as there
               from (select settlement_date, settlement_period
                       from ingested_periods where settlement_date between :'from'::date and :'to'::date
                      union
                     select settlement_date, settlement_period
                       from curtailment_records
                      where settlement_date between :'from'::date and :'to'::date) i
               left join (select settlement_date, settlement_period, count(*) as rows_kept, sum(volume) as volume
                            from curtailment_records
                           where settlement_date between :'from'::date and :'to'::date
                           group by settlement_date, settlement_period) r
              using (settlement_date, settlement_period)) e
 using (settlement_date, settlement_period)
 cross join lateral (values
	('missing', null, e.rows_kept::text, (- e.rows_kept)::text, s.there is null),
	('orphan', s.rows_kept::text, null, s.rows_kept::text, e.there is null),
	('rows_kept', s.rows_kept::text, e.rows_kept::text, (s.rows_kept - e.rows_kept)::text,
	 s.rows_kept is distinct from e.rows_kept),
	('volume', s.volume::text, e.volume::text, (s.volume - e.volume)::text, s.volume is distinct from e.volume),
	('number', s.number::text, e.number::text, null,
	 s.number is distinct from e.number)) f (field, stored, expected, difference, differs)
 where f.differs and (f.field in ('missing', 'orphan') or (s.there and e.there))
 order by settlement_date, settlement_period, f.field;

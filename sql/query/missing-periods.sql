-- The periods of each day that have ended, against those that were fetched, and the records of those
-- against what was noted as they were fetched: how many, how much energy, paid volume times price; of the days of
-- which it is known that they add up (fetches-unknown.sql) no record is read.
-- Records that somebody added, deleted or changed since do not add up any more.  What a unit had
-- curtailed that was not known as wind then is not among them, and what one had that a person has since
-- declared to be no wind is, or that was wind by a declaration alone which is withdrawn (of days that were summed).  Of a year
-- that is archived nothing is asked.
--
-- $1 from date          the first day
-- $2 to   date          the last day
-- $3 now  timestamptz   what has not ended by then is not due
-- $4 read_from date     the first day whose records are read
-- $5 read_to   date     the last of them; before the first: of no day
-- gives settlement_date, settlement_period, reason
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -v now=2025-04-03T12:00Z \
--	-v read_from=2025-03-01 -v read_to=2025-03-31 -f sql/query/missing-periods.sql
select d::date, p, case when i.settlement_date is null then 'unfetched'
                        when i.status <> 'final' then i.status
                        when o.settlement_date is not null then 'overlooked' else 'damaged' end
  from days_left_out h
 cross join generate_series(:'from'::date, :'to'::date, interval '1 day') d
 cross join lateral generate_series(1, settlement_periods(d::date)) p
  left join ingested_periods i on i.settlement_date = d::date and i.settlement_period = p
         and i.settlement_date between :'from'::date and :'to'::date
  left join (select settlement_date, settlement_period, count(*) as records, sum(volume) as volume,
                    bool_or(payment is distinct from volume * original_price) as paid_wrong
               from curtailment_records where settlement_date between :'read_from'::date and :'read_to'::date
              group by settlement_date, settlement_period) r
         on r.settlement_date = d::date and r.settlement_period = p
  left join (select settlement_date, settlement_period from overlooked_periods
              where settlement_date between :'from'::date and :'to'::date
             union
             select r.settlement_date, r.settlement_period
               from declared_units u
               join farm_daily_summaries f on f.farm_id = u.farm_id and f.settlement_date >= u.valid_from
                                          and (u.valid_to is null or f.settlement_date < u.valid_to)
               join curtailment_records r on r.settlement_date = f.settlement_date and r.farm_id = f.farm_id
              where u.fuel_type <> 'WIND' and f.settlement_date between :'from'::date and :'to'::date
                and r.settlement_date between :'from'::date and :'to'::date
                and not exists (select from declared_units later
                                 where later.farm_id = u.farm_id and later.valid_from > u.valid_from
                                   and later.valid_from <= f.settlement_date
                                   and (later.valid_to is null or later.valid_to > f.settlement_date))
             union
            select r.settlement_date, r.settlement_period
              from withdrawn_declarations w
              join farm_daily_summaries f on f.farm_id = w.farm_id and f.settlement_date >= w.valid_from
                                         and (w.valid_to is null or f.settlement_date < w.valid_to)
              join curtailment_records r on r.settlement_date = f.settlement_date and r.farm_id = f.farm_id
             where w.fuel_type = 'WIND' and f.settlement_date between :'from'::date and :'to'::date
               and r.settlement_date between :'from'::date and :'to'::date
               and not exists (select from known_units k
                                 left join declared_units n on n.farm_id = k.farm_id and n.valid_from <= f.settlement_date
                                                           and (n.valid_to is null or n.valid_to > f.settlement_date)
                                where k.farm_id = w.farm_id and k.fuel_type = 'WIND' and k.valid_from <= f.settlement_date
                                  and (k.valid_to is null or k.valid_to > f.settlement_date)
                                  and (k.declared or n.farm_id is null))) o
         on o.settlement_date = d::date and o.settlement_period = p
 where not d::date <@ h.archived
   and (i.status <> 'final' or o.settlement_date is not null
        or (i.settlement_date is null and settlement_period_start(d::date, p + 1) <= :'now'::timestamptz and not d::date <@ h.gaps)
        or (d::date between :'read_from'::date and :'read_to'::date
            and (i.rows_kept <> coalesce(r.records, 0) or i.volume <> coalesce(r.volume, 0) or r.paid_wrong)))
 order by 1, 2;

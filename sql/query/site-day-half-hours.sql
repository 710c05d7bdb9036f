-- Every half hour of a day, fetched or not, curtailed or not: what the view half_hours says, which reads the whole
-- history.  Of an archived year its days alone say that all was fetched.
--
-- $1 day date  the settlement date
-- gives settlement_period, starts_at (UTC), London's time, status, curtailed_mwh, payment, farms, wind generated
--
-- psql -v day=2025-03-04 -f sql/query/site-day-half-hours.sql
with archived as (
  select periods_expected from daily_summaries
   where settlement_date = :'day'::date and periods_final = periods_expected
     and not exists (select from ingested_periods where settlement_date = :'day'::date)
)
select p, to_char(settlement_period_start(:'day'::date, p) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(settlement_period_start(:'day'::date, p) at time zone 'Europe/London', 'HH24:MI'), coalesce(i.status, 'unfetched'),
       case when h.curtailed_mwh is null and i.rows_kept = 0 then 0 else trim_scale(h.curtailed_mwh) end,
       case when h.payment is null and i.rows_kept = 0 then 0 else trim_scale(h.payment) end,
       case when h.farms is null and i.rows_kept = 0 then 0 else h.farms end, trim_scale(w.onshore_mwh + w.offshore_mwh)
  from generate_series(1, settlement_periods(:'day'::date)) p
  left join (select settlement_period, status, rows_kept from ingested_periods where settlement_date = :'day'::date
             union all
             select n, 'final', 0 from archived cross join lateral generate_series(1, periods_expected) n) i on i.settlement_period = p
  left join (select * from period_summaries where settlement_date = :'day'::date) h on h.settlement_period = p
  left join (select * from wind_known where settlement_date = :'day'::date) w on w.settlement_period = p
 order by p;

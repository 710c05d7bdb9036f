-- Every half hour of a day, fetched or not, curtailed or not.
--
-- $1 day date  the settlement date
-- gives settlement_period, starts_at (UTC), London's time, status, curtailed_mwh, payment, farms, wind generated
--
-- psql -v day=2025-03-04 -f sql/query/site-day-half-hours.sql
select p, to_char(settlement_period_start(:'day'::date, p) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(settlement_period_start(:'day'::date, p) at time zone 'Europe/London', 'HH24:MI'), coalesce(h.status, 'unfetched'),
       trim_scale(h.curtailed_mwh), trim_scale(h.payment), h.farms, trim_scale(h.onshore_mwh + h.offshore_mwh)
  from generate_series(1, settlement_periods(:'day'::date)) p
  left join (select * from half_hours where settlement_date = :'day'::date) h on h.settlement_period = p
 order by p;

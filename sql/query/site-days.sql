-- Each stored day with its sums, and a digest of every row that its page shows, so that a page whose rows are as they
-- were need not be written again; the bitcoin of its farms, which is on theirs, is of one miner model.
--
-- $1 model text  the miner model
-- gives settlement_date, state, the figures of its page, and digest
--
-- psql -v model=S19J_PRO -f sql/query/site-days.sql
with valued as (
  select settlement_date, bit_xor(hash_record_extended(b.*, 0)) as h, count(*) as n from bitcoin_daily_summaries b group by 1
), half_hours as (
  select settlement_date, bit_xor(hash_record_extended(p.*, 0)) as h, count(*) as n from period_summaries p group by 1
), farms as (
  select settlement_date, bit_xor(hash_record_extended(f.*, 0)) as h, count(*) as n from farm_daily_summaries f group by 1
), mined as (
  select settlement_date, bit_xor(hash_record_extended(m.*, 0)) as h, count(*) as n
    from bitcoin_farm_daily_summaries m where miner_model = :'model' group by 1
), fetched as (
  select settlement_date, bit_xor(hash_record_extended(row(settlement_period, status, suspect), 0)) as h, count(*) as n,
         max(fetched_at) as last, count(*) filter (where status = 'suspect') as suspect
    from ingested_periods group by 1
), revised as (
  select settlement_date, bit_xor(hash_record_extended(r.*, 0)) as h, count(*) as n from revisions_since_final r group by 1
)
select d.settlement_date, case when d.periods_ingested < d.periods_expected then 'not_complete'
                               when d.periods_final < d.periods_expected then 'provisional' else 'final' end,
       trim_scale(d.curtailed_mwh), trim_scale(d.payment), trim_scale(d.payment_to_farms), trim_scale(d.payment_by_farms),
       round(d.payment / nullif(d.curtailed_mwh, 0), 6),
       round(100 * d.wind_curtailed_mwh / nullif(d.onshore_mwh + d.offshore_mwh + d.wind_curtailed_mwh, 0), 6),
       coalesce(d.wind_periods, 0), d.periods, d.periods_ingested, d.periods_final, d.periods_expected,
       coalesce(farms.n, 0), coalesce(fetched.suspect, 0), coalesce(revised.n, 0), trim_scale(r.cost), coalesce(r.periods, 0),
       to_char(coalesce(fetched.last, d.updated_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       concat_ws('/', hash_record_extended(d.*, 0), valued.h, valued.n, half_hours.h, half_hours.n, farms.h, farms.n, mined.h, mined.n,
                 fetched.h, fetched.n, revised.h, revised.n, hash_record_extended(r.*, 0))
  from daily_summaries d
  left join valued using (settlement_date) left join half_hours using (settlement_date)
  left join farms using (settlement_date) left join mined using (settlement_date) left join fetched using (settlement_date)
  left join revised using (settlement_date)
  left join replacement_daily_summaries r using (settlement_date)
 order by d.settlement_date;

-- The half hours of units of a day in which the settled cash flow is not, to a penny, what the stored records come to:
-- volume × price × transmission loss multiplier, 1 where there is none.
--
-- $1 day     date         the settlement date
-- $2 periods smallint[]   of each cash flow, side by side with
-- $3 units   text[]       its unit, and
-- $4 flows   numeric[]    its pounds, positive to the farm
-- gives settlement_period, farm_id, settled (null where there is no cash flow), expected and plain pounds (null where no
-- record is stored), whether a multiplier is lacking, and whether the period was fetched
--
-- psql -v day=2025-03-04 -v periods='{7}' -v units='{T_A-1}' -v flows='{30.5}' -f sql/query/settled-compare.sql
with flows as (
  select settlement_period, farm_id collate "C" as farm_id, sum(settled) as settled
    from unnest(:'periods'::smallint[], :'units'::text[], :'flows'::numeric[]) f (settlement_period, farm_id, settled)
   group by settlement_period, farm_id
), kept as (
  select settlement_period, farm_id, coalesce(sum(payment * coalesce(transmission_loss_multiplier, 1)), 0) as expected,
         coalesce(sum(payment), 0) as plain, bool_or(transmission_loss_multiplier is null) as without_multiplier
    from curtailment_records where settlement_date = :'day'::date and stack = 'bid'
   group by settlement_period, farm_id
), pairs as (
  select settlement_period, farm_id, f.settled, k.expected, k.plain, coalesce(k.without_multiplier, false) as without_multiplier
    from flows f full join kept k using (settlement_period, farm_id)
)
select p.settlement_period, p.farm_id, p.settled, trim_scale(p.expected), trim_scale(p.plain), p.without_multiplier,
       i.settlement_period is not null
  from pairs p
  left join (select settlement_period from ingested_periods where settlement_date = :'day'::date) i using (settlement_period)
 where abs(coalesce(p.settled, 0) - coalesce(p.expected, 0)) > 0.01
 order by p.settlement_period, p.farm_id;

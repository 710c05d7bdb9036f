-- What the stored rows of the fetched periods come to, and, since rows may change without that, a sum over what was
-- curtailed, at which price, by which acceptance.  Who leads a unit, when the source made a row and its loss multiplier
-- are not of it: they change without a revision, and the payment follows from the rest.
--
-- $1 day     date         the settlement date
-- $2 periods smallint[]   the fetched ones
-- $3 after   boolean      after the rows were replaced, or before
--
-- psql -1 -f sql/query/curtailment-stage.sql -v day=2025-03-04 -v periods='{1,2}' -v after=f \
--	-f sql/query/curtailment-sums.sql
insert into period_sums (after, settlement_period, records, mwh, payment, content)
select :'after'::boolean, settlement_period, count(*), - sum(volume), coalesce(sum(payment), 0),
       sum(hashtextextended(row(farm_id, volume, original_price, final_price, so_flag, cadl_flag,
                                acceptance_id, pair_id, stack, sequence_number)::text, 0))
  from curtailment_records
 where settlement_date = :'day'::date and settlement_period = any (:'periods'::smallint[])
 group by settlement_period;

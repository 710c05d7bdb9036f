-- The rows of the fetched periods that the source has no more, or not so.  Nulls are part of a line's identity; the
-- columns that are never null carry the join.  What is staged is read once, into a list, since an engine that shards
-- joins no table of its own with one of this session.
--
-- $1 day     date         the settlement date
-- $2 periods smallint[]   the fetched ones
--
-- psql -1 -c 'create temp table staged_curtailment_records as table curtailment_records with no data' \
--	-v day=2025-03-04 -v periods='{1,2}' \
--	-f sql/query/curtailment-withdraw.sql -c rollback
with lines as materialized (
	select * from staged_curtailment_records
)
delete from curtailment_records r
 where r.settlement_date = :'day'::date and r.settlement_period = any (:'periods'::smallint[])
   and not exists (select from lines s
                    where s.settlement_date = r.settlement_date and s.settlement_period = r.settlement_period
                      and s.farm_id = r.farm_id and s.stack = r.stack and s.sequence_number = r.sequence_number
                      and (s.acceptance_id, s.pair_id) is not distinct from (r.acceptance_id, r.pair_id)
                      and (s.lead_party_name, s.volume, s.original_price, s.final_price, s.payment, s.so_flag, s.cadl_flag,
                           s.source_created_at, s.transmission_loss_multiplier) is not distinct from
                          (r.lead_party_name, r.volume, r.original_price, r.final_price, r.payment, r.so_flag, r.cadl_flag,
                           r.source_created_at, r.transmission_loss_multiplier));

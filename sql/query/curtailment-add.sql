-- The staged rows that are not stored.
--
-- $1 day date   the settlement date
--
-- psql -1 -c 'create temp table staged_curtailment_records as table curtailment_records with no data' \
--	-v day=2025-03-04 -f sql/query/curtailment-add.sql -c rollback
insert into curtailment_records (settlement_date, settlement_period, farm_id, lead_party_name, volume, original_price,
                                 final_price, payment, so_flag, cadl_flag, acceptance_id, pair_id, stack,
                                 sequence_number, source_created_at, transmission_loss_multiplier)
with lines as materialized (
	select * from staged_curtailment_records
)
select settlement_date, settlement_period, farm_id, lead_party_name, volume, original_price,
       final_price, payment, so_flag, cadl_flag, acceptance_id, pair_id, stack,
       sequence_number, source_created_at, transmission_loss_multiplier
  from lines s
 where s.settlement_date = :'day'::date
   and not exists (select from curtailment_records r
                    where r.settlement_date = :'day'::date
                      and s.settlement_date = r.settlement_date and s.settlement_period = r.settlement_period
                      and s.farm_id = r.farm_id and s.stack = r.stack and s.sequence_number = r.sequence_number
                      and (s.acceptance_id, s.pair_id) is not distinct from (r.acceptance_id, r.pair_id))
 order by settlement_period, farm_id, stack, acceptance_id, pair_id, sequence_number;

-- Each calculation: what is stored against what the records, the miner models and the history give.
--
-- Satoshi are one quotient of exact numbers, rounded half up: with hashes * subsidy = n and
-- difficulty * 2^32 = m they are floor((2n + m) / 2m).  div() gives that floor exactly, however many
-- digits the two have, where / would first round at a scale of its own choosing.  hashrate is in
-- 10^12 hashes a second, a half hour has 1800 of these, a bitcoin 10^8 satoshi: 2n = 3.6 * 10^23 *
-- machines * hashrate * subsidy.  A model that is not in force on a day calls for nothing, but
-- what is stored of it must be correct, and whole: a day that holds some of its calculations holds all of them.
--
-- $1 from  date   the first day
-- $2 to    date   the last day, of the same month
-- gives key, field, stored, expected, difference
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -f sql/query/audit-calculation.sql
with half_hours as materialized (
  select * from audit_half_hours(:'from'::date, :'to'::date)
), energy as materialized (
  select settlement_date, settlement_period, farm_id, round(sum(abs(volume)), 9) as curtailed_mwh
    from (select settlement_date, settlement_period, farm_id, volume
            from curtailment_records where settlement_date between :'from'::date and :'to'::date
           order by settlement_date, settlement_period, farm_id offset 0) r
   group by settlement_date, settlement_period, farm_id
), kept as materialized (
  select distinct settlement_date, miner_model, true as kept from historical_bitcoin_calculations
   where settlement_date between :'from'::date and :'to'::date
     and miner_model in (select miner_model from miner_models where not active)
), inputs as materialized (
  select *, hashrate_ths * subsidy * 360000000000000000000000 as n2_a_machine,
         difficulty * 4294967296 as m, difficulty * 8589934592 as m2,
         coalesce(active or settlement_date < retired_from or kept, false) as due
    from half_hours cross join miner_models left join kept using (settlement_date, miner_model))
select concat_ws(' ', settlement_date, settlement_period, farm_id, miner_model), f.field, f.stored, f.expected, f.difference
  from (select *, true as there
          from historical_bitcoin_calculations where settlement_date between :'from'::date and :'to'::date) s
  full join (select *, div(miners * n2_a_machine + m, m2) * 0.00000001 as bitcoin_mined, true as there
               from (select *, div(curtailed_mwh * 2000000, power_w) as miners
                       from energy join inputs using (settlement_date, settlement_period) offset 0) ran offset 0) e
 using (settlement_date, settlement_period, farm_id, miner_model)
 cross join lateral (values
	('missing', null, e.bitcoin_mined::text, (- e.bitcoin_mined)::text, s.there is null),
	('orphan', s.bitcoin_mined::text, null, s.bitcoin_mined::text, e.there is null),
	('curtailed_mwh', s.curtailed_mwh::text, e.curtailed_mwh::text, (s.curtailed_mwh - e.curtailed_mwh)::text,
	 s.curtailed_mwh is distinct from e.curtailed_mwh),
	('miners', s.miners::text, e.miners::text, (s.miners - e.miners)::text, s.miners is distinct from e.miners),
	('difficulty', s.difficulty::text, e.difficulty::text, (s.difficulty - e.difficulty)::text,
	 s.difficulty is distinct from e.difficulty),
	('subsidy', s.subsidy::text, e.subsidy::text, (s.subsidy - e.subsidy)::text, s.subsidy is distinct from e.subsidy),
	('hashrate_ths', s.hashrate_ths::text, e.hashrate_ths::text, (s.hashrate_ths - e.hashrate_ths)::text,
	 s.hashrate_ths is distinct from e.hashrate_ths),
	('power_w', s.power_w::text, e.power_w::text, (s.power_w - e.power_w)::text, s.power_w is distinct from e.power_w),
	('bitcoin_mined', s.bitcoin_mined::text, e.bitcoin_mined::text, (s.bitcoin_mined - e.bitcoin_mined)::text,
	 s.bitcoin_mined is distinct from e.bitcoin_mined)) f (field, stored, expected, difference, differs)
 where f.differs and (f.field in ('missing', 'orphan') or (s.there and e.there))
   and (s.curtailed_mwh, s.miners, s.difficulty, s.subsidy, s.hashrate_ths, s.power_w, s.bitcoin_mined)
       is distinct from
       (e.curtailed_mwh, e.miners, e.difficulty, e.subsidy, e.hashrate_ths, e.power_w, e.bitcoin_mined)
   and (e.due or s.there) and (e.bitcoin_mined is not null or e.there is null)
 order by settlement_date, settlement_period, farm_id, miner_model, f.field;

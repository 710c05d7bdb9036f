-- One farm in one settlement period, for reconcile spot-fix: psql -v day= -v period= -v farm=
\set ON_ERROR_STOP on
\pset tuples_only off
\pset footer off
\pset fieldsep '\t'
select settlement_date, settlement_period, farm_id, miner_model, curtailed_mwh, miners, difficulty, subsidy, bitcoin_mined
  from historical_bitcoin_calculations
 where settlement_date = :'day' and settlement_period = :'period' and farm_id = :'farm'
 order by miner_model;

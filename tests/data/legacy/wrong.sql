-- What the history of the earlier systems says went wrong with such tables, each on rows of its own.

-- A re-run on top of what stood there: half of a period again; all of it by two runs more; twice in one run.
create temporary table again as select * from curtailment_records;
insert into curtailment_records (settlement_date, settlement_period, farm_id, lead_party_name, volume, payment, original_price, final_price, so_flag, cadl_flag, created_at)
select settlement_date, settlement_period, farm_id, lead_party_name, volume, payment, original_price, final_price, so_flag, cadl_flag, created_at + late
  from again cross join lateral (
	select interval '3 days' where settlement_period = 20 and id % 2 = 0
	union all select interval '3 days' where settlement_period = 21
	union all select interval '1 hour' where settlement_period = 21
	union all select interval '0' where settlement_period = 22) r (late);

-- Rows that cannot be: periods of days with 46 and 50, a day to come, units of no register and of no wind, signs, flags, sizes.
insert into curtailment_records (settlement_date, settlement_period, farm_id, volume, payment, original_price, final_price, so_flag) values
	('2025-03-30', 47, 'T_WLNYO-4', -1, 1, 1, 1, true), ('2024-10-27', 50, 'T_WLNYO-4', -1, -1, -1, 1, true), ('2024-10-27', 51, 'T_WLNYO-4', -1, 1, 1, 1, true),
	('2061-01-01', 1, 'T_WLNYO-4', -1, 1, 1, 1, true), ('2001-01-01', 1, 'T_WLNYO-4', -1, 1, 1, 1, true),
	('2022-01-02', 1, 'FARM-123', -1, 1, 1, 1, true), ('2022-01-02', 1, E'x\ty''; drop table curtailment_records; --', -1, 1, 1, 1, true),
	('2022-01-02', 1, 'T_WLNYO-4', 5, 1, 1, 1, true), ('2022-01-02', 1, 'T_WLNYO-4', 0, 0, 1, 1, true), ('2022-01-02', 2, 'T_WLNYO-4', -1, 1, 1, 1, false),
	('2022-01-02', 3, 'T_WLNYO-4', 'NaN', 1, 1, 1, true), ('2022-01-02', 4, 'T_WLNYO-4', -5000, 5000, 1, 1, true),
	('2022-01-02', 5, 'T_WLNYO-4', -2, 77, 1, 1, true);
-- A day made from another.
insert into curtailment_records (settlement_date, settlement_period, farm_id, lead_party_name, volume, payment, original_price, final_price, so_flag, cadl_flag, created_at)
select settlement_date + 9, settlement_period, farm_id, lead_party_name, volume, payment, original_price, final_price, so_flag, cadl_flag, created_at + interval '9 days'
  from curtailment_records where settlement_date = '2022-01-01';
-- ABS(payment).
update curtailment_records set payment = abs(payment) where settlement_date = '2022-01-01' and settlement_period = 23;

-- Bitcoin: not there; by the constant difficulty; by the difficulty before the retarget; a difficulty corrected and the amount
-- not; half the subsidy; 104 TH/s of 3068 W; no difficulty; one that never was; nothing that explains it; a row twice; one row of several.
delete from historical_bitcoin_calculations where settlement_period = 20 and miner_model = 'S9';
update historical_bitcoin_calculations set difficulty = 108105433845147, bitcoin_mined = bitcoin_mined * 24272331996980 / 108105433845147 where settlement_period = 21;
update historical_bitcoin_calculations set difficulty = 24195286980614 where settlement_period = 22;
update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined * 24272331996980 / 24195286980614 where settlement_period = 23;
update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined / 2 where settlement_period = 24;
update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined * (104.0 / 100 * 3050 / 3068) where settlement_period = 25 and miner_model = 'S19J_PRO';
update historical_bitcoin_calculations set difficulty = null where settlement_period = 26;
update historical_bitcoin_calculations set difficulty = 12345678 where settlement_period = 27;
update historical_bitcoin_calculations set bitcoin_mined = bitcoin_mined * 7 where settlement_period = 28;
insert into historical_bitcoin_calculations (settlement_date, settlement_period, farm_id, miner_model, bitcoin_mined, difficulty)
select settlement_date, settlement_period, farm_id, miner_model, bitcoin_mined, difficulty from historical_bitcoin_calculations where settlement_period = 29
 order by id limit 1;
delete from historical_bitcoin_calculations h
 using (select farm_id, max(id) as id from historical_bitcoin_calculations where settlement_period = 30 and miner_model = 'S9' group by 1 having count(*) > 1) o
 where h.settlement_period = 30 and h.miner_model = 'S9' and h.farm_id = o.farm_id and h.id <> o.id;
insert into historical_bitcoin_calculations (settlement_date, settlement_period, farm_id, miner_model, bitcoin_mined, difficulty) values
	('2022-01-03', 1, 'T_WLNYO-4', 'S9', 1, 24272331996980), ('2022-01-01', 20, 'T_WLNYO-4', 'S21', 1, 24272331996980),
	('2022-01-01', 50, 'T_WLNYO-4', 'S9', 1, 24272331996980), ('2022-01-01', 31, 'T_WLNYO-4', 'S9', -1, 24272331996980);

-- Summaries.
update daily_summaries set total_curtailed_energy = total_curtailed_energy + 10;
update monthly_summaries set total_payment = - total_payment;
update bitcoin_yearly_summaries set bitcoin_mined = bitcoin_mined * 2 where miner_model = 'S9';
delete from bitcoin_monthly_summaries where miner_model = 'M20S';
insert into bitcoin_daily_summaries (summary_date, miner_model, bitcoin_mined) values ('2022-01-09', 'S9', 3), ('2022-01-01', 'S9', 3);
insert into monthly_summaries (year_month, total_curtailed_energy, total_payment) values ('2022-13', 1, 1);

insert into trade_records (order_id, symbol, side, order_time, price, size, total_fees_usd)
select 'l' || n, 'BTC-USD', 'buy', '2024-02-01 10:00:00+00', 43000, 0.001, 0 from generate_series(1, 20) n;
-- The ledger: sides, amounts, a profit that is none, and a version of a test that uses a lot beyond its size.
insert into trade_records (order_id, symbol, side, order_time, price, size, total_fees_usd) values
	('x1', 'BTC-USD', 'hold', '2024-01-01 10:00:00+00', 40000, 0.5, 1.0), ('x2', 'BTC-USD', 'buy', '2024-01-01 10:00:00+00', 'NaN', 0.5, 1.0),
	('x3', 'BTC-USD', 'buy', '2024-01-01 10:00:00+00', 40000, 0, 1.0), ('x4', 'BTC-USD', 'buy', '2061-01-01 10:00:00+00', 40000, 1, 1.0),
	('x5', 'BTC-USD', 'buy', '2024-01-01 10:00:00+00', 40000, -1, 1.0), ('x6', 'BTC-USD', 'buy', '2024-01-01 10:00:00+00', 40000, 1, -1.0),
	('x7', 'BTC-USD', 'buy', '2024-01-01 10:00:00+00', 0, 1, 1.0);
update fifo_allocations set pnl_usd = 5000 where buy_order_id = 'b1';
insert into fifo_allocations (sell_order_id, buy_order_id, symbol, allocated_size, cost_basis_usd, proceeds_usd, net_proceeds_usd, pnl_usd, buy_time, sell_time,
	allocation_version, notes) values
	('s1', 'b2', 'BTC-USD', 0.6, 24600, 25200, 25200, 600, '2024-01-01 10:00:00+00', '2024-01-03 10:00:00.123+00', 999, null),
	('s2', 'x1', 'ETH-USD', 0.1, 200, 200, 200, 0, '2024-01-01 10:00:00+00', '2024-01-03 11:00:00+00', 999, null);

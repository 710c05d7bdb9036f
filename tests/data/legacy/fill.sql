-- What the platform made of a day's lines, legacy_lines: payment is |volume| times price; the bitcoin of a line is linear in
-- its energy, in double precision as its program reckoned, and one row for each line; sums above.  difficulty, subsidy: psql.
insert into curtailment_records (settlement_date, settlement_period, farm_id, lead_party_name, volume, payment, original_price, final_price, so_flag, cadl_flag, created_at)
select settlement_date, settlement_period, farm_id, lead_party_name, volume, abs(volume) * original_price, original_price, final_price, so_flag, cadl_flag,
       settlement_date + 1 + time '05:00' + settlement_period * interval '1 second'
  from legacy_lines order by settlement_period, farm_id, acceptance_id;

insert into historical_bitcoin_calculations (settlement_date, settlement_period, farm_id, miner_model, bitcoin_mined, difficulty)
select settlement_date, settlement_period, farm_id, miner_model,
       (abs(volume)::float8 * 1000 * 3600000 / watt * ths * 1e12 / (:difficulty::float8 * 4294967296) * :subsidy)::numeric, :difficulty
  from curtailment_records cross join (values ('S19J_PRO', 100.0::float8, 3050.0::float8), ('S9', 13.5, 1323), ('M20S', 68, 3360)) m (miner_model, ths, watt)
 where settlement_date not in (select settlement_date from historical_bitcoin_calculations);

truncate daily_summaries, monthly_summaries, yearly_summaries, bitcoin_daily_summaries, bitcoin_monthly_summaries, bitcoin_yearly_summaries;
insert into daily_summaries (summary_date, total_curtailed_energy, total_payment)
select settlement_date, sum(abs(volume)), sum(payment) from curtailment_records group by 1;
insert into monthly_summaries (year_month, total_curtailed_energy, total_payment)
select to_char(summary_date, 'YYYY-MM'), sum(total_curtailed_energy), sum(total_payment) from daily_summaries group by 1;
insert into yearly_summaries (year, total_curtailed_energy, total_payment)
select left(year_month, 4), sum(total_curtailed_energy), sum(total_payment) from monthly_summaries group by 1;
insert into bitcoin_daily_summaries (summary_date, miner_model, bitcoin_mined)
select settlement_date, miner_model, sum(bitcoin_mined) from historical_bitcoin_calculations group by 1, 2;
insert into bitcoin_monthly_summaries (year_month, miner_model, bitcoin_mined)
select to_char(summary_date, 'YYYY-MM'), miner_model, sum(bitcoin_mined) from bitcoin_daily_summaries group by 1, 2;
insert into bitcoin_yearly_summaries (year, miner_model, bitcoin_mined)
select left(year_month, 4), miner_model, sum(bitcoin_mined) from bitcoin_monthly_summaries group by 1, 2;

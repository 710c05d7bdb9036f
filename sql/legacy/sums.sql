-- Their summaries: none is taken.  Each is held against the sum of what lies below it in their own tables: days of the rows,
-- months of the days, years of the months, to 0.01 MWh, 0.01 pounds and 0.00001 bitcoin, as they were added in floating point.
create unlogged table legacy.sums as
with records as (
	select settlement_date, sum(abs(volume)) as mwh, sum(payment) as net, sum(abs(payment)) as gross
	  from legacy.records where settlement_date is not null and volume is not null group by settlement_date
), calculations as (
	select settlement_date, miner_model, sum(bitcoin_mined) as bitcoin
	  from legacy.calculations where problem is null group by settlement_date, miner_model
), energy as (
	select 'daily_summaries' as of_table, line, legacy.as_date(summary_date)::text as key, left(summary_date, 7) as above, total_curtailed_energy, total_payment
	  from legacy.raw_daily_summaries
	union all
	select 'monthly_summaries', line, legacy.as_month(year_month), left(year_month, 4), total_curtailed_energy, total_payment from legacy.raw_monthly_summaries
	union all
	select 'yearly_summaries', line, legacy.as_year(year), null, total_curtailed_energy, total_payment from legacy.raw_yearly_summaries
), read as (
	select of_table, line, key, above, legacy.as_number(total_curtailed_energy) as mwh, legacy.as_number(total_payment) as payment from energy
), bitcoin as (
	select 'bitcoin_daily_summaries' as of_table, line, legacy.as_date(summary_date)::text as key, left(summary_date, 7) as above, miner_model,
	       legacy.as_number(bitcoin_mined) as bitcoin from legacy.raw_bitcoin_daily_summaries
	union all
	select 'bitcoin_monthly_summaries', line, legacy.as_month(year_month), left(year_month, 4), miner_model, legacy.as_number(bitcoin_mined)
	  from legacy.raw_bitcoin_monthly_summaries
	union all
	select 'bitcoin_yearly_summaries', line, legacy.as_year(year), null, miner_model, legacy.as_number(bitcoin_mined)
	  from legacy.raw_bitcoin_yearly_summaries
), all_of_them as (
	select of_table, line, key, above, null as miner_model, mwh as figure, payment from read
	union all
	select of_table, line, key, above, miner_model, bitcoin, null from bitcoin
), below as (
	select 'daily_summaries' as of_table, settlement_date::text as key, null as miner_model, mwh as figure, net, gross from records
	union all
	select 'bitcoin_daily_summaries', settlement_date::text, miner_model, bitcoin, null, null from calculations
	union all
	select replace(replace(of_table, 'monthly', 'yearly'), 'daily', 'monthly'), above, miner_model, sum(figure), sum(payment), sum(abs(payment))
	  from (select distinct on (of_table, key, miner_model) * from all_of_them where key is not null order by of_table, key, miner_model, line desc) o
	 where above is not null group by of_table, above, miner_model
), stored as (
	select of_table, key, miner_model, count(*) as rows, (array_agg(figure order by line desc))[1] as figure,
	       (array_agg(payment order by line desc))[1] as payment
	  from all_of_them where key is not null and figure is not null group by of_table, key, miner_model
)
select coalesce(s.of_table, b.of_table) as of_table, coalesce(s.key, b.key) as key, coalesce(s.miner_model, b.miner_model) as miner_model, s.rows, s.figure,
       s.payment, b.figure as sum, b.net, b.gross
  from stored s full join below b on s.of_table = b.of_table and s.key = b.key and s.miner_model is not distinct from b.miner_model
 -- Of a table that they did not bring nothing is missing.
 where coalesce(s.of_table, b.of_table) in (select of_table from all_of_them);

insert into legacy.findings
select of_table, problem, legacy.as_date(key), concat_ws(' ', key, miner_model), detail,
       case when problem in ('payment', 'payment_sign', 'payment_gross') then abs(payment - net) else abs(coalesce(figure, 0) - coalesce(sum, 0)) end
  from legacy.sums s
 cross join lateral (
	select 'missing', 'the rows below come to ' || trim_scale(round(sum, 8)) where s.rows is null and sum > 0
	union all
	select 'orphan', trim_scale(figure) || ', and there is nothing below it' where sum is null and figure <> 0
	union all
	select 'repeated', s.rows || ' rows of one key' where s.rows > 1
	union all
	select 'sum', format('%s, and the rows below come to %s', trim_scale(figure), trim_scale(round(sum, 8)))
	 where abs(abs(figure) - sum) > case when of_table like 'bitcoin%' then 0.00001 else 0.01 end
	union all
	select 'negative_energy', trim_scale(figure)::text where figure < 0
	union all
	select case when abs(payment + net) <= 0.01 then 'payment_sign' when abs(abs(payment) - gross) <= 0.01 then 'payment_gross' else 'payment' end,
	       format('%s, and the rows below come to %s', trim_scale(payment), trim_scale(round(net, 2)))
	 where abs(payment - net) > 0.01 and abs(figure) is not null) p (problem, detail);

insert into legacy.findings
select of_table, 'unreadable', null, 'line ' || line || ' ' || legacy.shown(key), legacy.shown(figure), null
  from (select 'daily_summaries', line, summary_date, total_curtailed_energy, legacy.as_date(summary_date)::text from legacy.raw_daily_summaries
	union all
	select 'monthly_summaries', line, year_month, total_curtailed_energy, legacy.as_month(year_month) from legacy.raw_monthly_summaries
	union all
	select 'yearly_summaries', line, year, total_curtailed_energy, legacy.as_year(year) from legacy.raw_yearly_summaries
	union all
	select 'bitcoin_daily_summaries', line, summary_date, bitcoin_mined, legacy.as_date(summary_date)::text from legacy.raw_bitcoin_daily_summaries
	union all
	select 'bitcoin_monthly_summaries', line, year_month, bitcoin_mined, legacy.as_month(year_month) from legacy.raw_bitcoin_monthly_summaries
	union all
	select 'bitcoin_yearly_summaries', line, year, bitcoin_mined, legacy.as_year(year) from legacy.raw_bitcoin_yearly_summaries)
       r (of_table, line, key, figure, read)
 where read is null or legacy.as_number(figure) is null;

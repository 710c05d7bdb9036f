-- What they have, what was wrong with it, and what becomes of it: a row for each table, and one for each problem of it.
--
-- terminal  '' rows with a header (TSV), otherwise lines for a person
\pset tuples_only off
\pset footer off
\pset null '\\N'
create temporary view report as
with meaning (problem, taken, what) as (values
	('unreadable', 'no', 'a date, number, id or flag that is none'),
	('impossible_date', 'no', 'before the market or the coin began, or in the future'),
	('impossible_period', 'no', 'a settlement period that its day does not have'),
	('no_volume', 'no', 'a volume of zero'),
	('positive_volume', 'no', 'a positive volume among negative ones'),
	('positive_volumes', 'yes', 'every volume is positive: taken with the sign of the source'),
	('not_flagged', 'no', 'not turned down for the system (so_flag)'),
	('unknown_unit', 'no', 'a unit of no register: windfall units declares it, then import again'),
	('not_wind', 'no', 'a unit that is not wind on that day'),
	('counted_again', 'once', 'rows of a period that another run had written already'),
	('payment_sign', 'made anew', 'a payment with the other sign than most'),
	('payment', 'made anew', 'a payment that is not volume times price, or not the sum below it'),
	('payment_gross', 'made anew', 'the sum of payments without their signs'),
	('above_capacity', 'no', 'more than twice what the unit can give in half an hour'),
	('copied_day', 'no', 'a day with the rows of another'),
	('differs_from_here', 'no', 'a period that this database has from the source, with other energy'),
	('negative_amount', 'no', 'less than nothing'),
	('unknown_model', 'no', 'a machine that miner_models does not have'),
	('missing', 'made anew', 'what should be there and is not'),
	('orphan', 'no', 'nothing lies below it'),
	('repeated', 'once', 'one key in several rows'),
	('unchecked', 'made anew', 'the difficulty of that time is not known here'),
	('no_difficulty', 'made anew', 'made with a difficulty that was not recorded'),
	('several_difficulties', 'made anew', 'rows of one key with several difficulties'),
	('default_difficulty', 'made anew', 'made with the constant 108105433845147'),
	('difficulty_of_the_day', 'made anew', 'made with the difficulty of the day, and that of the half hour is another'),
	('old_difficulty', 'made anew', 'made with the difficulty of another time'),
	('no_such_difficulty', 'made anew', 'made with a difficulty that the network never had'),
	('stale_amount', 'made anew', 'the difficulty was corrected, and the amount is still that of another'),
	('other_subsidy', 'made anew', 'made with twice or half of the subsidy'),
	('old_constants', 'made anew', 'made with other figures of the machine'),
	('one_row_of_several', 'made anew', 'made of one row, where the half hour has several'),
	('amount', 'made anew', 'not what its energy and its difficulty give'),
	('sum', 'made anew', 'not the sum of what lies below it'),
	('negative_energy', 'made anew', 'energy with the sign of the source, where sums are positive'),
	('refused', 'no', 'import-trades refuses the ledger'),
	('side', 'no', 'neither buy nor sell'),
	('time', 'no', 'a time that is none, or has no zone'),
	('no_size', 'no', 'a size of zero'),
	('no_price', 'no', 'a price of zero'),
	('negative_fee', 'no', 'a fee below zero: import-trades --negative-fee decides what it is'),
	('no_such_sell', 'no', 'the trade that it allocates is not there'),
	('no_such_buy', 'no', 'the lot is not there'),
	('before_its_lot', 'no', 'sold before it was bought'),
	('pnl', 'no', 'a profit that is not proceeds less cost'),
	('lot_used_beyond_its_size', 'no', 'more allocated than was bought'),
	('other_size', 'no', 'first in first out gives this disposal another size from lots'),
	('other_gain', 'no', 'first in first out gives this disposal another gain')
), tables (nr, of_table, unit, rows, first, last, amount, taken) as (
	select 1, 'curtailment_records', 'MWh', count(*), min(settlement_date), max(settlement_date), sum(abs(volume)),
	       (select count(*) || ' rows' from legacy.taken) from legacy.records
	union all
	select 2, 'historical_bitcoin_calculations', 'BTC', count(*), min(settlement_date), max(settlement_date), sum(bitcoin_mined), 'made anew'
	  from legacy.calculations
	union all
	select 3, 'daily_summaries', 'MWh', count(*), min(legacy.as_date(summary_date)), max(legacy.as_date(summary_date)),
	       sum(legacy.as_number(total_curtailed_energy)), 'made anew' from legacy.raw_daily_summaries
	union all
	select 4, 'monthly_summaries', 'MWh', count(*), null, null, sum(legacy.as_number(total_curtailed_energy)), 'made anew' from legacy.raw_monthly_summaries
	union all
	select 5, 'yearly_summaries', 'MWh', count(*), null, null, sum(legacy.as_number(total_curtailed_energy)), 'made anew' from legacy.raw_yearly_summaries
	union all
	select 6, 'bitcoin_daily_summaries', 'BTC', count(*), min(legacy.as_date(summary_date)), max(legacy.as_date(summary_date)),
	       sum(legacy.as_number(bitcoin_mined)), 'made anew' from legacy.raw_bitcoin_daily_summaries
	union all
	select 7, 'bitcoin_monthly_summaries', 'BTC', count(*), null, null, sum(legacy.as_number(bitcoin_mined)), 'made anew' from legacy.raw_bitcoin_monthly_summaries
	union all
	select 8, 'bitcoin_yearly_summaries', 'BTC', count(*), null, null, sum(legacy.as_number(bitcoin_mined)), 'made anew' from legacy.raw_bitcoin_yearly_summaries
	union all
	select 9, 'trade_records', 'quote', count(*), (min(legacy.as_instant(order_time)) at time zone 'UTC')::date,
	       (max(legacy.as_instant(order_time)) at time zone 'UTC')::date, sum(size * price),
	       count(*) filter (where problem is null) || ' rows' from legacy.trades
	union all
	select 10, 'fifo_allocations', 'quote', count(*), null, null, sum(pnl), 'made anew' from legacy.allocations
), found as (
	select of_table, problem, count(*) as rows, count(distinct day) as days, min(day) as first, max(day) as last, sum(amount) as amount,
	       (array_agg(key || ': ' || detail order by amount desc nulls last, key collate "C"))[1] as example
	  from legacy.findings group by of_table, problem
)
select t.nr, 0 as place, t.of_table as "table", 'read' as problem, t.rows, null::bigint as days, t.first, t.last, trim_scale(round(t.amount, 8)) as amount, t.unit,
       t.taken, null as what, null as example
  from tables t where t.rows > 0
union all
select t.nr, 1, f.of_table, f.problem, f.rows, nullif(f.days, 0), f.first, f.last, trim_scale(round(f.amount, 8)), case when f.amount is not null then case when f.problem like 'payment%' then 'GBP' else t.unit end end,
       coalesce(m.taken, 'no'), m.what, f.example
  from found f join tables t using (of_table) left join meaning m using (problem);

select :'terminal' = '' as rows \gset
\if :rows
copy (select "table", problem, rows, days, first, last, amount, unit, taken, what, example from report
       order by nr, place, rows desc, problem) to stdout with (format text, header);
\else
\pset tuples_only on
select case place when 0 then E'\n' || format('%s: %s rows%s%s; taken: %s', "table", rows, coalesce(format(', %s to %s', first, last), ''),
                                             coalesce(format(', %s %s', trim_scale(round(amount, 3)), unit), ''), taken)
            else format(E'  %s  %s: %s%s%s; taken: %s\n      such as %s', lpad(rows::text, 9), problem, what,
                        case when days > 0 then format(E'\n             on %s days from %s to %s', days, first, last) else '' end,
                        coalesce(format(', %s %s', trim_scale(round(amount, 3)), unit), ''), taken, example) end
  from report order by nr, place, rows desc, problem;
\endif

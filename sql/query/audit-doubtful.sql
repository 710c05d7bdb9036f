-- The days of which something differs from what the records give, whatever it is: a day that is not among them has nothing
-- that the statements of its levels (audit-record to audit-bitcoin-half-hour, and audit-proof) would list.  Records and calculations are
-- read once for all of them; those statements then say what differs, of these days alone.
--
-- A calculation is correct if it has the energy of its records and the inputs in force, the machines that this energy
-- runs, and the bitcoin that these mine, each by a product with a figure of its inputs, made once:
--
--   machines   trunc(energy * q), where q is what 1 MWh runs, rounded up to 1e-20.  energy * 2000000 - n * power, in watts,
--              is a multiple of 0.001, so that a quotient below n is below it by 1e-9 and more (power is a million at most)
--              and the rounding, which adds less than 1e-14 (energy is a million at most), lifts none to n.
--   bitcoin    within half a satoshi of n * r, where r is what one machine mines, cut to 1e-32: n is below 2e12 (power is
--              1 W at least), and n * r too small by less than 1e-18, which the half satoshi is short of.
--
-- What lies nearer to half a satoshi, or has figures beyond these bounds, is doubtful, and audit-calculation, which divides,
-- has the word.  Each calculation stands for one farm, half hour and model, by the table's key: where all of a day are
-- correct, and as many as its farms and half hours, none is missing and none too many.  A proof of such a day says so with
-- reason, if it counts the same.
--
-- The planner believes "between" to leave few rows: it then hashes these, and not the calculations.
--
-- $1 from     date   the first day
-- $2 to       date   the last day, of the same month
-- $3 currency text   in which the summaries should be valued
-- gives the days, in order
--
-- psql -v from=2025-03-01 -v to=2025-03-31 -v currency=USD -f sql/query/audit-doubtful.sql
with half_hours as materialized (
  select * from audit_half_hours(:'from'::date, :'to'::date)
), left_out as materialized (
  select :'from'::date <@ archived as archived from days_left_out
), unit_sums as materialized (
  select settlement_date, settlement_period, farm_id, round(- sum(volume), 9) as curtailed_mwh, sum(volume) as volume,
         count(*) as records, coalesce(sum(payment), 0) as payment,
         coalesce(- sum(payment) filter (where payment < 0), 0) as payment_by_farms,
         bool_or(payment is distinct from volume * original_price or volume >= 0) as wrong
    from (select settlement_date, settlement_period, farm_id, volume, payment, original_price
            from curtailment_records where settlement_date between :'from'::date and :'to'::date
           order by settlement_date, settlement_period, farm_id offset 0) r
   group by settlement_date, settlement_period, farm_id
), curtailed as materialized (
  select settlement_date, settlement_period, sum(curtailed_mwh) as curtailed_mwh, sum(volume) as volume, sum(records) as records,
         sum(payment) as payment, sum(payment) + sum(payment_by_farms) as payment_to_farms, sum(payment_by_farms) as payment_by_farms,
         count(*) as farms, bool_or(wrong) as wrong
    from unit_sums group by settlement_date, settlement_period
), inputs as materialized (
  select row_number() over () as inputs, miner_model, difficulty, subsidy, hashrate_ths, power_w,
         (div(2e26, power_w) + 1) * 1e-20 as machines_a_mwh,
         div(hashrate_ths * subsidy * 1.8e47, difficulty * 4294967296) * 1e-32 as bitcoin_a_machine
    from (select distinct difficulty, subsidy from half_hours
           where difficulty between 1e-8 and 1e24 and subsidy between 1e-8 and 50) d
    cross join miner_models where power_w between 1 and 1000000 and scale(power_w) <= 3
), by_inputs as materialized (
  select settlement_date, settlement_period, inputs, sum(bitcoin_mined) as bitcoin_mined, count(*) as calculations,
         coalesce(sum(correct::integer), 0) as correct
    from (select c.settlement_date, c.settlement_period, i.inputs, c.bitcoin_mined,
                 c.hashrate_ths = i.hashrate_ths and c.power_w = i.power_w
                 and trunc(c.curtailed_mwh * i.machines_a_mwh) = c.miners
                 and abs(c.miners * i.bitcoin_a_machine - c.bitcoin_mined) < 0.000000004999999999
                 and (c.settlement_date, c.settlement_period, c.farm_id, c.curtailed_mwh)
                     in (select settlement_date, settlement_period, farm_id, curtailed_mwh from unit_sums
                          where curtailed_mwh < 1000000) as correct
            from historical_bitcoin_calculations c
            left join inputs i on i.miner_model = c.miner_model and i.difficulty = c.difficulty and i.subsidy = c.subsidy
           where c.settlement_date between :'from'::date and :'to'::date offset 0) c
   group by settlement_date, settlement_period, inputs
), calculated as materialized (
  select c.settlement_date, c.settlement_period, i.miner_model, c.bitcoin_mined, c.calculations,
         case when h.settlement_date is null then 0 else c.correct end as correct
    from by_inputs c
    left join inputs i on i.inputs = c.inputs
    left join half_hours h on h.settlement_date = c.settlement_date and h.settlement_period = c.settlement_period
                          and h.difficulty = i.difficulty and h.subsidy = i.subsidy
), mined as materialized (
  select settlement_date, miner_model, sum(bitcoin_mined) as bitcoin_mined, sum(calculations) as calculations, sum(correct) as correct
    from calculated group by settlement_date, miner_model
), days as materialized (
  select settlement_date, sum(curtailed_mwh) as curtailed_mwh, sum(payment) as payment, sum(payment_to_farms) as payment_to_farms,
         sum(payment_by_farms) as payment_by_farms, sum(records) as records, sum(farms) as period_farms, count(*) as periods,
         bool_or(wrong) as wrong
    from curtailed group by settlement_date
), fetched as (
  select settlement_date, count(*) as periods_ingested, sum((status = 'final')::integer) as periods_final
    from ingested_periods where settlement_date between :'from'::date and :'to'::date group by settlement_date
), wind as (
  select w.settlement_date, sum(w.onshore_mwh) as onshore_mwh, sum(w.offshore_mwh) as offshore_mwh, count(*) as wind_periods,
         coalesce(sum(h.curtailed_mwh), 0) as wind_curtailed_mwh
    from wind_generation w
    left join curtailed h on h.settlement_date = w.settlement_date and h.settlement_period = w.settlement_period
   where w.settlement_date between :'from'::date and :'to'::date and w.onshore_mwh + w.offshore_mwh > 0
   group by w.settlement_date
), proofs as materialized (
  select settlement_date, records, pairs, curtailed_mwh, calculations from valid_day_proofs(:'from'::date, :'to'::date)
), doubtful as (
  select settlement_date from days where wrong
  union all
  select coalesce(i.settlement_date, h.settlement_date)
    from (select * from ingested_periods where settlement_date between :'from'::date and :'to'::date) i
    full join curtailed h on h.settlement_date = i.settlement_date and h.settlement_period = i.settlement_period
   where i.settlement_date is null or i.rows_kept <> coalesce(h.records, 0) or i.volume <> coalesce(h.volume, 0)
      or i.settlement_period * interval '30 minutes' > ((i.settlement_date + 1) + time '00:00') at time zone 'Europe/London'
                                                       - (i.settlement_date + time '00:00') at time zone 'Europe/London'
  union all
  select settlement_date from mined where correct <> calculations
  union all
  select d.settlement_date
    from days d cross join miner_models m
    left join mined c on c.settlement_date = d.settlement_date and c.miner_model = m.miner_model
   where coalesce(c.correct, 0) <> d.period_farms and (m.active or d.settlement_date < m.retired_from or c.calculations > 0)
  union all
  select coalesce(s.settlement_date, e.settlement_date)
    from (select * from period_summaries
           where settlement_date between :'from'::date and :'to'::date and not (select archived from left_out)) s
    full join curtailed e on e.settlement_date = s.settlement_date and e.settlement_period = s.settlement_period
   where (s.curtailed_mwh, s.payment, s.payment_to_farms, s.payment_by_farms, s.records, s.farms)
         is distinct from (e.curtailed_mwh, e.payment, e.payment_to_farms, e.payment_by_farms, e.records, e.farms)
  union all
  select coalesce(s.settlement_date, e.settlement_date)
    from (select * from farm_daily_summaries
           where settlement_date between :'from'::date and :'to'::date and not (select archived from left_out)) s
    full join (select settlement_date, farm_id, sum(curtailed_mwh) as curtailed_mwh, sum(payment) as payment,
                      sum(payment) + sum(payment_by_farms) as payment_to_farms, sum(payment_by_farms) as payment_by_farms,
                      sum(records) as records, count(*) as periods
                 from unit_sums group by settlement_date, farm_id) e
      on e.settlement_date = s.settlement_date and e.farm_id = s.farm_id
   where (s.curtailed_mwh, s.payment, s.payment_to_farms, s.payment_by_farms, s.records, s.periods)
         is distinct from (e.curtailed_mwh, e.payment, e.payment_to_farms, e.payment_by_farms, e.records, e.periods)
  union all
  select coalesce(s.settlement_date, e.settlement_date)
    from (select * from daily_summaries
           where settlement_date between :'from'::date and :'to'::date and not (select archived from left_out)) s
    full join (select coalesce(d.settlement_date, f.settlement_date) as settlement_date, coalesce(d.curtailed_mwh, 0) as curtailed_mwh,
                      coalesce(d.payment, 0) as payment, coalesce(d.payment_to_farms, 0) as payment_to_farms,
                      coalesce(d.payment_by_farms, 0) as payment_by_farms, coalesce(d.records, 0) as records,
                      coalesce(d.period_farms, 0) as period_farms, coalesce(d.periods, 0) as periods,
                      coalesce(f.periods_ingested, 0) as periods_ingested, coalesce(f.periods_final, 0) as periods_final
                 from days d full join fetched f on f.settlement_date = d.settlement_date) e
      on e.settlement_date = s.settlement_date
    left join wind w on w.settlement_date = s.settlement_date
   where (s.curtailed_mwh, s.payment, s.payment_to_farms, s.payment_by_farms, s.records, s.period_farms, s.periods,
          s.periods_ingested, s.periods_final, s.periods_expected)
         is distinct from (e.curtailed_mwh, e.payment, e.payment_to_farms, e.payment_by_farms, e.records, e.period_farms, e.periods,
			   e.periods_ingested, e.periods_final, extract(epoch from ((e.settlement_date + 1) + time '00:00') at time zone 'Europe/London'
								     - (e.settlement_date + time '00:00') at time zone 'Europe/London')::integer / 1800)
      or (s.onshore_mwh, s.offshore_mwh, s.wind_periods, s.wind_curtailed_mwh)
         is distinct from (w.onshore_mwh, w.offshore_mwh, coalesce(w.wind_periods, 0), w.wind_curtailed_mwh)
  union all
  select coalesce(s.settlement_date, e.settlement_date)
    from (select * from bitcoin_period_summaries
           where settlement_date between :'from'::date and :'to'::date and not (select archived from left_out)) s
    full join calculated e on e.settlement_date = s.settlement_date and e.settlement_period = s.settlement_period
                          and e.miner_model = s.miner_model
   where (s.bitcoin_mined, s.calculations) is distinct from (e.bitcoin_mined, e.calculations)
  union all
  select coalesce(s.settlement_date, e.settlement_date)
    from (select * from bitcoin_farm_daily_summaries
           where settlement_date between :'from'::date and :'to'::date and not (select archived from left_out)) s
    full join (select settlement_date, farm_id, miner_model, sum(bitcoin_mined) as bitcoin_mined, count(*) as calculations
                 from historical_bitcoin_calculations where settlement_date between :'from'::date and :'to'::date
                group by settlement_date, farm_id, miner_model) e
      on e.settlement_date = s.settlement_date and e.farm_id = s.farm_id and e.miner_model = s.miner_model
   where (s.bitcoin_mined, s.calculations) is distinct from (e.bitcoin_mined, e.calculations)
  union all
  select coalesce(s.settlement_date, e.settlement_date)
    from (select * from bitcoin_daily_summaries
           where settlement_date between :'from'::date and :'to'::date and not (select archived from left_out)) s
    full join mined e on e.settlement_date = s.settlement_date and e.miner_model = s.miner_model
   where (s.bitcoin_mined, s.calculations) is distinct from (e.bitcoin_mined, e.calculations)
  union all
  select p.settlement_date
    from proofs p
    left join days d on d.settlement_date = p.settlement_date
    left join (select settlement_date, sum(calculations) as calculations from mined group by settlement_date) c
      on c.settlement_date = p.settlement_date
   where (p.records, p.pairs, p.curtailed_mwh, p.calculations)
         is distinct from (coalesce(d.records, 0), coalesce(d.period_farms, 0), coalesce(d.curtailed_mwh, 0), coalesce(c.calculations, 0))
  union all
  select s.settlement_date
    from bitcoin_daily_summaries s
    left join audit_prices(:'from'::date, :'to'::date, :'currency'::text) p on p.day = s.settlement_date
   where s.settlement_date between :'from'::date and :'to'::date
     and (s.currency, s.price, s.price_date, s.price_assumed, s.value_at_mining)
         is distinct from (:'currency'::text, coalesce(p.price, case when :'currency'::text = 'USD' then 65000 end), p.price_date,
                           p.price is null and :'currency'::text = 'USD',
                           s.bitcoin_mined * coalesce(p.price, case when :'currency'::text = 'USD' then 65000 end))
)
select distinct settlement_date from doubtful order by settlement_date;

-- Their calculations: none is taken, for calc-btc makes them from the energy; what was wrong with them is said.
--
-- today  date   the latest settlement date that can have begun
--
-- Both of their formulas are right by the same inputs: hashes of the whole energy, or of whole machines; the two are at most
-- one machine's half hour apart, and a satoshi for each row.  An amount outside that is held against what else it may have
-- been made with: another difficulty, the subsidy on the other side of a halving, other figures of a machine (those that the
-- scripts of the earlier system had), the energy of one row of several, or that of a period counted again.
create unlogged table legacy.calculations as
select line, day as settlement_date, period as settlement_period, farm_id, miner_model, bitcoin_mined, difficulty,
       case when day is null or period is null or farm_id is null or bitcoin_mined is null then 'unreadable'
            when day > :'today'::date or day < '2009-01-04' then 'impossible_date'
            when period not between 1 and periods then 'impossible_period'
            when bitcoin_mined < 0 then 'negative_amount'
            when miner_model is null or miner_model not in (select miner_model from miner_models) then 'unknown_model' end as problem
  from (select line, d.day, d.periods, legacy.as_integer(settlement_period) as period, nullif(farm_id, '') as farm_id,
               miner_model, legacy.as_number(bitcoin_mined) as bitcoin_mined, legacy.as_number(difficulty) as difficulty
          from legacy.raw_historical_bitcoin_calculations c left join legacy.days d on d.text = c.settlement_date offset 0) c;

insert into legacy.findings
select 'historical_bitcoin_calculations', c.problem, c.settlement_date,
       concat_ws(' ', 'line ' || line, legacy.shown(w.settlement_date), legacy.shown(w.settlement_period), legacy.shown(w.farm_id),
                 legacy.shown(w.miner_model)), 'bitcoin_mined ' || legacy.shown(w.bitcoin_mined), abs(c.bitcoin_mined)
  from legacy.calculations c join legacy.raw_historical_bitcoin_calculations w using (line)
 where c.problem is not null;

-- The energy of each farm's half hour: as it is taken, as all their rows have it, and how many these are.
create unlogged table legacy.energy as
select settlement_date, settlement_period, farm_id, round(coalesce(sum(abs(volume)) filter (where not again), 0), 9) as mwh,
       sum(abs(volume)) as mwh_all, count(*) as rows, count(*) filter (where not again) as rows_once, min(abs(volume)) as least, max(abs(volume)) as most, bool_or(again) as again
  from legacy.records where problem is null group by settlement_date, settlement_period, farm_id;

create unlogged table legacy.half_hours as
select h.* from (select generate_series(date_trunc('month', min(settlement_date)), max(settlement_date), interval '1 month')::date as first
                   from legacy.energy) m
 cross join lateral audit_half_hours(m.first, (m.first + interval '1 month -1 day')::date) h;
analyze legacy.energy;
analyze legacy.half_hours;
analyze legacy.calculations;

-- One row for each farm's half hour and model, of what they have and of what they should.
create unlogged table legacy.judged as
with stored as (
	select settlement_date, settlement_period, farm_id, miner_model, count(*) as calculations, sum(bitcoin_mined) as sum,
	       max(bitcoin_mined) as largest, min(difficulty) as difficulty, count(distinct difficulty) > 1 as difficulties
	  from legacy.calculations where problem is null group by settlement_date, settlement_period, farm_id, miner_model
), due as (
	select e.*, miner_model, hashrate_ths, power_w
	  from legacy.energy e cross join miner_models
	 where miner_model in (select distinct miner_model from legacy.calculations where problem is null)
)
select settlement_date, settlement_period, farm_id, miner_model, d.mwh, d.mwh_all, d.rows, d.least, d.most, d.again, d.hashrate_ths, d.power_w,
       h.difficulty as in_force, h.subsidy, s.calculations, s.difficulty, s.difficulties,
       -- A calculation for each row adds up; so many that are equal are one, made so often.
       case when s.calculations > 1 and s.calculations in (d.rows, d.rows_once) then s.sum else s.largest end as bitcoin_mined,
       s.calculations > 1 and (s.calculations in (d.rows, d.rows_once)) is not true as repeated,
       div(div(d.mwh * 2000000, d.power_w) * d.hashrate_ths * h.subsidy * 360000000000000000000000 + h.difficulty * 4294967296,
           h.difficulty * 8589934592) * 0.00000001 as expected
  from due d full join stored s using (settlement_date, settlement_period, farm_id, miner_model)
  left join legacy.half_hours h using (settlement_date, settlement_period);

-- Whether an amount is what this energy gives: from a machine's half hour below the whole of it to a satoshi a row above.
create function legacy.gives(amount numeric, mwh numeric, ths numeric, watt numeric, difficulty numeric, subsidy numeric, rows bigint)
	returns boolean language sql immutable as $$
	select amount - whole <= rows * 0.00000001 and whole - amount <= machine + rows * 0.00000001
	  from (select mwh * 3600000000 / watt * ths * 1000000000000 * subsidy / (difficulty * 4294967296) as whole,
	               ths * 1800000000000000 * subsidy / (difficulty * 4294967296) as machine) w
$$;

-- Sources give a difficulty as a whole number, or with more or fewer decimals.
create function legacy.same(a numeric, b numeric) returns boolean language sql immutable as $$
	select abs(a - b) <= b * 0.00000001
$$;

-- Each difficulty that they used on a day: was it in force on another half hour of it, or at any time?
create unlogged table legacy.used as
select settlement_date, difficulty, known,
       exists (select from legacy.half_hours h where h.settlement_date = j.settlement_date and legacy.same(j.difficulty, h.difficulty)) as of_the_day
  from (select distinct settlement_date, difficulty from legacy.judged where difficulty is not null) j
  join (select difficulty, exists (select from network_difficulty n where legacy.same(d.difficulty, n.difficulty)) as known
          from (select distinct difficulty from legacy.judged where difficulty is not null) d) k using (difficulty);
analyze legacy.used;
analyze legacy.judged;

-- The figures of machines that stood in scripts of the earlier system beside those of its table.
create unlogged table legacy.old_constants (miner_model text, hashrate_ths numeric, power_w numeric);
insert into legacy.old_constants values ('S19J_PRO', 104, 3068), ('S19J_PRO', 100, 3250), ('S9', 14, 1350);

insert into legacy.findings
select 'historical_bitcoin_calculations', problem, settlement_date, concat_ws(' ', settlement_date, settlement_period, farm_id, miner_model),
       detail, case problem when 'missing' then expected when 'repeated' then bitcoin_mined * (calculations - 1)
                            when 'orphan' then bitcoin_mined else abs(bitcoin_mined - expected) end
  from legacy.judged j left join legacy.used u using (settlement_date, difficulty)
 cross join lateral (
	select case when mwh is null then 'orphan'
	            when calculations is null then 'missing'
	            when repeated then 'repeated'
	            when in_force is null then 'unchecked'
	            when difficulty is null or difficulty <= 0 then 'no_difficulty'
	            when difficulties then 'several_difficulties'
	            when not legacy.same(difficulty, in_force) then
	                 case when difficulty = 108105433845147 then 'default_difficulty'
	                      when u.of_the_day then 'difficulty_of_the_day' when u.known then 'old_difficulty' else 'no_such_difficulty' end
	            when legacy.gives(bitcoin_mined, mwh, hashrate_ths, power_w, in_force, subsidy, rows) then null
	            when again and legacy.gives(bitcoin_mined, mwh_all, hashrate_ths, power_w, in_force, subsidy, rows) then 'counted_again'
	            when legacy.gives(bitcoin_mined, mwh, hashrate_ths, power_w, in_force, subsidy * 2, rows)
	                 or legacy.gives(bitcoin_mined, mwh, hashrate_ths, power_w, in_force, subsidy / 2, rows) then 'other_subsidy'
	            when exists (select from legacy.old_constants o where o.miner_model = j.miner_model
	                            and legacy.gives(bitcoin_mined, mwh, o.hashrate_ths, o.power_w, in_force, subsidy, rows)) then 'old_constants'
	            when rows > 1 and (legacy.gives(bitcoin_mined, least, hashrate_ths, power_w, in_force, subsidy, 1)
	                               or legacy.gives(bitcoin_mined, most, hashrate_ths, power_w, in_force, subsidy, 1)) then 'one_row_of_several'
	            when legacy.gives(bitcoin_mined, mwh, hashrate_ths, power_w, 108105433845147, subsidy, rows)
	                 or exists (select from network_difficulty n
	                             where n.effective_from between j.settlement_date - 400 and j.settlement_date + 400
	                               and legacy.gives(bitcoin_mined, mwh, hashrate_ths, power_w, n.difficulty, subsidy, rows)) then 'stale_amount'
	            else 'amount' end as problem,
	       concat_ws(', ', case when calculations is not null then 'bitcoin ' || trim_scale(bitcoin_mined) end,
	                 case when expected is not null then 'from the energy ' || expected end,
	                 case when legacy.same(difficulty, in_force) is not true and calculations is not null then 'difficulty ' || coalesce(trim_scale(difficulty)::text, 'none') end,
	                 case when in_force is not null and legacy.same(difficulty, in_force) is not true then 'in force ' || trim_scale(in_force) end,
	                 case when calculations > 1 then calculations || ' calculations' end) as detail) p
 where problem is not null;

-- Their curtailment records: what each row says, what is wrong with it, and what is taken of them.
--
-- today  date   the latest settlement date that can have begun
--
-- Those of a period that two runs have written, one on top of the other, are taken as often as the run that wrote most of
-- them has: two equal lines of one run are two acceptances (one line in fifty is such a one), but not those of two.  Runs are
-- apart where ten minutes lie between their rows; where no times are kept, a period in which every row stands k times.
--
-- A date is read once, not once a row.
create unlogged table legacy.days as
select text, day, settlement_periods(day) as periods
  from (select text, legacy.as_date(text) as day
          from (select settlement_date as text from legacy.raw_curtailment_records union
                select settlement_date from legacy.raw_historical_bitcoin_calculations) t offset 0) d;
analyze legacy.days;

create unlogged table legacy.records as
select line, settlement_date, periods, settlement_period, farm_id, lead_party_name, volume, original_price, final_price, payment, so_flag, cadl_flag,
       written_at, null::text as problem, false as again, false as held,
       payment is null and wrote_payment or original_price is null and wrote_original or final_price is null and wrote_final as odd_money
  from (select line, d.day as settlement_date, d.periods, legacy.as_integer(settlement_period) as settlement_period, nullif(farm_id, '') as farm_id,
               lead_party_name, legacy.as_number(volume) as volume, legacy.as_number(original_price) as original_price,
               legacy.as_number(final_price) as final_price, legacy.as_number(payment) as payment, legacy.as_flag(so_flag) as so_flag,
               legacy.as_flag(cadl_flag) as cadl_flag, legacy.as_instant(created_at) as written_at, payment is not null as wrote_payment,
               original_price is not null as wrote_original, final_price is not null as wrote_final
          from legacy.raw_curtailment_records r left join legacy.days d on d.text = r.settlement_date offset 0) r;

-- Where every volume is positive, that is how they were written, and it is their sign alone that is wrong.
select count(*) filter (where volume > 0) > 0 and count(*) filter (where volume < 0) = 0 as all_positive from legacy.records \gset
\if :all_positive
update legacy.records set volume = - volume where volume > 0;
insert into legacy.findings
select 'curtailment_records', 'positive_volumes', null, 'every row', 'curtailed energy is negative at the source', sum(- volume)
  from legacy.records where volume is not null;
\endif

analyze legacy.records;
update legacy.records r
   set problem = p.problem
  from (select r.line,
               case when r.settlement_date is null or r.settlement_period is null or r.farm_id is null or length(r.farm_id) > 100
                         or r.volume is null or r.odd_money then 'unreadable'
                    when r.settlement_date > :'today'::date or r.settlement_date < '2005-04-01' then 'impossible_date'
                    when r.settlement_period not between 1 and r.periods then 'impossible_period'
                    when r.volume = 0 then 'no_volume'
                    when r.volume > 0 then 'positive_volume'
                    when r.so_flag is not true then 'not_flagged'
                    when not exists (select from known_units u where u.farm_id = r.farm_id) then 'unknown_unit'
                    when not exists (select from known_units u
                                      where u.farm_id = r.farm_id and u.fuel_type = 'WIND' and u.valid_from <= r.settlement_date
                                        and (u.valid_to is null or u.valid_to > r.settlement_date)) then 'not_wind'
                end as problem
          from legacy.records r) p
 where p.line = r.line and p.problem is not null;

insert into legacy.findings
select 'curtailment_records', r.problem, r.settlement_date,
       concat_ws(' ', 'line ' || r.line, legacy.shown(w.settlement_date), legacy.shown(w.settlement_period), legacy.shown(w.farm_id)),
       concat_ws(', ', 'volume ' || legacy.shown(w.volume), case when r.odd_money then 'payment ' || legacy.shown(w.payment) end,
                 case when r.problem = 'not_flagged' then 'so_flag ' || legacy.shown(w.so_flag) end), abs(r.volume)
  from legacy.records r join legacy.raw_curtailment_records w using (line)
 where r.problem is not null;

-- Rows of a period that another run of it has written already.
with timed as (
	select *, md5(concat_ws('|', farm_id, trim_scale(volume), trim_scale(original_price), trim_scale(final_price), cadl_flag)) as content
	  from legacy.records where problem is null
), parted as (
	select line, settlement_date, settlement_period, content,
	       count(*) filter (where parts) over (partition by settlement_date, settlement_period order by written_at, line) as run
	  from (select *, written_at - lag(written_at) over (partition by settlement_date, settlement_period order by written_at, line)
	                  > interval '10 minutes' as parts from timed) p
), counted as (
	select line, settlement_date, settlement_period, content, run,
	       row_number() over (partition by settlement_date, settlement_period, content, run order by line) as nth,
	       count(*) over (partition by settlement_date, settlement_period, content) as copies
	  from parted
), times as (
	-- How often the period stands there, by the row of it that stands there least.
	select settlement_date, settlement_period, min(copies) as least, bool_and(copies % fewest = 0) as whole
	  from (select *, min(copies) over (partition by settlement_date, settlement_period) as fewest from counted) c
	 group by settlement_date, settlement_period having max(run) = 0
), ranked as (
	select c.line,
	       case when t.least > 1 and t.whole then c.nth > c.copies / t.least
	            else row_number() over (partition by c.settlement_date, c.settlement_period, c.content, c.nth order by c.run) > 1 end as again
	  from counted c left join times t using (settlement_date, settlement_period)
)
update legacy.records r set again = true from ranked k where k.line = r.line and k.again;

insert into legacy.findings
select 'curtailment_records', 'counted_again', settlement_date, concat_ws(' ', settlement_date, settlement_period, farm_id),
       count(*) || ' rows that another run had written', sum(abs(volume))
  from legacy.records where again group by settlement_date, settlement_period, farm_id;

-- Money: theirs is |volume| times price, or its opposite; whichever most rows have is how they counted.
with signed as (
	select *, abs(volume) * original_price as plain
	  from legacy.records where problem is null and payment is not null and original_price is not null
), habit as (
	select case when count(*) filter (where abs(payment - plain) <= 0.01) >= count(*) filter (where abs(payment + plain) <= 0.01)
	            then 1 else -1 end as sign from signed
)
insert into legacy.findings
select 'curtailment_records', case when abs(abs(payment) - abs(plain)) <= 0.01 then 'payment_sign' else 'payment' end, settlement_date,
       concat_ws(' ', settlement_date, settlement_period, farm_id, 'line ' || line),
       format('payment %s, volume %s at %s', trim_scale(payment), trim_scale(volume), trim_scale(original_price)), abs(payment - sign * plain)
  from signed, habit where abs(payment - sign * plain) > 0.01;

-- More than a unit can give in half an hour, by twice its capacity in the register.
with held as (
	select e.*, capacity_mw
	  from (select settlement_date, settlement_period, farm_id, sum(abs(volume)) as mwh
	          from legacy.records where problem is null and not again group by 1, 2, 3) e
	 cross join lateral (select max(capacity_mw) as capacity_mw from known_units u
	                      where u.farm_id = e.farm_id and u.valid_from <= e.settlement_date
	                        and (u.valid_to is null or u.valid_to > e.settlement_date)) u
	 where mwh > capacity_mw
), said as (
	insert into legacy.findings
	select 'curtailment_records', 'above_capacity', settlement_date, concat_ws(' ', settlement_date, settlement_period, farm_id),
	       format('%s MWh of a unit of %s MW', trim_scale(round(mwh, 3)), trim_scale(capacity_mw)), mwh from held
)
update legacy.records r set held = true from held h
 where r.settlement_date = h.settlement_date and r.settlement_period = h.settlement_period and r.farm_id = h.farm_id;

-- A day that is an earlier one, copied to fill a gap.
with days as (
	select settlement_date, count(*) as rows, sum(abs(volume)) as mwh,
	       md5(string_agg(concat_ws('|', settlement_period, farm_id, trim_scale(volume), trim_scale(original_price)), ','
	                      order by settlement_period, farm_id, volume, original_price, line)) as content
	  from legacy.records where problem is null and not again group by settlement_date
), copies as (
	select d.settlement_date, d.mwh, o.settlement_date as of_day
	  from days d join lateral (select min(settlement_date) as settlement_date from days o
	                             where o.content = d.content and o.settlement_date < d.settlement_date) o on o.settlement_date is not null
	 where d.rows >= 10
), said as (
	insert into legacy.findings
	select 'curtailment_records', 'copied_day', settlement_date, settlement_date::text, 'the same rows as ' || of_day, mwh from copies
)
update legacy.records r set held = true from copies c where r.settlement_date = c.settlement_date;

-- What this database has already: that stands, whatever they say of it.
insert into legacy.findings
select 'curtailment_records', 'differs_from_here', settlement_date, concat_ws(' ', settlement_date, settlement_period),
       format('%s MWh in %s rows there, %s MWh in %s rows here', trim_scale(coalesce(- r.sum, 0)), coalesce(r.rows, 0),
              trim_scale(- h.volume), h.rows_kept), abs(coalesce(r.sum, 0) - h.volume)
  from legacy.here h
  left join (select settlement_date, settlement_period, count(*) as rows, sum(volume) as sum
               from legacy.records where problem is null and not again group by 1, 2) r using (settlement_date, settlement_period)
 where abs(coalesce(r.sum, 0) - h.volume) > 0.01;

-- What is taken.  Neither the stack nor the ids of a line were kept: a place of their own stands for them until the
-- source is asked again.
create unlogged table legacy.taken as
select settlement_date, settlement_period, farm_id, row_number() over (partition by settlement_date, settlement_period, farm_id order by line) as sequence_number,
       nullif(lead_party_name, '') as lead_party_name, volume, original_price, final_price, volume * original_price as payment, so_flag, cadl_flag, written_at
  from legacy.records r
 where problem is null and not again and not held
   and not exists (select from legacy.here h where h.settlement_date = r.settlement_date and h.settlement_period = r.settlement_period)
   and to_char(settlement_date, 'YYYY') not in (select year from legacy.archived);

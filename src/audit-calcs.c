/*
 * audit-calcs - work out again what is stored, by a way of its own, and list what differs
 *
 * Nothing here is shared with the tools that wrote the figures: the start of a half hour, the
 * difficulty and subsidy in force at it, the energy, the machines, the bitcoin and every sum are
 * worked out by PostgreSQL in exact numeric.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "db/day_set.h"
#include "db/db.h"
#include "os/log.h"
#include "cli/opts.h"
#include "format/tsv.h"

/*
 * Each statement looks at the days from $1 to $2, which are of one month, and gives the rows
 * key, field, stored, expected, difference.  s is what is stored, e what is expected.
 */
#define DAYS " settlement_date between $1::date and $2::date"

/* A field of a row that stands on both sides: a figure, which has a difference, or a word. */
#define FIGURE(name)										\
	"('" #name "', s." #name "::text, e." #name "::text, (s." #name " - e." #name ")::text,"	\
	" s." #name " is distinct from e." #name ")"
#define WORD(name)										\
	"('" #name "', s." #name "::text, e." #name "::text, null, s." #name " is distinct from e." #name ")"

/* A row that stands on one side only is told by its chief figure. */
#define ALONE(chief)										\
	"('missing', null, e." #chief "::text, (- e." #chief ")::text, s.there is null),"	\
	"('orphan', s." #chief "::text, null, s." #chief "::text, e.there is null)"

#define COMPARED(key, stored, expected, keys, chief, fields)					\
	"select " key ", f.field, f.stored, f.expected, f.difference"				\
	"  from (" stored ") s full join (" expected ") e using (" keys ")"			\
	" cross join lateral (values " ALONE(chief) ", " fields ") f (field, stored, expected, difference, differs)" \
	" where f.differs and (f.field in ('missing', 'orphan') or (s.there and e.there))"

/*
 * The half hours that could be, and what was in force as each began: midnight in London, and from
 * there half hour by half hour of real time.  Beyond in_force_until a difficulty is not known.
 */
#define HALF_HOURS										\
	"half_hours as materialized ("								\
	"  select day::date as settlement_date, number as settlement_period, d.difficulty, s.subsidy"	\
	"    from generate_series($1::date, $2::date, interval '1 day') day"			\
	"   cross join generate_series(1, 50) number"						\
	"   cross join lateral (select (day::date + time '00:00') at time zone 'Europe/London'"	\
	"                              + (number - 1) * interval '30 minutes' as begins) t"	\
	"    left join lateral (select difficulty, in_force_until from network_difficulty"	\
	"                        where effective_from <= t.begins"				\
	"                        order by effective_from desc limit 1) d on d.in_force_until > t.begins" \
	"    left join lateral (select subsidy from block_subsidies"				\
	"                        where effective_from <= t.begins"				\
	"                        order by effective_from desc limit 1) s on true)"

/* The energy that calculations use.  Read in the order of the key, it is summed without a hash. */
#define ENERGY											\
	"energy as materialized ("								\
	"  select settlement_date, settlement_period, farm_id, round(sum(abs(volume)), 9) as curtailed_mwh" \
	"    from (select settlement_date, settlement_period, farm_id, volume"			\
	"            from curtailment_records where" DAYS						\
	"           order by settlement_date, settlement_period, farm_id offset 0) r"		\
	"   group by settlement_date, settlement_period, farm_id)"

/* Sources -------------------------------------------------------------------------------------- */

/* What is paid is volume times price, whatever its sign. */
static const char record_sql[] =
	"select concat_ws(' ', settlement_date, settlement_period, farm_id, stack, acceptance_id, pair_id, sequence_number),"
	"       'payment', payment::text, (volume * original_price)::text, (payment - volume * original_price)::text"
	"  from curtailment_records"
	" where" DAYS " and payment is distinct from volume * original_price"
	" order by settlement_date, settlement_period, farm_id, stack, acceptance_id, pair_id, sequence_number";

/* The rows of a period against what was noted when it was fetched, and whether that day has it. */
static const char period_sql[] =
	COMPARED("concat_ws(' ', settlement_date, settlement_period)",
		 "select settlement_date, settlement_period, rows_kept, volume, settlement_period as number, true as there"
		 "  from ingested_periods where" DAYS,
		 "select i.settlement_date, i.settlement_period, coalesce(r.rows_kept, 0) as rows_kept,"
		 "       coalesce(r.volume, 0) as volume,"
		 "       case when i.settlement_period * interval '30 minutes' <="
		 "                 ((i.settlement_date + 1) + time '00:00') at time zone 'Europe/London'"
		 "                 - (i.settlement_date + time '00:00') at time zone 'Europe/London'"
		 "            then i.settlement_period end as number, true as there"
		 "  from (select settlement_date, settlement_period from ingested_periods where" DAYS
		 "         union select settlement_date, settlement_period from curtailment_records where" DAYS ") i"
		 "  left join (select settlement_date, settlement_period, count(*) as rows_kept, sum(volume) as volume"
		 "               from curtailment_records where" DAYS " group by settlement_date, settlement_period) r"
		 " using (settlement_date, settlement_period)",
		 "settlement_date, settlement_period", rows_kept,
		 FIGURE(rows_kept) ", " FIGURE(volume) ", " WORD(number))
	" order by settlement_date, settlement_period, f.field";

/* Calculations --------------------------------------------------------------------------------- */

/*
 * Satoshi are one quotient of exact numbers, rounded half up: with hashes × subsidy = n and
 * difficulty × 2^32 = m they are ⌊ (2n + m) / 2m ⌋.  div() gives that floor exactly, however many
 * digits the two have, where / would first round at a scale of its own choosing.  hashrate is in
 * 10^12 hashes a second, a half hour has 1800 of these, a bitcoin 10^8 satoshi: 2n = 3.6 × 10^23 ×
 * machines × hashrate × subsidy.  An inactive model calls for nothing, but what is stored for
 * it must be right.
 */
static const char calculation_sql[] =
	"with " HALF_HOURS ", " ENERGY ", inputs as materialized ("
	"  select *, hashrate_ths * subsidy * 360000000000000000000000 as n2_a_machine,"
	"         difficulty * 4294967296 as m, difficulty * 8589934592 as m2"
	"    from half_hours cross join miner_models)"
	COMPARED("concat_ws(' ', settlement_date, settlement_period, farm_id, miner_model)",
		 "select *, true as there from historical_bitcoin_calculations where" DAYS,
		 "select *, div(miners * n2_a_machine + m, m2) * 0.00000001 as bitcoin_mined, true as there"
		 "  from (select *, div(curtailed_mwh * 2000000, power_w) as miners"
		 "          from energy join inputs using (settlement_date, settlement_period) offset 0) ran offset 0",
		 "settlement_date, settlement_period, farm_id, miner_model", bitcoin_mined,
		 FIGURE(curtailed_mwh) ", " FIGURE(miners) ", " FIGURE(difficulty) ", " FIGURE(subsidy) ", "
		 FIGURE(hashrate_ths) ", " FIGURE(power_w) ", " FIGURE(bitcoin_mined))
	"   and (s.curtailed_mwh, s.miners, s.difficulty, s.subsidy, s.hashrate_ths, s.power_w, s.bitcoin_mined)"
	"       is distinct from"
	"       (e.curtailed_mwh, e.miners, e.difficulty, e.subsidy, e.hashrate_ths, e.power_w, e.bitcoin_mined)"
	"   and (e.active or s.there) and (e.bitcoin_mined is not null or e.there is null)"
	" order by settlement_date, settlement_period, farm_id, miner_model, f.field";

/* The half hours of which the inputs are not known: how many calculations stand, and should. */
static const char unchecked_sql[] =
	"with " HALF_HOURS ", unknown as ("
	"  select settlement_date, settlement_period,"
	"         case when difficulty is null then 'difficulty' else 'subsidy' end as what"
	"    from half_hours where difficulty is null or subsidy is null"
	"), s as ("
	"  select settlement_date, settlement_period, count(*) as calculations"
	"    from historical_bitcoin_calculations where" DAYS
	"   group by settlement_date, settlement_period"
	"), e as ("
	"  select settlement_date, settlement_period,"
	"         count(distinct farm_id) * (select count(*) from miner_models where active) as calculations"
	"    from curtailment_records where" DAYS " and exists (select from unknown)"
	"   group by settlement_date, settlement_period"
	")"
	"select concat_ws(' ', settlement_date, settlement_period), what, coalesce(s.calculations, 0), coalesce(e.calculations, 0), null"
	"  from unknown left join s using (settlement_date, settlement_period)"
	"  left join e using (settlement_date, settlement_period)"
	" where s.calculations > 0 or e.calculations > 0"
	" order by settlement_date, settlement_period";

/* Sums ----------------------------------------------------------------------------------------- */

/* Each level against the one below it as that stands: if all agree, all agree with the records. */

#define SUMMED_FIGURES										\
	FIGURE(curtailed_mwh) ", " FIGURE(payment) ", " FIGURE(payment_to_farms) ", " FIGURE(payment_by_farms) ", " \
	FIGURE(records) ", " FIGURE(period_farms) ", " FIGURE(periods) ", " FIGURE(periods_ingested) ", "	\
	FIGURE(periods_final) ", " FIGURE(periods_expected) ", " FIGURE(onshore_mwh) ", " FIGURE(offshore_mwh) ", "	\
	FIGURE(wind_periods) ", " FIGURE(wind_curtailed_mwh)

#define SUMS											\
	"       sum(curtailed_mwh) as curtailed_mwh, sum(payment) as payment,"			\
	"       sum(payment_to_farms) as payment_to_farms, sum(payment_by_farms) as payment_by_farms," \
	"       sum(records) as records, sum(period_farms) as period_farms, sum(periods) as periods,"	\
	"       sum(periods_ingested) as periods_ingested, sum(periods_final) as periods_final,"	\
	"       sum(periods_expected) as periods_expected,"					\
	"       sum(onshore_mwh) as onshore_mwh, sum(offshore_mwh) as offshore_mwh,"		\
	"       sum(wind_periods) as wind_periods, sum(wind_curtailed_mwh) as wind_curtailed_mwh, true as there"

#define BITCOIN_FIGURES										\
	FIGURE(bitcoin_mined) ", " FIGURE(calculations) ", " WORD(currency) ", " FIGURE(value_at_mining)

/* The days of an archived year have nothing below them here to be held against. */
#define NOT_ARCHIVED " and to_char($1::date, 'YYYY') not in (select year from archived_years)"

static const char day_sql[] =
	"with " ENERGY ", fetched as ("
	"  select settlement_date, count(*) as periods_ingested, sum((status = 'final')::integer) as periods_final"
	"    from ingested_periods where" DAYS " group by settlement_date"
	"), farms as ("
	"  select settlement_date, sum(curtailed_mwh) as curtailed_mwh, count(*) as period_farms,"
	"         count(distinct settlement_period) as periods"
	"    from energy group by settlement_date"
	"), paid as ("
	"  select settlement_date, sum(payment) as payment, sum(greatest(payment, 0)) as payment_to_farms,"
	"         - sum(least(payment, 0)) as payment_by_farms, count(*) as records"
	"    from curtailment_records where" DAYS " group by settlement_date"
	"), wind as ("
	"  select settlement_date, sum(onshore_mwh) as onshore_mwh, sum(offshore_mwh) as offshore_mwh,"
	"         count(*) as wind_periods, coalesce(sum(curtailed_mwh), 0) as wind_curtailed_mwh"
	"    from wind_generation"
	"    left join (select settlement_date, settlement_period, sum(curtailed_mwh) as curtailed_mwh from energy"
	"                group by settlement_date, settlement_period) half_hours using (settlement_date, settlement_period)"
	"   where" DAYS " and onshore_mwh + offshore_mwh > 0 group by settlement_date"
	")"
	COMPARED("settlement_date::text",
		 "select *, true as there from daily_summaries where" DAYS NOT_ARCHIVED,
		 "select settlement_date, coalesce(curtailed_mwh, 0) as curtailed_mwh, coalesce(payment, 0) as payment,"
		 "       coalesce(payment_to_farms, 0) as payment_to_farms, coalesce(payment_by_farms, 0) as payment_by_farms,"
		 "       coalesce(records, 0) as records, coalesce(period_farms, 0) as period_farms,"
		 "       coalesce(periods, 0) as periods, coalesce(periods_ingested, 0) as periods_ingested,"
		 "       coalesce(periods_final, 0) as periods_final,"
		 "       extract(epoch from ((settlement_date + 1) + time '00:00') at time zone 'Europe/London'"
		 "               - (settlement_date + time '00:00') at time zone 'Europe/London')::integer / 1800 as periods_expected,"
		 "       onshore_mwh, offshore_mwh, coalesce(wind_periods, 0) as wind_periods, wind_curtailed_mwh, true as there"
		 "  from (farms join paid using (settlement_date)) full join fetched using (settlement_date)"
		 "  left join wind using (settlement_date)",
		 "settlement_date", curtailed_mwh, SUMMED_FIGURES)
	" order by settlement_date, f.field";

/* Where no price is known, 65,000 USD are assumed; a day that is left out between two known ones, at most a
 * fortnight apart, has the price of the earlier. */
static const char bitcoin_day_sql[] =
	COMPARED("settlement_date || ' ' || miner_model",
		 "select *, true as there from bitcoin_daily_summaries where" DAYS NOT_ARCHIVED,
		 "select *, bitcoin_mined * price as value_at_mining, true as there"
		 "  from (select settlement_date, miner_model, bitcoin_mined, calculations,"
		 "               coalesce(p.price, 65000) as price, 'USD' as currency, p.price is null as price_assumed, p.price_date"
		 "          from (select settlement_date, miner_model, sum(bitcoin_mined) as bitcoin_mined, count(*) as calculations"
		 "                  from historical_bitcoin_calculations where" DAYS " group by settlement_date, miner_model) c"
		 "          left join (select c.day, k.price, k.price_date"
		 "                       from (select d::date as day,"
		 "                                    (select max(price_date) from bitcoin_prices where currency = 'USD' and price_date <= d) as before,"
		 "                                    (select min(price_date) from bitcoin_prices where currency = 'USD' and price_date > d) as after"
		 "                               from generate_series($1::date, $2::date, interval '1 day') d) c"
		 "                       join bitcoin_prices k on k.price_date = c.before and k.currency = 'USD'"
		 "                      where c.before = c.day or c.after - c.before <= 14) p on p.day = settlement_date) valued",
		 "settlement_date, miner_model", bitcoin_mined,
		 BITCOIN_FIGURES ", " FIGURE(price) ", " WORD(price_assumed) ", " WORD(price_date))
	" order by settlement_date, miner_model, f.field";

static const char month_sql[] =
	COMPARED("year_month",
		 "select *, true as there from monthly_summaries where year_month = left($1, 7)",
		 "select left($1, 7) as year_month, count(*) as days," SUMS " from daily_summaries"
		 " where left(settlement_date::text, 7) = left($2, 7) having count(*) > 0",
		 "year_month", curtailed_mwh, SUMMED_FIGURES ", " FIGURE(days))
	" order by f.field";

static const char bitcoin_month_sql[] =
	COMPARED("year_month || ' ' || miner_model",
		 "select *, true as there from bitcoin_monthly_summaries where year_month = left($1, 7)",
		 "select left($1, 7) as year_month, miner_model, sum(bitcoin_mined) as bitcoin_mined,"
		 "       sum(calculations) as calculations, min(currency) as currency, count(*) as days,"
		 "       count(nullif(price_assumed, false)) as days_price_assumed,"
		 "       sum(value_at_mining) as value_at_mining, true as there"
		 "  from bitcoin_daily_summaries where left(settlement_date::text, 7) = left($2, 7) group by miner_model",
		 "year_month, miner_model", bitcoin_mined,
		 BITCOIN_FIGURES ", " FIGURE(days) ", " FIGURE(days_price_assumed))
	" order by miner_model, f.field";

static const char year_sql[] =
	COMPARED("year",
		 "select *, true as there from yearly_summaries where year = left($1, 4)",
		 "select left($1, 4) as year, sum(days) as days," SUMS " from monthly_summaries"
		 " where left(year_month, 4) = left($2, 4) having count(*) > 0",
		 "year", curtailed_mwh, SUMMED_FIGURES ", " FIGURE(days))
	" order by f.field";

static const char bitcoin_year_sql[] =
	COMPARED("year || ' ' || miner_model",
		 "select *, true as there from bitcoin_yearly_summaries where year = left($1, 4)",
		 "select left($1, 4) as year, miner_model, sum(bitcoin_mined) as bitcoin_mined,"
		 "       sum(calculations) as calculations, min(currency) as currency, sum(days) as days,"
		 "       sum(days_price_assumed) as days_price_assumed,"
		 "       sum(value_at_mining) as value_at_mining, true as there"
		 "  from bitcoin_monthly_summaries where left(year_month, 4) = left($2, 4) group by miner_model",
		 "year, miner_model", bitcoin_mined,
		 BITCOIN_FIGURES ", " FIGURE(days) ", " FIGURE(days_price_assumed))
	" order by miner_model, f.field";

/* Plausibility --------------------------------------------------------------------------------- */

/* What was in force somewhere in each day: the bitcoin of one machine of 1 TH/s in one half hour
 * lies between k_min and k_max. */
#define DAY_BOUNDS										\
	HALF_HOURS ", bounds as ("								\
	"  select settlement_date, 1800000000000000 * min(subsidy) / (max(difficulty) * 4294967296) as k_min,"	\
	"         1800000000000000 * max(subsidy) / (min(difficulty) * 4294967296) as k_max"	\
	"    from half_hours group by settlement_date having count(difficulty) = 50)"

/*
 * Two models that ran on the same energy mined in the ratio of their hashrate per watt.  Each loses
 * less than one machine's share for every calculation, since only whole machines run, and half a
 * satoshi in rounding: what lies beyond that cannot come from these models.
 */
static const char ratio_sql[] =
	"with " DAY_BOUNDS
	"select concat_ws(' ', settlement_date, a.miner_model, b.miner_model), 'ratio',"
	"       round(a.bitcoin_mined / nullif(b.bitcoin_mined, 0), 6)::text,"
	"       round((ma.hashrate_ths * mb.power_w) / (ma.power_w * mb.hashrate_ths), 6)::text, null"
	"  from bitcoin_daily_summaries a join bitcoin_daily_summaries b using (settlement_date, calculations)"
	"  join bounds using (settlement_date)"
	"  join miner_models ma on ma.miner_model = a.miner_model"
	"  join miner_models mb on mb.miner_model = b.miner_model"
	" where" DAYS " and a.miner_model < b.miner_model"
	"   and abs(a.bitcoin_mined * ma.power_w / ma.hashrate_ths - b.bitcoin_mined * mb.power_w / mb.hashrate_ths)"
	"       > calculations * (greatest(ma.power_w, mb.power_w) * k_max"
	"                         + 0.000000005 * (ma.power_w / ma.hashrate_ths + mb.power_w / mb.hashrate_ths))"
	" order by settlement_date, a.miner_model, b.miner_model";

/* The same for the bitcoin of a MWh, which the difficulty of the day bounds from both sides. */
static const char yield_sql[] =
	"with " DAY_BOUNDS
	"select concat_ws(' ', settlement_date, miner_model), 'bitcoin_a_mwh', round(bitcoin_mined / curtailed_mwh, 12)::text,"
	"       round(case when bitcoin_mined > most then most else least end / curtailed_mwh, 12)::text,"
	"       round((bitcoin_mined - case when bitcoin_mined > most then most else least end) / curtailed_mwh, 12)::text"
	"  from bitcoin_daily_summaries b join daily_summaries d using (settlement_date)"
	"  join bounds using (settlement_date) join miner_models using (miner_model)"
	" cross join lateral (select curtailed_mwh * 2000000 * hashrate_ths / power_w * k_max + calculations * 0.000000005 as most,"
	"                           (curtailed_mwh * 2000000 / power_w - calculations) * hashrate_ths * k_min"
	"                           - calculations * 0.000000005 as least) l"
	" where" DAYS " and calculations = period_farms and curtailed_mwh > 0 and bitcoin_mined not between least and most"
	" order by settlement_date, miner_model";

/*
 * A day unlike the days around it, two weeks to either side: by more than 3.5 of the robust
 * deviations that the median of the absolute differences gives (0.6745 of one in a normal
 * distribution), on a logarithmic scale, and by at least a factor.  Wind comes and goes: only a
 * warning.  The records of one farm in one period hardly vary, so that there a small factor tells.
 */
static const char pattern_sql[] =
	"select settlement_date::text, f.field, round(f.value, 3)::text, round(exp(m.median) - 1, 3)::text,"
	"       round(f.value - (exp(m.median) - 1), 3)::text"
	"  from daily_summaries d"
	" cross join lateral (values (1, 'curtailed_mwh', curtailed_mwh, 5),"
	"                            (2, 'records', records, 5), (3, 'periods', periods, 5),"
	"                            (4, 'records_a_farm', records::numeric / nullif(period_farms, 0), 1.5)) f (n, field, value, factor)"
	" cross join lateral (select array_agg(ln(1 + case f.n when 1 then curtailed_mwh when 2 then records when 3 then periods"
	"                                              else records::numeric / nullif(period_farms, 0) end)) as logs"
	"                       from daily_summaries"
	"                      where settlement_date between d.settlement_date - 14 and d.settlement_date + 14"
	"                        and settlement_date <> d.settlement_date) near"
	" cross join lateral (select count(x) as n, percentile_disc(0.5) within group (order by x) as median"
	"                       from unnest(near.logs) x) m"
	" cross join lateral (select percentile_disc(0.5) within group (order by abs(x - m.median)) as deviation"
	"                       from unnest(near.logs) x) a"
	" where" DAYS " and m.n >= 10 and abs(ln(1 + f.value) - m.median) > greatest(ln(f.factor), 3.5 / 0.6745 * a.deviation)"
	" order by settlement_date, f.n";

/* Rows that came twice under different ids: every line of a period has its double. */
static const char doubled_sql[] =
	"select concat_ws(' ', settlement_date, settlement_period), 'doubled', sum(n)::text, count(*)::text, (sum(n) - count(*))::text"
	"  from (select settlement_date, settlement_period, count(*) as n"
	"          from curtailment_records where" DAYS
	"         group by settlement_date, settlement_period, farm_id, pair_id, volume, original_price) lines"
	" group by settlement_date, settlement_period having min(n) > 1 and count(*) > 1"
	" order by settlement_date, settlement_period";

/* Calculations of one difficulty epoch were all made with the same. */
static const char epoch_sql[] =
	"select d.effective_from::date::text, 'difficulties', count(distinct c.difficulty)::text, '1', null"
	"  from (select settlement_date, settlement_period, difficulty from historical_bitcoin_calculations where" DAYS
	"         group by settlement_date, settlement_period, difficulty) c"
	"  join network_difficulty d"
	"    on (c.settlement_date + time '00:00') at time zone 'Europe/London'"
	"       + (c.settlement_period - 1) * interval '30 minutes' >= d.effective_from"
	"   and (c.settlement_date + time '00:00') at time zone 'Europe/London'"
	"       + (c.settlement_period - 1) * interval '30 minutes' < d.in_force_until"
	" group by d.effective_from having count(distinct c.difficulty) > 1"
	" order by d.effective_from";

/* 2,016 blocks take about two weeks, and took twenty days at the slowest since 2010; a retarget that is
 * not in the history makes one epoch of two. */
static const char epoch_days_sql[] =
	"select effective_from::date::text, 'epoch_days', round(extract(epoch from in_force_until - effective_from) / 86400, 1)::text,"
	"       '14.0', null"
	"  from network_difficulty"
	" where effective_from >= $1::date and effective_from < $2::date + 1"
	"   and in_force_until - effective_from > interval '21 days'"
	" order by effective_from";

/* A difficulty that no nBits gives, or that is more than a factor of four from the one it replaced: no retarget does
 * that.  The exact figure of nBits b is 65535 * 2^208 / (mantissa * 256^(exponent - 3)). */
static const char difficulty_sql[] =
	"with history as ("
	"  select effective_from, difficulty, nbits, lag(difficulty) over w as before, lag(in_force_until) over w as until"
	"    from network_difficulty window w as (order by effective_from)"
	"), judged as ("
	"  select *, case when nbits is not null then"
	"              round(65535 * 2::numeric ^ 208 / (('x' || lpad(substr(nbits, 3), 8, '0'))::bit(32)::bigint"
	"                    * 256::numeric ^ (('x' || lpad(left(nbits, 2), 8, '0'))::bit(32)::bigint - 3)), 8) end as exact"
	"    from history"
	")"
	"select effective_from::date::text, 'difficulty', difficulty::text,"
	"       case when abs(difficulty - exact) > 0.00000001 then exact::text end, null"
	"  from judged"
	" where effective_from >= $1::date and effective_from < $2::date + 1"
	"   and (nbits is null or abs(difficulty - exact) > 0.00000001"
	"        or (until = effective_from and (difficulty > before * 4.01 or before > difficulty * 4.01)))"
	" order by effective_from";

/* A price of another magnitude than the known ones on both sides of it. */
static const char price_sql[] =
	"select price_date::text, 'price', trim_scale(price)::text, trim_scale(before)::text, trim_scale(price - before)::text"
	"  from (select price_date, price, lag(price) over w as before, lead(price) over w as after"
	"          from bitcoin_prices window w as (partition by currency order by price_date)) p"
	" where price_date between $1::date and $2::date"
	"   and before is not null and after is not null"
	"   and (price > 10 * greatest(before, after) or price * 10 < least(before, after))"
	" order by price_date";

/* More machines of one model than the whole network of that time: difficulty is 600 s of its hashes in 2^32. */
static const char network_share_sql[] =
	"select concat_ws(' ', settlement_date, miner_model), 'network_share_percent', round(100 * max(share), 1)::text, '100', null"
	"  from (select settlement_date, settlement_period, miner_model,"
	"               sum(miners * hashrate_ths) * 1000000000000 * 600 / (max(difficulty) * 4294967296) as share"
	"          from historical_bitcoin_calculations where" DAYS
	"         group by settlement_date, settlement_period, miner_model) half_hours"
	" group by settlement_date, miner_model having max(share) > 1 order by settlement_date, miner_model";

/* Units with curtailment that the register did not have on that day. */
static const char unit_sql[] =
	"select concat_ws(' ', min(settlement_date), farm_id), 'unknown_unit', count(*)::text, null, null"
	"  from curtailment_records r"
	" where" DAYS
	"   and not exists (select from known_units u where u.farm_id = r.farm_id and u.valid_from <= r.settlement_date"
	"                      and (u.valid_to is null or u.valid_to > r.settlement_date))"
	" group by farm_id order by min(settlement_date), farm_id";

/* What a statement is about: each day by itself, or the whole of the month and year above; and what
 * its rows are. */
enum scope { OF_DAYS, OF_MONTHS };
enum meaning { DIFFERENCE, UNCHECKED, WARNING };

struct level {
	const char *name;
	enum scope scope;
	enum meaning meaning;
	const char *sql;
};

static const struct level levels[] = {
	{ "record", OF_DAYS, DIFFERENCE, record_sql },
	{ "period", OF_DAYS, DIFFERENCE, period_sql },
	{ "calculation", OF_DAYS, DIFFERENCE, calculation_sql },
	{ "unchecked", OF_DAYS, UNCHECKED, unchecked_sql },
	{ "day", OF_DAYS, DIFFERENCE, day_sql },
	{ "bitcoin_day", OF_DAYS, DIFFERENCE, bitcoin_day_sql },
	{ "month", OF_MONTHS, DIFFERENCE, month_sql },
	{ "bitcoin_month", OF_MONTHS, DIFFERENCE, bitcoin_month_sql },
	{ "year", OF_MONTHS, DIFFERENCE, year_sql },
	{ "bitcoin_year", OF_MONTHS, DIFFERENCE, bitcoin_year_sql },
};

static const struct level warnings[] = {
	{ "warning", OF_DAYS, WARNING, ratio_sql },
	{ "warning", OF_DAYS, WARNING, yield_sql },
	{ "warning", OF_DAYS, WARNING, pattern_sql },
	{ "warning", OF_DAYS, WARNING, doubled_sql },
	{ "warning", OF_DAYS, WARNING, network_share_sql },
	{ "warning", OF_MONTHS, WARNING, difficulty_sql },
	{ "warning", OF_MONTHS, WARNING, price_sql },
	{ "warning", OF_MONTHS, WARNING, epoch_sql },
	{ "warning", OF_MONTHS, WARNING, epoch_days_sql },
	{ "warning", OF_MONTHS, WARNING, unit_sql },
};

static const char help[] =
	"usage: audit-calcs [--plausibility | --strict] [DATE [TO] | --last N | -]\n"
	"\n"
	"Recalculate every calculation and every sum from the stored records, and list what differs:\n"
	"level, key, field, stored, expected, difference.  Nothing is written.  Without DATE: every day\n"
	"in the database; with -, the days of the column settlement_date on standard input.\n"
	"\n"
	"      --last N           the N settlement days up to yesterday\n"
	"      --plausibility     also warn, on standard error, about implausible figures that nobody has\n"
	"                         acknowledged (scripts/acknowledge)\n"
	"      --strict           list these warnings as differences instead\n"
	OPTS_ROWS_HELP OPTS_HELP
	"\n"
	"Exit: 0 everything was checked and nothing differs, 1 something differs, 65 something could not\n"
	"be checked because the difficulty or the subsidy of its half hour is not known.\n";

static const char *const columns[] = { "level", "key", "field", "stored", "expected", "difference", NULL };

struct audit {
	PGconn *db[2];
	bool plausibility, strict;
	struct tsv_writer out;
	PGresult *acknowledged;		/* field and key of what a person has looked at */
	long differences, unchecked, warnings;
};

static void print_row(struct tsv_writer *out, const char *level, const PGresult *row)
{
	tsv_plain(out, level);
	for (int i = 0; i < 5; i++)
		tsv_text(out, PQgetisnull(row, 0, i) ? NULL : PQgetvalue(row, 0, i));
	tsv_end_row(out);
}

static const char acknowledged_sql[] = "select field, key from acknowledged_implausible";

/* Has a person looked at this?  A key that ends in * stands for all that begin so. */
static bool is_acknowledged(const struct audit *a, const char *field, const char *key)
{
	for (int i = 0; i < PQntuples(a->acknowledged); i++) {
		const char *known = PQgetvalue(a->acknowledged, i, 1);
		size_t len = strlen(known);

		if (strcmp(PQgetvalue(a->acknowledged, i, 0), field) == 0 &&
		    (strcmp(known, key) == 0 || (len && known[len - 1] == '*' && strncmp(known, key, len - 1) == 0)))
			return true;
	}
	return false;
}

static void found(struct audit *a, const struct level *level, const PGresult *row)
{
	if (level->meaning == WARNING && is_acknowledged(a, PQgetvalue(row, 0, 1), PQgetvalue(row, 0, 0)))
		return;
	if (level->meaning == WARNING && !a->strict) {
		a->warnings++;
		log_warning("implausible: %s of %s is %s%s%s", PQgetvalue(row, 0, 1), PQgetvalue(row, 0, 0), PQgetvalue(row, 0, 2),
			    PQgetisnull(row, 0, 3) ? "" : ", expected ", PQgetvalue(row, 0, 3));
		return;
	}
	if (level->meaning == UNCHECKED)
		a->unchecked++;
	else
		a->differences++;
	print_row(&a->out, level->name, row);
}

/* The days of a stretch in two halves, the later of them the second session's, so that two
 * processors work at it; a stretch of one day has one. */
struct halves {
	int n;
	char from[2][DAY_TEXT], to[2][DAY_TEXT];
};

static struct halves split(struct day_range stretch)
{
	day_t middle = stretch.from + (stretch.to - stretch.from) / 2;
	struct halves h = { .n = middle < stretch.to ? 2 : 1 };

	day_format(stretch.from, h.from[0]);
	day_format(middle, h.to[0]);
	day_format(middle + 1, h.from[1]);
	day_format(stretch.to, h.to[1]);
	return h;
}

static void check_levels(struct audit *a, const struct level *list, size_t n_levels, const struct halves *halves)
{
	const char *first = halves->from[0], *last = halves->to[halves->n - 1];
	struct db_rows rows[2];
	const PGresult *row;

	for (const struct level *level = list; level < list + n_levels; level++) {
		int sessions = level->scope == OF_DAYS ? halves->n : 1;

		if (sessions == 1)
			db_rows_begin(&rows[0], a->db[0], level->sql, DB_ARGS(first, last));
		else
			for (int h = 0; h < sessions; h++)
				db_rows_begin(&rows[h], a->db[h], level->sql, DB_ARGS(halves->from[h], halves->to[h]));
		for (int h = 0; h < sessions; h++)
			while ((row = db_rows_next(&rows[h])))
				found(a, level, row);
	}
}

/* Days of one month, each as it was at one instant, and what is summed from them. */
static void audit_stretch(struct audit *a, struct day_range stretch)
{
	const struct halves halves = split(stretch);

	for (int h = 0; h < halves.n; h++)
		db_exec(a->db[h], "begin isolation level repeatable read read only; set local work_mem = '32MB'");
	check_levels(a, levels, sizeof levels / sizeof *levels, &halves);
	if (a->plausibility)
		check_levels(a, warnings, sizeof warnings / sizeof *warnings, &halves);
	for (int h = 0; h < halves.n; h++)
		db_exec(a->db[h], "commit");
}

int main(int argc, char **argv)
{
	enum { LAST = 1, PLAUSIBILITY, STRICT };
	static const struct option longopts[] = {
		{ "last", required_argument, NULL, LAST },
		{ "plausibility", no_argument, NULL, PLAUSIBILITY },
		{ "strict", no_argument, NULL, STRICT },
		OPTS_ROWS, OPTS_COMMON
	};
	static struct day_set wanted;
	struct audit audit = { 0 };
	struct day_range stretch;
	const char *last = NULL;
	bool everything;
	int c;

	log_init(argv[0]);
	while ((c = getopt_long(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case LAST:         last = optarg;                                break;
		case PLAUSIBILITY: audit.plausibility = true;                    break;
		case STRICT:       audit.plausibility = audit.strict = true;     break;
		default:
			if (!opts_rows(c, &audit.out))
				opts_common(c, help);
		}
	}
	everything = !day_set_args(&wanted, argc - optind, argv + optind, last, time(NULL));
	audit.db[0] = db_connect();
	audit.db[1] = db_connect_again();
	if (everything)
		day_set_add_known(&wanted, audit.db[0]);
	audit.acknowledged = db_query(audit.db[0], acknowledged_sql, DB_NO_ARGS);
	tsv_begin(&audit.out, stdout, columns);
	for (day_t day = 0; day_set_stretch(&wanted, day, &stretch); day = stretch.to + 1)
		audit_stretch(&audit, stretch);
	log_fact(LOG_INFO, "audited", "days=%ld differences=%ld unchecked_periods=%ld warnings=%ld", wanted.n_days, audit.differences,
		 audit.unchecked, audit.warnings);
	tsv_release(&audit.out);
	PQclear(audit.acknowledged);
	PQfinish(audit.db[0]);
	PQfinish(audit.db[1]);
	flush_stdout();
	if (audit.unchecked)
		die(EX_DATAERR, "%ld periods could not be checked: the difficulty or the subsidy is not known; see fetch-difficulty",
		    audit.unchecked);
	return audit.differences ? EX_DIFFERENCES : 0;
}

#include "status/gather_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "calculation/day_proofs_db.h"
#include "calculation/facts_db.h"
#include "calculation/stored_days_db.h"
#include "os/log.h"
#include "query/status-fetched.h"
#include "query/status-levels.h"
#include "status/last_runs_io.h"
#include "status/status_metrics.h"

/* A monitor gives up after ten seconds; it shall hear before that.  To start more workers costs more than they would
 * save. */
static const char timeout_sql[] = "set statement_timeout = '8s'; set max_parallel_workers_per_gather = 0";

/* What is left out because nobody says whether the unit is wind. */
static const char undecided_sql[] =
	"select count(distinct farm_id), trim_scale(coalesce(sum(mwh), 0)) from undecided_units";

/* Of the days whose rows are here. */
static const char stored_sql[] =
	"select sum(records), sum(period_farms), trim_scale(sum(curtailed_mwh)), trim_scale(sum(payment))"
	"  from daily_summaries where not settlement_date <@ (select archived from days_left_out)";

/* By the counts of the last roll-up: each day has as many calculations of a model in force as it has pairs, and
 * of a retired one as many or none.  Of an archived year none can be made or removed here. */
static const char models_sql[] =
	"select m.miner_model, coalesce(sum(b.calculations), 0), trim_scale(coalesce(sum(b.bitcoin_mined), 0)),"
	"       coalesce(sum(d.period_farms) filter (where d.here and (m.active or d.settlement_date < m.retired_from)), 0),"
	"       coalesce(sum(greatest(d.period_farms - coalesce(b.calculations, 0), 0))"
	"                filter (where d.here and (m.active or d.settlement_date < m.retired_from or b.calculations > 0)), 0),"
	"       coalesce(sum(greatest(coalesce(b.calculations, 0) - d.period_farms, 0)) filter (where d.here), 0)"
	"  from miner_models m"
	"  left join (select settlement_date, period_farms,"
	"                    not settlement_date <@ (select archived from days_left_out) as here"
	"               from daily_summaries) d on true"
	"  left join bitcoin_daily_summaries b on b.settlement_date = d.settlement_date and b.miner_model = m.miner_model"
	" group by m.miner_model order by m.miner_model";

static const char without_price_sql[] =
	"select count(distinct settlement_date) from bitcoin_daily_summaries where price is null";

static const char window_days_sql[] =
	"select settlement_date, period_farms, round(curtailed_mwh * 1000000000)"
	"  from daily_summaries where settlement_date between $1::date and $2::date order by settlement_date";

static const char difficulty_sql[] =
	"select trim_scale(difficulty), extract(epoch from effective_from)::bigint,"
	"       extract(epoch from in_force_until)::bigint, source"
	"  from network_difficulty order by effective_from desc limit 1";

/* A date has failed if the newest of the last twenty runs that had it in its queue gave it up. */
static const char failed_sql[] =
	"with recent as (select run_id from reconciliation_runs order by run_id desc limit 20)"
	"select count(*) from ("
	"  select distinct on (settlement_date) settlement_date, d.state"
	"    from reconciliation_run_dates d join recent using (run_id)"
	"   order by settlement_date, run_id desc) newest"
	" where state = 'failed'";

static const char runs_sql[] =
	"select coalesce(json_agg(r order by r.run_id desc)::text, '[]') from ("
	"  select run_id, job, arguments, host, state, exit_code, verdict,"
	"         to_char(started_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as started_at,"
	"         to_char(finished_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as finished_at"
	"    from reconciliation_runs order by run_id desc limit 5) r";

/* Months after this one that are ready on both big tables. */
static const char database_sql[] =
	"select pg_database_size(current_database()),"
	"       (select count(*) from generate_series(1, 24) n,"
	"               lateral (select to_char(date_trunc('month', $1::date) + n * interval '1 month',"
	"                                       '\"_\"YYYY\"_\"MM') as suffix) m"
	"         where to_regclass('curtailment_records' || suffix) is not null"
	"           and to_regclass('historical_bitcoin_calculations' || suffix) is not null)";

/* Whether there is an exchange ledger: to plan what is asked of it takes longer than most of what is asked here. */
static const char has_ledger_sql[] =
	"select exists (select from exchange_fills) or exists (select from trade_records)";

/* The exchange ledger, where there is one; of each tier the findings of the last check, and when that was. */
static const char ledger_sql[] =
	"select fills, extract(epoch from last_fill)::bigint, extract(epoch from now() - asked_until)::bigint, open_proposals,"
	"       open_corrections, contracts, covered_gain, uncovered, uncovered_proceeds, recorded_since,"
	"       findings_1, extract(epoch from checked_1)::bigint, findings_2, extract(epoch from checked_2)::bigint,"
	"       findings_3, extract(epoch from checked_3)::bigint"
	"  from ledger_state";

static void add(struct figures *found, enum figure_id id, const char *value)
{
	figures_add(found, &status_defs[id], NULL, value);
}

static void add_int(struct figures *found, enum figure_id id, int64_t value)
{
	figures_add_int(found, &status_defs[id], NULL, value);
}

/* Hundredths of a percent, cut and not rounded: 100.00 means all of them. */
static void add_percent(struct figures *found, enum figure_id id, long long part, long long whole)
{
	if (whole == 0)
		add(found, id, NULL);
	else
		add_int(found, id, part < 0 ? 0 : part * 10000 / whole);
}

/* No settlement period is stored: nobody ever fetched one, or all lie in archived years (their list, or NULL). */
static void nothing_here(struct figures *found, const char *archived)
{
	struct buf text = BUF_INIT;

	if (archived)
		buf_addf(&text, "all that was fetched is archived (%s): summaries stay, no settlement period is stored here",
			 archived);
	else
		buf_adds(&text, "no settlement period was ever fetched");
	figures_problem(found, FIGURE_WARNING, text.data);
	buf_release(&text);
}

/* Columns of status-fetched.sql. */
enum {
	F_FIRST, F_LAST, F_DAYS, F_EXPECTED, F_FETCHED, F_FINAL, F_PROVISIONAL, F_UNFETCHED, F_UNFETCHED_OVERDUE,
	F_PROVISIONAL_OVERDUE, F_UNSUMMED, F_SUSPECT, F_BEGUN, F_ARCHIVED
};

/* A count of the days, of which there may be none. */
static void add_count(struct figures *found, enum figure_id id, const PGresult *res, int column)
{
	add_int(found, id, db_int(res, 0, column));
}

static void gather_fetched(struct figures *found, PGconn *db, instant_t now, struct status_span *span)
{
	day_t today = day_of_instant(now), due = today, settled;
	char yesterday[DAY_TEXT], unfetched_by[DAY_TEXT], final_by[DAY_TEXT];
	PGresult *res;

	while (day_final_from(due) > now)
		due--;
	for (settled = due; day_final_from(settled) + DAY_SECONDS > now; settled--)
		;
	res = db_query(db, query_status_fetched,
		       DB_ARGS(day_format(today - 1, yesterday), day_format(due, unfetched_by),
			       day_format(settled, final_by)));
	span->any = db_text(res, 0, F_FIRST) && day_parse(db_text(res, 0, F_FIRST), &span->first) &&
		    day_parse(db_text(res, 0, F_LAST), &span->last);
	span->unsummed = db_int(res, 0, F_UNSUMMED);
	add(found, FIRST_DAY, db_text(res, 0, F_FIRST));
	add(found, LAST_DAY, db_text(res, 0, F_LAST));
	add(found, DAYS, db_text(res, 0, F_DAYS));
	if (span->any && *PQgetvalue(res, 0, F_BEGUN) != 't')
		add(found, LAG, NULL);		/* spans that stand for themselves are not to be followed by the next day */
	else if (span->any)
		add_int(found, LAG, today > span->last ? today - span->last : 0);
	else
		nothing_here(found, db_text(res, 0, F_ARCHIVED));
	add(found, PERIODS_EXPECTED, db_text(res, 0, F_EXPECTED));
	add(found, PERIODS_FETCHED, db_text(res, 0, F_FETCHED));
	add(found, PERIODS_FINAL, db_text(res, 0, F_FINAL));
	add(found, PROVISIONAL, db_text(res, 0, F_PROVISIONAL));
	add_count(found, UNFETCHED, res, F_UNFETCHED);
	add_count(found, UNFETCHED_OVERDUE, res, F_UNFETCHED_OVERDUE);
	add_count(found, PROVISIONAL_OVERDUE, res, F_PROVISIONAL_OVERDUE);
	add_count(found, SUSPECT, res, F_SUSPECT);
	PQclear(res);
}

static void gather_undecided(struct figures *found, PGconn *db)
{
	PGresult *res = db_query(db, undecided_sql, DB_NO_ARGS);

	add(found, UNDECIDED_UNITS, db_text(res, 0, 0));
	add(found, UNDECIDED_MWH, db_text(res, 0, 1));
	PQclear(res);
}

static void gather_stored(struct figures *found, PGconn *db)
{
	PGresult *res = db_query(db, stored_sql, DB_NO_ARGS);

	add(found, RECORDS, db_text(res, 0, 0));
	add(found, PAIRS, db_text(res, 0, 1));
	add(found, ENERGY, db_text(res, 0, 2));
	add(found, PAYMENT, db_text(res, 0, 3));
	PQclear(res);
}

static void gather_counts(struct figures *found, PGconn *db)
{
	PGresult *res = db_query(db, models_sql, DB_NO_ARGS);
	long long expected = 0, missing = 0, surplus = 0;

	for (int i = 0; i < PQntuples(res); i++) {
		figures_add(found, &status_defs[CALCULATIONS], PQgetvalue(res, i, 0), PQgetvalue(res, i, 1));
		expected += db_int(res, i, 3);
		missing += db_int(res, i, 4);
		surplus += db_int(res, i, 5);
	}
	for (int i = 0; i < PQntuples(res); i++)
		figures_add(found, &status_defs[BITCOIN], PQgetvalue(res, i, 0), PQgetvalue(res, i, 2));
	PQclear(res);
	add_int(found, COUNTED_MISSING, missing);
	add_int(found, COUNTED_SURPLUS, surplus);
	add_percent(found, COUNTED_PERCENT, expected - missing, expected);
	add_int(found, MODEL_DIFFERENCES, (int64_t)models_disagreeing(db));
}

/* Compares each day of the window, and its sum with its summary. */
struct window {
	PGresult *summaries;
	struct day_count total;
	long differing;		/* days whose summary is not the sum of their records */
};

static void compare_day(struct window *w, const struct calculation_facts *facts, struct days *days)
{
	const long n_pairs = days->proof ? days->proof->pairs : (long)days->n_pairs;
	struct day_count count;
	int64_t nmwh = 0;
	char sum[32], pairs[32];
	bool summed = false;

	if (!days_compare(days, facts, NULL, NULL, &count))
		return;
	w->total.expected += count.expected;
	w->total.present += count.present;
	w->total.missing += count.missing;
	w->total.stale += count.stale;
	w->total.orphan += count.orphan;
	w->total.unknown += count.unknown;
	for (size_t i = 0; i < days->n_pairs; i++)
		nmwh += days->pairs[i].nmwh;
	snprintf(sum, sizeof sum, "%lld", (long long)(days->proof ? days->proof->nmwh : nmwh));
	snprintf(pairs, sizeof pairs, "%ld", n_pairs);
	for (int i = 0; i < PQntuples(w->summaries); i++)
		summed = summed || (strcmp(PQgetvalue(w->summaries, i, 0), days->text) == 0 &&
				    strcmp(PQgetvalue(w->summaries, i, 1), pairs) == 0 &&
				    strcmp(PQgetvalue(w->summaries, i, 2), sum) == 0);
	w->differing += !summed && n_pairs > 0;
}

/* Every calculation of these days beside its inputs: now, or when the day was proved.  How many days had a row that
 * cannot be read. */
static long compare_days(struct window *window, PGconn *db, day_t from, day_t to)
{
	struct reference reference;
	struct calculation_facts facts;
	struct day_proofs proofs;
	struct days days;
	PGconn *records = NULL;
	char first[DAY_TEXT], last[DAY_TEXT];

	reference_from_db(&reference, db);
	facts = reference_facts(&reference);
	day_proofs_read(&proofs, db, (struct day_range){ from, to }, &facts);
	if (from + (day_t)proofs.n <= to) {
		records = db_connect_again();
		db_exec(records, timeout_sql);
	}
	window->summaries = db_query(db, window_days_sql, DB_ARGS(day_format(from, first), day_format(to, last)));
	days_open(&days, records, &db, from, to, NULL, &proofs);
	while (days_next(&days))
		compare_day(window, &facts, &days);
	days_close(&days);
	PQfinish(records);
	day_proofs_release(&proofs);
	PQclear(window->summaries);
	reference_release(&reference);
	return days.left;
}

/* The newest stored days up to yesterday: how many of their summaries differ from what is beneath them. */
static long gather_window(struct figures *found, PGconn *db, const struct status_span *span, instant_t now, int n_days)
{
	day_t yesterday = day_of_instant(now) - 1, to = span->last < yesterday ? span->last : yesterday,
		from = to - n_days + 1;
	struct window window = { 0 };
	char first[DAY_TEXT], last[DAY_TEXT];
	long left;

	if (!span->any || to < span->first || n_days == 0)
		return 0;
	from = from < span->first ? span->first : from;
	left = compare_days(&window, db, from, to);
	if (left) {
		struct buf text = BUF_INIT;

		buf_addf(&text, "%ld %s could not be compared: a stored row cannot be read", left, plural(left, "day", "days"));
		figures_problem(found, FIGURE_CRITICAL, text.data);
		buf_release(&text);
	}
	day_format(from, first);
	day_format(to, last);
	add(found, WINDOW_FROM, first);
	add(found, WINDOW_TO, last);
	add_int(found, WINDOW_DAYS, to - from + 1);
	add_int(found, EXPECTED, window.total.expected);
	add_int(found, PRESENT, window.total.present);
	add_int(found, MISSING_NOW, window.total.missing);
	add_int(found, STALE_NOW, window.total.stale);
	add_int(found, ORPHAN_NOW, window.total.orphan);
	add_int(found, UNKNOWN_INPUTS, window.total.unknown);
	add_percent(found, PERCENT, window.total.expected - window.total.missing - window.total.stale, window.total.expected);
	return window.differing;
}

static void gather_summaries(struct figures *found, PGconn *db, long differing, const char *currency)
{
	char *levels = db_value(db, query_status_levels, DB_ARGS(currency)),
		*without = db_value(db, without_price_sql, DB_NO_ARGS);

	add_int(found, SUMMARY_DIFFERENCES, atol(levels) + differing);
	add(found, CURRENCY, currency);
	add(found, DAYS_WITHOUT_PRICE, without);
	free(levels);
	free(without);
}

static void gather_difficulty(struct figures *found, PGconn *db, instant_t now)
{
	PGresult *res = db_query(db, difficulty_sql, DB_NO_ARGS);

	if (PQntuples(res) == 0) {
		figures_problem(found, FIGURE_CRITICAL, "no difficulty is known");
	} else {
		instant_t until = db_int(res, 0, 2);

		add(found, DIFFICULTY, PQgetvalue(res, 0, 0));
		add(found, DIFFICULTY_FROM, PQgetvalue(res, 0, 1));
		add(found, DIFFICULTY_UNTIL, PQgetvalue(res, 0, 2));
		add(found, DIFFICULTY_SOURCE, PQgetvalue(res, 0, 3));
		add_int(found, DIFFICULTY_AGE, now > until ? now - until : 0);
	}
	PQclear(res);
}

static void gather_ledger(struct figures *found, PGconn *db)
{
	static const enum figure_id id[] = { LEDGER_FILLS, LEDGER_LAST_FILL, LEDGER_ASKED_AGE, LEDGER_PROPOSALS,
					     LEDGER_NOT_BOOKED, LEDGER_CONTRACTS, LEDGER_GAIN, LEDGER_UNCOVERED, LEDGER_UNCOVERED_PROCEEDS,
					     LEDGER_UNMATCHED };
	static const char *const tier[] = { "1", "2", "3" };
	char *has_ledger = db_value(db, has_ledger_sql, DB_NO_ARGS);
	int n = sizeof id / sizeof *id;
	PGresult *res;

	if (*has_ledger != 't') {
		free(has_ledger);
		return;
	}
	free(has_ledger);
	res = db_query(db, ledger_sql, DB_NO_ARGS);
	for (int i = 0; PQntuples(res) && i < n; i++)
		if (db_text(res, 0, i))
			add(found, id[i], db_text(res, 0, i));
	/* A tier that was never checked is not known, which is not none. */
	for (int column = 0; PQntuples(res) && column < 2; column++)
		for (int i = 0; i < 3; i++)
			figures_add(found, &status_defs[column ? LEDGER_CHECKED : LEDGER_FINDINGS], tier[i],
				    db_text(res, 0, n + 2 * i + column));
	PQclear(res);
}

static void gather_database(struct figures *found, PGconn *db, instant_t now)
{
	char today[DAY_TEXT], *failed = db_value(db, failed_sql, DB_NO_ARGS);
	PGresult *res = db_query(db, database_sql, DB_ARGS(day_format(day_of_instant(now), today)));

	add(found, FAILED_DATES, failed);
	add(found, DATABASE_SIZE, PQgetvalue(res, 0, 0));
	add(found, PARTITIONS_AHEAD, PQgetvalue(res, 0, 1));
	PQclear(res);
	free(failed);
}

static void add_labelled(struct figures *found, enum figure_id id, const char *label, const char *value)
{
	figures_add(found, &status_defs[id], label, *value ? value : NULL);
}

static void add_instant(struct figures *found, enum figure_id id, const char *label, instant_t when)
{
	char text[32];

	snprintf(text, sizeof text, "%lld", (long long)when);
	figures_add(found, &status_defs[id], label, when ? text : NULL);
}

enum { CLOCKS_APART = 3600 };

void status_gather_jobs(struct figures *found, instant_t now)
{
	struct job_end end[JOBS_MAX];
	char seconds[32];
	int n = jobs_read(end);

	/* A monitor of another account would take silence for jobs that do well. */
	if (n < 0) {
		char text[120];

		snprintf(text, sizeof text, "how the jobs ended cannot be read: %s", strerror(-n));
		figures_problem(found, FIGURE_WARNING, text);
	}
	for (int i = 0; i < n; i++) {
		/* A clock that was set back makes nobody younger than new; one that was years ahead has recorded
		 * nothing. */
		instant_t good = end[i].good - now > CLOCKS_APART ? 0 : end[i].good, age = now > good ? now - good : 0;
		long long ms = atoll(end[i].ms);

		add_instant(found, JOB_ENDED, end[i].job, end[i].ended);
		add_instant(found, JOB_GOOD, end[i].job, end[i].good);
		add_labelled(found, JOB_STATUS, end[i].job, end[i].status);
		add_labelled(found, JOB_VERDICT, end[i].job, end[i].verdict);
		snprintf(seconds, sizeof seconds, "%lld.%03lld", ms / 1000, ms % 1000);
		add_labelled(found, JOB_DURATION, end[i].job, *end[i].ms ? seconds : "");
		if (good)
			figures_add_int(found, &status_defs[JOB_AGE], end[i].job, age);
		else
			add_labelled(found, JOB_AGE, end[i].job, "");
	}
}

void status_gather(struct figures *found, PGconn *db, instant_t now, int n_days, const char *currency,
		   struct status_span *span)
{
	long differing;

	db_exec(db, timeout_sql);
	gather_fetched(found, db, now, span);
	gather_undecided(found, db);
	gather_stored(found, db);
	differing = gather_window(found, db, span, now, n_days);
	gather_counts(found, db);
	gather_summaries(found, db, differing + span->unsummed, currency);
	gather_difficulty(found, db, now);
	gather_ledger(found, db);
	gather_database(found, db, now);
	status_gather_jobs(found, now);
	add_int(found, CHECKED_AT, now);
}

char *status_last_runs(PGconn *db)
{
	return db_value(db, runs_sql, DB_NO_ARGS);
}

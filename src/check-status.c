/*
 * check-status - the state of everything, in a moment, for people, programs and monitors
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calculation/stored_days_db.h"
#include "db/db.h"
#include "db/wanted.h"
#include "status/metric.h"
#include "status/last_runs_io.h"
#include "os/log.h"
#include "cli/currency.h"
#include "cli/opts.h"
#include "calculation/facts_db.h"
#include "status/status_metrics.h"
#include "query/status-fetched.h"
#include "query/status-levels.h"

/* A monitor gives up after ten seconds; it shall hear before that. */
static const char timeout_sql[] = "set statement_timeout = '8s'";

/* What is left out because nobody says whether the unit is wind. */
static const char undecided_sql[] =
	"select count(distinct farm_id), trim_scale(coalesce(sum(mwh), 0)) from undecided_units";

static const char stored_sql[] =
	"select sum(records), sum(period_farms), trim_scale(sum(curtailed_mwh)), trim_scale(sum(payment))"
	"  from daily_summaries";

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
	"                    to_char(settlement_date, 'YYYY') not in (select year from archived_years) as here"
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
	"               lateral (select to_char(date_trunc('month', $1::date) + n * interval '1 month', '\"_\"YYYY\"_\"MM') as suffix) m"
	"         where to_regclass('curtailment_records' || suffix) is not null"
	"           and to_regclass('historical_bitcoin_calculations' || suffix) is not null)";

/* The exchange ledger, where there is one. */
static const char ledger_sql[] =
	"select (select count(*) from exchange_fills), (select extract(epoch from max(trade_time))::bigint from exchange_fills),"
	"       (select extract(epoch from now() - max(window_to))::bigint from exchange_windows where source = 'api'),"
	"       (select count(*) from backfill_proposals where state = 'proposed'),"
	"       (select count(*) from open_corrections),"
	"       trim_scale(v.gain - u.proceeds), v.uncovered, trim_scale(u.proceeds),"
	"       case when v.version is not null then (select count(*) from trade_records where recorded_at > v.finished_at) end"
	"  from (select 1) one"
	"  left join fifo_versions v on v.is_current"
	"  left join (select version, sum(uncovered_proceeds) as proceeds from fifo_version_products group by version) u"
	"    on u.version = v.version"
	" where exists (select from exchange_fills) or exists (select from trade_records)";

static const char help[] =
	"usage: check-status [--format text|json|prometheus|nagios] [OPTION]...\n"
	"\n"
	"Show the state of everything: what is stored, fetched, calculated and summed, the age of each\n"
	"job's last successful run, and which of these figures are beyond their limits.\n"
	"\n"
	"      --format FORMAT    text (the default), json, prometheus or nagios\n"
	"      --output FILE.prom with prometheus: replace this file atomically instead of printing\n"
	"      --last N           stored days whose calculations are compared one by one (7, 0 to 400)\n"
	"      --warn-LIMIT N     when to warn, and\n"
	"      --crit-LIMIT N     when it is critical: above N, where LIMIT is\n"
	"                           unfetched      periods never fetched two days after      0     48\n"
	"                           provisional    periods not final after another day       0    480\n"
	"                           suspect        periods whose answer was refused          0     48\n"
	"                           undecided      units not classified as wind or not       0    off\n"
	"                           missing        calculations, in the days compared        0   1000\n"
	"                           stale          calculations, in the days compared        0   1000\n"
	"                           orphan         calculations, in the days compared        0   1000\n"
	"                           counts         calculations too few or many by the sums  0  10000\n"
	"                           models         miner models that contradict the file   0    off\n"
	"                           summaries      summaries that do not add up              0    off\n"
	"                           proposals      of the ledger, awaiting a decision        0    off\n"
	"                           unmatched      trades since the current FIFO version     0    off\n"
	"                           failed-dates   dates that failed in the last runs        0     30\n"
	"                           lag            days since the latest stored day          2      4\n"
	"                           difficulty-age time without a known difficulty          2d     4d\n"
	"                           age            JOB=TIME, since its last success: realtime\n"
	"                                          3h 1d, daily 30h 3d, weekly and exchange-weekly 8d 15d,\n"
	"                                          monthly 32d 62d\n"
	"                         or below N, where LIMIT is\n"
	"                           percent        calculations present and correct        100     95\n"
	"                         off: no such limit; TIME is N, Nm, Nh or Nd\n"
	OPTS_HELP
	"\n"
	"Exit: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (bad usage, no database).\n";

/* Gathering ------------------------------------------------------------------------------------- */

static struct figures found = FIGURES_INIT;

static const char *value_at(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? NULL : PQgetvalue(res, row, column);
}

static void add(enum figure_id id, const char *value)
{
	figures_add(&found, &status_defs[id], NULL, value);
}

static void add_int(enum figure_id id, int64_t value)
{
	figures_add_int(&found, &status_defs[id], NULL, value);
}

/* Hundredths of a percent, cut and not rounded: 100.00 means all of them. */
static void add_percent(enum figure_id id, long long part, long long whole)
{
	if (whole == 0)
		add(id, NULL);
	else
		add_int(id, part < 0 ? 0 : part * 10000 / whole);
}

struct span {
	bool any;
	day_t first, last;
	long unsummed;		/* days that were fetched and have no summary */
};

static void gather_fetched(PGconn *db, instant_t now, struct span *span)
{
	day_t today = day_of_instant(now), due = today, settled;
	char yesterday[DAY_TEXT], unfetched_by[DAY_TEXT], final_by[DAY_TEXT];
	PGresult *res;

	while (day_final_from(due) > now)
		due--;
	for (settled = due; day_final_from(settled) + 86400 > now; settled--)
		;
	res = db_query(db, query_status_fetched, DB_ARGS(day_format(today - 1, yesterday), day_format(due, unfetched_by),
						day_format(settled, final_by)));
	span->any = value_at(res, 0, 0) && day_parse(value_at(res, 0, 0), &span->first) &&
		    day_parse(value_at(res, 0, 1), &span->last);
	span->unsummed = atol(PQgetvalue(res, 0, 10));
	add(FIRST_DAY, value_at(res, 0, 0));
	add(LAST_DAY, value_at(res, 0, 1));
	add(DAYS, value_at(res, 0, 2));
	if (span->any && *PQgetvalue(res, 0, 12) != 't')
		add(LAG, NULL);		/* spans that stand for themselves are not to be followed by the next day */
	else if (span->any)
		add_int(LAG, today > span->last ? today - span->last : 0);
	else
		figures_problem(&found, FIGURE_WARNING, "no settlement period was ever fetched");
	add(PERIODS_EXPECTED, value_at(res, 0, 3));
	add(PERIODS_FETCHED, value_at(res, 0, 4));
	add(PERIODS_FINAL, value_at(res, 0, 5));
	add(PROVISIONAL, value_at(res, 0, 6));
	add(UNFETCHED, value_at(res, 0, 7) ? value_at(res, 0, 7) : "0");
	add(UNFETCHED_OVERDUE, value_at(res, 0, 8) ? value_at(res, 0, 8) : "0");
	add(PROVISIONAL_OVERDUE, value_at(res, 0, 9) ? value_at(res, 0, 9) : "0");
	add(SUSPECT, value_at(res, 0, 11) ? value_at(res, 0, 11) : "0");
	PQclear(res);
}

static void gather_undecided(PGconn *db)
{
	PGresult *res = db_query(db, undecided_sql, DB_NO_ARGS);

	add(UNDECIDED_UNITS, value_at(res, 0, 0));
	add(UNDECIDED_MWH, value_at(res, 0, 1));
	PQclear(res);
}

static void gather_stored(PGconn *db)
{
	PGresult *res = db_query(db, stored_sql, DB_NO_ARGS);

	add(RECORDS, value_at(res, 0, 0));
	add(PAIRS, value_at(res, 0, 1));
	add(ENERGY, value_at(res, 0, 2));
	add(PAYMENT, value_at(res, 0, 3));
	PQclear(res);
}

static void gather_counts(PGconn *db)
{
	PGresult *res = db_query(db, models_sql, DB_NO_ARGS);
	long long expected = 0, missing = 0, surplus = 0;

	for (int i = 0; i < PQntuples(res); i++) {
		figures_add(&found, &status_defs[CALCULATIONS], PQgetvalue(res, i, 0), PQgetvalue(res, i, 1));
		expected += atoll(PQgetvalue(res, i, 3));
		missing += atoll(PQgetvalue(res, i, 4));
		surplus += atoll(PQgetvalue(res, i, 5));
	}
	for (int i = 0; i < PQntuples(res); i++)
		figures_add(&found, &status_defs[BITCOIN], PQgetvalue(res, i, 0), PQgetvalue(res, i, 2));
	PQclear(res);
	add_int(COUNTED_MISSING, missing);
	add_int(COUNTED_SURPLUS, surplus);
	add_percent(COUNTED_PERCENT, expected - missing, expected);
	add_int(MODEL_DIFFERENCES, (int64_t)models_disagreeing(db));
}

/* Compares each day of the window, and its sum with its summary. */
struct window {
	PGresult *summaries;
	struct day_count total;
	long differing;		/* days whose summary is not the sum of their records */
};

static void compare_day(struct window *w, const struct reckon_facts *facts, struct days *days)
{
	struct comparison comparison = { days_stored, days, NULL, NULL };
	struct day_count count;
	struct reason why;
	int64_t nmwh = 0;
	char sum[32], pairs[32];
	bool summed = false;

	if (!reckon_compare(facts, days->day, days->pairs, days->n_pairs, &comparison, &count, &why))
		die(EX_DATAERR, "%s: %s", days->text, why.text);
	w->total.expected += count.expected;
	w->total.present += count.present;
	w->total.missing += count.missing;
	w->total.stale += count.stale;
	w->total.orphan += count.orphan;
	w->total.unknown += count.unknown;
	for (size_t i = 0; i < days->n_pairs; i++)
		nmwh += days->pairs[i].nmwh;
	snprintf(sum, sizeof sum, "%lld", (long long)nmwh);
	snprintf(pairs, sizeof pairs, "%zu", days->n_pairs);
	for (int i = 0; i < PQntuples(w->summaries); i++)
		summed = summed || (strcmp(PQgetvalue(w->summaries, i, 0), days->text) == 0 &&
				    strcmp(PQgetvalue(w->summaries, i, 1), pairs) == 0 &&
				    strcmp(PQgetvalue(w->summaries, i, 2), sum) == 0);
	w->differing += !summed && days->n_pairs > 0;
}

/* The newest stored days up to yesterday, every calculation beside its inputs. */
static long gather_window(PGconn *db, const struct span *span, instant_t now, int n_days)
{
	day_t yesterday = day_of_instant(now) - 1, to = span->last < yesterday ? span->last : yesterday, from = to - n_days + 1;
	struct reference reference;
	struct reckon_facts facts;
	struct window window = { 0 };
	struct days days;
	PGconn *records, *stored;
	char first[DAY_TEXT], last[DAY_TEXT];

	if (!span->any || to < span->first || n_days == 0)
		return 0;
	from = from < span->first ? span->first : from;
	records = db_connect_again();
	stored = db_connect_again();
	db_exec(records, timeout_sql);
	db_exec(stored, timeout_sql);
	reference_from_db(&reference, db);
	facts = reference_facts(&reference);
	day_format(from, first);
	day_format(to, last);
	days_open(&days, records, stored, from, to, NULL);
	window.summaries = db_query(db, window_days_sql, DB_ARGS(first, last));
	while (days_next(&days))
		compare_day(&window, &facts, &days);
	days_close(&days);
	PQfinish(records);
	PQfinish(stored);
	PQclear(window.summaries);
	reference_release(&reference);
	add(WINDOW_FROM, first);
	add(WINDOW_TO, last);
	add_int(WINDOW_DAYS, to - from + 1);
	add_int(EXPECTED, window.total.expected);
	add_int(PRESENT, window.total.present);
	add_int(MISSING_NOW, window.total.missing);
	add_int(STALE_NOW, window.total.stale);
	add_int(ORPHAN_NOW, window.total.orphan);
	add_int(UNKNOWN_INPUTS, window.total.unknown);
	add_percent(PERCENT, window.total.expected - window.total.missing - window.total.stale, window.total.expected);
	return window.differing;
}

static void gather_summaries(PGconn *db, long differing, const char *currency)
{
	char *levels = db_value(db, query_status_levels, DB_ARGS(currency)), *without = db_value(db, without_price_sql, DB_NO_ARGS);

	add_int(SUMMARY_DIFFERENCES, atol(levels) + differing);
	add(CURRENCY, currency);
	add(DAYS_WITHOUT_PRICE, without);
	free(levels);
	free(without);
}

static void gather_difficulty(PGconn *db, instant_t now)
{
	PGresult *res = db_query(db, difficulty_sql, DB_NO_ARGS);

	if (PQntuples(res) == 0) {
		figures_problem(&found, FIGURE_CRITICAL, "no difficulty is known");
	} else {
		instant_t until = atoll(PQgetvalue(res, 0, 2));

		add(DIFFICULTY, PQgetvalue(res, 0, 0));
		add(DIFFICULTY_FROM, PQgetvalue(res, 0, 1));
		add(DIFFICULTY_UNTIL, PQgetvalue(res, 0, 2));
		add(DIFFICULTY_SOURCE, PQgetvalue(res, 0, 3));
		add_int(DIFFICULTY_AGE, now > until ? now - until : 0);
	}
	PQclear(res);
}

static void gather_ledger(PGconn *db)
{
	static const enum figure_id id[] = { LEDGER_FILLS, LEDGER_LAST_FILL, LEDGER_ASKED_AGE, LEDGER_PROPOSALS, LEDGER_NOT_BOOKED,
					     LEDGER_GAIN, LEDGER_UNCOVERED, LEDGER_UNCOVERED_PROCEEDS, LEDGER_UNMATCHED };
	PGresult *res = db_query(db, ledger_sql, DB_NO_ARGS);

	for (int i = 0; PQntuples(res) && i < (int)(sizeof id / sizeof *id); i++)
		if (value_at(res, 0, i))
			add(id[i], value_at(res, 0, i));
	PQclear(res);
}

static void gather_database(PGconn *db, instant_t now)
{
	char today[DAY_TEXT], *failed = db_value(db, failed_sql, DB_NO_ARGS);
	PGresult *res = db_query(db, database_sql, DB_ARGS(day_format(day_of_instant(now), today)));

	add(FAILED_DATES, failed);
	add(DATABASE_SIZE, PQgetvalue(res, 0, 0));
	add(PARTITIONS_AHEAD, PQgetvalue(res, 0, 1));
	PQclear(res);
	free(failed);
}

static void add_labelled(enum figure_id id, const char *label, const char *value)
{
	figures_add(&found, &status_defs[id], label, *value ? value : NULL);
}

static void add_instant(enum figure_id id, const char *label, instant_t when)
{
	char text[32];

	snprintf(text, sizeof text, "%lld", (long long)when);
	figures_add(&found, &status_defs[id], label, when ? text : NULL);
}

static void gather_jobs(instant_t now)
{
	struct job_end end[JOBS_MAX];
	char seconds[32];
	int n = jobs_read(end);

	for (int i = 0; i < n; i++) {
		/* A clock that was set back makes nobody younger than new. */
		instant_t age = now > end[i].good ? now - end[i].good : 0;
		long long ms = atoll(end[i].ms);

		add_instant(JOB_ENDED, end[i].job, end[i].ended);
		add_instant(JOB_GOOD, end[i].job, end[i].good);
		add_labelled(JOB_STATUS, end[i].job, end[i].status);
		add_labelled(JOB_VERDICT, end[i].job, end[i].verdict);
		snprintf(seconds, sizeof seconds, "%lld.%03lld", ms / 1000, ms % 1000);
		add_labelled(JOB_DURATION, end[i].job, *end[i].ms ? seconds : "");
		if (end[i].good)
			figures_add_int(&found, &status_defs[JOB_AGE], end[i].job, age);
		else
			add_labelled(JOB_AGE, end[i].job, "");
	}
}

/* Telling --------------------------------------------------------------------------------------- */

enum format { TEXT, JSON, PROMETHEUS, NAGIOS };
static enum format format = TEXT;
static const char *output;

static void replace_file(const char *path, const struct buf *text)
{
	struct buf temp = BUF_INIT;
	int fd;

	/* In the same folder, under a name that the collector does not read. */
	buf_addf(&temp, "%s.%ld", path, (long)getpid());
	fd = open(temp.data, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text->data, text->len) != (ssize_t)text->len || close(fd) < 0 || rename(temp.data, path) < 0) {
		int error = errno;

		unlink(temp.data);
		output = NULL;
		die(EX_CANTCREAT, "cannot write %s: %s", path, strerror(error));
	}
	buf_release(&temp);
}

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && !(terminal && strcmp(terminal, "dumb") == 0);
}

static void all_well(struct buf *text, const struct span *span)
{
	char last[DAY_TEXT];

	if (span->any)
		buf_addf(text, "%d days up to %s, nothing to repair", span->last - span->first + 1, day_format(span->last, last));
}

static void tell(const char *ok, const char *runs, bool up)
{
	struct buf out = BUF_INIT, extra = BUF_INIT;

	switch (format) {
	case TEXT:
		figures_text(&out, &found, status_groups, wants_colour());
		break;
	case JSON:
		if (runs)
			buf_addf(&extra, "\"last_runs\":%s", runs);
		figures_json(&out, &found, extra.data);
		buf_addc(&out, '\n');
		break;
	case PROMETHEUS:
		buf_addf(&out, "# HELP windfall_up 1 if the database could be asked\n# TYPE windfall_up gauge\nwindfall_up %d\n"
			 "# HELP windfall_build_info the version that asked\n# TYPE windfall_build_info gauge\n"
			 "windfall_build_info{version=\"%s\"} 1\n", up, WINDFALL_VERSION);
		figures_prometheus(&out, &found);
		break;
	case NAGIOS:
		figures_nagios(&out, &found, ok);
		break;
	}
	if (output)
		replace_file(output, &out);
	else
		fwrite(out.data, 1, out.len, stdout);
	buf_release(&out);
	buf_release(&extra);
}

/* What die() does here: the monitor gets an answer in its own form, and the status UNKNOWN. */
static void end_unknown(int status, const char *message)
{
	static bool ending;

	if (!ending && status != EX_IOERR && (status != EX_USAGE || format == NAGIOS)) {
		ending = true;
		figures_release(&found);
		figures_problem(&found, FIGURE_UNKNOWN, message);
		if (status != EX_USAGE)
			gather_jobs(time(NULL));
		status_judge(&found);
		tell(message, NULL, false);
		fflush(stdout);
	}
	_exit(FIGURE_UNKNOWN);
}

static void add_limit_options(struct option *to, int first)
{
	for (int i = 0; i < STATUS_OPTIONS; i++)
		to[i] = (struct option){ status_option(i), required_argument, NULL, first + i };
}

static void set_limit(int option, const char *text)
{
	struct reason why;

	if (!status_set_limit(option, text, &why))
		die(EX_USAGE, "--%s %s: %s", status_option(option), text, why.text);
}

static enum format parse_format(const char *text)
{
	static const char *const names[] = { "text", "json", "prometheus", "nagios" };

	for (int i = TEXT; i <= NAGIOS; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum format)i;
	die(EX_USAGE, "--format %s: it is text, json, prometheus or nagios", text);
}

static void check_output(void)
{
	size_t len = output ? strlen(output) : 0;

	if (output && format != PROMETHEUS)
		die(EX_USAGE, "--output goes with --format prometheus; elsewhere the shell's > will do");
	if (output && (len < 6 || strcmp(output + len - 5, ".prom") != 0 || output[len - 6] == '/'))
		die(EX_USAGE, "--output %s: the collector reads only what ends in .prom", output);
}

int main(int argc, char **argv)
{
	enum { OPT_LAST = 0x100, OPT_OUTPUT, OPT_LIMITS = 0x200 };
	static const struct option fixed[] = {
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "last", required_argument, NULL, OPT_LAST },
		{ "output", required_argument, NULL, OPT_OUTPUT },
		OPTS_COMMON
	};
	enum { N_FIXED = sizeof fixed / sizeof *fixed };
	struct option longopts[STATUS_OPTIONS + N_FIXED];
	struct buf ok = BUF_INIT;
	struct span span = { 0 };
	instant_t now = time(NULL);
	int c, n_days = 7;
	const char *currency;
	long differing;
	PGconn *db;
	char *runs;

	log_init(argv[0]);
	log_set_end(end_unknown);
	add_limit_options(longopts, OPT_LIMITS);
	memcpy(longopts + STATUS_OPTIONS, fixed, sizeof fixed);
	while ((c = getopt_long(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		if (c == OPT_FORMAT)
			format = parse_format(optarg);
		else if (c == OPT_LAST)
			n_days = (int)opts_number("--last", optarg, 0, 400);
		else if (c == OPT_OUTPUT)
			output = optarg;
		else if (c >= OPT_LIMITS && c < OPT_LIMITS + STATUS_OPTIONS)
			set_limit(c - OPT_LIMITS, optarg);
		else
			opts_common(c, help);
	}
	if (optind < argc)
		die(EX_USAGE, "%s: check-status takes no operand; see --help", argv[optind]);
	check_output();

	currency = currency_configured();
	db = db_connect();
	db_exec(db, timeout_sql);
	gather_fetched(db, now, &span);
	gather_undecided(db);
	gather_stored(db);
	differing = gather_window(db, &span, now, n_days);
	gather_counts(db);
	gather_summaries(db, differing + span.unsummed, currency);
	gather_difficulty(db, now);
	gather_ledger(db);
	gather_database(db, now);
	gather_jobs(now);
	add_int(CHECKED_AT, now);
	status_judge(&found);
	runs = db_value(db, runs_sql, DB_NO_ARGS);
	PQfinish(db);

	all_well(&ok, &span);
	tell(ok.data, runs, true);
	c = (int)found.state;
	buf_release(&ok);
	free(runs);
	figures_release(&found);
	flush_stdout();
	return c;
}

/*
 * run-queue - share the dates of a reconciliation run among its workers
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/opts.h"
#include "db/day_set.h"
#include "db/db.h"
#include "db/queue.h"
#include "db/queue_work.h"
#include "format/tsv.h"
#include "os/log.h"

/* The dates of the queue whose energy is known, and that, as two arrays. */
static const char energy_sql[] =
	"select coalesce(array_agg(settlement_date order by settlement_date), '{}'),"
	"       coalesce(array_agg(curtailed_mwh order by settlement_date), '{}')"
	"  from daily_summaries where settlement_date = any ($1::date[])";

/* The run and its dates come into being together; what is known to be largest comes first. */
static const char start_sql[] =
	"with run as ("
	"  insert into reconciliation_runs (job, arguments, host, pid) values ($1, $2, $3, $4::integer) returning run_id"
	"), queue as ("
	"  insert into reconciliation_run_dates (run_id, settlement_date, priority)"
	"  select run.run_id, d.day, coalesce(s.curtailed_mwh, 0)"
	"    from run cross join unnest($5::date[]) as d (day)"
	"    left join unnest($6::date[], $7::numeric[]) as s (day, curtailed_mwh) using (day)"
	")"
	"select run_id from run";

/* The second to finish changes nothing. */
static const char finish_sql[] =
	"update reconciliation_runs"
	"   set state = case when $2::integer in (0, 1) then 'done' when $2::integer >= 128 then 'interrupted'"
	" else 'failed' end,"
	"       exit_code = $2::integer, verdict = $3, finished_at = now()"
	" where run_id = $1::bigint and state = 'running'";

/* Only the latest run of a job is continued: what an earlier one left, it looked for again. */
static const char unfinished_sql[] =
	"select r.run_id from (select run_id from reconciliation_runs"
	"                       where job = $1 and ($2 = '' or arguments = $2)"
	"                       order by run_id desc limit 1) r"
	" where exists (select from reconciliation_run_dates d"
	"                where d.run_id = r.run_id and d.state in ('queued', 'claimed'))";

/* A run that was killed could not say so. */
static const char running_sql[] =
	"select run_id, pid from reconciliation_runs where job = $1 and host = $2 and state = 'running' order by run_id";

static const char interrupted_sql[] =
	"update reconciliation_runs set state = 'interrupted', finished_at = now()"
	" where run_id = $1::bigint and state = 'running'";

static const char resume_sql[] =
	"update reconciliation_runs set state = 'running', finished_at = null, exit_code = null, verdict = null"
	" where run_id = $1::bigint and state <> 'running'";

static const char run_sql[] = "select run_id from reconciliation_runs where run_id = $1::bigint";

static const char show_sql[] =
	"select r.run_id, r.job, r.arguments, r.host, r.state, coalesce(r.exit_code::text, ''),"
	"       to_char(r.started_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
	"       coalesce(to_char(r.finished_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), ''),"
	"       count(d.settlement_date), count(*) filter (where d.state = 'queued'),"
	"       count(*) filter (where d.state = 'claimed'), count(*) filter (where d.state = 'done'),"
	"       count(*) filter (where d.state = 'failed'), coalesce(r.verdict, '')"
	"  from reconciliation_runs r"
	"  left join reconciliation_run_dates d using (run_id)"
	" where $1 = '' or r.run_id = $1::bigint"
	" group by r.run_id order by r.run_id desc limit $2::integer";

static const char failures_sql[] =
	"select settlement_date, attempts, coalesce(error, '') from reconciliation_run_dates"
	" where run_id = $1::bigint and state = 'failed' order by settlement_date";

static const char help[] =
	"usage: run-queue start --job JOB [--arguments TEXT] [--worker PID] <dates\n"
	"       run-queue claim RUN [--batch N] [--worker PID] [--lease S] [--wait S]\n"
	"       run-queue work RUN [--jobs N] [--batch N] [--worker PID] [--lease S] [--progress S]\n"
	"                      -- COMMAND [ARGUMENT]...\n"
	"       run-queue renew RUN [--worker PID]\n"
	"       run-queue release RUN [--worker PID]\n"
	"       run-queue done RUN [--worker PID] <dates\n"
	"       run-queue failed RUN [--worker PID] [--error TEXT] [--attempts N] [--pause S] <dates\n"
	"       run-queue finish RUN --status N [--verdict TEXT]\n"
	"       run-queue unfinished --job JOB [--arguments TEXT]\n"
	"       run-queue show [RUN] [--last N]\n"
	"       run-queue failures RUN\n"
	"\n"
	"A run is a row, and its dates are a queue.  Workers on this and other machines claim dates from\n"
	"it; a killed worker's claims go to the others.  Dates are read as rows with the column\n"
	"settlement_date from standard input.\n"
	"\n"
	"  start       create a run and print its number\n"
	"  claim       print dates to do: the one with the largest energy and its neighbours in the\n"
	"              month; none when nothing is left\n"
	"  work        claim stretches until nothing is left, with N workers: COMMAND reads the dates of\n"
	"              each and prints those that are not correct (settlement_date, reason); where it\n"
	"              fails on a stretch it is run for single dates; the caller's end ends it\n"
	"  renew       the worker is still working on its claim: the lease starts again\n"
	"  release     the worker releases its claim\n"
	"  done        these dates are done\n"
	"  failed      these could not be done: retried later, failed permanently after N attempts\n"
	"  finish      the run is over\n"
	"  unfinished  reopen the latest run of the job if it has dates left, and print it\n"
	"  show        the run, or the last N (10), with its counts\n"
	"  failures    the dates that failed permanently, and why\n"
	"\n"
	"      --batch N          dates per claim, at most (31)\n"
	"      --jobs N           parallel workers (1)\n"
	"      --progress S       seconds between two lines of progress in the log (60)\n"
	"      --worker PID       the working process (the caller); with this host's name it owns the claim\n"
	"      --lease S          seconds after which any worker may take a silent claim (900)\n"
	"      --wait S           seconds to wait for a date that is not due yet (0)\n"
	"      --attempts N       attempts per date (3)\n"
	"      --pause S          seconds before a failed date is due again, doubled each time (5)\n"
	OPTS_ROWS_HELP OPTS_HELP;

struct options {
	const char *job, *arguments, *error, *verdict;
	long pid;
	char worker[QUEUE_WORKER];	/* host:pid */
	struct queue_terms terms;
	struct queue_patience patience;
	int64_t jobs, progress, status, last;
	struct tsv_writer out;
};

/* A run that is not there would look like one without a date. */
static void need_run(PGconn *db, const char *run)
{
	char *found = db_value(db, run_sql, DB_ARGS(run));

	if (!found)
		die(EX_DATAERR, "there is no run %s; run-queue show lists them", run);
	free(found);
}

/* The dates on standard input as an array literal; caller frees. */
static char *dates_array(long *n_days)
{
	static struct day_set set;
	struct buf array = BUF_INIT;
	struct day_range stretch;
	char text[DAY_TEXT];

	day_set_read(&set, "-");
	db_array_begin(&array);
	for (day_t day = 0; day_set_stretch(&set, day, &stretch); day = stretch.to + 1)
		for (day_t d = stretch.from; d <= stretch.to; d++)
			db_array_add(&array, day_format(d, text));
	db_array_end(&array);
	*n_days = set.n_days;
	return buf_detach(&array);
}

/* Runs of the job on this host whose process is gone are not running. */
static void close_dead_runs(PGconn *db, const char *job, const char *host)
{
	PGresult *res = db_query(db, running_sql, DB_ARGS(job, host));

	for (int i = 0; i < PQntuples(res); i++)
		if (queue_is_dead(db_int(res, i, 1)))
			db_change(db, interrupted_sql, DB_ARGS(PQgetvalue(res, i, 0)));
	PQclear(res);
}

static void start(PGconn *db, const char *none, struct options *o)
{
	char host[256], pid[24];
	long n_days;
	char *dates = dates_array(&n_days), *run;
	PGresult *energy;

	(void)none;
	queue_host(host);
	close_dead_runs(db, o->job, host);
	snprintf(pid, sizeof pid, "%ld", o->pid);
	energy = db_query(db, energy_sql, DB_ARGS(dates));
	run = db_value(db, start_sql, DB_ARGS(o->job, o->arguments, host, pid, dates, PQgetvalue(energy, 0, 0),
					      PQgetvalue(energy, 0, 1)));
	PQclear(energy);
	puts(run);
	log_fact(LOG_DEBUG, "run started", "run_id=%s dates=%ld", run, n_days);
	free(run);
	free(dates);
}

static void claim(PGconn *db, const char *run, struct options *o)
{
	static const char *const columns[] = { "settlement_date", "attempts", NULL };

	db_print(queue_claim(db, run, o->worker, &o->terms), columns, &o->out);
}

static void release(PGconn *db, const char *run, struct options *o)
{
	queue_release(db, run, o->worker);
}

static void renew(PGconn *db, const char *run, struct options *o)
{
	queue_renew(db, run, o->worker);
}

/* Tell of dates that somebody else took over meanwhile: they are theirs now. */
static void settle(long long changed, long n_days, const char *word)
{
	if (changed < n_days)
		log_warning("%lld of %ld dates were no longer this worker's when they were %s", n_days - changed, n_days, word);
}

static void done(PGconn *db, const char *run, struct options *o)
{
	long n_days;
	char *dates = dates_array(&n_days);

	settle(queue_done(db, run, o->worker, dates), n_days, "done");
	free(dates);
}

static void failed(PGconn *db, const char *run, struct options *o)
{
	long n_days;
	char *dates = dates_array(&n_days);

	settle(queue_failed(db, run, o->worker, dates, o->error, &o->patience), n_days, "given back");
	free(dates);
}

static void unfinished(PGconn *db, const char *none, struct options *o)
{
	char *run = db_value(db, unfinished_sql, DB_ARGS(o->job, o->arguments));

	(void)none;
	if (run) {
		db_change(db, resume_sql, DB_ARGS(run));
		puts(run);
	}
	free(run);
}

static void show(PGconn *db, const char *run, struct options *o)
{
	static const char *const columns[] = { "run_id", "job", "arguments", "host", "state", "exit_code", "started_at",
					       "finished_at", "dates", "queued", "claimed", "done", "failed", "verdict", NULL };
	char last[24];

	snprintf(last, sizeof last, "%lld", (long long)o->last);
	db_print(db_query(db, show_sql, DB_ARGS(run ? run : "", last)), columns, &o->out);
}

static void failures(PGconn *db, const char *run, struct options *o)
{
	static const char *const columns[] = { "settlement_date", "attempts", "error", NULL };

	db_print(db_query(db, failures_sql, DB_ARGS(run)), columns, &o->out);
}

static void finish(PGconn *db, const char *run, struct options *o)
{
	char status[24];

	snprintf(status, sizeof status, "%lld", (long long)o->status);
	db_change(db, finish_sql, DB_ARGS(run, status, o->verdict));
}

/* Seconds that a worker waits for dates which others hold, or which are due later: longer than a lease. */
enum { WORK_WAIT = 1000 };

/* The words behind work: RUN COMMAND [ARGUMENT]... */
static int work(char **words, struct options *o)
{
	struct queue_work w = { .run = words[0], .job = o->pid, .workers = (int)o->jobs, .terms = o->terms,
				      .every = o->progress, .command = words + 1 };
	PGconn *db;

	if (!words[0] || !words[1])
		die(EX_USAGE, "work needs the number of a RUN and a COMMAND; see run-queue --help");
	opts_number("RUN", words[0], 1, INT64_MAX);
	db = db_connect();
	need_run(db, w.run);
	PQfinish(db);
	w.terms.wait = WORK_WAIT;
	tsv_release(&o->out);
	return queue_work(&w);
}

static void read_options(int argc, char **argv, struct options *o)
{
	enum { JOB = 1, ARGUMENTS, BATCH, WORKER, LEASE, WAIT, ERROR, ATTEMPTS, PAUSE, STATUS, VERDICT, LAST, JOBS, PROGRESS };
	static const struct option longopts[] = {
		{ "job", required_argument, NULL, JOB },
		{ "arguments", required_argument, NULL, ARGUMENTS },
		{ "batch", required_argument, NULL, BATCH },
		{ "worker", required_argument, NULL, WORKER },
		{ "lease", required_argument, NULL, LEASE },
		{ "wait", required_argument, NULL, WAIT },
		{ "error", required_argument, NULL, ERROR },
		{ "attempts", required_argument, NULL, ATTEMPTS },
		{ "pause", required_argument, NULL, PAUSE },
		{ "status", required_argument, NULL, STATUS },
		{ "verdict", required_argument, NULL, VERDICT },
		{ "last", required_argument, NULL, LAST },
		{ "jobs", required_argument, NULL, JOBS },
		{ "progress", required_argument, NULL, PROGRESS },
		OPTS_ROWS, OPTS_COMMON
	};
	int c;

	o->pid = (long)getppid();
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case JOB:       o->job = optarg;       break;
		case ARGUMENTS: o->arguments = optarg; break;
		case ERROR:     o->error = optarg;     break;
		case VERDICT:   o->verdict = optarg;   break;
		case BATCH:     o->terms.batch = opts_number("--batch", optarg, 1, 1000);       break;
		case WORKER:    o->pid = opts_number("--worker", optarg, 1, INT32_MAX);   break;
		case LEASE:     o->terms.lease = opts_number("--lease", optarg, 1, 86400);      break;
		case WAIT:      o->terms.wait = opts_number("--wait", optarg, 0, 86400);        break;
		case ATTEMPTS:  o->patience.attempts = opts_number("--attempts", optarg, 1, 100);  break;
		case PAUSE:     o->patience.pause = opts_number("--pause", optarg, 0, 86400);      break;
		case STATUS:    o->status = opts_number("--status", optarg, 0, 255);      break;
		case JOBS:      o->jobs = opts_number("--jobs", optarg, 1, 64);           break;
		case PROGRESS:  o->progress = opts_number("--progress", optarg, 1, 86400); break;
		case LAST:      o->last = opts_number("--last", optarg, 1, 100000);       break;
		default:
			if (!opts_rows(c, &o->out))
				opts_common(c, help);
		}
	}
	queue_worker(o->worker, o->pid);
}

/* Each verb is told the run, NULL where there is none, and may have options of its own. */
static const struct verb {
	const char *name;
	void (*act)(PGconn *db, const char *run, struct options *o);
	enum { NO_RUN, A_RUN, MAYBE_A_RUN } run;
} verbs[] = {
	{ "start", start, NO_RUN },
	{ "claim", claim, A_RUN },
	{ "renew", renew, A_RUN },
	{ "release", release, A_RUN },
	{ "done", done, A_RUN },
	{ "failed", failed, A_RUN },
	{ "finish", finish, A_RUN },
	{ "unfinished", unfinished, NO_RUN },
	{ "show", show, MAYBE_A_RUN },
	{ "failures", failures, A_RUN },
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	die(EX_USAGE, "%s: no such command; see run-queue --help", name);
}

/* The verb, once it is told all that it needs: its run is the operand behind it. */
static const struct verb *read_operands(int n, char *const *operands, const struct options *o)
{
	const struct verb *verb;
	const char *run;

	if (n == 0)
		die(EX_USAGE, "missing command; see run-queue --help");
	if (n > 2)
		die(EX_USAGE, "%s: one argument too many; see run-queue --help", operands[2]);
	verb = find_verb(operands[0]);
	run = operands[1];
	if (run)
		opts_number("RUN", run, 1, INT64_MAX);
	if (verb->run == A_RUN && !run)
		die(EX_USAGE, "%s needs the number of a RUN", verb->name);
	if (verb->run == NO_RUN && (run || !o->job))
		die(EX_USAGE, "%s needs --job, and no RUN", verb->name);
	if (verb->act == finish && o->status < 0)
		die(EX_USAGE, "finish needs --status");
	return verb;
}

int main(int argc, char **argv)
{
	struct options o = { .arguments = "", .error = "", .verdict = "", .terms = { .batch = 31, .lease = 900 },
			     .patience = { .attempts = 3, .pause = 5 }, .jobs = 1, .progress = 60, .status = -1, .last = 10 };
	const struct verb *verb;
	const char *run;
	PGconn *db;

	tool_begin(argc, argv);
	read_options(argc, argv, &o);
	if (optind < argc && strcmp(argv[optind], "work") == 0)
		return work(argv + optind + 1, &o);
	verb = read_operands(argc - optind, argv + optind, &o);
	run = argv[optind + 1];
	db = db_connect();
	if (run)
		need_run(db, run);
	verb->act(db, run, &o);
	PQfinish(db);
	tsv_release(&o.out);
	return flush_stdout();
}

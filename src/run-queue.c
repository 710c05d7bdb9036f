/*
 * run-queue - the dates of a run, shared by its workers on one machine or many
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "db/day_set.h"
#include "db/db.h"
#include "os/log.h"
#include "cli/opts.h"
#include "format/tsv.h"
#include "query/queue-claim.h"

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

static const char claimants_sql[] =
	"select distinct claimed_by from reconciliation_run_dates"
	" where run_id = $1::bigint and state = 'claimed' order by 1";

/* What is still being worked on is not silent. */
static const char renew_sql[] =
	"update reconciliation_run_dates set claimed_at = now()"
	" where run_id = $1::bigint and state = 'claimed' and claimed_by = $2";

/* What a dead worker held was not done: its attempt does not count. */
static const char release_sql[] =
	"update reconciliation_run_dates"
	"   set state = 'queued', claimed_by = null, claimed_at = null, attempts = attempts - 1"
	" where run_id = $1::bigint and state = 'claimed' and claimed_by = $2";

/* Still to be done by anybody, now or later. */
static const char open_sql[] =
	"select count(*) from reconciliation_run_dates"
	" where run_id = $1::bigint and state in ('queued', 'claimed')";

static const char done_sql[] =
	"update reconciliation_run_dates"
	"   set state = 'done', finished_at = now(), error = null"
	" where run_id = $1::bigint and settlement_date = any ($3::date[]) and state = 'claimed' and claimed_by = $2";

/* Tried too often, a date has failed; before that it waits, twice as long each time. */
static const char failed_sql[] =
	"update reconciliation_run_dates"
	"   set state = case when attempts >= $5::integer then 'failed' else 'queued' end,"
	"       finished_at = case when attempts >= $5::integer then now() end,"
	"       not_before = now() + make_interval(secs => $6::double precision * 2 ^ (attempts - 1) * (0.5 + random())),"
	"       claimed_by = null, claimed_at = null, error = $4"
	" where run_id = $1::bigint and settlement_date = any ($3::date[]) and state = 'claimed' and claimed_by = $2";

/* The second to finish changes nothing. */
static const char finish_sql[] =
	"update reconciliation_runs"
	"   set state = case when $2::integer in (0, 1) then 'done' when $2::integer >= 128 then 'interrupted' else 'failed' end,"
	"       exit_code = $2::integer, verdict = $3, finished_at = now()"
	" where run_id = $1::bigint and state = 'running'";

/* Only the newest run is gone on with: what it did not find was right by then. */
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
	"  claim       print dates to do, largest energy first; none when nothing is left\n"
	"  renew       the worker is still working on its claim: the lease starts again\n"
	"  release     the worker releases its claim\n"
	"  done        these dates are done\n"
	"  failed      these could not be done: retried later, failed permanently after N attempts\n"
	"  finish      the run is over\n"
	"  unfinished  reopen the latest run of the job if it has dates left, and print it\n"
	"  show        the run, or the last N (10), with its counts\n"
	"  failures    the dates that failed permanently, and why\n"
	"\n"
	"      --batch N        dates per claim (10)\n"
	"      --worker PID     the working process (the caller); with this host's name it owns the claim\n"
	"      --lease S        seconds after which any worker may take a silent claim (900)\n"
	"      --wait S         seconds to wait for a date that is not due yet (0)\n"
	"      --attempts N     attempts per date (3)\n"
	"      --pause S        seconds before a failed date is due again, doubled each time (5)\n"
	OPTS_ROWS_HELP OPTS_HELP;

struct options {
	const char *job, *arguments, *error, *verdict;
	long pid;
	char worker[300];		/* host:pid */
	int64_t batch, lease, wait, attempts, pause, status, last;
	struct tsv_writer out;
};

static void host_name(char name[256])
{
	if (gethostname(name, 256) != 0)
		snprintf(name, 256, "localhost");
	name[255] = '\0';
}

/* The dates on standard input as an array literal; caller frees. */
static char *dates_array(long *n_days)
{
	static struct day_set set;
	struct buf array = BUF_INIT;
	struct day_range stretch;
	char text[DAY_TEXT];

	day_set_read(&set, "-");
	buf_addc(&array, '{');
	for (day_t day = 0; day_set_stretch(&set, day, &stretch); day = stretch.to + 1)
		for (day_t d = stretch.from; d <= stretch.to; d++)
			buf_addf(&array, "%s%s", array.len > 1 ? "," : "", day_format(d, text));
	buf_addc(&array, '}');
	*n_days = set.n_days;
	return buf_detach(&array);
}

static bool is_dead(pid_t pid)
{
	return pid > 0 && kill(pid, 0) != 0 && errno == ESRCH;
}

/* Runs of the job on this host whose process is gone are not running. */
static void close_dead_runs(PGconn *db, const char *job, const char *host)
{
	PGresult *res = db_query(db, running_sql, DB_ARGS(job, host));

	for (int i = 0; i < PQntuples(res); i++)
		if (is_dead((pid_t)strtol(PQgetvalue(res, i, 1), NULL, 10)))
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
	host_name(host);
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

/* Free what workers of this host hold that no longer live; those of others lose it by the lease. */
static void release_dead(PGconn *db, const char *run)
{
	PGresult *res = db_query(db, claimants_sql, DB_ARGS(run));
	char host[256];
	size_t len;

	host_name(host);
	len = strlen(host);
	for (int i = 0; i < PQntuples(res); i++) {
		const char *claimant = PQgetvalue(res, i, 0);
		long pid = strncmp(claimant, host, len) == 0 && claimant[len] == ':' ? strtol(claimant + len + 1, NULL, 10) : 0;

		if (is_dead((pid_t)pid) && db_change(db, release_sql, DB_ARGS(run, claimant)))
			log_info("worker %s is gone; what it had claimed is free again", claimant);
	}
	PQclear(res);
}

static void claim(PGconn *db, const char *run, struct options *o)
{
	static const char *const columns[] = { "settlement_date", "attempts", NULL };
	static const struct timespec quarter = { .tv_nsec = 250000000 };
	char batch[24], lease[24];
	PGresult *res;

	snprintf(batch, sizeof batch, "%lld", (long long)o->batch);
	snprintf(lease, sizeof lease, "%lld", (long long)o->lease);
	/* Who asks for more has let go of what it had: another process had this number before. */
	db_change(db, release_sql, DB_ARGS(run, o->worker));
	for (int64_t quarters = 0;; quarters++) {
		char *open;
		bool none;

		release_dead(db, run);
		res = db_query(db, query_queue_claim, DB_ARGS(run, o->worker, batch, lease));
		if (PQntuples(res) > 0 || quarters >= 4 * o->wait)
			break;
		open = db_value(db, open_sql, DB_ARGS(run));
		none = strcmp(open, "0") == 0;
		free(open);
		if (none)
			break;
		PQclear(res);
		nanosleep(&quarter, NULL);
	}
	db_print(res, columns, &o->out);
}

static void release(PGconn *db, const char *run, struct options *o)
{
	db_change(db, release_sql, DB_ARGS(run, o->worker));
}

static void renew(PGconn *db, const char *run, struct options *o)
{
	db_change(db, renew_sql, DB_ARGS(run, o->worker));
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

	settle(db_change(db, done_sql, DB_ARGS(run, o->worker, dates)), n_days, "done");
	free(dates);
}

static void failed(PGconn *db, const char *run, struct options *o)
{
	char attempts[24], pause[24];
	long n_days;
	char *dates = dates_array(&n_days);

	snprintf(attempts, sizeof attempts, "%lld", (long long)o->attempts);
	snprintf(pause, sizeof pause, "%lld", (long long)o->pause);
	settle(db_change(db, failed_sql, DB_ARGS(run, o->worker, dates, o->error, attempts, pause)), n_days, "given back");
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
	static const char *const columns[] = { "run_id", "job", "arguments", "host", "state", "exit_code", "started_at", "finished_at",
					       "dates", "queued", "claimed", "done", "failed", "verdict", NULL };
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

static void read_options(int argc, char **argv, struct options *o)
{
	enum { JOB = 1, ARGUMENTS, BATCH, WORKER, LEASE, WAIT, ERROR, ATTEMPTS, PAUSE, STATUS, VERDICT, LAST };
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
		OPTS_ROWS, OPTS_COMMON
	};
	char host[256];
	int c;

	o->pid = (long)getppid();
	while ((c = getopt_long(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case JOB:       o->job = optarg;       break;
		case ARGUMENTS: o->arguments = optarg; break;
		case ERROR:     o->error = optarg;     break;
		case VERDICT:   o->verdict = optarg;   break;
		case BATCH:     o->batch = opts_number("--batch", optarg, 1, 1000);       break;
		case WORKER:    o->pid = opts_number("--worker", optarg, 1, INT32_MAX);   break;
		case LEASE:     o->lease = opts_number("--lease", optarg, 1, 86400);      break;
		case WAIT:      o->wait = opts_number("--wait", optarg, 0, 86400);        break;
		case ATTEMPTS:  o->attempts = opts_number("--attempts", optarg, 1, 100);  break;
		case PAUSE:     o->pause = opts_number("--pause", optarg, 0, 86400);      break;
		case STATUS:    o->status = opts_number("--status", optarg, 0, 255);      break;
		case LAST:      o->last = opts_number("--last", optarg, 1, 100000);       break;
		default:
			if (!opts_rows(c, &o->out))
				opts_common(c, help);
		}
	}
	host_name(host);
	snprintf(o->worker, sizeof o->worker, "%s:%ld", host, o->pid);
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
	die(EX_USAGE, "%s: no such verb; see run-queue --help", name);
}

int main(int argc, char **argv)
{
	struct options o = { .arguments = "", .error = "", .verdict = "", .batch = 10, .lease = 900, .attempts = 3, .pause = 5,
			     .status = -1, .last = 10 };
	const struct verb *verb;
	const char *run;
	PGconn *db;

	tool_begin(argc, argv);
	read_options(argc, argv, &o);
	if (optind >= argc || argc - optind > 2)
		die(EX_USAGE, "a verb is needed, and mostly a RUN; see run-queue --help");
	verb = find_verb(argv[optind]);
	run = argv[optind + 1];
	if (run)
		opts_number("RUN", run, 1, INT64_MAX);
	if (verb->run == A_RUN && !run)
		die(EX_USAGE, "%s needs the number of a RUN", verb->name);
	if (verb->run == NO_RUN && (run || !o.job))
		die(EX_USAGE, "%s needs --job, and no RUN", verb->name);
	if (verb->act == finish && o.status < 0)
		die(EX_USAGE, "finish needs --status");
	db = db_connect();
	verb->act(db, run, &o);
	PQfinish(db);
	tsv_release(&o.out);
	return flush_stdout();
}

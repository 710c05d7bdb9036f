/*
 * check-status - show the state of everything, for people, programs and monitors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/plural.h"
#include "cli/currency.h"
#include "cli/opts.h"
#include "db/db.h"
#include "os/file.h"
#include "os/log.h"
#include "status/gather_db.h"
#include "status/status_metrics.h"

static const char help[] =
	"usage: check-status [--format text|json|prometheus|nagios] [OPTION]...\n"
	"       check-status --list-limits [OPTION]...\n"
	"\n"
	"Show the state of everything: what is stored, fetched, calculated and summed, the age of each\n"
	"job's last successful run, and which of these figures are beyond their limits.\n"
	"\n"
	"      --format FORMAT    text (the default), json, prometheus or nagios\n"
	"      --output FILE.prom with prometheus: replace this file atomically instead of printing\n"
	"      --last N           stored days whose calculations are compared one by one (7, 0 to 400); a\n"
	"                         day with a proof that holds is not read again\n"
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
	"                           models         miner models that contradict the file     0    off\n"
	"                           summaries      summaries that do not add up              0    off\n"
	"                           proposals      of the ledger, awaiting a decision        0    off\n"
	"                           findings       of the ledger's last check, in any tier   0    off\n"
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
	"      --list-limits      print the limits in force as rows, times in seconds; needs no database\n"
	OPTS_HELP
	"\n"
	"Exit: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (bad usage, no database).\n";

/* Telling --------------------------------------------------------------------------------------- */

enum format { TEXT, JSON, PROMETHEUS, NAGIOS };
static enum format format = TEXT;
static const char *output;
static struct figures found = FIGURES_INIT;

static void write_output(const char *path, const struct buf *text)
{
	struct buf part = BUF_INIT;

	/* In the same folder, under a name that the collector does not read. */
	buf_addf(&part, "%s.%ld", path, (long)getpid());
	if (!file_replace(path, part.data, text, FILE_FOR_ALL, FILE_NOT_SYNCED)) {
		output = NULL;
		die(EX_CANTCREAT, "cannot write %s: %s", path, strerror(errno));
	}
	buf_release(&part);
}

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && !(terminal && strcmp(terminal, "dumb") == 0);
}

static void all_well(struct buf *text, const struct status_span *span)
{
	char last[DAY_TEXT];

	if (span->any)
		buf_addf(text, "%d %s up to %s, nothing to repair", span->last - span->first + 1,
			 plural(span->last - span->first + 1, "day", "days"), day_format(span->last, last));
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
		write_output(output, &out);
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
			status_gather_jobs(&found, time(NULL));
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
	die(EX_USAGE, "--format %s: must be text, json, prometheus or nagios", text);
}

static void check_output(void)
{
	size_t len = output ? strlen(output) : 0;

	if (output && format != PROMETHEUS)
		die(EX_USAGE, "--output goes with --format prometheus; elsewhere the shell's > will do");
	if (output && (len < 6 || strcmp(output + len - 5, ".prom") != 0 || output[len - 6] == '/'))
		die(EX_USAGE, "--output %s: the collector reads only what ends in .prom", output);
}

static void list_limits(void)
{
	struct buf rows = BUF_INIT;

	status_print_limits(&rows);
	fwrite(rows.data, 1, rows.len, stdout);
	buf_release(&rows);
	flush_stdout();
}

/* The options, and how many days are compared one by one. */
static int read_options(int argc, char **argv)
{
	enum { OPT_LAST = 0x100, OPT_OUTPUT, OPT_LIST, OPT_LIMITS = 0x200 };
	static const struct option fixed[] = {
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "last", required_argument, NULL, OPT_LAST },
		{ "output", required_argument, NULL, OPT_OUTPUT },
		{ "list-limits", no_argument, NULL, OPT_LIST },
		OPTS_COMMON
	};
	enum { N_FIXED = sizeof fixed / sizeof *fixed };
	struct option longopts[STATUS_OPTIONS + N_FIXED];
	int c, n_days = 7;
	bool list = false;

	add_limit_options(longopts, OPT_LIMITS);
	memcpy(longopts + STATUS_OPTIONS, fixed, sizeof fixed);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		if (c == OPT_FORMAT)
			format = parse_format(optarg);
		else if (c == OPT_LAST)
			n_days = (int)opts_number("--last", optarg, 0, 400);
		else if (c == OPT_OUTPUT)
			output = optarg;
		else if (c == OPT_LIST)
			list = true;
		else if (c >= OPT_LIMITS && c < OPT_LIMITS + STATUS_OPTIONS)
			set_limit(c - OPT_LIMITS, optarg);
		else
			opts_common(c, help);
	}
	if (optind < argc)
		die(EX_USAGE, "%s: check-status takes no operand; see --help", argv[optind]);
	check_output();
	if (list) {
		list_limits();
		exit(0);
	}
	return n_days;
}

int main(int argc, char **argv)
{
	struct buf ok = BUF_INIT;
	struct status_span span = { 0 };
	enum figure_state state;
	const char *currency;
	int n_days;
	PGconn *db;
	char *runs;

	log_set_end(end_unknown);
	tool_begin(argc, argv);
	n_days = read_options(argc, argv);
	currency = currency_configured();
	db = db_connect();
	status_gather(&found, db, time(NULL), n_days, currency, &span);
	status_judge(&found);
	runs = status_last_runs(db);
	PQfinish(db);

	all_well(&ok, &span);
	tell(ok.data, runs, true);
	state = found.state;
	buf_release(&ok);
	free(runs);
	figures_release(&found);
	flush_stdout();
	return (int)state;
}

/*
 * fetch-elexon - fetch settlement stacks from Elexon and keep the curtailed wind
 *
 * The source answers one settlement period and one side (bid or offer) a request.  Each body is
 * checked whole before a row of it is believed; a period whose body is refused is a failed
 * period, and leaves what was stored before.  Requests of several days are under way at a time,
 * so that the allowed rate stays full, but days are printed and stored in order.
 *
 * The order of the work: plan (which periods), ask, take each answer (elexon_stack, curtailment), and
 * when a day has all of its own, print, store (curtailment_db) or verify it (source_diff_db).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/plural.h"
#include "cli/opts.h"
#include "curtailment/accepted_days_io.h"
#include "curtailment/bm_units_db.h"
#include "curtailment/curtailment.h"
#include "curtailment/curtailment_db.h"
#include "curtailment/elexon.h"
#include "curtailment/elexon_stack.h"
#include "curtailment/fetch_plan_io.h"
#include "curtailment/fetch_summary_io.h"
#include "curtailment/fetched_day_io.h"
#include "curtailment/source_counts_db.h"
#include "curtailment/source_diff_db.h"
#include "db/db.h"
#include "db/statistics.h"
#include "exact/calendar.h"
#include "format/json.h"
#include "format/tsv.h"
#include "format/url.h"
#include "net/http.h"
#include "os/file.h"
#include "os/log.h"
#include "os/progress.h"

/* Days whose requests may be under way at one time: 16 days at 10 requests a second are over a
 * minute that one slow period may take before it holds up the others. */
#define DAYS_AHEAD 16

static const char help[] =
	"usage: fetch-elexon [OPTION]... DATE [TO]\n"
	"       fetch-elexon [OPTION]... --last N\n"
	"       fetch-elexon [OPTION]... -\n"
	"\n"
	"Fetch the settlement stacks of each half hour from Elexon and print the curtailed wind as\n"
	"TSV rows, or store it.  With -, the periods are read from standard input, as rows with the\n"
	"columns settlement_date and settlement_period: what find-missing --periods prints.\n"
	"\n"
	"      --store            write to the database instead of printing\n"
	"      --verify           compare the source with the database, print what differs, write\n"
	"                         nothing; exit 1 if anything does\n"
	"      --periods A-B      only these settlement periods\n"
	"      --last N           the N settlement days up to yesterday\n"
	"      --side SIDE        bid (the stack with curtailment, the default), offer or both\n"
	"      --accept-suspect DATE\n"
	"                         accept the answers for DATE although they are suspect: a settled period\n"
	"                         without a row of any unit, much less than stored, or more than any\n"
	"                         unit can make (may be repeated)\n"
	"      --all-bids         also rows without the system operator's flag\n"
	"      --counts           with --store: read the source's counts of rows before and after; a half\n"
	"                         hour whose count changed meanwhile stays provisional\n"
	"      --archive DIR      keep each body, as sent, in the source's own paths below DIR\n"
	"      --base-url URL     another source; file:///DIR reads an archive\n"
	"      --units FILE       the wind units, where no database is used\n"
	HTTP_HELP OPTS_ROWS_HELP OPTS_HELP;

/* One request. */
struct ask {
	struct day *day;
	bool absent;
	instant_t as_of;		/* when the source said so */
	struct elexon_stack stack;
};

/* A day whose requests are under way. */
struct day {
	struct day *next;
	int outstanding;		/* periods */
	struct unit_set *units;
	int stacks_outstanding[MAX_PERIODS + 1];
	struct ask ask[MAX_PERIODS + 1][2];	/* by period and side */
	struct curtailed_day curtailed;
};

enum face { PRINT, STORE, VERIFY };

static const char *const suspect_columns[] = { "settlement_date", "settlement_period", "suspect", NULL };

struct fetch {
	enum face face;
	const char *archive, *units_path;
	char *base;
	bool from_disk;
	int first_side, last_side;
	bool all_bids, counting, ahead;	/* ahead: it was said that the clock is */
	struct source_counts before, after;
	char selection[16];
	struct tsv_writer out;		/* what is printed ... */
	struct tsv_writer rows;		/* ... and curtailment rows, gathered until their day is complete */
	PGconn *db;
	struct records records;
	struct units units;
	instant_t now;
	struct accepted_days accepted;

	struct plan plan;
	size_t at_day;			/* of the plan: the day that is next to be opened */
	struct day *oldest, *newest;	/* under way, in order */
	int n_under_way;
	int at_period, at_side;		/* of the newest day: what is asked next */

	int status;
	struct fetch_summary tally;
	long changed_meanwhile;		/* periods whose count of rows is another after the fetch */
	long missing_files, different;	/* periods; of --store, those that are suspect */
	struct progress progress;
};

/* Asking ------------------------------------------------------------------------------------- */

static struct unit_set *units_of(struct fetch *f, day_t day)
{
	struct unit_set *set = units_held(&f->units, day);

	if (set)
		return set;
	if (f->face == PRINT)
		return units_from_file(&f->units, f->units_path, day);
	records_finish(&f->records);
	return units_from_db(&f->units, f->db, day);
}

static void open_day(struct fetch *f)
{
	const struct plan_day *planned = &f->plan.days[f->at_day++];
	struct day *d = xmalloc(sizeof *d);

	*d = (struct day){ .units = units_of(f, planned->day) };
	curtailed_init(&d->curtailed, planned->day, planned->periods);
	d->outstanding = curtailed_count(&d->curtailed, PERIOD_AWAITED);
	for (int p = 1; p <= MAX_PERIODS; p++) {
		d->stacks_outstanding[p] = f->last_side - f->first_side + 1;
		for (int side = 0; side < 2; side++) {
			d->ask[p][side].day = d;
			elexon_stack_init(&d->ask[p][side].stack, planned->day, p, (enum elexon_side)side);
		}
	}
	if (f->newest)
		f->newest->next = d;
	else
		f->oldest = d;
	f->newest = d;
	f->n_under_way++;
	f->at_period = 1;
	f->at_side = f->first_side;
}

static bool is_wanted(const struct day *d, int period)
{
	return d->curtailed.period[period].state != PERIOD_NOT_WANTED;
}

static enum http_next next_request(void *ctx, struct http_request *req)
{
	struct fetch *f = ctx;
	struct ask *ask;

	for (;;) {
		while (f->n_under_way && f->at_period <= MAX_PERIODS && !is_wanted(f->newest, f->at_period))
			f->at_period++;
		if (f->n_under_way && f->at_period <= MAX_PERIODS)
			break;
		if (f->at_day == f->plan.n_days)
			return HTTP_END;
		if (f->n_under_way >= DAYS_AHEAD)
			return HTTP_HOLD;
		open_day(f);
	}
	ask = &f->newest->ask[f->at_period][f->at_side];
	buf_addf(&req->url, "%s/", f->base);
	elexon_stack_path(&ask->stack, &req->url);
	req->item = ask;
	if (f->at_side++ == f->last_side) {
		f->at_side = f->first_side;
		f->at_period++;
	}
	return HTTP_START;
}

/* A day is complete --------------------------------------------------------------------------- */

/* Each suspect period as a row, like the differences of --verify. */
static void print_suspects(struct fetch *f, const struct curtailed_day *d)
{
	for (int p = 1; p <= MAX_PERIODS; p++) {
		if (d->period[p].state != PERIOD_SUSPECT)
			continue;
		if (!f->different++)
			tsv_begin(&f->out, stdout, suspect_columns);
		tsv_plain(&f->out, d->text);
		tsv_int(&f->out, p);
		tsv_text(&f->out, d->period[p].doubt.text);
		tsv_end_row(&f->out);
	}
}

static void close_day(struct fetch *f, struct day *d)
{
	f->status = http_worse_status(f->status, fetched_day_check_absence(&d->curtailed, f->from_disk, f->now));
	if (f->from_disk)
		f->missing_files += curtailed_count_absent(&d->curtailed);
	fetched_day_warn(&d->curtailed);
	switch (f->face) {
	case PRINT:
		f->status = http_worse_status(f->status, fetched_day_check_alone(&d->curtailed));
		curtailed_print(&d->curtailed, &f->out);
		break;
	case VERIFY:
		records_doubt(f->db, &f->records, &d->curtailed);
		f->different += verify_day(f->db, &d->curtailed, &f->out);
		break;
	case STORE:
		records_store(&f->records, &d->curtailed);
		print_suspects(f, &d->curtailed);
		break;
	}
	flush_stdout();
	fetch_summary_add(&f->tally, &d->curtailed, d->units->complete);
	progress_show(&f->progress, fetch_summary_settled(&f->tally));
	units_give_back(d->units);
	curtailed_release(&d->curtailed);
	free(d);
}

static void close_finished_days(struct fetch *f)
{
	struct day *d;

	while ((d = f->oldest) && d->outstanding == 0) {
		f->oldest = d->next;
		if (!f->oldest)
			f->newest = NULL;
		f->n_under_way--;
		close_day(f, d);
	}
}

/* Answers ------------------------------------------------------------------------------------ */

static void fail_period(struct fetch *f, const struct ask *ask, int status, const char *why)
{
	struct curtailed_day *d = &ask->day->curtailed;

	d->period[ask->stack.period].state = PERIOD_FAILED;
	f->status = http_worse_status(f->status, status);
	log_error("%s %s", d->text, why);
}

/* The body of a period: its stack, or why not.  True when the request is settled. */
static bool take_stack(struct fetch *f, struct ask *ask, const struct buf *body)
{
	int number = ask->stack.period;
	enum elexon_side side = ask->stack.side;
	struct buf path = BUF_INIT;
	struct reason why;

	if (elexon_parse_stack(body->data, body->len, ask->day->curtailed.day, number, side, ask->day->units->units,
			       ask->day->units->n_units, &ask->stack, &why)) {
		if (f->archive) {
			elexon_stack_path(&ask->stack, &path);
			archive_write(f->archive, path.data, body);
			buf_release(&path);
		}
		return true;
	}
	elexon_stack_release(&ask->stack);
	if (!f->from_disk && why.answer == ANSWER_CUT)
		return false;
	fail_period(f, ask, answer_exit_status(why.answer), why.text);
	return true;
}

static void fail_request(struct fetch *f, const struct ask *ask, const struct http_reply *reply)
{
	enum period_state *state = &ask->day->curtailed.period[ask->stack.period].state;
	struct buf why = BUF_INIT;

	if (reply->outcome == HTTP_NOT_TRIED) {
		*state = PERIOD_NOT_TRIED;
		f->status = http_worse_status(f->status, EX_TEMPFAIL);
		return;
	}
	buf_addf(&why, "period %d: %s", ask->stack.period, reply->why);
	if (reply->attempts > 1)
		buf_addf(&why, ", after %d attempts", reply->attempts);
	fail_period(f, ask, http_exit_status(reply->outcome), why.data);
	buf_release(&why);
}

/*
 * Is the answer of a time before the half hour began, by the source's Date?  This machine's clock is ahead, or a cache
 * has kept what was said of the future: nothing is known.
 */
static bool is_of_future(const struct fetch *f, const struct ask *ask, const struct http_reply *reply)
{
	return !f->from_disk && reply->clock_ahead > 0 &&
	       ask->as_of < period_start(ask->day->curtailed.day, ask->stack.period);
}

/* The period fails; that the clock is ahead is said once. */
static void refuse_future(struct fetch *f, const struct ask *ask)
{
	char now[INSTANT_TEXT];

	if (!f->ahead)
		log_error("%s period %d has not begun at %s, which is the source's Date: set the clock of this machine",
			  ask->day->curtailed.text, ask->stack.period, instant_format(ask->as_of, now));
	f->ahead = true;
	f->status = http_worse_status(f->status, EX_TEMPFAIL);
	ask->day->curtailed.period[ask->stack.period].state = PERIOD_FAILED;
}

/* All stacks of a period are here: keep what is curtailment and let the rest go. */
static void settle_period(struct fetch *f, struct day *d, int number)
{
	struct curtailed_period *period = &d->curtailed.period[number];
	struct reason why;

	for (int side = f->first_side; side <= f->last_side && period->state == PERIOD_AWAITED; side++) {
		struct ask *ask = &d->ask[number][side];
		/* A file that is not there says nothing about the source: that is never final. */
		bool final = !(ask->absent && f->from_disk) && elexon_is_final(&ask->stack, ask->as_of);
		struct curtailed_source source = { .absent = ask->absent, .final = final };

		if (!curtailed_take(&d->curtailed, &ask->stack, source, d->units->units, d->units->n_units, f->all_bids, &why))
			fail_period(f, ask, EX_DATAERR, why.text);
		else if (ask->stack.odd.odd) {
			char where[64];

			snprintf(where, sizeof where, "%s period %d", d->curtailed.text, number);
			log_oddities(where, &ask->stack.odd);
		}
		if (ask->stack.repeated && period->state == PERIOD_AWAITED)
			log_warning("%s period %d: %s; a repeated line is kept once", d->curtailed.text, number,
				    ask->stack.first_repeated);
	}
	if (period->state == PERIOD_AWAITED)
		curtailed_settle(&d->curtailed, number, &f->rows);
	for (int side = 0; side < 2; side++)
		elexon_stack_release(&d->ask[number][side].stack);
}

static enum http_verdict take_answer(void *ctx, const struct http_request *req, const struct http_reply *reply)
{
	struct fetch *f = ctx;
	struct ask *ask = req->item;
	struct day *d = ask->day;
	int number = ask->stack.period;

	records_push(&f->records);
	ask->as_of = (instant_t)reply->as_of;
	if (reply->outcome != HTTP_BODY && reply->outcome != HTTP_ABSENT)
		fail_request(f, ask, reply);
	else if (is_of_future(f, ask, reply))
		refuse_future(f, ask);
	else if (reply->outcome == HTTP_ABSENT)
		ask->absent = true;
	else if (!take_stack(f, ask, reply->body))
		return HTTP_AGAIN;
	if (--d->stacks_outstanding[number] == 0) {
		settle_period(f, d, number);
		d->outstanding--;
		close_finished_days(f);
	}
	return HTTP_DONE;
}

/* -------------------------------------------------------------------------------------------- */

static void say_totals(const struct fetch *f, const struct http_totals *http)
{
	static const char *const done[] = { [PRINT] = "fetched", [STORE] = "stored", [VERIFY] = "verified" };
	const struct fetch_summary *t = &f->tally;
	struct buf more = BUF_INIT;

	if (f->missing_files)
		log_warning("%ld %s not in the archive: nothing is known of %s%s", f->missing_files,
			    plural(f->missing_files, "period is", "periods are"), plural(f->missing_files, "it", "them"),
			    f->face == STORE ? "; counted as provisional" : "");
	if (f->face == STORE)
		buf_addf(&more, " changed=%lld", f->records.changed);
	if (f->counting)
		buf_addf(&more, " counted=%ld changed_meanwhile=%ld", f->before.known, f->changed_meanwhile);
	if (f->face == VERIFY)
		buf_addf(&more, " not_checked=%ld equal=%ld different=%ld", t->failed + t->not_tried,
			 t->fetched + t->suspect - f->different, f->different);
	fetch_summary_say(t, done[f->face], f->plan.n_days, more.data ? more.data : "", http);
	buf_release(&more);
}

static void choose_side(struct fetch *f, const char *text)
{
	if (strcmp(text, "bid") != 0 && strcmp(text, "offer") != 0 && strcmp(text, "both") != 0)
		die(EX_USAGE, "--side %s: must be bid, offer or both", text);
	f->first_side = strcmp(text, "offer") == 0 ? ELEXON_OFFER : ELEXON_BID;
	f->last_side = strcmp(text, "bid") == 0 ? ELEXON_BID : ELEXON_OFFER;
	snprintf(f->selection, sizeof f->selection, "%s %s", text, f->all_bids ? "all" : "so");
}

static void set_face(struct fetch *f, enum face face)
{
	if (f->face != PRINT && f->face != face)
		die(EX_USAGE, "--store and --verify exclude each other");
	f->face = face;
}

static void make_plan(struct fetch *f, int argc, char **argv, const char *periods, const char *last)
{
	if (last && argc > 0)
		die(EX_USAGE, "--last and DATE exclude each other");
	if (argc == 1 && strcmp(argv[0], "-") == 0) {
		if (periods)
			die(EX_USAGE, "--periods does not go with periods from standard input");
		plan_read(&f->plan, argv[0]);
	} else {
		plan_range(&f->plan, last ? opts_last(last, f->now) : opts_days(argc, argv, f->now), periods, f->now);
	}
	plan_until(&f->plan, f->now);
}

static void release_fetch(struct fetch *f)
{
	units_release(&f->units);
	plan_release(&f->plan);
	fetch_summary_release(&f->tally);
	source_counts_release(&f->before);
	source_counts_release(&f->after);
	tsv_release(&f->out);
	tsv_release(&f->rows);
	free(f->base);
	PQfinish(f->db);
}

static void read_options(struct fetch *f, struct http_options *http, int argc, char **argv)
{
	enum { STORE_IT = 1, VERIFY_IT, PERIODS, LAST, SIDE, ALL_BIDS, ARCHIVE, BASE_URL, UNITS, ACCEPT, COUNTS };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, STORE_IT },
		{ "verify", no_argument, NULL, VERIFY_IT },
		{ "periods", required_argument, NULL, PERIODS },
		{ "accept-suspect", required_argument, NULL, ACCEPT },
		{ "last", required_argument, NULL, LAST },
		{ "side", required_argument, NULL, SIDE },
		{ "all-bids", no_argument, NULL, ALL_BIDS },
		{ "counts", no_argument, NULL, COUNTS },
		{ "archive", required_argument, NULL, ARCHIVE },
		{ "base-url", required_argument, NULL, BASE_URL },
		{ "units", required_argument, NULL, UNITS },
		HTTP_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	const char *periods = NULL, *last = NULL, *side = "bid", *url = NULL;
	int c;

	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE_IT:  set_face(f, STORE); break;
		case VERIFY_IT: set_face(f, VERIFY); break;
		case PERIODS:   periods = optarg; break;
		case LAST:      last = optarg; break;
		case SIDE:      side = optarg; break;
		case ALL_BIDS:  f->all_bids = true; break;
		case COUNTS:    f->counting = true; break;
		case ARCHIVE:   f->archive = optarg; break;
		case BASE_URL:  url = optarg; break;
		case UNITS:     f->units_path = optarg; break;
		case ACCEPT:    accepted_days_add(&f->accepted, optarg, f->now); break;
		default:
			if (!http_option(http, c, optarg) && !opts_rows(c, &f->out))
				opts_common(c, help);
		}
	}
	if (f->units_path && f->face != PRINT)
		die(EX_USAGE, "--units is for use without a database, which has units of its own");
	if (f->accepted.n && f->face != STORE)
		die(EX_USAGE, "--accept-suspect goes with --store");
	if (f->counting && f->face != STORE)
		die(EX_USAGE, "--counts goes with --store");
	choose_side(f, side);
	f->base = http_base_url(url, "WINDFALL_ELEXON_URL", ELEXON_URL);
	f->from_disk = url_is_file(f->base);
	f->counting &= !f->from_disk;	/* an archive does not change */
	make_plan(f, argc - optind, argv + optind, periods, last);
}

static void begin(struct fetch *f)
{
	if (f->face != PRINT) {
		f->db = db_connect();
		records_begin(&f->records, f->db, f->selection, f->from_disk);
	}
	f->records.now = f->now;
	f->records.accepted = &f->accepted;
	if (f->face == PRINT)
		f->rows.format = f->out.format;
	tsv_begin(&f->out, f->face == STORE ? NULL : stdout, f->face == VERIFY ? verify_columns : curtailed_columns);
	tsv_begin(&f->rows, NULL, curtailed_columns);
	fetch_summary_init(&f->tally);
	if (f->plan.n_days > 1)
		progress_begin(&f->progress, f->plan.n_periods, "periods");
}

int main(int argc, char **argv)
{
	struct http_options http = HTTP_OPTIONS_INIT;
	struct fetch f = { .now = time(NULL) };
	struct http_totals totals;
	int status;

	tool_begin(argc, argv);
	http_environment(&http);
	read_options(&f, &http, argc, argv);
	begin(&f);
	if (f.counting)
		source_counts_read(&f.before, &http, f.base, &f.plan);
	http_run(&http, next_request, take_answer, &f, &totals);
	records_finish(&f.records);
	if (f.face == STORE)
		statistics_refresh(f.db, "{curtailment_records,ingested_periods}", f.records.changed);
	if (f.counting && f.before.known) {
		source_counts_read(&f.after, &http, f.base, &f.plan);
		f.changed_meanwhile = source_counts_doubt(f.db, &f.plan, &f.before, &f.after);
	}
	progress_end(&f.progress);
	say_totals(&f, &totals);
	status = f.status ? f.status : f.different ? EX_DIFFERENCES : EX_OK;
	release_fetch(&f);
	flush_stdout();
	return status;
}

/*
 * fetch-replacement - what it cost to turn others up in place of curtailed wind
 *
 * The order of the work: which half hours are wanted (from the rows on standard input, or from what the database
 * holds and lacks), ask for the offer stack of each, choose the offers that take the wind's place, and when a day
 * has all of its own, print or store it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/plural.h"
#include "calculation/energy_sums_io.h"
#include "cli/input.h"
#include "cli/opts.h"
#include "curtailment/accepted_days_io.h"
#include "curtailment/bm_units_db.h"
#include "curtailment/elexon.h"
#include "curtailment/elexon_stack.h"
#include "curtailment/replacement.h"
#include "curtailment/replacement_db.h"
#include "db/day_set.h"
#include "db/db.h"
#include "db/statistics.h"
#include "exact/energy.h"
#include "format/tsv.h"
#include "format/url.h"
#include "net/http.h"
#include "os/file.h"
#include "os/log.h"
#include "os/progress.h"

/* Half hours whose answers may be under way or held until their day is complete. */
enum { AHEAD = 16 * MAX_PERIODS };

static const char help[] =
	"usage: fetch-replacement [OPTION]... <curtailment rows\n"
	"       fetch-replacement --store [OPTION]... {DATE [TO] | --last N | - <dates}\n"
	"\n"
	"Calculate what it cost to turn others up in place of the wind that was turned down: for each\n"
	"half hour, fetch the offer stack of all fuels from Elexon, and take its offers in order until\n"
	"the curtailed energy is reached, the last in part; the cost is original price x MWh taken.\n"
	"\n"
	"As a filter: read curtailment rows (settlement_date, settlement_period, farm_id, volume), as\n"
	"fetch-elexon prints them, and print one row per half hour.  No database is used.\n"
	"\n"
	"With --store: for the days given, fetch what is missing, not final, or of other curtailment\n"
	"than is stored now; with -, the days are those of the column settlement_date.\n"
	"\n"
	"      --offers           print the offers taken, one row each, instead of their sums\n"
	"      --store            write to the database\n"
	"      --force            with --store: fetch what is known and final again, too\n"
	"      --accept-suspect DATE\n"
	"                         accept the answers for DATE although they are suspect: a settled half hour\n"
	"                         without any offer, or much less than stored (may be repeated)\n"
	"      --last N           the N settlement days up to yesterday\n"
	"      --archive DIR      keep each body, as sent, in the source's own paths below DIR\n"
	"      --base-url URL     another source; file:///DIR reads an archive\n"
	HTTP_HELP OPTS_ROWS_HELP OPTS_HELP
	"\n"
	"A half hour whose offers the source does not have is not known, never zero; a suspect answer is\n"
	"listed (settlement_date, settlement_period, suspect) with exit 1, and what is stored stays.\n"
	"\n"
	"  fetch-elexon 2026-07-10 | fetch-replacement\n";

enum fate { AWAITED, KNOWN, UNKNOWN };

/* A half hour that is wanted, and what came. */
struct ask {
	struct replacement_want want;
	enum fate fate;
	struct buf costs, offers;	/* rows, while their day is not complete */
};

struct fetch {
	struct day_set days;
	bool storing, print_offers, force, from_disk;
	const char *archive;
	char *base;
	PGconn *db;			/* NULL: filter */
	struct units units;
	instant_t now;
	struct accepted_days accepted;

	struct ask *asks;
	size_t n_asks, next, oldest;	/* asked so far; not yet printed or stored */
	struct progress progress;
	struct tsv_writer out, costs, offers;
	bool header_printed;

	int status;
	long known, final, absent, empty, suspect, failed, short_of;
	long long changed;
};

static const char *const printed_columns[] = {
	"settlement_date", "settlement_period", "status", "curtailed_mwh", "replaced_mwh", "cost", "offers", "rows_seen",
	"source_created_at", NULL
};
static const char *const suspect_columns[] = { "settlement_date", "settlement_period", "suspect", NULL };

/* What is wanted ----------------------------------------------------------------------------- */

/* The curtailed energy of each half hour in the rows on standard input, each farm's rounded as everywhere. */
static void want_rows(struct replacement_wants *wants)
{
	static const char *const columns[] = { "settlement_date", "settlement_period", "farm_id", "volume", NULL };
	struct pair_sums *sums = pairs_new(0);
	struct replacement_want want = { 0 };
	struct tsv_reader in;
	struct pair pair;
	struct reason why;
	day_t day;
	int got;

	input_open_rows(&in, "-", columns, 4);
	while (input_row(&in)) {
		energy_t energy;
		int period;

		input_curtailment(&in, columns, &day, &period, &energy);
		if (!pairs_add(sums, day, period, in.value[2], energy, &why))
			die(pairs_disk_failed(sums) ? EX_IOERR : EX_DATAERR, "standard input, line %ld: %s", in.line_number, why.text);
	}
	if (!pairs_finish(sums, &why))
		die(pairs_disk_failed(sums) ? EX_IOERR : EX_DATAERR, "%s", why.text);
	while ((got = pairs_next(sums, &day, &pair, &why)) > 0) {
		if (want.curtailed > 0 && (want.day != day || want.period != pair.period))
			replacement_want_add(wants, &want);
		if (want.day != day || want.period != pair.period)
			want = (struct replacement_want){ .day = day, .period = pair.period };
		want.curtailed += pair.nmwh;
	}
	if (got < 0)
		die(pairs_disk_failed(sums) ? EX_IOERR : EX_DATAERR, "%s", why.text);
	if (want.curtailed > 0)
		replacement_want_add(wants, &want);
	input_close_rows(&in);
	pairs_free(sums);
}

static void want_stored(struct fetch *f, struct replacement_wants *wants)
{
	struct day_range stretch;

	for (day_t day = 0; day_set_stretch(&f->days, day, &stretch); day = stretch.to + 1) {
		f->changed += replacement_forget(f->db, stretch);
		replacement_add_wanted(f->db, stretch, f->force, wants);
	}
}

static void plan(struct fetch *f)
{
	struct replacement_wants wants = { 0 };

	if (f->db)
		want_stored(f, &wants);
	else
		want_rows(&wants);
	f->asks = xmalloc((wants.n + 1) * sizeof *f->asks);
	for (size_t i = 0; i < wants.n; i++)
		f->asks[f->n_asks++] = (struct ask){ .want = wants.list[i] };
	free(wants.list);
}

/* Asking ------------------------------------------------------------------------------------- */

static enum http_next next_request(void *ctx, struct http_request *req)
{
	struct fetch *f = ctx;
	struct elexon_stack stack;

	if (f->next == f->n_asks)
		return HTTP_END;
	if (f->next - f->oldest >= AHEAD)
		return HTTP_HOLD;
	elexon_stack_init(&stack, f->asks[f->next].want.day, f->asks[f->next].want.period, ELEXON_OFFER);
	buf_addf(&req->url, "%s/", f->base);
	elexon_stack_path(&stack, &req->url);
	req->item = &f->asks[f->next++];
	return HTTP_START;
}

/* Days that are complete --------------------------------------------------------------------- */

/* Print or store the rows of a day: asks from..to - 1. */
static void close_day(struct fetch *f, size_t from, size_t to)
{
	struct buf costs = BUF_INIT, offers = BUF_INIT;

	for (size_t i = from; i < to; i++) {
		buf_add(&costs, f->asks[i].costs.data, f->asks[i].costs.len);
		buf_add(&offers, f->asks[i].offers.data, f->asks[i].offers.len);
		buf_release(&f->asks[i].costs);
		buf_release(&f->asks[i].offers);
	}
	if (!f->db)
		tsv_rows(&f->out, f->print_offers ? &offers : &costs);
	else if (costs.len)
		f->changed += replacement_store(f->db, f->asks[from].want.day, &costs, &offers);
	buf_release(&costs);
	buf_release(&offers);
}

static void close_finished_days(struct fetch *f)
{
	while (f->oldest < f->n_asks) {
		size_t end = f->oldest;

		while (end < f->n_asks && f->asks[end].want.day == f->asks[f->oldest].want.day)
			if (f->asks[end++].fate == AWAITED)
				return;
		close_day(f, f->oldest, end);
		f->oldest = end;
	}
	progress_show(&f->progress, (long)f->oldest);
}

/* Answers ------------------------------------------------------------------------------------ */

static const char *name_of(const struct ask *ask, char text[DAY_TEXT + 16])
{
	char date[DAY_TEXT];

	snprintf(text, DAY_TEXT + 16, "%s period %d", day_format(ask->want.day, date), ask->want.period);
	return text;
}

static void fail(struct fetch *f, const struct ask *ask, int status, const char *why)
{
	char name[DAY_TEXT + 16], date[DAY_TEXT];

	f->failed++;
	f->status = http_worse_status(f->status, status);
	if (strncmp(why, "period ", 7) == 0)
		log_error("offers of %s %s", day_format(ask->want.day, date), why);
	else
		log_error("offers of %s: %s", name_of(ask, name), why);
}

static bool is_wind_alone(struct fetch *f, const struct elexon_stack *stack)
{
	struct unit_set *set = units_held(&f->units, stack->day);
	bool alone;

	if (!set)
		set = f->db ? units_from_db(&f->units, f->db, stack->day) : units_from_file(&f->units, NULL, stack->day);
	alone = replacement_is_wind_alone(stack, set->units, set->n_units);
	units_give_back(set);
	return alone;
}

/* An archive may hold a part of the market, or what was sent before the period was settled: that says nothing of the
 * source, and the half hour is not in the archive. */
static bool is_archive_of_less(struct fetch *f, const struct elexon_stack *stack)
{
	return f->from_disk && (stack->rows_seen == 0 || is_wind_alone(f, stack));
}

/* An answer that is less than can be is listed, unless a person accepts it; false if it can be used. */
static bool list_doubtful(struct fetch *f, const struct ask *ask, const struct elexon_stack *stack, bool settled)
{
	char name[DAY_TEXT + 16], date[DAY_TEXT];
	struct reason why;

	if (!replacement_doubt(stack->rows_seen, settled, is_wind_alone(f, stack), ask->want.stored_rows, &why))
		return false;
	if (accepted_days_has(&f->accepted, ask->want.day)) {
		log_warning("offers of %s: %s; accepted", name_of(ask, name), why.text);
		return false;
	}
	log_warning("offers of %s are suspect: %s; the cost is not known%s", name_of(ask, name), why.text,
		    ask->want.stored_rows ? " again, and the stored rows stay" : "");
	f->suspect++;
	if (f->db) {
		if (!f->header_printed)
			tsv_begin(&f->out, stdout, suspect_columns);
		f->header_printed = true;
		tsv_plain(&f->out, day_format(ask->want.day, date));
		tsv_int(&f->out, ask->want.period);
		tsv_text(&f->out, why.text);
		tsv_end_row(&f->out);
	}
	return true;
}

/* Choose the offers, and keep the rows until the day is complete. */
static void replace(struct fetch *f, struct ask *ask, const struct elexon_stack *stack, bool final)
{
	char name[DAY_TEXT + 16];
	struct decimal lacking;
	struct replacement r;
	struct reason why;

	if (!replacement_choose(stack, ask->want.curtailed, &r, &why)) {
		fail(f, ask, EX_DATAERR, why.text);
		replacement_release(&r);
		return;
	}
	if (r.unpriced)
		log_warning("offers of %s: %d without a price, left out", name_of(ask, name), r.unpriced);
	if (r.implausible)
		log_warning("offers of %s: row %d (%s): %.32s MWh at %.32s GBP a MWh is implausible: it is taken as sent (%d such)",
			    name_of(ask, name), r.implausible->number, r.implausible->id, r.implausible->volume,
			    r.implausible->original_price, r.n_implausible);
	replacement_put(&f->costs, stack, &r, final, *ask->want.as_of ? ask->want.as_of : NULL);
	replacement_put_offers(&f->offers, stack, &r);
	buf_add(&ask->costs, f->costs.line.data, f->costs.line.len);
	buf_add(&ask->offers, f->offers.line.data, f->offers.line.len);
	buf_clear(&f->costs.line);
	buf_clear(&f->offers.line);
	f->known++;
	f->final += final;
	decimal_init(&lacking);
	decimal_set_int(&lacking, r.curtailed, 9);
	f->short_of += decimal_cmp(&r.replaced, &lacking) < 0;
	decimal_release(&lacking);
	replacement_release(&r);
	ask->fate = KNOWN;
}

/* Returns false for a body that was cut, which is to be asked for again. */
static bool take_body(struct fetch *f, struct ask *ask, const struct http_reply *reply)
{
	char name[DAY_TEXT + 16];
	struct elexon_stack stack;
	struct buf path = BUF_INIT;
	struct reason why;
	bool final;

	if (!elexon_parse_offers(reply->body->data, reply->body->len, ask->want.day, ask->want.period, &stack, &why)) {
		elexon_stack_release(&stack);
		if (!f->from_disk && why.answer == ANSWER_CUT)
			return false;
		fail(f, ask, answer_exit_status(why.answer), why.text);
		return true;
	}
	if (f->archive) {
		elexon_stack_path(&stack, &path);
		archive_write(f->archive, path.data, reply->body);
		buf_release(&path);
	}
	final = elexon_is_final(&stack, (instant_t)reply->as_of);
	if (stack.odd.odd) {
		char where[DAY_TEXT + 32];

		snprintf(where, sizeof where, "offers of %s", name_of(ask, name));
		log_oddities(where, &stack.odd);
	}
	if (stack.repeated)
		log_warning("offers of %s: %s; a repeated line is kept once", name_of(ask, name), stack.first_repeated);
	if (stack.doubled.n)
		log_warning("offers of %s: %s, under another sequence number: both count (%d such)", name_of(ask, name),
			    stack.doubled.first, stack.doubled.n);
	if (is_archive_of_less(f, &stack))
		f->absent++;
	else if (!list_doubtful(f, ask, &stack, final)) {
		if (stack.rows_seen == 0 && !final)
			f->empty++;
		else
			replace(f, ask, &stack, final);
	}
	elexon_stack_release(&stack);
	return true;
}

static enum http_verdict take_answer(void *ctx, const struct http_request *req, const struct http_reply *reply)
{
	struct fetch *f = ctx;
	struct ask *ask = req->item;

	if (reply->outcome == HTTP_BODY) {
		if (!take_body(f, ask, reply))
			return HTTP_AGAIN;
	} else if (reply->outcome == HTTP_ABSENT) {
		f->absent++;
	} else if (reply->outcome == HTTP_NOT_TRIED) {
		f->failed++;
		f->status = http_worse_status(f->status, EX_TEMPFAIL);
	} else {
		fail(f, ask, http_exit_status(reply->outcome), reply->why);
	}
	if (ask->fate == AWAITED)
		ask->fate = UNKNOWN;
	close_finished_days(f);
	return HTTP_DONE;
}

/* -------------------------------------------------------------------------------------------- */

static void read_options(struct fetch *f, struct http_options *http, int argc, char **argv)
{
	enum { STORE = 1, OFFERS, FORCE, ACCEPT, LAST, ARCHIVE, BASE_URL };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, STORE },
		{ "offers", no_argument, NULL, OFFERS },
		{ "force", no_argument, NULL, FORCE },
		{ "accept-suspect", required_argument, NULL, ACCEPT },
		{ "last", required_argument, NULL, LAST },
		{ "archive", required_argument, NULL, ARCHIVE },
		{ "base-url", required_argument, NULL, BASE_URL },
		HTTP_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	const char *last = NULL, *url = NULL;
	int c;

	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE:    f->storing = true;      break;
		case OFFERS:   f->print_offers = true; break;
		case FORCE:    f->force = true;        break;
		case LAST:     last = optarg;          break;
		case ARCHIVE:  f->archive = optarg;    break;
		case BASE_URL: url = optarg;           break;
		case ACCEPT:   accepted_days_add(&f->accepted, optarg, f->now); break;
		default:
			if (!http_option(http, c, optarg) && !opts_rows(c, &f->out))
				opts_common(c, help);
		}
	}
	if (f->storing && f->print_offers)
		die(EX_USAGE, "--offers is for the filter; with --store, replacement_offers holds them");
	if (!f->storing && (last || optind < argc || f->force))
		die(EX_USAGE, "%s with --store; as a filter, fetch-replacement reads standard input",
		    f->force ? "--force goes" : "dates go");
	if (f->storing && !day_set_args(&f->days, argc - optind, argv + optind, last, f->now))
		die(EX_USAGE, "--store needs DATE [TO], --last N, or - for dates on standard input");
	f->base = http_base_url(url, "WINDFALL_ELEXON_URL", ELEXON_URL);
	f->from_disk = url_is_file(f->base);
}

static void begin(struct fetch *f)
{
	f->db = f->storing ? db_connect() : NULL;
	if (!f->db)
		f->costs.format = f->offers.format = f->out.format;
	tsv_begin(&f->costs, NULL, f->db ? replacement_columns : printed_columns);
	tsv_begin(&f->offers, NULL, replacement_offer_columns);
	if (!f->db)
		tsv_begin(&f->out, stdout, f->print_offers ? replacement_offer_columns : printed_columns);
}

static void report_totals(const struct fetch *f, const struct http_totals *http)
{
	if (f->absent)
		log_warning("the %s no offer stack of %ld %s: the replacement cost is not known",
			    f->from_disk ? "archive holds" : "source has", f->absent, plural(f->absent, "half hour", "half hours"));
	log_fact(LOG_INFO, f->db ? "stored" : "fetched",
		 "periods=%zu known=%ld final=%ld short=%ld absent=%ld not_yet=%ld suspect=%ld failed=%ld changed=%lld requests=%ld",
		 f->n_asks, f->known, f->final, f->short_of, f->absent, f->empty, f->suspect, f->failed, f->changed, http->started);
}

static void release_fetch(struct fetch *f)
{
	free(f->asks);
	units_release(&f->units);
	free(f->base);
	tsv_release(&f->out);
	tsv_release(&f->costs);
	tsv_release(&f->offers);
	PQfinish(f->db);
}

int main(int argc, char **argv)
{
	static struct fetch f;
	struct http_options http = HTTP_OPTIONS_INIT;
	struct http_totals totals = { 0 };
	int status;

	tool_begin(argc, argv);
	f.now = time(NULL);
	http_environment(&http);
	read_options(&f, &http, argc, argv);
	begin(&f);
	plan(&f);
	progress_begin(&f.progress, (long)f.n_asks, "periods");
	if (f.n_asks)
		http_run(&http, next_request, take_answer, &f, &totals);
	progress_end(&f.progress);
	if (f.db)
		statistics_refresh(f.db, "{replacement_costs,replacement_offers}", f.changed);
	report_totals(&f, &totals);
	status = f.status ? f.status : f.suspect ? EX_DIFFERENCES : EX_OK;
	release_fetch(&f);
	flush_stdout();
	return status;
}

/*
 * audit-source - compare the payments with the publisher's own settled cash flows
 *
 * The order of the work, day by day: ask for the cash flows of both sides, compare those of bids with the records,
 * ask for the stacks of the half hours that differ, explain what they explain, print the rest unit by unit, and
 * store.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/plural.h"
#include "cli/opts.h"
#include "curtailment/bm_units_db.h"
#include "curtailment/cashflows.h"
#include "curtailment/elexon.h"
#include "curtailment/settled_db.h"
#include "db/day_set.h"
#include "db/db.h"
#include "format/tsv.h"
#include "format/url.h"
#include "net/http.h"
#include "os/log.h"

static const char help[] =
	"usage: audit-source [--store] [OPTION]... {DATE [TO] | --last N | - <dates}\n"
	"\n"
	"Compare the stored payments with the cash flows that Elexon settled (indicative period BM unit\n"
	"cash flows): of each wind unit and half hour, volume x price x transmission loss multiplier with\n"
	"what was settled for its bids, to a penny.  Print what differs, one row per unit and reason:\n"
	"settlement_date farm_id reason periods settled expected difference.\n"
	"\n"
	"      --store            store the settled pounds, which summary shows beside the payment\n"
	"      --last N           the N settlement days up to yesterday\n"
	"      --base-url URL     another source; file:///DIR reads an archive\n"
	HTTP_HELP OPTS_ROWS_HELP OPTS_HELP
	"\n"
	"Reasons that explain: unfetched, multiplier_missing (the records have none), not_flagged (bids\n"
	"without the SO flag).  Those that do not: records_differ (the source gives another stack now),\n"
	"not_in_source, unexplained.\n"
	"Exit: 0 everything is equal or explained, 1 something is not, 75 a day is not settled yet.\n";

static const char *const columns[] = {
	"settlement_date", "farm_id", "reason", "periods", "settled", "expected", "difference", NULL
};

struct audit {
	struct day_set days;
	bool storing, from_disk;
	struct http_options http;
	char *base;
	PGconn *db;
	struct units units;
	struct tsv_writer out;
	instant_t now;
	int status;
	long checked, not_checked, explained, unexplained;
	long long changed;
};

/* One day --------------------------------------------------------------------------------------- */

/* One request: the cash flows of a side, or the stack of bids of a half hour. */
struct ask {
	int period;			/* 0: cash flows */
	enum elexon_side side;
	bool usable;
};

struct day {
	struct audit *audit;
	char text[DAY_TEXT];
	day_t day;
	struct unit_set *units;
	struct cashflows sides[2];
	struct settled_differences differences;
	struct ask asks[MAX_PERIODS + 1];
	int n_asks, next;
};

static enum http_next next_request(void *ctx, struct http_request *req)
{
	struct day *d = ctx;
	struct elexon_stack stack;
	struct ask *ask;

	if (d->next == d->n_asks)
		return HTTP_END;
	ask = &d->asks[d->next++];
	buf_addf(&req->url, "%s/", d->audit->base);
	if (ask->period) {
		elexon_stack_init(&stack, d->day, ask->period, ELEXON_BID);
		elexon_stack_path(&stack, &req->url);
	} else {
		cashflows_path(&d->sides[ask->side], &req->url);
	}
	req->item = ask;
	return HTTP_START;
}

static void fail(struct day *d, const struct ask *ask, int status, const char *why)
{
	d->audit->status = http_worse_status(d->audit->status, status);
	if (ask->period)
		log_error("stack of %s: %s", d->text, why);
	else
		log_error("cash flows of %s, %ss: %s", d->text, elexon_side_name(ask->side), why);
}

static bool parse(struct day *d, struct ask *ask, const struct buf *body, struct reason *why)
{
	struct elexon_stack stack;
	bool ok;

	if (!ask->period) {
		cashflows_release(&d->sides[ask->side]);
		return cashflows_parse(&d->sides[ask->side], body->data, body->len, why);
	}
	ok = elexon_parse_stack(body->data, body->len, d->day, ask->period, ELEXON_BID, d->units->units, d->units->n_units,
				&stack, why);
	if (ok)
		settled_explain(&d->differences, &stack);
	elexon_stack_release(&stack);
	return ok;
}

static enum http_verdict take_answer(void *ctx, const struct http_request *req, const struct http_reply *reply)
{
	struct day *d = ctx;
	struct ask *ask = req->item;
	struct reason why;

	if (reply->outcome == HTTP_BODY) {
		ask->usable = parse(d, ask, reply->body, &why);
		if (!ask->usable && !d->audit->from_disk && why.answer == ANSWER_CUT)
			return HTTP_AGAIN;
		if (!ask->usable)
			fail(d, ask, answer_exit_status(why.answer), why.text);
	} else if (reply->outcome == HTTP_ABSENT) {
		fail(d, ask, EX_UNAVAILABLE,
		     d->audit->from_disk ? "the archive does not hold them" : "the source has none; check the address");
	} else if (reply->outcome == HTTP_NOT_TRIED) {
		d->audit->status = http_worse_status(d->audit->status, EX_TEMPFAIL);
	} else {
		fail(d, ask, http_exit_status(reply->outcome), reply->why);
	}
	return HTTP_DONE;
}

static void run_asks(struct day *d)
{
	d->next = 0;
	if (d->n_asks)
		http_run(&d->audit->http, next_request, take_answer, d, NULL);
}

/* Is this side's answer one that can be compared?  It is of every unit with an acceptance, some thousand rows a day. */
static bool can_be_all(struct day *d, enum elexon_side side, int stored_rows)
{
	const struct cashflows *c = &d->sides[side];
	char where[64];

	if (!d->asks[side].usable)
		return false;
	snprintf(where, sizeof where, "cash flows of %s, %ss", d->text, elexon_side_name(side));
	log_oddities(where, &c->odd);
	if (c->rows_seen == 0)
		log_error("%s: no row of any unit, though the day is settled", where);
	else if (2 * c->rows_seen < stored_rows)
		log_error("%s: %d %s, where there were %d", where, c->rows_seen, plural(c->rows_seen, "row", "rows"), stored_rows);
	else
		return true;
	d->audit->status = http_worse_status(d->audit->status, EX_PROTOCOL);
	return false;
}

/* Most of what is stored is not in the answer: that is no comparison. */
static bool lacks_most(struct day *d)
{
	if (2 * d->differences.lacking <= d->differences.stored_pairs)
		return false;
	log_error("cash flows of %s, bids: they lack %ld of the %ld half hours of units that are stored", d->text,
		  d->differences.lacking, d->differences.stored_pairs);
	d->audit->status = http_worse_status(d->audit->status, EX_PROTOCOL);
	return true;
}

/* Ask for the stacks of the half hours with something that is not explained yet. */
static void ask_stacks(struct day *d)
{
	const struct settled_differences *all = &d->differences;

	d->n_asks = 0;
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].reason > SETTLED_NOT_FLAGGED &&
		    (d->n_asks == 0 || d->asks[d->n_asks - 1].period != all->list[i].period))
			d->asks[d->n_asks++] = (struct ask){ .period = all->list[i].period, .side = ELEXON_BID };
	run_asks(d);
}

static int by_unit(const void *x, const void *y)
{
	const struct settled_difference *a = *(const struct settled_difference *const *)x;
	const struct settled_difference *b = *(const struct settled_difference *const *)y;
	int order = strcmp(a->unit, b->unit);

	if (!order)
		order = (a->reason > b->reason) - (a->reason < b->reason);
	return order ? order : (a->period > b->period) - (a->period < b->period);
}

/* One row for the n differences from first on, which are of one unit and reason. */
static void print_unit(struct day *d, struct settled_difference *const *first, size_t n)
{
	struct tsv_writer *w = &d->audit->out;
	struct decimal settled, expected;

	decimal_init(&settled);
	decimal_init(&expected);
	for (size_t i = 0; i < n; i++) {
		decimal_add(&settled, &settled, &first[i]->settled);
		decimal_add(&expected, &expected, &first[i]->expected);
	}
	tsv_plain(w, d->text);
	tsv_text(w, first[0]->unit);
	tsv_plain(w, settled_reason_name(first[0]->reason));
	tsv_int(w, (int64_t)n);
	tsv_decimal(w, &settled, DECIMAL_TRIM_ZEROS);
	tsv_decimal(w, &expected, DECIMAL_TRIM_ZEROS);
	decimal_sub(&settled, &settled, &expected);
	tsv_decimal(w, &settled, DECIMAL_TRIM_ZEROS);
	tsv_end_row(w);
	decimal_release(&settled);
	decimal_release(&expected);
}

/* Print the differences; returns how many half hours of units nothing explains. */
static long print_differences(struct day *d)
{
	const struct settled_differences *all = &d->differences;
	struct settled_difference **sorted = xmalloc((all->n + 1) * sizeof *sorted);
	long unexplained = 0;

	for (size_t i = 0; i < all->n; i++) {
		sorted[i] = &all->list[i];
		unexplained += all->list[i].reason > SETTLED_NOT_FLAGGED;
	}
	if (all->n)
		qsort(sorted, all->n, sizeof *sorted, by_unit);
	for (size_t i = 0, end; i < all->n; i = end) {
		for (end = i + 1; end < all->n && strcmp(sorted[end]->unit, sorted[i]->unit) == 0 &&
		     sorted[end]->reason == sorted[i]->reason; end++)
			;
		print_unit(d, &sorted[i], end - i);
	}
	free(sorted);
	d->audit->explained += (long)all->n - unexplained;
	d->audit->unexplained += unexplained;
	return unexplained;
}

/* The source may still change what it has of a day: nothing is compared with that. */
static bool is_settled(const struct day *d)
{
	return d->audit->now >= day_final_from(d->day);
}

static void refuse_unsettled(struct day *d)
{
	log_warning("%s is not settled yet: not compared", d->text);
	d->audit->status = http_worse_status(d->audit->status, EX_TEMPFAIL);
}

static bool compare(struct day *d)
{
	int stored_rows[2];
	bool bids, offers;
	long unexplained;

	settled_rows_stored(d->audit->db, d->day, stored_rows);
	d->n_asks = 2;
	d->asks[ELEXON_BID] = (struct ask){ .side = ELEXON_BID };
	d->asks[ELEXON_OFFER] = (struct ask){ .side = ELEXON_OFFER };
	run_asks(d);
	bids = can_be_all(d, ELEXON_BID, stored_rows[ELEXON_BID]);
	offers = can_be_all(d, ELEXON_OFFER, stored_rows[ELEXON_OFFER]);
	if (!bids)
		return false;
	settled_compare(d->audit->db, &d->sides[ELEXON_BID], d->units->units, d->units->n_units, &d->differences);
	if (lacks_most(d))
		return false;
	ask_stacks(d);
	unexplained = print_differences(d);
	if (d->audit->storing && offers)
		d->audit->changed += settled_store(d->audit->db, d->sides, d->units->units, d->units->n_units, &d->differences,
						   unexplained);
	return true;
}

static void audit_day(struct audit *a, day_t day)
{
	struct day d = { .audit = a, .day = day, .units = units_held(&a->units, day) };
	bool compared = false;

	if (!d.units)
		d.units = units_from_db(&a->units, a->db, day);
	day_format(day, d.text);
	cashflows_init(&d.sides[ELEXON_BID], day, ELEXON_BID);
	cashflows_init(&d.sides[ELEXON_OFFER], day, ELEXON_OFFER);
	if (is_settled(&d))
		compared = compare(&d);
	else
		refuse_unsettled(&d);
	if (compared)
		a->checked++;
	else
		a->not_checked++;
	cashflows_release(&d.sides[ELEXON_BID]);
	cashflows_release(&d.sides[ELEXON_OFFER]);
	settled_differences_release(&d.differences);
	units_give_back(d.units);
}

/* ----------------------------------------------------------------------------------------------- */

static void read_options(struct audit *a, int argc, char **argv)
{
	enum { STORE = 1, LAST, BASE_URL };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, STORE },
		{ "last", required_argument, NULL, LAST },
		{ "base-url", required_argument, NULL, BASE_URL },
		HTTP_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	const char *url = NULL, *last = NULL;
	int c;

	http_environment(&a->http);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE:    a->storing = true; break;
		case LAST:     last = optarg;     break;
		case BASE_URL: url = optarg;      break;
		default:
			if (!http_option(&a->http, c, optarg) && !opts_rows(c, &a->out))
				opts_common(c, help);
		}
	}
	if (!day_set_args(&a->days, argc - optind, argv + optind, last, a->now))
		die(EX_USAGE, "DATE [TO], --last N, or - for dates on standard input is needed");
	a->base = http_base_url(url, "WINDFALL_ELEXON_URL", ELEXON_URL);
	a->from_disk = url_is_file(a->base);
}

int main(int argc, char **argv)
{
	static struct audit a = { .http = HTTP_OPTIONS_INIT };
	struct day_range stretch;
	int status;

	tool_begin(argc, argv);
	a.now = time(NULL);
	read_options(&a, argc, argv);
	a.db = db_connect();
	tsv_begin(&a.out, stdout, columns);
	for (day_t day = 0; day_set_stretch(&a.days, day, &stretch); day = stretch.to + 1)
		for (day_t each = stretch.from; each <= stretch.to; each++)
			audit_day(&a, each);
	log_fact(LOG_INFO, "compared", "days=%ld not_checked=%ld explained=%ld unexplained=%ld changed=%lld", a.checked,
		 a.not_checked, a.explained, a.unexplained, a.changed);
	status = a.status ? a.status : a.unexplained ? EX_DIFFERENCES : EX_OK;
	units_release(&a.units);
	tsv_release(&a.out);
	PQfinish(a.db);
	free(a.base);
	flush_stdout();
	return status;
}

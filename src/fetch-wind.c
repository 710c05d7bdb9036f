/*
 * fetch-wind - fetch wind generation, half hour by half hour
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "cli/opts.h"
#include "curtailment/elexon.h"
#include "curtailment/wind.h"
#include "db/day_set.h"
#include "db/db.h"
#include "db/stage.h"
#include "db/statistics.h"
#include "exact/calendar.h"
#include "format/tsv.h"
#include "format/url.h"
#include "net/http.h"
#include "os/log.h"

#define PATH "generation/actual/per-type/wind-and-solar"

enum { DAYS_AN_ANSWER = 6 };	/* the source gives seven, and a day may have 25 hours */

static const char *const columns[] = { "settlement_date", "settlement_period", "onshore_mwh", "offshore_mwh", NULL };

static const char help[] =
	"usage: fetch-wind [--store] {DATE [TO] | --last N | - <dates}\n"
	"\n"
	"Fetch the wind generation of each settlement period from Elexon (actual generation per type),\n"
	"onshore and offshore in MWh, and print it as rows or store it.\n"
	"\n"
	"      --store            write to the database; only differences are written\n"
	"      --last N           the N settlement days up to yesterday\n"
	"      --base-url URL     another source; file:///DIR reads an archive\n"
	HTTP_HELP OPTS_ROWS_HELP OPTS_HELP
	"\n"
	"A period that the source lacks is left out; a warning names days without any.  An odd row costs\n"
	"only its half hour, with a warning, and what was stored of it stays; an answer that is mostly bad\n"
	"costs its days (65), and so does a missing one.  An archive that lacks the days, or a\n"
	"source without data for days long past, is an error: the other days are still fetched, and the\n"
	"exit status is 69.\n";

struct fetch {
	const struct http_options *http;
	const char *base;
	bool from_disk;
	PGconn *db;			/* NULL: print */
	struct tsv_writer out;
	instant_t now;
	long rows, changed, empty_days, absent_days;
	int status;			/* of an answer that could not be used; the others are */
	int failed_in_a_row;		/* answers that may come later */
};

/*
 * "Not found" is no answer about generation.  Of days that are long over it is rather a wrong address,
 * and an archive without the file never held it; of the newest days there may be nothing yet.
 */
static bool doubt_absence(struct fetch *f, struct day_range days, const char *from, const char *to)
{
	if (!f->from_disk && f->now < day_final_from(days.from))
		return false;
	f->absent_days += days.to - days.from + 1;
	log_error(f->from_disk ? "%s to %s: the archive holds no wind generation of these days"
			       : "%s to %s: the source has no wind generation for these days; check the address", from, to);
	return true;
}

/* What the source says of some days, or that it has nothing there; false if it does not answer as one that works. */
static bool ask(struct fetch *f, struct buf *url, const char *from, const char *to, bool *there, struct buf *body)
{
	struct http_request req = { .url = *url };
	struct reason why;
	enum http_outcome outcome = http_ask(f->http, &req, body, &why);
	int status = http_exit_status(outcome);

	*there = outcome == HTTP_BODY;
	f->failed_in_a_row = status == EX_TEMPFAIL ? f->failed_in_a_row + 1 : 0;
	if (!status)
		return true;
	f->status = http_worse_status(f->status, status);
	log_error("wind generation of %s to %s: %s", from, to, why.text);
	return false;
}

/* Read the answer for some days; false if there is none, or it cannot be believed, which costs these days alone. */
static bool fetch_days(struct fetch *f, struct day_range days, struct wind_day *wind)
{
	struct buf url = BUF_INIT, body = BUF_INIT;
	char from[DAY_TEXT], to[DAY_TEXT], first[INSTANT_TEXT], last[INSTANT_TEXT];
	struct oddities odd = ODDITIES_INIT;
	struct reason why;
	bool there, usable;

	day_format(days.from, from);
	day_format(days.to, to);
	/* The source filters by the start of the half hours; an archive has a file for each answer. */
	instant_format(period_start(days.from, 1), first);
	instant_format(period_start(days.to, settlement_periods(days.to)), last);
	if (f->from_disk)
		buf_addf(&url, "%s/" PATH "/%s/%s", f->base, from, to);
	else
		buf_addf(&url, "%s/" PATH "?from=%s&to=%s&format=json", f->base, first, last);
	usable = ask(f, &url, from, to, &there, &body);
	memset(wind, 0, sizeof *wind * (size_t)(days.to - days.from + 1));
	if (usable && there && !wind_parse(body.data, body.len, days.from, days.to, f->now, wind, &odd, &why)) {
		usable = false;
		f->status = http_worse_status(f->status, answer_exit_status(why.answer));
		log_error("wind generation of %s to %s: %s", from, to, why.text);
	}
	if (usable)
		log_oddities("wind generation", &odd);
	oddities_release(&odd);
	buf_release(&url);
	buf_release(&body);
	return usable && (there || !doubt_absence(f, days, from, to));
}

/* Add a day's rows to the output, or to what is to be stored. */
static void add_day(struct fetch *f, day_t day, const struct wind_day *wind)
{
	char date[DAY_TEXT];
	long before = f->rows;

	day_format(day, date);
	for (int n = 1; n <= settlement_periods(day); n++) {
		const struct wind_period *p = &wind->period[n];

		if (!*p->mwh[WIND_ONSHORE] && !*p->mwh[WIND_OFFSHORE])
			continue;
		tsv_plain(&f->out, date);
		tsv_int(&f->out, n);
		tsv_plain(&f->out, *p->mwh[WIND_ONSHORE] ? p->mwh[WIND_ONSHORE] : NULL);
		tsv_plain(&f->out, *p->mwh[WIND_OFFSHORE] ? p->mwh[WIND_OFFSHORE] : NULL);
		tsv_end_row(&f->out);
		f->rows++;
	}
	if (f->rows == before) {
		f->empty_days++;
		log_warning("the source has no wind generation for %s", date);
	}
}

/* One transaction a day.  A figure that the source lacks, or contradicts, keeps what was known. */
static void store_day(struct fetch *f, day_t day)
{
	db_begin(f->db, "");
	db_lock_day(f->db, day, 60);
	db_stage(f->db, "wind_generation", columns, f->out.line.data, f->out.line.len);
	f->changed += db_merge_known(f->db, "wind_generation", columns, 2, 2);
	db_exec(f->db, "commit");
	buf_clear(&f->out.line);
}

/* A source that was down twice, each time after all attempts, is not asked for the rest. */
static bool is_down(const struct fetch *f)
{
	return f->failed_in_a_row >= 2;
}

/* False if the source is down. */
static bool fetch_stretch(struct fetch *f, struct day_range stretch)
{
	static struct wind_day wind[DAYS_AN_ANSWER];
	char date[DAY_TEXT];

	for (day_t from = stretch.from; from <= stretch.to; from += DAYS_AN_ANSWER) {
		day_t to = from + DAYS_AN_ANSWER - 1 < stretch.to ? from + DAYS_AN_ANSWER - 1 : stretch.to;

		if (is_down(f)) {
			log_error("the source is down: wind generation from %s on is not tried", day_format(from, date));
			return false;
		}
		if (!fetch_days(f, (struct day_range){ from, to }, wind))
			continue;
		for (day_t day = from; day <= to; day++) {
			add_day(f, day, &wind[day - from]);
			if (f->db)
				store_day(f, day);
		}
	}
	return true;
}

/* Returns the address of the source; the caller frees it. */
static char *read_options(int argc, char **argv, struct fetch *f, struct http_options *http, struct day_set *wanted,
			  bool *storing)
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

	http_environment(http);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE:    *storing = true; break;
		case LAST:     last = optarg;  break;
		case BASE_URL: url = optarg;   break;
		default:
			if (!http_option(http, c, optarg) && !opts_rows(c, &f->out))
				opts_common(c, help);
		}
	}
	if (!day_set_args(wanted, argc - optind, argv + optind, last, f->now))
		die(EX_USAGE, "DATE [TO], --last N, or - for dates on standard input is needed");
	return http_base_url(url, "WINDFALL_ELEXON_URL", ELEXON_URL);
}

int main(int argc, char **argv)
{
	static struct day_set wanted;
	struct http_options http = HTTP_OPTIONS_INIT;
	struct fetch f = { .http = &http, .now = time(NULL) };
	struct day_range stretch;
	bool storing = false;
	char *base;

	tool_begin(argc, argv);
	f.base = base = read_options(argc, argv, &f, &http, &wanted, &storing);
	f.from_disk = url_is_file(base);
	f.db = storing ? db_connect() : NULL;
	tsv_begin(&f.out, storing ? NULL : stdout, columns);
	for (day_t day = 0; day_set_stretch(&wanted, day, &stretch) && fetch_stretch(&f, stretch); )
		day = stretch.to + 1;
	log_fact(LOG_INFO, storing ? "stored" : "fetched", "days=%ld rows=%ld changed=%ld empty_days=%ld absent_days=%ld",
		 wanted.n_days, f.rows, f.changed, f.empty_days, f.absent_days);
	if (f.db)
		statistics_refresh(f.db, "{wind_generation}", f.changed);
	PQfinish(f.db);
	tsv_release(&f.out);
	free(base);
	flush_stdout();
	return http_worse_status(f.status, f.absent_days ? EX_UNAVAILABLE : EX_OK);
}

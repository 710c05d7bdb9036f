/*
 * fetch-prices - fetch the price of a bitcoin, day by day
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "base/plural.h"
#include "bitcoin/price.h"
#include "cli/currency.h"
#include "cli/input.h"
#include "cli/opts.h"
#include "db/db.h"
#include "db/stage.h"
#include "exact/calendar.h"
#include "exact/instant_ns.h"
#include "format/tsv.h"
#include "format/url.h"
#include "net/http.h"
#include "os/log.h"

static const char *const columns[] = { "price_date", "currency", "price", "source", NULL };
static const char *const file_columns[] = { "price_date", "price", "currency", NULL };

static const char help[] =
	"usage: fetch-prices [OPTION]...\n"
	"\n"
	"Fetch the price of a bitcoin for each day (UTC) and print it as rows, or store it; each day's value\n"
	"at mining uses it.  Today's price is left out: the day is not over.\n"
	"\n"
	"      --store            write to the database; only differences are written\n"
	"      --currency C       " CURRENCY_KNOWN ";\n"
	"                         by default the one that WINDFALL_CURRENCY names, or USD\n"
	"      --source S         blockchain (USD only, the default for it), mempool (the default for the\n"
	"                         others), or file\n"
	"      --file FILE        TSV or CSV with the columns price_date and price, and optionally currency,\n"
	"                         of which other currencies are skipped; - means standard input\n"
	"      --since DATE       only prices from this day on\n"
	"      --base-url URL     another address of the source; file:///DIR reads an archive\n"
	HTTP_HELP OPTS_ROWS_HELP OPTS_HELP;

enum source { BLOCKCHAIN, MEMPOOL, PRICE_FILE };
static const char *const source_name[] = { "blockchain", "mempool", "file" };

struct options {
	enum source source;
	const char *currency;		/* of the prices */
	const char *file, *url;
	day_t since, until;		/* until is exclusive: today */
	bool storing, live;		/* live: a source that goes on, no archive and no file */
	struct http_options http;
	struct tsv_writer out;
};

static void read_source(struct options *o, struct price_history *history, struct oddities *odd)
{
	static const char *const live[] = { "https://api.blockchain.info", "https://mempool.space" };
	static const char *const variable[] = { "WINDFALL_BLOCKCHAIN_URL", "WINDFALL_MEMPOOL_URL" };
	char *base = http_base_url(o->url, variable[o->source], live[o->source]);
	struct buf url = BUF_INIT, body = BUF_INIT;
	struct reason why;
	bool file = url_is_file(base), ok;

	if (o->source == BLOCKCHAIN)
		buf_addf(&url, "%s/charts/market-price%s", base, file ? "" : "?timespan=all&sampled=false&format=json");
	else
		buf_addf(&url, "%s/api/v1/historical-price%s%s", base, file ? "" : "?currency=", file ? "" : o->currency);
	free(base);
	o->live = !file;
	if (!http_get(&o->http, url.data, &body))
		die(EX_PROTOCOL, "the source has no price history there: is the base URL right?");
	ok = o->source == BLOCKCHAIN ? price_read_blockchain(body.data, body.len, history, odd, &why)
				     : price_read_mempool(body.data, body.len, o->currency, history, odd, &why);
	if (!ok)
		die(answer_exit_status(why.answer), "price history: %s", why.text);
	buf_release(&url);
	buf_release(&body);
}

/* Rows in another currency are another history's. */
struct passed_over {
	long rows, first_line;
	char first[16];
};

static bool is_other_currency(const char *said, const char *currency)
{
	return said && *said && strcasecmp(said, currency) != 0;
}

static void pass_over(struct passed_over *other, const struct table_rows *rows)
{
	if (other->rows++ > 0)
		return;
	other->first_line = rows->table.line;
	snprintf(other->first, sizeof other->first, "%s", rows->value[2]);
}

/* A day, its beginning on no clock that is named, as tables of days are often written, or an instant of which the date
 * is UTC's: another clock's midnight would be of the day before or after. */
static bool read_when(const char *text, day_t *day, int *second)
{
	char date[DAY_TEXT];
	struct instant_ns read;
	struct reason why;
	instant_t when;

	*second = 0;
	snprintf(date, sizeof date, "%.10s", text);
	if (day_parse(date, day) && (text[strlen(date)] == '\0' || strcmp(text + strlen(date), " 00:00:00") == 0))
		return true;
	if (!instant_ns_parse(&read, text, false, &why) || !instant_parse(read.micros, &when))
		return false;
	*day = (day_t)(when / DAY_SECONDS);
	*second = (int)(when % DAY_SECONDS);
	day_format(*day, date);
	return strncmp(text, date, strlen(date)) == 0;
}

/* A person's file: a date or a price that cannot be costs its row. */
static void read_file(const struct options *o, struct price_history *history, struct oddities *odd)
{
	struct passed_over other = { 0 };
	char price[PRICE_TEXT];
	struct table_rows rows;
	struct reason why;
	int second;
	day_t day;

	input_open_table(&rows, o->file, file_columns, 2);
	while (input_table_row(&rows)) {
		if (is_other_currency(rows.value[2], o->currency)) {
			pass_over(&other, &rows);
			continue;
		}
		odd->rows++;
		if (!rows.value[0] || !read_when(rows.value[0], &day, &second))
			oddities_note(odd, "line %ld: price_date \"%.40s\" is not a date (YYYY-MM-DD, in UTC)", rows.table.line,
				      rows.value[0] ? rows.value[0] : "");
		else if (!rows.value[1] || !*rows.value[1])
			continue;
		else if (price_parse(rows.value[1], price, &why))
			price_history_add_at(history, day, second, price);
		else
			oddities_note(odd, "line %ld: price: %s", rows.table.line, why.text);
	}
	input_close_table(&rows);
	if (other.rows)
		log_warning("%s: %ld %s skipped as not in %s: the first, on line %ld, is in %s", input_name(o->file),
			    other.rows, plural(other.rows, "row is", "rows are"), o->currency, other.first_line, other.first);
	price_history_sort(history, "price", odd);
	price_history_drop_absurd(history, PRICE_JUMP, "price", odd);
	if (oddities_prevail(odd, &why))
		die(EX_DATAERR, "%s: %s", input_name(o->file), why.text);
}

/* Write the rows asked for to the output, or to what is to be stored; how many. */
static long add_rows(struct options *o, const struct price_history *history)
{
	char date[DAY_TEXT];
	long n = 0;

	for (size_t i = 0; i < history->n; i++) {
		const struct day_price *row = &history->rows[i];

		if (row->day < o->since || row->day >= o->until)
			continue;
		tsv_plain(&o->out, day_format(row->day, date));
		tsv_plain(&o->out, o->currency);
		tsv_plain(&o->out, row->price);
		tsv_plain(&o->out, source_name[o->source]);
		tsv_end_row(&o->out);
		n++;
	}
	return n;
}

/* Between two prices a fortnight apart or less the earlier holds; beyond that nothing is known. */
static void warn_of_holes(const struct options *o, const struct price_history *history)
{
	struct price_holes holes = price_history_holes(history);

	if (holes.days)
		log_warning("%s: %ld %s none between the first and the last price, %ld in a row at the most; a day's value is "
			    "then taken at the last price before it, and marked so, unless that is over a fortnight old",
			    source_name[o->source], holes.days, plural(holes.days, "day has", "days have"), holes.longest);
}

/* A day after the last price has none, however near.  Sources are a day or two late. */
#define LATE_DAYS 4

static void warn_of_end(const struct options *o, const struct price_history *history)
{
	day_t last = history->rows[history->n - 1].day;
	long days = o->until - 1 - last;
	char date[DAY_TEXT];

	if (o->live && days >= LATE_DAYS)
		log_warning("%s: its latest price is of %s, and the %ld days since then have none", source_name[o->source],
			    day_format(last, date), days);
}

static const char known_sql[] =
	"select price_date, price from bitcoin_prices where currency = $1 order by price_date";

/* What a source says of days long gone does not become another in most of them. */
static void check_known(PGconn *db, const struct options *o, const struct price_history *history)
{
	PGresult *res = db_query(db, known_sql, DB_ARGS(o->currency));
	struct price_history known = PRICE_HISTORY_INIT;
	struct reason why;
	bool agrees;
	day_t day;

	for (int i = 0; i < PQntuples(res); i++)
		if (day_parse(PQgetvalue(res, i, 0), &day))
			price_history_add(&known, day, PQgetvalue(res, i, 1));
	agrees = price_history_agrees(history, &known, PRICE_COMMON, &why);
	price_history_release(&known);
	PQclear(res);
	if (!agrees)
		die(EX_DATAERR, "%s: %s: are these prices in %s, and of these days? Nothing is stored; if those stored are "
		    "wrong, delete them (table bitcoin_prices)", source_name[o->source], why.text, o->currency);
}

static void store(struct options *o, const struct price_history *history, long n_rows)
{
	PGconn *db = db_connect();
	long long changed;

	check_known(db, o, history);
	db_begin(db, "");
	db_stage(db, "bitcoin_prices", columns, o->out.line.data, o->out.line.len);
	changed = db_merge(db, "bitcoin_prices", columns, 2, 1);	/* who says the same price does not matter */
	db_exec(db, "commit");
	log_fact(LOG_INFO, "stored", "rows=%ld changed=%lld currency=%s source=%s", n_rows, changed, o->currency,
		 source_name[o->source]);
	PQfinish(db);
}

static enum source source_named(const char *name)
{
	for (int i = BLOCKCHAIN; i <= PRICE_FILE; i++)
		if (strcmp(name, source_name[i]) == 0)
			return (enum source)i;
	die(EX_USAGE, "--source %s: must be blockchain, mempool or file", name);
}

static void read_options(int argc, char **argv, struct options *o)
{
	enum { STORE = 1, CURRENCY, SOURCE, FILE_NAME, SINCE, BASE_URL };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, STORE },
		{ "currency", required_argument, NULL, CURRENCY },
		{ "source", required_argument, NULL, SOURCE },
		{ "file", required_argument, NULL, FILE_NAME },
		{ "since", required_argument, NULL, SINCE },
		{ "base-url", required_argument, NULL, BASE_URL },
		HTTP_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	instant_t now = time(NULL);
	bool named = false;
	int c;

	o->until = (day_t)(now / DAY_SECONDS);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE:     o->storing = true;    break;
		case CURRENCY:  o->currency = optarg; break;
		case FILE_NAME: o->file = optarg;     break;
		case BASE_URL:  o->url = optarg;      break;
		case SINCE:     o->since = opts_day(optarg, now); break;
		case SOURCE:
			o->source = source_named(optarg);
			named = true;
			break;
		default:
			if (!http_option(&o->http, c, optarg) && !opts_rows(c, &o->out))
				opts_common(c, help);
		}
	}
	if (optind < argc)
		die(EX_USAGE, "%s: no operand is expected; see fetch-prices --help", argv[optind]);
	if (o->file && !named)
		o->source = PRICE_FILE;
	if ((o->source == PRICE_FILE) != (o->file != NULL))
		die(EX_USAGE, "--source file and --file go together");
	if (!o->currency)
		o->currency = currency_configured();
	else if (!currency_is_known(o->currency))
		die(EX_USAGE, "--currency %s: write one of " CURRENCY_KNOWN ", in capitals", o->currency);
	if (!named && o->source == BLOCKCHAIN && strcmp(o->currency, "USD") != 0)
		o->source = MEMPOOL;
	if (o->source == BLOCKCHAIN && strcmp(o->currency, "USD") != 0)
		die(EX_USAGE, "blockchain.info knows prices in USD only; try --source mempool");
}

int main(int argc, char **argv)
{
	struct options o = { .http = HTTP_OPTIONS_INIT };
	struct price_history history = PRICE_HISTORY_INIT;
	struct oddities odd = ODDITIES_INIT;
	struct reason why;
	long n_rows;

	tool_begin(argc, argv);
	http_environment(&o.http);
	read_options(argc, argv, &o);
	if (o.source == PRICE_FILE)
		read_file(&o, &history, &odd);
	else
		read_source(&o, &history, &odd);
	price_history_drop_before_bitcoin(&history, &odd);
	price_history_drop_impossible(&history, o.currency, &odd);
	if (oddities_prevail(&odd, &why))
		die(EX_DATAERR, "%s: %s", source_name[o.source], why.text);
	price_history_drop_after(&history, o.until, "price", &odd);
	price_history_note_leaps(&history, PRICE_JUMP, "price", &odd);
	price_history_note_standstills(&history, &odd);
	log_oddities(source_name[o.source], &odd);
	if (history.n == 0)
		die(EX_DATAERR, "the source has no price in %s", o.currency);
	warn_of_holes(&o, &history);
	warn_of_end(&o, &history);
	tsv_begin(&o.out, o.storing ? NULL : stdout, columns);
	n_rows = add_rows(&o, &history);
	if (o.storing)
		store(&o, &history, n_rows);
	price_history_release(&history);
	oddities_release(&odd);
	tsv_release(&o.out);
	return flush_stdout();
}

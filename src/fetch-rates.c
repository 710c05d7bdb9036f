/*
 * fetch-rates - fetch exchange rates from the European Central Bank
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "bitcoin/exchange_rate.h"
#include "cli/input.h"
#include "cli/opts.h"
#include "db/db.h"
#include "db/stage.h"
#include "exact/calendar.h"
#include "format/tsv.h"
#include "net/http.h"
#include "os/log.h"

static const char *const columns[] = { "rate_date", "currency", "per_euro", "source", NULL };

static const char newest_sql[] =
	"select min(newest) from (select max(rate_date) as newest from exchange_rates group by currency) c";

/* What is known of the days of the rates read, and just before, so that the first of them is seen beside something. */
static const char known_sql[] =
	"select rate_date, currency, per_euro, rate_date >= $1::date"
	"  from exchange_rates where rate_date >= $1::date - 10 order by rate_date";

static const char help[] =
	"usage: fetch-rates [OPTION]...\n"
	"\n"
	"Fetch the euro's reference rates of the European Central Bank for each working day and print them\n"
	"as rows, or store them: how many pounds, dollars, francs, yen, Canadian and Australian dollars one\n"
	"euro bought.  With them, summaries show in pounds what bitcoin is worth in another currency.\n"
	"Weekends and bank holidays have no rate.\n"
	"\n"
	"      --store            write to the database; only differences are written\n"
	"      --since DATE       only rates from this day on; otherwise with --store those from ten days\n"
	"                         before the latest stored, or else all since 1999\n"
	"      --file FILE        the bank's eurofxref as XML or CSV (unzipped), or rows that this printed;\n"
	"                         - means standard input\n"
	"      --base-url URL     another address of the source; file:///DIR reads an archive\n"
	HTTP_HELP OPTS_ROWS_HELP OPTS_HELP;

struct options {
	const char *file, *url;
	day_t since, today;		/* since 0: as the help says */
	bool storing;
	struct http_options http;
	struct tsv_writer out;
};

/* The bank has the last 90 days in a document of their own; the whole history is some eight megabytes. */
static const char *document(const struct options *o)
{
	return o->since >= o->today - 80 ? "eurofxref-hist-90d.xml" : "eurofxref-hist.xml";
}

static void read_source(const struct options *o, struct exchange_rates *rates, struct oddities *odd)
{
	char *base = http_base_url(o->url, "WINDFALL_ECB_URL", "https://www.ecb.europa.eu/stats/eurofxref");
	struct buf url = BUF_INIT, body = BUF_INIT;
	struct reason why;

	buf_addf(&url, "%s/%s", base, document(o));
	free(base);
	if (!http_get(&o->http, url.data, &body))
		die(EX_PROTOCOL, "the source has no %s there: is the base URL right?", document(o));
	if (!exchange_rates_read_xml(rates, body.data, body.len, odd, &why))
		die(answer_exit_status(why.answer), "exchange rates: %s", why.text);
	buf_release(&url);
	buf_release(&body);
}

/* The whole of what a person named, without a byte order mark. */
static void read_bytes(const struct options *o, struct buf *bytes)
{
	size_t mark;

	input_read_whole(o->file, o->http.max_body, bytes);
	buf_addc(bytes, '\n');		/* there is something, and its last line has an end */
	mark = text_mark(bytes->data, bytes->len);
	memmove(bytes->data, bytes->data + mark, bytes->len + 1 - mark);
	bytes->len -= mark;
}

/* A person's file: whatever is wrong with it is an error of theirs. */
static void read_file(const struct options *o, struct exchange_rates *rates, struct oddities *odd)
{
	struct buf bytes = BUF_INIT;
	struct reason why;
	FILE *table;
	bool ok;

	read_bytes(o, &bytes);
	if (bytes.data[strspn(bytes.data, " \t\r\n")] == '<') {
		ok = exchange_rates_read_xml(rates, bytes.data, bytes.len, odd, &why);
	} else {
		/* The one added is the last byte. */
		if (bytes.len > 1 && bytes.data[bytes.len - 2] != '\n')
			log_warning("%s: the last line has no end; it is taken as whole", input_name(o->file));
		table = fmemopen(bytes.data, bytes.len, "r");
		if (!table)
			die(EX_OSERR, "out of memory");
		ok = exchange_rates_read_table(rates, table, odd, &why);
		fclose(table);
	}
	if (!ok)
		die(EX_DATAERR, "%s: %s", input_name(o->file), why.text);
	buf_release(&bytes);
}

/* 0 if there is none. */
static day_t last_day(const struct price_history *h)
{
	day_t last = 0;

	for (size_t k = 0; k < h->n; k++)
		if (h->rows[k].day > last)
			last = h->rows[k].day;
	return last;
}

/* The bank gives all of a day at once; with holidays it is silent for five days at the most. */
#define LATE_DAYS 5

/* A currency that the bank gives up ends before the others, or is absent of recent days: of pounds, in which all is
 * shown, that is said too.  A person's file may have one alone. */
static void warn_of_ends(const struct options *o, const struct exchange_rates *rates)
{
	char ended[DAY_TEXT], date[DAY_TEXT];
	day_t last = 0, day;

	for (int i = 0; i < RATE_CURRENCIES; i++)
		if ((day = last_day(&rates->of[i])) > last)
			last = day;
	for (int i = 0; i < RATE_CURRENCIES; i++) {
		day = last_day(&rates->of[i]);
		if (day && last - day > LATE_DAYS)
			log_warning("%s: its latest rate of %s is of %s, and others go on to %s", o->file ? input_name(o->file) : "ecb",
				    rate_currency[i], day_format(day, ended), day_format(last, date));
		else if (!day && last && !o->file && i == rate_currency_find("GBP", 3))
			log_warning("ecb: it has no rate of GBP, and others to %s", day_format(last, date));
	}
}

/* The day that --store begins from: some days before the latest stored, of the currency that lacks most; 0 for all. */
static day_t begin_from(PGconn *db)
{
	char *newest = db_value(db, newest_sql, DB_NO_ARGS);
	day_t day = 0;

	if (newest && day_parse(newest, &day))
		day -= 10;
	free(newest);
	return day;
}

/* Add what is stored of the days before the first that was read, which is returned; what is stored of the days since
 * goes to known. */
static day_t add_known(PGconn *db, struct exchange_rates *rates, struct exchange_rates *known)
{
	char first_day[DAY_TEXT];
	day_t first = rates->tomorrow, day;
	PGresult *res;

	for (int i = 0; i < RATE_CURRENCIES; i++)
		for (size_t k = 0; k < rates->of[i].n; k++)
			if (rates->of[i].rows[k].day < first)
				first = rates->of[i].rows[k].day;
	res = db_query(db, known_sql, DB_ARGS(day_format(first, first_day)));
	for (int row = 0; row < PQntuples(res); row++) {
		const char *code = PQgetvalue(res, row, 1);
		int which = rate_currency_find(code, strlen(code));

		if (which >= 0 && day_parse(PQgetvalue(res, row, 0), &day))
			exchange_rates_add(*PQgetvalue(res, row, 3) == 't' ? known : rates, which, day, PQgetvalue(res, row, 2));
	}
	PQclear(res);
	return first;
}

/* The bank does not change what it has published. */
static void check_known(const struct exchange_rates *rates, const struct exchange_rates *known)
{
	struct reason why;

	for (int i = 0; i < RATE_CURRENCIES; i++)
		if (!price_history_agrees(&rates->of[i], &known->of[i], RATE_COMMON, &why))
			die(EX_DATAERR, "exchange rates: %s: %s: are these how many %s one euro bought on these days? Nothing is stored; if "
			    "those stored are wrong, delete them (table exchange_rates)", rate_currency[i], why.text,
			    rate_currency[i]);
}

/* Write the rates from this day on to the output, or to what is to be stored, currency by currency; how many. */
static long add_rows(struct options *o, const struct exchange_rates *rates, day_t from)
{
	char date[DAY_TEXT];
	long n = 0;

	for (int i = 0; i < RATE_CURRENCIES; i++)
		for (size_t k = 0; k < rates->of[i].n; k++) {
			const struct day_price *row = &rates->of[i].rows[k];

			if (row->day < from)
				continue;
			tsv_plain(&o->out, day_format(row->day, date));
			tsv_plain(&o->out, rate_currency[i]);
			tsv_plain(&o->out, row->price);
			tsv_plain(&o->out, o->file ? "file" : "ecb");
			tsv_end_row(&o->out);
			n++;
		}
	return n;
}

static void store(PGconn *db, struct options *o, long n_rows)
{
	long long changed;

	db_begin(db, "");
	db_stage(db, "exchange_rates", columns, o->out.line.data, o->out.line.len);
	changed = db_merge(db, "exchange_rates", columns, 2, 1);	/* who says the same rate does not matter */
	db_exec(db, "commit");
	log_fact(LOG_INFO, "stored", "rates=%ld changed=%lld", n_rows, changed);
}

static void read_options(int argc, char **argv, struct options *o)
{
	enum { STORE = 1, FILE_NAME, SINCE, BASE_URL };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, STORE },
		{ "since", required_argument, NULL, SINCE },
		{ "file", required_argument, NULL, FILE_NAME },
		{ "base-url", required_argument, NULL, BASE_URL },
		HTTP_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	instant_t now = time(NULL);
	int c;

	o->today = (day_t)(now / DAY_SECONDS);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE:     o->storing = true;              break;
		case SINCE:     o->since = opts_day(optarg, now); break;
		case FILE_NAME: o->file = optarg;               break;
		case BASE_URL:  o->url = optarg;                break;
		default:
			if (!http_option(&o->http, c, optarg) && !opts_rows(c, &o->out))
				opts_common(c, help);
		}
	}
	if (optind < argc)
		die(EX_USAGE, "%s: no operand is expected; see fetch-rates --help", argv[optind]);
	if (o->file && o->url)
		die(EX_USAGE, "--file and --base-url do not go together");
}

int main(int argc, char **argv)
{
	struct options o = { .http = HTTP_OPTIONS_INIT };
	struct exchange_rates rates, known;
	struct oddities odd = ODDITIES_INIT;
	struct reason why;
	PGconn *db;
	day_t from;
	long n_rows;

	tool_begin(argc, argv);
	o.http.xml = true;
	http_environment(&o.http);
	read_options(argc, argv, &o);
	exchange_rates_init(&rates, o.today + 1);
	exchange_rates_init(&known, o.today + 1);
	db = o.storing ? db_connect() : NULL;
	if (db && !o.since && !o.file)
		o.since = begin_from(db);
	if (o.file)
		read_file(&o, &rates, &odd);
	else
		read_source(&o, &rates, &odd);
	warn_of_ends(&o, &rates);
	from = db ? add_known(db, &rates, &known) : 0;
	if (!exchange_rates_settle(&rates, &odd, &why))
		die(EX_DATAERR, "exchange rates: %s", why.text);
	log_oddities(o.file ? input_name(o.file) : "ecb", &odd);
	check_known(&rates, &known);
	tsv_begin(&o.out, db ? NULL : stdout, columns);
	n_rows = add_rows(&o, &rates, from > o.since ? from : o.since);
	if (db)
		store(db, &o, n_rows);
	PQfinish(db);
	exchange_rates_release(&rates);
	exchange_rates_release(&known);
	oddities_release(&odd);
	tsv_release(&o.out);
	return flush_stdout();
}

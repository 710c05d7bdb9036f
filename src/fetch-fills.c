/*
 * fetch-fills - fetch the fills of an exchange account, or read its exports
 *
 * The source is Coinbase Advanced Trade, read with a key that may only view, or the CSV files that
 * it exports.  Rows are printed, or with --store put into exchange_fills.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/plural.h"
#include "cli/input.h"
#include "cli/opts.h"
#include "coinbase/client_net.h"
#include "db/db.h"
#include "format/tsv.h"
#include "ledger/exports_db.h"
#include "ledger/fill_rows_io.h"
#include "ledger/fills_db.h"
#include "os/log.h"
#include "query/orders-against-fills.h"

static const char *const difference_columns[] = { "order_id", "product_id", "field", "order", "fills", NULL };

static const char help[] =
	"usage: fetch-fills [--store [--all | --overlap DAYS] [--orders]] [--product P]... [--since T]\n"
	"                   [--until T]\n"
	"       fetch-fills [--store] [--product P]... [--since T] [--until T] --csv FILE...\n"
	"\n"
	"Fetch the fills (executions) of the account whose key is given, every page to the end, and\n"
	"print them; or read them from the exchange's own CSV exports, of any generation.  Futures and\n"
	"perpetuals, whose sizes count contracts, are reported and left out.\n"
	"\n"
	"      --product P        only this product, such as BTC-USD; may be repeated\n"
	"      --since T          from this instant on: YYYY-MM-DD (UTC midnight) or RFC 3339 with its zone\n"
	"      --until T          before this instant\n"
	"      --csv FILE...      read these exports instead; - is standard input\n"
	OPTS_ROWS_HELP
	"\n"
	"With --store: put them into the database, one row per trade however it arrived.  Without --since:\n"
	"from the end of the span known to be complete, less the overlap.\n"
	"\n"
	"      --store            write to the database\n"
	"      --all              the whole history, even where it is known\n"
	"      --overlap DAYS     fetch the last DAYS of the known span again (1)\n"
	"      --orders           fetch the orders too, and compare their totals with the sum of their fills:\n"
	"                         differences are printed, and the exit status is 1\n"
	"\n"
	EXCHANGE_HELP
	OPTS_HELP
	"\n"
	"  COINBASE_KEY_FILE=~/.cdp-key.json fetch-fills --product BTC-USD --since 2025-01-01\n"
	"  fetch-fills --store --csv fills.csv 'Coinbase 2025.csv'\n";

enum { MAX_NAMED = 256 };

struct settings {
	bool store, orders, all;
	double overlap;
	struct exchange_options exchange;
	struct exchange_query query;
	const char *products[MAX_NAMED];
	const char *files[MAX_NAMED];
	size_t n_files;
	struct tsv_writer out;
};

/* From the interface --------------------------------------------------------------------------- */

struct taking {
	struct settings *s;
	struct fill_counts counts;
	void *printed;			/* entry ids: a page may move while the listing is read */
};

static void print_fills(void *ctx, const struct coinbase_fill *fills, size_t n)
{
	struct taking *t = ctx;

	for (size_t i = 0; i < n; i++) {
		if (!id_set_add(&t->printed, fills[i].entry_id))
			continue;
		fill_count(&t->counts, &fills[i]);
		fill_print(&t->s->out, &fills[i]);
	}
}

static int fetch_to_stdout(struct settings *s)
{
	struct taking taking = { .s = s };
	struct exchange_totals totals = { 0 };
	int status;

	s->query.latest = fill_latest();
	tsv_begin(&s->out, stdout, fill_columns);
	status = exchange_ask(&s->exchange, &s->query, print_fills, NULL, &taking, &totals);
	id_set_release(&taking.printed);
	tsv_release(&s->out);
	fills_report_rounded(&taking.counts);
	log_fact(LOG_INFO, status ? "not all was fetched" : "fetched", "fills=%ld not_booked=%ld pages=%ld attempts=%ld",
		 taking.counts.fills, taking.counts.not_booked, totals.pages, totals.http.started);
	return status ? status : totals.unread > 0 ? EX_DATAERR : 0;
}

/* Into the database ---------------------------------------------------------------------------- */

static int print_order_differences(PGconn *db, struct settings *s)
{
	int n = db_print(db_query(db, query_orders_against_fills, DB_ARGS(*s->query.since || s->query.n_products ? "f" : "t")),
			 difference_columns, &s->out);

	log_info("order totals that are not the sum of their fills: %d", n);
	return n > 0 ? EX_DIFFERENCES : 0;
}

static const char not_booked_sql[] =
	"select trade_type, coalesce(trade_id, entry_id), product_id, coalesce(order_id, '') from staged_fills"
	" where trade_type <> 'FILL' order by trade_time, entry_id";
static const char rounded_sql[] =
	"select count(*) from exchange_fills e where size_in_quote and price <> 0 and size / price * price <> size"
	"   and base_size * price <> size and exists (select from staged_fills s where s.entry_id = e.entry_id)";

/* The same that fill_count() says of a row, of all that was staged. */
static void say_oddities(PGconn *db)
{
	PGresult *res = db_query(db, not_booked_sql, DB_NO_ARGS);
	char *rounded;

	for (int i = 0; i < PQntuples(res); i++)
		log_warning("%s of trade %s (%s, order %s) is kept but not booked: a person must decide", PQgetvalue(res, i, 0),
			    PQgetvalue(res, i, 1), PQgetvalue(res, i, 2), PQgetvalue(res, i, 3));
	PQclear(res);
	rounded = db_value(db, rounded_sql, DB_NO_ARGS);
	if (rounded && strcmp(rounded, "0") != 0)
		log_info("%s %s sized in quote: a base quantity with endless decimals is rounded to %d decimals, or as the order's "
			 "filled size says", rounded, plural_of(rounded, "fill is", "fills are"), COINBASE_PLACES);
	free(rounded);
}

static int fetch_to_database(struct settings *s)
{
	PGconn *db = db_connect();
	struct exchange_totals totals = { 0 };
	struct exchange_stored stored;
	char *read;
	int status;

	s->query.orders = s->orders;
	status = exchange_update(db, &s->exchange, &s->query, s->all, s->overlap, &stored, &totals);
	if (status == 0) {
		read = db_value(db, "select count(*) from staged_fills", DB_NO_ARGS);
		say_oddities(db);
		fills_report_stored(&stored, strtol(read, NULL, 10), totals.pages);
		free(read);
		if (s->orders)
			status = print_order_differences(db, s);
		if (totals.unread > 0)
			status = EX_DATAERR;
	}
	PQfinish(db);
	return status;
}

/* Arguments ------------------------------------------------------------------------------------ */

/* An instant with its zone, or a date, which is its midnight in UTC.  A time without a zone is no instant. */
static void take_instant(const char *name, const char *text, char to[INSTANT_NS_TEXT])
{
	char midnight[32];
	struct reason why;
	struct instant_ns m;

	snprintf(midnight, sizeof midnight, "%.10sT00:00:00Z", text);
	if (strlen(text) == 10 && !instant_ns_parse(&m, midnight, false, NULL))
		die(EX_USAGE, "%s %s: no such date; write YYYY-MM-DD", name, text);
	if (strlen(text) != 10 && !instant_ns_parse(&m, text, false, &why))
		die(EX_USAGE, "%s: %s; a date is YYYY-MM-DD", name, why.text);
	memcpy(to, m.micros, INSTANT_NS_TEXT);
}

static void add_named(const char *option, const char *arg, const char **list, size_t *n)
{
	if (*n == MAX_NAMED)
		die(EX_USAGE, "%s: at most %d of them", option, MAX_NAMED);
	list[(*n)++] = arg;
}

static void check_settings(struct settings *s)
{
	struct exchange_query *q = &s->query;

	for (size_t i = 0; i < q->n_products; i++)
		if (!coinbase_product_ok(q->products[i]))
			die(EX_USAGE, "--product %s: write it as BTC-USD", q->products[i]);
	if (*q->since && *q->until && strcmp(q->since, q->until) >= 0)
		die(EX_USAGE, "--since and --until: the window is empty or reversed");
	if (s->orders && (!s->store || s->n_files > 0))
		die(EX_USAGE, "--orders goes with --store, and not with --csv");
	if (s->all && (!s->store || s->n_files > 0))
		die(EX_USAGE, "--all goes with --store, and not with --csv");
	if (s->all && *q->since)
		die(EX_USAGE, "--all and --since contradict each other");
}

static void read_options(int argc, char **argv, struct settings *s)
{
	enum { OPT_STORE = 1, OPT_PRODUCT, OPT_SINCE, OPT_UNTIL, OPT_CSV, OPT_ORDERS, OPT_ALL, OPT_OVERLAP };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, OPT_STORE }, { "product", required_argument, NULL, OPT_PRODUCT },
		{ "since", required_argument, NULL, OPT_SINCE }, { "until", required_argument, NULL, OPT_UNTIL },
		{ "csv", required_argument, NULL, OPT_CSV }, { "orders", no_argument, NULL, OPT_ORDERS },
		{ "all", no_argument, NULL, OPT_ALL }, { "overlap", required_argument, NULL, OPT_OVERLAP },
		EXCHANGE_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	int c;

	s->query.products = s->products;
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case OPT_STORE:   s->store = true; break;
		case OPT_PRODUCT:
			coinbase_in_capitals(optarg);
			add_named("--product", optarg, s->products, &s->query.n_products);
			break;
		case OPT_SINCE:   take_instant("--since", optarg, s->query.since); break;
		case OPT_UNTIL:   take_instant("--until", optarg, s->query.until); break;
		case OPT_CSV:     add_named("--csv", optarg, s->files, &s->n_files); break;
		case OPT_ORDERS:  s->orders = true; break;
		case OPT_ALL:     s->all = true; break;
		case OPT_OVERLAP: s->overlap = (double)opts_number("--overlap", optarg, 0, 3650); break;
		default:
			if (!exchange_option(&s->exchange, c, optarg) && !opts_rows(c, &s->out))
				opts_common(c, help);
		}
	}
	if (optind < argc && s->n_files == 0)
		die(EX_USAGE, "%s: no operands are taken; an export is read with --csv FILE", argv[optind]);
	while (optind < argc)
		add_named("--csv", argv[optind++], s->files, &s->n_files);
	check_settings(s);
	for (size_t i = 0; i < s->n_files; i++)
		input_check(s->files[i]);
}

int main(int argc, char **argv)
{
	static struct settings s = { .overlap = 1, .exchange = EXCHANGE_OPTIONS_INIT };
	int status;

	tool_begin(argc, argv);
	exchange_environment(&s.exchange);
	read_options(argc, argv, &s);
	if (s.n_files > 0) {
		const struct export_request exports = { s.files, s.n_files, &s.query, &s.out };

		status = s.store ? exports_to_database(&exports) : exports_to_stdout(&exports);
	} else {
		status = s.store ? fetch_to_database(&s) : fetch_to_stdout(&s);
	}
	flush_stdout();
	return status;
}

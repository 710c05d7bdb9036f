/*
 * fetch-fills - fetch the trades that the exchange knows, or read its exports
 *
 * The source is Coinbase Advanced Trade, read with a key that may only view, or the CSV files that
 * it exports.  Rows are printed, or with --store put into exchange_fills.
 */
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "coinbase/csv_export.h"
#include "db/db.h"
#include "coinbase/client_net.h"
#include "ledger/fills_db.h"
#include "os/log.h"
#include "cli/opts.h"
#include "format/tsv.h"
#include "ledger/same_trade.h"
#include "query/orders-against-fills.h"

static const char *const columns[] = {
	"entry_id", "trade_id", "order_id", "product_id", "side", "trade_type", "booked", "trade_time", "sequence_time",
	"price", "size", "size_in_quote", "base_size", "value", "commission", "liquidity", "portfolio_id", "source", NULL
};

static const char *const difference_columns[] = { "order_id", "product_id", "field", "order", "fills", NULL };

static const char help[] =
	"usage: fetch-fills [--store [--all | --overlap DAYS] [--orders]] [--product P]... [--since T] [--until T]\n"
	"       fetch-fills [--store] [--product P]... [--since T] [--until T] --csv FILE...\n"
	"\n"
	"Fetch the fills (executions) of the account whose key is given, every page to the end, and\n"
	"print them; or read them from the exchange's own CSV exports, of any generation.  Futures and\n"
	"perpetuals, whose sizes count contracts, are reported and left out.\n"
	"\n"
	"      --product P        only this product, such as BTC-USD; may be repeated\n"
	"      --since T          from this instant on: YYYY-MM-DD (UTC midnight) or RFC 3339 with its zone\n"
	"      --until T          before this instant\n"
	"      --csv FILE...      read these exports instead\n"
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

/* Rows ----------------------------------------------------------------------------------------- */

static void text_or_null(struct tsv_writer *w, const char *text)
{
	tsv_text(w, *text ? text : NULL);
}

static void print_fill(struct tsv_writer *w, const struct coinbase_fill *f)
{
	char time[COINBASE_TIME];

	tsv_text(w, f->entry_id);
	text_or_null(w, f->trade_id);
	text_or_null(w, f->order_id);
	tsv_text(w, f->product_id);
	tsv_text(w, f->buy ? "BUY" : "SELL");
	tsv_text(w, f->trade_type);
	tsv_bool(w, coinbase_fill_is_booked(f));
	tsv_text(w, coinbase_time_format(&f->traded, time));
	tsv_text(w, f->has_sequenced ? coinbase_time_format(&f->sequenced, time) : NULL);
	tsv_plain(w, f->price);
	tsv_plain(w, f->size);
	tsv_bool(w, f->size_in_quote);
	tsv_plain(w, f->base_size);
	tsv_plain(w, f->value);
	tsv_plain(w, f->commission);
	text_or_null(w, f->liquidity);
	text_or_null(w, f->portfolio_id);
	tsv_text(w, f->source);
	tsv_end_row(w);
}

/* What the last line tells. */
struct counts {
	long fills, not_booked, rounded;
};

static void count_fill(struct counts *counts, const struct coinbase_fill *f)
{
	counts->fills++;
	if (!coinbase_fill_is_booked(f)) {
		counts->not_booked++;
		log_warning("%s of trade %s (%s, order %s) is kept but not booked: a person must look", f->trade_type,
			    *f->trade_id ? f->trade_id : f->entry_id, f->product_id, f->order_id);
	}
	if (f->base_rounded) {
		counts->rounded++;
		log_debug("%s: %s for %s at %s is %s, rounded to %d decimals", f->entry_id, f->product_id, f->size, f->price,
			  f->base_size, COINBASE_PLACES);
	}
}

static void say_rounded(const struct counts *counts)
{
	if (counts->rounded)
		log_info("%ld fills are sized in quote: their base quantity does not end and is rounded to %d decimals",
			 counts->rounded, COINBASE_PLACES);
}

/* A set of entry ids, as tsearch() keeps it: a pointer that begins as NULL. */

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* True if the id was not there yet. */
static bool set_add(void **set, const char *id)
{
	char *copy = xstrdup(id), **node = tsearch(copy, set, compare_ids);

	if (!node)
		die(EX_OSERR, "out of memory");
	if (*node == copy)
		return true;
	free(copy);
	return false;
}

static void set_release(void **set)
{
	while (*set) {
		char *id = **(char ***)set;

		tdelete(id, set, compare_ids);
		free(id);
	}
}

/* From the interface --------------------------------------------------------------------------- */

struct taking {
	struct settings *s;
	struct counts counts;
	void *printed;			/* entry ids: a page may move while the listing is read */
};

static void print_fills(void *ctx, const struct coinbase_fill *fills, size_t n)
{
	struct taking *t = ctx;

	for (size_t i = 0; i < n; i++) {
		if (!set_add(&t->printed, fills[i].entry_id))
			continue;
		count_fill(&t->counts, &fills[i]);
		print_fill(&t->s->out, &fills[i]);
	}
}

static int fetch_to_stdout(struct settings *s)
{
	struct taking taking = { .s = s };
	struct exchange_totals totals = { 0 };
	int status;

	tsv_begin(&s->out, stdout, columns);
	status = exchange_ask(&s->exchange, &s->query, print_fills, NULL, &taking, &totals);
	set_release(&taking.printed);
	tsv_release(&s->out);
	say_rounded(&taking.counts);
	log_fact(LOG_INFO, status ? "not all was fetched" : "fetched", "fills=%ld not_booked=%ld pages=%ld attempts=%ld",
		 taking.counts.fills, taking.counts.not_booked, totals.pages, totals.http.started);
	return status;
}

/* Into the database ---------------------------------------------------------------------------- */

static int print_order_differences(PGconn *db, struct settings *s)
{
	int n = db_print(db_query(db, query_orders_against_fills, DB_ARGS(*s->query.since || s->query.n_products ? "f" : "t")),
			 difference_columns, &s->out);

	log_info("order totals that are not the sum of their fills: %d", n);
	return n > 0 ? EX_DIFFERENCES : 0;
}

static void say_stored(const struct exchange_stored *stored, long read, long pages)
{
	if (stored->settled_sizes)
		log_info("%lld base quantities of fills sized in quote are settled by their order's filled size",
			 stored->settled_sizes);
	log_fact(LOG_INFO, "stored", "read=%ld added=%lld changed=%lld replaced=%lld known=%lld orders=%lld pages=%ld", read,
		 stored->added, stored->changed, stored->replaced, stored->known, stored->orders, pages);
}

static const char not_booked_sql[] =
	"select trade_type, coalesce(trade_id, entry_id), product_id, coalesce(order_id, '') from staged_fills"
	" where trade_type <> 'FILL' order by trade_time, entry_id";
static const char rounded_sql[] =
	"select count(*) from exchange_fills e where size_in_quote and price <> 0 and size / price * price <> size"
	"   and base_size * price <> size and exists (select from staged_fills s where s.entry_id = e.entry_id)";

/* The same that count_fill() says of a row, of all that was staged. */
static void say_oddities(PGconn *db)
{
	PGresult *res = db_query(db, not_booked_sql, DB_NO_ARGS);
	char *rounded;

	for (int i = 0; i < PQntuples(res); i++)
		log_warning("%s of trade %s (%s, order %s) is kept but not booked: a person must look", PQgetvalue(res, i, 0),
			    PQgetvalue(res, i, 1), PQgetvalue(res, i, 2), PQgetvalue(res, i, 3));
	PQclear(res);
	rounded = db_value(db, rounded_sql, DB_NO_ARGS);
	if (rounded && strcmp(rounded, "0") != 0)
		log_info("%s fills are sized in quote: their base quantity does not end and is rounded to %d decimals, or as their "
			 "order's filled size says", rounded, COINBASE_PLACES);
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
		say_stored(&stored, strtol(read, NULL, 10), totals.pages);
		free(read);
		if (s->orders)
			status = print_order_differences(db, s);
	}
	PQfinish(db);
	return status;
}

/* From exports ----------------------------------------------------------------------------------- */

static void read_file(const char *path, struct buf *text)
{
	FILE *file = fopen(path, "r");
	size_t got;

	if (!file)
		die(EX_NOINPUT, "cannot read %s: %s", path, strerror(errno));
	do {
		got = fread(buf_reserve(text, 1 << 16), 1, 1 << 16, file);
		text->len += got;
	} while (got > 0);
	if (ferror(file))
		die(EX_NOINPUT, "cannot read %s: %s", path, strerror(errno));
	fclose(file);
}

static int compare_skips(const void *a, const void *b)
{
	const struct coinbase_skip *x = a, *y = b;
	int order = x->kind - y->kind;

	if (order == 0 && x->kind != COINBASE_SKIP_BAD && x->kind != COINBASE_SKIP_REPEATED)
		order = strcmp(x->type, y->type);
	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* What an export leaves open: trades that cannot be read, rows that may be trades. */
struct export_gaps {
	bool unread, unknown;
};

static void say_group(const char *path, const struct coinbase_skip *skip, size_t n)
{
	static const char *const what[] = {
		[COINBASE_SKIP_OTHER] = "no trades",
		[COINBASE_SKIP_SAME] = "a currency for itself, which is no trade",
		[COINBASE_SKIP_CONTRACT] = "contracts of a size of their own, and no spot trades: they are kept out",
		[COINBASE_SKIP_UNKNOWN] = "of an unknown type, which may be trades: this export does not vouch for its time",
		[COINBASE_SKIP_REPEATED] = "the very rows that stand before",
	};
	struct buf lines = BUF_INIT;
	bool unusual = skip->kind == COINBASE_SKIP_CONTRACT || skip->kind == COINBASE_SKIP_UNKNOWN;

	for (size_t i = 0; i < n && i < 50; i++)
		buf_addf(&lines, "%s%ld", i ? ", " : "", skip[i].line);
	if (n > 50)
		buf_addf(&lines, " and %zu more", n - 50);
	(unusual ? log_warning : log_info)("%s: skipped %zu of type \"%s\", %s (line %s)", path, n,
					   skip->kind == COINBASE_SKIP_REPEATED ? "repeated" : skip->type, what[skip->kind], lines.data);
	buf_release(&lines);
}

/* Say of every row that is no fill where it stands and why. */
static struct export_gaps say_skipped(const char *path, struct coinbase_csv *csv)
{
	struct export_gaps gaps = { false, false };

	if (csv->n_skipped > 0)
		qsort(csv->skipped, csv->n_skipped, sizeof *csv->skipped, compare_skips);
	for (size_t from = 0, to; from < csv->n_skipped; from = to) {
		const struct coinbase_skip *first = &csv->skipped[from];

		to = from + 1;
		if (first->kind == COINBASE_SKIP_BAD) {
			log_warning("%s, line %ld: %s not read: %s", path, first->line, first->type, first->why.text);
			gaps.unread = true;
			continue;
		}
		gaps.unknown |= first->kind == COINBASE_SKIP_UNKNOWN;
		while (to < csv->n_skipped && csv->skipped[to].kind == first->kind &&
		       (first->kind == COINBASE_SKIP_REPEATED || strcmp(csv->skipped[to].type, first->type) == 0))
			to++;
		say_group(path, first, to - from);
	}
	if (csv->n_dust > 0)
		log_warning("%s: booked, and not skipped %zu of type \"Retail Simple Dust\": the exchange sold what was too small to trade "
			    "(from line %ld on)", path, csv->n_dust, csv->dust_line);
	return gaps;
}

static bool is_wanted(const struct settings *s, const struct coinbase_fill *f)
{
	const struct exchange_query *q = &s->query;
	bool named = q->n_products == 0;

	for (size_t i = 0; i < q->n_products && !named; i++)
		named = strcmp(q->products[i], f->product_id) == 0;
	return named && (!*q->since || strcmp(f->traded.micros, q->since) >= 0) &&
	       (!*q->until || strcmp(f->traded.micros, q->until) < 0);
}

static void keep_wanted(const struct settings *s, const char *path, struct coinbase_csv *csv)
{
	size_t kept = 0;

	for (size_t i = 0; i < csv->n_fills; i++)
		if (is_wanted(s, &csv->fills[i]))
			csv->fills[kept++] = csv->fills[i];
	if (kept < csv->n_fills)
		log_info("%s: %zu of %zu fills are not of the products and the time asked for", path, csv->n_fills - kept,
			 csv->n_fills);
	csv->n_fills = kept;
}

/* Until then trades at Coinbase Pro stood in no transaction history; it was closed in November 2023. */
#define HISTORY_IS_WHOLE_FROM "2023-12-01T00:00:00.000000Z"

static void stage_windows_of(PGconn *db, const struct coinbase_csv *csv, const char *product, const char *from, const char *to)
{
	const char *source = csv->n_fills ? csv->fills[0].source : "csv";
	struct exchange_window w = { .product = product, .from = from, .to = to, .source = source, .fills = (long)csv->n_fills };

	if (strcmp(source, "csv-history") == 0 && strcmp(from, HISTORY_IS_WHOLE_FROM) < 0) {
		w.simple = true;
		if (strcmp(to, HISTORY_IS_WHOLE_FROM) > 0)
			w.to = HISTORY_IS_WHOLE_FROM;
		exchange_stage_window(db, &w);
		w.simple = false;
		w.from = HISTORY_IS_WHOLE_FROM;
		w.to = to;
	}
	if (strcmp(w.from, w.to) < 0)
		exchange_stage_window(db, &w);
}

/* Does a row before this one name the same product? */
static bool named_before(const struct coinbase_csv *csv, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(csv->fills[k].product_id, csv->fills[i].product_id) == 0)
			return true;
	return false;
}

/*
 * What an export without gaps vouches for, from its first row to its last: the transaction history, all products; the
 * reports of the order books, which the exchange makes for one product or account, the products that stand in it.
 */
static void stage_export_window(PGconn *db, const struct settings *s, const struct coinbase_csv *csv)
{
	const struct exchange_query *q = &s->query;
	const char *from = csv->first.micros, *to = csv->last.micros;
	bool history = csv->n_fills == 0 || strcmp(csv->fills[0].source, "csv-history") == 0;

	if (!csv->has_times)
		return;
	if (*q->since && strcmp(from, q->since) < 0)
		from = q->since;
	if (*q->until && strcmp(to, q->until) > 0)
		to = q->until;
	for (size_t i = 0; history && i < (q->n_products ? q->n_products : 1); i++)
		stage_windows_of(db, csv, q->n_products ? q->products[i] : EXCHANGE_ALL, from, to);
	for (size_t i = 0; !history && i < csv->n_fills; i++)
		if (!named_before(csv, i))
			stage_windows_of(db, csv, csv->fills[i].product_id, from, to);
}

/* The rows of earlier files stay for those of later ones to be known again by. */
struct earlier {
	struct coinbase_csv *files;
	size_t n;
	void *ids;
};

/* Leave out of csv what an earlier file told: by id, or by its facts. */
static size_t leave_out_known(struct earlier *earlier, struct coinbase_csv *csv)
{
	struct twins old, new;
	size_t kept = 0, known;

	for (size_t i = 0; i < csv->n_fills; i++)
		if (set_add(&earlier->ids, csv->fills[i].entry_id))
			csv->fills[kept++] = csv->fills[i];
	known = csv->n_fills - kept;
	csv->n_fills = kept;
	twins_init(&old);
	twins_init(&new);
	for (size_t k = 0; k < earlier->n; k++)
		for (size_t j = 0; j < earlier->files[k].n_fills; j++) {
			const struct coinbase_fill *f = &earlier->files[k].fills[j];

			twins_add(&old, f->product_id, f->buy, f->base_size, &f->traded, &f->traded);
		}
	for (size_t i = 0; i < csv->n_fills; i++)
		twins_add(&new, csv->fills[i].product_id, csv->fills[i].buy, csv->fills[i].base_size, &csv->fills[i].traded,
			  &csv->fills[i].traded);
	known += twins_pair(&new, &old);
	kept = 0;
	for (size_t i = 0; i < csv->n_fills; i++)
		if (new.twin[i].partner == TWIN_NONE)
			csv->fills[kept++] = csv->fills[i];
	csv->n_fills = kept;
	twins_release(&old);
	twins_release(&new);
	return known;
}

static struct export_gaps read_export(const struct settings *s, const char *path, struct coinbase_csv *csv)
{
	struct buf text = BUF_INIT;
	struct export_gaps gaps;
	struct reason why;

	read_file(path, &text);
	if (!coinbase_csv_parse(text.data ? text.data : "", text.len, csv, &why))
		die(EX_DATAERR, "%s: %s", path, why.text);
	buf_release(&text);
	gaps = say_skipped(path, csv);
	log_fact(LOG_INFO, csv->report, "file=%s rows=%ld fills=%zu skipped=%zu", path, csv->rows, csv->n_fills,
		 csv->n_skipped);
	keep_wanted(s, path, csv);
	return gaps;
}

static int exports_to_stdout(struct settings *s)
{
	struct coinbase_csv *files = xmalloc(s->n_files * sizeof *files);
	struct earlier earlier = { files, 0, NULL };
	struct counts counts = { 0 };
	bool bad = false;
	size_t known = 0;

	tsv_begin(&s->out, stdout, columns);
	for (; earlier.n < s->n_files; earlier.n++) {
		struct coinbase_csv *csv = &files[earlier.n];

		bad |= read_export(s, s->files[earlier.n], csv).unread;
		known += leave_out_known(&earlier, csv);
		for (size_t i = 0; i < csv->n_fills; i++) {
			count_fill(&counts, &csv->fills[i]);
			print_fill(&s->out, &csv->fills[i]);
		}
	}
	tsv_release(&s->out);
	set_release(&earlier.ids);
	for (size_t i = 0; i < s->n_files; i++)
		coinbase_csv_release(&files[i]);
	free(files);
	log_fact(LOG_INFO, "read", "fills=%ld known=%zu files=%zu", counts.fills, known, s->n_files);
	return bad ? EX_DATAERR : 0;
}

static int exports_to_database(struct settings *s)
{
	PGconn *db = db_connect();
	bool bad = false;

	for (size_t i = 0; i < s->n_files; i++) {
		struct exchange_stored stored;
		struct coinbase_csv csv;
		struct export_gaps gaps = read_export(s, s->files[i], &csv);

		bad |= gaps.unread;
		exchange_stage(db);
		exchange_stage_fills(db, csv.fills, csv.n_fills);
		if (!gaps.unread && !gaps.unknown)
			stage_export_window(db, s, &csv);
		exchange_store(db, &stored);
		say_stored(&stored, (long)csv.n_fills, 0);
		coinbase_csv_release(&csv);
	}
	PQfinish(db);
	return bad ? EX_DATAERR : 0;
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

int main(int argc, char **argv)
{
	enum { OPT_STORE = 1, OPT_PRODUCT, OPT_SINCE, OPT_UNTIL, OPT_CSV, OPT_ORDERS, OPT_ALL, OPT_OVERLAP };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, OPT_STORE }, { "product", required_argument, NULL, OPT_PRODUCT },
		{ "since", required_argument, NULL, OPT_SINCE }, { "until", required_argument, NULL, OPT_UNTIL },
		{ "csv", required_argument, NULL, OPT_CSV }, { "orders", no_argument, NULL, OPT_ORDERS },
		{ "all", no_argument, NULL, OPT_ALL }, { "overlap", required_argument, NULL, OPT_OVERLAP },
		EXCHANGE_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	static struct settings s = { .overlap = 1, .exchange = EXCHANGE_OPTIONS_INIT };
	int c, status;

	log_init(argv[0]);
	s.query.products = s.products;
	while ((c = getopt_long(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case OPT_STORE:   s.store = true; break;
		case OPT_PRODUCT: add_named("--product", optarg, s.products, &s.query.n_products); break;
		case OPT_SINCE:   take_instant("--since", optarg, s.query.since); break;
		case OPT_UNTIL:   take_instant("--until", optarg, s.query.until); break;
		case OPT_CSV:     add_named("--csv", optarg, s.files, &s.n_files); break;
		case OPT_ORDERS:  s.orders = true; break;
		case OPT_ALL:     s.all = true; break;
		case OPT_OVERLAP: s.overlap = (double)opts_number("--overlap", optarg, 0, 3650); break;
		default:
			if (!exchange_option(&s.exchange, c, optarg) && !opts_rows(c, &s.out))
				opts_common(c, help);
		}
	}
	if (optind < argc && s.n_files == 0)
		die(EX_USAGE, "%s: no operands are taken; an export is read with --csv FILE", argv[optind]);
	while (optind < argc)
		add_named("--csv", argv[optind++], s.files, &s.n_files);
	check_settings(&s);
	if (s.n_files > 0)
		status = s.store ? exports_to_database(&s) : exports_to_stdout(&s);
	else
		status = s.store ? fetch_to_database(&s) : fetch_to_stdout(&s);
	flush_stdout();
	return status;
}

#include "ledger/exports_db.h"

#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "cli/input.h"
#include "coinbase/csv_export.h"
#include "db/db.h"
#include "exact/decimal.h"
#include "ledger/fill_rows_io.h"
#include "ledger/fills_db.h"
#include "ledger/same_trade_db.h"
#include "os/log.h"

/* Some hundred thousand trades; an export without an end must not take all memory before it is refused. */
#define EXPORT_MAX ((size_t)128 << 20)

static int compare_skips(const void *a, const void *b)
{
	const struct coinbase_skip *x = a, *y = b;
	int order = x->kind - y->kind;

	if (order == 0 && x->kind != COINBASE_SKIP_BAD && x->kind != COINBASE_SKIP_REPEATED)
		order = strcmp(x->type, y->type);
	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* What an export leaves open: trades that cannot be read, rows that may be trades or that are missing. */
struct export_gaps {
	bool unread, unknown;
};

enum { NAMED_BREAKS = 5 };

static void say_breaks(const char *path, const struct coinbase_csv *csv)
{
	for (size_t i = 0; i < csv->n_breaks && i < NAMED_BREAKS; i++)
		log_warning("%s, line %ld: %s: a row between them is missing, or one was altered", path, csv->breaks[i].line,
			    csv->breaks[i].why.text);
	if (csv->n_breaks > 0)
		log_warning("%s: balances that do not follow from the rows before them: %zu at least; this export does not count as "
			    "complete for its time", path, csv->n_breaks);
}

static void say_group(const char *path, const struct coinbase_skip *skip, size_t n)
{
	static const char *const what[] = {
		[COINBASE_SKIP_OTHER] = "no trades",
		[COINBASE_SKIP_SAME] = "a currency for itself or for another, which is not a trade",
		[COINBASE_SKIP_CONTRACT] = "contracts of a size of their own, and no spot trades: they are kept out",
		[COINBASE_SKIP_UNKNOWN] = "of an unknown type, which may be trades: this export does not count as complete for its "
					  "time; what of them is a trade, book with import-trades",
		[COINBASE_SKIP_REPEATED] = "exact repeats of earlier rows",
		[COINBASE_SKIP_RENAMED] = "a coin under a new name, which is not a trade; its lots stay under the old one, and a "
					  "sale under the new one finds none: book them there too, with their date and cost (import-trades, side INCOME)",
		[COINBASE_SKIP_PAID] = "a coin paid away, which is a disposal: its lots stay open until it is booked "
				       "(import-trades, side FEE)",
		[COINBASE_SKIP_STAKED] = "ether and as much staked ether (ETH2), which is not a sale: "
					 "its lots keep their date and cost",
	};
	struct buf lines = BUF_INIT;
	bool unusual = skip->kind != COINBASE_SKIP_OTHER && skip->kind != COINBASE_SKIP_SAME &&
		       skip->kind != COINBASE_SKIP_REPEATED;

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
		log_warning("%s: booked, and not skipped %zu of type \"Retail Simple Dust\": the exchange swept up what was too "
			    "small to trade (from line %ld on)", path, csv->n_dust, csv->dust_line);
	return gaps;
}

static bool is_wanted(const struct export_request *s, const struct coinbase_fill *f)
{
	const struct exchange_query *q = s->query;
	bool named = q->n_products == 0;

	for (size_t i = 0; i < q->n_products && !named; i++)
		named = strcmp(q->products[i], f->product_id) == 0;
	return named && (!*q->since || strcmp(f->traded.micros, q->since) >= 0) &&
	       (!*q->until || strcmp(f->traded.micros, q->until) < 0);
}

static void keep_wanted(const struct export_request *s, const char *path, struct coinbase_csv *csv)
{
	size_t kept = 0;

	for (size_t i = 0; i < csv->n_fills; i++)
		if (is_wanted(s, &csv->fills[i]))
			csv->fills[kept++] = csv->fills[i];
	if (kept < csv->n_fills)
		log_info("%s: %zu of %zu %s not of the requested products and time", path, csv->n_fills - kept,
			 csv->n_fills, plural((long long)csv->n_fills, "fill is", "fills are"));
	csv->n_fills = kept;
}

/* Until then trades at Coinbase Pro stood in no transaction history; it was closed in November 2023. */
#define HISTORY_IS_WHOLE_FROM "2023-12-01T00:00:00.000000Z"

static void stage_windows_of(PGconn *db, const struct coinbase_csv *csv, size_t span, const char *product,
			     const char *from, const char *to)
{
	const char *source = csv->source;
	struct exchange_window w = { .product = product, .portfolio = csv->spans[span].portfolio, .from = from, .to = to,
				     .source = source, .fills = (long)csv->n_fills };

	if (strcmp(source, "csv-history") == 0 && strcmp(from, HISTORY_IS_WHOLE_FROM) < 0) {
		w.simple = true;
		if (strcmp(to, HISTORY_IS_WHOLE_FROM) > 0)
			w.to = HISTORY_IS_WHOLE_FROM;
		exchange_stage_window(db, &w);
		w.simple = false;
		w.from = HISTORY_IS_WHOLE_FROM;
		w.to = to;
	}
	if (strcmp(w.from, w.to) <= 0)
		exchange_stage_window(db, &w);
}

/* Is this a product of the asset; or any, where none is named? */
static bool is_of_asset(const char *product, const char *asset)
{
	size_t len = strlen(asset);

	return !*asset || (strncmp(product, asset, len) == 0 && product[len] == '-');
}

/* The products that fills of one span name, each once; of one asset, if that is named. */
static void stage_products(PGconn *db, const struct coinbase_csv *csv, size_t span, const char *asset, const char *from,
			   const char *to)
{
	long first = csv->spans[span].line, end = span + 1 < csv->n_spans ? csv->spans[span + 1].line : LONG_MAX;
	void *named = NULL;

	for (size_t i = 0; i < csv->n_fills; i++) {
		const struct coinbase_fill *f = &csv->fills[i];

		if (f->line >= first && f->line < end && is_of_asset(f->product_id, asset) && id_set_add(&named, f->product_id))
			stage_windows_of(db, csv, span, f->product_id, from, to);
	}
	id_set_release(&named);
}

/*
 * What an export without gaps vouches for, from its first row to its last: the transaction history, all products,
 * unless all of its rows are about one asset, of which alone it may be then; the reports of the order books, which the
 * exchange makes for one product or account, the products that stand in it, and of the portfolio that all of its rows
 * name.
 */
static void stage_export_window(PGconn *db, const struct export_request *s, const struct coinbase_csv *csv, size_t span)
{
	const struct exchange_query *q = s->query;
	const char *from = csv->spans[span].first.micros, *to = csv->spans[span].last.micros, *asset = csv->spans[span].asset;
	bool history = strcmp(csv->source, "csv-history") == 0;

	if (*q->since && strcmp(from, q->since) < 0)
		from = q->since;
	if (*q->until && strcmp(to, q->until) > 0)
		to = q->until;
	if (*q->until && strcmp(from, q->until) >= 0)
		return;
	if (!history || (*asset && q->n_products == 0)) {
		stage_products(db, csv, span, history ? asset : "", from, to);
		return;
	}
	if (q->n_products == 0)
		stage_windows_of(db, csv, span, EXCHANGE_ALL, from, to);
	for (size_t i = 0; i < q->n_products; i++)
		if (is_of_asset(q->products[i], asset))
			stage_windows_of(db, csv, span, q->products[i], from, to);
}

/* The value with the commission of a purchase, or less that of a sale. */
static void add_moved(struct buf *text, const struct coinbase_fill *f)
{
	struct decimal value, fee;

	decimal_init(&value);
	decimal_init(&fee);
	decimal_parse_text(&value, f->value, DECIMAL_PLAIN, NULL);
	decimal_parse_text(&fee, f->commission, DECIMAL_PLAIN, NULL);
	if (!f->buy)
		decimal_neg(&fee, &fee);
	decimal_add(&value, &value, &fee);
	decimal_write(&value, DECIMAL_KEEP_ZEROS, text);
	decimal_release(&value);
	decimal_release(&fee);
}

static void add_twin(struct twins *list, const struct coinbase_fill *f)
{
	struct buf moved = BUF_INIT;

	twins_add(list, f->product_id, f->buy, f->base_size, &f->traded, &f->traded);
	twins_name_by_source(list, f->source, f->trade_id, f->entry_id);
	add_moved(&moved, f);
	twins_moved(list, moved.data);
	buf_release(&moved);
}

/* Trades that were told before: borrowed from the exports, which stay for those of later ones to be known again by.
 * Taken are the entry ids of those that a history tells, and another report. */
struct told {
	const struct coinbase_fill **fill;
	size_t n;
	void *taken;
};

static void tell(struct told *told, const struct coinbase_fill *f)
{
	told->fill = xgrow(told->fill, told->n, sizeof *told->fill);
	told->fill[told->n++] = f;
}

static void release_told(struct told *told)
{
	free(told->fill);
	id_set_release(&told->taken);
}

static bool is_history(const struct coinbase_fill *f)
{
	return telling_of_source(f->source, "").whole;
}

/* Leave out of fills[0..n) those that are told already, by id or by facts; how many stay.  One that is known by its id
 * is no partner for another that looks like it. */
static size_t leave_out_told(struct told *told, struct coinbase_fill *fills, size_t n)
{
	const struct coinbase_fill **old_fill;
	void *told_ids = NULL, *new_ids = NULL;
	struct twins old, new;
	size_t by_id = 0, kept = 0;

	if (told->n == 0)
		return n;
	old_fill = xmalloc(told->n * sizeof *old_fill);
	twins_init(&old);
	twins_init(&new);
	for (size_t i = 0; i < n; i++)
		id_set_add(&new_ids, fills[i].entry_id);
	for (size_t i = 0; i < told->n; i++) {
		id_set_add(&told_ids, told->fill[i]->entry_id);
		if (id_set_add(&new_ids, told->fill[i]->entry_id)) {
			old_fill[old.n] = told->fill[i];
			add_twin(&old, told->fill[i]);
		}
	}
	for (size_t i = 0; i < n; i++)
		if (id_set_add(&told_ids, fills[i].entry_id)) {
			fills[by_id] = fills[i];
			add_twin(&new, &fills[by_id++]);
		}
	twins_pair(&new, &old);
	for (size_t i = 0; i < by_id; i++)
		if (new.twin[i].partner == TWIN_NONE)
			fills[kept++] = fills[i];
		else if (is_history(&fills[i]) != is_history(old_fill[new.twin[i].partner]))
			id_set_add(&told->taken, old_fill[new.twin[i].partner]->entry_id);
	free(old_fill);
	twins_release(&old);
	twins_release(&new);
	id_set_release(&told_ids);
	id_set_release(&new_ids);
	return kept;
}

/* How many fills from this one on stand under one header. */
static size_t count_part(const struct coinbase_csv *csv, size_t from)
{
	size_t part = coinbase_csv_part(csv, &csv->fills[from]), to = from;

	while (to < csv->n_fills && coinbase_csv_part(csv, &csv->fills[to]) == part)
		to++;
	return to - from;
}

/* Exports that were put together in one file may overlap, as those of two files may. */
static void join_parts(const char *path, struct coinbase_csv *csv)
{
	struct told told = { NULL, 0, NULL };
	size_t kept = 0, n;

	for (size_t from = 0; csv->n_spans > 1 && from < csv->n_fills; from += n) {
		n = count_part(csv, from);
		memmove(csv->fills + kept, csv->fills + from, n * sizeof *csv->fills);
		for (size_t end = kept + leave_out_told(&told, csv->fills + kept, n); kept < end; kept++)
			tell(&told, &csv->fills[kept]);
	}
	release_told(&told);
	if (csv->n_spans > 1 && kept < csv->n_fills) {
		log_info("%s: %zu %s in several of the exports that were put together: counted once", path,
			 csv->n_fills - kept, plural((long long)(csv->n_fills - kept), "trade stands", "trades stand"));
		csv->n_fills = kept;
	}
}

static struct export_gaps read_export(const struct export_request *s, const char *path, struct coinbase_csv *csv)
{
	struct buf text = BUF_INIT;
	struct instant_ns latest = fill_latest();
	struct export_gaps gaps;
	struct reason why;

	input_read_whole(path, EXPORT_MAX, &text);
	path = input_name(path);
	if (!coinbase_csv_parse(text.data ? text.data : "", text.len, &latest, csv, &why))
		die(EX_DATAERR, "%s: %s", path, why.text);
	buf_release(&text);
	gaps = say_skipped(path, csv);
	say_breaks(path, csv);
	gaps.unknown |= csv->n_breaks > 0;
	join_parts(path, csv);
	log_fact(LOG_INFO, csv->report, "file=%s rows=%ld fills=%zu skipped=%zu", path, csv->rows, csv->n_fills,
		 csv->n_skipped);
	keep_wanted(s, path, csv);
	return gaps;
}

static void names_in_told(const void *context, const struct whole_order *o, const char **product, const char **time,
			  const char **order)
{
	const struct told *told = context;
	const struct coinbase_fill *row = told->fill[o->row[0]], *fill = told->fill[o->fill[0]];

	*product = row->product_id;
	*time = row->traded.micros;
	*order = *fill->order_id ? fill->order_id : fill->entry_id;
}

/* A whole order counts once, beside or in place of its fills, as in the database.  Told from this number on is new.
 * How many are left out. */
static size_t leave_out_whole_orders(struct told *told, size_t from)
{
	struct telling *telling = xmalloc((told->n + 1) * sizeof *telling);
	struct whole_orders found;
	struct twins list;
	size_t kept = 0, before = told->n;

	twins_init(&list);
	for (size_t i = 0; i < told->n; i++) {
		const struct coinbase_fill *f = told->fill[i];

		add_twin(&list, f);
		telling[i] = telling_of_source(f->source, f->order_id);
		telling[i].is_new = i >= from;
		telling[i].taken = id_set_has(&told->taken, f->entry_id);
	}
	whole_orders_find(&list, telling, &found);
	whole_orders_say(&found, names_in_told, told);
	for (size_t k = 0; k < found.n; k++)
		for (size_t i = 0; i < found.order[k].n_gone; i++)
			told->fill[found.order[k].gone[i]] = NULL;
	for (size_t i = 0; i < told->n; i++)
		if (told->fill[i])
			told->fill[kept++] = told->fill[i];
	told->n = kept;
	whole_orders_release(&found);
	twins_release(&list);
	free(telling);
	return before - kept;
}

int exports_to_stdout(const struct export_request *s)
{
	struct coinbase_csv *files = xmalloc(s->n_files * sizeof *files);
	struct told told = { NULL, 0, NULL };
	struct fill_counts counts = { 0 };
	bool bad = false;
	size_t known = 0;

	for (size_t k = 0; k < s->n_files; k++) {
		struct coinbase_csv *csv = &files[k];
		size_t kept, from = told.n;

		bad |= read_export(s, s->files[k], csv).unread;
		kept = leave_out_told(&told, csv->fills, csv->n_fills);
		known += csv->n_fills - kept;
		for (size_t i = 0; i < kept; i++)
			tell(&told, &csv->fills[i]);
		known += leave_out_whole_orders(&told, from);
	}
	tsv_begin(s->out, stdout, fill_columns);
	for (size_t i = 0; i < told.n; i++) {
		fill_count(&counts, told.fill[i]);
		fill_print(s->out, told.fill[i]);
	}
	tsv_release(s->out);
	release_told(&told);
	for (size_t i = 0; i < s->n_files; i++)
		coinbase_csv_release(&files[i]);
	free(files);
	log_fact(LOG_INFO, "read", "fills=%ld known=%zu files=%zu", counts.fills, known, s->n_files);
	return bad ? EX_DATAERR : 0;
}

int exports_to_database(const struct export_request *s)
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
		for (size_t k = 0; k < csv.n_spans && !gaps.unread && !gaps.unknown; k++)
			stage_export_window(db, s, &csv, k);
		exchange_store(db, &stored);
		fills_report_stored(&stored, (long)csv.n_fills, 0);
		coinbase_csv_release(&csv);
	}
	PQfinish(db);
	return bad ? EX_DATAERR : 0;
}

#include "ledger/fills_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/plural.h"
#include "db/statistics.h"
#include "format/tsv.h"
#include "ledger/fill_rows_io.h"
#include "os/log.h"
#include "query/fills-change.h"
#include "query/fills-settle-sizes.h"
#include "query/fills-stage.h"
#include "query/fills-store-orders.h"

/* The newest minute of a window is not called known: fills are listed a little after they happen. */
enum { SETTLING_SECONDS = 60 };

#define FILL_COLUMNS									\
	"entry_id, trade_id, order_id, product_id, side, trade_type, trade_time, trade_nanos, sequence_time,"	\
	" price, size, size_in_quote, base_size, value, commission, liquidity, portfolio_id, source"

#define ORDER_COLUMNS									\
	"order_id, product_id, side, status, filled_size, average_filled_price, filled_value, total_fees,"	\
	" total_value_after_fees, number_of_fills, settled, placement_source, created_time, last_fill_time"

static const char stage_window_sql[] =
	"insert into staged_windows"
	" values ($1, $2, $3, coalesce(nullif($4, ''), '-infinity')::timestamptz,"
	/* An export of one instant knows that instant. */
	"         case $4 when $5::text then $5::text::timestamptz + interval '1 microsecond' else $5::text::timestamptz end,"
	"         $6, $7::integer)";

/* A page that moved while the listing was read shows an entry twice. */
static const char once_sql[] =
	"delete from staged_fills a using staged_fills b where a.entry_id = b.entry_id and a.ctid < b.ctid;"
	"delete from staged_orders a using staged_orders b where a.order_id = b.order_id and a.ctid < b.ctid;"
	"analyze staged_fills";

/* A trade is in an order once: what the listing has of it under another entry now is that one. */
static const char renamed_sql[] =
	"delete from exchange_fills e using staged_fills s"
	" where (e.order_id, e.trade_id, e.product_id, e.side, e.trade_time, e.trade_nanos, e.price, e.size)"
	"     = (s.order_id, s.trade_id, s.product_id, s.side, s.trade_time, s.trade_nanos, s.price, s.size)"
	"   and 'FILL' = all (array[e.trade_type, s.trade_type]) and 'api' = all (array[e.source, s.source])"
	"   and not exists (select from staged_fills t where t.entry_id = e.entry_id)";

/* A base quantity that an order's own total has settled stays so. */
static const char keep_settled_sql[] =
	"update staged_fills s set base_size = e.base_size from exchange_fills e"
	" where e.entry_id = s.entry_id and s.size_in_quote and e.size_in_quote and e.size = s.size and e.price = s.price"
	"   and e.base_size <> s.base_size";

static const char add_fills_sql[] =
	"insert into exchange_fills (" FILL_COLUMNS ")"
	" select " FILL_COLUMNS " from staged_fills s"
	"  where not exists (select from exchange_fills e where e.entry_id = s.entry_id)"
	"  order by product_id, trade_time, trade_nanos, entry_id";

static const char windows_sql[] =
	"insert into exchange_windows (product_id, portfolio_id, kind, window_from, window_to, source, fills_seen)"
	" select product_id, portfolio_id, kind, window_from, window_to, source, max(fills_seen) from staged_windows"
	"  where window_to > window_from group by product_id, portfolio_id, kind, window_from, window_to, source"
	" order by 1, 2, 3, 4, 5, 6"
	" on conflict (product_id, portfolio_id, kind, window_from, window_to, source) do update"
	"    set fills_seen = excluded.fills_seen, fetched_at = excluded.fetched_at";

/* Until when everything of this portfolio is known from the first trade on: of all these products, or of every
 * product. */
static const char known_until_sql[] =
	"select " DB_MOMENT("(min(known) - make_interval(secs => $2::float8 * 86400))")
	"  from (select p, (select max(upper(r)) from (select unnest(range_agg(tstzrange(window_from, window_to))) as r"
	"                     from exchange_windows w where w.product_id in (p, '*') and w.source = 'api'"
	"                      and w.portfolio_id = $3) as ranges"
	"                    where lower_inf(r) or lower(r) = '-infinity') as known"
	"          from unnest($1::text[]) as p) as products"
	" having bool_and(known is not null)";

/* Fills are listed a little after they happen: of the newest hour nothing is held against who did not ask in it. */
static const char knows_sql[] =
	"select coalesce(tstzrange($2::timestamptz, least($3::timestamptz, now() - interval '1 hour')) <@"
	" exchange_covered($1), false)";

static const char was_asked_sql[] =
	"select exists (select from exchange_windows where $1::text is null or product_id in ($1, '" EXCHANGE_ALL "'))";

/* Staging ------------------------------------------------------------------------------------ */

void exchange_stage(PGconn *db)
{
	db_exec(db, query_fills_stage);
}

static void copy_rows(PGconn *db, const char *sql, struct tsv_writer *w)
{
	if (w->line.len > 0)
		db_copy(db, sql, w->line.data, w->line.len);
	tsv_release(w);
}

static struct tsv_writer copy_writer(void)
{
	static const char *const none[] = { NULL };
	struct tsv_writer w = { .no_header = true };

	tsv_begin(&w, NULL, none);
	return w;
}

void exchange_stage_fills(PGconn *db, const struct coinbase_fill *fills, size_t n)
{
	struct tsv_writer w = copy_writer();

	for (const struct coinbase_fill *f = fills; f < fills + n; f++) {
		tsv_text(&w, f->entry_id);
		tsv_text_if_any(&w, f->trade_id);
		tsv_text_if_any(&w, f->order_id);
		tsv_text(&w, f->product_id);
		tsv_text(&w, f->buy ? "BUY" : "SELL");
		tsv_text(&w, f->trade_type);
		tsv_text(&w, f->traded.micros);
		tsv_int(&w, f->traded.nanos);
		tsv_text(&w, f->has_sequenced ? f->sequenced.micros : NULL);
		tsv_plain(&w, f->price);
		tsv_plain(&w, f->size);
		tsv_bool(&w, f->size_in_quote);
		tsv_plain(&w, f->base_size);
		tsv_plain(&w, f->value);
		tsv_plain(&w, f->commission);
		tsv_text_if_any(&w, f->liquidity);
		tsv_text_if_any(&w, f->portfolio_id);
		tsv_text(&w, f->source);
		tsv_end_row(&w);
	}
	copy_rows(db, "copy staged_fills (" FILL_COLUMNS ") from stdin", &w);
}

void exchange_stage_window(PGconn *db, const struct exchange_window *w)
{
	char count[24];

	snprintf(count, sizeof count, "%ld", w->fills);
	PQclear(db_query(db, stage_window_sql,
			 DB_ARGS(w->product, w->portfolio ? w->portfolio : "", w->simple ? "simple" : "all", w->from, w->to,
				 w->source, count)));
}

/* Storing ------------------------------------------------------------------------------------ */

void exchange_take_turn(PGconn *db)
{
	db_exec(db, "lock table exchange_turn in exclusive mode");
}

void exchange_store(PGconn *db, struct exchange_stored *stored)
{
	long long renamed;

	*stored = (struct exchange_stored){ 0 };
	db_begin(db, "");
	exchange_take_turn(db);
	db_exec(db, once_sql);
	renamed = db_change(db, renamed_sql, DB_NO_ARGS);
	stored->twins = twins_drop(db);
	stored->twins.replaced += renamed;
	if (renamed > 0)
		log_warning("%lld stored %s another entry in the listing now, which is taken in its place", renamed,
			    plural(renamed, "trade has", "trades have"));
	PQclear(db_query(db, keep_settled_sql, DB_NO_ARGS));
	stored->changed = db_change(db, query_fills_change, DB_NO_ARGS);
	stored->added = db_change(db, add_fills_sql, DB_NO_ARGS);
	stored->orders = db_change(db, query_fills_store_orders, DB_NO_ARGS);
	stored->settled_sizes = db_change(db, query_fills_settle_sizes, DB_NO_ARGS);
	PQclear(db_query(db, windows_sql, DB_NO_ARGS));
	db_exec(db, "commit");
	statistics_refresh(db, "{exchange_fills}", stored->added);
	statistics_refresh(db, "{exchange_orders}", stored->orders);
}

/* Asking and storing ------------------------------------------------------------------------- */

struct staging {
	PGconn *db;
	struct exchange_query *q;
	bool whole_history;
	double overlap_days;
	char portfolio[COINBASE_ID];
	long fills;
};

static void stage_fills(void *ctx, const struct coinbase_fill *fills, size_t n)
{
	struct staging *s = ctx;

	exchange_stage_fills(s->db, fills, n);
	s->fills += (long)n;
}

static void list_products(const struct exchange_query *q, struct buf *array)
{
	db_array_begin(array);
	for (size_t i = 0; i < q->n_products; i++)
		db_array_add(array, q->products[i]);
	if (q->n_products == 0)
		db_array_add(array, EXCHANGE_ALL);
	db_array_end(array);
}

/* The key has said which portfolio it sees: ask from what is known to be whole of that on. */
static void see_portfolio(void *ctx, const char *portfolio)
{
	struct staging *s = ctx;
	struct buf products = BUF_INIT;
	char *since, days[32];

	snprintf(s->portfolio, sizeof s->portfolio, "%s", portfolio);
	if (*s->q->since || s->whole_history)
		return;
	list_products(s->q, &products);
	snprintf(days, sizeof days, "%.6f", s->overlap_days);
	since = db_value(s->db, known_until_sql, DB_ARGS(products.data, days, s->portfolio));
	if (since)
		snprintf(s->q->since, sizeof s->q->since, "%.27s", since);
	buf_release(&products);
	free(since);
}

static void stage_orders(void *ctx, const struct coinbase_order *orders, size_t n)
{
	struct staging *s = ctx;
	struct tsv_writer w = copy_writer();

	for (const struct coinbase_order *o = orders; o < orders + n; o++) {
		tsv_text(&w, o->order_id);
		tsv_text(&w, o->product_id);
		tsv_text(&w, o->buy ? "BUY" : "SELL");
		tsv_text(&w, o->status);
		tsv_plain(&w, o->filled_size);
		tsv_text_if_any(&w, o->average_filled_price);
		tsv_plain(&w, o->filled_value);
		tsv_plain(&w, o->total_fees);
		tsv_text_if_any(&w, o->total_value_after_fees);
		tsv_int(&w, o->number_of_fills);
		if (o->settled < 0)
			tsv_null(&w);
		else
			tsv_bool(&w, o->settled);
		tsv_text_if_any(&w, o->placement_source);
		tsv_text(&w, o->has_created ? o->created.micros : NULL);
		tsv_text(&w, o->has_last_fill ? o->last_fill.micros : NULL);
		tsv_end_row(&w);
	}
	copy_rows(s->db, "copy staged_orders (" ORDER_COLUMNS ") from stdin", &w);
}

static void instant_text(instant_t when, char text[INSTANT_NS_TEXT])
{
	char plain[INSTANT_TEXT];

	instant_format(when, plain);
	snprintf(text, INSTANT_NS_TEXT, "%.19sZ", plain);
}

int exchange_update(PGconn *db, const struct exchange_options *o, struct exchange_query *q, bool whole_history,
		    double overlap_days, struct exchange_stored *stored, struct exchange_totals *totals)
{
	struct staging staging = { .db = db, .q = q, .whole_history = whole_history, .overlap_days = overlap_days };
	instant_t now = time(NULL), settled = now - SETTLING_SECONDS, until;
	char known_to[INSTANT_NS_TEXT];
	int status;

	*stored = (struct exchange_stored){ 0 };
	q->see_portfolio = see_portfolio;
	q->latest = fill_latest();
	if (!*q->until)
		instant_text(now, q->until);
	exchange_stage(db);
	status = exchange_ask(o, q, stage_fills, stage_orders, &staging, totals);
	if (status != 0)
		return status;
	if (!instant_parse(q->until, &until) || until > settled)
		instant_text(settled, known_to);
	else
		snprintf(known_to, sizeof known_to, "%s", q->until);
	/* Rows of before there were portfolios do not say theirs: it is the key's. */
	PQclear(db_query(db, "update staged_fills set portfolio_id = $1 where portfolio_id is null",
			 DB_ARGS(staging.portfolio)));
	/* Where a row was left out the time is not known to the end. */
	for (size_t i = 0; i < (q->n_products ? q->n_products : 1) && totals->unread == 0; i++)
		exchange_stage_window(db, &(struct exchange_window){ .product = q->n_products ? q->products[i] : EXCHANGE_ALL,
				      .portfolio = staging.portfolio, .from = q->since, .to = known_to, .source = "api",
				      .fills = staging.fills });
	exchange_store(db, stored);
	return 0;
}

/* What is known ------------------------------------------------------------------------------ */

static bool is_true(char *value)
{
	bool yes = value && *value == 't';

	free(value);
	return yes;
}

bool exchange_knows(PGconn *db, const char *product, const char *from, const char *to)
{
	return is_true(db_value(db, knows_sql, DB_ARGS(product, from, to)));
}

bool exchange_was_asked(PGconn *db, const char *product)
{
	return is_true(db_value(db, was_asked_sql, DB_ARGS(product)));
}

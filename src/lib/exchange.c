#include "exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "cdp_key.h"
#include "log.h"
#include "tsv.h"
#include "twins.h"
#include "url.h"

#define PERMISSIONS_PATH "/api/v3/brokerage/key_permissions"
#define FILLS_PATH       "/api/v3/brokerage/orders/historical/fills"
#define ORDERS_PATH      "/api/v3/brokerage/orders/historical/batch"

/* Rows of a page: the documented default is 100, and clients ask for up to 1000. */
enum { PAGE_ROWS = 250 };

/* The newest minute of a window is not called known: fills are listed a little after they happen. */
enum { SETTLING_SECONDS = 60 };

#define FILL_COLUMNS									\
	"entry_id, trade_id, order_id, product_id, side, trade_type, trade_time, trade_nanos, sequence_time,"	\
	" price, size, size_in_quote, base_size, value, commission, liquidity, portfolio_id, source"

#define ORDER_COLUMNS									\
	"order_id, product_id, side, status, filled_size, average_filled_price, filled_value, total_fees,"	\
	" total_value_after_fees, number_of_fills, settled, placement_source, created_time, last_fill_time"

static const char staging_sql[] =
	"create temp table if not exists staged_fills as select " FILL_COLUMNS " from exchange_fills with no data;"
	"create temp table if not exists staged_orders as select " ORDER_COLUMNS " from exchange_orders with no data;"
	"create temp table if not exists staged_windows as"
	" select product_id, window_from, window_to, source, fills_seen from exchange_windows with no data;"
	"truncate staged_fills, staged_orders, staged_windows";

static const char lock_sql[] = "select pg_advisory_xact_lock(hashtextextended('windfall exchange', 0))";

/* A page that moved while the listing was read shows an entry twice. */
static const char once_sql[] =
	"delete from staged_fills a using staged_fills b where a.entry_id = b.entry_id and a.ctid < b.ctid;"
	"delete from staged_orders a using staged_orders b where a.order_id = b.order_id and a.ctid < b.ctid;"
	"analyze staged_fills";

/* Staged rows with a new id, of exports or of the interface. */
static const char new_sql[] =
	"select entry_id, product_id, side, base_size, to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
	"  from staged_fills s"
	" where (source = 'api') = ($1 = 'api') and trade_type = 'FILL'"
	"   and not exists (select from exchange_fills e where e.entry_id = s.entry_id)"
	" order by trade_time, trade_nanos, entry_id";

/* Stored rows that may be the same trades: of exports for the interface's, of any source for those of exports. */
static const char candidates_sql[] =
	"select entry_id, product_id, side, base_size, to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
	"  from exchange_fills e"
	" where ($1 <> 'api' or source <> 'api') and trade_type = 'FILL'"
	"   and trade_time between (select min(trade_time) - interval '2 seconds' from staged_fills)"
	"                      and (select max(trade_time) + interval '2 seconds' from staged_fills)"
	"   and not exists (select from staged_fills s where s.entry_id = e.entry_id)"
	" order by trade_time, trade_nanos, entry_id";

static const char drop_staged_sql[] = "delete from staged_fills where entry_id = any ($1::text[])";
static const char drop_stored_sql[] = "delete from exchange_fills where entry_id = any ($1::text[])";

/* A base quantity that an order's own total has settled stays so. */
static const char keep_settled_sql[] =
	"update staged_fills s set base_size = e.base_size from exchange_fills e"
	" where e.entry_id = s.entry_id and s.size_in_quote and e.size_in_quote and e.size = s.size and e.price = s.price"
	"   and e.base_size <> s.base_size";

#define DIFFERENT_FILL									\
	"(e.trade_id, e.order_id, e.product_id, e.side, e.trade_type, e.trade_time, e.trade_nanos, e.sequence_time, e.price,"	\
	" e.size, e.size_in_quote, e.base_size, e.value, e.commission, e.liquidity, e.portfolio_id, e.source)"	\
	" is distinct from "								\
	"(s.trade_id, s.order_id, s.product_id, s.side, s.trade_type, s.trade_time, s.trade_nanos, s.sequence_time, s.price,"	\
	" s.size, s.size_in_quote, s.base_size, s.value, s.commission, s.liquidity, s.portfolio_id, s.source)"

static const char change_fills_sql[] =
	"update exchange_fills e"
	"   set trade_id = s.trade_id, order_id = s.order_id, product_id = s.product_id, side = s.side, trade_type = s.trade_type,"
	"       trade_time = s.trade_time, trade_nanos = s.trade_nanos, sequence_time = s.sequence_time, price = s.price,"
	"       size = s.size, size_in_quote = s.size_in_quote, base_size = s.base_size, value = s.value,"
	"       commission = s.commission, liquidity = s.liquidity, portfolio_id = s.portfolio_id, source = s.source,"
	"       fetched_at = now()"
	"  from staged_fills s"
	" where e.entry_id = s.entry_id and " DIFFERENT_FILL;

static const char add_fills_sql[] =
	"insert into exchange_fills (" FILL_COLUMNS ")"
	" select " FILL_COLUMNS " from staged_fills s"
	"  where not exists (select from exchange_fills e where e.entry_id = s.entry_id)"
	"  order by product_id, trade_time, trade_nanos, entry_id";

static const char store_orders_sql[] =
	"insert into exchange_orders (" ORDER_COLUMNS ")"
	" select " ORDER_COLUMNS " from staged_orders s"
	"  where not exists (select from exchange_orders e where e.order_id = s.order_id"
	"	                and (e.product_id, e.side, e.status, e.filled_size, e.average_filled_price, e.filled_value,"
	"	                     e.total_fees, e.total_value_after_fees, e.number_of_fills, e.settled, e.placement_source,"
	"	                     e.created_time, e.last_fill_time) is not distinct from"
	"	                    (s.product_id, s.side, s.status, s.filled_size, s.average_filled_price, s.filled_value,"
	"	                     s.total_fees, s.total_value_after_fees, s.number_of_fills, s.settled, s.placement_source,"
	"	                     s.created_time, s.last_fill_time))"
	"  order by order_id"
	" on conflict (order_id) do update"
	"    set product_id = excluded.product_id, side = excluded.side, status = excluded.status,"
	"        filled_size = excluded.filled_size, average_filled_price = excluded.average_filled_price,"
	"        filled_value = excluded.filled_value, total_fees = excluded.total_fees,"
	"        total_value_after_fees = excluded.total_value_after_fees, number_of_fills = excluded.number_of_fills,"
	"        settled = excluded.settled, placement_source = excluded.placement_source,"
	"        created_time = excluded.created_time, last_fill_time = excluded.last_fill_time,"
	"        fetched_at = excluded.fetched_at";

/*
 * A fill sized in quote has a base quantity that does not end; the order's filled size is the rounded truth.
 * Each fill is rounded to the decimals of the total and the last one takes the remainder, if that is
 * no more than such rounding can leave.
 */
static const char settle_sizes_sql[] =
	"with quoted as ("
	"	select f.order_id from exchange_fills f where f.size_in_quote and f.order_id is not null"
	"	   and (exists (select from staged_fills s where s.order_id = f.order_id)"
	"	     or exists (select from staged_orders s where s.order_id = f.order_id))"
	"	 group by f.order_id"
	"), rounded as ("
	"	select f.entry_id, f.base_size, o.filled_size, o.number_of_fills,"
	"	       round(case when f.size_in_quote then f.size / f.price else f.base_size end, scale(o.filled_size)) as part,"
	"	       count(*) over w as fills, bool_and(f.trade_type = 'FILL') over w as plain,"
	"	       row_number() over (w order by f.trade_time desc, f.trade_nanos desc, f.entry_id desc) as from_last"
	"	  from exchange_fills f join quoted using (order_id) join exchange_orders o using (order_id)"
	"	window w as (partition by f.order_id)"
	"), settled as ("
	"	select entry_id, base_size, plain and fills = number_of_fills"
	"	       and abs(filled_size - sum(part) over o) <= fills * 10::numeric ^ -scale(filled_size) as ok,"
	"	       case when from_last = 1 then part + filled_size - sum(part) over o else part end as part"
	"	  from (select r.*, f.order_id from rounded r join exchange_fills f using (entry_id)) r"
	"	window o as (partition by order_id)"
	")"
	" update exchange_fills f set base_size = s.part, fetched_at = now()"
	"  from settled s where s.entry_id = f.entry_id and s.ok and s.part > 0 and f.base_size <> s.part";

static const char windows_sql[] =
	"insert into exchange_windows (product_id, window_from, window_to, source, fills_seen)"
	" select product_id, window_from, window_to, source, max(fills_seen) from staged_windows"
	"  where window_to > window_from group by product_id, window_from, window_to, source order by 1, 2, 3, 4"
	" on conflict (product_id, window_from, window_to, source) do update"
	"    set fills_seen = excluded.fills_seen, fetched_at = excluded.fetched_at";

/* Until when everything is known from the first trade on: of all these products, or of every product. */
static const char known_until_sql[] =
	"select to_char((min(known) - make_interval(secs => $2::float8 * 86400)) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
	"  from (select p, (select max(upper(r)) from (select unnest(range_agg(tstzrange(window_from, window_to))) as r"
	"                     from exchange_windows w where w.product_id in (p, '*') and w.source = 'api') as ranges"
	"                    where lower_inf(r) or lower(r) = '-infinity') as known"
	"          from unnest($1::text[]) as p) as products"
	" having bool_and(known is not null)";

/* Options ------------------------------------------------------------------------------------ */

bool exchange_option(struct exchange_options *o, int c, const char *arg)
{
	switch (c) {
	case EXCHANGE_OPT_KEY:
		o->key_file = arg;
		return true;
	case EXCHANGE_OPT_URL:
		o->base_url = arg;
		return true;
	case EXCHANGE_OPT_TRADING:
		o->allow_trading_key = true;
		return true;
	case EXCHANGE_OPT_HTTP1:
		o->http.http1 = true;
		return true;
	}
	if (!http_option(&o->http, c, arg))
		return false;
	if (o->http.rate > EXCHANGE_MAX_RATE)
		die(EX_USAGE, "--rate %s: the exchange allows %d requests a second", arg, EXCHANGE_MAX_RATE);
	return true;
}

/* The key ------------------------------------------------------------------------------------ */

static struct cdp_key *load_key(const char *path)
{
	char text[16384];
	struct cdp_key *key;
	struct reason why;
	struct stat st;
	ssize_t got;
	size_t len = 0;
	int fd;

	if (!path || !*path)
		path = getenv("COINBASE_KEY_FILE");
	if (!path || !*path)
		die(EX_CONFIG, "no key: name the key file in COINBASE_KEY_FILE or with --key, or read exports with --csv");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0)
		die(errno == EACCES ? EX_NOPERM : EX_CONFIG, "cannot read the key file %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		die(EX_CONFIG, "the key file %s is not a plain file", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		die(EX_NOPERM, "the key file %s is open to others (mode %03o): chmod 600 it", path, (unsigned)st.st_mode & 0777);
	while (len < sizeof text && (got = read(fd, text + len, sizeof text - len)) > 0)
		len += (size_t)got;
	close(fd);
	if (len == sizeof text)
		die(EX_CONFIG, "the key file %s is too large to be one", path);
	key = cdp_key_parse(text, len, &why);
	OPENSSL_cleanse(text, sizeof text);
	if (!key)
		die(EX_CONFIG, "%s: %s", path, why.text);
	return key;
}

static void add_token(void *ctx, const char *url, struct buf *line)
{
	const struct cdp_key *key = ctx;
	unsigned char nonce[CDP_NONCE_BYTES];
	struct reason why;

	if (RAND_bytes(nonce, sizeof nonce) != 1)
		die(EX_SOFTWARE, "no random numbers for a token");
	buf_adds(line, "Authorization: Bearer ");
	if (!cdp_key_token(key, "GET", url, time(NULL), nonce, line, &why))
		die(EX_SOFTWARE, "%s", why.text);
}

/* Whether a plain http address stays on this machine. */
static bool is_here(const char *host)
{
	size_t len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
	size_t digits = strspn(host, "0123456789.");

	if (len > strlen(host) || (host[len] && !strchr(":/?#", host[len])))
		return false;
	return (len == 9 && strncmp(host, "localhost", 9) == 0) || (len == 5 && strncmp(host, "[::1]", 5) == 0) ||
	       (len == digits && strncmp(host, "127.", 4) == 0);
}

/* Anybody on the way could use a token for two minutes. */
static void refuse_clear_text(const char *url)
{
	if (strncmp(url, "https://", 8) == 0)
		return;
	if (strncmp(url, "http://", 7) != 0 || !is_here(url + 7))
		die(EX_USAGE, "%s: a key is used over https only", url);
}

/* Asking ------------------------------------------------------------------------------------- */

enum stage { PERMISSIONS, FILLS, ORDERS, FINISHED };

struct asking {
	const char *base;
	const struct exchange_options *o;
	const struct exchange_query *q;
	exchange_fills_fn *take_fills;
	exchange_orders_fn *take_orders;
	void *ctx;
	enum stage stage;
	bool outstanding;
	char *cursor;			/* of the next page; "" for the first */
	char **seen;			/* cursors so far */
	size_t n_seen, seen_room;
	long pages;
	int status;
};

static void add_escaped(struct buf *url, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~", c))
			buf_addc(url, (char)c);
		else
			buf_addf(url, "%%%02X", c);
	}
}

static void add_parameter(struct buf *url, char mark, const char *name, const char *value)
{
	buf_addf(url, "%c%s=", mark, name);
	add_escaped(url, value);
}

static void build_url(const struct asking *a, struct buf *url)
{
	static const char *const path[] = { PERMISSIONS_PATH, FILLS_PATH, ORDERS_PATH };
	const struct exchange_query *q = a->q;

	buf_adds(url, a->base);
	buf_adds(url, path[a->stage]);
	if (a->stage == PERMISSIONS)
		return;
	buf_addf(url, "?limit=%d", PAGE_ROWS);
	for (size_t i = 0; i < q->n_products; i++)
		add_parameter(url, '&', "product_ids", q->products[i]);
	if (*q->since)
		add_parameter(url, '&', a->stage == FILLS ? "start_sequence_timestamp" : "start_date", q->since);
	if (*q->until)
		add_parameter(url, '&', a->stage == FILLS ? "end_sequence_timestamp" : "end_date", q->until);
	if (*a->cursor)
		add_parameter(url, '&', "cursor", a->cursor);
}

static enum http_next next_request(void *ctx, struct http_request *req)
{
	struct asking *a = ctx;

	if (a->outstanding)
		return HTTP_HOLD;
	if (a->stage == FINISHED)
		return HTTP_END;
	build_url(a, &req->url);
	a->outstanding = true;
	return HTTP_START;
}

static void stop(struct asking *a, int status)
{
	a->status = status;
	a->stage = FINISHED;
}

static void begin_listing(struct asking *a, enum stage stage)
{
	a->stage = stage;
	free(a->cursor);
	a->cursor = xstrdup("");
	for (size_t i = 0; i < a->n_seen; i++)
		free(a->seen[i]);
	a->n_seen = 0;
}

/* The next page, or what comes after the listing.  A cursor met before would go round for ever. */
static void go_on(struct asking *a, const struct coinbase_page *page)
{
	a->pages++;
	if (page->n == 0 || !*page->cursor) {
		if (a->stage == FILLS && a->q->orders)
			begin_listing(a, ORDERS);
		else
			a->stage = FINISHED;
		return;
	}
	for (size_t i = 0; i < a->n_seen; i++)
		if (strcmp(a->seen[i], page->cursor) == 0) {
			log_error("the exchange repeats the cursor %.60s: the listing does not end, and is not whole", page->cursor);
			stop(a, EX_PROTOCOL);
			return;
		}
	if (a->n_seen == a->seen_room) {
		a->seen_room = a->seen_room ? 2 * a->seen_room : 64;
		a->seen = xrealloc(a->seen, a->seen_room * sizeof *a->seen);
	}
	a->seen[a->n_seen++] = xstrdup(page->cursor);
	free(a->cursor);
	a->cursor = xstrdup(page->cursor);
}

static void take_permissions(struct asking *a, const struct coinbase_permissions *p)
{
	bool dangerous = p->can_trade || p->can_transfer;
	const char *may = p->can_trade && p->can_transfer ? "trade and transfer" : p->can_trade ? "trade" : "transfer";

	if (!p->can_view) {
		log_error("the key may not view: make one with the view permission, and no other");
		stop(a, EX_NOPERM);
		return;
	}
	if (dangerous && !a->o->allow_trading_key) {
		log_error("the key may %s: make one that may only view, or say --allow-trading-key", may);
		stop(a, EX_NOPERM);
		return;
	}
	if (dangerous)
		log_warning("the key may %s; one that may only view would do", may);
	log_debug("the key sees one portfolio: %s %s", p->portfolio_type, p->portfolio_uuid);
	begin_listing(a, FILLS);
}

/* A body: what it said, or COINBASE_CUT. */
static enum coinbase_answer take_body(struct asking *a, const struct buf *body, struct reason *why)
{
	struct coinbase_permissions permissions;
	struct coinbase_page page = { 0 };
	enum coinbase_answer answer;

	if (a->stage == PERMISSIONS) {
		answer = coinbase_permissions_parse(body->data, body->len, &permissions, why);
		if (answer == COINBASE_OK)
			take_permissions(a, &permissions);
		return answer;
	}
	answer = (a->stage == FILLS ? coinbase_fills_parse : coinbase_orders_parse)(body->data, body->len, &page, why);
	if (answer == COINBASE_OK) {
		if (a->stage == FILLS)
			a->take_fills(a->ctx, page.fills, page.n);
		else
			a->take_orders(a->ctx, page.orders, page.n);
		go_on(a, &page);
	}
	coinbase_page_release(&page);
	return answer;
}

static void say_trouble(const char *url, const struct http_reply *reply)
{
	struct buf shown = BUF_INIT;

	url_show(&shown, url);
	if (reply->outcome == HTTP_FORBIDDEN && reply->code == 401)
		log_error("cannot fetch %s: the exchange refuses the key's tokens (%d of them): is it the right key, is this "
			  "machine's clock right, may its address use the key?", shown.data, reply->attempts);
	else if (reply->outcome == HTTP_FORBIDDEN)
		log_error("cannot fetch %s: HTTP %ld, the key lacks a permission: %.200s", shown.data, reply->code,
			  reply->body->data);
	else
		log_error("cannot fetch %s: %s (after %d attempts)", shown.data,
			  reply->outcome == HTTP_ABSENT ? "there is no such address" : reply->why, reply->attempts);
	buf_release(&shown);
}

static enum http_verdict take_reply(void *ctx, const struct http_request *req, const struct http_reply *reply)
{
	struct asking *a = ctx;
	struct reason why = { "" };
	enum coinbase_answer answer;

	if (reply->outcome == HTTP_BODY) {
		answer = take_body(a, reply->body, &why);
		if (answer == COINBASE_CUT)
			return HTTP_AGAIN;
		if (answer == COINBASE_ODD) {
			log_error("the exchange's answer is not as documented: page %ld, %s", a->pages + 1, why.text);
			stop(a, EX_PROTOCOL);
		}
	} else {
		say_trouble(req->url.data, reply);
		stop(a, reply->outcome == HTTP_ABSENT ? EX_PROTOCOL : http_exit_status(reply->outcome));
	}
	a->outstanding = false;
	return HTTP_DONE;
}

int exchange_ask(const struct exchange_options *o, const struct exchange_query *q, exchange_fills_fn *take_fills,
		 exchange_orders_fn *take_orders, void *ctx, struct exchange_totals *totals)
{
	struct asking a = { .o = o, .q = q, .take_fills = take_fills, .take_orders = take_orders, .ctx = ctx };
	struct http_options http = o->http;
	struct cdp_key *key;
	char *base;

	a.base = base = http_base_url(o->base_url, "WINDFALL_COINBASE_URL", EXCHANGE_URL);
	refuse_clear_text(base);
	key = load_key(o->key_file);
	http.header = add_token;
	http.header_ctx = key;
	http.parallel = 1;
	begin_listing(&a, PERMISSIONS);
	http_run(&http, next_request, take_reply, &a, &totals->http);
	totals->pages = a.pages;
	begin_listing(&a, FINISHED);
	free(a.cursor);
	free(a.seen);
	free(base);
	cdp_key_release(key);
	return a.status;
}

/* Staging ------------------------------------------------------------------------------------ */

void exchange_stage(PGconn *db)
{
	db_exec(db, staging_sql);
}

static void text_or_null(struct tsv_writer *w, const char *text)
{
	tsv_text(w, *text ? text : NULL);
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
		text_or_null(&w, f->trade_id);
		text_or_null(&w, f->order_id);
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
		text_or_null(&w, f->liquidity);
		text_or_null(&w, f->portfolio_id);
		tsv_text(&w, f->source);
		tsv_end_row(&w);
	}
	copy_rows(db, "copy staged_fills (" FILL_COLUMNS ") from stdin", &w);
}

void exchange_stage_orders(PGconn *db, const struct coinbase_order *orders, size_t n)
{
	struct tsv_writer w = copy_writer();

	for (const struct coinbase_order *o = orders; o < orders + n; o++) {
		tsv_text(&w, o->order_id);
		tsv_text(&w, o->product_id);
		tsv_text(&w, o->buy ? "BUY" : "SELL");
		tsv_text(&w, o->status);
		tsv_plain(&w, o->filled_size);
		text_or_null(&w, o->average_filled_price);
		tsv_plain(&w, o->filled_value);
		tsv_plain(&w, o->total_fees);
		text_or_null(&w, o->total_value_after_fees);
		tsv_int(&w, o->number_of_fills);
		if (o->settled < 0)
			tsv_null(&w);
		else
			tsv_bool(&w, o->settled);
		text_or_null(&w, o->placement_source);
		tsv_text(&w, o->has_created ? o->created.micros : NULL);
		tsv_text(&w, o->has_last_fill ? o->last_fill.micros : NULL);
		tsv_end_row(&w);
	}
	copy_rows(db, "copy staged_orders (" ORDER_COLUMNS ") from stdin", &w);
}

void exchange_stage_window(PGconn *db, const char *product, const char *from, const char *to, const char *source,
			   long fills)
{
	char count[24];

	snprintf(count, sizeof count, "%ld", fills);
	PQclear(db_query(db, "insert into staged_windows values ($1, coalesce(nullif($2, ''), '-infinity')::timestamptz,"
			     " $3::timestamptz, $4, $5::integer)", DB_ARGS(product, from, to, source, count)));
}

/* Storing ------------------------------------------------------------------------------------ */

static void load_twins(PGconn *db, const char *sql, const char *source, PGresult **rows, struct twins *list)
{
	twins_init(list);
	*rows = db_query(db, sql, DB_ARGS(source));
	for (int i = 0; i < PQntuples(*rows); i++) {
		struct moment when;

		if (!moment_parse(&when, PQgetvalue(*rows, i, 4), false, NULL))
			die(EX_SOFTWARE, "the database gives %s for a time", PQgetvalue(*rows, i, 4));
		twins_add(list, PQgetvalue(*rows, i, 1), strcmp(PQgetvalue(*rows, i, 2), "BUY") == 0,
			  PQgetvalue(*rows, i, 3), &when, &when);
	}
}

/* The ids of the paired, as an array literal. */
static char *paired_ids(const PGresult *rows, const struct twins *list)
{
	struct buf ids = BUF_INIT;

	buf_addc(&ids, '{');
	for (size_t i = 0; i < list->n; i++) {
		if (list->twin[i].partner == TWIN_NONE)
			continue;
		if (ids.len > 1)
			buf_addc(&ids, ',');
		buf_addc(&ids, '"');
		for (const char *c = PQgetvalue(rows, (int)i, 0); *c; c++) {
			if (*c == '"' || *c == '\\')
				buf_addc(&ids, '\\');
			buf_addc(&ids, *c);
		}
		buf_addc(&ids, '"');
	}
	buf_addc(&ids, '}');
	return buf_detach(&ids);
}

/* Of a trade that is told twice one row stays: the interface's, else the one that was there first. */
static void drop_twins(PGconn *db, const char *source, struct exchange_stored *stored)
{
	bool api = strcmp(source, "api") == 0;
	PGresult *new_rows, *old_rows;
	struct twins new_list, old_list;
	char *ids;

	load_twins(db, new_sql, source, &new_rows, &new_list);
	load_twins(db, candidates_sql, source, &old_rows, &old_list);
	if (twins_pair(&new_list, &old_list) > 0) {
		ids = api ? paired_ids(old_rows, &old_list) : paired_ids(new_rows, &new_list);
		if (api)
			stored->replaced += db_change(db, drop_stored_sql, DB_ARGS(ids));
		else
			stored->known += db_change(db, drop_staged_sql, DB_ARGS(ids));
		free(ids);
	}
	twins_release(&new_list);
	twins_release(&old_list);
	PQclear(new_rows);
	PQclear(old_rows);
}

void exchange_store(PGconn *db, struct exchange_stored *stored)
{
	*stored = (struct exchange_stored){ 0 };
	db_exec(db, "begin");
	PQclear(db_query(db, lock_sql, DB_NO_ARGS));
	db_exec(db, once_sql);
	drop_twins(db, "api", stored);
	drop_twins(db, "csv", stored);
	PQclear(db_query(db, keep_settled_sql, DB_NO_ARGS));
	stored->changed = db_change(db, change_fills_sql, DB_NO_ARGS);
	stored->added = db_change(db, add_fills_sql, DB_NO_ARGS);
	stored->orders = db_change(db, store_orders_sql, DB_NO_ARGS);
	stored->settled_sizes = db_change(db, settle_sizes_sql, DB_NO_ARGS);
	PQclear(db_query(db, windows_sql, DB_NO_ARGS));
	db_exec(db, "commit");
}

/* Asking and storing ------------------------------------------------------------------------- */

struct staging {
	PGconn *db;
	long fills;
};

static void stage_fills(void *ctx, const struct coinbase_fill *fills, size_t n)
{
	struct staging *s = ctx;

	exchange_stage_fills(s->db, fills, n);
	s->fills += (long)n;
}

static void stage_orders(void *ctx, const struct coinbase_order *orders, size_t n)
{
	struct staging *s = ctx;

	exchange_stage_orders(s->db, orders, n);
}

static char *product_array(const struct exchange_query *q)
{
	struct buf list = BUF_INIT;

	buf_addc(&list, '{');
	for (size_t i = 0; i < q->n_products; i++)
		buf_addf(&list, "%s\"%s\"", i ? "," : "", q->products[i]);	/* coinbase_product_ok(): nothing to escape */
	buf_adds(&list, q->n_products ? "}" : "\"" EXCHANGE_ALL "\"}");
	return buf_detach(&list);
}

static void instant_text(instant_t when, char text[MOMENT_TEXT])
{
	char plain[INSTANT_TEXT];

	instant_format(when, plain);
	snprintf(text, MOMENT_TEXT, "%.19sZ", plain);
}

int exchange_update(PGconn *db, const struct exchange_options *o, struct exchange_query *q, bool whole_history,
		    double overlap_days, struct exchange_stored *stored, struct exchange_totals *totals)
{
	struct staging staging = { .db = db };
	instant_t now = time(NULL), settled = now - SETTLING_SECONDS, until;
	char known_to[MOMENT_TEXT], days[32];
	int status;

	*stored = (struct exchange_stored){ 0 };
	if (!*q->since && !whole_history) {
		char *products = product_array(q), *since;

		snprintf(days, sizeof days, "%.6f", overlap_days);
		since = db_value(db, known_until_sql, DB_ARGS(products, days));
		if (since)
			snprintf(q->since, sizeof q->since, "%.27s", since);
		free(products);
		free(since);
	}
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
	for (size_t i = 0; i < (q->n_products ? q->n_products : 1); i++)
		exchange_stage_window(db, q->n_products ? q->products[i] : EXCHANGE_ALL, q->since, known_to, "api",
				      staging.fills);
	exchange_store(db, stored);
	return 0;
}

#include "coinbase/client_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/plural.h"
#include "coinbase/cdp_key.h"
#include "coinbase/listing_io.h"
#include "format/json.h"
#include "format/url.h"
#include "format/url_net.h"
#include "os/log.h"
#include "os/private_file.h"

#define PERMISSIONS_PATH "/api/v3/brokerage/key_permissions"
#define FILLS_PATH       "/api/v3/brokerage/orders/historical/fills"
#define ORDERS_PATH      "/api/v3/brokerage/orders/historical/batch"

/* Rows of a page: the documented default is 100, and clients ask for up to 1000. */
enum { PAGE_ROWS = 250 };

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

void exchange_environment(struct exchange_options *o)
{
	http_environment(&o->http);
	if (o->http.rate > EXCHANGE_MAX_RATE)
		o->http.rate = EXCHANGE_MAX_RATE;
}

/* The key ------------------------------------------------------------------------------------ */

enum { KEY_FILE_MAX = 16384 };

static struct cdp_key *load_key(const char *path)
{
	struct buf text = BUF_INIT;
	struct cdp_key *key;
	struct reason why;
	int status;

	if (!path || !*path)
		path = getenv("COINBASE_KEY_FILE");
	if (!path || !*path)
		die(EX_CONFIG, "no key: name the key file in COINBASE_KEY_FILE or with --key; without one fetch-fills --csv reads "
		    "exports, and reconcile-fills --offline compares what is stored");
	status = private_file_read(path, KEY_FILE_MAX, &text, &why);
	if (status)
		die(status, "the key file %s: %s", path, why.text);
	key = cdp_key_parse(text.data, text.len, &why);
	private_wipe(&text);
	if (!key)
		die(EX_CONFIG, "%s: %s; it must be JSON with the key's \"name\" or \"id\" and its \"privateKey\", each as the "
		    "developer platform shows it", path, why.text);
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

/* Anybody on the way could use a token for two minutes. */
static void refuse_clear_text(const char *url)
{
	const char *trouble = url_secret_trouble(url, URL_WEB);
	struct buf shown = BUF_INIT;

	if (!trouble)
		return;
	url_show(&shown, url);
	die(EX_USAGE, "%s: a key is used over https only, and the address %s", shown.data, trouble);
}

/* A token is dated by this machine's clock.  How long an answer may be on the way besides, and its second begun: less
 * says nothing. */
enum { CLOCK_TOLERANCE = 10 };

/* Asking ------------------------------------------------------------------------------------- */

/* More pages than any account has: twenty-five million trades. */
enum { MAX_PAGES = 100000 };

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
	struct listing listing;
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
	listing_begin(&a->listing);
}

/* The next page, or what comes after the listing.  What goes round for ever is no listing. */
static void go_on(struct asking *a, const struct coinbase_page *page, bool news)
{
	if (page->more && !*page->cursor) {
		log_error("page %ld of the listing says that there is more and has no cursor for it: it is incomplete",
			  a->listing.pages);
		stop(a, EX_PROTOCOL);
		return;
	}
	if ((page->n == 0 && !page->more) || !*page->cursor) {
		if (a->stage == FILLS && a->q->orders)
			begin_listing(a, ORDERS);
		else
			a->stage = FINISHED;
		return;
	}
	if (!listing_is_new_cursor(&a->listing, page->cursor)) {
		log_error("the exchange repeats the cursor %.60s: the listing does not end and is incomplete", page->cursor);
		stop(a, EX_PROTOCOL);
		return;
	}
	/* A page without rows may say that there are more. */
	if ((!news && page->n > 0) || a->listing.pages >= MAX_PAGES) {
		log_error(news || page->n == 0 ? "the listing does not end after %ld pages and is incomplete"
			       : "page %ld of the listing has only rows of earlier pages: it does not end and is incomplete",
			  a->listing.pages);
		stop(a, EX_PROTOCOL);
		return;
	}
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
		log_error("the key may %s: make one that may only view, or give --allow-trading-key", may);
		stop(a, EX_NOPERM);
		return;
	}
	if (dangerous)
		log_warning("the key may %s; one that may only view would do", may);
	log_debug("the key sees one portfolio: %s %s", p->portfolio_type, p->portfolio_uuid);
	if (a->q->see_portfolio)
		a->q->see_portfolio(a->ctx, p->portfolio_uuid);
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
		bool news = listing_brings_news(&a->listing, &page);

		if (a->stage == FILLS)
			a->take_fills(a->ctx, page.fills, listing_keep_fills(&a->listing, &page, &a->q->latest));
		else
			a->take_orders(a->ctx, page.orders, listing_keep_orders(&a->listing, &page));
		go_on(a, &page, news);
	}
	coinbase_page_release(&page);
	return answer;
}

/* The exchange refuses in JSON.  What stands before it, or a proxy, has a page or a line of its own. */
static bool is_exchanges_word(const struct buf *body)
{
	cJSON *document = json_parse(body->data ? body->data : "", body->len, NULL);
	bool is = cJSON_IsObject(document);

	json_release(document);
	return is;
}

static void say_trouble(const char *url, const struct http_reply *reply)
{
	struct buf shown = BUF_INIT;

	url_show(&shown, url);
	if (reply->outcome == HTTP_FORBIDDEN && reply->code == 401 && labs(reply->clock_ahead) >= CLOCK_TOLERANCE)
		log_error("cannot fetch %s: the exchange refuses the key's tokens (%d of them): this machine's clock is %ld seconds "
			  "%s the exchange's, and a token holds for two minutes: set the clock", shown.data, reply->attempts,
			  labs(reply->clock_ahead),
			  reply->clock_ahead > 0 ? "ahead of" : "behind");
	else if (reply->outcome == HTTP_FORBIDDEN && reply->code == 401)
		log_error("cannot fetch %s: the exchange refuses the key's tokens (%d of them): is it the right key, is this "
			  "machine's clock right, may its address use the key?", shown.data, reply->attempts);
	else if (reply->outcome == HTTP_FORBIDDEN && is_exchanges_word(reply->body))
		log_error("cannot fetch %s: HTTP %ld, the key lacks a permission: %.200s", shown.data, reply->code,
			  reply->body->data);
	else if (reply->outcome == HTTP_FORBIDDEN)
		log_error("cannot fetch %s: HTTP %ld, but not in the exchange's own form (%.60s): a firewall or "
			  "proxy may be refusing this machine's address, whatever the key", shown.data, reply->code,
			  reply->body->data ? reply->body->data : "");
	else
		log_error("cannot fetch %s: %s (after %d %s)", shown.data,
			  reply->outcome == HTTP_ABSENT ? "there is no such address" : reply->why, reply->attempts,
			  plural(reply->attempts, "attempt", "attempts"));
	buf_release(&shown);
}

static enum http_verdict take_reply(void *ctx, const struct http_request *req, const struct http_reply *reply)
{
	struct asking *a = ctx;
	struct reason why = { .text = "" };
	enum coinbase_answer answer;

	if (reply->outcome == HTTP_BODY) {
		answer = take_body(a, reply->body, &why);
		if (answer == COINBASE_CUT)
			return HTTP_AGAIN;
		if (answer == COINBASE_ODD) {
			log_error("the exchange's answer is not as documented: page %ld, %s", a->listing.pages + 1, why.text);
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
	totals->pages = a.listing.pages;
	totals->unread = a.listing.unread;
	listing_say(&a.listing);
	listing_release(&a.listing);
	free(a.cursor);
	free(base);
	cdp_key_release(key);
	return a.status;
}

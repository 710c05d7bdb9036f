#include "coinbase/client_net.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/plural.h"
#include "coinbase/cdp_key.h"
#include "coinbase/csv_amounts.h"
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

/* Ids that were met, eight bytes each: of a million the chance that two look the same is one in 37 million. */
struct id_set {
	uint64_t *slot;			/* 0 is free */
	size_t n, size;			/* size is a power of two */
};

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
	struct id_set seen;		/* cursors and entries of this listing */
	long pages;
	int status;
	struct contracts {
		char product[COINBASE_PRODUCT];
		long fills;
	} *contracts;			/* what is kept out, by product */
	size_t n_contracts;
	size_t n_empty;			/* fills of size zero */
	size_t n_unsaid;		/* fills without a commission */
	size_t n_disputed;		/* fills with two */
	long unread;			/* rows that are left out, of which the listing is not whole */
};

/* FNV-1a, 64 bits; never 0. */
static uint64_t hash_of(const char *id)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
	return hash ? hash : 1;
}

/* True if it was not there yet. */
static bool put_hash(struct id_set *set, uint64_t hash)
{
	size_t at = hash & (set->size - 1);

	while (set->slot[at] && set->slot[at] != hash)
		at = (at + 1) & (set->size - 1);
	if (set->slot[at] == hash)
		return false;
	set->slot[at] = hash;
	set->n++;
	return true;
}

static bool is_new_id(struct id_set *set, const char *id)
{
	struct id_set larger;

	if (2 * (set->n + 1) > set->size) {
		larger = (struct id_set){ NULL, 0, set->size ? 2 * set->size : 1024 };
		larger.slot = xmalloc(larger.size * sizeof *larger.slot);
		memset(larger.slot, 0, larger.size * sizeof *larger.slot);
		for (size_t i = 0; i < set->size; i++)
			if (set->slot[i])
				put_hash(&larger, set->slot[i]);
		free(set->slot);
		*set = larger;
	}
	return put_hash(set, hash_of(id));
}

static void forget_ids(struct id_set *set)
{
	free(set->slot);
	*set = (struct id_set){ NULL, 0, 0 };
}

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
	forget_ids(&a->seen);
}

/* So many rows that are left out are named; the others are counted. */
enum { NAMED_UNREAD = 20 };

/* A row that is left out because of what it says. */
static void leave_out(struct asking *a, const struct reason *why)
{
	if (++a->unread <= NAMED_UNREAD)
		log_warning("%s", why->text);
	else if (a->unread == NAMED_UNREAD + 1)
		log_warning("there are more such rows; only the first %d are named", NAMED_UNREAD);
}

/* A decimal without the zeros at its end: 2.50 and 2.5 are one amount. */
static void add_amount(struct buf *to, const char *text)
{
	size_t len = strlen(text);

	while (strchr(text, '.') && len > 0 && (text[len - 1] == '0' || text[len - 1] == '.'))
		if (text[--len] == '.')
			break;
	buf_addf(to, " %.*s", (int)len, text);
}

/* What an entry says, and by which it is one with itself wherever it stands in the listing. */
static void add_facts(struct buf *to, const struct coinbase_fill *f)
{
	char time[COINBASE_TIME];

	buf_addf(to, "%s %s %s %s %s %d", f->entry_id, f->trade_type, f->product_id,
		 coinbase_time_format(&f->traded, time), f->buy ? "BUY" : "SELL", f->size_in_quote);
	add_amount(to, f->price);
	add_amount(to, f->size);
	add_amount(to, f->commission);
}

/* An entry that stood in the listing before may stand there again, as a page may move while the listing is read.  If
 * it says something else now, one of the two is wrong; it then loses its id, by which it is left out. */
static void check_again(struct asking *a, struct coinbase_fill *f, bool is_first)
{
	struct buf facts = BUF_INIT;
	struct reason why;

	add_facts(&facts, f);
	if (is_new_id(&a->seen, facts.data) && !is_first) {
		reason_set(&why, "entry %.60s of the listing (%s) stands there with other facts too: %.200s; the first is "
				 "taken, and which is right, a person must see", f->entry_id, f->product_id,
			   facts.data + strlen(f->entry_id) + 1);
		leave_out(a, &why);
		f->entry_id[0] = '\0';
	}
	buf_release(&facts);
}

/* Does a page hold an entry that no page before it had? */
static bool brings_news(struct asking *a, const struct coinbase_page *page)
{
	bool news = false, first;

	for (size_t i = 0; i < page->n; i++) {
		first = is_new_id(&a->seen, a->stage == FILLS ? page->fills[i].entry_id : page->orders[i].order_id);
		news |= first;
		if (a->stage == FILLS)
			check_again(a, &page->fills[i], first);
	}
	return news;
}

/* The next page, or what comes after the listing.  What goes round for ever is no listing. */
static void go_on(struct asking *a, const struct coinbase_page *page, bool news)
{
	char cursor[COINBASE_ID + 8];

	a->pages++;
	if (page->more && !*page->cursor) {
		log_error("page %ld of the listing says that there is more and has no cursor for it: it is incomplete", a->pages);
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
	snprintf(cursor, sizeof cursor, "cursor %s", page->cursor);
	if (!is_new_id(&a->seen, cursor)) {
		log_error("the exchange repeats the cursor %.60s: the listing does not end and is incomplete", page->cursor);
		stop(a, EX_PROTOCOL);
		return;
	}
	/* A page without rows may say that there are more. */
	if ((!news && page->n > 0) || a->pages >= MAX_PAGES) {
		log_error(news || page->n == 0 ? "the listing does not end after %ld pages and is incomplete"
			       : "page %ld of the listing has only rows of earlier pages: it does not end and is incomplete",
			  a->pages);
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
		log_error("the key may %s: make one that may only view, or say --allow-trading-key", may);
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

/* Count a fill of a future or perpetual under its product. */
static void count_contract(struct asking *a, const char *product)
{
	size_t i = 0;

	while (i < a->n_contracts && strcmp(a->contracts[i].product, product) != 0)
		i++;
	if (i == a->n_contracts) {
		a->contracts = xrealloc(a->contracts, ++a->n_contracts * sizeof *a->contracts);
		a->contracts[i].fills = 0;
		snprintf(a->contracts[i].product, sizeof a->contracts[i].product, "%s", product);
	}
	a->contracts[i].fills++;
}

/* Neither a purchase nor a sale can be made of a row whose side the exchange does not know. */
static bool has_side(const char *kind, const char *id, const char *product, bool unsaid, struct reason *why)
{
	return !unsaid || reason_set(why, "%s %.60s (%s) has no side, as the exchange does not know it: it is left out, and "
					  "a person must see what it was", kind, id, product);
}

/* No trade has a time or a commission like this; a commission of what is not booked is nobody's. */
static bool is_possible(const struct coinbase_fill *f, const struct instant_ns *latest, struct reason *why)
{
	const char *id = *f->trade_id ? f->trade_id : f->entry_id;
	struct decimal fee, value;
	struct reason detail;
	bool beyond;

	if (!has_side("trade", id, f->product_id, f->side_unsaid, why))
		return false;
	if (!coinbase_time_is_possible(&f->traded, latest, &detail))
		return reason_set(why, "trade %.60s (%s) is left out: its time %s", id, f->product_id, detail.text);
	decimal_init(&fee);
	decimal_init(&value);
	beyond = coinbase_fill_is_booked(f) && decimal_parse_text(&fee, f->commission, DECIMAL_PLAIN, NULL) &&
		 decimal_parse_text(&value, f->value, DECIMAL_PLAIN, NULL) && coinbase_fee_is_beyond(&fee, &value, f->product_id);
	decimal_release(&fee);
	decimal_release(&value);
	return !beyond || reason_set(why, "trade %.60s (%s) is left out: a commission of %.40s is too much for a value of "
					  "%.40s", id, f->product_id, f->commission, f->value);
}

/* Move the fills of spot products to the front of a page; how many they are.  The sizes of others count contracts, and
 * one of size zero is none. */
static size_t keep_spot_fills(struct asking *a, struct coinbase_page *page)
{
	struct reason why;
	size_t kept = 0;

	for (size_t i = 0; i < page->n; i++) {
		const struct coinbase_fill *f = &page->fills[i];

		if (!*f->entry_id)
			continue;
		if (coinbase_fill_is_booked(f) && coinbase_fill_is_empty(f)) {
			a->n_empty++;
		} else if (!coinbase_product_is_spot(f->product_id)) {
			count_contract(a, f->product_id);
		} else if (!is_possible(f, &a->q->latest, &why)) {
			leave_out(a, &why);
		} else {
			a->n_unsaid += f->fee_unsaid;
			a->n_disputed += f->fee_disputed;
			page->fills[kept++] = *f;
		}
	}
	return kept;
}

static size_t keep_spot_orders(struct asking *a, struct coinbase_page *page)
{
	struct reason why;
	size_t kept = 0;

	for (size_t i = 0; i < page->n; i++) {
		const struct coinbase_order *o = &page->orders[i];

		if (!coinbase_product_is_spot(o->product_id))
			continue;
		if (has_side("order", o->order_id, o->product_id, o->side_unsaid, &why))
			page->orders[kept++] = *o;
		else
			leave_out(a, &why);
	}
	return kept;
}

static void say_left_out(const struct asking *a)
{
	for (size_t i = 0; i < a->n_contracts; i++)
		log_warning("%ld %s of %s kept out: it is not a spot product, and sizes count contracts",
			    a->contracts[i].fills, plural(a->contracts[i].fills, "fill", "fills"), a->contracts[i].product);
	if (a->n_empty > 0)
		log_warning("%zu %s of size 0 left out: nothing was traded", a->n_empty,
			    plural((long long)a->n_empty, "fill", "fills"));
	if (a->n_unsaid > 0)
		log_warning("%zu %s without a commission, and 0 is taken for it: --orders compares it with the "
			    "orders' fees", a->n_unsaid, plural((long long)a->n_unsaid, "fill comes", "fills come"));
	if (a->n_disputed > 0)
		log_warning("%zu %s another commission where it is itemized, and that is not taken: --orders compares with the "
			    "orders' fees", a->n_disputed, plural((long long)a->n_disputed, "fill has", "fills have"));
	if (a->unread > 0)
		log_warning("%ld %s of the listing left out: its time does not count as complete", a->unread,
			    plural(a->unread, "row", "rows"));
}

static void leave_out_unread(struct asking *a, const struct reason *odd)
{
	struct reason why;

	reason_set(&why, "page %ld of the %s, %s: it is left out, and a person must see what it was", a->pages + 1,
		   a->stage == FILLS ? "fills" : "orders", odd->text);
	leave_out(a, &why);
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
		bool news = brings_news(a, &page);

		for (size_t i = 0; i < page.n_odd; i++)
			leave_out_unread(a, &page.odd[i]);
		if (a->stage == FILLS)
			a->take_fills(a->ctx, page.fills, keep_spot_fills(a, &page));
		else
			a->take_orders(a->ctx, page.orders, keep_spot_orders(a, &page));
		go_on(a, &page, news);
	}
	coinbase_page_release(&page);
	return answer;
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
	else if (reply->outcome == HTTP_FORBIDDEN)
		log_error("cannot fetch %s: HTTP %ld, the key lacks a permission: %.200s", shown.data, reply->code,
			  reply->body->data);
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
	totals->unread = a.unread;
	say_left_out(&a);
	free(a.contracts);
	begin_listing(&a, FINISHED);
	free(a.cursor);
	free(base);
	cdp_key_release(key);
	return a.status;
}

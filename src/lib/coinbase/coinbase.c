#include "coinbase/coinbase.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ident.h"
#include "base/text.h"
#include "format/json.h"

/* Times and amounts -------------------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool coinbase_time_parse(struct instant_ns *t, const char *text, struct reason *why)
{
	static const char utc[] = " +0000 UTC";
	size_t len = strlen(text), end = sizeof utc - 1;
	char zoned[48];

	if (len > end && len < sizeof zoned && strcmp(text + len - end, utc) == 0) {
		snprintf(zoned, sizeof zoned, "%.*sZ", (int)(len - end), text);
		text = zoned;
	}
	return instant_ns_parse(t, text, false, why);
}

bool coinbase_time_is_possible(const struct instant_ns *t, const struct instant_ns *latest, struct reason *why)
{
	char text[COINBASE_TIME];

	if (strcmp(t->micros, "2009-01-03") < 0)
		return reason_set(why, "%s is before there was a bitcoin", coinbase_time_format(t, text));
	return !latest || instant_ns_cmp(t, latest) <= 0 ||
	       reason_set(why, "%s is in the future", coinbase_time_format(t, text));
}

char *coinbase_time_format(const struct instant_ns *t, char text[COINBASE_TIME])
{
	size_t len = (size_t)snprintf(text, COINBASE_TIME, "%.26s%03d", t->micros, t->nanos);

	while (text[len - 1] == '0')
		len--;
	len -= text[len - 1] == '.';
	snprintf(text + len, COINBASE_TIME - len, "Z");
	return text;
}

/* Write a decimal where a row keeps it; what is longer than any real amount is refused. */
bool coinbase_keep_decimal(char to[COINBASE_DECIMAL], const struct decimal *d, struct reason *why)
{
	struct buf text = BUF_INIT;
	bool fits;

	decimal_write(d, DECIMAL_KEEP_ZEROS, &text);
	fits = text.len < COINBASE_DECIMAL;
	if (fits)
		memcpy(to, text.data, text.len + 1);
	else
		reason_set(why, "%.40s… has more than %d digits", text.data, COINBASE_DECIMAL - 1);
	buf_release(&text);
	return fits;
}

bool coinbase_fill_is_booked(const struct coinbase_fill *fill)
{
	return strcmp(fill->trade_type, "FILL") == 0;
}

bool coinbase_fill_is_empty(const struct coinbase_fill *fill)
{
	return strspn(fill->size, "0.") == strlen(fill->size);
}

bool coinbase_product_ok(const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
	size_t len = strlen(text);

	return len < COINBASE_PRODUCT && !strchr("-.", *text) && strspn(text, allowed) == len && strchr(text, '-');
}

void coinbase_in_capitals(char *name)
{
	for (; *name; name++)
		if (*name >= 'a' && *name <= 'z')
			*name = (char)(*name - 32);
}

/* Is the last part of a product's name a word for a contract without expiry? */
static bool is_perpetual_word(const char *part)
{
	return strcasecmp(part, "PERP") == 0 || strcasecmp(part, "PERPETUAL") == 0 || strcasecmp(part, "SWAP") == 0;
}

bool coinbase_product_is_contract(const char *text)
{
	static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	size_t len = strlen(text), marks = 0, underscores = 0;
	const char *last = text;

	for (const char *at = text; *at; at++) {
		if (!strchr("-/:_", *at))
			continue;
		marks += *at != '_';
		underscores += *at == '_';
		last = at + 1;
		if (is_digit(at[1]))
			return true;
	}
	if (marks >= 2 || (last > text && is_perpetual_word(last)))
		return true;
	if (underscores >= 2 && (strncasecmp(text, "PERP_", 5) == 0 || strncasecmp(text, "SWAP_", 5) == 0))
		return true;
	return last == text && len >= 7 && strspn(text, alnum) == len && strcasecmp(text + len - 4, "PERP") == 0;
}

bool coinbase_is_currency(const char *code)
{
	/* Not every code of ISO 4217: some, such as MNT and GEL, are those of coins too. */
	static const char *const currencies[] = {
		"USD", "EUR", "GBP", "CAD", "AUD", "CHF", "JPY", "SGD", "BRL", "MXN", "ARS", "PLN", "CZK", "HUF", "RON", "BGN",
		"DKK", "SEK", "NOK", "TRY", "ZAR", "INR", "KRW", "HKD", "NZD", "PHP", NULL,
	};

	return text_is_one_of(code, currencies);
}

bool coinbase_product_is_spot(const char *text)
{
	const char *dash = strchr(text, '-');

	return dash && dash > text && dash[1] && !coinbase_product_is_contract(text);
}

/* base_size and value of a fill whose price and size are known, by what size means. */
static bool reckon_amounts(struct coinbase_fill *f, const struct decimal *price, const struct decimal *size,
			   struct reason *why)
{
	struct decimal other, back;
	bool ok;

	decimal_init(&other);
	decimal_init(&back);
	if (f->size_in_quote) {
		ok = decimal_div(&other, size, price, COINBASE_PLACES) || reason_set(why, "the price is 0");
		decimal_mul(&back, &other, price);
		f->base_rounded = decimal_cmp(&back, size) != 0;
		ok = ok && coinbase_keep_decimal(f->base_size, &other, why) && coinbase_keep_decimal(f->value, size, why);
	} else {
		decimal_mul(&other, size, price);
		ok = coinbase_keep_decimal(f->base_size, size, why) && coinbase_keep_decimal(f->value, &other, why);
	}
	decimal_release(&other);
	decimal_release(&back);
	return ok;
}

/* JSON --------------------------------------------------------------------------------------- */

/* A string member into to; absent, null and "" are all empty.  Where it is needed, empty is refused. */
static bool take_text(const cJSON *row, const char *name, bool needed, char *to, size_t size, struct reason *why)
{
	const cJSON *member = json_member(row, name);
	const char *text = json_string(member);

	to[0] = '\0';
	if (!text && member && !json_is_null(member))
		return reason_set(why, "field %s: %s, not a string", name, json_kind(member));
	if (!text || !*text)
		return !needed || reason_set(why, "field %s: %s", name, text ? "empty" : json_kind(member));
	if (strlen(text) >= size)
		return reason_set(why, "field %s: longer than %zu bytes", name, size - 1);
	memcpy(to, text, strlen(text) + 1);
	return true;
}

/* An id: a string, or a number as the exchange of old had it.  What no exchange makes, such as a formula, is
 * refused. */
static bool take_id(const cJSON *row, const char *name, bool needed, char *to, size_t size, struct reason *why)
{
	const cJSON *member = json_member(row, name);
	int64_t number;

	if (json_int64(member, &number) && number >= 0) {
		snprintf(to, size, "%lld", (long long)number);
		return true;
	}
	if (!take_text(row, name, needed, to, size, why))
		return false;
	if (!*ident_sent(to)) {
		if (needed)
			return reason_set(why, "field %s: '%s' stands for none", name, to);
		to[0] = '\0';
	}
	return !*to || ident_is_key(to) || reason_set(why, "field %s: '%.40s' is not an id", name, to);
}

static bool take_decimal(const cJSON *row, const char *name, bool needed, struct decimal *d, char *to,
			 struct reason *why)
{
	const cJSON *member = json_member(row, name);
	const char *text = json_string(member);
	struct reason detail;

	if (to)
		to[0] = '\0';
	if (!text)
		text = json_number_text(member);
	/* An amount of another kind is not absent: a commission that cannot be read is not 0. */
	if (!text && member && !json_is_null(member))
		return reason_set(why, "field %s: %s, not a number", name, json_kind(member));
	if (!text || !*text)
		return !needed || reason_set(why, "field %s: %s", name, text ? "empty" : json_kind(member));
	if (!decimal_parse_text(d, text, DECIMAL_EXPONENT, &detail) || (to && !coinbase_keep_decimal(to, d, &detail)))
		return reason_set(why, "field %s: %s", name, detail.text);
	return true;
}

static bool take_time(const cJSON *row, const char *name, bool needed, struct instant_ns *t, bool *has,
		      struct reason *why)
{
	struct reason detail;
	char text[64];

	if (!take_text(row, name, needed, text, sizeof text, why))
		return false;
	if (has)
		*has = *text;
	/* The time of nothing, as the exchange's own language writes it; where there must be one, none that is possible. */
	if (strncmp(text, "0001-01-01T00:00:00", 19) == 0) {
		*t = (struct instant_ns){ .micros = "0001-01-01T00:00:00.000000Z" };
		if (has)
			*has = false;
		return true;
	}
	if (*text && !coinbase_time_parse(t, text, &detail))
		return reason_set(why, "field %s: %s", name, detail.text);
	return true;
}

/* The interface's word for a side that it does not know is documented: it costs the row, not the answer. */
static bool take_side(const cJSON *row, bool *buy, bool *unsaid, struct reason *why)
{
	char text[40];

	if (!take_text(row, "side", true, text, sizeof text, why))
		return false;
	*buy = strcmp(text, "BUY") == 0;
	*unsaid = strcmp(text, "UNKNOWN_ORDER_SIDE") == 0;
	return *buy || *unsaid || strcmp(text, "SELL") == 0 ||
	       reason_set(why, "field side: '%s', neither BUY nor SELL", text);
}

static bool take_product(const cJSON *row, char *to, struct reason *why)
{
	if (!take_text(row, "product_id", true, to, COINBASE_PRODUCT, why))
		return false;
	if (!coinbase_product_ok(to))
		return reason_set(why, "field product_id: '%s' is not a product", to);
	coinbase_in_capitals(to);
	return true;
}

/* The total of an itemized commission, which counts where the fill's own field is empty.  Where nothing is itemized it
 * is 0. */
static bool take_itemized(const cJSON *detail, struct coinbase_fill *f, struct decimal *fee, struct reason *why)
{
	char text[COINBASE_DECIMAL];
	struct decimal total;
	bool ok;

	decimal_init(&total);
	ok = take_decimal(detail, "total_commission", false, &total, text, why);
	if (ok && *text && *f->commission) {
		f->fee_disputed = decimal_sign(&total) != 0 && decimal_cmp(&total, fee) != 0;
	} else if (ok && *text) {
		decimal_set(fee, &total);
		memcpy(f->commission, text, sizeof text);
	}
	decimal_release(&total);
	return ok;
}

static bool read_amounts(const cJSON *row, struct coinbase_fill *f, struct decimal *price, struct decimal *size,
			 struct decimal *fee, struct reason *why)
{
	const cJSON *in_quote = json_member(row, "size_in_quote"), *detail = json_member(row, "commission_detail_total");

	if (in_quote && !json_is_null(in_quote) && !json_bool(in_quote, &f->size_in_quote))
		return reason_set(why, "field size_in_quote: %s, not true or false", json_kind(in_quote));
	if (!take_decimal(row, "price", true, price, f->price, why) ||
	    !take_decimal(row, "size", true, size, f->size, why) ||
	    !take_decimal(row, "commission", false, fee, f->commission, why))
		return false;
	/* Since 2024 it is itemized beside. */
	if (cJSON_IsObject(detail) && !take_itemized(detail, f, fee, why))
		return false;
	f->fee_unsaid = !*f->commission;
	if (f->fee_unsaid)
		memcpy(f->commission, "0", 2);
	/* Nothing is sold for nothing; a fill of no size is none, and may have no price. */
	if (decimal_sign(price) < 0 ||
	    (decimal_sign(price) == 0 && (f->size_in_quote || (coinbase_fill_is_booked(f) && decimal_sign(size) != 0))))
		return reason_set(why, "field price: %s", f->price);
	if (coinbase_fill_is_booked(f) && (decimal_sign(size) < 0 || (decimal_sign(size) == 0 && decimal_sign(fee) != 0)))
		return reason_set(why, "field size: %s%s", f->size, decimal_sign(size) == 0 ? ", and a commission" : "");
	return reckon_amounts(f, price, size, why);
}

static bool read_fill(const cJSON *row, struct coinbase_fill *f, struct reason *why)
{
	struct decimal price, size, fee;
	bool ok;

	*f = (struct coinbase_fill){ .source = "api" };
	if (!cJSON_IsObject(row))
		return reason_set(why, "%s, not an object", json_kind(row));
	decimal_init(&price);
	decimal_init(&size);
	decimal_init(&fee);
	ok = take_id(row, "entry_id", true, f->entry_id, sizeof f->entry_id, why) &&
	     take_id(row, "trade_id", false, f->trade_id, sizeof f->trade_id, why) &&
	     take_id(row, "order_id", true, f->order_id, sizeof f->order_id, why) &&
	     take_id(row, "retail_portfolio_id", false, f->portfolio_id, sizeof f->portfolio_id, why) &&
	     take_id(row, "trade_type", true, f->trade_type, sizeof f->trade_type, why) &&
	     take_id(row, "liquidity_indicator", false, f->liquidity, sizeof f->liquidity, why) &&
	     take_product(row, f->product_id, why) &&
	     take_side(row, &f->buy, &f->side_unsaid, why) &&
	     take_time(row, "trade_time", true, &f->traded, NULL, why) &&
	     take_time(row, "sequence_timestamp", false, &f->sequenced, &f->has_sequenced, why) &&
	     read_amounts(row, f, &price, &size, &fee, why);
	decimal_release(&price);
	decimal_release(&size);
	decimal_release(&fee);
	return ok;
}

/* How many fills an order has; -1: it does not say. */
static int64_t take_count(const cJSON *fills)
{
	const char *text = json_string(fills);
	int64_t count = -1;
	char *end;

	if (!text)
		json_int64(fills, &count);
	else if (is_digit(*text))
		count = strtol(text, &end, 10);
	return text && is_digit(*text) && *end ? -1 : count;
}

/* A total of an order's fills.  One that has none, because it failed or waits, may leave it empty: it is 0. */
static bool take_total(const cJSON *row, const char *name, int64_t fills, char *to, struct reason *why)
{
	struct decimal d;
	bool ok;

	decimal_init(&d);
	ok = take_decimal(row, name, fills != 0, &d, to, why);
	decimal_release(&d);
	if (ok && !*to)
		memcpy(to, "0", 2);
	return ok;
}

static bool read_order(const cJSON *row, struct coinbase_order *o, struct reason *why)
{
	const cJSON *fills = json_member(row, "number_of_fills");
	int64_t count = take_count(fills);
	struct decimal d;
	bool ok, flag;

	*o = (struct coinbase_order){ .settled = -1 };
	if (!cJSON_IsObject(row))
		return reason_set(why, "%s, not an object", json_kind(row));
	decimal_init(&d);
	ok = take_id(row, "order_id", true, o->order_id, sizeof o->order_id, why) &&
	     take_id(row, "status", true, o->status, sizeof o->status, why) &&
	     take_id(row, "order_placement_source", false, o->placement_source, sizeof o->placement_source, why) &&
	     take_product(row, o->product_id, why) &&
	     take_side(row, &o->buy, &o->side_unsaid, why) &&
	     take_total(row, "filled_size", count, o->filled_size, why) &&
	     take_decimal(row, "average_filled_price", false, &d, o->average_filled_price, why) &&
	     take_total(row, "filled_value", count, o->filled_value, why) &&
	     take_total(row, "total_fees", count, o->total_fees, why) &&
	     take_decimal(row, "total_value_after_fees", false, &d, o->total_value_after_fees, why) &&
	     take_time(row, "created_time", false, &o->created, &o->has_created, why) &&
	     take_time(row, "last_fill_time", false, &o->last_fill, &o->has_last_fill, why);
	decimal_release(&d);
	if (!ok)
		return false;
	if (o->filled_size[0] == '-' || o->filled_value[0] == '-')
		return reason_set(why, "field %s: below zero", o->filled_size[0] == '-' ? "filled_size" : "filled_value");
	if (count < 0 || count > 100000000)
		return reason_set(why, "field number_of_fills: not a count");
	o->number_of_fills = (long)count;
	if (json_bool(json_member(row, "settled"), &flag))
		o->settled = flag;
	return true;
}

/* The list of this name in a page, and its cursor.  NULL, with the reason. */
static const cJSON *page_list(const cJSON *document, const char *name, struct coinbase_page *page,
			      struct reason *why)
{
	const cJSON *list = json_member(document, name), *cursor = json_member(document, "cursor");
	const char *said = json_complaint(document, cJSON_IsArray(list));

	/* Beside rows it may say that they are not all. */
	if (said) {
		reason_set(why, "an error instead of the %s: %.120s", name, said);
		return NULL;
	}
	if (!cJSON_IsArray(list)) {
		reason_set(why, "no list '%s' in the answer but %s", name, json_kind(list));
		return NULL;
	}
	if (cursor && !json_is_null(cursor) && !json_string(cursor)) {
		reason_set(why, "field cursor: %s, not a string", json_kind(cursor));
		return NULL;
	}
	page->cursor = xstrdup(json_string(cursor) ? json_string(cursor) : "");
	return list;
}

/* Keep why a row cannot be read, with its id where that could be. */
static void keep_odd(struct coinbase_page *page, const char *id, const char *detail)
{
	size_t row = page->n + page->n_odd + 1;
	bool known = ident_is_key(id);

	page->odd = xrealloc(page->odd, (page->n_odd + 1) * sizeof *page->odd);
	reason_set(&page->odd[page->n_odd++], "row %zu%s%.60s, %s", row, known ? ", " : "", known ? id : "", detail);
}

/* False, with the reason, if there are rows and none can be read. */
static bool read_rows(const cJSON *list, bool orders, struct coinbase_page *page, struct reason *why)
{
	size_t n = (size_t)cJSON_GetArraySize(list);
	struct reason detail = { .text = "" };
	const cJSON *row;

	if (orders)
		page->orders = xmalloc((n + 1) * sizeof *page->orders);
	else
		page->fills = xmalloc((n + 1) * sizeof *page->fills);
	cJSON_ArrayForEach(row, list) {
		if (orders ? read_order(row, &page->orders[page->n], &detail) : read_fill(row, &page->fills[page->n], &detail))
			page->n++;
		else
			keep_odd(page, orders ? page->orders[page->n].order_id : page->fills[page->n].entry_id, detail.text);
	}
	return page->n > 0 || page->n_odd == 0 || reason_set(why, "%s", page->odd[0].text);
}

static enum coinbase_answer parse_page(const char *body, size_t len, bool orders, struct coinbase_page *page,
				       struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	const cJSON *list, *more;
	enum coinbase_answer answer = COINBASE_ODD;
	bool has_next;

	*page = (struct coinbase_page){ 0 };
	if (!document)
		return COINBASE_CUT;
	list = page_list(document, orders ? "orders" : "fills", page, why);
	if (list && read_rows(list, orders, page, why))
		answer = COINBASE_OK;
	/* The orders say whether there is more; the fills did not, so far. */
	more = json_member(document, "has_next");
	if (answer == COINBASE_OK && json_bool(more, &has_next)) {
		page->more = has_next;
		if (!has_next)
			page->cursor[0] = '\0';
	}
	json_release(document);
	return answer;
}

enum coinbase_answer coinbase_fills_parse(const char *body, size_t len, struct coinbase_page *page,
					  struct reason *why)
{
	return parse_page(body, len, false, page, why);
}

enum coinbase_answer coinbase_orders_parse(const char *body, size_t len, struct coinbase_page *page,
					   struct reason *why)
{
	return parse_page(body, len, true, page, why);
}

void coinbase_page_release(struct coinbase_page *page)
{
	free(page->fills);
	free(page->orders);
	free(page->odd);
	free(page->cursor);
	*page = (struct coinbase_page){ 0 };
}

enum coinbase_answer coinbase_permissions_parse(const char *body, size_t len, struct coinbase_permissions *p,
						struct reason *why)
{
	static const char *const name[] = { "can_view", "can_trade", "can_transfer" };
	cJSON *document = json_parse(body, len, why);
	bool *const flag[] = { &p->can_view, &p->can_trade, &p->can_transfer };
	enum coinbase_answer answer = COINBASE_OK;

	*p = (struct coinbase_permissions){ 0 };
	if (!document)
		return COINBASE_CUT;
	for (int i = 0; i < 3 && answer == COINBASE_OK; i++) {
		const cJSON *member = json_member(document, name[i]);

		if (!json_bool(member, flag[i])) {
			reason_set(why, "field %s: %s, not true or false", name[i], json_kind(member));
			answer = COINBASE_ODD;
		}
	}
	if (answer == COINBASE_OK &&
	    (!take_text(document, "portfolio_uuid", false, p->portfolio_uuid, sizeof p->portfolio_uuid, why) ||
	     !take_text(document, "portfolio_type", false, p->portfolio_type, sizeof p->portfolio_type, why)))
		answer = COINBASE_ODD;
	json_release(document);
	return answer;
}

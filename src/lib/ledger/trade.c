#include "ledger/trade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ident.h"
#include "base/text.h"
#include "coinbase/coinbase.h"
#include "coinbase/csv_amounts.h"
#include "exact/amount.h"
#include "exact/calendar.h"

static const char *const column_name[TRADE_COLUMNS] = {
	[TRADE_PRODUCT_ID] = "product_id", [TRADE_RECORD_ID] = "record_id", [TRADE_LEVEL] = "level",
	[TRADE_ORDER_ID] = "order_id", [TRADE_TRADE_ID] = "trade_id", [TRADE_SIDE] = "side",
	[TRADE_TIME] = "trade_time", [TRADE_SIZE] = "size", [TRADE_PRICE] = "price", [TRADE_VALUE] = "value",
	[TRADE_FEE] = "fee", [TRADE_FIRST_TIME] = "first_time", [TRADE_LAST_TIME] = "last_time",
	[TRADE_FILLS] = "fills", [TRADE_ACCOUNT] = "account", [TRADE_NOTE] = "note", [TRADE_TOTAL] = "total",
	[TRADE_FEE_CURRENCY] = "fee_currency", [TRADE_TYPE] = "trade_type", [TRADE_SIZE_IN_QUOTE] = "size_in_quote",
};

const char *trade_column_name(enum trade_column column)
{
	return column_name[column];
}

enum trade_column trade_column_named(const char *name)
{
	enum trade_column c = 0;

	while (c < TRADE_COLUMNS && strcmp(column_name[c], name) != 0)
		c++;
	return c;
}

static const enum trade_column decimal_columns[] = { TRADE_SIZE, TRADE_PRICE, TRADE_VALUE, TRADE_FEE, TRADE_TOTAL };
enum { N_DECIMALS = sizeof decimal_columns / sizeof *decimal_columns };

static struct decimal *decimal_of(struct trade *t, enum trade_column column)
{
	switch (column) {
	case TRADE_SIZE:  return &t->size;
	case TRADE_PRICE: return &t->price;
	case TRADE_VALUE: return &t->value;
	case TRADE_FEE:   return &t->fee;
	default:          return &t->total;
	}
}

void trade_init(struct trade *t)
{
	memset(t, 0, sizeof *t);
	decimal_init(&t->made);
	for (int i = 0; i < N_DECIMALS; i++)
		decimal_init(decimal_of(t, decimal_columns[i]));
}

void trade_release(struct trade *t)
{
	decimal_release(&t->made);
	for (int i = 0; i < N_DECIMALS; i++)
		decimal_release(decimal_of(t, decimal_columns[i]));
}

/* An amount that names its currency names the one it is in: the base for a size, the quote for money. */
static bool check_named_currency(const struct trade *t, enum trade_column column, struct reason *why)
{
	const char *product = t->text[TRADE_PRODUCT_ID], *dash = strrchr(product, '-');
	char code[AMOUNT_CODE];
	bool ok;

	amount_currency(t->text[column], code);
	if (!*code || !dash)
		return true;
	if (column == TRADE_SIZE)
		ok = strlen(code) == (size_t)(dash - product) && strncmp(product, code, strlen(code)) == 0;
	else
		ok = strcmp(dash + 1, code) == 0;
	return ok || reason_set(why, "%s: %.40s is in %s and the trade %.60s", column_name[column], t->text[column],
				code, product);
}

/* The amounts; a sign that goes with the side is the ledger's habit, and goes. */
static bool read_decimals(struct trade *t, struct trade_habits *habits, struct reason *why)
{
	for (int i = 0; i < N_DECIMALS; i++) {
		enum trade_column c = decimal_columns[i];
		struct decimal *d = decimal_of(t, c);
		struct reason inner;

		decimal_set_int(d, 0, 0);
		if (!t->text[c])
			continue;
		if (!amount_parse(t->text[c], AMOUNT_UNSETTLED, d, &inner))
			return reason_set(why, "%s: %s", column_name[c], inner.text);
		if (!check_named_currency(t, c, why))
			return false;
		if (decimal_sign(d) < 0 && ((c == TRADE_SIZE && !t->is_lot) || (c == TRADE_TOTAL && t->is_lot))) {
			decimal_neg(d, d);
			habits->signs++;
		}
		if (decimal_sign(d) < 0 && c != TRADE_FEE && c != TRADE_TOTAL)
			return reason_set(why, "%s: %s is negative", column_name[c], t->text[c]);
	}
	return true;
}

/* What moved by value and fee. */
static void add_fee(struct decimal *to, const struct trade *t, const struct decimal *value)
{
	if (t->is_lot)
		decimal_add(to, value, &t->fee);
	else
		decimal_sub(to, value, &t->fee);
}

/* What a fee below zero is: value and total prove it, or the habits of the ledger say it.  Its sign alone does not. */
static bool settle_fee(struct trade *t, struct trade_habits *habits, struct reason *why)
{
	long scale = coinbase_quote_scale(t->text[TRADE_PRODUCT_ID]);
	struct decimal value, made;
	bool rebate = false, fee = false;

	if (decimal_sign(&t->fee) >= 0)
		return true;
	decimal_init(&value);
	decimal_init(&made);
	if (t->text[TRADE_TOTAL] && (t->text[TRADE_VALUE] || t->text[TRADE_PRICE])) {
		if (t->text[TRADE_VALUE])
			decimal_set(&value, &t->value);
		else
			decimal_mul(&value, &t->size, &t->price);
		add_fee(&made, t, &value);
		rebate = coinbase_amounts_agree(&made, &t->total, scale);
		decimal_neg(&t->fee, &t->fee);
		add_fee(&made, t, &value);
		fee = coinbase_amounts_agree(&made, &t->total, scale);
		decimal_neg(&t->fee, &t->fee);
	}
	decimal_release(&value);
	decimal_release(&made);
	if (rebate == fee) {
		rebate = habits->negative_fee == NEGATIVE_FEE_REBATE;
		fee = habits->negative_fee == NEGATIVE_FEE_FEE;
	}
	if (fee) {
		decimal_neg(&t->fee, &t->fee);
		habits->fee_signs++;
	}
	return fee || rebate ||
	       reason_set(why, "fee: %.40s is below zero, and no total beside the value shows whether it is a rebate or a "
			       "fee; --negative-fee does", t->text[TRADE_FEE]);
}

/* What moved is what counts: a fee that the row does not tell is what total and value differ by. */
static bool find_fee(struct trade *t, struct reason *why)
{
	if (t->text[TRADE_FEE] || !t->text[TRADE_VALUE] || !t->text[TRADE_TOTAL])
		return true;
	if (t->is_lot)
		decimal_sub(&t->fee, &t->total, &t->value);
	else
		decimal_sub(&t->fee, &t->value, &t->total);
	if (decimal_sign(&t->fee) < 0)
		return reason_set(why, "total: %.40s is on the wrong side of the value %.40s, and no fee explains it",
				  t->text[TRADE_TOTAL], t->text[TRADE_VALUE]);
	decimal_add(&t->made, &t->fee, &t->fee);
	return decimal_cmp(&t->made, &t->value) <= 0 ||
	       reason_set(why, "total: %.40s is too far from the value %.40s, and no fee explains it", t->text[TRADE_TOTAL],
			  t->text[TRADE_VALUE]);
}

/* Is one of two amounts more than twice the other? */
static bool is_far(const struct decimal *a, const struct decimal *b)
{
	struct decimal twice;
	bool far;

	decimal_init(&twice);
	decimal_add(&twice, a, a);
	far = decimal_cmp(b, &twice) > 0;
	decimal_add(&twice, b, b);
	far = far || decimal_cmp(a, &twice) > 0;
	decimal_release(&twice);
	return far;
}

/* A price that is told makes the value, but for rounding and spread.  The value counts; one of another size altogether
 * is that of another trade, or of another unit. */
static bool is_plausible(struct trade *t, struct trade_habits *habits, struct reason *why)
{
	struct coinbase_amounts a;
	struct buf value = BUF_INIT;
	bool far;

	if (!t->text[TRADE_PRICE] || decimal_sign(&t->price) == 0 || (!t->text[TRADE_VALUE] && !t->text[TRADE_TOTAL]))
		return true;
	decimal_mul(&t->made, &t->size, &t->price);
	if (decimal_cmp(&t->made, &t->value) == 0)
		return true;
	/* Borrowed: they are read only. */
	a.quantity = t->size;
	a.price = t->price;
	a.scale = coinbase_quote_scale(t->text[TRADE_PRODUCT_ID]);
	if (coinbase_amounts_near(&a, &t->value))
		return true;
	habits->prices++;
	far = is_far(&t->made, &t->value);
	if (!far)
		return true;
	decimal_write(&t->value, DECIMAL_KEEP_ZEROS, &value);
	reason_set(why, "price: %.40s times the size is not the value %.40s", t->text[TRADE_PRICE], value.data);
	buf_release(&value);
	return false;
}

/* value is what was sent, or total without the fee, or size × price; all of them exact. */
static bool find_value(struct trade *t, struct reason *why)
{
	struct decimal from_total;
	bool ok = true;

	if (!t->text[TRADE_VALUE] && !t->text[TRADE_TOTAL]) {
		if (!t->text[TRADE_PRICE])
			return reason_set(why, "value, total and price are all missing");
		decimal_mul(&t->value, &t->size, &t->price);
		return true;
	}
	if (!t->text[TRADE_TOTAL])
		return true;
	decimal_init(&from_total);
	if (t->is_lot)
		decimal_sub(&from_total, &t->total, &t->fee);
	else
		decimal_add(&from_total, &t->total, &t->fee);
	if (!t->text[TRADE_VALUE])
		decimal_set(&t->value, &from_total);
	else if (decimal_cmp(&t->value, &from_total) != 0)
		ok = reason_set(why, "value %s, fee %s and total %s do not agree", t->text[TRADE_VALUE],
				t->text[TRADE_FEE] ? t->text[TRADE_FEE] : "0", t->text[TRADE_TOTAL]);
	if (decimal_sign(&t->value) < 0)
		ok = reason_set(why, "total: %s and its fee make the value negative", t->text[TRADE_TOTAL]);
	decimal_release(&from_total);
	return ok;
}

/* Many ledgers have a total without the fee, which size × price shows. */
static void note_total(const struct trade *t, struct trade_habits *habits)
{
	long scale = coinbase_quote_scale(t->text[TRADE_PRODUCT_ID]);
	struct decimal value, made, other;

	if (!t->text[TRADE_TOTAL] || !t->text[TRADE_PRICE] || t->text[TRADE_VALUE])
		return;
	decimal_init(&value);
	decimal_init(&made);
	decimal_init(&other);
	decimal_mul(&value, &t->size, &t->price);
	add_fee(&made, t, &value);
	decimal_add(&other, &value, &value);
	decimal_sub(&other, &other, &made);
	habits->totals += !coinbase_amounts_agree(&made, &t->total, scale) &&
			  (coinbase_amounts_agree(&value, &t->total, scale) || coinbase_amounts_agree(&other, &t->total, scale));
	decimal_release(&value);
	decimal_release(&made);
	decimal_release(&other);
}

/* A fee is kept in the quote of its product.  In another coin it would need a price that the row does not tell. */
static bool check_fee_currency(const struct trade *t, struct reason *why)
{
	const char *currency = t->text[TRADE_FEE_CURRENCY], *dash = strrchr(t->text[TRADE_PRODUCT_ID], '-');

	/* ZUSD is another exchange's name of USD. */
	if (!currency || decimal_sign(&t->fee) == 0 ||
	    (dash && (strcasecmp(dash + 1, currency) == 0 ||
		      (strcasecmp(dash + 1, currency + 1) == 0 && *currency == 'Z' && coinbase_is_currency(currency + 1)))))
		return true;
	return reason_set(why, "fee_currency: the fee is %s %.20s and the trade %s; give the fee in the quote",
			  t->text[TRADE_FEE], currency, t->text[TRADE_PRODUCT_ID]);
}

/* The exchange's interface lists entries that are no trades by themselves, and sizes that are amounts of money. */
static bool check_entry(const struct trade *t, struct reason *why)
{
	static const char *const no_trades[] = { "REVERSAL", "CORRECTION", "SYNTHETIC", NULL };
	static const char *const no[] = { "false", "f", "no", "n", "0", NULL };
	const char *type = t->text[TRADE_TYPE], *in_quote = t->text[TRADE_SIZE_IN_QUOTE];

	if (type && text_is_one_of(type, no_trades))
		return reason_set(why, "trade_type: a %s is no trade by itself; a person decides what it does to another", type);
	return !in_quote || text_is_one_of(in_quote, no) ||
	       reason_set(why, "size_in_quote: %.20s, and so the size is an amount of the quote; map the quantity of the "
			       "base, as in size=base_size", in_quote);
}

static bool read_side(struct trade *t, const struct trade_habits *habits, struct reason *why)
{
	static const char *const sides[] = { "BUY", "INCOME", "SELL", "FEE" };
	const char *side = t->text[TRADE_SIDE];
	struct reason inner;

	if (!side && habits->signed_size) {
		if (!amount_parse(t->text[TRADE_SIZE], AMOUNT_UNSETTLED, &t->size, &inner))
			return reason_set(why, "size: %s", inner.text);
		side = decimal_sign(&t->size) < 0 ? "SELL" : "BUY";
	}
	if (!side)
		return reason_set(why, "side is empty");
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
		if (strcasecmp(side, sides[i]) == 0) {
			t->side = sides[i];
			t->is_lot = i < 2;
			return true;
		}
	return reason_set(why, "side: \"%s\" is not BUY, SELL, INCOME or FEE", side);
}

static bool find_level(struct trade *t, struct reason *why)
{
	const char **level = &t->text[TRADE_LEVEL];

	if (!*level)
		*level = t->text[TRADE_TRADE_ID] || !t->text[TRADE_ORDER_ID] ? "fill" : "order";
	else if (strcasecmp(*level, "order") == 0)
		*level = "order";
	else if (strcasecmp(*level, "fill") == 0)
		*level = "fill";
	else
		return reason_set(why, "level: \"%s\" is neither order nor fill", *level);
	return true;
}

/* The id by which the books know the trade. */
static bool find_identity(struct trade *t, struct reason *why)
{
	const char **record = &t->text[TRADE_RECORD_ID], **order = &t->text[TRADE_ORDER_ID];
	bool is_order = *t->text[TRADE_LEVEL] == 'o';

	if (!*record)
		*record = is_order ? *order : t->text[TRADE_TRADE_ID];
	if (!*record)
		return reason_set(why, "a%s without its id", is_order ? "n order" : " fill");
	if (!is_order)
		return true;
	if (!*order)
		*order = *record;
	if (strcmp(*order, *record) != 0)
		return reason_set(why, "an order's record_id is its order_id, but these are %s and %s", *record, *order);
	return true;
}

static bool check_time(const struct instant_ns *m, enum trade_column column, const struct trade_habits *habits,
		       struct reason *why)
{
	struct reason inner;

	return coinbase_time_is_possible(m, habits->latest, &inner) ||
	       reason_set(why, "%s: %s", column_name[column], inner.text);
}

static bool read_time(struct instant_ns *m, const struct trade *t, enum trade_column column,
		      struct trade_habits *habits, struct reason *why)
{
	const char *text = t->text[column];
	struct reason inner;
	char dated[DAY_TEXT + 1 + TIME_OF_DAY_MAX];
	day_t day;

	if (!text)
		return true;
	if (instant_ns_parse_epoch(m, text)) {
		habits->epochs++;
		return check_time(m, column, habits, why);
	}
	if (day_parse(text, &day)) {
		if (!habits->time_of_day)
			return reason_set(why, "%s: %s is a day without a time; set one with --time-of-day", column_name[column], text);
		snprintf(dated, sizeof dated, "%.10sT%s", text, habits->time_of_day);
		text = dated;
		habits->dates++;
	}
	if (!instant_ns_parse(m, text, habits->utc, &inner))
		return reason_set(why, "%s: %s", column_name[column], inner.text);
	return check_time(m, column, habits, why);
}

/* The quote currencies of the exchange's books, as its own symbols end, and bitcoin's other name.  None is the end of
 * another: at most one fits. */
static const char *const quotes[] = { "USD", "EUR", "GBP", "CAD", "USDT", "USDC", "DAI", "BTC", "XBT", "ETH" };

/* Put text in capitals where it has small letters alone, as btc-usd; false, and nothing done, otherwise. */
static bool in_capitals(const char *text, char to[PRODUCT_TEXT])
{
	size_t n = 0;

	if (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-/_:") != strlen(text) ||
	    !strpbrk(text, "abcdefghijklmnopqrstuvwxyz"))
		return false;
	for (; text[n]; n++)
		to[n] = (char)(text[n] >= 'a' ? text[n] - 32 : text[n]);
	to[n] = '\0';
	return true;
}

/* A pair as another exchange marks its names, such as XXBTZUSD: a coin behind an X, then a currency behind a Z, or
 * bitcoin or ether behind an X. */
static bool has_marked_names(const char *text, size_t len)
{
	return len == 8 && *text == 'X' && ((text[4] == 'Z' && coinbase_is_currency(text + 5)) ||
					    (text[4] == 'X' && (strcmp(text + 5, "XBT") == 0 || strcmp(text + 5, "ETH") == 0)));
}

/* A coin's name with this exchange, of one that is text[0..len) with another. */
static void add_coin(char product[PRODUCT_TEXT], const char *text, size_t len)
{
	static const struct { const char *there, *here; } known[] = { { "XBT", "BTC" }, { "XDG", "DOGE" } };
	size_t at = strlen(product);

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (len == strlen(known[i].there) && strncmp(text, known[i].there, len) == 0) {
			text = known[i].here;
			len = strlen(text);
		}
	snprintf(product + at, PRODUCT_TEXT - at, "%.*s", (int)len, text);
}

/* Is text[0..n) of capitals and digits alone, and anything at all? */
static bool is_code(const char *text, size_t n)
{
	return n > 0 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") >= n;
}

/* BTC/USD, BTC_USD, BTC:USD, BTCUSD, XBT/USD, XXBTZUSD or btc-usd as BTC-USD, where there is one way to read it;
 * anything else stays. */
static void normalise_product(struct trade *t, struct trade_habits *habits)
{
	const char *given = t->text[TRADE_PRODUCT_ID], *text = given, *quote = NULL;
	size_t len = strlen(text), base;
	char capitals[PRODUCT_TEXT];

	/* With a dash more it must fit. */
	if (len + 1 >= PRODUCT_TEXT)
		return;
	if (in_capitals(text, capitals))
		text = capitals;
	base = strcspn(text, "-/_:");
	if (text[base]) {
		quote = text + base + 1;
	} else if (is_code(text, len) && has_marked_names(text, len)) {
		quote = text + 5;
		text++;
		base = 3;
	} else {
		for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
			size_t n = strlen(quotes[i]);

			if (len >= n + 2 && strcmp(text + len - n, quotes[i]) == 0) {
				base = len - n;
				quote = text + base;
			}
		}
	}
	if (!quote || !is_code(text, base) || !is_code(quote, strlen(quote)))
		return;
	t->product[0] = '\0';
	add_coin(t->product, text, base);
	add_coin(t->product, "-", 1);
	add_coin(t->product, quote, strlen(quote));
	if (strcmp(t->product, given) == 0)
		return;
	t->text[TRADE_PRODUCT_ID] = t->product;
	habits->symbols++;
}

static bool read_fills(struct trade *t, struct reason *why)
{
	const char *text = t->text[TRADE_FILLS];

	if (text && (strlen(text) > 9 || strspn(text, "0123456789") != strlen(text)))
		return reason_set(why, "fills: \"%s\" is not a count", text);
	t->fills = text ? atoll(text) : 0;
	return true;
}

static const enum trade_column id_columns[] = { TRADE_PRODUCT_ID, TRADE_RECORD_ID, TRADE_ORDER_ID, TRADE_TRADE_ID };
enum { N_IDS = sizeof id_columns / sizeof *id_columns };

/* Ids go into keys, logs and spreadsheets, where nothing of theirs may be a formula or a control character. */
static bool check_ids(const struct trade *t, struct reason *why)
{
	for (int i = 0; i < N_IDS; i++) {
		const char *name = column_name[id_columns[i]], *id = t->text[id_columns[i]];

		if (id && ident_is_rounded(id))
			return reason_set(why, "%s: \"%.40s\" is an id that a spreadsheet took for a number and rounded; take the file as "
					       "it was given", name, id);
		if (id && !ident_is_key(id))
			return reason_set(why, "%s: \"%.40s\" is not an id: it has a byte beyond ASCII or begins as a formula", name, id);
	}
	return true;
}

/* A product that has a dash has something on both sides of it, and not the same. */
static bool check_product(const struct trade *t, struct reason *why)
{
	const char *product = t->text[TRADE_PRODUCT_ID], *dash = strchr(product, '-');
	size_t base = dash ? (size_t)(dash - product) : 0;

	if (!dash || (dash[1] && (strlen(dash + 1) != base || strncmp(product, dash + 1, base) != 0)))
		return true;
	return reason_set(why, "product_id: %.60s is not a trade of one for another", product);
}

bool trade_read(struct trade *t, const char *const text[TRADE_COLUMNS], struct trade_habits *habits, struct reason *why)
{
	static const enum trade_column needed[] = { TRADE_PRODUCT_ID, TRADE_TIME, TRADE_SIZE };
	/* With a word for none in the place of nothing, as other programs write it. */
	static const enum trade_column may_be_none[] = {
		TRADE_PRODUCT_ID, TRADE_RECORD_ID, TRADE_ORDER_ID, TRADE_TRADE_ID, TRADE_FEE_CURRENCY, TRADE_SIZE_IN_QUOTE
	};

	for (int i = 0; i < TRADE_COLUMNS; i++)
		t->text[i] = text[i] && *text[i] ? text[i] : NULL;
	for (size_t i = 0; i < sizeof may_be_none / sizeof *may_be_none; i++)
		if (t->text[may_be_none[i]] && !*ident_sent(t->text[may_be_none[i]]))
			t->text[may_be_none[i]] = NULL;
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!t->text[needed[i]])
			return reason_set(why, "%s is empty", column_name[needed[i]]);
	normalise_product(t, habits);
	if (!check_ids(t, why) || !check_product(t, why))
		return false;
	if (coinbase_product_is_contract(t->text[TRADE_PRODUCT_ID]))
		return reason_set(why,
				  "product_id: %.60s is a future, a perpetual or an option, whose size counts contracts; this ledger is of "
				       "spot trades", t->text[TRADE_PRODUCT_ID]);
	if (!check_entry(t, why) || !read_side(t, habits, why) || !find_level(t, why) || !find_identity(t, why) ||
	    !read_decimals(t, habits, why) ||
	    !check_fee_currency(t, why) || !find_fee(t, why) || !settle_fee(t, habits, why) || !find_value(t, why) ||
	    !is_plausible(t, habits, why) || !read_time(&t->time, t, TRADE_TIME, habits, why) ||
	    !read_time(&t->first_time, t, TRADE_FIRST_TIME, habits, why) ||
	    !read_time(&t->last_time, t, TRADE_LAST_TIME, habits, why) || !read_fills(t, why))
		return false;
	if (decimal_sign(&t->size) == 0 && (decimal_sign(&t->value) != 0 || decimal_sign(&t->fee) != 0))
		return reason_set(why, "a trade of size zero has a value or a fee");
	note_total(t, habits);
	habits->fees += coinbase_fee_is_beyond(&t->fee, &t->value, t->text[TRADE_PRODUCT_ID]);
	return true;
}

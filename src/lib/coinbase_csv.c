#include "coinbase_csv.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "csv.h"

/* The header must stand within this many records: the longest known preamble has seven lines. */
enum { MAX_PREAMBLE = 20 };

/* The columns that some export has.  Where a name ends in a star the header has a currency before it. */
enum column {
	ID, TIMESTAMP, TYPE, ASSET, QUANTITY, CURRENCY, PRICE, SUBTOTAL, TOTAL, FEES, NOTES,
	PORTFOLIO, TRADE_ID, ORDER_ID, PRODUCT, SIDE, AMOUNT, UNIT, FEE_CURRENCY,
	N_COLUMNS,
};

struct name {
	const char *text;
	enum column column;
	bool currency_before;		/* "EUR Subtotal": the currency is part of the name */
};

struct report {
	const char *words, *source;
	const struct name *names;
	unsigned long needed;		/* bits of columns */
};

#define BIT(column) (1ul << (column))

static const struct name history_names[] = {
	{ "id", ID, false }, { "timestamp", TIMESTAMP, false },
	{ "transaction type", TYPE, false }, { "type", TYPE, false },
	{ "asset", ASSET, false }, { "quantity transacted", QUANTITY, false },
	{ "price currency", CURRENCY, false }, { "spot price currency", CURRENCY, false },
	{ "price at transaction", PRICE, false }, { "spot price at transaction", PRICE, true },
	{ "subtotal", SUBTOTAL, true },
	{ "total (inclusive of fees and/or spread)", TOTAL, false }, { "total (inclusive of fees/spread)", TOTAL, false },
	{ "total (inclusive of fees)", TOTAL, true },
	{ "fees and/or spread", FEES, false }, { "fees/spread", FEES, false }, { "fees", FEES, true },
	{ "notes", NOTES, false }, { NULL, 0, false },
};
static const struct name fills_names[] = {
	{ "portfolio", PORTFOLIO, false }, { "trade id", TRADE_ID, false }, { "product", PRODUCT, false },
	{ "side", SIDE, false }, { "created at", TIMESTAMP, false }, { "size", QUANTITY, false },
	{ "size unit", ASSET, false }, { "price", PRICE, false }, { "fee", FEES, false }, { "total", TOTAL, false },
	{ "price/fee/total unit", CURRENCY, false }, { NULL, 0, false },
};
static const struct name account_names[] = {
	{ "portfolio", PORTFOLIO, false }, { "type", TYPE, false }, { "time", TIMESTAMP, false },
	{ "amount", AMOUNT, false }, { "amount/balance unit", UNIT, false }, { "trade id", TRADE_ID, false },
	{ "order id", ORDER_ID, false }, { NULL, 0, false },
};
/* Its third column is named by the asset: the quantity. */
static const struct name transfers_names[] = {
	{ "timestamp", TIMESTAMP, false }, { "type", TYPE, false }, { "subtotal", SUBTOTAL, false },
	{ "fees", FEES, false }, { "total", TOTAL, false }, { "currency", CURRENCY, false },
	{ "price per coin", PRICE, false }, { "id", ID, false }, { NULL, 0, false },
};
static const struct name account_report_names[] = {
	{ "timestamp", TIMESTAMP, false }, { "amount", QUANTITY, false }, { "currency", ASSET, false },
	{ "notes", NOTES, false }, { "transfer total", TOTAL, false }, { "transfer total currency", CURRENCY, false },
	{ "transfer fee", FEES, false }, { "transfer fee currency", FEE_CURRENCY, false },
	{ "transfer id", ID, false }, { NULL, 0, false },
};

enum { FILLS, ACCOUNT, HISTORY, TRANSFERS, ACCOUNT_REPORT, N_REPORTS };

static const struct report reports[N_REPORTS] = {
	[FILLS] = { "fills", "csv-fills", fills_names,
		BIT(TRADE_ID) | BIT(PRODUCT) | BIT(SIDE) | BIT(TIMESTAMP) | BIT(QUANTITY) | BIT(PRICE) | BIT(FEES) },
	[ACCOUNT] = { "account statement", "csv-account", account_names,
		BIT(TYPE) | BIT(TIMESTAMP) | BIT(AMOUNT) | BIT(UNIT) | BIT(TRADE_ID) },
	[HISTORY] = { "transaction history", "csv-history", history_names,
		BIT(TIMESTAMP) | BIT(TYPE) | BIT(ASSET) | BIT(QUANTITY) | BIT(PRICE) | BIT(SUBTOTAL) | BIT(TOTAL) | BIT(FEES) },
	[TRANSFERS] = { "transfers", "csv-history", transfers_names,
		BIT(TIMESTAMP) | BIT(TYPE) | BIT(SUBTOTAL) | BIT(FEES) | BIT(TOTAL) | BIT(CURRENCY) | BIT(PRICE) },
	[ACCOUNT_REPORT] = { "account report", "csv-history", account_report_names,
		BIT(TIMESTAMP) | BIT(QUANTITY) | BIT(ASSET) | BIT(TOTAL) | BIT(CURRENCY) | BIT(FEES) },
};

/* Row types that are no trades, as the exports of any year name them. */
static const char *const other_types[] = {
	"Send", "Receive", "Deposit", "Withdrawal", "Exchange Deposit", "Exchange Withdrawal", "Pro Deposit",
	"Pro Withdrawal", "Prime Deposit", "Prime Withdrawal", "Staking Income", "Reward Income", "Rewards Income",
	"Learning Reward", "Coinbase Earn", "Interest Income", "Inflation Reward", "Inflation Income", "Card Spend",
	"Card Buy Back", "Subscription", "Subscription Rebate", "Subscription Rebates (24 Hours)", "Credit",
	"Admin Debit", "Admin Credit", "Donation", "Asset Migration", "Retail Simple Dust", "Retail Eth2 Deprecation",
	"Retail Staking Transfer", "Retail Unstaking Transfer", "Vault Withdrawal", "Vault Deposit", "Transfer",
	"fee", "deposit", "withdrawal", "rebate", "conversion", NULL,
};

/* What reading works with: the open file, where each column stands, and the rows so far. */
struct reading {
	struct csv_reader in;
	int report;
	int field_of[N_COLUMNS];
	int asset_field;		/* of a transfers report */
	char header_currency[16];	/* "EUR" of "EUR Subtotal" */
	char header_asset[16];		/* "BTC" of a transfers report */
	struct coinbase_csv *csv;
	size_t fills_room, skipped_room;
};

static const char *field(const struct reading *r, enum column c)
{
	int at = r->field_of[c];

	return at >= 0 && at < r->in.n_fields ? r->in.field[at] : "";
}

/* Rows out ----------------------------------------------------------------------------------- */

static struct coinbase_fill *new_fill(struct reading *r)
{
	struct coinbase_csv *csv = r->csv;
	struct coinbase_fill *f;

	if (csv->n_fills == r->fills_room) {
		r->fills_room = r->fills_room ? 2 * r->fills_room : 64;
		csv->fills = xrealloc(csv->fills, r->fills_room * sizeof *csv->fills);
	}
	f = &csv->fills[csv->n_fills];
	*f = (struct coinbase_fill){ .source = reports[r->report].source, .line = r->in.line };
	memcpy(f->trade_type, "FILL", 5);
	return f;
}

static void skip(struct reading *r, enum coinbase_skip_kind kind, long line, const char *type, const struct reason *why)
{
	struct coinbase_csv *csv = r->csv;
	struct coinbase_skip *s;

	if (csv->n_skipped == r->skipped_room) {
		r->skipped_room = r->skipped_room ? 2 * r->skipped_room : 64;
		csv->skipped = xrealloc(csv->skipped, r->skipped_room * sizeof *csv->skipped);
	}
	s = &csv->skipped[csv->n_skipped++];
	*s = (struct coinbase_skip){ .kind = kind, .line = line };
	snprintf(s->type, sizeof s->type, "%s", type);
	if (why)
		s->why = *why;
}

static void skip_other(struct reading *r, const char *type)
{
	static const char *const trade_word[] = { "buy", "sell", "trade", "fill", "match", NULL };
	struct reason why;

	for (int i = 0; other_types[i]; i++)
		if (strcasecmp(type, other_types[i]) == 0) {
			skip(r, COINBASE_SKIP_OTHER, r->in.line, type, NULL);
			return;
		}
	if (strcasecmp(type, "Convert") == 0) {
		skip(r, COINBASE_SKIP_CONVERT, r->in.line, type, NULL);
		return;
	}
	/* A type that is new, but has a trade's word in it, may be one misspelt: not to be let by. */
	for (const char *at = type; *at; at++)
		for (int i = 0; trade_word[i]; i++)
			if (strncasecmp(at, trade_word[i], strlen(trade_word[i])) == 0) {
				reason_set(&why, "the type is not known, and may be a trade");
				skip(r, COINBASE_SKIP_BAD, r->in.line, type, &why);
				return;
			}
	skip(r, COINBASE_SKIP_UNKNOWN, r->in.line, type, NULL);
}

static bool put(char *to, size_t size, const char *name, const char *text, struct reason *why)
{
	if (strlen(text) >= size)
		return reason_set(why, "%s is too long: %.60s…", name, text);
	memcpy(to, text, strlen(text) + 1);
	return true;
}

static bool put_product(struct coinbase_fill *f, const char *base, const char *quote, struct reason *why)
{
	int n = snprintf(f->product_id, sizeof f->product_id, "%s-%s", base, quote);

	if (!*base || !*quote || n < 0 || (size_t)n >= sizeof f->product_id || !coinbase_product_ok(f->product_id))
		return reason_set(why, "'%.30s-%.30s' is no product", base, quote);
	return true;
}

/* The identity of a row without one of its own: its facts.  number_alike() completes it. */
static void digest_entry_id(struct coinbase_fill *f)
{
	char time[COINBASE_TIME], facts[512], hex[33];
	unsigned char digest[EVP_MAX_MD_SIZE];

	snprintf(facts, sizeof facts, "%s|%s|%d|%s|%s|%s", coinbase_time_format(&f->traded, time), f->product_id, f->buy,
		 f->base_size, f->value, f->commission);
	EVP_Digest(facts, strlen(facts), digest, NULL, EVP_sha256(), NULL);
	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	snprintf(f->entry_id, sizeof f->entry_id, "%s:%s", f->source, hex);
}

static int compare_identities(const void *a, const void *b)
{
	const struct coinbase_fill *x = *(struct coinbase_fill *const *)a, *y = *(struct coinbase_fill *const *)b;
	int order = strcmp(x->entry_id, y->entry_id);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static bool same_facts(const struct coinbase_fill *a, const struct coinbase_fill *b)
{
	return moment_cmp(&a->traded, &b->traded) == 0 && a->buy == b->buy &&
	       strcmp(a->product_id, b->product_id) == 0 && strcmp(a->size, b->size) == 0 &&
	       strcmp(a->price, b->price) == 0 && strcmp(a->commission, b->commission) == 0;
}

static void drop_repeated(struct reading *r)
{
	struct coinbase_csv *csv = r->csv;
	size_t kept = 0;

	for (size_t i = 0; i < csv->n_fills; i++) {
		struct coinbase_fill *f = &csv->fills[i];

		if (*f->entry_id)
			csv->fills[kept++] = *f;
		else
			skip(r, COINBASE_SKIP_REPEATED, f->line, f->trade_id, NULL);
	}
	csv->n_fills = kept;
}

/*
 * Rows of one identity: with an id of their own and the same facts they are one trade, written
 * twice; otherwise as many trades, and the second becomes "…#2" and so on, in the order of the file.
 */
static void number_alike(struct reading *r)
{
	struct coinbase_csv *csv = r->csv;
	struct coinbase_fill **by_id;
	size_t n = csv->n_fills;

	if (n == 0)
		return;
	by_id = xmalloc(n * sizeof *by_id);
	for (size_t i = 0; i < n; i++)
		by_id[i] = &csv->fills[i];
	qsort(by_id, n, sizeof *by_id, compare_identities);
	for (size_t from = 0, to; from < n; from = to) {
		const struct coinbase_fill *first = by_id[from];
		size_t number = 1;

		for (to = from + 1; to < n && strcmp(by_id[to]->entry_id, first->entry_id) == 0; to++) {
			struct coinbase_fill *f = by_id[to];

			if (*f->trade_id && same_facts(f, first))
				f->entry_id[0] = '\0';
			else
				snprintf(f->entry_id, sizeof f->entry_id, "%.100s#%zu", first->entry_id, ++number);
		}
	}
	free(by_id);
	drop_repeated(r);
}

/* Amounts ------------------------------------------------------------------------------------ */

struct amounts {
	struct decimal quantity, price, value, total, fee, scratch;
};

static void amounts_init(struct amounts *a)
{
	decimal_init(&a->quantity);
	decimal_init(&a->price);
	decimal_init(&a->value);
	decimal_init(&a->total);
	decimal_init(&a->fee);
	decimal_init(&a->scratch);
}

static void amounts_release(struct amounts *a)
{
	decimal_release(&a->quantity);
	decimal_release(&a->price);
	decimal_release(&a->value);
	decimal_release(&a->total);
	decimal_release(&a->fee);
	decimal_release(&a->scratch);
}

static bool take_amount(const struct reading *r, enum column c, const char *name, struct decimal *d, struct reason *why)
{
	struct reason detail;

	if (!*field(r, c))
		return reason_set(why, "no %s", name);
	return coinbase_money_parse(field(r, c), d, &detail) || reason_set(why, "%s: %s", name, detail.text);
}

static bool keep_amounts(struct coinbase_fill *f, const struct amounts *a, struct reason *why)
{
	if (decimal_sign(&a->quantity) <= 0)
		return reason_set(why, "the quantity is not above zero");
	if (decimal_sign(&a->value) < 0)
		return reason_set(why, "the value is below zero");
	return coinbase_keep_decimal(f->price, &a->price, why) && coinbase_keep_decimal(f->size, &a->quantity, why) &&
	       coinbase_keep_decimal(f->base_size, &a->quantity, why) &&
	       coinbase_keep_decimal(f->value, &a->value, why) && coinbase_keep_decimal(f->commission, &a->fee, why);
}

/* |a - b| is at most one unit of the last decimal that b is written with. */
static bool agrees(const struct decimal *a, const struct decimal *b)
{
	struct decimal difference, unit;
	bool ok;

	decimal_init(&difference);
	decimal_init(&unit);
	decimal_sub(&difference, a, b);
	decimal_abs(&difference, &difference);
	decimal_set_int(&unit, 1, b->scale);
	ok = decimal_cmp(&difference, &unit) <= 0;
	decimal_release(&difference);
	decimal_release(&unit);
	return ok;
}

/* total = value + fee of a buy, value - fee of a sell. */
static void fee_from_total(struct amounts *a, bool buy)
{
	if (buy)
		decimal_sub(&a->fee, &a->total, &a->value);
	else
		decimal_sub(&a->fee, &a->value, &a->total);
}

static void value_from_total(struct amounts *a, bool buy)
{
	if (buy)
		decimal_sub(&a->value, &a->total, &a->fee);
	else
		decimal_add(&a->value, &a->total, &a->fee);
}

/* The reports -------------------------------------------------------------------------------- */

static bool read_time(struct reading *r, struct moment *t, struct reason *why)
{
	struct coinbase_csv *csv = r->csv;

	if (!coinbase_time_parse(t, field(r, TIMESTAMP), why))
		return false;
	if (!csv->has_times || moment_cmp(t, &csv->first) < 0)
		csv->first = *t;
	if (!csv->has_times || moment_cmp(t, &csv->last) > 0)
		csv->last = *t;
	csv->has_times = true;
	return true;
}

static bool read_fills_row(struct reading *r, struct coinbase_fill *f, struct amounts *a, struct reason *why)
{
	const char *side = field(r, SIDE);

	f->buy = strcasecmp(side, "BUY") == 0;
	if (!f->buy && strcasecmp(side, "SELL") != 0)
		return reason_set(why, "the side is '%.20s', neither BUY nor SELL", side);
	if (!*field(r, TRADE_ID))
		return reason_set(why, "no trade id");
	if (!put(f->trade_id, sizeof f->trade_id, "the trade id", field(r, TRADE_ID), why) ||
	    !put(f->product_id, sizeof f->product_id, "the product", field(r, PRODUCT), why) ||
	    !put(f->portfolio_id, sizeof f->portfolio_id, "the portfolio", field(r, PORTFOLIO), why))
		return false;
	if (!coinbase_product_ok(f->product_id))
		return reason_set(why, "'%s' is no product", f->product_id);
	if (!take_amount(r, QUANTITY, "size", &a->quantity, why) || !take_amount(r, PRICE, "price", &a->price, why) ||
	    !take_amount(r, FEES, "fee", &a->fee, why))
		return false;
	decimal_mul(&a->value, &a->quantity, &a->price);
	if (*field(r, TOTAL)) {
		if (!take_amount(r, TOTAL, "total", &a->total, why))
			return false;
		if (f->buy) {
			decimal_add(&a->scratch, &a->value, &a->fee);
			decimal_neg(&a->scratch, &a->scratch);
		} else {
			decimal_sub(&a->scratch, &a->value, &a->fee);
		}
		if (!agrees(&a->scratch, &a->total))
			return reason_set(why, "the total %.40s is not size × price and fee", field(r, TOTAL));
	}
	snprintf(f->entry_id, sizeof f->entry_id, "%s:%s:%.60s:%s", f->source, f->product_id, f->trade_id,
		 f->buy ? "BUY" : "SELL");
	return true;
}

/* The word before at, and the word at it: "on BTC-USDC at" gives BTC-USDC for " on ". */
static bool word_after(const char *text, const char *mark, char *word, size_t size)
{
	const char *found = NULL, *at = text;
	size_t len;

	while ((at = strstr(at, mark)))
		found = at++;
	if (!found)
		return false;
	found += strlen(mark);
	len = strcspn(found, " ");
	if (len == 0 || len >= size)
		return false;
	memcpy(word, found, len);
	word[len] = '\0';
	return true;
}

/* The columns of a trade for USDC show USD. */
static bool is_same_money(const char *quote, const char *currency)
{
	return strcmp(quote, currency) == 0 || (strcmp(quote, "USDC") == 0 && strcmp(currency, "USD") == 0);
}

/*
 * The note of an advanced trade names the pair, and from 2024 on the price and the total with every
 * digit, where the columns show another currency, rounded:
 * "Bought 0.1 BTC for 5030.25 USDC on BTC-USDC at 50000.5 USDC/BTC".
 */
static bool read_note(struct reading *r, struct coinbase_fill *f, const char *currency, struct amounts *a,
		      struct reason *why)
{
	const char *note = field(r, NOTES);
	char pair[COINBASE_PRODUCT], price[COINBASE_DECIMAL], total[COINBASE_DECIMAL], quote[COINBASE_PRODUCT + 2];
	const char *dash;
	struct decimal slack;
	bool same_currency, ok = true;

	if (!word_after(note, " on ", pair, sizeof pair) || !coinbase_product_ok(pair))
		return true;
	dash = strrchr(pair, '-');
	if (strncasecmp(pair, field(r, ASSET), (size_t)(dash - pair)) != 0 || strlen(field(r, ASSET)) != (size_t)(dash - pair))
		return reason_set(why, "the note names %s and the row %.20s", pair, field(r, ASSET));
	memcpy(f->product_id, pair, strlen(pair) + 1);
	same_currency = is_same_money(dash + 1, currency);
	snprintf(quote, sizeof quote, " %s ", dash + 1);
	if (!word_after(note, " at ", price, sizeof price) || !word_after(note, " for ", total, sizeof total) ||
	    !strstr(note, quote) || !coinbase_money_parse(price, &a->price, NULL) ||
	    !coinbase_money_parse(total, &a->total, NULL))
		return same_currency || reason_set(why, "the amounts are in %.10s, the trade is on %s", currency, pair);
	decimal_init(&slack);
	decimal_abs(&a->total, &a->total);
	decimal_mul(&a->value, &a->quantity, &a->price);
	decimal_abs(&a->scratch, &a->fee);
	fee_from_total(a, f->buy);
	/* In one currency the two must tell of one trade: the columns are rounded to the cent. */
	if (same_currency) {
		decimal_sub(&a->scratch, &a->scratch, &a->fee);
		decimal_abs(&a->scratch, &a->scratch);
		decimal_set_int(&slack, 2, 2);
		if (decimal_cmp(&a->scratch, &slack) > 0)
			ok = reason_set(why, "the note's total and the column of fees contradict each other");
	}
	decimal_release(&slack);
	return ok;
}

static bool read_history_row(struct reading *r, struct coinbase_fill *f, struct amounts *a, struct reason *why)
{
	const char *currency = *field(r, CURRENCY) ? field(r, CURRENCY) : r->header_currency;

	if (!take_amount(r, QUANTITY, "quantity", &a->quantity, why) || !take_amount(r, PRICE, "price", &a->price, why) ||
	    !take_amount(r, SUBTOTAL, "subtotal", &a->value, why) || !take_amount(r, FEES, "fees", &a->fee, why) ||
	    !put_product(f, field(r, ASSET), currency, why))
		return false;
	/* Sells are negative in some generations. */
	decimal_abs(&a->quantity, &a->quantity);
	decimal_abs(&a->value, &a->value);
	decimal_abs(&a->price, &a->price);
	if (!read_note(r, f, currency, a, why))
		return false;
	if (*field(r, ID))
		return put(f->trade_id, sizeof f->trade_id - 32, "the id", field(r, ID), why) &&
		       snprintf(f->entry_id, sizeof f->entry_id, "%s:%s", f->source, f->trade_id) > 0;
	return true;
}

static bool read_transfers_row(struct reading *r, struct coinbase_fill *f, struct amounts *a, struct reason *why)
{
	struct reason detail;

	if (!coinbase_money_parse(r->in.field[r->asset_field], &a->quantity, &detail))
		return reason_set(why, "%s: %s", r->header_asset, detail.text);
	if (!take_amount(r, PRICE, "price per coin", &a->price, why) ||
	    !take_amount(r, SUBTOTAL, "subtotal", &a->value, why) || !take_amount(r, FEES, "fees", &a->fee, why) ||
	    !put_product(f, r->header_asset, field(r, CURRENCY), why))
		return false;
	decimal_abs(&a->quantity, &a->quantity);
	decimal_abs(&a->value, &a->value);
	return true;
}

/* A row of the account report with a transfer total is a purchase or sale; the total holds the fee. */
static bool read_account_report_row(struct reading *r, struct coinbase_fill *f, struct amounts *a, struct reason *why)
{
	if (!take_amount(r, QUANTITY, "amount", &a->quantity, why) || !take_amount(r, TOTAL, "transfer total", &a->total, why) ||
	    !put_product(f, field(r, ASSET), field(r, CURRENCY), why))
		return false;
	if (*field(r, FEES) && !take_amount(r, FEES, "transfer fee", &a->fee, why))
		return false;
	if (*field(r, FEE_CURRENCY) && strcmp(field(r, FEE_CURRENCY), field(r, CURRENCY)) != 0)
		return reason_set(why, "the fee is in %.10s and the total in %.10s", field(r, FEE_CURRENCY), field(r, CURRENCY));
	f->buy = decimal_sign(&a->quantity) > 0;
	decimal_abs(&a->quantity, &a->quantity);
	decimal_abs(&a->total, &a->total);
	value_from_total(a, f->buy);
	if (!decimal_div(&a->price, &a->value, &a->quantity, COINBASE_PLACES))
		return reason_set(why, "the amount is 0");
	return true;
}

typedef bool read_row_fn(struct reading *, struct coinbase_fill *, struct amounts *, struct reason *);

/* A row that is a trade. */
static void read_trade(struct reading *r, bool buy, const char *type, read_row_fn *read_row)
{
	struct coinbase_fill *f = new_fill(r);
	struct amounts a;
	struct reason why;

	amounts_init(&a);
	f->buy = buy;
	if (read_time(r, &f->traded, &why) && read_row(r, f, &a, &why) && keep_amounts(f, &a, &why)) {
		if (!*f->entry_id)
			digest_entry_id(f);
		r->csv->n_fills++;
	} else {
		skip(r, COINBASE_SKIP_BAD, r->in.line, type, &why);
	}
	amounts_release(&a);
}

static void note_time(struct reading *r)
{
	struct moment t;

	read_time(r, &t, NULL);
}

/* "Buy", "Advanced Trade Sell", and "Advance Trade …", as one generation spelt it. */
static bool is_trade_type(const char *type, bool *buy)
{
	static const char *const before[] = { "Advanced Trade ", "Advance Trade ", "" };

	for (int i = 0; i < 3; i++) {
		size_t len = strlen(before[i]);

		if (strncasecmp(type, before[i], len) != 0)
			continue;
		*buy = strcasecmp(type + len, "Buy") == 0;
		if (*buy || strcasecmp(type + len, "Sell") == 0)
			return true;
	}
	return false;
}

static void read_typed(struct reading *r, read_row_fn *read_row)
{
	const char *type = field(r, TYPE);
	bool buy;

	if (is_trade_type(type, &buy)) {
		read_trade(r, buy, type, read_row);
	} else {
		note_time(r);
		skip_other(r, type);
	}
}

static void read_record(struct reading *r)
{
	switch (r->report) {
	case FILLS:
		read_trade(r, false, "fill", read_fills_row);
		break;
	case HISTORY:
		read_typed(r, read_history_row);
		break;
	case TRANSFERS:
		read_typed(r, read_transfers_row);
		break;
	case ACCOUNT_REPORT:
		if (*field(r, TOTAL)) {
			read_trade(r, false, "transfer", read_account_report_row);
		} else {
			note_time(r);
			skip(r, COINBASE_SKIP_OTHER, r->in.line, "row without a transfer total", NULL);
		}
		break;
	}
}

/* The account statement: rows of one trade id make one trade ----------------------------------- */

struct leg {
	long line;
	bool fee;
	char trade_id[COINBASE_ID], order_id[COINBASE_ID], portfolio[COINBASE_ID], unit[16], amount[COINBASE_DECIMAL];
	struct moment time;
	bool bad;
	struct reason why;
};

static bool read_leg(struct reading *r, struct leg *leg)
{
	struct reason *why = &leg->why;
	struct decimal d;
	bool ok;

	*leg = (struct leg){ .line = r->in.line, .fee = strcasecmp(field(r, TYPE), "fee") == 0 };
	decimal_init(&d);
	ok = put(leg->trade_id, sizeof leg->trade_id, "the trade id", field(r, TRADE_ID), why) &&
	     put(leg->order_id, sizeof leg->order_id, "the order id", field(r, ORDER_ID), why) &&
	     put(leg->portfolio, sizeof leg->portfolio, "the portfolio", field(r, PORTFOLIO), why) &&
	     put(leg->unit, sizeof leg->unit, "the unit", field(r, UNIT), why) && read_time(r, &leg->time, why) &&
	     take_amount(r, AMOUNT, "amount", &d, why) && coinbase_keep_decimal(leg->amount, &d, why);
	decimal_release(&d);
	return ok;
}

static int compare_legs(const void *a, const void *b)
{
	const struct leg *x = a, *y = b;
	int order = strcmp(x->trade_id, y->trade_id);

	if (order == 0)
		order = strcmp(x->order_id, y->order_id);
	if (order == 0)
		order = (x->line > y->line) - (x->line < y->line);
	return order;
}

static int is_money(const char *unit)
{
	static const char *const money[] = { "USD", "EUR", "GBP", "USDC", "USDT", "DAI", NULL };

	for (int i = 0; money[i]; i++)
		if (strcmp(unit, money[i]) == 0)
			return true;
	return false;
}

/* Which of the two sides of a trade is the quote: that of the fee, or else the one that is money. */
static bool find_quote(const struct leg *side[2], const struct leg *fee, int *quote)
{
	for (int i = 0; i < 2; i++)
		if (fee && strcmp(side[i]->unit, fee->unit) == 0) {
			*quote = i;
			return true;
		}
	for (int i = 0; i < 2; i++)
		if (is_money(side[i]->unit) && !is_money(side[1 - i]->unit)) {
			*quote = i;
			return true;
		}
	return false;
}

static bool read_legs(struct coinbase_fill *f, const struct leg *leg, size_t n, struct amounts *a, struct reason *why)
{
	const struct leg *side[2] = { NULL, NULL }, *fee = NULL;
	int quote, sides = 0;

	for (size_t i = 0; i < n; i++) {
		if (leg[i].bad)
			return reason_set(why, "line %ld: %s", leg[i].line, leg[i].why.text);
		if (leg[i].fee && !fee)
			fee = &leg[i];
		else if (!leg[i].fee && sides < 2)
			side[sides++] = &leg[i];
		else
			return reason_set(why, "line %ld: one row too many for trade %.40s", leg[i].line, leg[i].trade_id);
	}
	if (sides != 2)
		return reason_set(why, "trade %.40s has %d of its two sides", leg[0].trade_id, sides);
	if (!find_quote(side, fee, &quote))
		return reason_set(why, "which of %s and %s is the quote of trade %.40s is not said", side[0]->unit, side[1]->unit,
				  leg[0].trade_id);
	decimal_parse_text(&a->quantity, side[1 - quote]->amount, DECIMAL_PLAIN, NULL);
	decimal_parse_text(&a->value, side[quote]->amount, DECIMAL_PLAIN, NULL);
	if (decimal_sign(&a->quantity) * decimal_sign(&a->value) >= 0)
		return reason_set(why, "both sides of trade %.40s go the same way", leg[0].trade_id);
	if (fee) {
		decimal_parse_text(&a->fee, fee->amount, DECIMAL_PLAIN, NULL);
		decimal_neg(&a->fee, &a->fee);
	}
	f->line = leg[0].line;
	f->traded = leg[0].time;
	f->buy = decimal_sign(&a->quantity) > 0;
	decimal_abs(&a->quantity, &a->quantity);
	decimal_abs(&a->value, &a->value);
	decimal_div(&a->price, &a->value, &a->quantity, COINBASE_PLACES);
	memcpy(f->trade_id, leg[0].trade_id, sizeof f->trade_id);
	memcpy(f->order_id, leg[0].order_id, sizeof f->order_id);
	memcpy(f->portfolio_id, leg[0].portfolio, sizeof f->portfolio_id);
	if (!put_product(f, side[1 - quote]->unit, side[quote]->unit, why))
		return false;
	snprintf(f->entry_id, sizeof f->entry_id, "%s:%s:%.60s:%s", f->source, f->product_id, f->trade_id,
		 f->buy ? "BUY" : "SELL");
	return true;
}

static int compare_lines(const void *a, const void *b)
{
	const struct coinbase_fill *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

static bool read_account(struct reading *r, struct reason *why)
{
	struct leg *legs = NULL;
	size_t n = 0, room = 0;
	int got;

	while ((got = csv_next(&r->in, why)) == 1) {
		const char *type = field(r, TYPE);

		if (r->in.n_fields == 1 && !*r->in.field[0])
			continue;
		r->csv->rows++;
		if (!*field(r, TRADE_ID) || (strcasecmp(type, "match") != 0 && strcasecmp(type, "fee") != 0)) {
			note_time(r);
			skip_other(r, type);
			continue;
		}
		if (n == room) {
			room = room ? 2 * room : 64;
			legs = xrealloc(legs, room * sizeof *legs);
		}
		legs[n].bad = !read_leg(r, &legs[n]);
		n++;
	}
	if (n > 0)
		qsort(legs, n, sizeof *legs, compare_legs);
	for (size_t from = 0, to; from < n; from = to) {
		struct coinbase_fill *f = new_fill(r);
		struct amounts a;
		struct reason detail;

		for (to = from + 1; to < n && strcmp(legs[to].trade_id, legs[from].trade_id) == 0 &&
				    strcmp(legs[to].order_id, legs[from].order_id) == 0; to++)
			;
		amounts_init(&a);
		if (read_legs(f, legs + from, to - from, &a, &detail) && keep_amounts(f, &a, &detail))
			r->csv->n_fills++;
		else
			skip(r, COINBASE_SKIP_BAD, legs[from].line, "match", &detail);
		amounts_release(&a);
	}
	if (r->csv->n_fills > 0)
		qsort(r->csv->fills, r->csv->n_fills, sizeof *r->csv->fills, compare_lines);
	free(legs);
	return got == 0;
}

/* Which report ------------------------------------------------------------------------------- */

/* The name of a header field without the space around it; and, where the name may have a currency before it,
 * that currency. */
static bool is_named(const char *text, const struct name *name, char currency[16])
{
	size_t len, want = strlen(name->text);

	while (*text == ' ')
		text++;
	len = strlen(text);
	while (len > 0 && text[len - 1] == ' ')
		len--;
	if (len == want)
		return strncasecmp(text, name->text, len) == 0;
	if (!name->currency_before || len < want + 3 || text[len - want - 1] != ' ' ||
	    strncasecmp(text + len - want, name->text, want) != 0 || len - want - 1 > 5 || memchr(text, ' ', len - want - 1))
		return false;
	snprintf(currency, 16, "%.*s", (int)(len - want - 1), text);
	return true;
}

static bool is_header_of(struct reading *r, int report)
{
	unsigned long found = 0;
	int unnamed = 0, at = -1;

	r->header_currency[0] = '\0';
	for (int c = 0; c < N_COLUMNS; c++)
		r->field_of[c] = -1;
	for (int i = 0; i < r->in.n_fields; i++) {
		const struct name *name = reports[report].names;

		while (name->text && !is_named(r->in.field[i], name, r->header_currency))
			name++;
		if (!name->text) {
			if (unnamed++ == 0)
				at = i;
			continue;
		}
		if (r->field_of[name->column] >= 0)
			continue;		/* the first of two of one name */
		r->field_of[name->column] = i;
		found |= BIT(name->column);
	}
	if ((found & reports[report].needed) != reports[report].needed)
		return false;
	if (report == TRANSFERS) {
		if (at < 0)
			return false;
		r->asset_field = at;
		snprintf(r->header_asset, sizeof r->header_asset, "%s", r->in.field[at]);
	}
	r->report = report;
	return true;
}

static bool find_header(struct reading *r, struct reason *why)
{
	/* The transaction history is looked for before the transfers, which have fewer columns of their own. */
	static const int order[] = { FILLS, ACCOUNT, HISTORY, ACCOUNT_REPORT, TRANSFERS };
	int got;

	for (int record = 0; record < MAX_PREAMBLE; record++) {
		got = csv_next(&r->in, why);
		if (got < 0)
			return false;
		if (got == 0)
			break;
		for (int i = 0; i < N_REPORTS; i++)
			if (is_header_of(r, order[i]))
				return true;
	}
	return reason_set(why, "no header of an exchange's export: neither fills, nor account statement, "
			       "nor transaction history, nor transfers");
}

bool coinbase_csv_parse(const char *text, size_t len, struct coinbase_csv *csv, struct reason *why)
{
	struct reading r = { .csv = csv };
	bool ok;
	int got;

	*csv = (struct coinbase_csv){ 0 };
	csv_open(&r.in, text, len);
	ok = find_header(&r, why);
	if (ok) {
		csv->report = reports[r.report].words;
		if (r.report == ACCOUNT) {
			ok = read_account(&r, why);
		} else {
			while ((got = csv_next(&r.in, why)) == 1) {
				if (r.in.n_fields == 1 && !*r.in.field[0])
					continue;
				csv->rows++;
				read_record(&r);
			}
			ok = got == 0;
		}
	}
	csv_close(&r.in);
	number_alike(&r);
	return ok;
}

void coinbase_csv_release(struct coinbase_csv *csv)
{
	free(csv->fills);
	free(csv->skipped);
	*csv = (struct coinbase_csv){ 0 };
}

#include "coinbase/csv_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "coinbase/csv_amounts.h"
#include "coinbase/csv_header.h"
#include "coinbase/csv_legs.h"
#include "format/csv.h"

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

/* What reading works with: the open file, which export it is, and the rows so far. */
struct reading {
	struct csv_reader in;
	struct coinbase_export export;
	struct coinbase_csv *csv;
	size_t fills_room, skipped_room;
};

static const char *field(const struct reading *r, enum export_column column)
{
	return coinbase_export_field(&r->export, &r->in, column);
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
	*f = (struct coinbase_fill){ .source = r->export.source, .line = r->in.line };
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
	return instant_ns_cmp(&a->traded, &b->traded) == 0 && a->buy == b->buy &&
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

static bool take_amount(const struct reading *r, enum export_column c, const char *name, struct decimal *d, struct reason *why)
{
	struct reason detail;

	if (!*field(r, c))
		return reason_set(why, "no %s", name);
	return coinbase_money_parse(field(r, c), d, &detail) || reason_set(why, "%s: %s", name, detail.text);
}

/* The next row: 1; 0 at the end; -1 with the reason.  Where the file breaks off the last digits of a number may be missing,
 * or more, whatever the row seems to be: it is a trade that cannot be read. */
static int next_row(struct reading *r, struct reason *why)
{
	struct reason cut;
	int got;

	while ((got = csv_next(&r->in, why)) == 1) {
		if (r->in.n_fields == 1 && !*r->in.field[0])
			continue;
		r->csv->rows++;
		if (!r->in.is_cut)
			break;
		reason_set(&cut, "it has no line end: the file may be cut off there");
		skip(r, COINBASE_SKIP_BAD, r->in.line, "row", &cut);
	}
	return got;
}

/* The reports -------------------------------------------------------------------------------- */

static bool read_time(struct reading *r, struct instant_ns *t, struct reason *why)
{
	struct coinbase_csv *csv = r->csv;

	if (!coinbase_time_parse(t, field(r, EXPORT_TIMESTAMP), why))
		return false;
	if (!csv->has_times || instant_ns_cmp(t, &csv->first) < 0)
		csv->first = *t;
	if (!csv->has_times || instant_ns_cmp(t, &csv->last) > 0)
		csv->last = *t;
	csv->has_times = true;
	return true;
}

static bool read_fills_row(struct reading *r, struct coinbase_fill *f, struct coinbase_amounts *a, struct reason *why)
{
	const char *side = field(r, EXPORT_SIDE);

	f->buy = strcasecmp(side, "BUY") == 0;
	if (!f->buy && strcasecmp(side, "SELL") != 0)
		return reason_set(why, "the side is '%.20s', neither BUY nor SELL", side);
	if (!*field(r, EXPORT_TRADE_ID))
		return reason_set(why, "no trade id");
	if (!put(f->trade_id, sizeof f->trade_id, "the trade id", field(r, EXPORT_TRADE_ID), why) ||
	    !put(f->product_id, sizeof f->product_id, "the product", field(r, EXPORT_PRODUCT), why) ||
	    !put(f->portfolio_id, sizeof f->portfolio_id, "the portfolio", field(r, EXPORT_PORTFOLIO), why))
		return false;
	if (!coinbase_product_ok(f->product_id))
		return reason_set(why, "'%s' is no product", f->product_id);
	if (!take_amount(r, EXPORT_QUANTITY, "size", &a->quantity, why) ||
	    !take_amount(r, EXPORT_PRICE, "price", &a->price, why) ||
	    !take_amount(r, EXPORT_FEES, "fee", &a->fee, why))
		return false;
	decimal_mul(&a->value, &a->quantity, &a->price);
	if (*field(r, EXPORT_TOTAL)) {
		if (!take_amount(r, EXPORT_TOTAL, "total", &a->total, why))
			return false;
		if (f->buy) {
			decimal_add(&a->scratch, &a->value, &a->fee);
			decimal_neg(&a->scratch, &a->scratch);
		} else {
			decimal_sub(&a->scratch, &a->value, &a->fee);
		}
		if (!coinbase_amounts_agree(&a->scratch, &a->total))
			return reason_set(why, "the total %.40s is not size × price and fee", field(r, EXPORT_TOTAL));
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
static bool read_note(struct reading *r, struct coinbase_fill *f, const char *currency, struct coinbase_amounts *a,
		      struct reason *why)
{
	const char *note = field(r, EXPORT_NOTES);
	char pair[COINBASE_PRODUCT], price[COINBASE_DECIMAL], total[COINBASE_DECIMAL], quote[COINBASE_PRODUCT + 2];
	const char *dash;
	struct decimal slack;
	bool same_currency, ok = true;

	if (!word_after(note, " on ", pair, sizeof pair) || !coinbase_product_ok(pair))
		return true;
	dash = strrchr(pair, '-');
	if (strncasecmp(pair, field(r, EXPORT_ASSET), (size_t)(dash - pair)) != 0 ||
	    strlen(field(r, EXPORT_ASSET)) != (size_t)(dash - pair))
		return reason_set(why, "the note names %s and the row %.20s", pair, field(r, EXPORT_ASSET));
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
	coinbase_amounts_find_fee(a, f->buy);
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

static bool read_history_row(struct reading *r, struct coinbase_fill *f, struct coinbase_amounts *a, struct reason *why)
{
	const char *currency = *field(r, EXPORT_CURRENCY) ? field(r, EXPORT_CURRENCY) : r->export.currency;

	if (!take_amount(r, EXPORT_QUANTITY, "quantity", &a->quantity, why) ||
	    !take_amount(r, EXPORT_PRICE, "price", &a->price, why) ||
	    !take_amount(r, EXPORT_SUBTOTAL, "subtotal", &a->value, why) || !take_amount(r, EXPORT_FEES, "fees", &a->fee, why) ||
	    !coinbase_amounts_name(f, field(r, EXPORT_ASSET), currency, why))
		return false;
	/* Sells are negative in some generations. */
	decimal_abs(&a->quantity, &a->quantity);
	decimal_abs(&a->value, &a->value);
	decimal_abs(&a->price, &a->price);
	if (!read_note(r, f, currency, a, why))
		return false;
	if (*field(r, EXPORT_ID))
		return put(f->trade_id, sizeof f->trade_id - 32, "the id", field(r, EXPORT_ID), why) &&
		       snprintf(f->entry_id, sizeof f->entry_id, "%s:%s", f->source, f->trade_id) > 0;
	return true;
}

static bool read_transfers_row(struct reading *r, struct coinbase_fill *f, struct coinbase_amounts *a, struct reason *why)
{
	struct reason detail;

	if (!coinbase_money_parse(r->in.field[r->export.asset_field], &a->quantity, &detail))
		return reason_set(why, "%s: %s", r->export.asset, detail.text);
	if (!take_amount(r, EXPORT_PRICE, "price per coin", &a->price, why) ||
	    !take_amount(r, EXPORT_SUBTOTAL, "subtotal", &a->value, why) || !take_amount(r, EXPORT_FEES, "fees", &a->fee, why) ||
	    !coinbase_amounts_name(f, r->export.asset, field(r, EXPORT_CURRENCY), why))
		return false;
	decimal_abs(&a->quantity, &a->quantity);
	decimal_abs(&a->value, &a->value);
	return true;
}

/* A row of the account report with a transfer total is a purchase or sale; the total holds the fee. */
static bool read_account_report_row(struct reading *r, struct coinbase_fill *f, struct coinbase_amounts *a, struct reason *why)
{
	if (!take_amount(r, EXPORT_QUANTITY, "amount", &a->quantity, why) ||
	    !take_amount(r, EXPORT_TOTAL, "transfer total", &a->total, why) ||
	    !coinbase_amounts_name(f, field(r, EXPORT_ASSET), field(r, EXPORT_CURRENCY), why))
		return false;
	if (*field(r, EXPORT_FEES) && !take_amount(r, EXPORT_FEES, "transfer fee", &a->fee, why))
		return false;
	if (*field(r, EXPORT_FEE_CURRENCY) && strcmp(field(r, EXPORT_FEE_CURRENCY), field(r, EXPORT_CURRENCY)) != 0)
		return reason_set(why, "the fee is in %.10s and the total in %.10s", field(r, EXPORT_FEE_CURRENCY),
				  field(r, EXPORT_CURRENCY));
	f->buy = decimal_sign(&a->quantity) > 0;
	decimal_abs(&a->quantity, &a->quantity);
	decimal_abs(&a->total, &a->total);
	coinbase_amounts_find_value(a, f->buy);
	if (!decimal_div(&a->price, &a->value, &a->quantity, COINBASE_PLACES))
		return reason_set(why, "the amount is 0");
	return true;
}

typedef bool read_row_fn(struct reading *, struct coinbase_fill *, struct coinbase_amounts *, struct reason *);

/* A row that is a trade. */
static void read_trade(struct reading *r, bool buy, const char *type, read_row_fn *read_row)
{
	struct coinbase_fill *f = new_fill(r);
	struct coinbase_amounts a;
	struct reason why;

	coinbase_amounts_init(&a);
	f->buy = buy;
	if (read_time(r, &f->traded, &why) && read_row(r, f, &a, &why) && coinbase_amounts_keep(f, &a, &why)) {
		if (!*f->entry_id)
			digest_entry_id(f);
		r->csv->n_fills++;
	} else {
		skip(r, COINBASE_SKIP_BAD, r->in.line, type, &why);
	}
	coinbase_amounts_release(&a);
}

static void note_time(struct reading *r)
{
	struct instant_ns t;

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
	const char *type = field(r, EXPORT_TYPE);
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
	switch (r->export.report) {
	case EXPORT_FILLS:
		read_trade(r, false, "fill", read_fills_row);
		break;
	case EXPORT_HISTORY:
		read_typed(r, read_history_row);
		break;
	case EXPORT_TRANSFERS:
		read_typed(r, read_transfers_row);
		break;
	case EXPORT_ACCOUNT_REPORT:
		if (*field(r, EXPORT_TOTAL)) {
			read_trade(r, false, "transfer", read_account_report_row);
		} else {
			note_time(r);
			skip(r, COINBASE_SKIP_OTHER, r->in.line, "row without a transfer total", NULL);
		}
		break;
	case EXPORT_ACCOUNT:		/* whose rows make no trade each */
	case EXPORT_REPORTS:
		break;
	}
}

/* The account statement: rows of one trade id make one trade ----------------------------------- */

static bool read_leg(struct reading *r, struct coinbase_leg *leg)
{
	struct reason *why = &leg->why;
	struct decimal d;
	bool ok;

	*leg = (struct coinbase_leg){ .line = r->in.line, .fee = strcasecmp(field(r, EXPORT_TYPE), "fee") == 0 };
	decimal_init(&d);
	ok = put(leg->trade_id, sizeof leg->trade_id, "the trade id", field(r, EXPORT_TRADE_ID), why) &&
	     put(leg->order_id, sizeof leg->order_id, "the order id", field(r, EXPORT_ORDER_ID), why) &&
	     put(leg->portfolio, sizeof leg->portfolio, "the portfolio", field(r, EXPORT_PORTFOLIO), why) &&
	     put(leg->unit, sizeof leg->unit, "the unit", field(r, EXPORT_UNIT), why) && read_time(r, &leg->time, why) &&
	     take_amount(r, EXPORT_AMOUNT, "amount", &d, why) && coinbase_keep_decimal(leg->amount, &d, why);
	decimal_release(&d);
	return ok;
}

static int compare_lines(const void *a, const void *b)
{
	const struct coinbase_fill *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

static bool read_account(struct reading *r, struct reason *why)
{
	struct coinbase_leg *legs = NULL;
	size_t n = 0, room = 0;
	int got;

	while ((got = next_row(r, why)) == 1) {
		const char *type = field(r, EXPORT_TYPE);

		if (!*field(r, EXPORT_TRADE_ID) || (strcasecmp(type, "match") != 0 && strcasecmp(type, "fee") != 0)) {
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
	coinbase_legs_sort(legs, n);
	for (size_t from = 0, to; from < n; from = to) {
		struct coinbase_fill *f = new_fill(r);
		struct coinbase_amounts a;
		struct reason detail;

		to = from + coinbase_legs_count(legs + from, n - from);
		coinbase_amounts_init(&a);
		if (coinbase_legs_join(f, legs + from, to - from, &a, &detail) && coinbase_amounts_keep(f, &a, &detail))
			r->csv->n_fills++;
		else
			skip(r, COINBASE_SKIP_BAD, legs[from].line, "match", &detail);
		coinbase_amounts_release(&a);
	}
	if (r->csv->n_fills > 0)
		qsort(r->csv->fills, r->csv->n_fills, sizeof *r->csv->fills, compare_lines);
	free(legs);
	return got == 0;
}

bool coinbase_csv_parse(const char *text, size_t len, struct coinbase_csv *csv, struct reason *why)
{
	struct reading r = { .csv = csv };
	bool ok;
	int got;

	*csv = (struct coinbase_csv){ 0 };
	csv_open(&r.in, text, len);
	ok = coinbase_export_find(&r.in, &r.export, why);
	if (ok) {
		csv->report = r.export.words;
		if (r.export.report == EXPORT_ACCOUNT) {
			ok = read_account(&r, why);
		} else {
			while ((got = next_row(&r, why)) == 1)
				read_record(&r);
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

#include "coinbase/csv_rows.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ident.h"
#include "base/text.h"
#include "coinbase/csv_note.h"

bool coinbase_row_put(char *to, size_t size, const char *name, const char *text, struct reason *why)
{
	if (strlen(text) >= size)
		return reason_set(why, "%s is too long: %.60s…", name, text);
	memcpy(to, text, strlen(text) + 1);
	return true;
}

bool coinbase_row_put_id(char *to, size_t size, const char *name, const char *text, struct reason *why)
{
	text = ident_sent(text);
	if (ident_is_rounded(text))
		return reason_set(why,
				  "%s %.40s is what a spreadsheet left of it, which took it for a number: take the file as the exchange gave it",
				  name, text);
	if (*text && !ident_is_key(text))
		return reason_set(why, "%s '%.40s' is not an id: it has a byte beyond ASCII or begins as a formula", name, text);
	return coinbase_row_put(to, size, name, text, why);
}

bool coinbase_row_put_name(char *to, size_t size, const char *name, const char *text, struct reason *why)
{
	struct buf clean = BUF_INIT;
	bool ok;

	text_clean(&clean, text, strlen(text));
	buf_addc(&clean, '\0');
	ok = coinbase_row_put(to, size, name, clean.data, why);
	buf_release(&clean);
	return ok;
}

const char *coinbase_row_field(const struct coinbase_row *row, enum export_column column)
{
	return coinbase_export_field(row->export, row->in, column);
}

static bool is_same_money(const char *quote, const char *currency);

/* An amount that names its currency, as a spreadsheet shows it, names the one that the row is in. */
static bool currency_fits(const struct coinbase_row *row, enum export_column column, const char *name, const char *text,
			  struct reason *why)
{
	const char *expected = column == EXPORT_AMOUNT || column == EXPORT_BALANCE ? coinbase_row_field(row, EXPORT_UNIT)
			     : column == EXPORT_QUANTITY ? coinbase_row_field(row, EXPORT_ASSET) : coinbase_row_currency(row);
	char code[AMOUNT_CODE];

	amount_currency(text, code);
	return !*code || !*expected || is_same_money(code, expected) || is_same_money(expected, code) ||
	       reason_set(why, "%s: %.40s is in %s and the row in %.10s", name, text, code, expected);
}

bool coinbase_row_amount(const struct coinbase_row *row, enum export_column column, const char *name, struct decimal *d,
			 struct reason *why)
{
	const char *text = coinbase_row_field(row, column);
	struct reason detail;

	if (!*text)
		return reason_set(why, "no %s", name);
	return (amount_parse(text, row->habits->marks, d, &detail) || reason_set(why, "%s: %s", name, detail.text)) &&
	       currency_fits(row, column, name, text, why);
}

bool coinbase_row_is_same(const struct coinbase_row *row)
{
	const char *product = coinbase_row_field(row, EXPORT_PRODUCT), *dash = strchr(product, '-');
	const char *asset = row->export->report == EXPORT_TRANSFERS ? row->export->asset
								    : coinbase_row_field(row, EXPORT_ASSET);

	if (row->export->report == EXPORT_FILLS)
		return dash && dash > product && strlen(dash + 1) == (size_t)(dash - product) &&
		       strncmp(product, dash + 1, (size_t)(dash - product)) == 0;

	/* An advanced trade's note may name another quote than the columns do. */
	return *asset && coinbase_amounts_are_money(asset, coinbase_row_currency(row)) &&
	       !strstr(coinbase_row_field(row, EXPORT_NOTES), " on ");
}

const char *coinbase_row_currency(const struct coinbase_row *row)
{
	const char *currency = coinbase_row_field(row, EXPORT_CURRENCY);

	return *currency ? currency : row->export->currency;
}

/* The end of the file ------------------------------------------------------------------------ */

static bool ends_with(const char *text, const char *mark, const char *end)
{
	size_t len = strlen(text), tail = strlen(mark) + strlen(end);

	return *end && len > tail && strncmp(text + len - tail, mark, strlen(mark)) == 0 &&
	       strcasecmp(text + len - strlen(end), end) == 0;
}

/* A note counts for an advanced trade, where it ends in the pair or in "QUOTE/BASE", and for a conversion, where no end
 * of it can be known. */
static bool note_is_whole(const struct coinbase_row *row)
{
	const char *note = coinbase_row_field(row, EXPORT_NOTES), *type = coinbase_row_field(row, EXPORT_TYPE);

	if (strcasecmp(type, "Convert") == 0)
		return false;
	return strncasecmp(type, "Adv", 3) != 0 || ends_with(note, "/", coinbase_row_field(row, EXPORT_ASSET)) ||
	       ends_with(note, "-", coinbase_row_currency(row));
}

bool coinbase_row_is_whole(const struct coinbase_row *row, const char *order_id)
{
	int last = row->export->n_fields - 1, column = 0;

	if (row->in->n_fields != row->export->n_fields)
		return false;
	while (column < EXPORT_COLUMNS && row->export->field_of[column] != last)
		column++;
	switch (column) {
	case EXPORT_COLUMNS:		/* nothing is read from the last field, whatever is missing of it */
		return row->export->report != EXPORT_TRANSFERS || row->export->asset_field != last;
	case EXPORT_NOTES:
		return note_is_whole(row);
	case EXPORT_CURRENCY:
		return ends_with(coinbase_row_field(row, EXPORT_PRODUCT), "-", coinbase_row_field(row, EXPORT_CURRENCY));
	case EXPORT_ORDER_ID:
		return *order_id && strcmp(order_id, coinbase_row_field(row, EXPORT_ORDER_ID)) == 0;
	default:
		return false;
	}
}

bool coinbase_row_fits(const struct coinbase_row *row, struct reason *why)
{
	const char *note = coinbase_row_field(row, EXPORT_NOTES);
	bool history = row->export->report == EXPORT_HISTORY, full = false, shifted;
	struct decimal d;

	if (row->in->n_fields <= row->export->n_fields)
		return true;
	for (int i = row->export->n_fields; i < row->in->n_fields; i++)
		full |= *row->in->field[i] != '\0';
	/* A note is free to have commas, and where it stands behind the amounts these are where they should be, unless
	 * it is one. */
	decimal_init(&d);
	shifted = history && *note ? amount_parse(note, AMOUNT_POINT, &d, NULL) : full;
	decimal_release(&d);
	return !shifted || reason_set(why, "it has %d fields and the header %d: an amount has a comma and no quotes around "
					   "it; take the file as the exchange gave it", row->in->n_fields, row->export->n_fields);
}

/* The fills report --------------------------------------------------------------------------- */

static bool is_base(const char *product, const char *unit)
{
	size_t len = strlen(unit);

	return strncasecmp(product, unit, len) == 0 && product[len] == '-';
}

/* Does the total hold this fee?  What moved is left in a->scratch as the report signs it. */
static bool total_holds(struct coinbase_amounts *a, bool buy)
{
	if (buy) {
		decimal_add(&a->scratch, &a->value, &a->fee);
		decimal_neg(&a->scratch, &a->scratch);
	} else {
		decimal_sub(&a->scratch, &a->value, &a->fee);
	}
	return coinbase_amounts_agree(&a->scratch, &a->total, a->scale);
}

/* A fee below zero is a rebate where the total says so, and a fee with a sign otherwise. */
static bool fee_agrees(const struct coinbase_row *row, bool buy, struct coinbase_amounts *a, struct reason *why)
{
	struct buf made = BUF_INIT;

	if (!*coinbase_row_field(row, EXPORT_TOTAL))
		return decimal_sign(&a->fee) >= 0 ||
		       reason_set(why, "the fee is below zero, and no total says whether it is a rebate");
	if (!coinbase_row_amount(row, EXPORT_TOTAL, "total", &a->total, why))
		return false;
	if (total_holds(a, buy))
		return true;
	if (decimal_sign(&a->fee) < 0) {
		decimal_neg(&a->fee, &a->fee);
		if (total_holds(a, buy))
			return true;
	}
	decimal_write(&a->scratch, DECIMAL_TRIM_ZEROS, &made);
	reason_set(why, "the total %.40s is not size × price and fee, which make %.40s", coinbase_row_field(row, EXPORT_TOTAL),
		   made.data);
	buf_release(&made);
	return false;
}

bool coinbase_row_fills(const struct coinbase_row *row, struct coinbase_fill *f, struct coinbase_amounts *a,
			struct reason *why)
{
	const char *side = coinbase_row_field(row, EXPORT_SIDE);

	f->buy = strcasecmp(side, "BUY") == 0;
	if (!f->buy && strcasecmp(side, "SELL") != 0)
		return reason_set(why, "the side is '%.20s', neither BUY nor SELL", side);
	if (!coinbase_row_put_id(f->trade_id, sizeof f->trade_id, "the trade id",
				 coinbase_row_field(row, EXPORT_TRADE_ID), why) ||
	    !coinbase_row_put(f->product_id, sizeof f->product_id, "the product",
			      coinbase_row_field(row, EXPORT_PRODUCT), why) ||
	    !coinbase_row_put_name(f->portfolio_id, sizeof f->portfolio_id, "the portfolio",
				   coinbase_row_field(row, EXPORT_PORTFOLIO), why))
		return false;
	if (!*f->trade_id)
		return reason_set(why, "no trade id");
	if (!coinbase_product_ok(f->product_id))
		return reason_set(why, "'%s' is not a product", f->product_id);
	coinbase_in_capitals(f->product_id);
	if (*coinbase_row_field(row, EXPORT_ASSET) && !is_base(f->product_id, coinbase_row_field(row, EXPORT_ASSET)))
		return reason_set(why, "the size is in %.10s and the product is %s", coinbase_row_field(row, EXPORT_ASSET),
				  f->product_id);
	if (*coinbase_row_field(row, EXPORT_CURRENCY) &&
	    !ends_with(f->product_id, "-", coinbase_row_field(row, EXPORT_CURRENCY)))
		return reason_set(why, "fee and total are in %.10s and the product is %s", coinbase_row_field(row, EXPORT_CURRENCY),
				  f->product_id);
	if (!coinbase_row_amount(row, EXPORT_QUANTITY, "size", &a->quantity, why) ||
	    !coinbase_row_amount(row, EXPORT_PRICE, "price", &a->price, why) ||
	    !coinbase_row_amount(row, EXPORT_FEES, "fee", &a->fee, why))
		return false;
	a->scale = coinbase_quote_scale(f->product_id);
	/* As a history has it since 2024; total and fee then hold it. */
	if (!f->buy)
		decimal_abs(&a->quantity, &a->quantity);
	decimal_mul(&a->value, &a->quantity, &a->price);
	if (!fee_agrees(row, f->buy, a, why))
		return false;
	snprintf(f->entry_id, sizeof f->entry_id, "%s:%s:%.60s:%s", f->source, f->product_id, f->trade_id,
		 f->buy ? "BUY" : "SELL");
	return true;
}

/* The transaction history ---------------------------------------------------------------------- */

/* The word behind the last mark: "on BTC-USDC at" gives BTC-USDC for " on ".  False if there is none, or no room. */
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
	return strcasecmp(quote, currency) == 0 || (strcasecmp(quote, "USDC") == 0 && strcasecmp(currency, "USD") == 0);
}

/* "Bought 0.1 BTC for ...": side and quantity are those of the row.  *marks: how the note writes its amounts. */
static bool note_is_of_row(const struct coinbase_row *row, bool buy, const struct coinbase_amounts *a,
			   enum note_marks *marks, struct reason *why)
{
	char verb[16], quantity[COINBASE_DECIMAL], asset[16];

	*marks = NOTE_POINT;
	if (sscanf(coinbase_row_field(row, EXPORT_NOTES), "%15s %71s %15s", verb, quantity, asset) != 3 ||
	    strcasecmp(asset, coinbase_row_field(row, EXPORT_ASSET)) != 0)
		return true;
	if (strcasecmp(verb, buy ? "Sold" : "Bought") == 0)
		return reason_set(why, "the note says '%s' and the type '%.30s'", verb, coinbase_row_field(row, EXPORT_TYPE));
	*marks = coinbase_note_marks(quantity, &a->quantity);
	return *marks != NOTE_OTHER || reason_set(why, "the note has %.40s %s, but the row has %.40s", quantity, asset,
						  coinbase_row_field(row, EXPORT_QUANTITY));
}

/* In one money the note and the columns must tell of one trade: the columns are rounded to the cent.  USDC is about
 * a dollar. */
static bool note_agrees(const struct coinbase_row *row, const char *quote, const struct coinbase_amounts *a,
			struct reason *why)
{
	struct decimal column, slack;
	bool ok = true;

	if (!*coinbase_row_field(row, EXPORT_TOTAL))
		return true;
	decimal_init(&column);
	decimal_init(&slack);
	if (!coinbase_row_amount(row, EXPORT_TOTAL, "total", &column, why)) {
		ok = false;
	} else {
		decimal_abs(&column, &column);
		decimal_apart(&column, &column, &a->total);
		decimal_add_int(&slack, 2, a->scale);
		/* A dollar token was never as far from a dollar: USDC was worth 88 cents on 11 March 2023. */
		if (strcmp(quote, coinbase_row_currency(row)) != 0)
			decimal_add_share(&slack, 15, 2, &a->total);
		if (decimal_cmp(&column, &slack) > 0)
			ok = reason_set(why, "the total %.40s and that of the note contradict each other",
					coinbase_row_field(row, EXPORT_TOTAL));
	}
	decimal_release(&column);
	decimal_release(&slack);
	return ok;
}

static bool is_advanced(const struct coinbase_row *row)
{
	return strncasecmp(coinbase_row_field(row, EXPORT_TYPE), "Adv", 3) == 0;
}

/*
 * The note of an advanced trade names the pair, and from 2024 on the price and the total with every
 * digit, where the columns show another currency, rounded:
 * "Bought 0.1 BTC for 5030.25 USDC on BTC-USDC at 50000.5 USDC/BTC".
 * *counts: the amounts are now those of the note, and the value what they make.
 */
static bool read_note(const struct coinbase_row *row, struct coinbase_fill *f, struct coinbase_amounts *a, bool *counts,
		      struct reason *why)
{
	const char *note = coinbase_row_field(row, EXPORT_NOTES), *asset = coinbase_row_field(row, EXPORT_ASSET);
	const char *currency = coinbase_row_currency(row), *dash;
	char pair[COINBASE_PRODUCT], price[COINBASE_DECIMAL], total[COINBASE_DECIMAL], quote[COINBASE_PRODUCT + 2];
	enum note_marks marks;
	bool same_currency;

	*counts = false;
	if (!word_after(note, " on ", pair, sizeof pair) || !coinbase_product_ok(pair))
		return true;
	dash = strrchr(pair, '-');
	if (strncasecmp(pair, asset, (size_t)(dash - pair)) != 0 || strlen(asset) != (size_t)(dash - pair))
		/* A plain purchase may be paid by the Bank on Main-Street. */
		return !is_advanced(row) || reason_set(why, "the note names %s and the row %.20s", pair, asset);
	coinbase_in_capitals(pair);
	memcpy(f->product_id, pair, strlen(pair) + 1);
	a->scale = coinbase_quote_scale(pair);
	same_currency = is_same_money(dash + 1, currency);
	snprintf(quote, sizeof quote, " %s ", dash + 1);
	if (!note_is_of_row(row, f->buy, a, &marks, why))
		return false;
	if (!word_after(note, " at ", price, sizeof price) || !word_after(note, " for ", total, sizeof total) ||
	    !strstr(note, quote) || !coinbase_note_amount(price, marks, &a->scratch, NULL) ||
	    !coinbase_note_amount(total, marks, &a->total, NULL))
		return same_currency ||
		       reason_set(why, "the amounts are in %.10s, the trade is on %s: the fills report has them in its own",
				  currency, pair);
	decimal_set(&a->price, &a->scratch);
	decimal_abs(&a->total, &a->total);
	if (same_currency && !note_agrees(row, dash + 1, a, why))
		return false;
	if (strcmp(dash + 1, currency) == 0 && *coinbase_row_field(row, EXPORT_SUBTOTAL) &&
	    !coinbase_amounts_plausible(a, why))
		return false;
	decimal_mul(&a->value, &a->quantity, &a->price);
	*counts = true;
	return true;
}

/* Sells are negative in some generations.  A purchase is in none: what is written so takes one back. */
static bool settle_sign(struct coinbase_amounts *a, bool buy, struct reason *why)
{
	if (buy && decimal_sign(&a->quantity) < 0)
		return reason_set(why, "a purchase of a negative quantity may be a reversal: a person must decide");
	decimal_abs(&a->quantity, &a->quantity);
	return true;
}

static bool take_id(const struct coinbase_row *row, struct coinbase_fill *f, struct reason *why)
{
	if (!coinbase_row_put_id(f->trade_id, sizeof f->trade_id - 32, "the id", coinbase_row_field(row, EXPORT_ID), why))
		return false;
	if (*f->trade_id)
		snprintf(f->entry_id, sizeof f->entry_id, "%s:%.95s", f->source, f->trade_id);
	return true;
}

/* The generation of 2018 and 2019 has no subtotal, and a price of two decimals: the value is what they make, or
 * what moved if that is as near. */
static bool settle_without_subtotal(struct coinbase_amounts *a, bool buy, struct reason *why)
{
	bool short_of;

	decimal_mul(&a->value, &a->quantity, &a->price);
	short_of = buy ? decimal_cmp(&a->total, &a->value) < 0 : decimal_cmp(&a->total, &a->value) > 0;
	if (short_of && coinbase_amounts_near(a, &a->total)) {
		decimal_set(&a->value, &a->total);
		return true;
	}
	return coinbase_amounts_settle(a, buy, why);
}

/* Sales have totals of either sign.  A total below zero is one where the fee, as the row has it, is the value and this
 * together: a flat fee is more than a very small sale brings. */
static void settle_total(const struct coinbase_row *row, struct coinbase_amounts *a, bool buy)
{
	struct decimal fee;
	struct reason none;
	bool below;

	decimal_init(&fee);
	decimal_sub(&a->scratch, &a->value, &a->total);
	below = !buy && decimal_sign(&a->total) < 0 && *coinbase_row_field(row, EXPORT_FEES) &&
		coinbase_row_amount(row, EXPORT_FEES, "fees", &fee, &none);
	decimal_abs(&fee, &fee);
	if (!below || decimal_cmp(&fee, &a->scratch) != 0)
		decimal_abs(&a->total, &a->total);
	decimal_release(&fee);
}

/* The price; where none is told, as of a coin that is traded no more, that which quantity and subtotal make. */
static bool read_price(const struct coinbase_row *row, struct coinbase_amounts *a, struct reason *why)
{
	if (*coinbase_row_field(row, EXPORT_PRICE) || !*coinbase_row_field(row, EXPORT_SUBTOTAL))
		return coinbase_row_amount(row, EXPORT_PRICE, "price", &a->price, why);
	return decimal_div(&a->price, &a->value, &a->quantity, COINBASE_PLACES) || reason_set(why, "the quantity is 0");
}

bool coinbase_row_history(const struct coinbase_row *row, struct coinbase_fill *f, struct coinbase_amounts *a,
			  struct reason *why)
{
	enum export_column total = *coinbase_row_field(row, EXPORT_TOTAL) ? EXPORT_TOTAL : EXPORT_PAID;
	enum note_marks marks;
	bool by_note, has_subtotal = *coinbase_row_field(row, EXPORT_SUBTOTAL), has_total = *coinbase_row_field(row, total);

	if (!coinbase_row_amount(row, EXPORT_QUANTITY, "quantity", &a->quantity, why) ||
	    (has_subtotal && !coinbase_row_amount(row, EXPORT_SUBTOTAL, "subtotal", &a->value, why)) ||
	    !read_price(row, a, why) ||
	    !coinbase_amounts_name(f, coinbase_row_field(row, EXPORT_ASSET), coinbase_row_currency(row), why))
		return false;
	a->scale = coinbase_quote_scale(f->product_id);
	if (!settle_sign(a, f->buy, why))
		return false;
	decimal_abs(&a->value, &a->value);
	decimal_abs(&a->price, &a->price);
	if (!read_note(row, f, a, &by_note, why))
		return false;
	if (by_note)
		return coinbase_amounts_settle(a, f->buy, why) && take_id(row, f, why);
	if (has_subtotal && (!coinbase_amounts_plausible(a, why) ||
			     !coinbase_amounts_are_of(coinbase_row_field(row, EXPORT_ASSET), &a->quantity,
						      coinbase_row_currency(row), &a->value, why)))
		return false;
	if (!note_is_of_row(row, f->buy, a, &marks, why))
		return false;
	if (!has_total) {
		/* The sign of a fee says nothing: sales have had either. */
		if (!has_subtotal || !*coinbase_row_field(row, EXPORT_FEES))
			return reason_set(why, "no total");
		if (!coinbase_row_amount(row, EXPORT_FEES, "fees", &a->fee, why))
			return false;
		decimal_abs(&a->fee, &a->fee);
		return take_id(row, f, why);
	}
	if (!coinbase_row_amount(row, total, "total", &a->total, why))
		return false;
	settle_total(row, a, f->buy);
	return (has_subtotal ? coinbase_amounts_settle(a, f->buy, why) : settle_without_subtotal(a, f->buy, why)) &&
	       take_id(row, f, why);
}

/* The reports of old ---------------------------------------------------------------------------- */

bool coinbase_row_transfers(const struct coinbase_row *row, struct coinbase_fill *f, struct coinbase_amounts *a,
			    struct reason *why)
{
	const char *quantity = row->export->asset_field < row->in->n_fields ? row->in->field[row->export->asset_field] : "";
	struct reason detail;

	if (!amount_parse(quantity, row->habits->marks, &a->quantity, &detail))
		return reason_set(why, "%s: %s", row->export->asset, detail.text);
	if (!coinbase_row_amount(row, EXPORT_PRICE, "price per coin", &a->price, why) ||
	    !coinbase_row_amount(row, EXPORT_SUBTOTAL, "subtotal", &a->value, why) ||
	    !coinbase_row_amount(row, EXPORT_TOTAL, "total", &a->total, why) ||
	    !coinbase_amounts_name(f, row->export->asset, coinbase_row_currency(row), why) || !settle_sign(a, f->buy, why))
		return false;
	decimal_abs(&a->value, &a->value);
	decimal_abs(&a->price, &a->price);
	decimal_abs(&a->total, &a->total);
	return coinbase_amounts_plausible(a, why) && coinbase_amounts_settle(a, f->buy, why);
}

/* A row of the account report with a transfer total is a purchase or sale; the total holds the fee. */
bool coinbase_row_account_report(const struct coinbase_row *row, struct coinbase_fill *f, struct coinbase_amounts *a,
				 struct reason *why)
{
	const char *currency = coinbase_row_currency(row), *fee_currency = coinbase_row_field(row, EXPORT_FEE_CURRENCY);

	if (!coinbase_row_amount(row, EXPORT_QUANTITY, "amount", &a->quantity, why) ||
	    !coinbase_row_amount(row, EXPORT_TOTAL, "transfer total", &a->total, why) ||
	    !coinbase_amounts_name(f, coinbase_row_field(row, EXPORT_ASSET), currency, why))
		return false;
	if (*coinbase_row_field(row, EXPORT_FEES) && !coinbase_row_amount(row, EXPORT_FEES, "transfer fee", &a->fee, why))
		return false;
	if (*fee_currency && strcmp(fee_currency, currency) != 0)
		return reason_set(why, "the fee is in %.10s and the total in %.10s", fee_currency, currency);
	f->buy = decimal_sign(&a->quantity) > 0;
	decimal_abs(&a->quantity, &a->quantity);
	decimal_abs(&a->total, &a->total);
	coinbase_amounts_find_value(a, f->buy);
	if (!decimal_div(&a->price, &a->value, &a->quantity, COINBASE_PLACES))
		return reason_set(why, "the amount is 0");
	return true;
}


#include "coinbase/csv_amounts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void coinbase_amounts_init(struct coinbase_amounts *a)
{
	decimal_init(&a->quantity);
	decimal_init(&a->price);
	decimal_init(&a->value);
	decimal_init(&a->total);
	decimal_init(&a->fee);
	decimal_init(&a->scratch);
	a->scale = coinbase_quote_scale("");
}

void coinbase_amounts_release(struct coinbase_amounts *a)
{
	decimal_release(&a->quantity);
	decimal_release(&a->price);
	decimal_release(&a->value);
	decimal_release(&a->total);
	decimal_release(&a->fee);
	decimal_release(&a->scratch);
}

static bool is_quoted_in_coin(const char *product)
{
	size_t len = strlen(product);

	return len > 4 && (strcmp(product + len - 4, "-BTC") == 0 || strcmp(product + len - 4, "-ETH") == 0);
}

long coinbase_quote_scale(const char *product)
{
	return is_quoted_in_coin(product) ? 8 : 2;
}

bool coinbase_fee_is_beyond(const struct decimal *fee, const struct decimal *value, const char *product)
{
	struct decimal bound, amount;
	bool beyond;

	decimal_init(&bound);
	decimal_init(&amount);
	decimal_abs(&amount, fee);
	decimal_add(&bound, &amount, &amount);
	beyond = decimal_cmp(&bound, value) > 0;
	beyond = beyond && decimal_cmp_int(&amount, 5, is_quoted_in_coin(product) ? 4 : 0) > 0;
	decimal_release(&bound);
	decimal_release(&amount);
	return beyond;
}

bool coinbase_amounts_keep(struct coinbase_fill *f, const struct coinbase_amounts *a, struct reason *why)
{
	struct buf fee = BUF_INIT, value = BUF_INIT;

	if (coinbase_product_is_contract(f->product_id))
		return reason_set(why, "'%s' is not a spot product", f->product_id);
	if (decimal_sign(&a->quantity) <= 0)
		return reason_set(why, "the quantity is not above zero");
	if (decimal_sign(&a->value) < 0)
		return reason_set(why, "the value is below zero");
	if (coinbase_fee_is_beyond(&a->fee, &a->value, f->product_id)) {
		decimal_write(&a->fee, DECIMAL_KEEP_ZEROS, &fee);
		decimal_write(&a->value, DECIMAL_KEEP_ZEROS, &value);
		reason_set(why, "a fee of %.40s is too much for a value of %.40s", fee.data, value.data);
		buf_release(&fee);
		buf_release(&value);
		return false;
	}
	return coinbase_keep_decimal(f->price, &a->price, why) && coinbase_keep_decimal(f->size, &a->quantity, why) &&
	       coinbase_keep_decimal(f->base_size, &a->quantity, why) &&
	       coinbase_keep_decimal(f->value, &a->value, why) && coinbase_keep_decimal(f->commission, &a->fee, why);
}

/* The last decimal that a figure is rounded to: it has as many as its currency, even where its zeros are not
 * written. */
static long rounded_scale(const struct decimal *d, long least)
{
	return d->scale < least ? least : d->scale;
}

bool coinbase_amounts_agree(const struct decimal *a, const struct decimal *b, long scale)
{
	struct decimal apart;
	bool ok;

	decimal_init(&apart);
	decimal_apart(&apart, a, b);
	ok = decimal_cmp_int(&apart, 1, rounded_scale(b, scale)) <= 0;
	decimal_release(&apart);
	return ok;
}

bool coinbase_amounts_same_quantity(const struct decimal *a, const struct decimal *b)
{
	struct decimal apart, slack;
	bool same;

	decimal_init(&apart);
	decimal_init(&slack);
	decimal_apart(&apart, a, b);
	decimal_add_share(&slack, 1, 6, a);
	same = decimal_cmp(&apart, &slack) <= 0 || (b->scale > 0 && decimal_cmp_int(&apart, 1, b->scale) < 0);
	decimal_release(&apart);
	decimal_release(&slack);
	return same;
}

bool coinbase_amounts_settle(struct coinbase_amounts *a, bool buy, struct reason *why)
{
	struct buf total = BUF_INIT, value = BUF_INIT;
	long scale = rounded_scale(a->total.scale < a->value.scale ? &a->total : &a->value, a->scale);

	if (buy)
		decimal_sub(&a->fee, &a->total, &a->value);
	else
		decimal_sub(&a->fee, &a->value, &a->total);
	if (decimal_sign(&a->fee) == 0)
		decimal_set_int(&a->fee, 0, 0);
	if (decimal_sign(&a->fee) >= 0 && !coinbase_fee_is_beyond(&a->fee, &a->value, ""))
		return true;
	if (decimal_sign(&a->fee) < 0 && decimal_cmp_int(&a->fee, -1, scale) >= 0) {
		decimal_set(&a->value, &a->total);
		decimal_set_int(&a->fee, 0, 0);
		return true;
	}
	decimal_write(&a->total, DECIMAL_KEEP_ZEROS, &total);
	decimal_write(&a->value, DECIMAL_KEEP_ZEROS, &value);
	reason_set(why, "a %s of %.40s cannot have moved %.40s: the total is %s the subtotal", buy ? "purchase" : "sale",
		   value.data, total.data, decimal_sign(&a->fee) < 0 ? "on the wrong side of" : "too far from");
	buf_release(&total);
	buf_release(&value);
	return false;
}

void coinbase_amounts_find_value(struct coinbase_amounts *a, bool buy)
{
	decimal_abs(&a->fee, &a->fee);
	if (buy)
		decimal_sub(&a->value, &a->total, &a->fee);
	else
		decimal_add(&a->value, &a->total, &a->fee);
}

/* One unit of the last decimal that is not zero, but at most a cent, of each coin. */
static void add_rounding_of_price(struct decimal *slack, const struct coinbase_amounts *a)
{
	struct buf text = BUF_INIT;
	const char *point;

	decimal_write(&a->price, DECIMAL_TRIM_ZEROS, &text);
	point = strchr(text.data, '.');
	decimal_add_share(slack, 1, point && strlen(point + 1) > 2 ? (long)strlen(point + 1) : 2, &a->quantity);
	buf_release(&text);
}

bool coinbase_amounts_near(const struct coinbase_amounts *a, const struct decimal *value)
{
	struct decimal apart, slack;
	bool near;

	decimal_init(&apart);
	decimal_init(&slack);
	decimal_mul(&apart, &a->quantity, &a->price);
	decimal_apart(&apart, &apart, value);
	decimal_add_share(&slack, 5, 2, value);
	decimal_add_int(&slack, 1, rounded_scale(value, a->scale));
	near = decimal_cmp(&apart, &slack) <= 0;
	if (!near) {
		add_rounding_of_price(&slack, a);
		near = decimal_cmp(&apart, &slack) <= 0;
	}
	decimal_release(&apart);
	decimal_release(&slack);
	return near;
}

bool coinbase_amounts_plausible(const struct coinbase_amounts *a, struct reason *why)
{
	struct buf product = BUF_INIT, value = BUF_INIT;
	struct decimal made;

	if (coinbase_amounts_near(a, &a->value))
		return true;
	decimal_init(&made);
	decimal_mul(&made, &a->quantity, &a->price);
	decimal_write(&made, DECIMAL_TRIM_ZEROS, &product);
	decimal_write(&a->value, DECIMAL_KEEP_ZEROS, &value);
	reason_set(why, "quantity \xc3\x97 price is %.40s and the subtotal %.40s", product.data, value.data);
	decimal_release(&made);
	buf_release(&product);
	buf_release(&value);
	return false;
}

bool coinbase_amounts_are_money(const char *asset, const char *currency)
{
	return strcasecmp(asset, currency) == 0 || (coinbase_is_currency(asset) && coinbase_is_currency(currency));
}

/* Is one of two amounts more than twice the other, and by more than the flat fee of a small purchase? */
static bool is_far(const struct decimal *a, const struct decimal *b)
{
	struct decimal apart;
	bool far;

	decimal_init(&apart);
	decimal_apart(&apart, a, b);
	far = (decimal_cmp(&apart, a) > 0 || decimal_cmp(&apart, b) > 0) && decimal_cmp_int(&apart, 5, 0) > 0;
	decimal_release(&apart);
	return far;
}

bool coinbase_amounts_are_of(const char *asset, const struct decimal *quantity, const char *currency,
			     const struct decimal *money, struct reason *why)
{
	static const struct { const char *token, *currency; } known[] = {
		{ "USDC", "USD" }, { "USDT", "USD" }, { "DAI", "USD" }, { "PYUSD", "USD" }, { "EURC", "EUR" },
	};
	struct buf tokens = BUF_INIT, amount = BUF_INIT;
	size_t i = 0, n = sizeof known / sizeof *known;

	while (i < n && (strcasecmp(known[i].token, asset) != 0 || strcasecmp(known[i].currency, currency) != 0))
		i++;
	if (i == n || !is_far(quantity, money))
		return true;
	decimal_write(quantity, DECIMAL_TRIM_ZEROS, &tokens);
	decimal_write(money, DECIMAL_TRIM_ZEROS, &amount);
	reason_set(why, "%.40s %.10s cannot be %.40s %.10s: the amounts may be in a currency other than the row says",
		   tokens.data, known[i].token, amount.data, known[i].currency);
	buf_release(&tokens);
	buf_release(&amount);
	return false;
}

bool coinbase_amounts_name(struct coinbase_fill *f, const char *base, const char *quote, struct reason *why)
{
	int n = snprintf(f->product_id, sizeof f->product_id, "%s-%s", base, quote);

	coinbase_in_capitals(f->product_id);
	if (*base && !*quote)
		return reason_set(why, "no currency says what %.30s was traded for", base);
	if (*base && strcasecmp(base, quote) == 0)
		return reason_set(why, "%.30s for %.30s is not a trade", base, quote);
	if (!*base || !*quote || n < 0 || (size_t)n >= sizeof f->product_id || !coinbase_product_ok(f->product_id))
		return reason_set(why, "'%.30s-%.30s' is not a product", base, quote);
	if (coinbase_product_is_contract(f->product_id))
		return reason_set(why, "'%s' is not a spot product", f->product_id);
	return true;
}

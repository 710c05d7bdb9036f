#include "coinbase/csv_amounts.h"

#include <stdio.h>

void coinbase_amounts_init(struct coinbase_amounts *a)
{
	decimal_init(&a->quantity);
	decimal_init(&a->price);
	decimal_init(&a->value);
	decimal_init(&a->total);
	decimal_init(&a->fee);
	decimal_init(&a->scratch);
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

bool coinbase_amounts_keep(struct coinbase_fill *f, const struct coinbase_amounts *a, struct reason *why)
{
	if (decimal_sign(&a->quantity) <= 0)
		return reason_set(why, "the quantity is not above zero");
	if (decimal_sign(&a->value) < 0)
		return reason_set(why, "the value is below zero");
	return coinbase_keep_decimal(f->price, &a->price, why) && coinbase_keep_decimal(f->size, &a->quantity, why) &&
	       coinbase_keep_decimal(f->base_size, &a->quantity, why) &&
	       coinbase_keep_decimal(f->value, &a->value, why) && coinbase_keep_decimal(f->commission, &a->fee, why);
}

bool coinbase_amounts_agree(const struct decimal *a, const struct decimal *b)
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

void coinbase_amounts_find_fee(struct coinbase_amounts *a, bool buy)
{
	if (buy)
		decimal_sub(&a->fee, &a->total, &a->value);
	else
		decimal_sub(&a->fee, &a->value, &a->total);
}

void coinbase_amounts_find_value(struct coinbase_amounts *a, bool buy)
{
	if (buy)
		decimal_sub(&a->value, &a->total, &a->fee);
	else
		decimal_add(&a->value, &a->total, &a->fee);
}

bool coinbase_amounts_name(struct coinbase_fill *f, const char *base, const char *quote, struct reason *why)
{
	int n = snprintf(f->product_id, sizeof f->product_id, "%s-%s", base, quote);

	if (!*base || !*quote || n < 0 || (size_t)n >= sizeof f->product_id || !coinbase_product_ok(f->product_id))
		return reason_set(why, "'%.30s-%.30s' is no product", base, quote);
	return true;
}

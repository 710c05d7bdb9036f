#include "coinbase/csv_legs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_legs(const void *a, const void *b)
{
	const struct coinbase_leg *x = a, *y = b;
	int order = strcmp(x->trade_id, y->trade_id);

	if (order == 0)
		order = strcmp(x->order_id, y->order_id);
	if (order == 0)
		order = (x->line > y->line) - (x->line < y->line);
	return order;
}

static bool is_money(const char *unit)
{
	static const char *const money[] = { "USD", "EUR", "GBP", "USDC", "USDT", "DAI", NULL };

	for (int i = 0; money[i]; i++)
		if (strcmp(unit, money[i]) == 0)
			return true;
	return false;
}

void coinbase_legs_sort(struct coinbase_leg *legs, size_t n)
{
	if (n > 0)
		qsort(legs, n, sizeof *legs, compare_legs);
}

size_t coinbase_legs_count(const struct coinbase_leg *legs, size_t n)
{
	size_t same = 1;

	while (same < n && strcmp(legs[same].trade_id, legs->trade_id) == 0 && strcmp(legs[same].order_id, legs->order_id) == 0)
		same++;
	return same;
}

/* Which of the two sides of a trade is the quote: that of the fee, or else the one that is money. */
static bool find_quote(const struct coinbase_leg *side[2], const struct coinbase_leg *fee, int *quote)
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

bool coinbase_legs_join(struct coinbase_fill *f, const struct coinbase_leg *leg, size_t n, struct coinbase_amounts *a,
			struct reason *why)
{
	const struct coinbase_leg *side[2] = { NULL, NULL }, *fee = NULL;
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
	if (!coinbase_amounts_name(f, side[1 - quote]->unit, side[quote]->unit, why))
		return false;
	snprintf(f->entry_id, sizeof f->entry_id, "%s:%s:%.60s:%s", f->source, f->product_id, f->trade_id,
		 f->buy ? "BUY" : "SELL");
	return true;
}

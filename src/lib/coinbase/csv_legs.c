#include "coinbase/csv_legs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exact/calendar.h"

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

/* Where a unit stands in the exchange's order of quotes: a currency before a stable coin before bitcoin before
 * ether. */
enum quote_class { QUOTE_CURRENCY, QUOTE_STABLE, QUOTE_BTC, QUOTE_ETH, QUOTE_NEVER };

static enum quote_class class_of(const char *unit, int *order)
{
	static const struct { const char *unit; enum quote_class class; } quotes[] = {
		{ "USD", QUOTE_CURRENCY }, { "EUR", QUOTE_CURRENCY }, { "GBP", QUOTE_CURRENCY }, { "CAD", QUOTE_CURRENCY },
		{ "USDT", QUOTE_STABLE }, { "USDC", QUOTE_STABLE }, { "DAI", QUOTE_STABLE },
		{ "BTC", QUOTE_BTC }, { "ETH", QUOTE_ETH },
	};

	for (*order = 0; *order < (int)(sizeof quotes / sizeof *quotes); ++*order)
		if (strcmp(unit, quotes[*order].unit) == 0)
			return quotes[*order].class;
	return QUOTE_NEVER;
}

void coinbase_legs_sort(struct coinbase_leg *legs, size_t n)
{
	if (n > 0)
		qsort(legs, n, sizeof *legs, compare_legs);
}

size_t coinbase_legs_count(const struct coinbase_leg *legs, size_t n)
{
	size_t same = 1;

	while (same < n && strcmp(legs[same].trade_id, legs->trade_id) == 0 &&
	       strcmp(legs[same].order_id, legs->order_id) == 0)
		same++;
	return same;
}

/*
 * Which of the two sides of a trade is the quote: the one of the lower class; within a class that of the fee, or
 * else the one that stands first in the order.  False if that leaves it open.
 */
static bool find_quote(const struct coinbase_leg *const side[2], const struct coinbase_leg *fee, int *quote)
{
	int order[2];
	enum quote_class class[2] = { class_of(side[0]->unit, &order[0]), class_of(side[1]->unit, &order[1]) };

	if (class[0] != class[1]) {
		*quote = class[1] < class[0];
		return true;
	}
	for (int i = 0; i < 2; i++)
		if (fee && strcmp(side[i]->unit, fee->unit) == 0) {
			*quote = i;
			return true;
		}
	*quote = order[1] < order[0];
	return class[0] != QUOTE_NEVER;
}

/* A trade's legs: two sides, and a fee if there was one; and how often each is told. */
enum { SIDE_A, SIDE_B, FEE, PARTS };
struct parts {
	const struct coinbase_leg *leg[PARTS];
	size_t times[PARTS];
};

static bool is_same_leg(const struct coinbase_leg *a, const struct coinbase_leg *b)
{
	return b && strcmp(a->unit, b->unit) == 0 && strcmp(a->amount, b->amount) == 0 &&
	       instant_ns_cmp(&a->time, &b->time) == 0;
}

/* The legs of a trade are written at once: these are within a minute. */
static bool is_of_one_time(const struct coinbase_leg *a, const struct coinbase_leg *b)
{
	instant_t at = 0, then = 0;

	instant_parse(a->time.micros, &at);
	instant_parse(b->time.micros, &then);
	return then >= at - 60 && then <= at + 60;
}

static bool times_agree(const struct coinbase_leg *leg, size_t n, struct reason *why)
{
	char first[COINBASE_TIME], other[COINBASE_TIME];

	for (size_t i = 1; i < n; i++) {
		if (!is_of_one_time(leg, &leg[i]))
			return reason_set(why, "line %ld: trade %.40s has rows of %s and of %s", leg[i].line, leg->trade_id,
					  coinbase_time_format(&leg->time, first), coinbase_time_format(&leg[i].time, other));
	}
	return true;
}

/* Take a leg for one that is not there yet, or for the very same once more.  False: it is one too many. */
static bool add_leg(struct parts *p, const struct coinbase_leg *leg)
{
	for (int i = leg->fee ? FEE : SIDE_A; i <= (leg->fee ? FEE : SIDE_B); i++) {
		if (p->leg[i] && !is_same_leg(leg, p->leg[i]))
			continue;
		if (!p->leg[i])
			p->leg[i] = leg;
		p->times[i]++;
		return true;
	}
	return false;
}

/* Sort the legs of one trade into its parts.  Where statements that overlap were put together each stands as often as
 * the others. */
static bool find_parts(struct parts *p, const struct coinbase_leg *leg, size_t n, struct reason *why)
{
	for (size_t i = 0; i < n; i++) {
		if (leg[i].bad)
			return reason_set(why, "line %ld: %s", leg[i].line, leg[i].why.text);
		if (!add_leg(p, &leg[i]))
			return reason_set(why, "line %ld: one row too many for trade %.40s", leg[i].line, leg[i].trade_id);
	}
	if (!p->leg[SIDE_B])
		return reason_set(why, "trade %.40s has %d of its two sides: take the statement of all accounts, put those of both "
				  "into one file, or take the fills report", leg[0].trade_id, p->leg[SIDE_A] != NULL);
	return (p->times[SIDE_A] == p->times[SIDE_B] && (!p->leg[FEE] || p->times[FEE] == p->times[SIDE_A])) ||
	       reason_set(why, "line %ld: one row too many for trade %.40s", leg[n - 1].line, leg[0].trade_id);
}

bool coinbase_legs_are_stray(const struct coinbase_leg *legs, size_t n)
{
	size_t fees = 0;

	for (size_t i = 0; i < n; i++)
		fees += legs[i].fee;
	return fees == n || !*legs->trade_id;
}

static int compare_strays(const void *a, const void *b)
{
	const struct coinbase_leg *x = *(const struct coinbase_leg *const *)a, *y = *(const struct coinbase_leg *const *)b;
	int order = instant_ns_cmp(&x->time, &y->time);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

void coinbase_legs_sort_strays(const struct coinbase_leg **strays, size_t n)
{
	if (n > 0)
		qsort(strays, n, sizeof(const struct coinbase_leg *), compare_strays);
}

/* One that may be this leg's: written at once with it, or at a time that cannot be read, which comes first. */
static const struct coinbase_leg *find_stray(const struct coinbase_leg *leg, const struct coinbase_leg *const *strays,
					     size_t n)
{
	size_t low = 0, high = n;

	if (n > 0 && !*strays[0]->time.micros)
		return strays[0];
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (instant_ns_cmp(&strays[middle]->time, &leg->time) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0 && is_of_one_time(leg, strays[low - 1]))
		return strays[low - 1];
	return low < n && is_of_one_time(leg, strays[low]) ? strays[low] : NULL;
}

bool coinbase_legs_have_fee(const struct coinbase_leg *legs, size_t n, const struct coinbase_leg *const *strays,
			    size_t n_strays, struct reason *why)
{
	const struct coinbase_leg *stray;

	for (size_t i = 0; i < n; i++)
		if (legs[i].fee)
			return true;
	stray = find_stray(legs, strays, n_strays);
	return !stray || reason_set(why, "trade %.40s has no fee, and that of line %ld is of no trade: take the file as the "
					 "exchange gave it", legs->trade_id, stray->line);
}

bool coinbase_legs_join(struct coinbase_fill *f, const struct coinbase_leg *leg, size_t n, struct coinbase_amounts *a,
			struct reason *why)
{
	struct parts parts = { .times = { 0 } };
	const struct coinbase_leg *const *side = parts.leg, *fee;
	int quote;

	if (!find_parts(&parts, leg, n, why) || !times_agree(leg, n, why))
		return false;
	fee = parts.leg[FEE];
	if (!find_quote(side, fee, &quote))
		return reason_set(why, "which of %s and %s is the quote of trade %.40s is not said", side[0]->unit, side[1]->unit,
				  leg[0].trade_id);
	if (fee && strcmp(fee->unit, side[quote]->unit) != 0)
		return reason_set(why, "the fee of trade %.40s is in %.10s and its quote is %.10s", leg[0].trade_id, fee->unit,
				  side[quote]->unit);
	decimal_parse_text(&a->quantity, side[1 - quote]->amount, DECIMAL_PLAIN, NULL);
	decimal_parse_text(&a->value, side[quote]->amount, DECIMAL_PLAIN, NULL);
	if (decimal_sign(&a->quantity) * decimal_sign(&a->value) >= 0)
		return reason_set(why, "both sides of trade %.40s go the same way", leg[0].trade_id);
	if (fee) {
		decimal_parse_text(&a->fee, fee->amount, DECIMAL_PLAIN, NULL);
		decimal_neg(&a->fee, &a->fee);
		if (decimal_sign(&a->fee) < 0)
			return reason_set(why, "the fee of trade %.40s is a receipt, %.40s: a rebate has a row of type rebate",
					  leg[0].trade_id, fee->amount);
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

/*
 * csv_legs - the rows of an account statement, put together to trades
 *
 * A statement tells a trade in legs: what came, what went, and the fee if there was one, each a row
 * with the trade's id.
 */
#ifndef WINDFALL_CSV_LEGS_H
#define WINDFALL_CSV_LEGS_H

#include <stddef.h>

#include "coinbase/coinbase.h"
#include "coinbase/csv_amounts.h"

struct coinbase_leg {
	long line;
	bool fee;
	char trade_id[COINBASE_ID], order_id[COINBASE_ID], portfolio[COINBASE_ID], unit[16], amount[COINBASE_DECIMAL];
	struct instant_ns time;
	bool bad;			/* it could not be read, and why: its trade cannot be put together */
	struct reason why;
};

/* Sort legs, so that those of one trade, of one id and one order, stand together in the order of their lines. */
void coinbase_legs_sort(struct coinbase_leg *legs, size_t n);

/* How many of these, which are sorted, belong to the first one's trade. */
size_t coinbase_legs_count(const struct coinbase_leg *legs, size_t n);

/* Do the fees among these, the legs of one trade, belong to a trade that cannot be known?  Their ids cannot be read, or
 * no side has the same. */
bool coinbase_legs_are_stray(const struct coinbase_leg *legs, size_t n);

/* Sort stray fees by their time. */
void coinbase_legs_sort_strays(const struct coinbase_leg **strays, size_t n);

/* Is the fee of this trade known?  It is where a leg is one, and where no stray fee (these are sorted) can be its own:
 * none was written within a minute of it.  False, with the reason. */
bool coinbase_legs_have_fee(const struct coinbase_leg *legs, size_t n, const struct coinbase_leg *const *strays,
			    size_t n_strays, struct reason *why);

/* Put the legs of one trade, n of them and not 0, together: all of f but its amounts, which are in a.  False, with the
 * reason: one is bad, missing, one too many, or over a minute from the others; both sides go the same way; the fee is a
 * receipt, or in another unit than the quote; or it is not said which side that is.  f->source must be set, a be
 * initialised. */
bool coinbase_legs_join(struct coinbase_fill *f, const struct coinbase_leg *legs, size_t n, struct coinbase_amounts *a,
			struct reason *why);

#endif

/*
 * same_trade - the same trade told by two sources
 *
 * An export of the exchange has none of the ids that its interface gives, and the books may have
 * neither, so a trade is known again by its facts: the same product (dollars and USDC are one
 * order book there), the same side, the same quantity to a unit of the eighth decimal, and a
 * time not more than two seconds apart, because exports show whole seconds.  Each trade is
 * paired once at most, so that look-alike fills of one second keep their number.  Where both sources
 * give an id of one kind, two ids are two trades, however alike.
 */
#ifndef WINDFALL_SAME_TRADE_H
#define WINDFALL_SAME_TRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exact/decimal.h"
#include "exact/instant_ns.h"

#define TWIN_SECONDS 2

struct twin {
	char product[40];		/* without the difference between USD and USDC */
	bool buy;
	int64_t first_ms, last_ms;	/* since 1970; of an order, its first and last fill */
	struct decimal size;
	double about;			/* the size, to tell quickly that two cannot be the same */
	char *moved;			/* what was paid or received; NULL: not known */
	double about_moved;
	uint64_t name;			/* the hash of its id and the kind of that; 0 without one */
	size_t number;			/* in the order of twins_add(), from 0 */
	size_t partner;			/* its number in the other list, TWIN_NONE if it has none */
};

#define TWIN_NONE ((size_t)-1)

struct twins {
	struct twin *twin;
	size_t n;
};

/* Begin with an empty list; free it. */
void twins_init(struct twins *list);
void twins_release(struct twins *list);

/* Add a trade.  The size is a decimal; a text that is none counts as 0 and never pairs. */
void twins_add(struct twins *list, const char *product, bool buy, const char *size, const struct instant_ns *first,
	       const struct instant_ns *last);

/* Whose ids may be compared: the exchange numbers the trades of an order book, and names the transactions of an
 * account. */
enum twin_ids { TWIN_TRADE_NUMBER = 1, TWIN_TRANSACTION = 2 };

/* Give the trade added last the id that its source gives it. */
void twins_name(struct twins *list, enum twin_ids kind, const char *id);

/* Say of the trade added last what was paid or received for it: a decimal, which is copied. */
void twins_moved(struct twins *list, const char *moved);

/* Do two tellings of one trade move other amounts, by more than rounding?  Two units of the last decimal of the
 * coarser, at most two cents, and a five-hundredth. */
bool twins_contradict(const char *moved, const char *other);

/* Do they move the same but for rounding: two units of the last decimal of the coarser, at most two cents? */
bool twins_moved_the_same(const char *moved, const char *other);

/* Pair the two lists, earliest with earliest: first those of one id, then those of the very same size that moved the
 * same, in a second or in two, then those of it that do not contradict each other, then of the very same size, then the
 * rest.  Both are left sorted by number.  Returns the pairs made. */
size_t twins_pair(struct twins *a, struct twins *b);

#endif

/*
 * listing_io - what of a listing of the exchange is taken, and what is left out
 *
 * A listing comes in pages (coinbase.h).  One odd row costs that row: what is left out is named in the log, and
 * counted, since the time of a listing that lacks rows does not count as complete.
 */
#ifndef WINDFALL_LISTING_IO_H
#define WINDFALL_LISTING_IO_H

#include <stdint.h>

#include "coinbase/coinbase.h"

/* Texts that were met, eight bytes each: of a million the chance that two look the same is one in 37 million. */
struct id_set {
	uint64_t *slot;			/* 0 is free */
	size_t n, size;			/* size is a power of two */
};

/* Of the fills and the orders of one account; begin with { 0 }. */
struct listing {
	struct id_set seen;		/* cursors and entries of what is being listed */
	long pages;			/* that were taken, of fills and of orders */
	struct contracts {
		char product[COINBASE_PRODUCT];
		long fills;
	} *contracts;			/* what is kept out, by product */
	size_t n_contracts;
	size_t n_empty;			/* fills of size zero */
	size_t n_again;			/* trades under another entry */
	size_t n_unsaid;		/* fills without a commission */
	size_t n_disputed;		/* fills with two */
	long unread;			/* rows that are left out, of which the listing is not whole */
};

/* What follows are the pages of another listing: no cursor or entry of it has been met. */
void listing_begin(struct listing *l);

/* True if this cursor was not met before in this listing. */
bool listing_is_new_cursor(struct listing *l, const char *cursor);

/* Does a page hold an entry that no page before it had?  A fill that contradicts what was said of its entry before is
 * named, and loses its id, by which listing_keep_fills() leaves it out. */
bool listing_brings_news(struct listing *l, struct coinbase_page *page);

/* Take the page: move what can be taken to the front of its array; how many they are.  Left out are the fills and
 * orders of contracts, fills of size zero, what has no side, fills after latest (NULL: of any time) or with a
 * commission that is impossible, trades under another entry than before, and the rows that could not be read. */
size_t listing_keep_fills(struct listing *l, struct coinbase_page *page, const struct instant_ns *latest);
size_t listing_keep_orders(struct listing *l, struct coinbase_page *page);

/* Say in the log what was left out or assumed, and how often. */
void listing_say(const struct listing *l);

void listing_release(struct listing *l);

#endif

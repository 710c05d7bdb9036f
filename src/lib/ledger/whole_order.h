/*
 * whole_order - a row of a transaction history that is a whole order, and the fills of that order
 *
 * The interface and a statement name the order of each fill, a fills report names none.  An order and a row have the
 * same product, side and quantity, and the row's time lies within the order's, and two seconds.  Where no order is
 * named it is a run of fills that make the quantity: each within two seconds of the one before it, or, of an order that
 * waited, over a day at most, where the row has the time of its first or last fill.  What moved must agree, unless no
 * other fill is near.  Fills of several orders that lie among each other are those of several rows, if both make the
 * same in all.  Something of it must be new.
 */
#ifndef WINDFALL_WHOLE_ORDER_H
#define WINDFALL_WHOLE_ORDER_H

#include "ledger/same_trade.h"

/* What a list of trades says of each, in its order, besides. */
struct telling {
	const char *order;		/* "" where none is named */
	bool whole;			/* of a transaction history: may be a whole order */
	bool reported;			/* of a fills report */
	bool is_new;
	bool taken;			/* is known to be one trade, as another source tells it too */
};

/* Rows that are whole orders, and their fills: the numbers of both in the list. */
struct whole_order {
	size_t *row, *fill;
	size_t n_rows, n_fills;
	bool rows_count;		/* all rows were there before, and each fill is new and of a report: of two exports the
					 * first counts.  Otherwise the fills do. */
	const size_t *gone;		/* of the two those that do not count, so that each trade stays once */
	size_t n_gone;
	char *rows_moved, *fills_moved;
};

struct whole_orders {
	struct whole_order *order;
	size_t n;
};

/* Find them, earliest row first; each row and each fill is in one at most.  The moved of each trade must be known.
 * Release found in every case. */
void whole_orders_find(const struct twins *list, const struct telling *telling, struct whole_orders *found);
void whole_orders_release(struct whole_orders *found);

#endif

/*
 * csv_convert - a conversion of one coin to another: a sale and a purchase
 *
 * Up to 2024 an export has one row, of what was given, and the note tells both sides: "Converted 0.0036 BTC to 156.1
 * XRP".  Newer ones have two rows, at most a day apart, with one id or with one note: what was given, with a
 * negative quantity, and what was received; where the quantities have lost their signs the note tells.  Both sides are
 * booked at the total of what was given, in the currency of the row: what the exchange keeps of it is in the difference
 * of the two market prices.  A side that is a currency, the row's or another, is not booked: the conversion is a plain
 * purchase or sale of the coin.
 */
#ifndef WINDFALL_CSV_CONVERT_H
#define WINDFALL_CSV_CONVERT_H

#include "coinbase/csv_rows.h"
#include "exact/calendar.h"

struct coinbase_conversion {
	long line;
	struct instant_ns time;
	instant_t at;			/* the same, in seconds */
	bool negative;			/* the quantity has a minus */
	char id[COINBASE_ID - 32], asset[16], currency[16], note[200];
	char quantity[COINBASE_DECIMAL], total[COINBASE_DECIMAL];
	bool bad;			/* it could not be read, and why */
	struct reason why;
	bool done;			/* it is joined, or refused: for the joining alone */
};

enum { COINBASE_CONVERT_STAKED = -1, COINBASE_CONVERT_MONEY = -2 };

/* Read a row, of which the time is known. */
void coinbase_conversion_read(struct coinbase_conversion *c, const struct coinbase_row *row,
			      const struct instant_ns *time);

/* Sort rows by their time, and those of one time in the order of their lines. */
void coinbase_conversions_sort(struct coinbase_conversion *c, size_t n);

/*
 * Join the first row that is not done with its other one, if there is one among these, which are sorted, and mark
 * both as done.  *n_fills: how many of sold and bought are filled in, the sale first: two, or one where the other
 * side is a currency; COINBASE_CONVERT_STAKED where ether became as much ETH2, and COINBASE_CONVERT_MONEY where both
 * sides are currencies: neither is a trade.  *first: the row.  False: no row is left.  A conversion that cannot be told
 * whole, or whose time is that of hundreds, has no fills and its reason.
 */
bool coinbase_conversions_next(struct coinbase_conversion *c, size_t n, const char *source,
			       struct coinbase_fill fills[2], int *n_fills, struct coinbase_conversion **first, struct reason *why);

#endif

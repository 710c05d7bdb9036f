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

/* Read a row, of which the time is known. */
void coinbase_conversion_read(struct coinbase_conversion *c, const struct coinbase_row *row,
			      const struct instant_ns *time);

/* Sort rows by their time, and those of one time in the order of their lines. */
void coinbase_conversions_sort(struct coinbase_conversion *c, size_t n);

/* What a conversion is. */
struct coinbase_converted {
	enum {
		COINBASE_CONVERT_TRADES,
		COINBASE_CONVERT_STAKED,	/* ether that became as much ETH2, or that back: no trade */
		COINBASE_CONVERT_MONEY,		/* both sides are currencies: no trade of a coin */
		COINBASE_CONVERT_BAD,		/* it cannot be told whole, or its time is that of hundreds */
	} kind;
	struct coinbase_fill fills[2];	/* the sale first; one where the other side is a currency; without an entry id where
					 * the row has none */
	int n_fills;
	struct reason why;		/* of COINBASE_CONVERT_BAD */
};

/* Join the first of these rows, which are sorted, with its other one, if that is among them, and mark both as done. */
void coinbase_conversion_join(struct coinbase_conversion *c, size_t n, const char *source,
			      struct coinbase_converted *to);

#endif

/*
 * csv_amounts - the amounts of one trade while an export's row is read
 *
 * Exact decimals; what an export leaves out follows from the rest.
 */
#ifndef WINDFALL_CSV_AMOUNTS_H
#define WINDFALL_CSV_AMOUNTS_H

#include "coinbase/coinbase.h"
#include "exact/decimal.h"

struct coinbase_amounts {
	struct decimal quantity;	/* of the base */
	struct decimal price;		/* quote per base */
	struct decimal value;		/* quote, without the fee */
	struct decimal fee;		/* quote; negative is a rebate */
	struct decimal total;		/* quote: value and fee of a buy, value less fee of a sell */
	struct decimal scratch;
};

void coinbase_amounts_init(struct coinbase_amounts *a);
void coinbase_amounts_release(struct coinbase_amounts *a);

/* The one of fee and value that the export does not tell, from the other and the total. */
void coinbase_amounts_find_fee(struct coinbase_amounts *a, bool buy);
void coinbase_amounts_find_value(struct coinbase_amounts *a, bool buy);

/* Is |a - b| at most one unit of the last decimal that b is written with? */
bool coinbase_amounts_agree(const struct decimal *a, const struct decimal *b);

/* Keep quantity, price, value and fee in a fill.  False, with the reason: a quantity not above zero, a value
 * below it, or a number too long to be kept. */
bool coinbase_amounts_keep(struct coinbase_fill *f, const struct coinbase_amounts *a, struct reason *why);

/* Name the product of a fill by its two sides.  False, with the reason: they make none. */
bool coinbase_amounts_name(struct coinbase_fill *f, const char *base, const char *quote, struct reason *why);

#endif

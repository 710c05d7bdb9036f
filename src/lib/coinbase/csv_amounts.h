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
	long scale;			/* as coinbase_quote_scale() says; coinbase_amounts_init() sets that of a currency */
};

/* How many decimals an amount in the quote of a product is rounded to at the least: a currency has cents, bitcoin and
 * ether have eight decimals, of which a cent would be hundreds of dollars. */
long coinbase_quote_scale(const char *product);

void coinbase_amounts_init(struct coinbase_amounts *a);
void coinbase_amounts_release(struct coinbase_amounts *a);

/* What moved is what counts: the fee is the difference of total and value, by side, whatever the export calls one.
 * A total beyond the value on the wrong side by no more than rounding is the value itself.  False, with the reason
 * and both figures, where it is more: a purchase for less than its value, a sale for more; or where the
 * difference is more than any fee, above half of the value and five units of its currency. */
bool coinbase_amounts_settle(struct coinbase_amounts *a, bool buy, struct reason *why);

/* The value from the total and the fee, of which the sign does not count. */
void coinbase_amounts_find_value(struct coinbase_amounts *a, bool buy);

/* Is this value what quantity and price make of it, but for rounding and a few per cent of spread?  The price may be
 * rounded to two decimals, however many it is written with. */
bool coinbase_amounts_near(const struct coinbase_amounts *a, const struct decimal *value);

/* The same of a->value; false with the reason and both figures. */
bool coinbase_amounts_plausible(const struct coinbase_amounts *a, struct reason *why);

/* Is |a - b| at most one unit of the last decimal that b is written with, or of this scale where that is less? */
bool coinbase_amounts_agree(const struct decimal *a, const struct decimal *b, long scale);

/* Are these the same quantity, but for what the second is rounded to: its last decimal, or a millionth? */
bool coinbase_amounts_same_quantity(const struct decimal *a, const struct decimal *b);

/* Keep quantity, price, value and fee in a fill that has its product.  False, with the reason: a contract, a quantity
 * not above zero, a value below it, a fee that coinbase_fee_is_beyond(), or a number too long to be kept. */
bool coinbase_amounts_keep(struct coinbase_fill *f, const struct coinbase_amounts *a, struct reason *why);

/* Is it more than any fee, of either sign: above half of the value, and above the flat fees of small purchases, 5, or
 * 0.0005 where the quote of the product is bitcoin or ether? */
bool coinbase_fee_is_beyond(const struct decimal *fee, const struct decimal *value, const char *product);

/* Are both the same, or both currencies?  There is no coin in it then. */
bool coinbase_amounts_are_money(const char *asset, const char *currency);

/* Can so much of the asset be so much of the currency?  A token that stands for a currency, such as USDC for USD, is
 * about as much of that; false, with the reason, if it is far from it: the amounts are those of another currency. */
bool coinbase_amounts_are_of(const char *asset, const struct decimal *quantity, const char *currency,
			     const struct decimal *money, struct reason *why);

/* Name the product of a fill by its two sides.  False, with the reason: they make none, or a contract, or are one and
 * the same. */
bool coinbase_amounts_name(struct coinbase_fill *f, const char *base, const char *quote, struct reason *why);

#endif

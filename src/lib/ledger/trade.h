/*
 * trade - a trade as an operator's own ledger tells it
 *
 * A row of a ledger gives texts by column; here they become the trade that the books keep: an order as a
 * whole or a single fill, amounts with every digit as sent, times to the nanosecond.  What the row does
 * not say is worked out where that can be done exactly, and is an error where it cannot.
 */
#ifndef WINDFALL_TRADE_H
#define WINDFALL_TRADE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/reason.h"
#include "exact/decimal.h"
#include "exact/instant_ns.h"

/* What may be told of a trade.  All but the last four are columns of trade_records. */
enum trade_column {
	TRADE_PRODUCT_ID, TRADE_RECORD_ID, TRADE_LEVEL, TRADE_ORDER_ID, TRADE_TRADE_ID, TRADE_SIDE, TRADE_TIME,
	TRADE_SIZE, TRADE_PRICE, TRADE_VALUE, TRADE_FEE, TRADE_FIRST_TIME, TRADE_LAST_TIME, TRADE_FILLS,
	TRADE_ACCOUNT, TRADE_NOTE, TRADE_TOTAL, TRADE_FEE_CURRENCY, TRADE_TYPE, TRADE_SIZE_IN_QUOTE, TRADE_COLUMNS
};

/* The name of a column, and the column of a name; TRADE_COLUMNS if there is none. */
const char *trade_column_name(enum trade_column column);
enum trade_column trade_column_named(const char *name);

/* What a fee below zero is, where no total tells. */
enum negative_fee {
	NEGATIVE_FEE_REFUSED,
	NEGATIVE_FEE_REBATE,		/* money that came back */
	NEGATIVE_FEE_FEE,		/* a fee: the ledger writes what was paid with a sign */
};

enum { TIME_OF_DAY_MAX = 40 };	/* bytes; with a fraction and a zone a time has 24 */

/* How a ledger writes its trades, where the rows do not say. */
struct trade_habits {
	bool utc;			/* a time that does not name its zone is UTC */
	const char *time_of_day;	/* "12:00:00Z": of a date without one; NULL: refused */
	bool signed_size;		/* there is no side: a negative size is a sale */
	enum negative_fee negative_fee;
	const struct instant_ns *latest;	/* no trade can be later; NULL: the clock is not asked */
	/* What was met, for whoever wants to say so: */
	long epochs, dates, symbols, signs, fee_signs;
	long prices;			/* that make another value than the row tells, by more than a few per cent */
	long fees;			/* that are more than an exchange's, and may be in another coin */
	long totals;			/* that are size × price, or that with the fee on its wrong side */
};

#define PRODUCT_TEXT 64

struct trade {
	char product[PRODUCT_TEXT];		/* as the exchange writes it, if the row does not */
	const char *text[TRADE_COLUMNS];	/* as sent, or as it follows; NULL: not said.  Borrowed */
	const char *side;			/* "BUY", "INCOME", "SELL" or "FEE" */
	bool is_lot;				/* BUY and INCOME bring one */
	struct instant_ns time, first_time, last_time;
	struct decimal size, price, value, fee, total;
	struct decimal made;			/* size × price, where a price was told beside a value */
	long long fills;
};

void trade_init(struct trade *t);
void trade_release(struct trade *t);

/*
 * Read a trade from its texts, of which an empty one is as none; they must live as long as t->text is used.
 *
 *   value      as sent; or total less the fee of a lot, plus that of a disposal; or size × price
 *              and with a price neither more than twice size × price nor less than half of it
 *   fee        in the quote of the product; with a fee_currency that is another, or a currency beside the number,
 *              the row is refused; if it is not there, the difference of value and total.  Below zero it is a rebate
 *              where value (or size × price) and total say so, a fee where they say that, and else what the habits say
 *   level      as sent; or a fill, if there is a trade id or no order id; or else an order
 *   record_id  as sent; or the trade id of a fill, the order id of an order
 *
 * The last two columns are those of the exchange's interface: an entry of a type that takes a trade back or corrects
 * it, and one whose size is in the quote, are refused.
 *
 * A time may also be a number of seconds, milliseconds, microseconds or nanoseconds since 1970.  A product is
 * written as the exchange writes it: BTC/USD, BTC_USD and, where only one quote currency fits, BTCUSD become BTC-USD.
 * A negative size, as ledgers of movements have it, goes with a disposal and is made positive; so does a negative
 * total with a lot.
 *
 * False, with the reason, which names the column: something needed is not there, cannot be read, or contradicts
 * another column.
 */
bool trade_read(struct trade *t, const char *const text[TRADE_COLUMNS], struct trade_habits *habits,
		struct reason *why);

#endif

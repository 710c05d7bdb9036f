/*
 * price - the price of a bitcoin on each day, as its sources tell
 */
#ifndef WINDFALL_PRICE_H
#define WINDFALL_PRICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/oddities.h"
#include "base/reason.h"
#include "exact/calendar.h"

#define PRICE_TEXT 32		/* a decimal number, as sent */

struct day_price {
	day_t day;
	int second;		/* of the day (UTC): which of its prices is the first */
	char price[PRICE_TEXT];
};

struct price_history {
	struct day_price *rows;	/* in the order of the days, each once */
	size_t n, size;
};

#define PRICE_HISTORY_INIT { NULL, 0, 0 }

void price_history_release(struct price_history *history);

/* Check a price and keep it, rounded half away from zero to eight decimals: a decimal number, with an exponent
 * perhaps, above zero and below a thousand million.  False, with the reason, for anything else. */
bool price_parse(const char *text, char price[PRICE_TEXT], struct reason *why);

/* Add a day's price, or the price at a second of it.  Ends the process when out of memory. */
void price_history_add(struct price_history *history, day_t day, const char *price);
void price_history_add_at(struct price_history *history, day_t day, int second, const char *price);

/* Sort by day, in whatever order they were added, and leave of each day its first.  A day that has two different ones
 * at once for its first has none: it is noted as odd, and what names it there ("price"). */
void price_history_sort(struct price_history *history, const char *what, struct oddities *odd);

/* A price more than five times, or less than a fifth, of those beside it is a slip: a digit too many or too few is one,
 * though the price moves from day to day. */
#define PRICE_JUMP 5.0
enum { PRICE_SLIPS = 7 };	/* in a row: more are a level of their own */

/* Take out the prices, up to PRICE_SLIPS in a row between two others, that are more than so many times, or less than
 * that part, of the known ones beside them while these agree; each is noted as odd, and what names it there
 * ("price"). */
void price_history_drop_absurd(struct price_history *history, double times, const char *what, struct oddities *odd);

/* Note, of those that are kept, two in a row that are as far apart: nothing says which of them is wrong. */
void price_history_note_leaps(const struct price_history *history, double times, const char *what,
			      struct oddities *odd);

/* Note where so many days in a row have the very same price, of a hundred or more: a table of working days has some. */
void price_history_note_standstills(const struct price_history *history, struct oddities *odd);
enum { PRICE_STANDSTILL = 7 };

/*
 * Do these go with what is known of the same days?  Sources differ by some hundredths either way; that most differ
 * alike is another currency, another unit, or a rate turned over, and that most are to the digit what is known of the
 * day before, or of the day after, is a source that counts its days anew: false, with the reason.  Both are sorted;
 * fewer than so many days say nothing: a month of prices, as those of another source may be of the day before, and
 * all rise.
 */
bool price_history_agrees(const struct price_history *history, const struct price_history *known, size_t least,
			  struct reason *why);
enum { PRICE_COMMON = 30 };

/* Take out, of a sorted history, what is older than the first block; all are noted as one odd. */
void price_history_drop_before_bitcoin(struct price_history *history, struct oddities *odd);

/* Take out, of a sorted history, prices that a bitcoin did not have in those years in any of the currencies known, such
 * as prices of a dollar in bitcoin, in thousands, or in yen; each is noted. */
void price_history_drop_impossible(struct price_history *history, const char *currency, struct oddities *odd);

/* Take out, of a sorted history, what is of days after today; all are noted as one odd, and what names it there. */
void price_history_drop_after(struct price_history *history, day_t today, const char *what, struct oddities *odd);

/* How many days between the first and the last have no price, and the longest stretch of such. */
struct price_holes {
	long days, longest;
};
struct price_holes price_history_holes(const struct price_history *history);

/*
 * What sources answer.  Each reads a whole body, untrusted, and appends to the history, which is sorted
 * then; false, with the reason, if the body is not such an answer, or most of its rows are odd.  Rows without a
 * price (0, -1, null, the currency not there) are passed over; rows that cannot be are noted as odd.
 */

/*
 * blockchain.info: GET charts/market-price?format=json, {"values": [{"x": unix time, "y": USD}, ...]},
 * one value a day (UTC).  A value of 0 stands for a day before there was a price.  A chart whose "unit" is not USD is
 * another one.
 */
bool price_read_blockchain(const char *body, size_t len, struct price_history *history, struct oddities *odd,
			   struct reason *why);

/*
 * mempool: GET api/v1/historical-price?currency=C, {"prices": [{"time": unix time, C: price}, ...]},
 * at irregular times: the day's first is its price.  -1 and 0 stand for none.
 */
bool price_read_mempool(const char *body, size_t len, const char *currency, struct price_history *history,
			struct oddities *odd, struct reason *why);

#endif

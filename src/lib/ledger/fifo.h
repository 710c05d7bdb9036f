/*
 * fifo - lots matched to disposals, first in first out
 *
 * Works on two streams of one product, both in the order of (time, id), and needs room for one lot
 * and one disposal only, however long the streams are.  The rules:
 *
 *   - a disposal takes the oldest lots first, and only lots that existed: not later than itself;
 *     at equal times lots come first;
 *   - a lot's cost and a disposal's proceeds are cut by size; every slice but the last is rounded
 *     half away from zero to a fixed number of decimals, and the last one of a lot or of a disposal
 *     takes what remains, so that slices add up to lot and disposal exactly, in size and in money;
 *   - the part of a disposal that no lot covers is a slice without a lot and with zero basis; the part
 *     of a lot that is not disposed of is a slice without a disposal;
 *   - a trade without size makes no slice.
 *
 * Dust, if it is not zero, sets remainders aside: when a slice leaves no more than that of a lot, the
 * lot is not used again, and when it leaves no more than that of a disposal, no further lot is used for it.
 * Either is a slice like any other.  A whole trade is never dust, however small.
 */
#ifndef WINDFALL_FIFO_H
#define WINDFALL_FIFO_H

#include <stdbool.h>

#include "base/reason.h"
#include "exact/decimal.h"
#include "exact/instant_ns.h"

struct fifo_trade {
	struct buf id;			/* NUL-terminated; ordered by its bytes */
	struct instant_ns at;
	struct decimal size;		/* >= 0 */
	struct decimal amount;		/* of a lot its cost with the fee, of a disposal its proceeds less the fee */
};

void fifo_trade_init(struct fifo_trade *t);
void fifo_trade_release(struct fifo_trade *t);

enum fifo_status {
	FIFO_OK,			/* a lot and a disposal */
	FIFO_MISSING_BASIS,		/* a disposal alone */
	FIFO_OPEN,			/* a lot alone */
	FIFO_DUST,			/* either alone */
};

/* "OK", "MISSING_BASIS", "OPEN", "DUST". */
const char *fifo_status_name(enum fifo_status status);

struct fifo_slice {
	enum fifo_status status;
	const struct fifo_trade *lot, *disposal;	/* NULL: there is none */
	struct decimal size;				/* > 0 */
	struct decimal basis;				/* zero without a lot */
	struct decimal proceeds, gain;			/* zero without a disposal */
};

struct fifo_rules {
	long places;			/* decimals of a slice */
	const struct decimal *dust;	/* NULL: none */
};

/* Decimals of a slice where nobody says otherwise: what published vectors carry. */
enum { FIFO_PLACES = 18 };

struct fifo_totals {
	long long lots, disposals;	/* with a size */
	long long slices, uncovered;	/* uncovered: slices of FIFO_MISSING_BASIS */
	struct decimal size, basis, proceeds, gain;		/* of slices with a disposal */
	struct decimal uncovered_size, uncovered_proceeds;	/* of FIFO_MISSING_BASIS */
	struct decimal open_size, open_basis;			/* of slices without a disposal */
};

void fifo_totals_init(struct fifo_totals *t);
void fifo_totals_release(struct fifo_totals *t);

/* Fill in the next trade of a stream: 1; 0 at its end; -1 with the reason. */
typedef int fifo_next(void *stream, struct fifo_trade *trade, struct reason *why);

/* Take a slice, which is only valid during the call; false with the reason ends the matching. */
typedef bool fifo_put(void *to, const struct fifo_slice *slice, struct reason *why);

struct fifo_stream {
	fifo_next *next;
	void *context;
};

/*
 * Match the streams to their ends; slices come in the order of the disposals, within one in that of
 * the lots, and what is still open comes last.  totals, which must be initialised, are added to.
 * False, with the reason: a stream or put failed, a stream is not in its order or holds an id twice at
 * one time, a size is negative, or a trade without size has money.
 */
bool fifo_match(const struct fifo_rules *rules, const struct fifo_stream *lots,
		const struct fifo_stream *disposals, fifo_put *put, void *to,
		struct fifo_totals *totals, struct reason *why);

#endif

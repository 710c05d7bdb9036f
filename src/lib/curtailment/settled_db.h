/*
 * settled_db - the publisher's settled cash flows of wind units, beside what the stored records come to
 *
 * Each function succeeds, or ends the process (db.h).
 */
#ifndef WINDFALL_SETTLED_DB_H
#define WINDFALL_SETTLED_DB_H

#include <stdbool.h>
#include <stddef.h>

#include "curtailment/cashflows.h"
#include "curtailment/elexon_register.h"
#include "db/db.h"
#include "exact/decimal.h"

/* Why a cash flow is not what the records come to.  Up to SETTLED_NOT_FLAGGED it is explained. */
enum settled_reason {
	SETTLED_UNFETCHED,		/* the half hour was never fetched */
	SETTLED_NO_MULTIPLIER,		/* the records have no transmission loss multiplier, and one near 1 explains it */
	SETTLED_NOT_FLAGGED,		/* bids without the SO flag, which are no curtailment, explain it to a penny */
	SETTLED_RECORDS_DIFFER,		/* the stack as it is now explains it; the stored records are not that */
	SETTLED_NOT_IN_SOURCE,		/* the publisher has no cash flow for what is stored */
	SETTLED_UNEXPLAINED,
	SETTLED_REASONS
};

/* The word for a reason: "not_flagged". */
const char *settled_reason_name(enum settled_reason reason);

/* One half hour of a unit whose cash flow differs from the records by more than a penny. */
struct settled_difference {
	int period;
	char unit[ELEXON_MAX_ID + 1];
	bool in_source, stored, without_multiplier, fetched;
	struct decimal settled, expected, plain;	/* pounds; expected with the multipliers, plain without */
	struct decimal not_flagged;			/* pounds of bids without the flag, once they are known */
	enum settled_reason reason;
};

/* In the order of (period, unit).  Begin with all zero. */
struct settled_differences {
	struct settled_difference *list;
	size_t n;
	long stored_pairs, lacking;	/* half hours of units with records; of these such without a cash flow */
};

void settled_differences_release(struct settled_differences *d);

/* Of the cash flows of bids of a day, which are those of the wind units among these: the differences.  Each reason is
 * SETTLED_UNFETCHED, SETTLED_NO_MULTIPLIER or, as long as nothing else is known, SETTLED_NOT_IN_SOURCE or
 * SETTLED_UNEXPLAINED. */
void settled_compare(PGconn *db, const struct cashflows *bids, const struct elexon_unit *units, size_t n_units,
		     struct settled_differences *d);

/* Explain the differences of a half hour from its stack of bids, as far as it does. */
void settled_explain(struct settled_differences *d, const struct elexon_stack *stack);

/* The rows that were seen when this day was stored: of both sides; 0 where it was not. */
void settled_rows_stored(PGconn *db, day_t day, int rows[2]);

/* Store a day's cash flows of wind units, with what the differences say of them, in one transaction; returns how many
 * rows were written. */
long long settled_store(PGconn *db, const struct cashflows sides[2], const struct elexon_unit *units, size_t n_units,
			const struct settled_differences *d, long unexplained);

#endif

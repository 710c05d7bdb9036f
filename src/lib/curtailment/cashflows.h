/*
 * cashflows - what the publisher settled with each unit on a day (EBOCF), checked before a row of it is believed
 *
 *   GET /balancing/settlement/indicative/cashflows/all/{bid|offer}/{date}   {"metadata":…,"data":[row,…]}
 *
 * A row is one unit in one half hour: settlementDate, settlementPeriod, startTime, createdDateTime, bmUnit (may be
 * null), totalCashflow in pounds, positive to the unit, transmission losses included; rows come in no order.
 */
#ifndef WINDFALL_CASHFLOWS_H
#define WINDFALL_CASHFLOWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/oddities.h"
#include "base/reason.h"
#include "curtailment/elexon.h"
#include "curtailment/elexon_stack.h"
#include "exact/calendar.h"

#define CASHFLOW_TEXT 32	/* pounds: below a thousand million, at most twelve decimals */

struct cashflow {
	char unit[ELEXON_MAX_ID + 1];
	int period;
	char total[CASHFLOW_TEXT];
};

struct cashflows {
	day_t day;
	enum elexon_side side;
	struct cashflow *rows;		/* in the order of (period, unit), each once */
	size_t n_rows;
	int rows_seen;			/* of all units, those without a name too */
	bool final;			/* each row was made a day after its half hour, or later */
	bool has_created;
	instant_t newest_created;
	struct oddities odd;
};

void cashflows_init(struct cashflows *c, day_t day, enum elexon_side side);
void cashflows_release(struct cashflows *c);

/* Append where the API has them, below its base. */
void cashflows_path(const struct cashflows *c, struct buf *path);

/*
 * Parse the answer for a day and side into c, which cashflows_init() prepared; release it in either case.  A row of
 * another day, of a period that the day lacks, with a figure that is none or cannot be, costs that row, noted in
 * c->odd; so do two rows of one unit and half hour that differ.  False, with the reason, for a body that is not such
 * an answer, or most of whose rows are odd.
 */
bool cashflows_parse(struct cashflows *c, const char *body, size_t len, struct reason *why);

#endif

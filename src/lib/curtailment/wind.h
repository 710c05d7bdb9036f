/*
 * wind - what Great Britain's wind generated, as Elexon's AGWS (B1630) answers tell
 *
 * GET generation/actual/per-type/wind-and-solar: {"data": [{"publishTime", "businessType", "psrType",
 * "quantity", "settlementDate", "settlementPeriod", ...}, ...]}, at most seven days an answer, rows in
 * no order.  quantity is the mean power of the half hour in MW: the energy is half of it, in MWh.
 * A figure that was published again replaces the earlier one, it is not added to it.
 */
#ifndef WINDFALL_WIND_H
#define WINDFALL_WIND_H

#include <stdbool.h>
#include <stddef.h>

#include "exact/calendar.h"
#include "base/reason.h"

#define WIND_TEXT 32		/* a decimal number of MWh: power has at most three decimals, its half one more */

struct wind_period {
	instant_t published[2];	/* of the figure that is kept: WIND_ONSHORE, WIND_OFFSHORE */
	char mwh[2][WIND_TEXT];	/* "" where nothing is known */
};
enum { WIND_ONSHORE, WIND_OFFSHORE };

struct wind_day {
	struct wind_period period[MAX_PERIODS + 1];	/* from 1 on */
};

/*
 * Read one answer into the days from..to (one struct wind_day each, all zero at first).  Rows of
 * other days and of solar are passed over.  False, with the reason, and with the days filled up to the
 * bad row, for a body that is not such an answer: wrong types, a period the day does not have, power that
 * is negative or beyond 100,000 MW.
 */
bool wind_parse(const char *body, size_t len, day_t from, day_t to, struct wind_day *days, struct reason *why);

#endif

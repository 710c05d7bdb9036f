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

#include "base/oddities.h"
#include "base/reason.h"
#include "exact/calendar.h"

#define WIND_TEXT 32		/* a decimal number of MWh: power has at most three decimals, its half one more */

/* When a row was published.  Of two at once that with the higher revision, where the source numbers them, is later. */
struct wind_publication {
	instant_t at;
	int64_t revision;
};

struct wind_period {
	struct wind_publication published[2];	/* of the figure that is kept: WIND_ONSHORE, WIND_OFFSHORE */
	char mwh[2][WIND_TEXT];	/* "" where nothing is known */
	bool contradicted[2];	/* that was published with another figure beside it: which of them holds is not known */
	bool spoilt[2];		/* a row of it could not be used: nothing is known, unless a later one is there ... */
	struct wind_publication spoilt_at[2];	/* ... than this */
};
enum { WIND_ONSHORE, WIND_OFFSHORE };

struct wind_day {
	struct wind_period period[MAX_PERIODS + 1];	/* from 1 on */
};

/*
 * Read one answer into the days from..to (one struct wind_day each, all zero at first).  Rows of other days and of
 * solar are passed over, and a quantity of null is one that is not known.  Turbines that stand still draw power: down
 * to -1,000 MW is 0.  Of two figures for one half hour the one published later holds, or that of the higher
 * documentRevisionNumber.
 *
 * Odd is, and each is noted and costs its half hour, of which nothing is known then:
 *
 *  - a row with a wrong type, of another dataset or business (the forecast has rows of the same shape), a period that
 *    the day does not have, a power that cannot be, or a startTime more than a day from when its period begins;
 *  - two figures published at once that differ, unless a later one settles it, in whatever order they stand;
 *  - a half hour without any wind at all, on land and at sea;
 *  - one that has not begun by now;
 *  - 0 next to more than 500 MW, and a half hour, or up to 24 in a row, that lies 2,500 MW and four times above or
 *    below those before and behind, as where a source lacks farms for a while.
 *
 * A leap of that size of which nothing says which side is wrong is noted, and both sides are kept.
 *
 * A day of 24 known half hours or more, none of which has 50 MW, is none of Great Britain's: it is noted, and left out
 * whole.  So is its wind on land, or at sea, where each of 24 known half hours or more has none.
 *
 * False, with the reason, for a body that is not such an answer, or most of whose rows are odd.
 */
bool wind_parse(const char *body, size_t len, day_t from, day_t to, instant_t now, struct wind_day *days,
		struct oddities *odd, struct reason *why);

#endif

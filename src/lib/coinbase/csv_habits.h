/*
 * csv_habits - what an export as a whole settles and a single row of it cannot
 *
 * Whether "1,250" has a decimal comma, and whether 07/01/2017 is in January or in July.
 */
#ifndef WINDFALL_CSV_HABITS_H
#define WINDFALL_CSV_HABITS_H

#include "coinbase/csv_header.h"
#include "exact/amount.h"
#include "exact/instant_ns.h"

enum date_order {
	DATES_UNSETTLED = 0, DATES_MONTH_FIRST = 1, DATES_DAY_FIRST = 2,
	DATES_CONTRADICT = 3,		/* some can only be the one, some only the other */
};

struct export_habits {
	enum amount_marks marks;
	enum date_order dates;
};

/* Read the rows of text[0..len), an export with this header, for what they settle.  What cannot be read settles
 * nothing. */
struct export_habits coinbase_habits_find(const char *text, size_t len);

/* Read a row's time: an instant with its zone, or a date alone (07/31/2017, 2017-07-31), which stands for its
 * midnight in UTC.  False, with the reason: neither, or the file does not settle which number is the month. */
bool coinbase_habits_time(const struct export_habits *habits, const char *text, struct instant_ns *t,
			  struct reason *why);

#endif

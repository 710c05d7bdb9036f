/*
 * fetch_plan_io - the settlement periods that a tool is asked to fetch, day by day
 *
 * Each function succeeds, or says what was wrong and ends the process: EX_USAGE for operands and
 * options, EX_DATAERR for rows.
 */
#ifndef WINDFALL_FETCH_PLAN_IO_H
#define WINDFALL_FETCH_PLAN_IO_H

#include <stddef.h>
#include <stdint.h>

#include "cli/opts.h"

/* A settlement date and which of its periods: bit p - 1 stands for period p; never none. */
struct plan_day {
	day_t day;
	uint64_t periods;
};

/* In the order of the days, each once.  Begin with all zero; plan_release() frees. */
struct plan {
	struct plan_day *days;
	size_t n_days;
	long n_periods;			/* of all days; plan_until() counts them */
};

/* Plan every day of the range: all its periods, or those of periods, "A-B" (--periods), if not NULL.
 * EX_USAGE if a day lacks one of them, or if the first day has not begun. */
void plan_range(struct plan *plan, struct day_range days, const char *periods, instant_t now);

/* Plan what the rows of a file name in the columns settlement_date and settlement_period, in any order; a
 * period named twice is one period.  "-" is standard input. */
void plan_read(struct plan *plan, const char *path);

/* Leave out the periods that have not ended at this instant, say how many, and count the rest. */
void plan_until(struct plan *plan, instant_t now);

void plan_release(struct plan *plan);

#endif

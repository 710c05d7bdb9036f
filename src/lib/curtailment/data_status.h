/*
 * data_status - how many rows the source says it has of each half hour's settlement stacks
 *
 *   GET /data-status/ISPSTACK?settlementDateFrom=…&settlementDateTo=…
 *   {"metadata":…,"data":[{"settlementDate","settlementPeriod","dataPointCount"},…]}
 */
#ifndef WINDFALL_DATA_STATUS_H
#define WINDFALL_DATA_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/oddities.h"
#include "base/reason.h"
#include "exact/calendar.h"

/* Of one day, by half hour from 1 on: how many rows; -1 where the source does not say. */
struct data_status {
	int count[MAX_PERIODS + 1];
};

/* Append where the API has the counts of these days, below its base. */
void data_status_path(day_t from, day_t to, struct buf *path);

/* Of these days nothing is known. */
void data_status_unknown(day_t from, day_t to, struct data_status *days);

/*
 * Read the counts of the days from..to, one struct data_status each, which this sets.  Rows of other days are passed
 * over; an odd row costs its count, noted in odd.  False, with the reason, for a body that is not such an answer, or
 * most of whose rows are odd.
 */
bool data_status_parse(const char *body, size_t len, day_t from, day_t to, struct data_status *days,
		       struct oddities *odd, struct reason *why);

#endif

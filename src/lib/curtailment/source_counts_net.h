/*
 * source_counts_net - did the source change while it was read?
 *
 * The source says how many rows it has of each half hour (data_status).  Read before a fetch and after it, counts
 * that are not the same name half hours that were written meanwhile: what was fetched of them may be neither the old
 * answer nor the new one.  A source that gives no counts, or not for a day, is one of which nothing is known; that is
 * no failure.
 */
#ifndef WINDFALL_SOURCE_COUNTS_NET_H
#define WINDFALL_SOURCE_COUNTS_NET_H

#include <stddef.h>

#include "curtailment/data_status.h"
#include "curtailment/fetch_plan_io.h"
#include "net/http.h"

/* One struct data_status for each day of the plan.  Begin with all zero; source_counts_release() frees. */
struct source_counts {
	struct data_status *days;
	long known;			/* half hours of the plan with a count */
};

/* Ask for the counts of the days of a plan, once each, in answers of at most seven days; what went wrong is said at
 * info level. */
void source_counts_read(struct source_counts *counts, const struct http_options *http, const char *base,
			const struct plan *plan);
void source_counts_release(struct source_counts *counts);

#endif

/*
 * source_counts_db - the half hours that the source changed while it was read stay provisional
 */
#ifndef WINDFALL_SOURCE_COUNTS_DB_H
#define WINDFALL_SOURCE_COUNTS_DB_H

#include "curtailment/source_counts_net.h"
#include "db/db.h"

/* Where the counts before and after the fetch differ, say so, and let a stored period be final no more: whoever
 * fetches next has it whole.  Both counts are of this plan.  Returns how many periods differ. */
long source_counts_doubt(PGconn *db, const struct plan *plan, const struct source_counts *before,
			 const struct source_counts *after);

#endif

/*
 * summed_days_db - days whose sums by farm and half hour are known to be those of their rows, and the rows those of
 * their fetches
 *
 * The table summed_days and why it is to be believed: sql/064-summed-days.sql and sql/072-fetches-known.sql.  Each
 * function succeeds, or ends the process (db.h).
 */
#ifndef WINDFALL_SUMMED_DAYS_DB_H
#define WINDFALL_SUMMED_DAYS_DB_H

#include "db/day_set.h"
#include "db/db.h"

/*
 * Bring the sums by farm and half hour of these days, which are of one month, to what lies below them, in the
 * transaction that holds the days.  Those that are known to be right already are not added up, unless whole says so;
 * of the others it is noted, where they have a proof and the session may write, and then, too, of which days the
 * records add up to what was noted of their fetches.
 */
void summed_days_store(PGconn *db, struct day_range days, bool whole);

/* Of which of these days, which are of one month, it is not known that the records add up to what was noted of their
 * fetches: those from the first to the last of them.  False if it is known of all. */
bool summed_days_unknown(PGconn *db, struct day_range days, struct day_range *unknown);

#endif

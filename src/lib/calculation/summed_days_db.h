/*
 * summed_days_db - days whose sums by farm and half hour are known to be those of their rows
 *
 * The table summed_days and why it is to be believed: sql/064-summed-days.sql.  Each function succeeds, or ends the
 * process (db.h).
 */
#ifndef WINDFALL_SUMMED_DAYS_DB_H
#define WINDFALL_SUMMED_DAYS_DB_H

#include "db/day_set.h"
#include "db/db.h"

/*
 * Bring the sums by farm and half hour of these days, which are of one month, to what lies below them, in the
 * transaction that holds the days.  Those that are known to be right already are not added up, unless whole says so;
 * of the others it is noted, where they have a proof and the session may write.
 */
void summed_days_store(PGconn *db, struct day_range days, bool whole);

#endif

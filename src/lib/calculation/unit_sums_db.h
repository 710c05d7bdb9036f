/*
 * unit_sums_db - the sums of each farm's day and each half hour, in the database
 */
#ifndef WINDFALL_UNIT_SUMS_DB_H
#define WINDFALL_UNIT_SUMS_DB_H

#include <libpq-fe.h>

/*
 * Bring farm_daily_summaries, period_summaries and their bitcoin tables to what records and calculations of these
 * days say: days of one month, "YYYY-MM-DD", which the session's transaction holds.  Only rows that differ are
 * written.  The rows are read once, each table in one stream, and added up here; where a figure does not fit, the
 * database adds them up.  Succeeds, or ends the process (db.h).
 */
void unit_sums_store(PGconn *db, const char *from, const char *to);

#endif

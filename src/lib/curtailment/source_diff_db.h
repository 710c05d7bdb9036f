/*
 * source_diff_db - a settlement date at the source beside the same date in the database
 *
 * Compares without writing, so that a read-only database serves too.  Each function succeeds, or
 * ends the process (db.h).
 */
#ifndef WINDFALL_SOURCE_DIFF_DB_H
#define WINDFALL_SOURCE_DIFF_DB_H

#include "curtailment/curtailment.h"
#include "db/db.h"

/* The columns of a difference; ends with NULL. */
extern const char *const verify_columns[];

/*
 * Write a row to out for each period that is PERIOD_FETCHED and differs, or PERIOD_SUSPECT, and return how many
 * there were: rows and volume (MWh) stored and at the source, and how many rows stand only here and only
 * there.  What is stored is null for a period that was never fetched.  Rows are compared in every
 * field but the lead party: who leads a unit is the register's knowledge, not the stack's.
 */
int verify_day(PGconn *db, const struct curtailed_day *d, struct tsv_writer *out);

#endif

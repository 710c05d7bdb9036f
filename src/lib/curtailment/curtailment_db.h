/*
 * curtailment_db - a settlement date's curtailment records and fetched periods, written into the database
 *
 * Each date is one transaction.  A fetched period is replaced whole, because the source may withdraw
 * rows as well as add them, but only rows that differ are written.  A date that is not stored yet
 * needs no comparing: its rows go straight into the table.
 *
 * Each function succeeds, or ends the process (db.h); then nothing of the date was written.
 */
#ifndef WINDFALL_CURTAILMENT_DB_H
#define WINDFALL_CURTAILMENT_DB_H

#include <stdbool.h>

#include "curtailment/curtailment.h"
#include "db/db.h"

struct records {
	PGconn *db;			/* borrowed */
	const char *selection;		/* for ingested_periods: which stacks and lines, "bid so"; borrowed */
	bool trailing;			/* a date's rows may be on their way when records_store() returns */
	long long changed;		/* rows written or withdrawn so far */
	/* The module's own: */
	bool on_the_way;
	day_t month;			/* whose partitions are known to be there: its first day */
};

/*
 * Begin.  The session is the module's between records_store() and records_finish().  With trailing, the
 * server takes a date's rows in while the caller parses the next date's bodies: for a source that
 * is faster than the database, such as an archive.
 */
void records_begin(struct records *r, PGconn *db, const char *selection, bool trailing);

/*
 * Write the periods of the date that are PERIOD_FETCHED.  One that was not found but has rows stored
 * becomes PERIOD_FAILED and keeps them, said as an error: "not found" takes nothing away.  How many
 * there were of these.
 * Waits up to 10 s for another job that writes the date, then ends with EX_TEMPFAIL.
 */
int records_store(struct records *r, struct curtailed_day *d);

/* Help rows that are on their way along, without waiting. */
void records_push(struct records *r);

/* Wait until all rows have arrived, and make them stand.  Then the session is free for other use. */
void records_finish(struct records *r);

#endif

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

#include "curtailment/accepted_days_io.h"
#include "curtailment/curtailment.h"
#include "db/db.h"

struct records {
	instant_t now;			/* what is settled by the clock */
	const struct accepted_days *accepted;	/* borrowed */
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
 * Doubt the answers of a date (curtailed_doubt()) against what is stored of it, by the same selection: a period
 * that is PERIOD_FETCHED becomes PERIOD_SUSPECT, said as a warning, unless a person accepts the date.  Reads only.
 */
void records_doubt(PGconn *db, const struct records *r, struct curtailed_day *d);

/*
 * Doubt the answers, then write the periods of the date that are still PERIOD_FETCHED.  Of one that is suspect what is
 * stored stays; where it is settled, or was final, it is marked suspect and final no more.
 * A period whose stored rows change leaves a row in period_revisions.
 * Waits up to 10 s for another job that writes the date, then ends with EX_TEMPFAIL.
 */
void records_store(struct records *r, struct curtailed_day *d);

/* Help rows that are on their way along, without waiting. */
void records_push(struct records *r);

/* Wait until all rows have arrived, and make them stand.  Then the session is free for other use. */
void records_finish(struct records *r);

#endif

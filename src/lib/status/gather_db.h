/*
 * gather_db - the state of the database and of the jobs, as figures
 *
 * The functions succeed, or end the process (db.h): within eight seconds a statement, so that a monitor hears
 * of it in time.
 */
#ifndef WINDFALL_GATHER_DB_H
#define WINDFALL_GATHER_DB_H

#include "db/db.h"
#include "exact/calendar.h"
#include "status/metric.h"

/* How far the stored days reach. */
struct status_span {
	bool any;
	day_t first, last;
	long unsummed;		/* days that were fetched and have no summary */
};

/* Add the figures of the database and of the jobs.  The latest n_days stored days up to yesterday are compared
 * calculation by calculation; 0: none.  Values are expected in this currency. */
void status_gather(struct figures *found, PGconn *db, instant_t now, int n_days, const char *currency,
		   struct status_span *span);

/* Only those of the jobs on this machine, which need no database: how each last ended. */
void status_gather_jobs(struct figures *found, instant_t now);

/* The last five runs of reconciliation as a JSON array.  Caller frees. */
char *status_last_runs(PGconn *db);

#endif

/*
 * queue - the dates of a run in the database, and the claims by which workers share them
 *
 * A worker is named HOST:PID.  Each function is one transaction and succeeds, or ends the process (db.h).
 */
#ifndef WINDFALL_QUEUE_H
#define WINDFALL_QUEUE_H

#include <stdbool.h>

#include "db/db.h"

enum { QUEUE_WORKER = 300 };

/* This host's name. */
void queue_host(char name[256]);

/* The name of the worker that this process of this host is. */
void queue_worker(char name[QUEUE_WORKER], long pid);

/* Is this process of this host gone? */
bool queue_is_dead(long pid);

/* What is asked of a claim: how many dates at most; after how many seconds of silence those of others are free; how
 * many seconds to wait for a date that is not due yet. */
struct queue_terms {
	int64_t batch, lease, wait;
};

/*
 * Claim a stretch: the free date with the largest energy, and those of its month that lie nearest to it.  The rows
 * settlement_date, attempts, by date; none when nothing is left.  Free is what is due, what a dead worker of this host
 * holds, and what another's has held in silence for the lease; what this worker held is released first.
 * The caller clears the result.
 */
PGresult *queue_claim(PGconn *db, const char *run, const char *worker, const struct queue_terms *terms);

/* The worker still works on its claim: the lease starts again. */
void queue_renew(PGconn *db, const char *run, const char *worker);

/* It releases its claim; the attempt does not count. */
void queue_release(PGconn *db, const char *run, const char *worker);

/* These dates, an array literal, are done: how many of them were this worker's. */
long long queue_done(PGconn *db, const char *run, const char *worker, const char *dates);

/* These could not be done, for this reason: how many were this worker's.  Tried so often they have failed; before that
 * they are due after the pause, in seconds, doubled with each attempt and spread by chance.  What the reason has of a
 * secret is struck out (base/redact.h): reports show it. */
struct queue_patience {
	int64_t attempts, pause;
};
long long queue_failed(PGconn *db, const char *run, const char *worker, const char *dates, const char *error,
		       const struct queue_patience *patience);

/* How the run stands, in dates. */
struct queue_counts {
	long all, done, failed;
};
struct queue_counts queue_count(PGconn *db, const char *run);

#endif

/*
 * queue_work - a pool of workers that take the dates of a run from its queue
 *
 * A worker claims a stretch of neighbouring dates, hands it to a command and notes what became of each date.  Each
 * question to the database is a process and a session of its own, so that a database that restarts costs a pause.
 *
 * The command reads rows with the column settlement_date and prints those of them that are not right, with a reason:
 * settlement_date, reason.  Its statuses are those of the project's tools: 0, 1 when it printed some, 75 for later.
 */
#ifndef WINDFALL_QUEUE_WORK_H
#define WINDFALL_QUEUE_WORK_H

#include "db/queue.h"

struct queue_work {
	const char *run;
	long job;			/* the process that it is done for: once it is gone the workers end */
	int workers;
	struct queue_terms terms;	/* batch is lowered so that each worker has a share */
	int64_t every;			/* seconds between two lines of progress */
	char *const *command;		/* ends with NULL */
};

/* Work until no date is left.  0; the status of the first worker that gave up, 75 when what was to be done was in vain
 * three times in a row; 128 and a signal's number when one ended it, and then nothing is claimed any more. */
int queue_work(const struct queue_work *w);

#endif

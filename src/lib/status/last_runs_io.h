/*
 * last_runs_io - how each job of this machine last ended
 *
 * scripts/lib/job.sh leaves it in var/jobs/JOB below the state, lines of name=value, replaced whole
 * at each end: not in the database, which may be why the job failed.
 */
#ifndef WINDFALL_LAST_RUNS_IO_H
#define WINDFALL_LAST_RUNS_IO_H

#include "exact/calendar.h"

enum { JOBS_MAX = 32 };

struct job_end {
	char job[48], status[16], verdict[32], ms[24];	/* as text; empty: not known */
	instant_t ended, good;				/* good: when it last ended with status 0; 0: never, or not known */
};

/* Fill end with the jobs that ever ended, by name; how many, or -errno where none can be read. Of a file that is
 * damaged nothing is known but whose it is. */
int jobs_read(struct job_end end[JOBS_MAX]);

#endif

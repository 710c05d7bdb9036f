/*
 * progress - one line on the terminal that says how far a long run has come
 *
 * A tool that a job runs has the job's log as its stderr; the terminal that the job itself has is then the descriptor
 * that WINDFALL_PROGRESS names.
 */
#ifndef WINDFALL_PROGRESS_H
#define WINDFALL_PROGRESS_H

#include <stdbool.h>

struct progress {
	int fd;				/* of the terminal; 0: there is none */
	long total;
	const char *of_what;		/* "periods"; borrowed */
	double begun;			/* clock_seconds() */
	long shown;			/* milliseconds since then when the line was last shown */
};

/* Begin now.  Nothing is ever shown where there is no terminal, where its cursor cannot be moved, or after --quiet. */
void progress_begin(struct progress *p, long total, const char *of_what);

/* "12 of 48 periods, 9.8 a second, 4 s left", some times a second at most.  What is logged next wipes it. */
void progress_show(struct progress *p, long done);

/* Wipe the line. */
void progress_end(const struct progress *p);

#endif

/*
 * progress - one line on the terminal that says how far a long run has come
 */
#ifndef WINDFALL_PROGRESS_H
#define WINDFALL_PROGRESS_H

#include <stdbool.h>
#include <time.h>

struct progress {
	bool shown;
	long total;
	const char *of_what;		/* "periods"; borrowed */
	struct timespec begun;
};

/* Begin now.  Nothing is ever shown where stderr is no terminal, or after --quiet. */
void progress_begin(struct progress *p, long total, const char *of_what);

/* "12 of 48 periods, 9.8 a second, 4 s left".  What is logged next overwrites it. */
void progress_show(const struct progress *p, long done);

/* Wipe the line. */
void progress_end(const struct progress *p);

#endif

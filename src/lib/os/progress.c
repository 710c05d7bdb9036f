#include "os/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "os/log.h"

void progress_begin(struct progress *p, long total, const char *of_what)
{
	*p = (struct progress){ .total = total, .of_what = of_what };
	p->shown = isatty(STDERR_FILENO) && log_wants(LOG_INFO);
	clock_gettime(CLOCK_MONOTONIC, &p->begun);
}

void progress_show(const struct progress *p, long done)
{
	struct timespec t;
	double seconds;

	if (!p->shown || done == 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	seconds = (double)(t.tv_sec - p->begun.tv_sec) + (double)(t.tv_nsec - p->begun.tv_nsec) / 1e9;
	/* The cursor goes back to the line's start, so that what is logged next overwrites it. */
	fprintf(stderr, "%ld of %ld %s, %.1f a second, %.0f s left\033[K\r", done, p->total, p->of_what,
		(double)done / (seconds + 0.001), seconds / (double)done * (double)(p->total - done));
}

void progress_end(const struct progress *p)
{
	if (p->shown)
		fputs("\033[K", stderr);
}

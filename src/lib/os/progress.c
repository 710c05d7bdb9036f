#include "os/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/log.h"
#include "os/terminal.h"

enum { PAUSE_MS = 200, AT_FIRST_MS = 500 };

/* The terminal of this tool, or of the job that runs it; 0 if there is none. */
static int terminal(void)
{
	const char *named = getenv("WINDFALL_PROGRESS");
	int fd = named ? atoi(named) : 0;

	if (terminal_has_cursor(STDERR_FILENO))
		return STDERR_FILENO;
	return fd > STDERR_FILENO && terminal_has_cursor(fd) ? fd : 0;
}

void progress_begin(struct progress *p, long total, const char *of_what)
{
	*p = (struct progress){ .total = total, .of_what = of_what, .shown = AT_FIRST_MS - PAUSE_MS };
	if (log_wants(LOG_INFO))
		p->fd = terminal();
	p->begun = clock_seconds();
}

/* Seconds as people say them: "4 s", "3 min", "2 h 5 min". */
static const char *time_left(double seconds, char text[32])
{
	if (seconds < 100)
		snprintf(text, 32, "%.0f s", seconds);
	else if (seconds < 5400)
		snprintf(text, 32, "%.0f min", seconds / 60);
	else
		snprintf(text, 32, "%d h %d min", (int)(seconds / 3600), (int)(seconds / 60) % 60);
	return text;
}

void progress_show(struct progress *p, long done)
{
	char left[32];
	double seconds;

	if (p->fd == 0 || done == 0)
		return;
	seconds = clock_seconds() - p->begun;
	if (seconds * 1000 < (double)(p->shown + PAUSE_MS))
		return;
	p->shown = (long)(seconds * 1000);
	/* The cursor goes back to the line's start, where what is written next begins. */
	dprintf(p->fd, "\r%ld of %ld %s, %.1f a second, %s left\033[K\r", done, p->total, p->of_what,
		(double)done / (seconds + 0.001), time_left(seconds / (double)done * (double)(p->total - done), left));
	log_wipe_first(p->fd == STDERR_FILENO);
}

void progress_end(const struct progress *p)
{
	if (p->fd == 0 || p->shown < AT_FIRST_MS)
		return;
	dprintf(p->fd, "\r\033[K");
	log_wipe_first(false);
}

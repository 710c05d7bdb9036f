/*
 * oddities - the rows of an answer that could not be used, each named, while the rest is
 *
 * One odd row costs that row with a warning.  Where most rows are odd it is the answer that is wrong, and
 * it is refused whole.  Readers note; whoever asked them warns (log_oddities()).
 */
#ifndef WINDFALL_ODDITIES_H
#define WINDFALL_ODDITIES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/reason.h"

#define ODDITIES_SHOWN 20	/* more are counted, not named */

struct oddities {
	size_t rows;		/* looked at, the odd ones included */
	size_t odd;
	struct buf text;	/* one line for each of the first ODDITIES_SHOWN */
};

#define ODDITIES_INIT { 0, 0, BUF_INIT }

/* Note an odd row in words; it counts among the rows only if the reader counts it there. */
void oddities_note(struct oddities *o, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Is it the answer that is wrong?  More than half of its rows are; why says how many, and the first. */
bool oddities_prevail(const struct oddities *o, struct reason *why);

void oddities_release(struct oddities *o);

#endif

/*
 * reason - why a pure function could not
 *
 * Pure modules never exit and never print.  They return false and leave the reason
 * where the tool, or a test, can read it:  return reason_set(why, "period %d ...", p);
 */
#ifndef WINDFALL_REASON_H
#define WINDFALL_REASON_H

#include <stdbool.h>

struct reason {
	char text[320];
};

/* Write the reason (cut to fit; why may be NULL).  Always returns false. */
bool reason_set(struct reason *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

/*
 * accepted_days_io - the days whose suspect answers a person takes: --accept-suspect DATE, which may be repeated
 */
#ifndef WINDFALL_ACCEPTED_DAYS_IO_H
#define WINDFALL_ACCEPTED_DAYS_IO_H

#include "cli/opts.h"

/* Begin with all zero; nothing is to be released. */
struct accepted_days {
	day_t day[64];
	size_t n;
};

/* Add the day that the option names, or end with EX_USAGE. */
void accepted_days_add(struct accepted_days *accepted, const char *text, instant_t now);

bool accepted_days_has(const struct accepted_days *accepted, day_t day);

#endif

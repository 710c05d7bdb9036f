/*
 * instant_ns - an instant to the nanosecond
 *
 * The exchange stamps trades with up to nine digits of a second and PostgreSQL keeps six; so an
 * instant is the text of its microsecond, cut and not rounded, and the nanoseconds left over,
 * which are two columns of a table.  Everything is UTC.
 */
#ifndef WINDFALL_INSTANT_NS_H
#define WINDFALL_INSTANT_NS_H

#include <stdbool.h>

#include "base/reason.h"

#define INSTANT_NS_TEXT 28		/* "2023-10-31T22:10:12.473787Z" and its NUL */

struct instant_ns {
	char micros[INSTANT_NS_TEXT];	/* always all 27 characters, so that text order is time order */
	int nanos;			/* 0 to 999 */
};

/*
 * Read "2023-10-31T22:10:12.473787913Z": date, T or a blank, time, 0 to 9 digits of fraction, and Z, UTC, GMT, ±hh:mm,
 * ±hhmm or ±hh, after a blank or not.  A time that does not say its zone is refused, unless naive_is_utc.
 */
bool instant_ns_parse(struct instant_ns *m, const char *text, bool naive_is_utc, struct reason *why);

/*
 * Read a number of seconds, milliseconds, microseconds or nanoseconds since 1970, which 10, 13, 16 or 19 digits tell
 * apart from 2001 to 2099 (INSTANT_END); seconds may have a fraction of up to nine digits.  False, and no reason, for
 * anything else.
 */
bool instant_ns_parse_epoch(struct instant_ns *m, const char *text);

#define INSTANT_NS_LONG_TEXT 32	/* "2023-10-31T22:10:12.473787913Z" and its NUL */

/* Write the instant with as many digits as it needs, six or nine, and return text. */
char *instant_ns_format(const struct instant_ns *m, char text[INSTANT_NS_LONG_TEXT]);

/* -1, 0, 1: which comes first. */
int instant_ns_cmp(const struct instant_ns *a, const struct instant_ns *b);

#endif

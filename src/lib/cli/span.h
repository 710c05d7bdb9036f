/*
 * span - the settlement days that a question covers, as a person names them
 *
 *   2025-03-04              a day; also today and yesterday (London's)
 *   2025-03-04 2025-03-20   from one day to another, both included
 *   2025-03   2025          a month, a year
 *
 * or --from DAY, --to DAY, --last N in place of operands.  The same words as the scripts take (scripts/span.sh).
 */
#ifndef WINDFALL_SPAN_H
#define WINDFALL_SPAN_H

#include "cli/opts.h"

/* What was given; NULL for what was not. */
struct span_words {
	const char *from, *to, *last;
};

/* Long options --from, --to and --last: put SPAN_OPTIONS into the option array, and give what opts_next() returned to
 * span_option(), which is true if it was one of the three. */
enum { OPT_SPAN_FROM = 0x7f11, OPT_SPAN_TO, OPT_SPAN_LAST };
#define SPAN_OPTIONS							\
	{ "from", required_argument, NULL, OPT_SPAN_FROM },		\
	{ "to", required_argument, NULL, OPT_SPAN_TO },			\
	{ "last", required_argument, NULL, OPT_SPAN_LAST }
#define SPAN_HELP							\
	"      --from DAY, --to DAY   the first and the last day; alone, to or from the end of what is stored\n"	\
	"      --last N               N settlement days up to yesterday\n"

bool span_option(int c, struct span_words *words);

/*
 * Read the operands and options into range.  False if nothing was given; with --from or --to alone the other end is
 * that of range as it comes in, which holds what is stored.  Ends with EX_USAGE for what is no span, is reversed, or
 * is named twice.
 */
bool span_read(int argc, char **argv, const struct span_words *words, instant_t now, struct day_range *range);

#endif

/*
 * plural - the words that go with a number: "1 day is", "2 days are"
 */
#ifndef WINDFALL_PLURAL_H
#define WINDFALL_PLURAL_H

#include <string.h>

/* One of the two, for n of a thing: "%ld %s left", n, plural(n, "day is", "days are"). */
static inline const char *plural(long long n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

/* The same for a number as text. */
static inline const char *plural_of(const char *n, const char *one, const char *many)
{
	return strcmp(n, "1") == 0 ? one : many;
}

#endif

#include "cli/span.h"

#include <stdio.h>
#include <string.h>

#include "os/log.h"

bool span_option(int c, struct span_words *words)
{
	switch (c) {
	case OPT_SPAN_FROM: words->from = optarg; return true;
	case OPT_SPAN_TO:   words->to = optarg;   return true;
	case OPT_SPAN_LAST: words->last = optarg; return true;
	default:	    return false;
	}
}

/* "2025" or "2025-03": the days of that year or month. */
static bool whole_span(const char *text, struct day_range *range)
{
	char first[DAY_TEXT];
	size_t len = strlen(text);
	int year, month, mday;

	if ((len != 4 && len != 7) ||
	    snprintf(first, sizeof first, "%s%s", text, len == 4 ? "-01-01" : "-01") >= (int)sizeof first)
		return false;
	if (!day_parse(first, &range->from))
		die(EX_USAGE, "%s: not a %s; write YYYY-MM-DD, YYYY-MM or YYYY (from 1996 on), today or yesterday", text,
		    len == 4 ? "year" : "month");
	day_to_civil(range->from, &year, &month, &mday);
	if (len == 4 || month == 12)
		range->to = day_from_civil(year + 1, 1, 1) - 1;
	else
		range->to = day_from_civil(year, month + 1, 1) - 1;
	return true;
}

static bool digits_first(const char *text)
{
	return *text >= '0' && *text <= '9';
}

bool span_read(int argc, char **argv, const struct span_words *words, instant_t now, struct day_range *range)
{
	bool bounds = words->from || words->to;

	if ((argc > 0) + bounds + (words->last != NULL) > 1)
		die(EX_USAGE, "a span is FROM [TO], YYYY-MM, YYYY, --from and --to, or --last N: one of these");
	if (argc > 2)
		die(EX_USAGE, "%s: too many arguments; a span is FROM [TO], YYYY-MM or YYYY", argv[2]);
	if (words->last) {
		*range = opts_last(words->last, now);
		return true;
	}
	if (argc == 1 && digits_first(argv[0]) && whole_span(argv[0], range))
		return true;
	if (argc > 0) {
		*range = opts_days(argc, argv, now);
		return true;
	}
	if (words->from)
		range->from = opts_day(words->from, now);
	if (words->to)
		range->to = opts_day(words->to, now);
	if (bounds && range->to < range->from)
		die(EX_USAGE, "--from %s --to %s: the range is reversed", words->from ? words->from : "(what is stored)",
		    words->to ? words->to : "(what is stored)");
	return bounds;
}

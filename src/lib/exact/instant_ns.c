#include "exact/instant_ns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exact/calendar.h"

/* LONGEST: of "2023-10-31 22:10:12.473787913 +01:00"; ZONED: with ":00" behind it. */
enum { DATE_AND_TIME = 19, LONGEST = 36, ZONED = LONGEST + sizeof ":00" };

/* The text as RFC 3339 has it: "UTC" and "GMT", which knows no summer, are Z, and so is no zone if that is allowed;
 * "+0100" and "+01" are "+01:00"; the blank before a zone goes.  Anything else stays as it is. */
static bool with_zone(char to[ZONED], const char *text, bool naive_is_utc, struct reason *why)
{
	size_t len = strlen(text), end = DATE_AND_TIME, digits = 0;
	const char *zone;

	if (len < DATE_AND_TIME || len > LONGEST)
		return reason_set(why, "\"%.40s\" is not a time such as 2023-10-31T22:10:12.473787Z", text);
	if (text[end] == '.')
		end += 1 + strspn(text + end + 1, "0123456789");
	zone = text + end;
	if (!*zone && !naive_is_utc)
		return reason_set(why, "\"%s\" does not say its time zone", text);
	if (*zone == ' ')
		zone++;
	else if (!*zone)
		zone = "Z";
	if (strcmp(zone, "UTC") == 0 || strcmp(zone, "GMT") == 0)
		zone = "Z";
	if (*zone == '+' || *zone == '-')
		digits = strspn(zone + 1, "0123456789");
	if (digits == 4 && !zone[5])
		snprintf(to, ZONED, "%.*s%.3s:%s", (int)end, text, zone, zone + 3);
	else
		snprintf(to, ZONED, "%.*s%s%s", (int)end, text, zone, digits == 2 && !zone[3] ? ":00" : "");
	return true;
}

/* An instant of "2023-10-31T22:10:12" and what follows of it, and nine digits of fraction. */
static void put_together(struct instant_ns *m, const char *second, const char *fraction)
{
	memcpy(m->micros, second, DATE_AND_TIME);
	m->micros[DATE_AND_TIME] = '.';
	memcpy(m->micros + DATE_AND_TIME + 1, fraction, 6);
	memcpy(m->micros + DATE_AND_TIME + 7, "Z", 2);
	m->nanos = (fraction[6] - '0') * 100 + (fraction[7] - '0') * 10 + (fraction[8] - '0');
}

bool instant_ns_parse(struct instant_ns *m, const char *text, bool naive_is_utc, struct reason *why)
{
	char zoned[ZONED], second[INSTANT_TEXT], fraction[] = "000000000";
	instant_t when;

	if (!with_zone(zoned, text, naive_is_utc, why))
		return false;
	if (!instant_parse(zoned, &when))
		return reason_set(why, "\"%s\" is not a time such as 2023-10-31T22:10:12.473787Z", text);
	if (zoned[DATE_AND_TIME] == '.')
		memcpy(fraction, zoned + DATE_AND_TIME + 1, strspn(zoned + DATE_AND_TIME + 1, "0123456789"));
	instant_format(when, second);
	put_together(m, second, fraction);
	return true;
}

bool instant_ns_parse_epoch(struct instant_ns *m, const char *text)
{
	size_t digits = strspn(text, "0123456789"), more = 0;
	char seconds[11], fraction[10] = "000000000", second[INSTANT_TEXT];
	int n = (int)digits - 10;		/* digits after the seconds: 0, 3, 6 or 9 */
	instant_t when;

	if (text[digits] == '.')
		more = strspn(text + digits + 1, "0123456789");
	if (text[digits + (more ? more + 1 : 0)] != '\0' || more > 9 || *text == '0' || n < 0 || n % 3 || n > 9 || (more && n))
		return false;
	snprintf(seconds, sizeof seconds, "%.10s", text);
	memcpy(fraction, more ? text + digits + 1 : text + 10, more ? more : (size_t)n);
	when = (instant_t)strtoll(seconds, NULL, 10);
	if (when >= INSTANT_END)
		return false;
	instant_format(when, second);
	put_together(m, second, fraction);
	return true;
}

char *instant_ns_format(const struct instant_ns *m, char text[INSTANT_NS_LONG_TEXT])
{
	if (m->nanos == 0)
		memcpy(text, m->micros, INSTANT_NS_TEXT);
	else
		snprintf(text, INSTANT_NS_LONG_TEXT, "%.26s%03dZ", m->micros, m->nanos % 1000);
	return text;
}

int instant_ns_cmp(const struct instant_ns *a, const struct instant_ns *b)
{
	int order = strcmp(a->micros, b->micros);

	if (order == 0)
		order = a->nanos - b->nanos;
	return (order > 0) - (order < 0);
}

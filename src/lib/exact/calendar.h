/*
 * calendar - settlement dates, settlement periods and instants
 *
 * A settlement date is a calendar day in Europe/London; its half hours are numbered from 1 at
 * local midnight, so that a day has 48 of them, 46 when the clocks go forward, 50 when they go
 * back.  Instants are seconds since 1970-01-01 UTC.  The rule for summer time is that of the
 * European directive 2000/84/EC, which the United Kingdom keeps: from 01:00 UTC on the last
 * Sunday of March to 01:00 UTC on the last Sunday of October.  It holds for all days since 1996.
 */
#ifndef WINDFALL_CALENDAR_H
#define WINDFALL_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* Days since 1970-01-01. */
typedef int32_t day_t;

/* Seconds since 1970-01-01T00:00:00Z. */
typedef int64_t instant_t;

#define DAY_TEXT 11		/* "2022-01-01" and its NUL */
#define INSTANT_TEXT 32		/* "2022-01-01T00:00:00Z" and its NUL */
#define PERIOD_SECONDS 1800
#define DAY_SECONDS 86400		/* of a UTC day; a settlement date may have an hour less or more */
#define MAX_PERIODS 50

/* Parse "YYYY-MM-DD", exactly ten characters, years 1996 to 2099; false if there is no such day. */
bool day_parse(const char *text, day_t *day);

/* Write "YYYY-MM-DD" and return text. */
char *day_format(day_t day, char text[DAY_TEXT]);

/* A day of the Gregorian calendar, month and mday from 1, and back. */
day_t day_from_civil(int year, int month, int mday);
void day_to_civil(day_t day, int *year, int *month, int *mday);

/* The settlement date (London) that holds this instant. */
day_t day_of_instant(instant_t when);

/* How many settlement periods the day has: 46, 48 or 50. */
int settlement_periods(day_t day);

/* The instant at which settlement period 1… of this day begins. */
instant_t period_start(day_t day, int period);

/* The instant from which an empty period of this day is final: 00:15 London time two days later. */
instant_t day_final_from(day_t day);

/* Instants are those of the years 1970 to 2099, UTC: what is written of one can be read again. */
#define INSTANT_END INT64_C(4102444800)

/*
 * Parse an RFC 3339 instant: "2022-01-02T00:44:31Z", with 0 to 9 digits of fraction (cut off)
 * and Z or ±hh:mm.  False if it is not one, or before 1970 or after 2099 in UTC.
 */
bool instant_parse(const char *text, instant_t *when);

/* Write "YYYY-MM-DDTHH:MM:SSZ" and return text. */
char *instant_format(instant_t when, char text[INSTANT_TEXT]);

#endif

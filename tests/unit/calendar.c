#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exact/calendar.h"

/* The days on which the clocks change, by `zdump -v Europe/London`: forward and back each year. */
static const char *const change[] = {
	"2000-03-26", "2000-10-29", "2001-03-25", "2001-10-28", "2002-03-31", "2002-10-27", "2003-03-30", "2003-10-26",
	"2004-03-28", "2004-10-31", "2005-03-27", "2005-10-30", "2006-03-26", "2006-10-29", "2007-03-25", "2007-10-28",
	"2008-03-30", "2008-10-26", "2009-03-29", "2009-10-25", "2010-03-28", "2010-10-31", "2011-03-27", "2011-10-30",
	"2012-03-25", "2012-10-28", "2013-03-31", "2013-10-27", "2014-03-30", "2014-10-26", "2015-03-29", "2015-10-25",
	"2016-03-27", "2016-10-30", "2017-03-26", "2017-10-29", "2018-03-25", "2018-10-28", "2019-03-31", "2019-10-27",
	"2020-03-29", "2020-10-25", "2021-03-28", "2021-10-31", "2022-03-27", "2022-10-30", "2023-03-26", "2023-10-29",
	"2024-03-31", "2024-10-27", "2025-03-30", "2025-10-26", "2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31",
	"2028-03-26", "2028-10-29", "2029-03-25", "2029-10-28", "2030-03-31", "2030-10-27", "2031-03-30", "2031-10-26",
	"2032-03-28", "2032-10-31", "2033-03-27", "2033-10-30", "2034-03-26", "2034-10-29", "2035-03-25", "2035-10-28",
};

static day_t parsed(const char *text)
{
	day_t day;

	if (!day_parse(text, &day))
		fail_msg("%s is not a date", text);
	return day;
}

static instant_t instant(const char *text)
{
	instant_t when;

	if (!instant_parse(text, &when))
		fail_msg("%s is not an instant", text);
	return when;
}

static void a_day_has_48_periods_but_46_and_50_when_the_clocks_change(void **state)
{
	size_t next = 0;
	char text[DAY_TEXT];

	(void)state;
	for (day_t day = parsed("2000-01-01"); day <= parsed("2035-12-31"); day++) {
		bool changes = next < sizeof change / sizeof *change && strcmp(day_format(day, text), change[next]) == 0;

		assert_int_equal(settlement_periods(day), !changes ? 48 : next % 2 == 0 ? 46 : 50);
		next += changes;
	}
	assert_int_equal(next, sizeof change / sizeof *change);
}

/* The first column by `date -u -d DATE +%s` / 86400, the second by `TZ=Europe/London date -d DATE +%s`. */
static void a_day_begins_at_midnight_in_london(void **state)
{
	static const struct { const char *text; day_t day; instant_t midnight; } row[] = {
		{ "1996-01-01", 9496, 820454400 },
		{ "1999-12-31", 10956, 946598400 },
		{ "2000-02-29", 11016, 951782400 },
		{ "2004-02-29", 12477, 1078012800 },
		{ "2021-06-15", 18793, 1623711600 },
		{ "2022-01-01", 18993, 1640995200 },
		{ "2024-02-29", 19782, 1709164800 },
		{ "2025-03-30", 20177, 1743292800 },
		{ "2025-10-26", 20387, 1761433200 },
		{ "2038-01-19", 24855, 2147472000 },
		{ "2099-12-31", 47481, 4102358400 },
	};
	char text[DAY_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(parsed(row[i].text), row[i].day);
		assert_string_equal(day_format(row[i].day, text), row[i].text);
		assert_int_equal(period_start(row[i].day, 1), row[i].midnight);
	}
}

/* Each period of the two odd days of 2025, as its beginning is written in UTC. */
static void periods_go_on_half_hour_by_half_hour_through_a_change(void **state)
{
	static const struct { const char *day; int period; const char *start; } row[] = {
		{ "2025-03-30", 1, "2025-03-30T00:00:00Z" }, { "2025-03-30", 2, "2025-03-30T00:30:00Z" },
		{ "2025-03-30", 3, "2025-03-30T01:00:00Z" }, { "2025-03-30", 46, "2025-03-30T22:30:00Z" },
		{ "2025-03-31", 1, "2025-03-30T23:00:00Z" },
		{ "2025-10-26", 1, "2025-10-25T23:00:00Z" }, { "2025-10-26", 3, "2025-10-26T00:00:00Z" },
		{ "2025-10-26", 5, "2025-10-26T01:00:00Z" }, { "2025-10-26", 50, "2025-10-26T23:30:00Z" },
		{ "2025-10-27", 1, "2025-10-27T00:00:00Z" },
		{ "2024-04-20", 3, "2024-04-20T00:00:00Z" },		/* the halving came at 00:09:27 */
	};
	char text[INSTANT_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		instant_t start = period_start(parsed(row[i].day), row[i].period);

		assert_string_equal(instant_format(start, text), row[i].start);
	}
}

static void periods_follow_each_other_and_lie_in_their_day(void **state)
{
	day_t last = parsed("2035-12-31");
	instant_t end = period_start(parsed("2000-01-01"), 1);

	(void)state;
	for (day_t day = parsed("2000-01-01"); day <= last; day++)
		for (int period = 1; period <= settlement_periods(day); period++) {
			instant_t start = period_start(day, period);

			assert_int_equal(start, end);		/* no gap, no overlap */
			end = start + PERIOD_SECONDS;
			assert_int_equal(day_of_instant(start), day);
			assert_int_equal(day_of_instant(end - 1), day);
		}
}

/* The C library has its own rules and tables for London. */
static void the_time_zone_database_agrees_from_2000_to_2035(void **state)
{
	(void)state;
	setenv("TZ", "Europe/London", 1);
	tzset();
	for (day_t day = parsed("2000-01-01"); day <= parsed("2035-12-31"); day++) {
		time_t start = (time_t)period_start(day, 1), noon = start + 43200;
		struct tm local;
		char text[DAY_TEXT], theirs[DAY_TEXT];

		assert_non_null(localtime_r(&start, &local));
		assert_int_equal(local.tm_hour * 60 + local.tm_min, 0);
		strftime(theirs, sizeof theirs, "%Y-%m-%d", &local);
		assert_string_equal(day_format(day, text), theirs);
		assert_non_null(localtime_r(&noon, &local));
		assert_int_equal(day_of_instant(noon), day);
	}
}

static void what_is_no_date_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "2025-02-30", "2025-02-29", "1900-01-01", "1995-12-31", "2100-01-01", "2025-13-01", "2025-00-10", "2025-01-00",
		"2025-01-32", "2025-04-31", "25-01-01", "2025-1-1", "2025-01-01 ", " 2025-01-01", "2025/01/01", "2025-01-01T00:00",
		"20250101", "2025-0a-01", "+025-01-01", "2025-01-0\xb9",
		"202/-01-01", "2025/01-01", "2025-01/01",
	};
	day_t day;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (day_parse(bad[i], &day))
			fail_msg("\"%s\" was taken for a date", bad[i]);
}

/* By `date -u -d TEXT +%s`. */
static void an_instant_is_read_with_its_fraction_and_offset(void **state)
{
	static const struct { const char *text; instant_t when; } row[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2009-01-03T18:15:05Z", 1231006505 },
		{ "2022-01-02T00:44:31Z", 1641084271 },
		{ "2022-01-02T00:44:31.999999999Z", 1641084271 },
		{ "2022-01-02t01:44:31.5+01:00", 1641084271 },
		{ "2022-01-01 19:14:31-05:30", 1641084271 },
		{ "2024-02-29T23:59:59z", 1709251199 },
		{ "2016-12-31T23:59:60Z", 1483228800 },		/* a leap second is the next one here */
		{ "1970-01-02T00:30:00+00:30", 86400 }, { "1970-01-02T00:00:00+00:00", 86400 }, { "1970-01-02T23:00:00+23:00", 86400 },
		{ "1970-01-02T00:59:00+00:59", 86400 }, { "2099-12-31T23:59:59Z", 4102444799 }, { "1970-01-01T01:00:00+01:00", 0 },
	};
	static const char *const bad[] = {
		"", "2022-01-02", "2022-01-02T00:44Z", "2022-01-02T00:44:31", "2022-01-02T24:00:00Z", "2022-01-02T00:60:00Z",
		"2022-01-02T00:44:31.Z", "2022-01-02T00:44:31.1234567890Z", "2022-01-02T00:44:31Zx", "2022-01-02T00:44:31+1:00",
		"2022-01-02T00:44:31+01:00 ", "2022-01-02T00:44:31+25:00", "2022-02-30T00:00:00Z", "2022-01-02T-1:00:00Z",
		"2022-01-02T00:44:31+01", "2022-01-02X00:44:31Z", "2022-01-02T00.44:31Z", "2022-01-02T00:44.31Z", "2022-01-02T00:44:61Z",
		"2022-01-02T00:44:3xZ", "2022-01-02T00:44:31+01:60", "2022-01-02T00:44:31+24:00", "2099-12-31T23:59:60Z",
		"2099-12-31T23:59:59-00:01", "1970-01-01T00:00:00+01:00",
	};
	instant_t when;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal(instant(row[i].text), row[i].when);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (instant_parse(bad[i], &when))
			fail_msg("\"%s\" was taken for an instant", bad[i]);
}

static void an_instant_that_is_written_reads_back_the_same(void **state)
{
	char text[INSTANT_TEXT];

	(void)state;
	for (instant_t when = 0; when < instant("2038-06-01T00:00:00Z"); when += 86400 * 3 + 12347)
		assert_int_equal(instant(instant_format(when, text)), when);
	assert_string_equal(instant_format(-1, text), "1969-12-31T23:59:59Z");
	assert_string_equal(instant_format(-86400, text), "1969-12-31T00:00:00Z");
}

static void an_empty_period_is_final_a_quarter_past_midnight_two_days_later(void **state)
{
	(void)state;
	assert_int_equal(day_final_from(parsed("2025-01-10")), instant("2025-01-12T00:15:00Z"));
	assert_int_equal(day_final_from(parsed("2025-03-28")), instant("2025-03-30T00:15:00Z"));
	assert_int_equal(day_final_from(parsed("2025-03-29")), instant("2025-03-30T23:15:00Z"));
	assert_int_equal(day_final_from(parsed("2025-10-25")), instant("2025-10-27T00:15:00Z"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_has_48_periods_but_46_and_50_when_the_clocks_change),
		cmocka_unit_test(a_day_begins_at_midnight_in_london),
		cmocka_unit_test(periods_go_on_half_hour_by_half_hour_through_a_change),
		cmocka_unit_test(periods_follow_each_other_and_lie_in_their_day),
		cmocka_unit_test(the_time_zone_database_agrees_from_2000_to_2035),
		cmocka_unit_test(what_is_no_date_is_refused),
		cmocka_unit_test(an_instant_is_read_with_its_fraction_and_offset),
		cmocka_unit_test(an_instant_that_is_written_reads_back_the_same),
		cmocka_unit_test(an_empty_period_is_final_a_quarter_past_midnight_two_days_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

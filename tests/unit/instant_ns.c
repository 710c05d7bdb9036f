#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "exact/instant_ns.h"

static void a_time_keeps_its_nanoseconds_beside_its_microseconds(void **state)
{
	static const struct { const char *text, *micros; int nanos; } row[] = {
		{ "2023-10-31T22:10:12.473787913Z", "2023-10-31T22:10:12.473787Z", 913 },
		{ "2023-11-26T10:19:47.504Z", "2023-11-26T10:19:47.504000Z", 0 },
		{ "2024-04-09T11:45:50.552204Z", "2024-04-09T11:45:50.552204Z", 0 },
		{ "2019-09-20T14:48:34Z", "2019-09-20T14:48:34.000000Z", 0 },
		{ "2025-01-18 14:53:48 UTC", "2025-01-18T14:53:48.000000Z", 0 },
		{ "2025-07-18 14:53:48 GMT", "2025-07-18T14:53:48.000000Z", 0 },
		/* Rounding would put it into the next microsecond, second, day and year. */
		{ "2023-12-31T23:59:59.999999999Z", "2023-12-31T23:59:59.999999Z", 999 },
		{ "2024-07-01T01:00:00.5+01:00", "2024-07-01T00:00:00.500000Z", 0 },
		/* A zone with and without colon and blank, and of hours alone. */
		{ "2024-07-01T01:00:00+0130", "2024-06-30T23:30:00.000000Z", 0 }, { "2024-07-01T01:00:00.25-0130", "2024-07-01T02:30:00.250000Z", 0 },
		{ "2024-07-01 01:00:00 +01:30", "2024-06-30T23:30:00.000000Z", 0 }, { "2024-07-01 01:00:00 -0130", "2024-07-01T02:30:00.000000Z", 0 },
		{ "2024-07-01T01:00:00 Z", "2024-07-01T01:00:00.000000Z", 0 }, { "2024-07-01T01:00:00UTC", "2024-07-01T01:00:00.000000Z", 0 },
		{ "2024-07-01 01:00:00.123456789 +01:00", "2024-07-01T00:00:00.123456Z", 789 },
		{ "2024-07-01 01:00:00.123456789+01", "2024-07-01T00:00:00.123456Z", 789 },
		{ "2024-07-01 01:00:00+01", "2024-07-01T00:00:00.000000Z", 0 }, { "2024-07-01 01:00:00 -05", "2024-07-01T06:00:00.000000Z", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };
		struct instant_ns m;

		if (!instant_ns_parse(&m, row[i].text, false, &why))
			fail_msg("%s", why.text);
		assert_string_equal(m.micros, row[i].micros);
		assert_int_equal(m.nanos, row[i].nanos);
	}
}

static void a_time_without_a_zone_is_refused_unless_allowed(void **state)
{
	struct reason why = { .text = "" };
	struct instant_ns m;

	(void)state;
	assert_false(instant_ns_parse(&m, "2024-07-01T01:00:00.25", false, &why));
	assert_string_equal(why.text, "\"2024-07-01T01:00:00.25\" does not say its time zone");
	assert_false(instant_ns_parse(&m, "2024-07-01 01:00:00", false, &why));
	assert_true(instant_ns_parse(&m, "2024-07-01 01:00:00", true, &why));
	assert_string_equal(m.micros, "2024-07-01T01:00:00.000000Z");
	assert_true(instant_ns_parse(&m, "2024-07-01T01:00:00.25", true, &why));
	assert_string_equal(m.micros, "2024-07-01T01:00:00.250000Z");
	/* One that says its zone keeps it. */
	assert_true(instant_ns_parse(&m, "2024-07-01T01:00:00+01:00", true, &why));
	assert_string_equal(m.micros, "2024-07-01T00:00:00.000000Z");
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const text[] = {
		"", "2024-07-01", "2024-02-30T00:00:00Z", "2024-07-01T24:00:00Z", "2024-07-01T00:00:00.Z",
		"2024-07-01T00:00:00.1234567891Z", "2024-07-01T00:00:00Z ", "1719792000", "07/01/2024 00:00:00Z",
		"2024-07-01T00:00:00.123456789012345678901234567890Z", " UTC",
		"2024-07-01T00:00:00+1", "2024-07-01T00:00:00+010", "2024-07-01T00:00:00+01000", "2024-07-01T00:00:00 01:00",
		"2024-07-01T00:00:00+0100 ", "2024-07-01T00:00:00+01Z", "2024-07-01T00:00:00 Z0100", "2024-07-01T00:00:00  +0100",
		"2024-07-01T00:00:00 ", "2024-07-01T00:00:00  Z", "2024-07-01T00:00:00 UTC+1", "2024-07-01T00:00:00 GMT+1", "2024-07-01T00:00:00 BST",
		"2024-07-01 00:00:00.1234567890 +01:00",
		/* Years that, once in UTC, would be written and could not be read again. */
		"2099-12-31T23:59:59-00:01", "2099-12-31T23:59:60Z", "1970-01-01T00:00:00+01:00", "2024-07-01T00:00:00.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		struct instant_ns m;

		if (instant_ns_parse(&m, text[i], true, NULL))
			fail_msg("%s was read as %s", text[i], m.micros);
	}
}

/* Seconds to nanoseconds since 1970, told apart by their digits, to the end of 2099. */
static void an_epoch_is_read_by_how_many_digits_it_has(void **state)
{
	static const struct { const char *text, *micros; int nanos; } row[] = {
		{ "1698790212", "2023-10-31T22:10:12.000000Z", 0 }, { "1698790212.5", "2023-10-31T22:10:12.500000Z", 0 },
		{ "1698790212473", "2023-10-31T22:10:12.473000Z", 0 }, { "1698790212473787", "2023-10-31T22:10:12.473787Z", 0 },
		{ "1698790212.473787913", "2023-10-31T22:10:12.473787Z", 913 },
		{ "1698790212473787913", "2023-10-31T22:10:12.473787Z", 913 }, { "1000000000", "2001-09-09T01:46:40.000000Z", 0 },
		{ "4102444799999", "2099-12-31T23:59:59.999000Z", 0 },
		{ "4102444800", NULL, 0 }, { "9698790212473", NULL, 0 }, { "0698790212", NULL, 0 }, { "169879021", NULL, 0 },
		{ "16987902124", NULL, 0 }, { "1698790212473.5", NULL, 0 }, { "1698790212.1234567891", NULL, 0 }, { "1698790212.", NULL, 0 },
		{ "-1698790212", NULL, 0 }, { "16987902124737879131234", NULL, 0 }, { "", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct instant_ns m;

		if (instant_ns_parse_epoch(&m, row[i].text) != (row[i].micros != NULL))
			fail_msg("%s", row[i].text);
		if (row[i].micros) {
			assert_string_equal(m.micros, row[i].micros);
			assert_int_equal(m.nanos, row[i].nanos);
		}
	}
}

static void a_time_is_written_as_it_was_read(void **state)
{
	static const char *const text[] = { "2023-10-31T22:10:12.473787913Z", "2023-10-31T22:10:12.473787003Z",
					    "2024-04-09T11:45:50.552204Z" };

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		char again[INSTANT_NS_LONG_TEXT];
		struct instant_ns m;

		assert_true(instant_ns_parse(&m, text[i], false, NULL));
		assert_string_equal(instant_ns_format(&m, again), text[i]);
	}
}

static void moments_are_ordered_to_the_nanosecond(void **state)
{
	struct instant_ns a, b;

	(void)state;
	assert_true(instant_ns_parse(&a, "2024-07-01T00:00:00.999999998Z", false, NULL));
	assert_true(instant_ns_parse(&b, "2024-07-01T00:00:00.999999999Z", false, NULL));
	assert_int_equal(instant_ns_cmp(&a, &b), -1);
	assert_int_equal(instant_ns_cmp(&b, &a), 1);
	assert_int_equal(instant_ns_cmp(&a, &a), 0);
	assert_true(instant_ns_parse(&b, "2023-07-01T00:00:01Z", false, NULL));
	assert_int_equal(instant_ns_cmp(&a, &b), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_keeps_its_nanoseconds_beside_its_microseconds),
		cmocka_unit_test(a_time_without_a_zone_is_refused_unless_allowed),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(an_epoch_is_read_by_how_many_digits_it_has),
		cmocka_unit_test(a_time_is_written_as_it_was_read),
		cmocka_unit_test(moments_are_ordered_to_the_nanosecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

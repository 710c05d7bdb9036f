/* How many rows the source says it has of each half hour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "curtailment/data_status.h"

static day_t day(const char *text)
{
	day_t d;

	assert_true(day_parse(text, &d));
	return d;
}

#define ROW(date, period, count) "{\"settlementDate\":" date ",\"settlementPeriod\":" period ",\"dataPointCount\":" count "}"
#define BODY(rows) "{\"metadata\":{\"datasets\":[\"ISPSTACK\"]},\"data\":[" rows "]}"

/* Of 2025-03-29 and -30, whose clock goes forward. */
static bool parse(const char *body, struct data_status days[2], struct oddities *odd, struct reason *why)
{
	why->text[0] = '\0';
	memset(days, 0, 2 * sizeof *days);
	*odd = (struct oddities)ODDITIES_INIT;
	return data_status_parse(body, strlen(body), day("2025-03-29"), day("2025-03-30"), days, odd, why);
}

static void the_path_names_both_days(void **state)
{
	struct buf path = BUF_INIT;

	(void)state;
	buf_adds(&path, "/");
	data_status_path(day("2025-03-29"), day("2025-03-30"), &path);
	assert_string_equal(path.data, "/data-status/ISPSTACK?settlementDateFrom=2025-03-29&settlementDateTo=2025-03-30&format=json");
	buf_release(&path);
}

static void counts_stand_at_their_half_hours_and_the_rest_is_unknown(void **state)
{
	static const char body[] = BODY(ROW("\"2025-03-29\"", "1", "1508") "," ROW("\"2025-03-29\"", "48", "0") ","
		ROW("\"2025-03-30\"", "46", "2147483647") ","
		/* days that were not asked for */
		ROW("\"2025-03-28\"", "3", "7") "," ROW("\"2025-03-31\"", "3", "7"));
	struct data_status days[2];
	struct oddities odd;
	struct reason why;

	(void)state;
	if (!parse(body, days, &odd, &why))
		fail_msg("%s", why.text);
	assert_int_equal(odd.odd, 0);
	assert_int_equal(odd.rows, 5);
	for (int d = 0; d < 2; d++)
		for (int p = 0; p <= MAX_PERIODS; p++)
			assert_int_equal(days[d].count[p], d == 0 && p == 1 ? 1508 : d == 0 && p == 48 ? 0 : d == 1 && p == 46 ? INT32_MAX : -1);
	oddities_release(&odd);
}

static void an_odd_row_costs_its_count_and_is_named(void **state)
{
#define GOOD ROW("\"2025-03-29\"", "1", "1508") "," ROW("\"2025-03-29\"", "2", "1508") ","
	static const struct { const char *body, *want; } row[] = {
		{ BODY(GOOD ROW("\"2025-03-30\"", "47", "5")), "row 3, field settlementPeriod: 47 is past range: the row is left out\n" },
		{ BODY(GOOD ROW("\"2025-03-30\"", "0", "5")), "row 3, field settlementPeriod: 0 is past range: the row is left out\n" },
		{ BODY(GOOD ROW("\"2025-03-30\"", "5", "-1")), "row 3, field dataPointCount: -1 is past range: the row is left out\n" },
		{ BODY(GOOD ROW("\"2025-03-30\"", "5", "2147483648")), "row 3, field dataPointCount: 2147483648 is past range: the row is left out\n" },
		{ BODY(GOOD ROW("\"30/03/2025\"", "5", "5")), "row 3, field settlementDate: 30/03/2025 is not a date: the row is left out\n" },
		{ BODY(GOOD ROW("7", "5", "5")), "row 3, field settlementDate: what stands there is not a date: the row is left out\n" },
		{ BODY(GOOD "[]"), "row 3, field settlementDate: what stands there is not a date: the row is left out\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct data_status days[2];
		struct oddities odd;
		struct reason why;

		if (!parse(row[i].body, days, &odd, &why))
			fail_msg("%s", why.text);
		assert_int_equal(odd.odd, 1);
		assert_string_equal(odd.text.data, row[i].want);
		assert_int_equal(days[0].count[2], 1508);
		for (int p = 0; p <= MAX_PERIODS; p++)
			assert_int_equal(days[1].count[p], -1);
		oddities_release(&odd);
	}
}

/* What was asked for is unknown then. */
static void another_answer_is_refused(void **state)
{
	static const struct { const char *body, *want; } row[] = {
		{ "<html>", "no JSON" }, { "[]", "an array, not a list of counts" }, { "{}", "an object, not a list of counts" },
		{ "{\"data\":{}}", "an object, not a list of counts" }, { "{\"data\":null}", "null, not a list of counts" },
		{ BODY(ROW("\"2025-03-29\"", "99", "5")), "row 1, field settlementPeriod: 99 is past range" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct data_status days[2];
		struct oddities odd;
		struct reason why;

		assert_false(parse(row[i].body, days, &odd, &why));
		if (!strstr(why.text, row[i].want))
			fail_msg("%s", why.text);
		assert_int_equal(days[0].count[1], -1);
		assert_int_equal(days[1].count[MAX_PERIODS], -1);
		oddities_release(&odd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_path_names_both_days),
		cmocka_unit_test(counts_stand_at_their_half_hours_and_the_rest_is_unknown),
		cmocka_unit_test(an_odd_row_costs_its_count_and_is_named),
		cmocka_unit_test(another_answer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

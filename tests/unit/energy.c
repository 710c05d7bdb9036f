/* Megawatt hours at the bounds of what can be written, added and stored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exact/energy.h"

#define MOST ((energy_t)(~(unsigned __int128)0 >> 1))
#define ZEROS30 "000000000000000000000000000000"
#define NINES30 "999999999999999999999999999999"

static void a_volume_is_read_as_it_is_written(void **state)
{
	static const struct { const char *text; int64_t nmwh; } row[] = {
		{ "+5", 5000000000 }, { "5.", 5000000000 }, { ".5", 500000000 }, { "-.5", -500000000 }, { "100.001", 100001000000 },
		{ "1002", 1002000000000 }, { "0010", 10000000000 }, { "1e+2", 100000000000 }, { "1e2", 100000000000 }, { "12e-1", 1200000000 },
		{ "0e400", 0 }, { "0e-400", 0 }, { "9e-9", 9 }, { "100000e-5", 1000000000 }, { "999999", 999999000000000 }, { "00000001", 1000000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why;
		energy_t energy;

		if (!energy_parse(row[i].text, &energy, &why))
			fail_msg("%s", why.text);
		if (energy_round(energy) != row[i].nmwh)
			fail_msg("%s: %lld", row[i].text, (long long)energy_round(energy));
	}
}

static void what_is_no_volume_is_refused_for_what_it_is(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "", "(nothing) is not a number" }, { "-", "- is not a number" }, { ".", ". is not a number" }, { "e5", "e5 is not a number" },
		{ "0e401", "0e401 is not a number that can be used" }, { "0e4000", "0e4000 is not a number that can be used" },
		{ "0e99999999999", "0e99999999999 is not a number that can be used" }, { "1e", "1e is not a number that can be used" },
		{ "1e-", "1e- is not a number that can be used" }, { "1e5x", "1e5x is not a number that can be used" },
		{ "1e5.", "1e5. is not a number that can be used" }, { "1e--5", "1e--5 is not a number that can be used" },
		{ "1000000", "1000000 is 1000000 MWh or more" }, { "1e6", "1e6 is 1000000 MWh or more" },
		{ "1e-31", "1e-31 has more than 30 decimals" }, { "0." NINES30 "9", "0." NINES30 "9 has more than 30 decimals" },
		/* 37 digits are read, whatever they make; 38 are not. */
		{ "1." NINES30 "999999", "1." NINES30 "999999 has more than 30 decimals" },
		{ "1." NINES30 "9999999", "1." NINES30 "9999999 has more digits than can be added exactly" },
		{ "1." ZEROS30 "0000009", "1." ZEROS30 "0000009 has more digits than can be added exactly" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };
		energy_t energy;

		assert_false(energy_parse(row[i].text, &energy, &why));
		assert_string_equal(why.text, row[i].want);
	}
}

/* To the last of 30 decimals, and zeros beyond them. */
static void every_decimal_counts(void **state)
{
	energy_t most, least;

	(void)state;
	assert_true(energy_parse("999999." NINES30 "000", &most, NULL));
	assert_true(energy_parse("1e-30", &least, NULL));
	assert_true(least == 1);
	assert_true(energy_parse("-0.000000000000000000000000000001", &least, NULL));
	assert_true(least == -1);
	assert_true(energy_parse("1e5", &least, NULL));
	assert_true(most == 10 * least - 1);
	assert_true(energy_parse("10000000000000000000000000e-25", &least, NULL));
	assert_int_equal(energy_round(least), 1000000000);
}

static void a_sum_stays_as_it_was_where_more_would_not_fit(void **state)
{
	energy_t sum = MOST - 5;

	(void)state;
	assert_false(energy_add_magnitude(&sum, 6));
	assert_false(energy_add_magnitude(&sum, -6));
	assert_true(sum == MOST - 5);
	assert_true(energy_add_magnitude(&sum, -5));
	assert_true(sum == MOST);
	assert_true(energy_add_magnitude(&sum, 0));
}

static void a_half_is_rounded_away_from_zero(void **state)
{
	static const struct { const char *text; int64_t nmwh; } row[] = {
		{ "0.0000000015", 2 }, { "0.00000000149999999999999999999", 1 }, { "-0.0000000015", -2 }, { "-0.0000000014", -1 }, { "0.0000000004", 0 },
	};
	energy_t energy;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_true(energy_parse(row[i].text, &energy, NULL));
		assert_int_equal(energy_round(energy), row[i].nmwh);
	}
}

static void stored_energy_is_read_within_its_bounds(void **state)
{
	static const struct { const char *text; int64_t nmwh; } good[] = {
		{ "0", 0 }, { "-5", -5000000000 }, { "1.5", 1500000000 }, { "5.", 5000000000 }, { ".5", 500000000 },
		{ "123456789.123456789", 123456789123456789 }, { "9223372036", INT64_C(9223372036000000000) }, { "9223372036.8547758", INT64_C(9223372036854775800) },
		{ "0.000000001", 1 },
		{ "-0.000000001", -1 },
	};
	static const char *const bad[] = {
		"", "-", ".", "+5", "1..2", "1.2.3", "1:", "1/", "9223372037", "9223372036.8547759",
		"1234567890.123456789", "0.0000000001", "--1",
	};
	int64_t nmwh;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(nmwh_parse(good[i].text, &nmwh));
		assert_int_equal(nmwh, good[i].nmwh);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (nmwh_parse(bad[i], &nmwh))
			fail_msg("%s was read", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_volume_is_read_as_it_is_written),
		cmocka_unit_test(what_is_no_volume_is_refused_for_what_it_is),
		cmocka_unit_test(every_decimal_counts),
		cmocka_unit_test(a_sum_stays_as_it_was_where_more_would_not_fit),
		cmocka_unit_test(a_half_is_rounded_away_from_zero),
		cmocka_unit_test(stored_energy_is_read_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

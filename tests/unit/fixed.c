/* Whole numbers that stand for numbers with decimals: what is read, to the bounds, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exact/fixed.h"

static void a_number_is_read_and_written_with_its_decimals(void **state)
{
	static const struct { const char *text; int decimals; const char *want; } row[] = {
		{ "3.125", 8, "3.12500000" }, { "0.5", 1, "0.5" }, { "007", 0, "7" }, { "5.000", 0, "5" }, { "1.5000000000", 1, "1.5" },
		{ "18446744073709551615", 0, "18446744073709551615" }, { "18446744073709551616", 0, "18446744073709551616" },
		{ "184467440737.09551617", 8, "184467440737.09551617" },
		{ "999999999999999999999999999999999999", 0, "999999999999999999999999999999999999" },
		{ "340000000000000000000000000000000000", 2, "340000000000000000000000000000000000.00" },
	};
	static const struct { const char *text; int decimals; const char *said; } bad[] = {
		{ "", 8, "(nothing) is not a positive number" }, { ".5", 8, "is not a positive" }, { "1..5", 8, "is not a positive" },
		{ "1.5.5", 8, "is not a positive" }, { "1.", 8, "is not a positive" }, { "-1", 8, "is not a positive" }, { "1e5", 8, "is not a positive" },
		{ "1.10568428300953E+14", 8, "1.10568428300953E+14 is not a positive number written out: an exponent" }, { "e5", 8, "is not" },
		{ "1.123456789", 8, "1.123456789 has more than 8 decimals" }, { "0.000", 8, "0.000 is not above zero" },
		{ "1000000000000000000000000000000000000", 0, "is too large" }, { "999999999999999999999999999999999999", 8, "is too large" },
	};
	unsigned __int128 value;
	struct reason why;
	char text[FIXED_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_true(fixed_parse(row[i].text, row[i].decimals, &value, &why));
		assert_string_equal(fixed_format(value, row[i].decimals, text), row[i].want);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (fixed_parse(bad[i].text, bad[i].decimals, &value, &why))
			fail_msg("%s is read", bad[i].text);
		if (!strstr(why.text, bad[i].said))
			fail_msg("'%s' does not say '%s'", why.text, bad[i].said);
	}
	assert_string_equal(fixed_format(0, 8, text), "0.00000000");
	assert_string_equal(fixed_format(~(unsigned __int128)0, 0, text), "340282366920938463463374607431768211455");
}

static void zeros_that_say_nothing_are_cut(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "13.500", "13.5" }, { "3050.000", "3050" }, { "0.000", "0" }, { "100", "100" }, { "0.001", "0.001" }, { "10.010", "10.01" },
	};
	char text[FIXED_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		strcpy(text, row[i].text);
		assert_string_equal(fixed_trim(text), row[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_read_and_written_with_its_decimals), cmocka_unit_test(zeros_that_say_nothing_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

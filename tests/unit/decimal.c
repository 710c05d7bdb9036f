#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "exact/decimal.h"

static struct decimal a, b, result;

static int begin(void **state)
{
	(void)state;
	decimal_init(&a);
	decimal_init(&b);
	decimal_init(&result);
	return 0;
}

static int end(void **state)
{
	(void)state;
	decimal_release(&a);
	decimal_release(&b);
	decimal_release(&result);
	return 0;
}

static void take(struct decimal *d, const char *text)
{
	struct reason why = { .text = "" };

	if (!decimal_parse_text(d, text, DECIMAL_EXPONENT, &why))
		fail_msg("%s: %s", text, why.text);
}

static void assert_reads(const struct decimal *d, enum decimal_zeros zeros, const char *want)
{
	struct buf text = BUF_INIT;

	decimal_write(d, zeros, &text);
	assert_string_equal(text.data, want);
	buf_release(&text);
}

static void every_digit_survives_reading_and_writing(void **state)
{
	static const struct { const char *text, *kept, *trimmed; } row[] = {
		{ "0", "0", "0" },
		{ "-0", "0", "0" },
		{ "-0.00", "0.00", "0" },
		{ "+1.50", "1.50", "1.5" },
		{ "007.0", "7.0", "7" },
		{ "-179.759999999999990905", "-179.759999999999990905", "-179.759999999999990905" },
		{ "0.004166666666666667", "0.004166666666666667", "0.004166666666666667" },
		{ "-0.05", "-0.05", "-0.05" },
		{ "100", "100", "100" },
		{ "100.00", "100.00", "100" },
		{ "2.77777777778e-07", "0.000000277777777778", "0.000000277777777778" },
		{ "2.70E-2", "0.0270", "0.027" },
		{ "1e3", "1000", "1000" },
		{ "-1.25e+1", "-12.5", "-12.5" },
		{ "1.5e1", "15", "15" },
		{ "0e400", "0", "0" },
		{ "340282366920938463463374607431768211456.1", "340282366920938463463374607431768211456.1",
		  "340282366920938463463374607431768211456.1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		take(&a, row[i].text);
		assert_reads(&a, DECIMAL_KEEP_ZEROS, row[i].kept);
		assert_reads(&a, DECIMAL_TRIM_ZEROS, row[i].trimmed);
	}
}

static void what_is_no_number_is_refused_and_changes_nothing(void **state)
{
	static const char *const row[] = {
		"", " ", "-", "+", ".", ".5", "5.", "1 ", " 1", "1,5", "1_000", "0x10", "1.2.3", "--1", "+-1",
		"NaN", "nan", "Infinity", "-inf", "1e", "1e+", "e5", "1e1.5", "1e401", "1e-401", "1e999999999",
		"1e99999999999999999999999999", "12abc", "\xd9\xa1", "1\n", "1e5x",
	};
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		take(&a, "42.5");
		why.text[0] = '\0';
		if (decimal_parse_text(&a, row[i], DECIMAL_EXPONENT, &why))
			fail_msg("\"%s\" was read", row[i]);
		assert_string_not_equal(why.text, "");
		assert_reads(&a, DECIMAL_KEEP_ZEROS, "42.5");
	}
	assert_false(decimal_parse(&a, "1\0" "2", 3, DECIMAL_PLAIN, &why));
}

static void an_exponent_is_refused_where_only_plain_numbers_are_read(void **state)
{
	struct reason why;

	(void)state;
	assert_false(decimal_parse_text(&a, "1e2", DECIMAL_PLAIN, &why));
	assert_non_null(strstr(why.text, "1e2"));
	assert_true(decimal_parse_text(&a, "100", DECIMAL_PLAIN, &why));
}

/* What stands behind the length is no part of the number. */
static void a_number_ends_where_its_length_says(void **state)
{
	static const struct { const char *text; size_t len; const char *want; } row[] = {
		{ "123", 2, "12" }, { "1.5", 1, "1" }, { "1.55", 3, "1.5" }, { "1e5", 1, "1" }, { "1E5", 1, "1" }, { "1e55", 3, "100000" },
	};
	struct decimal d;
	struct reason why;

	(void)state;
	decimal_init(&d);
	assert_reads(&d, DECIMAL_KEEP_ZEROS, "0");
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_true(decimal_parse(&d, row[i].text, row[i].len, DECIMAL_EXPONENT, &why));
		assert_reads(&d, DECIMAL_KEEP_ZEROS, row[i].want);
	}
	assert_false(decimal_parse_text(&d, "1e4000", DECIMAL_EXPONENT, &why));
	assert_non_null(strstr(why.text, "has an exponent past range"));
	assert_true(decimal_parse_text(&d, "1e-400", DECIMAL_EXPONENT, &why));
	decimal_release(&d);
}

static void a_text_is_read_up_to_a_thousand_bytes(void **state)
{
	char text[DECIMAL_MAX_TEXT + 2];

	(void)state;
	memset(text, '9', sizeof text);
	text[DECIMAL_MAX_TEXT + 1] = '\0';
	assert_false(decimal_parse_text(&a, text, DECIMAL_PLAIN, NULL));
	text[DECIMAL_MAX_TEXT] = '\0';
	assert_true(decimal_parse_text(&a, text, DECIMAL_PLAIN, NULL));
	assert_reads(&a, DECIMAL_TRIM_ZEROS, text);
	memcpy(text + 500, "e400", 5);
	assert_true(decimal_parse_text(&a, text, DECIMAL_EXPONENT, NULL));
}

/* Figures by Python's decimal module, 3,000 digits of precision. */
static void sums_differences_and_products_are_exact(void **state)
{
	static const struct { const char *a, *b, *sum, *difference, *product; } row[] = {
		{ "-10.166666666666666075", "-179.759999999999990905", "-189.926666666666656980",
		  "169.593333333333324830", "1827.559999999999801176166666666672047875" },
		{ "123456789.987654321", "-0.000000001", "123456789.987654320",
		  "123456789.987654322", "-0.123456789987654321" },
		{ "0.1", "0.2", "0.3", "-0.1", "0.02" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		take(&a, row[i].a);
		take(&b, row[i].b);
		decimal_add(&result, &a, &b);
		assert_reads(&result, DECIMAL_KEEP_ZEROS, row[i].sum);
		decimal_sub(&result, &a, &b);
		assert_reads(&result, DECIMAL_KEEP_ZEROS, row[i].difference);
		decimal_mul(&result, &a, &b);
		assert_reads(&result, DECIMAL_KEEP_ZEROS, row[i].product);
	}
}

static void a_destination_may_be_an_operand(void **state)
{
	(void)state;
	take(&a, "1.5");
	decimal_add(&a, &a, &a);
	assert_reads(&a, DECIMAL_KEEP_ZEROS, "3.0");
	decimal_mul(&a, &a, &a);
	assert_reads(&a, DECIMAL_KEEP_ZEROS, "9.00");
	decimal_sub(&a, &a, &a);
	assert_reads(&a, DECIMAL_KEEP_ZEROS, "0.00");
	take(&a, "-7");
	assert_true(decimal_div(&a, &a, &a, 1));
	assert_reads(&a, DECIMAL_KEEP_ZEROS, "1.0");
	decimal_neg(&a, &a);
	assert_reads(&a, DECIMAL_KEEP_ZEROS, "-1.0");
	decimal_abs(&a, &a);
	assert_reads(&a, DECIMAL_KEEP_ZEROS, "1.0");
	take(&a, "2.345");
	decimal_round(&a, &a, 2);
	assert_reads(&a, DECIMAL_KEEP_ZEROS, "2.35");
}

/* Figures by Python's decimal module, ROUND_HALF_UP (which is half away from zero). */
static void quotients_round_half_away_from_zero(void **state)
{
	static const struct { const char *a, *b; long places; const char *want; } row[] = {
		{ "1", "3", 8, "0.33333333" },
		{ "2", "3", 8, "0.66666667" },
		{ "-2", "3", 8, "-0.66666667" },
		{ "1", "8", 2, "0.13" },
		{ "-1", "8", 2, "-0.13" },
		{ "10", "4", 0, "3" },
		{ "7", "-2", 0, "-4" },
		{ "1", "0.0003", 3, "3333.333" },
		{ "0.000015", "1", 5, "0.00002" },
		{ "123456.789", "0.0000001", 2, "1234567890000.00" },
		{ "0", "5", 2, "0.00" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		take(&a, row[i].a);
		take(&b, row[i].b);
		assert_true(decimal_div(&result, &a, &b, row[i].places));
		assert_reads(&result, DECIMAL_KEEP_ZEROS, row[i].want);
	}
}

static void division_by_zero_is_refused(void **state)
{
	(void)state;
	take(&a, "1");
	take(&b, "-0.00");
	assert_false(decimal_div(&result, &a, &b, 8));
}

static void rounding_is_half_away_from_zero_at_any_place(void **state)
{
	static const struct { const char *text; long places; const char *want; } row[] = {
		{ "0.5", 0, "1" }, { "-0.5", 0, "-1" }, { "0.49999999999999999999", 0, "0" },
		{ "1.005", 2, "1.01" }, { "-1.005", 2, "-1.01" }, { "1.0049999", 2, "1.00" },
		{ "0.0000000005", 9, "0.000000001" }, { "0.0000000004999", 9, "0.000000000" },
		{ "9.995", 2, "10.00" }, { "1.5", 3, "1.5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		take(&a, row[i].text);
		decimal_round(&result, &a, row[i].places);
		assert_reads(&result, DECIMAL_KEEP_ZEROS, row[i].want);
	}
}

static void values_are_compared_and_not_digits(void **state)
{
	static const struct { const char *a, *b; int want; } row[] = {
		{ "1.5", "1.50", 0 }, { "-0", "0.000", 0 }, { "1.5", "1.51", -1 }, { "-1.5", "-1.51", 1 },
		{ "10", "9.999999999999999999999999", 1 }, { "1e3", "1000", 0 }, { "-1", "1", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		take(&a, row[i].a);
		take(&b, row[i].b);
		assert_int_equal(decimal_cmp(&a, &b), row[i].want);
		assert_int_equal(decimal_cmp(&b, &a), -row[i].want);
	}
	take(&a, "-1.50");
	assert_int_equal(decimal_cmp_int(&a, -15, 1), 0);
	assert_int_equal(decimal_cmp_int(&a, -151, 2), 1);
	assert_int_equal(decimal_cmp_int(&a, -1, 0), -1);
	take(&a, "-0.00");
	assert_int_equal(decimal_sign(&a), 0);
	take(&a, "-0.01");
	assert_int_equal(decimal_sign(&a), -1);
}

static void what_a_comparison_lets_pass_has_no_sign_and_is_added_up(void **state)
{
	(void)state;
	take(&a, "1.5");
	take(&b, "-0.25");
	decimal_apart(&result, &a, &b);
	assert_reads(&result, DECIMAL_KEEP_ZEROS, "1.75");
	decimal_apart(&result, &b, &a);
	assert_reads(&result, DECIMAL_KEEP_ZEROS, "1.75");
	decimal_apart(&a, &a, &a);
	assert_int_equal(decimal_sign(&a), 0);
	take(&result, "0");
	decimal_add_share(&result, 2, 3, &b);
	assert_reads(&result, DECIMAL_KEEP_ZEROS, "0.00050");
	decimal_add_int(&result, 3, 2);
	assert_reads(&result, DECIMAL_KEEP_ZEROS, "0.03050");
}

/* Against plain 128-bit integers, which need no library. */
static void random_figures_agree_with_integer_arithmetic(void **state)
{
	uint64_t seed = 20220101;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int64_t n[2], product;
		__int128 quotient, doubled;

		for (int k = 0; k < 2; k++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			n[k] = (int64_t)(seed >> 24) % 2000000000 - 1000000000;
		}
		if (n[1] == 0)
			continue;
		decimal_set_int(&a, n[0], 6);
		decimal_set_int(&b, n[1], 3);
		product = n[0] * n[1];
		decimal_mul(&result, &a, &b);
		assert_int_equal(result.scale, 9);
		assert_int_equal(mpz_get_si(result.unscaled), product);
		/* n0/10^6 : n1/10^3, in units of 10^-8, is n0 * 10^5 : n1; twice that tells the half. */
		doubled = (__int128)n[0] * 200000 / n[1];
		quotient = (doubled + (doubled < 0 ? -1 : 1)) / 2;
		assert_true(decimal_div(&result, &a, &b, 8));
		assert_true(mpz_get_si(result.unscaled) == (long)quotient);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_digit_survives_reading_and_writing, begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_number_is_refused_and_changes_nothing, begin, end),
		cmocka_unit_test_setup_teardown(an_exponent_is_refused_where_only_plain_numbers_are_read, begin, end),
		cmocka_unit_test(a_number_ends_where_its_length_says),
		cmocka_unit_test_setup_teardown(a_text_is_read_up_to_a_thousand_bytes, begin, end),
		cmocka_unit_test_setup_teardown(sums_differences_and_products_are_exact, begin, end),
		cmocka_unit_test_setup_teardown(a_destination_may_be_an_operand, begin, end),
		cmocka_unit_test_setup_teardown(quotients_round_half_away_from_zero, begin, end),
		cmocka_unit_test_setup_teardown(division_by_zero_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(rounding_is_half_away_from_zero_at_any_place, begin, end),
		cmocka_unit_test_setup_teardown(values_are_compared_and_not_digits, begin, end),
		cmocka_unit_test_setup_teardown(what_a_comparison_lets_pass_has_no_sign_and_is_added_up, begin, end),
		cmocka_unit_test_setup_teardown(random_figures_agree_with_integer_arithmetic, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

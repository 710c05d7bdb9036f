#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "exact/amount.h"

static void is_read_as(const char *sent, enum amount_marks marks, const char *value)
{
	struct decimal d, want;
	struct reason why = { .text = "" };

	decimal_init(&d);
	decimal_init(&want);
	if (!amount_parse(sent, marks, &d, &why))
		fail_msg("%s", why.text);
	assert_true(decimal_parse_text(&want, value, DECIMAL_PLAIN, NULL));
	if (decimal_cmp(&d, &want) != 0)
		fail_msg("%s is not %s", sent, value);
	decimal_release(&d);
	decimal_release(&want);
}

static void is_refused(const char *sent, enum amount_marks marks, const char *words)
{
	struct decimal d;
	struct reason why = { .text = "" };

	decimal_init(&d);
	decimal_set_int(&d, 7, 0);
	if (amount_parse(sent, marks, &d, &why))
		fail_msg("'%s' is taken", sent);
	if (!strstr(why.text, words))
		fail_msg("'%s': '%s' does not say '%s'", sent, why.text, words);
	assert_int_equal(mpz_cmp_ui(d.unscaled, 7), 0);
	decimal_release(&d);
}

static void signs_codes_blanks_parentheses_groups_and_exponents_are_read(void **state)
{
	static const struct { const char *sent, *value; } row[] = {
		{ "12.50", "12.50" }, { "$1,234.56", "1234.56" }, { "-€5.00", "-5.00" }, { "€-5.00", "-5.00" },
		{ "($500.00)", "-500.00" }, { "(£0.50)", "-0.50" }, { "£0.020000", "0.020000" }, { "1,234,567", "1234567" },
		{ "CA$7.1", "7.1" }, { "US$1,000.5", "1000.5" }, { "249.73 USD", "249.73" }, { "USD 249.73", "249.73" },
		{ "12.5€", "12.5" }, { " $12.50 ", "12.50" }, { "\xc2\xa0€12.50\xc2\xa0", "12.50" }, { "€\xe2\x80\xaf" "7.5", "7.5" },
		{ "$ -3.5", "-3.5" }, { "\xe2\x88\x92" "3.5", "-3.5" }, { "+3.5", "3.5" }, { "1 234.56", "1234.56" },
		{ "1\xe2\x80\x89" "234\xe2\x80\x89" "567.5", "1234567.5" }, { "1'234.56", "1234.56" }, { "1 000", "1000" },
		{ "7.655e-9", "0.000000007655" }, { "-5.0E-7", "-0.00000050" }, { "1e5", "100000" }, { "1.5e+3", "1500" },
		{ "$1.0e-08", "0.000000010" }, { "12,345,678.9", "12345678.9" }, { "R$ 5.00", "5.00" }, { "¥1200", "1200" },
		{ "123,456.78", "123456.78" }, { "999,999,999", "999999999" }, { "1,234,567e2", "123456700" },
		{ "1.250", "1.250" }, { "$1.250", "1.250" }, { "0.125", "0.125" }, { "0", "0" }, { "00.5", "0.5" }, { "₿0.5", "0.5" }, { "Ξ-1.5", "-1.5" },
		{ "7.50 руб", "7.50" }, { "₹1,234.5", "1234.5" }, { "￡3", "3" },
		{ "฿5", "5" }, { "֏5", "5" }, { "ZEC 1.5", "1.5" }, { "\t12.5\t", "12.5" }, { "ABCDEFGH5", "5" },
		/* names with small letters, before and behind */
		{ "kr100.00", "100" }, { "kr 1,234.50", "1234.5" }, { "-kr.5", "-5" }, { "100.00 kr", "100" }, { "100.00 kr.", "100" },
		{ "Kč16233.43638", "16233.43638" }, { "-Kč24741.93908", "-24741.93908" }, { "zł7.5", "7.5" }, { "7.50 zł", "7.5" },
		{ "Ft1,200.5", "1200.5" }, { "1 200 Ft", "1200" }, { "lei12.5", "12.5" }, { "12.5 lei", "12.5" }, { "Fr.5.10", "5.1" }, { "Fr 5.10", "5.1" },
		{ "Rp100", "100" }, { "S/100.5", "100.5" }, { "S/.100.5", "100.5" }, { "Rs. 5", "5" }, { "5.5 лв.", "5.5" }, { "د.إ12.5", "12.5" },
		{ ".5", "0.5" }, { "$.50", "0.50" }, { "-.000123", "-0.000123" }, { "(.5 BTC)", "-0.5" }, { ".5e-3", "0.0005" },
		{ "(kr5.5)", "-5.5" }, { "kr-5.5", "-5.5" },
		/* as Latin-1 and Windows have the pound and the euro */
		{ "\xa3" "5.10", "5.10" }, { "-\x80" "5.10", "-5.10" }, { "5.10 \x80", "5.10" }, { "\xa5" "1200", "1200" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		is_read_as(row[i].sent, AMOUNT_UNSETTLED, row[i].value);
}

static void a_decimal_comma_is_refused_and_never_a_thousandfold(void **state)
{
	static const char *const row[] = {
		"0,125", "€90000,00", "1.234,56", "€1.234.567,5", "1 234,56", "1\xc2\xa0" "234,56", "12,5", "1,23", "12,3456",
		"-0,5", "(0,5)", "kr0,5", "0,5 zł", "1.234,56 lei", "00,125", "1'234,56", "0,001", "1234,567",
		"1 234,567", "12'345,678", "1.234,567", "1,23.5", "1,2345.6",
		/* Nobody groups the digits before an exponent. */
		"1,250E+03", "-1,250e3", "$1,000e-7",
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		for (int marks = AMOUNT_UNSETTLED; marks <= AMOUNT_COMMA; marks++)
			is_refused(row[i], (enum amount_marks)marks, "decimal comma");
}

static void what_a_spreadsheet_shows_of_more_digits_is_refused(void **state)
{
	static const char *const shown[] = {
		"1.23E-05", "-1.23E+06", "1.50E-05", "1.01E-05", "1.00001E-05", "1.23457E+11", "1.23457E-05",
		"$1.23E-05", "1.23E-05 BTC", "USDE 1.23E-05", "12.35E-06", "0.12E-04",
	};
	/* Those of programs have a small letter or no zero before one digit; a spreadsheet may have room for all digits; and
	 * what is round has no more. */
	static const struct { const char *sent, *value; } whole[] = {
		{ "1.23e-05", "0.0000123" }, { "1.23E-5", "0.0000123" }, { "1.2E-05", "0.000012" }, { "1E-05", "0.00001" },
		{ "1.234E-05", "0.00001234" }, { "1.2346E-05", "0.000012346" }, { "1.234567E-05", "0.00001234567" },
		{ "123E-05", "0.00123" }, { "12345E-05", "0.12345" }, { "1.23E05", "123000" }, { "1.23 EUR", "1.23" }, { "1.25E+3", "1250" },
		{ "1.00E-05", "0.00001" }, { "-5.00000E-07", "-0.0000005" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		for (int marks = AMOUNT_UNSETTLED; marks <= AMOUNT_COMMA; marks++)
			is_refused(shown[i], (enum amount_marks)marks, "what a spreadsheet shows of a number");
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		is_read_as(whole[i].sent, AMOUNT_POINT, whole[i].value);
}

static void what_may_be_either_is_settled_by_the_rest_of_the_file(void **state)
{
	(void)state;
	is_refused("1,250", AMOUNT_UNSETTLED, "does not show which");
	is_refused("kr1,250", AMOUNT_UNSETTLED, "does not show which");
	is_refused("€1,250", AMOUNT_COMMA, "does not show which");
	is_refused("1.250", AMOUNT_COMMA, "does not show which");
	is_refused("$999.001", AMOUNT_COMMA, "does not show which");
	is_read_as("1,250", AMOUNT_POINT, "1250");
	is_read_as("1.250", AMOUNT_POINT, "1.250");
	is_read_as("1.25", AMOUNT_COMMA, "1.25");
	is_read_as("0.125", AMOUNT_COMMA, "0.125");
	is_read_as(".125", AMOUNT_COMMA, "0.125");
	is_read_as("1,250,000", AMOUNT_COMMA, "1250000");
	is_read_as("1,250.5", AMOUNT_COMMA, "1250.5");
	is_read_as("1.1e3", AMOUNT_COMMA, "1100");
	is_read_as("$1.250e3", AMOUNT_COMMA, "1250");
	assert_int_equal(amount_proves("0,125"), AMOUNT_COMMA);
	assert_int_equal(amount_proves("1.234,56"), AMOUNT_COMMA);
	assert_int_equal(amount_proves("1 234,567"), AMOUNT_COMMA);
	assert_int_equal(amount_proves("1,250E+03"), AMOUNT_COMMA);
	assert_int_equal(amount_proves("1,250"), AMOUNT_UNSETTLED);
	/* What is no amount proves nothing. */
	assert_int_equal(amount_proves("1,234.5.6"), AMOUNT_UNSETTLED);
	assert_int_equal(amount_proves("0.123 456"), AMOUNT_UNSETTLED);
	assert_int_equal(amount_proves("1 23.5"), AMOUNT_UNSETTLED);
	assert_int_equal(amount_proves("1.250"), AMOUNT_UNSETTLED);
	assert_int_equal(amount_proves("€12.5"), AMOUNT_POINT);
	assert_int_equal(amount_proves("1,234.56"), AMOUNT_POINT);
	assert_int_equal(amount_proves("12"), AMOUNT_UNSETTLED);
	assert_int_equal(amount_proves("Send"), AMOUNT_UNSETTLED);
}

/* Each was once taken for a sign of some currency, and the rest for the amount: –5 was 5, and ½5 too. */
static void what_looks_like_a_minus_or_a_digit_is_no_currency(void **state)
{
	static const char *const row[] = {
		"–5.00", "—5.00", "‐5.00", "‑5.00", "‒5.00", "―5.00", "－5.00", "﹣5.00", "5.00–", "€–5.00", "–€5.00", "(–5.00)",
		"１5", "5１", "١5", "٥5", "۵5", "५5", "½5", "5½", "²5", "5²", "①5", "×5", "÷5", "~5", "≈5", "±5", "∞5", "…5", "5…", "％5", "5°",
		"\xf5" "5", "5\xff", "\xe2\x82" "5", "\xb9" "5", "\xe2\x80\x8b" "5", "\xef\xbb\xbf" "5", "😀5",
		/* its last bytes are signs of Windows-1252 */
		"\xf0\xa3\xa4\xa5" "5",
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		is_refused(row[i], AMOUNT_POINT, "is not an amount");
}

static void what_is_no_amount_is_refused(void **state)
{
	static const char *const row[] = {
		"", "$", "1,234,56", "1.2.3", "five", "$1,234,", "0x10", "--5", "-(5)", "(-5)", "(5", "5)", ",123", ".", "$.", ".e5", "..5", ".5.5", "1 .5", ",.5", "5.", "1e", "1e-",
		"NaN", "Infinity", "12%", "1 00", "1 2345", "1,234 567", "5 X", "12 dollars", "1,2345,678", "USD", "1-2", "1..2",
		"2025-01-02", "1.234.567", "1,23,456", "12,34,567", "1 23 456", "1 23.5", "1.234,567,890", "0.123 456", "1.234 567", "ABCDEFGHI5",
		"1,234.5.6", "1''000", "kron5", "krk5", "5 krona", "zlot5", "5 leis", "5 k", "5 ft", "Frank5", "kr", "lei ", "kr kr5",
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		is_refused(row[i], AMOUNT_POINT, *row[i] ? "'" : "");
}

/* A hundred characters are the bound: of 99 each counts, and the hundredth is not left out. */
static void what_is_longer_than_any_amount_is_refused(void **state)
{
	char text[2100], plain[101];
	static const char *const shape[] = { "$1,234", "$1.", "$1e", "$." };

	(void)state;
	for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
		size_t len = strlen(shape[i]);

		memcpy(text, shape[i], len);
		memset(text + len, '1', sizeof text - len);
		text[sizeof text - 1] = '\0';
		is_refused(text, AMOUNT_POINT, "is not an amount");
	}
	is_refused("$1e99999999", AMOUNT_POINT, "1e99999999");
	memset(plain, '7', 100);
	plain[99] = '\0';
	snprintf(text, sizeof text, "$%s", plain);
	is_read_as(text, AMOUNT_POINT, plain);
	plain[99] = '7';
	plain[100] = '\0';
	snprintf(text, sizeof text, "$%s", plain);
	is_refused(text, AMOUNT_POINT, "is not an amount");
}

static void a_currency_is_named_by_its_code_or_by_the_sign_of_one(void **state)
{
	static const struct { const char *text, *code; } row[] = {
		{ "", "" }, { "12.50", "" }, { "-12.50", "" }, { "$12.50", "" }, { "CA$7.10", "" }, { "A$7.10 AUD", "AUD" }, { "kr5", "" },
		{ "249.73 USD", "USD" }, { "USD 249.73", "USD" }, { "5 USDC", "USDC" }, { "0.5 ZZZ", "ZZZ" }, { "AAA5", "AAA" }, { "ABCDEFGH5", "ABCDEFGH" },
		/* the digits are those of the amount, whatever stands before the code */
		{ "USD249.73", "USD" }, { "-USD249.73", "USD" }, { "(USD249.73)", "USD" }, { " USD249.73", "USD" },
		/* an exponent's letter belongs to the number, and the first letter of EUR does not */
		{ "5E-7", "" }, { "5E7 BTC", "BTC" }, { "-1.5E+3USD", "USD" }, { "5EUR", "EUR" }, { "5ETH", "ETH" },
		{ "€5", "EUR" }, { "5.10 €", "EUR" }, { "-£5", "GBP" }, { "£5", "GBP" }, { "5.10 \x80", "EUR" }, { "\xa3" "5", "GBP" },
		/* bytes of others */
		{ "₀5", "" }, { "5 À", "" }, { "£", "GBP" }, { "ã5", "" }, { "¥5", "" }, { "₹5", "" },
		{ "5 ABCDEFGHIJK", "ABCDEFGHIJK" }, { "5 ABCDEFGHIJKL", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char code[AMOUNT_CODE];

		memset(code, '?', sizeof code);
		amount_currency(row[i].text, code);
		assert_string_equal(code, row[i].code);
	}
}

static void an_amount_with_a_decimal_comma_is_read_where_it_is_known_to_have_one(void **state)
{
	static const struct { const char *sent, *value; } row[] = {
		{ "1,250", "1.250" }, { "0,00093652", "0.00093652" }, { "1.250,75 €", "1250.75" }, { "1.250", "1250" }, { "5", "5" },
		{ "-1 250,5", "-1250.5" }, { "2,5e-3", "0.0025" },
	};
	static const char *const refused[] = { "1.25", "1,250.5", "", "some" };
	struct decimal d, want;
	struct reason why;
	char text[300];

	(void)state;
	decimal_init(&d);
	decimal_init(&want);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_true(amount_parse_comma(row[i].sent, &d, NULL));
		assert_true(decimal_parse_text(&want, row[i].value, DECIMAL_PLAIN, NULL));
		assert_int_equal(decimal_cmp(&d, &want), 0);
	}
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		assert_false(amount_parse_comma(refused[i], &d, &why));
		assert_non_null(strstr(why.text, "decimal comma"));
	}
	memset(text, '1', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_false(amount_parse_comma(text, &d, NULL));
	decimal_release(&d);
	decimal_release(&want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_codes_blanks_parentheses_groups_and_exponents_are_read),
		cmocka_unit_test(a_currency_is_named_by_its_code_or_by_the_sign_of_one),
		cmocka_unit_test(what_is_longer_than_any_amount_is_refused),
		cmocka_unit_test(a_decimal_comma_is_refused_and_never_a_thousandfold),
		cmocka_unit_test(what_a_spreadsheet_shows_of_more_digits_is_refused),
		cmocka_unit_test(what_may_be_either_is_settled_by_the_rest_of_the_file),
		cmocka_unit_test(what_looks_like_a_minus_or_a_digit_is_no_currency),
		cmocka_unit_test(what_is_no_amount_is_refused),
		cmocka_unit_test(an_amount_with_a_decimal_comma_is_read_where_it_is_known_to_have_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

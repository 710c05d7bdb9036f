#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coinbase/coinbase.h"
#include "coinbase/csv_habits.h"

static const char header[] = "Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,"
			     "Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes\n";

static void add_row(struct buf *text, const char *quantity, const char *money, const char *note)
{
	buf_addf(text, "2024-01-01T00:00:00Z,Buy,BTC,%s,USD,\"%s\",\"$1.00\",\"$1.00\",0,%s\n", quantity, money, note);
}

static enum amount_marks marks_of(const struct buf *text)
{
	return coinbase_habits_find(text->data, text->len).marks;
}

/* The rows after the first that proves a point are not taken apart; what they prove must be seen all the same. */
static void a_decimal_comma_is_seen_wherever_it_stands(void **state)
{
	static const char *const amount[] = {
		"$1,234.56", "1,250", "1,25", "1.234,56", "1 234,56", "1 234,567", "1,234,567.89", "-$1,234", "\xe2\x82\xac" "1,5", "1,5 EUR",
		"12,34,567", "1,234,5", "0,5", "0,500", "1'234,50", "($1,234.50)", "1,234.5,6", "CA$12,345.00", "12.345.678,90", "1,2345", "1,2345.6", "1,23.5",
	};
	static const char *const note[] = { "plain", "\"Bought, for 1,5\"", "\"say \"\"1,250\"\"\"", "\"\"", "\"a\nb, c\"" };
	enum { TRIES = 3000 };

	(void)state;
	srand(7);
	for (int i = 0; i < TRIES; i++) {
		bool comma = false;
		struct buf text = BUF_INIT;
		int rows = rand() % 6;

		buf_adds(&text, header);
		add_row(&text, "0.12345678", "$1.00", "plain");
		for (int k = 0; k < rows; k++) {
			const char *money = amount[(size_t)rand() % (sizeof amount / sizeof *amount)];

			comma |= amount_proves(money) == AMOUNT_COMMA;
			add_row(&text, "1", money, note[(size_t)rand() % (sizeof note / sizeof *note)]);
		}
		if (marks_of(&text) != (comma ? AMOUNT_COMMA : AMOUNT_POINT))
			fail_msg("try %d: %s", i, text.data);
		buf_release(&text);
	}
}

/* Every text of up to five of these, by itself and with a currency before it or behind it. */
static void no_text_of_digits_and_marks_hides_a_decimal_comma(void **state)
{
	static const char *const part[] = { "1", "192", "0", ",", ".", " " };
	enum { PARTS = sizeof part / sizeof *part };
	struct buf text = BUF_INIT;

	(void)state;
	for (int n = 1, all = PARTS; n <= 5; n++, all *= PARTS)
		for (int which = 0; which < all; which++) {
			static const char *const shape[] = { "%s", "\xe2\x82\xac%s", "%s EUR" };
			char digits[24] = "";

			for (int k = 0, rest = which; k < n; k++, rest /= PARTS)
				strcat(digits, part[rest % PARTS]);
			for (size_t k = 0; k < sizeof shape / sizeof *shape; k++) {
				char money[32];

				snprintf(money, sizeof money, shape[k], digits);
				buf_clear(&text);
				buf_adds(&text, header);
				add_row(&text, "0.12345678", "$1.00", "plain");
				add_row(&text, "1", money, "plain");
				if (marks_of(&text) != (amount_proves(money) == AMOUNT_COMMA ? AMOUNT_COMMA : AMOUNT_POINT))
					fail_msg("%s", money);
			}
		}
	buf_release(&text);
}

static void the_order_of_dates_is_learned_from_every_row(void **state)
{
	static const char text[] = "Timestamp,Transaction Type,Asset,Quantity Transacted,EUR Spot Price at Transaction,"
				   "EUR Amount Transacted (Inclusive of Coinbase Fees),Address,Notes\n"
				   "01/02/2018,Buy,BTC,0.12345678,1.00,1.00,,\n01/02/2018,Buy,BTC,0.12345678,1.00,\"1.00\",,\n%s,Buy,BTC,1,1.00,1.00,,\n";
	static const struct { const char *date; enum date_order order; } row[] = {
		{ "25/12/2018", DATES_DAY_FIRST }, { "12/25/2018", DATES_MONTH_FIRST }, { "11/12/2018", DATES_UNSETTLED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf made = BUF_INIT;

		buf_addf(&made, text, row[i].date);
		assert_int_equal(coinbase_habits_find(made.data, made.len).dates, row[i].order);
		buf_release(&made);
	}
}

/* A date as a file with these habits has it: the time, or the reason. */
static void is_time(enum date_order dates, const char *text, const char *want)
{
	const struct export_habits habits = { AMOUNT_POINT, dates };
	struct instant_ns t;
	struct reason why = { .text = "" };
	char got[COINBASE_TIME];

	if (coinbase_habits_time(&habits, text, &t, &why))
		assert_string_equal(coinbase_time_format(&t, got), want);
	else if (!strstr(why.text, want))
		fail_msg("%s: '%s' does not say '%s'", text, why.text, want);
}

static void a_date_is_read_as_the_file_has_it(void **state)
{
	(void)state;
	is_time(DATES_DAY_FIRST, "01/02/2018", "2018-02-01T00:00:00Z");
	is_time(DATES_MONTH_FIRST, "01/02/2018", "2018-01-02T00:00:00Z");
	is_time(DATES_DAY_FIRST, "25/12/2018", "2018-12-25T00:00:00Z");
	is_time(DATES_DAY_FIRST, "05/12/2018", "2018-12-05T00:00:00Z");
	is_time(DATES_DAY_FIRST, "12/05/2018", "2018-05-12T00:00:00Z");
	is_time(DATES_MONTH_FIRST, "05/12/2018", "2018-05-12T00:00:00Z");
	is_time(DATES_MONTH_FIRST, "12/05/2018", "2018-12-05T00:00:00Z");
	is_time(DATES_UNSETTLED, "05/05/2018", "2018-05-05T00:00:00Z");
	is_time(DATES_UNSETTLED, "05/06/2018", "05/06/2018: no date of the file shows");
	is_time(DATES_CONTRADICT, "05/06/2018", "05/06/2018: some dates of the file");
	/* What can be read in one way only needs no other date. */
	is_time(DATES_CONTRADICT, "05/05/2018", "2018-05-05T00:00:00Z");
	is_time(DATES_CONTRADICT, "25/12/2018", "2018-12-25T00:00:00Z");
	is_time(DATES_CONTRADICT, "12/25/2018", "2018-12-25T00:00:00Z");
	is_time(DATES_CONTRADICT, "12/11/2018", "12/11/2018: some dates of the file");
	is_time(DATES_CONTRADICT, "11/12/2018", "11/12/2018: some dates of the file");
	is_time(DATES_CONTRADICT, "13/13/2018", "13/13/2018 is not a date");
	is_time(DATES_DAY_FIRST, "31/02/2018", "31/02/2018 is not a date");
	is_time(DATES_UNSETTLED, "2018-02-01", "2018-02-01T00:00:00Z");
	is_time(DATES_UNSETTLED, "2018-02-30", "'2018-02-30' is not a date");
	is_time(DATES_UNSETTLED, "2018-02-01T03:04:05Z", "2018-02-01T03:04:05Z");
	is_time(DATES_UNSETTLED, "2018-02-1", "2018-02-1\" is not a time");
	is_time(DATES_UNSETTLED, "10:20-30 xx", "10:20-30 xx");
	is_time(DATES_DAY_FIRST, "1/2/2018/", "1/2/2018/");
	is_time(DATES_UNSETTLED, "2021-01-02 03:04:05 +0000 UTC", "2021-01-02T03:04:05Z");
	is_time(DATES_UNSETTLED, "2014-01-02 03:04:05 -0800", "2014-01-02T11:04:05Z");
	is_time(DATES_UNSETTLED, "2014-01-02 03:04:05 -0800 PST", "is not a time");
}

/* As Excel and Numbers save them in the United States and in Germany; the zone is gone from all of them, and from some the seconds. */
static void a_time_that_a_spreadsheet_rewrote_is_refused_as_such(void **state)
{
	static const char *const rewritten[] = {
		"01/18/2025 14:53:48", "18/01/2025 14:53", "1/18/25 14:53", "18.01.2025 14:53", "2025-01-18 02:53:48 PM", "2025-01-18 02:53:48 PM UTC",
		"Jan 18, 2025, 02:53 PM UTC", "45675.6207", "45675,6207", "45675", "2025/01/18 14:53:48",
	};
	static const char *const other[] = { "2025-01-18 14:53:48", "2025-01-18T24:00:00Z", "1737211728", "yesterday", "" };
	const struct export_habits habits = { AMOUNT_POINT, DATES_UNSETTLED };
	struct instant_ns t;
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof rewritten / sizeof *rewritten; i++)
		is_time(DATES_UNSETTLED, rewritten[i], "; a spreadsheet has rewritten it: take the file as the exchange gave it");
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		assert_false(coinbase_habits_time(&habits, other[i], &t, &why));
		assert_null(strstr(why.text, "spreadsheet"));
	}
}

static void is_marked(const char *text, enum amount_marks want)
{
	if (coinbase_habits_find(text, strlen(text)).marks != want)
		fail_msg("%s", text);
}

/* One amount proves it, in whatever column it stands; the quantity of the transfers has a column of its own name. */
static void each_amount_of_a_row_may_prove_a_comma(void **state)
{
	static const char *const history[] = {
		"\"0,5\",USD,100,\"100\",100,0,", "1,USD,\"0,5\",100,100,0,", "1,USD,100,\"0,5\",100,0,", "1,USD,100,100,\"0,5\",0,",
		"1,USD,100,100,100,\"0,5\",",
	};
	char text[600];

	(void)state;
	for (size_t i = 0; i < sizeof history / sizeof *history; i++) {
		snprintf(text, sizeof text, "%s2024-01-01T00:00:00Z,Buy,BTC,%s\n", header, history[i]);
		is_marked(text, AMOUNT_COMMA);
	}
	snprintf(text, sizeof text, "%s2024-01-01T00:00:00Z,Buy,BTC,1,USD,100,\"100\",100,0,\"0,5\"\n", header);
	is_marked(text, AMOUNT_UNSETTLED);
	is_marked("Timestamp,Type,BTC,Subtotal,Fees,Total,Currency,Price Per Coin\n2014-01-02,Buy,\"0,5\",200,3,203,EUR,100\n", AMOUNT_COMMA);
	is_marked("BTC,Timestamp,Type,Subtotal,Fees,Total,Currency,Price Per Coin\n\"0,5\",2014-01-02,Buy,200,3,203,EUR,100\n", AMOUNT_COMMA);
	/* A point in the last row is one. */
	snprintf(text, sizeof text, "%s2024-01-01T00:00:00Z,Buy,BTC,1,USD,100,\"100\",100,0,\n2024-01-01T00:00:00Z,Buy,BTC,0.5,USD,100,50,50,0,\n", header);
	is_marked(text, AMOUNT_POINT);
	/* A row that ends before its quantity has not that of the row above. */
	is_marked("Timestamp,Type,BTC,Subtotal,Fees,Total,Currency,Price Per Coin\n2014-01-02,Buy\n\"2014\",Buy,5\n", AMOUNT_UNSETTLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_decimal_comma_is_seen_wherever_it_stands),
		cmocka_unit_test(no_text_of_digits_and_marks_hides_a_decimal_comma),
		cmocka_unit_test(the_order_of_dates_is_learned_from_every_row),
		cmocka_unit_test(a_date_is_read_as_the_file_has_it),
		cmocka_unit_test(a_time_that_a_spreadsheet_rewrote_is_refused_as_such),
		cmocka_unit_test(each_amount_of_a_row_may_prove_a_comma),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

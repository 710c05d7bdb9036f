#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
		"12,34,567", "1,234,5", "0,5", "0,500", "1'234,50", "($1,234.50)", "1,234.5,6", "CA$12,345.00", "12.345.678,90", "1,2345",
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_decimal_comma_is_seen_wherever_it_stands),
		cmocka_unit_test(the_order_of_dates_is_learned_from_every_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The balances of an account statement against its amounts: which rows follow, in whatever order they stand, and what a
 * lost, doubled or altered row shows.
 *
 * The shape is that of the exchange (tests/data/README.md): a match for each side, then the fee, all of one time, each
 * with the balance after it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "coinbase/csv_export.h"

#include "exports.h"

#define HEADER "portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id\n"
#define ROW(type, time, amount, balance, unit) "a," type ",2022-01-03T20:" time "Z," amount "," balance "," unit ",,7,o\n"

/* The lines of the breaks, each after a blank. */
static void breaks_at(const char *text, const char *lines)
{
	struct coinbase_csv csv = read_csv(text);
	struct buf found = BUF_INIT;

	for (size_t i = 0; i < csv.n_breaks; i++)
		buf_addf(&found, " %ld", csv.breaks[i].line);
	if (strcmp(found.data ? found.data : "", lines) != 0)
		fail_msg("breaks at%s and not at%s of\n%s", found.data ? found.data : " none", lines, text);
	buf_release(&found);
	coinbase_csv_release(&csv);
}

#define DEPOSIT ROW("deposit", "04:01.000", "2000.0000000000000000", "2051.2761222022958500", "USD")
#define PAID    ROW("match", "04:08.967", "-245.3900000000000000", "1805.8861222022958500", "USD")
#define GOT     ROW("match", "04:08.967", "0.0053000000000000", "0.0153000000000000", "BTC")
#define FEE     ROW("fee", "04:08.967", "-1.2269500000000000", "1804.6591722022958500", "USD")
#define WENT    ROW("withdrawal", "09:00.000", "-1000.0000000000000000", "804.6591722022958500", "USD")

static void a_balance_follows_in_whatever_order_the_rows_stand(void **state)
{
	(void)state;
	breaks_at(HEADER DEPOSIT PAID GOT FEE WENT, "");
	breaks_at(HEADER WENT FEE GOT PAID DEPOSIT, "");
	breaks_at(HEADER DEPOSIT FEE PAID GOT WENT, "");
	breaks_at(HEADER FEE PAID GOT WENT, "");	/* and where none stands before */
	breaks_at(HEADER GOT WENT DEPOSIT PAID FEE, "");
	/* The very same row again, as where statements overlap. */
	breaks_at(HEADER DEPOSIT PAID GOT FEE DEPOSIT PAID GOT FEE WENT, "");
	breaks_at(HEADER DEPOSIT DEPOSIT PAID, "");
	/* A fee of 0 leaves the balance that stood before it. */
	breaks_at(HEADER ROW("deposit", "04:03.000", "5", "12", "USD") ROW("deposit", "04:02.000", "3", "7", "USD")
		  ROW("fee", "04:02.000", "0", "4", "USD") ROW("match", "04:02.000", "4", "4", "USD"), "");
	/* A second apart or less is of one second, two are not. */
	breaks_at(HEADER ROW("fee", "04:01.000", "-1", "8", "USD") ROW("match", "04:02.999", "-1", "9", "USD"), "");
	breaks_at(HEADER ROW("fee", "04:01.000", "-1", "8", "USD") ROW("match", "04:03.000", "-1", "9", "USD"), " 3");
}

static void a_row_that_is_lost_or_altered_breaks_its_account(void **state)
{
	struct coinbase_csv csv;

	(void)state;
	breaks_at(HEADER DEPOSIT GOT FEE WENT, " 4");
	breaks_at(HEADER DEPOSIT PAID GOT WENT, " 5");
	breaks_at(HEADER WENT GOT PAID DEPOSIT, " 2");
	/* What is lost before the first row, or after the last one, shows nowhere. */
	breaks_at(HEADER PAID GOT FEE, "");
#define MATCH(amount, balance) ROW("match", "04:08.967", amount, balance, "USD")
	breaks_at(HEADER DEPOSIT MATCH("-245.3900000000000010", "1805.8861222022958500") GOT FEE WENT, " 3");
	breaks_at(HEADER DEPOSIT MATCH("-245.3900000000000000", "1805.88") GOT FEE WENT, " 3 5");
	/* An amount that cannot be read is none, here as where no trade is. */
	breaks_at(HEADER ROW("deposit", "04:01.000", "1", "1", "USD") ROW("deposit", "04:05.000", "1x", "2", "USD")
		  ROW("deposit", "04:09.000", "1", "3", "USD") ROW("deposit", "04:13.000", "1", "4", "USD"), " 4");
	csv = read_csv(HEADER ROW("deposit", "04:01.000", "100.50", "100.5", "USD") ROW("fee", "04:05.000", "-0.25", "99.25", "USD"));
	assert_int_equal(csv.n_breaks, 1);
	assert_string_equal(csv.breaks[0].why.text, "the balance is 99.25 USD, and that of line 2 with this amount makes 100.25");
	coinbase_csv_release(&csv);
}

/* A unit in a portfolio is an account, and a statement under its own header has its own beginning. */
static void accounts_and_statements_are_apart(void **state)
{
	(void)state;
	breaks_at(HEADER "a,deposit,2022-01-03T20:00:00Z,5,5,EUR,,,\nb,deposit,2022-01-03T20:01:00Z,7,107,EUR,,,\n"
		  "a,withdrawal,2022-01-03T20:02:00Z,-1,4,EUR,,,\nb,withdrawal,2022-01-03T20:03:00Z,-2,105,EUR,,,\n"
		  "a,deposit,2022-01-03T20:04:00Z,3,3,GBP,,,\n", "");
	breaks_at(HEADER "a,deposit,2022-01-03T20:00:00Z,5,5,EUR,,,\n" HEADER "a,deposit,2022-01-05T20:00:00Z,5,90,EUR,,,\n"
		  "a,deposit,2022-01-06T20:00:00Z,5,96,EUR,,,\n", " 5");
	breaks_at("type,time,amount,amount/balance unit,transfer id,trade id,order id\n"
		  "deposit,2022-01-03T20:00:00Z,5,EUR,,,\ndeposit,2022-01-04T20:00:00Z,5,EUR,,,\n", "");
}

static void a_row_without_a_balance_counts_in_the_next_one(void **state)
{
	(void)state;
	breaks_at(HEADER ROW("deposit", "04:01.000", "5", "5", "USD") ROW("deposit", "04:05.000", "2", "", "USD")
		  ROW("deposit", "04:09.000", "1", "8", "USD"), "");
	breaks_at(HEADER ROW("deposit", "04:01.000", "5", "5", "USD") ROW("deposit", "04:05.000", "2", "n/a", "USD")
		  ROW("deposit", "04:09.000", "1", "6", "USD"), " 4");
	breaks_at(HEADER ROW("deposit", "04:01.000", "5", "", "USD") ROW("deposit", "04:05.000", "2", "9", "USD"), "");
}

/* A spreadsheet writes ten digits of a figure, and not all of them in each row; shorter ones are exact. */
static void what_a_spreadsheet_rounded_follows(void **state)
{
	static const char first[] = HEADER ROW("deposit", "04:01.000", "2000", "%s", "USD") ROW("fee", "04:05.000", "%s", "%s", "USD");
	static const struct { const char *balance, *amount, *after, *lines; } row[] = {
		{ "2051.276122", "-1.2269507", "2050.049172", "" },
		{ "2051.276122", "-1.2269507", "2050.049174", " 3" },
		{ "2051.27", "-1.23", "2050.03", " 3" },
		{ "0.000123457", "-0.000000001", "0.000123455", "" },
		/* By one of its last decimal, whichever of the three is long; nine digits are short. */
		{ "0.000000001", "1", "1", "" },
		{ "1", "0.000000001", "1", "" },
		{ "1", "1", "2.000000001", "" },
		{ "1", "1", "2.000000002", " 3" },
		{ "1", "1", "2.00000001", " 3" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf text = BUF_INIT;

		buf_addf(&text, first, row[i].balance, row[i].amount, row[i].after);
		breaks_at(text.data, row[i].lines);
		buf_release(&text);
	}
}

/* What is in no order at all is named so often, and no oftener. */
static void twenty_breaks_of_an_account_are_enough(void **state)
{
	struct buf text = BUF_INIT;
	struct coinbase_csv csv;

	(void)state;
	buf_adds(&text, HEADER);
	for (int i = 0; i < 60; i++)
		buf_addf(&text, "a,deposit,2022-01-03T20:%02d:00Z,1,%d,%s,,,\n", i, 5 * i, i % 2 ? "BTC" : "EUR");
	csv = read_csv(text.data);
	assert_int_equal(csv.n_breaks, 40);
	coinbase_csv_release(&csv);
	buf_release(&text);
}

/* A row of a long statement: the amount and a half; the balance in halves.  One that is neither the first nor the last
 * of its account is an inner one. */
enum { ROWS = 60 };
struct row {
	int unit, number;
	long second, amount, halves;
	bool inner;
};

static void write_row(struct buf *text, const struct row *r)
{
	buf_addf(text, "a,deposit,2022-01-03T20:%02ld:%02ld.%03dZ,%ld.5,%ld.%ld,%s,,,\n", r->second / 60, r->second % 60, r->number,
		 r->amount, r->halves / 2, r->halves % 2 * 5, r->unit ? "BTC" : "EUR");
}

/* Up to three seconds lie between two rows; neighbours of one second change places. */
static void make_rows(struct row rows[ROWS], unsigned *seed)
{
	long halves[2] = { 1000, 5000 }, second = 0;
	int last[2] = { -1, -1 };

	for (int i = 0; i < ROWS; i++) {
		struct row *r = &rows[i];

		*seed = *seed * 1103515245u + 12345;
		second += *seed >> 16 & 3;
		*r = (struct row){ .unit = (int)(*seed >> 20 & 1), .number = i, .second = second, .amount = (long)(*seed >> 8 & 0xffff) + 1 };
		r->halves = halves[r->unit] += 2 * r->amount + 1;
		r->inner = last[r->unit] >= 0;
		last[r->unit] = i;
	}
	for (int unit = 0; unit < 2; unit++)
		rows[last[unit]].inner = false;
	for (int i = 1; i < ROWS; i += 2)
		if (rows[i].second == rows[i - 1].second) {
			struct row first = rows[i - 1];

			rows[i - 1] = rows[i];
			rows[i] = first;
		}
}

static void a_statement_follows_and_not_without_one_of_its_inner_rows(void **state)
{
	unsigned seed = 20221103;

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct row rows[ROWS];

		make_rows(rows, &seed);
		for (int without = -1; without < ROWS; without++) {
			struct buf text = BUF_INIT;
			struct coinbase_csv csv;

			buf_adds(&text, HEADER);
			for (int i = 0; i < ROWS; i++)
				if (i != without)
					write_row(&text, &rows[i]);
			csv = read_csv(text.data);
			if ((csv.n_breaks > 0) != (without >= 0 && rows[without].inner))
				fail_msg("round %d without %d: %zu breaks in\n%s", round, without, csv.n_breaks, text.data);
			coinbase_csv_release(&csv);
			buf_release(&text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_balance_follows_in_whatever_order_the_rows_stand),
		cmocka_unit_test(a_row_that_is_lost_or_altered_breaks_its_account),
		cmocka_unit_test(accounts_and_statements_are_apart),
		cmocka_unit_test(a_row_without_a_balance_counts_in_the_next_one),
		cmocka_unit_test(what_a_spreadsheet_rounded_follows),
		cmocka_unit_test(twenty_breaks_of_an_account_are_enough),
		cmocka_unit_test(a_statement_follows_and_not_without_one_of_its_inner_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

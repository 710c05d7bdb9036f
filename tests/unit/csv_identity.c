/*
 * Which rows of an export are one trade, written twice, and which are several that look alike; the ids that they get.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "coinbase/csv_export.h"
#include "coinbase/csv_identity.h"

#include "exports.h"

/* One number: the same facts, however they are written, are one trade; any other fact is held, and says on which line the
 * first stands. */
static void one_id_twice_is_one_trade_only_with_all_its_facts(void **state)
{
	static const char first[] = "7,BTC-EUR,BUY,2020-02-03T00:00:00Z,2,BTC,10,1,-21,EUR\n";
	static const struct { const char *second; bool same; } row[] = {
		{ "7,BTC-EUR,BUY,2020-02-03T00:00:00Z,2,BTC,10,1,-21,EUR\n\n", true },
		{ "7,BTC-EUR,BUY,2020-02-03T00:00:00.001Z,2,BTC,10,1,-21,EUR\n", false },
		{ "7,BTC-EUR,BUY,2020-02-03T00:00:00Z,2.0,BTC,10,1,-21,EUR\n", true },
		{ "7,BTC-EUR,BUY,2020-02-03T00:00:00Z,2,BTC,10.00,1,-21,EUR\n", true },
		{ "7,BTC-EUR,BUY,2020-02-03T00:00:00Z,2.1,BTC,10,1,-22,EUR\n", false },
		{ "7,BTC-EUR,BUY,2020-02-03T00:00:00Z,2,BTC,10.5,1,-22,EUR\n", false },
		{ "7,BTC-EUR,BUY,2020-02-03T00:00:00Z,2,BTC,10,1.5,-21.5,EUR\n", false },
		/* Its amounts are exact, and under another header too. */
		{ "7,BTC-EUR,BUY,2020-02-03T00:00:00Z,2,BTC,10,1.01,-21.01,EUR\n", false },
		{ FILLS "7,BTC-EUR,BUY,2020-02-03T00:00:00Z,2,BTC,10,1.01,-21.01,EUR\n", false },
		{ FILLS "7,BTC-EUR,BUY,2020-02-03T00:00:00Z,2,BTC,10.00,1,-21,EUR\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf text = BUF_INIT;
		struct coinbase_csv csv;

		/* With another trade between, so that the two do not stand together. */
		buf_addf(&text, "%s%s6,BTC-EUR,BUY,2020-02-03T00:00:00Z,2,BTC,10,1,-21,EUR\n%s", FILLS, first, row[i].second);
		csv = read_csv(text.data);
		if (csv.n_fills != 2)
			fail_msg("row %zu: %zu fills", i, csv.n_fills);
		assert_string_equal(csv.fills[0].entry_id, "csv-fills:BTC-EUR:7:BUY");
		assert_string_equal(csv.fills[0].trade_type, "FILL");
		assert_int_equal(csv.n_skipped, 1);
		assert_int_equal(csv.skipped[0].line, row[i].second[0] == '7' ? 4 : 5);
		assert_int_equal(csv.skipped[0].kind, row[i].same ? COINBASE_SKIP_REPEATED : COINBASE_SKIP_BAD);
		if (!row[i].same) {
			assert_string_equal(csv.skipped[0].type, "fill");
			assert_non_null(strstr(csv.skipped[0].why.text, "trade 7 of BTC-EUR stands on line 2 with other amounts"));
		}
		coinbase_csv_release(&csv);
		buf_release(&text);
	}
}

/* The ids of a history are not the exchange's numbers: rows of one id with other facts are parts of it. */
static void one_id_of_a_history_may_have_parts(void **state)
{
	struct coinbase_csv csv = read_csv(V4 BUY("b", "2020-01-02 00:00:00")
		"b,2020-01-02 00:00:00 UTC,Buy,BTC,0.25,EUR,€100.00,€25.00,€25.50,€0.50,\n" BUY("b", "2020-01-02 00:00:00")
		"b,2020-01-02 00:00:00 UTC,Buy,BTC,0.5,EUR,€100.00,€50.00,€51.01,€1.01,\n");

	(void)state;
	assert_int_equal(csv.n_fills, 3);
	assert_string_equal(csv.fills[0].entry_id, "csv-history:b");
	assert_string_equal(csv.fills[1].entry_id, "csv-history:b#2");
	assert_string_equal(csv.fills[2].entry_id, "csv-history:b#3");	/* nor is one of a cent more the same, under one header */
	assert_int_equal(csv.n_skipped, 1);
	assert_int_equal(csv.skipped[0].kind, COINBASE_SKIP_REPEATED);
	coinbase_csv_release(&csv);
}

/* Generations of the report round differently, and tell a spread as a fee: what moved is the same to two cents and a
 * five-hundredth.  What differs by more, or in any other fact, is held under the name of what it is. */
static void one_id_under_two_headers_is_one_trade_but_for_rounding(void **state)
{
#define SOLD "a,2024-09-20 14:48:34 UTC,Sell,BTC,0.5,USD,202.00,101.00,100.00,1.00,"
	static const struct { const char *first, *second; bool same; } row[] = {
		{ "a,2024-09-20 14:48:34 UTC,Sell,BTC,0.5,USD,100.01,50.00411,49.00311,1.001,",
		  "a,2024-09-20 14:48:34 UTC,Sell,BTC,-0.50,USD,$100.01,$50.00,$48.89,$1.00,", true },
		{ "a,2024-09-20 14:48:34 UTC,Sell,BTC,0.5,USD,202.00,101.00,99.78,1.22,", SOLD, true },
		{ "a,2024-09-20 14:48:34 UTC,Sell,BTC,0.5,USD,202.00,101.00,99.77,1.23,", SOLD, false },
		{ "a,2024-09-20 14:48:34 UTC,Sell,BTC,0.5,USD,202.00,101.00,100.22,0.78,", SOLD, true },
		{ "a,2024-09-20 14:48:34 UTC,Sell,BTC,0.5,USD,202.00,101.00,100.23,0.77,", SOLD, false },
		{ SOLD, "a,2024-09-20 14:48:35 UTC,Sell,BTC,0.5,USD,202.00,101.00,100.00,1.00,", false },
		{ SOLD, "a,2024-09-20 14:48:34 UTC,Sell,ETH,0.5,USD,202.00,101.00,100.00,1.00,", false },
		{ SOLD, "a,2024-09-20 14:48:34 UTC,Sell,BTC,0.50000001,USD,202.00,101.00,100.00,1.00,", false },
		{ SOLD, "a,2024-09-20 14:48:34 UTC,Buy,BTC,0.5,USD,198.00,99.00,100.00,1.00,", false },
		{ "a,2024-09-20 14:48:34 UTC,Buy,BTC,0.5,USD,200.00,100.00,102.00,2.00,",
		  "a,2024-09-20 14:48:34 UTC,Buy,BTC,0.5,USD,198.00,99.00,102.00,3.00,", true },
		/* A small sale, whose fee is more than it brought. */
		{ "a,2024-09-20 14:48:34 UTC,Sell,BTC,0.5,USD,1.00,0.50,,0.99,", "a,2024-09-20 14:48:34 UTC,Sell,BTC,0.5,USD,1.00,0.50,,1.01,", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf text = BUF_INIT, alone = BUF_INIT;
		struct coinbase_csv csv, first;

		buf_addf(&alone, V4 "%s\n", row[i].first);
		first = read_csv(alone.data);
		buf_addf(&text, "%s" V4 "%s\n", alone.data, row[i].second);
		csv = read_csv(text.data);
		assert_int_equal(csv.n_fills, 1);
		assert_string_equal(csv.fills[0].value, first.fills[0].value);
		assert_int_equal(csv.n_skipped, 1);
		if (csv.skipped[0].kind != (row[i].same ? COINBASE_SKIP_REPEATED : COINBASE_SKIP_BAD))
			fail_msg("%s is %s", row[i].second, row[i].same ? "held" : "taken for the first");
		assert_int_equal(csv.skipped[0].line, 4);
		if (!row[i].same)
			assert_string_equal(csv.skipped[0].type, "trade");
		coinbase_csv_release(&csv);
		coinbase_csv_release(&first);
		buf_release(&text);
		buf_release(&alone);
	}
#undef SOLD
}

/* Where a program filled in N/A for what is missing, two purchases are not one, nor is one of them part of the other. */
static void rows_whose_id_says_there_is_none_are_told_apart_by_their_facts(void **state)
{
	static const char *const none[] = { "N/A", "null", "-", "" };

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		struct coinbase_csv csv, first;
		struct buf text = BUF_INIT;

		first = read_csv(V4 BUY("", "2020-01-02 00:00:00"));
		buf_addf(&text, V4 "%s" BUY("", "2020-01-02 00:00:00") "%s" BUY("", "2020-01-02 00:00:00") "%s"
			 BUY("", "2020-01-03 00:00:00"), none[i], none[i], none[i]);
		csv = read_csv(text.data);
		assert_int_equal(csv.n_fills, 3);
		assert_int_equal(csv.n_skipped, 0);
		assert_string_equal(csv.fills[0].trade_id, "");
		assert_string_equal(csv.fills[0].entry_id, first.fills[0].entry_id);
		assert_int_equal(strncmp(csv.fills[1].entry_id, first.fills[0].entry_id, strlen(first.fills[0].entry_id)), 0);
		assert_string_equal(csv.fills[1].entry_id + strlen(first.fills[0].entry_id), "#2");
		assert_string_not_equal(csv.fills[2].entry_id, first.fills[0].entry_id);
		coinbase_csv_release(&csv);
		coinbase_csv_release(&first);
		buf_release(&text);
	}
}

/* Rows without an id are counted from one under each header: what two exports have in common is the caller's to find. */
static void trades_of_the_same_facts_are_counted_under_each_header(void **state)
{
	static const size_t number[] = { 1, 2, 1, 2, 3 };
	struct coinbase_csv csv;
	struct buf text = BUF_INIT, want = BUF_INIT;
	char id[COINBASE_ID];

	(void)state;
	for (size_t i = 0; i < 5; i++)
		buf_addf(&text, "%s2020-01-05T00:00:00Z,Buy,BTC,0.5,EUR,100.00,50.00,51.00,1.00,\n", i == 0 || i == 2 ? V3 : "");
	csv = read_csv(text.data);
	assert_int_equal(csv.n_fills, 5);
	assert_int_equal(csv.n_skipped, 0);
	memcpy(id, csv.fills[0].entry_id, sizeof id);
	for (size_t i = 0; i < 5; i++) {
		buf_clear(&want);
		buf_addf(&want, number[i] > 1 ? "%s#%zu" : "%s", id, number[i]);
		assert_string_equal(csv.fills[i].entry_id, want.data);
		assert_int_equal(coinbase_csv_part(&csv, &csv.fills[i]), i >= 2);
	}
	coinbase_csv_release(&csv);
	buf_release(&text);
	buf_release(&want);
}

static void a_row_without_an_id_is_known_by_its_facts(void **state)
{
	static const char header[] = V2 "Total (inclusive of fees),Fees,Notes\n";
	static const char *const row[] = {
		"2022-01-02T03:04:05Z,Buy,ADA,10,GBP,0.5,5.00,5.03,0.03,\n",
		"2022-01-02T03:04:06Z,Buy,ADA,10,GBP,0.5,5.00,5.03,0.03,\n",
		"2022-01-02T03:04:05Z,Sell,ADA,10,GBP,0.5,5.00,4.97,0.03,\n",
		"2022-01-02T03:04:05Z,Buy,BAT,10,GBP,0.5,5.00,5.03,0.03,\n",
		"2022-01-02T03:04:05Z,Buy,ADA,10.1,GBP,0.5,5.00,5.03,0.03,\n",
		"2022-01-02T03:04:05Z,Buy,ADA,10,GBP,0.5,5.01,5.04,0.03,\n",
		"2022-01-02T03:04:05Z,Buy,ADA,10,GBP,0.5,5.00,5.04,0.04,\n",
	};
	char ids[8][COINBASE_ID];
	size_t n = sizeof row / sizeof *row;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct buf text = BUF_INIT;
		struct coinbase_csv csv;

		buf_addf(&text, "%s%s", header, row[i]);
		csv = read_csv(text.data);
		assert_int_equal(csv.n_fills, 1);
		memcpy(ids[i], csv.fills[0].entry_id, COINBASE_ID);
		/* Half of a SHA-256, in hexadecimal. */
		assert_int_equal(strlen(ids[i]), strlen("csv-history:") + 32);
		assert_int_equal(strspn(ids[i] + strlen("csv-history:"), "0123456789abcdef"), 32);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(ids[i], ids[j]);
		coinbase_csv_release(&csv);
		buf_release(&text);
	}
	/* It is stored: what a known row is called must not change. */
	assert_string_equal(ids[0], "csv-history:f8bce4523c56c932543cab1cf6331dda");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_id_twice_is_one_trade_only_with_all_its_facts),
		cmocka_unit_test(one_id_of_a_history_may_have_parts),
		cmocka_unit_test(one_id_under_two_headers_is_one_trade_but_for_rounding),
		cmocka_unit_test(rows_whose_id_says_there_is_none_are_told_apart_by_their_facts),
		cmocka_unit_test(trades_of_the_same_facts_are_counted_under_each_header),
		cmocka_unit_test(a_row_without_an_id_is_known_by_its_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

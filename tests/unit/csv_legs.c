#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "coinbase/csv_legs.h"

static struct coinbase_leg leg(const char *trade, const char *order, const char *unit, const char *amount, long line)
{
	struct coinbase_leg l = { .line = line };

	snprintf(l.trade_id, sizeof l.trade_id, "%s", trade);
	snprintf(l.order_id, sizeof l.order_id, "%s", order);
	snprintf(l.unit, sizeof l.unit, "%s", unit);
	snprintf(l.amount, sizeof l.amount, "%s", amount);
	snprintf(l.portfolio, sizeof l.portfolio, "mine");
	assert_true(instant_ns_parse(&l.time, "2020-01-02T03:04:05.678Z", false, NULL));
	return l;
}

static struct coinbase_leg fee(const char *unit, const char *amount)
{
	struct coinbase_leg l = leg("1", "o", unit, amount, 3);

	l.fee = true;
	return l;
}

static bool join(struct coinbase_fill *f, const struct coinbase_leg *legs, size_t n, struct reason *why)
{
	struct coinbase_amounts a;
	bool ok;

	*f = (struct coinbase_fill){ .source = "csv-account" };
	coinbase_amounts_init(&a);
	ok = coinbase_legs_join(f, legs, n, &a, why) && coinbase_amounts_keep(f, &a, why);
	coinbase_amounts_release(&a);
	return ok;
}

static void legs_of_one_trade_stand_together_in_the_order_of_their_lines(void **state)
{
	struct coinbase_leg legs[] = {
		leg("2", "b", "EUR", "1", 5), leg("1", "b", "EUR", "1", 4), leg("1", "a", "EUR", "1", 8), leg("1", "a", "ETH", "1", 2),
		leg("10", "a", "EUR", "1", 1), leg("1", "a", "EUR", "1", 3),
	};
	static const long lines[] = { 2, 3, 8, 4, 1, 5 };

	(void)state;
	coinbase_legs_sort(legs, 6);
	for (int i = 0; i < 6; i++)
		assert_int_equal(legs[i].line, lines[i]);
	/* One trade id under two orders is two trades: the order is part of the key. */
	assert_int_equal(coinbase_legs_count(legs, 6), 3);
	assert_int_equal(coinbase_legs_count(legs + 3, 3), 1);
	assert_int_equal(coinbase_legs_count(legs + 4, 2), 1);
	assert_int_equal(coinbase_legs_count(legs, 1), 1);
	coinbase_legs_sort(NULL, 0);
}

static void the_quote_goes_by_the_order_of_the_exchange(void **state)
{
	static const struct { const char *a, *b, *fee, *product; } row[] = {
		{ "ETH", "BTC", NULL, "ETH-BTC" }, { "BTC", "ETH", NULL, "ETH-BTC" }, { "USDC", "EUR", NULL, "USDC-EUR" },
		{ "USD", "USDT", NULL, "USDT-USD" }, { "BTC", "CAD", NULL, "BTC-CAD" }, { "GBP", "BTC", NULL, "BTC-GBP" },
		{ "EUR", "USD", NULL, "EUR-USD" }, { "DAI", "USDC", NULL, "DAI-USDC" }, { "BTC", "DAI", NULL, "BTC-DAI" },
		{ "ADA", "ETH", NULL, "ADA-ETH" }, { "USDC", "GBP", NULL, "USDC-GBP" }, { "ETH", "USD", "USD", "ETH-USD" },
		/* Within a class, and among coins that are never a quote, the fee tells. */
		{ "DAI", "USDC", "USDC", "DAI-USDC" }, { "DAI", "USDC", "DAI", "USDC-DAI" }, { "USDT", "USDC", "USDC", "USDT-USDC" },
		{ "ADA", "SOL", "SOL", "ADA-SOL" }, { "ADA", "SOL", "ADA", "SOL-ADA" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		for (int swapped = 0; swapped < 2; swapped++) {
			struct coinbase_leg legs[3] = {
				leg("1", "o", swapped ? row[i].b : row[i].a, swapped ? "-2" : "10", 1),
				leg("1", "o", swapped ? row[i].a : row[i].b, swapped ? "10" : "-2", 2),
				fee(row[i].fee ? row[i].fee : "", "-0.5"),
			};
			struct coinbase_fill f;
			struct reason why = { .text = "" };

			if (!join(&f, legs, row[i].fee ? 3 : 2, &why))
				fail_msg("%s", why.text);
			assert_string_equal(f.product_id, row[i].product);
			assert_string_equal(f.commission, row[i].fee ? "0.5" : "0");
			/* What came was a; it is bought where it is the base. */
			assert_int_equal(f.buy, strncmp(row[i].product, row[i].a, strlen(row[i].a)) == 0 &&
						row[i].product[strlen(row[i].a)] == '-');
		}
}

static void a_trade_has_its_ids_time_portfolio_and_identity(void **state)
{
	struct coinbase_leg legs[] = { leg("7", "order-7", "EUR", "-300.5", 4), leg("7", "order-7", "ETH", "2", 5) };
	struct coinbase_fill f;
	char time[COINBASE_TIME];

	(void)state;
	assert_true(join(&f, legs, 2, NULL));
	assert_true(f.buy);
	assert_int_equal(f.line, 4);
	assert_string_equal(f.order_id, "order-7");
	assert_string_equal(f.trade_id, "7");
	assert_string_equal(f.portfolio_id, "mine");
	assert_string_equal(f.entry_id, "csv-account:ETH-EUR:7:BUY");
	assert_string_equal(coinbase_time_format(&f.traded, time), "2020-01-02T03:04:05.678Z");
	assert_string_equal(f.base_size, "2");
	assert_string_equal(f.value, "300.5");
	assert_string_equal(f.price, "150.250000000000000000");
}

/* A fee whose trade cannot be known may be that of any trade of its minute that has none. */
static void a_trade_without_a_fee_is_not_put_together_beside_a_stray_one(void **state)
{
	static const struct { const char *fee_time; bool has_fee, held; } row[] = {
		{ "2020-01-02T03:04:05.678Z", false, true }, { "2020-01-02T03:05:05Z", false, true },
		{ "2020-01-02T03:03:05Z", false, true }, { "2020-01-02T03:05:06Z", false, false },
		{ "2020-01-02T03:03:04Z", false, false }, { "", false, true }, { "2020-01-02T03:04:05.678Z", true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_leg legs[] = { leg("1", "o", "EUR", "-300.5", 1), leg("1", "o", "ETH", "2", 2), fee("EUR", "-1") };
		struct coinbase_leg stray = { .line = 9, .fee = true };
		const struct coinbase_leg *strays[] = { &stray };
		struct reason why = { .text = "" };

		if (*row[i].fee_time)
			assert_true(instant_ns_parse(&stray.time, row[i].fee_time, false, NULL));
		assert_true(coinbase_legs_have_fee(legs, 2, strays, 0, &why));
		if (coinbase_legs_have_fee(legs, 2 + row[i].has_fee, strays, 1, &why) == row[i].held)
			fail_msg("row %zu: %s", i, why.text);
		assert_string_equal(why.text, row[i].held ? "trade 1 has no fee, and that of line 9 is of no trade: take the file "
							    "as the exchange gave it" : "");
		/* Its own fee may stand first. */
		legs[0].fee = true;
		assert_true(coinbase_legs_have_fee(legs, 2, strays, 1, &why));
	}
}

/* Whichever of many it is, and in whichever order they are told. */
static void the_stray_fee_of_a_trades_minute_is_found_among_many(void **state)
{
	static const char *const time[] = { "2020-01-02T03:09:00Z", "2020-01-02T03:00:00Z", "2020-01-02T03:04:06Z", "2020-01-02T03:04:00Z",
					    "2020-01-02T02:00:00Z" };
	enum { N = sizeof time / sizeof *time };
	struct coinbase_leg legs[] = { leg("1", "o", "EUR", "-300.5", 1), leg("1", "o", "ETH", "2", 2) }, stray[N];
	const struct coinbase_leg *strays[N];

	(void)state;
	/* Without so many of them: of the two in its minute the earlier is named, then the other, then none. */
	for (int without = 0; without < 3; without++) {
		struct reason why = { .text = "" };
		size_t n = 0;

		for (int i = 0; i < N; i++) {
			stray[i] = (struct coinbase_leg){ .line = 10 + i, .fee = true };
			assert_true(instant_ns_parse(&stray[i].time, time[i], false, NULL));
			if ((i == 3 && without > 0) || (i == 2 && without > 1))
				continue;
			strays[n++] = &stray[i];
		}
		coinbase_legs_sort_strays(strays, n);
		assert_int_equal(coinbase_legs_have_fee(legs, 2, strays, n, &why), without == 2);
		if (without < 2)
			assert_non_null(strstr(why.text, without == 0 ? "that of line 13 is of no trade" : "that of line 12 is of no trade"));
	}
}

static void a_fee_is_stray_where_no_side_has_its_ids(void **state)
{
	struct coinbase_leg legs[] = { leg("1", "o", "EUR", "-300.5", 1), fee("EUR", "-1"), fee("EUR", "-1") };

	(void)state;
	assert_false(coinbase_legs_are_stray(legs, 1));
	assert_false(coinbase_legs_are_stray(legs, 3));
	assert_true(coinbase_legs_are_stray(legs + 1, 2));
	/* What has no id that can be read may be of several trades. */
	legs[0].trade_id[0] = '\0';
	assert_true(coinbase_legs_are_stray(legs, 3));
}

/* Statements that overlap, put together: every row of the trade stands as often as the others. */
static void a_trade_told_twice_is_one(void **state)
{
	struct coinbase_leg legs[] = {
		leg("7", "o", "EUR", "-300", 4), leg("7", "o", "ETH", "2", 5), fee("EUR", "-1.5"),
		leg("7", "o", "EUR", "-300", 14), leg("7", "o", "ETH", "2", 15), fee("EUR", "-1.5"),
	};
	struct coinbase_fill f;
	struct reason why = { .text = "" };

	(void)state;
	assert_true(join(&f, legs, 6, &why));
	assert_string_equal(f.base_size, "2");
	assert_string_equal(f.value, "300");
	assert_string_equal(f.commission, "1.5");
	assert_false(join(&f, legs, 5, &why));
	assert_non_null(strstr(why.text, "one row too many"));
	assert_true(instant_ns_parse(&legs[3].time, "2020-01-02T03:04:09Z", false, NULL));
	assert_false(join(&f, legs, 6, &why));
	assert_non_null(strstr(why.text, "line 14: one row too many"));
}

/* What only one row can tell is told by the first, and the message names the trade; a fee of nothing is none. */
static void the_first_row_tells_and_a_fee_of_nothing_is_no_receipt(void **state)
{
	struct coinbase_leg legs[] = { leg("7", "o", "EUR", "-300", 4), leg("7", "o", "ETH", "2", 5), fee("EUR", "0") };
	struct coinbase_leg alone = leg("only", "o", "ETH", "2", 1);
	struct coinbase_fill f;
	struct reason why = { .text = "" };
	char time[COINBASE_TIME];

	(void)state;
	assert_true(instant_ns_parse(&legs[1].time, "2020-01-02T03:04:09Z", false, NULL));
	snprintf(legs[1].portfolio, sizeof legs[1].portfolio, "another");
	assert_true(join(&f, legs, 3, &why));
	assert_string_equal(f.commission, "0");
	assert_string_equal(f.portfolio_id, "mine");
	assert_string_equal(coinbase_time_format(&f.traded, time), "2020-01-02T03:04:05.678Z");
	assert_false(join(&f, &alone, 1, &why));
	assert_string_equal(why.text, "trade only has 1 of its two sides: take the statement of all accounts, put those "
			    "of both into one file, or take the fills report");
}

/* Match and fee are written at once: a minute is much. */
static void rows_of_one_trade_have_one_time(void **state)
{
	static const struct { const char *time; bool taken; } row[] = {
		{ "2020-01-02T03:04:05.679Z", true }, { "2020-01-02T03:05:05Z", true }, { "2020-01-02T03:05:06Z", false },
		{ "2020-01-02T03:03:05Z", true }, { "2020-01-02T03:03:04Z", false }, { "1970-01-02T03:04:05.678Z", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		for (int which = 1; which < 3; which++) {
			struct coinbase_leg legs[] = { leg("1", "o", "ETH", "2", 1), leg("1", "o", "EUR", "-300", 2), fee("EUR", "-1"),
						       leg("2", "p", "ETH", "2", 4) };
			struct reason why = { .text = "" };
			struct coinbase_fill f;

			/* The next trade's is its own. */
			assert_true(instant_ns_parse(&legs[3].time, "2020-01-03T03:04:05Z", false, NULL));
			assert_true(instant_ns_parse(&legs[which].time, row[i].time, false, NULL));
			assert_int_equal(join(&f, legs, 3, &why), row[i].taken);
			if (!row[i].taken) {
				assert_non_null(strstr(why.text, which == 1 ? "line 2: trade 1 has rows of 2020-01-02T03:04:05.678Z and of "
									    : "line 3: trade 1 has rows of "));
				assert_non_null(strstr(why.text, row[i].time));
			}
		}
}

static void what_makes_no_trade_is_refused_with_a_reason(void **state)
{
	const struct coinbase_leg eth = leg("1", "o", "ETH", "2", 1), eur = leg("1", "o", "EUR", "-300", 2), ada = leg("1", "o", "ADA", "5", 4);
	struct coinbase_leg bad = eur, same = leg("1", "o", "EUR", "300", 2), nothing = leg("1", "o", "ETH", "0", 1);
	struct { struct coinbase_leg legs[4]; size_t n; const char *words; } row[] = {
		{ { eth }, 1, "1 of its two sides" },
		{ { eth, fee("EUR", "-1") }, 2, "1 of its two sides" },
		{ { eth, eur, ada }, 3, "line 4: one row too many" },
		{ { eth, eur, fee("EUR", "-1"), fee("EUR", "-1") }, 4, "one row too many" },
		/* All rows twice are one trade told twice; one of them twice is not. */
		{ { eth, eur, eth }, 3, "one row too many" },
		{ { eth, same }, 2, "go the same way" },
		{ { nothing, eur }, 2, "go the same way" },
		{ { leg("1", "o", "ADA", "1", 1), leg("1", "o", "SOL", "-1", 2) }, 2, "is not said" },
		{ { leg("1", "o", "ADA", "1", 1), leg("1", "o", "SOL", "-1", 2), fee("BTC", "-0.1") }, 3, "is not said" },
		{ { eth, eur, fee("ETH", "-0.001") }, 3, "is in ETH and its quote is EUR" },
		{ { eth, eur, fee("BTC", "-0.001") }, 3, "is in BTC and its quote is EUR" },
		{ { eth, bad }, 2, "line 2: it is odd" },
		{ { eur, leg("1", "o", "EUR", "300", 2) }, 2, "is not a trade" },
		/* No rebate by its sign alone: rebates have rows of their own. */
		{ { eth, eur, fee("EUR", "1.5") }, 3, "is a receipt, 1.5" },
		{ { leg("1", "o", "BTC", "-0.03", 1), eth, fee("BTC", "-0.02") }, 3, "a fee of 0.02 is too much" },
		{ { eth, eur, fee("EUR", "-150.01") }, 3, "a fee of 150.01 is too much for a value of 300" },
	};

	(void)state;
	row[11].legs[1].bad = true;
	reason_set(&row[11].legs[1].why, "it is odd");
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_fill f;
		struct reason why = { .text = "" };

		if (join(&f, row[i].legs, row[i].n, &why))
			fail_msg("row %zu is taken", i);
		if (!strstr(why.text, row[i].words))
			fail_msg("row %zu: '%s' does not say '%s'", i, why.text, row[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legs_of_one_trade_stand_together_in_the_order_of_their_lines),
		cmocka_unit_test(the_quote_goes_by_the_order_of_the_exchange),
		cmocka_unit_test(a_trade_has_its_ids_time_portfolio_and_identity),
		cmocka_unit_test(a_trade_without_a_fee_is_not_put_together_beside_a_stray_one),
		cmocka_unit_test(the_stray_fee_of_a_trades_minute_is_found_among_many),
		cmocka_unit_test(a_fee_is_stray_where_no_side_has_its_ids),
		cmocka_unit_test(a_trade_told_twice_is_one),
		cmocka_unit_test(the_first_row_tells_and_a_fee_of_nothing_is_no_receipt),
		cmocka_unit_test(rows_of_one_trade_have_one_time),
		cmocka_unit_test(what_makes_no_trade_is_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

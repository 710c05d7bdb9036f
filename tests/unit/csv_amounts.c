#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "coinbase/csv_amounts.h"

static struct coinbase_amounts amounts(const char *quantity, const char *price, const char *value, const char *total, const char *fee)
{
	struct coinbase_amounts a;

	coinbase_amounts_init(&a);
	assert_true(decimal_parse_text(&a.quantity, quantity, DECIMAL_PLAIN, NULL));
	assert_true(decimal_parse_text(&a.price, price, DECIMAL_PLAIN, NULL));
	assert_true(decimal_parse_text(&a.value, value, DECIMAL_PLAIN, NULL));
	assert_true(decimal_parse_text(&a.total, total, DECIMAL_PLAIN, NULL));
	assert_true(decimal_parse_text(&a.fee, fee, DECIMAL_PLAIN, NULL));
	decimal_set_int(&a.scratch, 1, 0);
	return a;
}

static void is(const struct decimal *d, const char *want)
{
	struct buf text = BUF_INIT;

	decimal_write(d, DECIMAL_KEEP_ZEROS, &text);
	assert_string_equal(text.data, want);
	buf_release(&text);
}

static void the_fee_is_the_difference_by_side(void **state)
{
	static const struct { bool buy; const char *value, *total, *fee, *kept; } row[] = {
		{ true, "40.00", "41.99", "1.99", "40.00" }, { false, "40.00", "38.01", "1.99", "40.00" }, { true, "40.00", "40.00", "0", "40.00" },
		/* Rounding to the wrong side: what moved is the value. */
		{ true, "40.00", "39.99", "0", "39.99" }, { false, "40.00", "40.01", "0", "40.01" }, { true, "40", "39.99", "0", "39.99" },
		{ true, "1", "1.99", "0.99", "1" }, { true, "10", "15", "5", "10" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_amounts a = amounts("1", "1", row[i].value, row[i].total, "7");

		assert_true(coinbase_amounts_settle(&a, row[i].buy, NULL));
		is(&a.fee, row[i].fee);
		is(&a.value, row[i].kept);
		coinbase_amounts_release(&a);
	}
}

static void a_total_on_the_wrong_side_or_far_away_is_refused_with_both_figures(void **state)
{
	static const struct { bool buy; const char *value, *total, *words; } row[] = {
		{ true, "40.00", "39.98", "a purchase of 40.00 cannot have moved 39.98: the total is on the wrong side" },
		{ false, "40.00", "40.02", "a sale of 40.00 cannot have moved 40.02: the total is on the wrong side" },
		{ true, "40.00", "0", "wrong side" }, { false, "40.00", "0", "a sale of 40.00 cannot have moved 0: the total is too far" },
		{ true, "40.00", "60.01", "too far" }, { false, "40.000000", "19.99", "too far" }, { true, "0.50000", "0.49998", "wrong side" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_amounts a = amounts("1", "1", row[i].value, row[i].total, "0");
		struct reason why = { .text = "" };

		if (coinbase_amounts_settle(&a, row[i].buy, &why))
			fail_msg("%s of %s is taken", row[i].total, row[i].value);
		if (!strstr(why.text, row[i].words))
			fail_msg("'%s' does not say '%s'", why.text, row[i].words);
		coinbase_amounts_release(&a);
	}
}

static void a_value_follows_from_the_total_whatever_the_sign_of_the_fee(void **state)
{
	(void)state;
	for (int sign = 0; sign < 2; sign++) {
		struct coinbase_amounts a = amounts("1", "1", "0", "506", sign ? "-6" : "6");

		coinbase_amounts_find_value(&a, true);
		is(&a.value, "500");
		coinbase_amounts_find_value(&a, false);
		is(&a.value, "512");
		is(&a.fee, "6");
		coinbase_amounts_release(&a);
	}
}

static void a_value_is_near_what_quantity_and_price_make(void **state)
{
	static const struct { const char *quantity, *price, *value; bool near; } row[] = {
		{ "2", "100", "200", true }, { "2", "100.00", "210", true }, { "2", "100.00", "191", true }, { "2", "100.00", "211", false },
		{ "2", "100.00", "190", false }, { "2", "100.00", "0", false }, { "2", "100.00", "200000", false }, { "2000", "100", "200", false },
		{ "1000000", "0.00", "8.5", true }, { "1000000", "0.000", "10600.5", false }, { "10.7", "0.470000", "5.1", true },
		{ "0.00000010", "1690.00", "0.000169", true }, { "0.00000010", "1690.00", "0.02", false }, { "1000", "0.5", "509", true },
		{ "1000", "0.501234", "536", false }, { "100000", "0.5012", "52763.16", true }, { "100000", "0.501200", "52763.16", true },
		/* A cent of the value, and one of the price for each coin: to the very cent. */
		{ "0.5", "0.04", "0.01", true }, { "1", "105.02", "100", true }, { "1", "105.03", "100", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_amounts a = amounts(row[i].quantity, row[i].price, row[i].value, "0", "0");
		struct reason why = { .text = "" };

		if (coinbase_amounts_near(&a, &a.value) != row[i].near || coinbase_amounts_plausible(&a, &why) != row[i].near)
			fail_msg("%s at %s for %s", row[i].quantity, row[i].price, row[i].value);
		if (!row[i].near && !strstr(why.text, row[i].value))
			fail_msg("'%s' does not name %s", why.text, row[i].value);
		if (!row[i].near && strcmp(row[i].price, "105.03") == 0)
			assert_string_equal(why.text, "quantity × price is 105.03 and the subtotal 100");
		coinbase_amounts_release(&a);
	}
}

static void two_amounts_agree_to_the_last_decimal_written(void **state)
{
	static const struct { const char *a, *b; bool agree; } row[] = {
		{ "1.2345", "1.2345", true }, { "1.23454", "1.2345", true }, { "1.2346", "1.2345", true }, { "1.2347", "1.2345", false },
		{ "501", "500", false }, { "500.01", "500", true }, { "500.02", "500", false }, { "-1.5", "1.5", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_amounts a = amounts(row[i].a, row[i].b, "0", "0", "0");

		if (coinbase_amounts_agree(&a.quantity, &a.price, 2) != row[i].agree)
			fail_msg("%s and %s", row[i].a, row[i].b);
		coinbase_amounts_release(&a);
	}
}

/* The first is exact; the second is as somebody rounded or cut it, and of a whole number nothing was. */
static void a_quantity_is_the_same_to_a_millionth_or_its_last_decimal(void **state)
{
	static const struct { const char *a, *b; bool same; } row[] = {
		{ "2", "2.000", true }, { "1000000", "1000001", true }, { "1000000", "999999", true }, { "1000000", "1000002", false },
		{ "999999", "1000000", false }, { "-1000000", "-1000001", true }, { "1.5", "-1.5", false },
		{ "0.12345678", "0.1234", true }, { "0.1235", "0.1234", false }, { "1.44", "1.4", true }, { "1.4", "1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_amounts a = amounts(row[i].a, row[i].b, "0", "0", "0");

		if (coinbase_amounts_same_quantity(&a.quantity, &a.price) != row[i].same)
			fail_msg("%s and %s", row[i].a, row[i].b);
		coinbase_amounts_release(&a);
	}
}

/* A cent of bitcoin or ether is hundreds of dollars: what a spreadsheet has rounded to two decimals is no trade of theirs. */
static void a_quote_in_coin_is_rounded_to_its_eighth_decimal(void **state)
{
	static const struct { const char *a, *b; bool agree; } row[] = {
		{ "-0.01515", "-0.02", false }, { "0.02000001", "0.02", true }, { "0.02000002", "0.02", false }, { "0.015151515", "0.015151514", true },
	};
	struct reason why = { .text = "" };
	struct coinbase_amounts a;

	(void)state;
	assert_int_equal(coinbase_quote_scale("ETH-BTC"), 8);
	assert_int_equal(coinbase_quote_scale("LINK-ETH"), 8);
	assert_int_equal(coinbase_quote_scale("BTC-USD"), 2);
	assert_int_equal(coinbase_quote_scale("-BTC"), 2);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		a = amounts(row[i].a, row[i].b, "0", "0", "0");
		if (coinbase_amounts_agree(&a.quantity, &a.price, 8) != row[i].agree)
			fail_msg("%s and %s", row[i].a, row[i].b);
		coinbase_amounts_release(&a);
	}
	a = amounts("30", "0.0333", "0.9990", "1", "0");
	assert_int_equal(a.scale, 2);
	assert_true(coinbase_amounts_settle(&a, false, NULL));
	coinbase_amounts_release(&a);
	a = amounts("30", "0.0333", "0.9990", "1", "0");
	a.scale = 8;
	assert_false(coinbase_amounts_settle(&a, false, &why));
	assert_string_equal(why.text, "a sale of 0.9990 cannot have moved 1: the total is on the wrong side of the subtotal");
	coinbase_amounts_release(&a);
	a = amounts("0.1", "0.05012", "0.01", "0", "0");
	assert_true(coinbase_amounts_near(&a, &a.value));
	a.scale = 8;
	assert_false(coinbase_amounts_near(&a, &a.value));
	coinbase_amounts_release(&a);
}

static void no_quantity_and_a_value_below_zero_are_not_kept(void **state)
{
	static const struct { const char *quantity, *value, *words; } row[] = {
		{ "1", "1", NULL }, { "1", "0", NULL }, { "0", "1", "not above zero" }, { "-1", "1", "not above zero" },
		{ "1", "-1", "value is below zero" },
		{ "1000000000000000000000000000000000000000000000000000000000000000000000000", "1", "digits" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_amounts a = amounts(row[i].quantity, "2.50", row[i].value, "0", "-0.10");
		struct coinbase_fill f = { .source = "csv-fills" };
		struct reason why = { .text = "" };

		if (coinbase_amounts_keep(&f, &a, &why) != !row[i].words)
			fail_msg("row %zu", i);
		if (row[i].words) {
			assert_non_null(strstr(why.text, row[i].words));
		} else {
			assert_string_equal(f.size, row[i].quantity);
			assert_string_equal(f.base_size, row[i].quantity);
			assert_string_equal(f.price, "2.50");
			assert_string_equal(f.value, row[i].value);
			assert_string_equal(f.commission, "-0.10");
		}
		coinbase_amounts_release(&a);
	}
}

/* Half of the value, or the flat fee of a small purchase: 5, or 0.0005 of a coin. */
static void a_fee_is_bounded_by_the_value_and_by_the_flat_fee(void **state)
{
	static const struct { const char *product, *value, *fee; bool ok; } row[] = {
		{ "BTC-EUR", "20", "10", true }, { "BTC-EUR", "20", "10.01", false }, { "BTC-EUR", "4", "5", true }, { "BTC-EUR", "4", "5.01", false },
		{ "BTC-EUR", "4", "5.5", false }, { "BTC-EUR", "0", "5", true }, { "BTC-EUR", "0", "0", true }, { "BTC-EUR", "1", "-0.5", true },
		{ "ADA-BTC", "0.0001", "0.0005", true }, { "ADA-BTC", "0.0001", "0.00050001", false }, { "ADA-BTC", "0.002", "0.001", true },
		{ "ADA-ETH", "0.0001", "0.0005", true }, { "ADA-ETH", "0.0001", "0.00050001", false }, { "A-BTC", "0.0001", "0.001", false },
		/* The coin is the base: its flat fee is in euros. */
		{ "BTC-USD", "0.0001", "0.001", true }, { "ETH-EUR", "0.0001", "0.001", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_amounts a = amounts("1", "1", row[i].value, "0", row[i].fee);
		struct coinbase_fill f = { .source = "csv-fills" };
		struct reason why = { .text = "" };
		char words[100];

		snprintf(f.product_id, sizeof f.product_id, "%s", row[i].product);
		if (coinbase_amounts_keep(&f, &a, &why) != row[i].ok)
			fail_msg("%s: a fee of %s for %s", row[i].product, row[i].fee, row[i].value);
		snprintf(words, sizeof words, "a fee of %s is too much for a value of %s", row[i].fee, row[i].value);
		if (!row[i].ok)
			assert_string_equal(why.text, words);
		coinbase_amounts_release(&a);
	}
}

static void of_one_kind_or_both_currencies_is_money(void **state)
{
	(void)state;
	assert_true(coinbase_amounts_are_money("BTC", "btc"));
	assert_true(coinbase_amounts_are_money("EUR", "GBP"));
	assert_false(coinbase_amounts_are_money("BTC", "ETH"));
	assert_false(coinbase_amounts_are_money("BTC", "EUR"));
	assert_false(coinbase_amounts_are_money("EUR", "BTC"));
}

static void a_product_has_two_sides_that_are_not_one(void **state)
{
	struct coinbase_fill f = { .source = "csv-fills" };
	struct reason why = { .text = "" };

	(void)state;
	assert_true(coinbase_amounts_name(&f, "BTC", "EUR", NULL));
	assert_string_equal(f.product_id, "BTC-EUR");
	assert_true(coinbase_amounts_name(&f, "btc", "zar", NULL));
	assert_string_equal(f.product_id, "BTC-ZAR");
	assert_false(coinbase_amounts_name(&f, "eur", "EUR", &why));
	assert_non_null(strstr(why.text, "is not a trade"));
	assert_false(coinbase_amounts_name(&f, "EUR", "EUR", &why));
	assert_non_null(strstr(why.text, "EUR for EUR is not a trade"));
	assert_false(coinbase_amounts_name(&f, "", "EUR", &why));
	assert_non_null(strstr(why.text, "is not a product"));
	assert_false(coinbase_amounts_name(&f, "BTC", "", &why));
	assert_non_null(strstr(why.text, "no currency says what BTC was traded for"));
	assert_false(coinbase_amounts_name(&f, "B C", "EUR", NULL));
	assert_false(coinbase_amounts_name(&f, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOP", "EUR", NULL));
}

/* Of the row's own currency a token is twice as much at most, or 5 more or less. */
static void a_token_is_about_as_much_as_the_currency_it_stands_for(void **state)
{
	static const struct { const char *asset, *quantity, *currency, *money; bool ok; } row[] = {
		{ "USDC", "100", "USD", "200", true }, { "USDC", "100", "USD", "200.01", false },
		{ "USDC", "200", "USD", "100", true }, { "USDC", "200.01", "USD", "100", false },
		{ "USDC", "2", "USD", "7", true }, { "USDC", "2", "USD", "7.01", false }, { "USDC", "5.02", "USD", "0.02", true },
		{ "USDT", "100", "USD", "201", false }, { "DAI", "100", "USD", "201", false }, { "PYUSD", "100", "USD", "201", false },
		{ "EURC", "100", "EUR", "201", false }, { "usdc", "100", "usd", "201", false },
		/* At any rate of exchange, and a coin. */
		{ "EURC", "100", "USD", "201", true }, { "USDC", "100", "JPY", "15000", true }, { "BTC", "1", "USD", "60000", true },
		{ "DAIX", "100", "USD", "201", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct decimal quantity, money;
		struct reason why = { .text = "" };

		decimal_init(&quantity);
		decimal_init(&money);
		assert_true(decimal_parse_text(&quantity, row[i].quantity, DECIMAL_PLAIN, NULL));
		assert_true(decimal_parse_text(&money, row[i].money, DECIMAL_PLAIN, NULL));
		if (coinbase_amounts_are_of(row[i].asset, &quantity, row[i].currency, &money, &why) != row[i].ok)
			fail_msg("%s %s for %s %s: %s", row[i].quantity, row[i].asset, row[i].money, row[i].currency, why.text);
		if (i == 1)
			assert_string_equal(why.text, "100 USDC cannot be 200.01 USD: the amounts may be in a currency other than the row says");
		decimal_release(&quantity);
		decimal_release(&money);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fee_is_the_difference_by_side),
		cmocka_unit_test(a_total_on_the_wrong_side_or_far_away_is_refused_with_both_figures),
		cmocka_unit_test(a_value_follows_from_the_total_whatever_the_sign_of_the_fee),
		cmocka_unit_test(a_value_is_near_what_quantity_and_price_make),
		cmocka_unit_test(two_amounts_agree_to_the_last_decimal_written),
		cmocka_unit_test(a_quantity_is_the_same_to_a_millionth_or_its_last_decimal),
		cmocka_unit_test(a_quote_in_coin_is_rounded_to_its_eighth_decimal),
		cmocka_unit_test(no_quantity_and_a_value_below_zero_are_not_kept),
		cmocka_unit_test(a_fee_is_bounded_by_the_value_and_by_the_flat_fee),
		cmocka_unit_test(a_token_is_about_as_much_as_the_currency_it_stands_for),
		cmocka_unit_test(of_one_kind_or_both_currencies_is_money),
		cmocka_unit_test(a_product_has_two_sides_that_are_not_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/trade.h"

/* What a row says beside, or instead of, the usual: BUY of 3 P, known as r. */
struct alert_memory {
	const char *text[TRADE_COLUMNS];
};

#define TOLD(...) { { __VA_ARGS__ } }

static bool read_told(struct trade *t, const struct alert_memory *told, struct reason *why)
{
	const char *text[TRADE_COLUMNS] = {
		[TRADE_PRODUCT_ID] = "P", [TRADE_RECORD_ID] = "r", [TRADE_SIDE] = "BUY", [TRADE_TIME] = "2024-01-01T00:00:00Z",
		[TRADE_SIZE] = "3",
	};

	for (int c = 0; c < TRADE_COLUMNS; c++)
		if (told->text[c])
			text[c] = told->text[c];
	struct trade_habits habits = { .utc = false };

	return trade_read(t, text, &habits, why);
}

static void value_is(const struct decimal *d, const char *want)
{
	struct buf text = BUF_INIT;

	decimal_write(d, DECIMAL_KEEP_ZEROS, &text);
	assert_string_equal(text.data, want);
	buf_release(&text);
}

static void a_value_is_sent_or_follows_from_total_or_price(void **state)
{
	static const struct { struct alert_memory told; const char *value; } row[] = {
		{ TOLD([TRADE_VALUE] = "10", [TRADE_FEE] = "1"), "10" },
		{ TOLD([TRADE_TOTAL] = "11", [TRADE_FEE] = "1"), "10" },
		{ TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "9", [TRADE_FEE] = "-1"), "10" },
		{ TOLD([TRADE_TOTAL] = "9", [TRADE_FEE] = "1", [TRADE_SIDE] = "sell"), "10" },
		{ TOLD([TRADE_TOTAL] = "-0.5", [TRADE_FEE] = "1", [TRADE_SIDE] = "FEE"), "0.5" },
		{ TOLD([TRADE_PRICE] = "3.330"), "9.990" },
		{ TOLD([TRADE_PRICE] = "3.33", [TRADE_VALUE] = "10", [TRADE_TOTAL] = "10"), "10" },
		{ TOLD([TRADE_PRICE] = "1e-7"), "0.0000003" },
	};
	struct trade t;
	struct reason why;

	(void)state;
	trade_init(&t);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (!read_told(&t, &row[i].told, &why))
			fail_msg("row %zu: %s", i, why.text);
		value_is(&t.value, row[i].value);
	}
	trade_release(&t);
}

static void fee_is(const struct alert_memory *told, enum negative_fee habit, const char *fee, const char *reason)
{
	struct trade_habits habits = { .negative_fee = habit };
	struct reason why = { .text = "" };
	struct trade t;
	const char *text[TRADE_COLUMNS] = {
		[TRADE_PRODUCT_ID] = "BTC-USD", [TRADE_RECORD_ID] = "r", [TRADE_SIDE] = "BUY", [TRADE_TIME] = "2024-01-01T00:00:00Z",
		[TRADE_SIZE] = "2",
	};

	for (int c = 0; c < TRADE_COLUMNS; c++)
		if (told->text[c])
			text[c] = told->text[c];
	trade_init(&t);
	if (trade_read(&t, text, &habits, &why) != (fee != NULL))
		fail_msg("%s", why.text);
	if (fee)
		value_is(&t.fee, fee);
	else
		assert_non_null(strstr(why.text, reason));
	trade_release(&t);
}

/* A fee is never a rebate by its sign alone. */
static void a_negative_fee_is_what_the_total_or_the_habit_says(void **state)
{
	static const char sign[] = "fee: -1 is below zero, and no total", side[] = "is on the wrong side of the value";

	(void)state;
	fee_is(&(struct alert_memory)TOLD([TRADE_VALUE] = "10", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REFUSED, NULL, sign);
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REFUSED, NULL, sign);
	/* A total alone makes any value that one likes. */
	fee_is(&(struct alert_memory)TOLD([TRADE_TOTAL] = "9", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REFUSED, NULL, sign);
	fee_is(&(struct alert_memory)TOLD([TRADE_VALUE] = "10", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REBATE, "-1", NULL);
	fee_is(&(struct alert_memory)TOLD([TRADE_VALUE] = "10", [TRADE_FEE] = "-1"), NEGATIVE_FEE_FEE, "1", NULL);
	/* What moved counts more than what was said of the file. */
	fee_is(&(struct alert_memory)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "9", [TRADE_FEE] = "-1"), NEGATIVE_FEE_FEE, "-1", NULL);
	fee_is(&(struct alert_memory)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "11", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REBATE, "1", NULL);
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5", [TRADE_TOTAL] = "11", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REFUSED, "1", NULL);
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5", [TRADE_TOTAL] = "11", [TRADE_FEE] = "-1", [TRADE_SIDE] = "SELL"),
	       NEGATIVE_FEE_REFUSED, "-1", NULL);
	/* Below a cent a total cannot tell the two apart. */
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5", [TRADE_TOTAL] = "10.00", [TRADE_FEE] = "-0.004"), NEGATIVE_FEE_REFUSED, NULL,
	       "fee: -0.004 is below zero");
	/* A fee that is not told is the difference, by side. */
	fee_is(&(struct alert_memory)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "10.5"), NEGATIVE_FEE_REFUSED, "0.5", NULL);
	fee_is(&(struct alert_memory)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "9.5", [TRADE_SIDE] = "SELL"), NEGATIVE_FEE_REFUSED, "0.5", NULL);
	fee_is(&(struct alert_memory)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "9.5"), NEGATIVE_FEE_REFUSED, NULL, side);
	/* A sale that is told as money that went out. */
	fee_is(&(struct alert_memory)TOLD([TRADE_VALUE] = "100", [TRADE_TOTAL] = "-99.4", [TRADE_SIDE] = "SELL"), NEGATIVE_FEE_REFUSED, NULL,
	       "is too far from the value");
	fee_is(&(struct alert_memory)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "10.5", [TRADE_SIDE] = "SELL"), NEGATIVE_FEE_REFUSED, NULL, side);
}

static void a_price_and_a_named_currency_are_held_against_the_rest(void **state)
{
	(void)state;
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5", [TRADE_VALUE] = "1000"), NEGATIVE_FEE_REFUSED, NULL,
	       "price: 5 times the size is not the value 1000");
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5", [TRADE_TOTAL] = "1000", [TRADE_FEE] = "1"), NEGATIVE_FEE_REFUSED, NULL,
	       "price: 5 times the size is not the value 999");
	/* A few per cent are spread, and a price that somebody rounded for himself does not change what was paid. */
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5", [TRADE_VALUE] = "19"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5", [TRADE_VALUE] = "4.9"), NEGATIVE_FEE_REFUSED, NULL, "is not the value 4.9");
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5", [TRADE_VALUE] = "10.30"), NEGATIVE_FEE_REFUSED, "0", NULL);
	/* A price of 0 tells nothing of what was received. */
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "0", [TRADE_VALUE] = "10"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "0.001 BNB"), NEGATIVE_FEE_REFUSED, NULL,
	       "fee: 0.001 BNB is in BNB and the trade BTC-USD");
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "\xe2\x82\xac" "5"), NEGATIVE_FEE_REFUSED, NULL, "is in EUR and the trade BTC-USD");
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5 USD", [TRADE_SIZE] = "2 BTC", [TRADE_FEE] = "USD 1"), NEGATIVE_FEE_REFUSED, "1", NULL);
	fee_is(&(struct alert_memory)TOLD([TRADE_PRICE] = "5", [TRADE_SIZE] = "2 ETH"), NEGATIVE_FEE_REFUSED, NULL, "size: 2 ETH is in ETH");
}

static void contracts_are_refused(void **state)
{
	static const char *const contract[] = {
		"BIP-20DEC30-CDE", "BTC-PERP-INTX", "ET-28MAR25-CDE", "BTC-PERP", "btc-perpetual", "BTC-USDT-SWAP", "BTC/USD:USD",
		"ETH-28MAR25", "BTC_USD_PERP", "BTCUSD_240628", "BTCUSDPERP", "PERP_BTC_USDC", "BTC-28JUN24-60000-C",
	};

	(void)state;
	for (size_t i = 0; i < sizeof contract / sizeof *contract; i++)
		fee_is(&(struct alert_memory)TOLD([TRADE_PRODUCT_ID] = contract[i], [TRADE_PRICE] = "5"), NEGATIVE_FEE_REFUSED, NULL,
		       "is a future, a perpetual or an option");
	/* Coins whose names are like it. */
	fee_is(&(struct alert_memory)TOLD([TRADE_PRODUCT_ID] = "PERP-USD", [TRADE_PRICE] = "5"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct alert_memory)TOLD([TRADE_PRODUCT_ID] = "1INCH-USD", [TRADE_PRICE] = "5"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct alert_memory)TOLD([TRADE_PRODUCT_ID] = "PERP/USD", [TRADE_PRICE] = "5"), NEGATIVE_FEE_REFUSED, "0", NULL);
}

static void an_order_or_a_fill_is_known_by_its_id(void **state)
{
	static const struct { struct alert_memory told; const char *level, *record, *order; } row[] = {
		{ TOLD([TRADE_PRICE] = "1"), "fill", "r", NULL },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_RECORD_ID] = "", [TRADE_TRADE_ID] = "t", [TRADE_ORDER_ID] = "o"), "fill", "t", "o" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_RECORD_ID] = "", [TRADE_ORDER_ID] = "o"), "order", "o", "o" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_LEVEL] = "Order"), "order", "r", "r" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_LEVEL] = "FILL", [TRADE_ORDER_ID] = "o"), "fill", "r", "o" },
	};
	struct trade t;
	struct reason why;

	(void)state;
	trade_init(&t);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (!read_told(&t, &row[i].told, &why))
			fail_msg("row %zu: %s", i, why.text);
		assert_string_equal(t.text[TRADE_LEVEL], row[i].level);
		assert_string_equal(t.text[TRADE_RECORD_ID], row[i].record);
		if (row[i].order)
			assert_string_equal(t.text[TRADE_ORDER_ID], row[i].order);
		else
			assert_null(t.text[TRADE_ORDER_ID]);
	}
	trade_release(&t);
}

static void what_contradicts_itself_is_refused_with_its_column(void **state)
{
	static const struct { struct alert_memory told; const char *why; } row[] = {
		{ TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "12", [TRADE_FEE] = "1"), "value 10, fee 1 and total 12 do not agree" },
		{ TOLD([TRADE_TOTAL] = "1", [TRADE_FEE] = "2"), "total: 1 and its fee make the value negative" },
		{ TOLD([TRADE_FEE] = "1"), "value, total and price are all missing" },
		{ TOLD([TRADE_PRICE] = "-1"), "price: -1 is negative" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_FILLS] = "1.5"), "fills: \"1.5\" is not a count" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_SIZE] = "0", [TRADE_FEE] = "1"),
		  "a trade of size zero has a value or a fee" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_SIZE] = ""), "size is empty" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_LEVEL] = "order", [TRADE_ORDER_ID] = "o"),
		  "an order's record_id is its order_id, but these are r and o" },
	};
	struct trade t;

	(void)state;
	trade_init(&t);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };

		assert_false(read_told(&t, &row[i].told, &why));
		assert_string_equal(why.text, row[i].why);
	}
	trade_release(&t);
}

/* A day alone is a time only where the file's owner has said which; its count tells them how many were taken so. */
static void a_day_without_a_time_is_refused_unless_one_is_set(void **state)
{
	const char *text[TRADE_COLUMNS] = { [TRADE_PRODUCT_ID] = "P", [TRADE_RECORD_ID] = "r", [TRADE_SIDE] = "BUY",
					    [TRADE_TIME] = "2024-02-29", [TRADE_SIZE] = "3", [TRADE_PRICE] = "1" };
	struct trade_habits habits = { .utc = true };
	char when[INSTANT_NS_LONG_TEXT];
	struct reason why = { .text = "" };
	struct trade t;

	(void)state;
	trade_init(&t);
	assert_false(trade_read(&t, text, &habits, &why));
	assert_string_equal(why.text, "trade_time: 2024-02-29 is a day without a time; set one with --time-of-day");
	assert_int_equal(habits.dates, 0);
	habits.time_of_day = "23:59:59.5";
	if (!trade_read(&t, text, &habits, &why))
		fail_msg("%s", why.text);
	assert_int_equal(habits.dates, 1);
	assert_string_equal(instant_ns_format(&t.time, when), "2024-02-29T23:59:59.500000Z");
	habits.time_of_day = "25:00";
	assert_false(trade_read(&t, text, &habits, &why));
	trade_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_sent_or_follows_from_total_or_price),
		cmocka_unit_test(a_day_without_a_time_is_refused_unless_one_is_set),
		cmocka_unit_test(a_negative_fee_is_what_the_total_or_the_habit_says),
		cmocka_unit_test(a_price_and_a_named_currency_are_held_against_the_rest),
		cmocka_unit_test(contracts_are_refused),
		cmocka_unit_test(an_order_or_a_fill_is_known_by_its_id),
		cmocka_unit_test(what_contradicts_itself_is_refused_with_its_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "coinbase/csv_amounts.h"
#include "ledger/trade.h"

/* What a row says beside, or instead of, the usual: BUY of 3 P, known as r; "" is nothing. */
struct told {
	const char *text[TRADE_COLUMNS];
};

#define TOLD(...) { { __VA_ARGS__ } }

static bool read_told(struct trade *t, const struct told *told, struct reason *why)
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
	static const struct { struct told told; const char *value; } row[] = {
		{ TOLD([TRADE_VALUE] = "10", [TRADE_FEE] = "1"), "10" },
		{ TOLD([TRADE_TOTAL] = "11", [TRADE_FEE] = "1"), "10" },
		{ TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "9", [TRADE_FEE] = "-1"), "10" },
		{ TOLD([TRADE_TOTAL] = "9", [TRADE_FEE] = "1", [TRADE_SIDE] = "sell"), "10" },
		{ TOLD([TRADE_TOTAL] = "-0.5", [TRADE_FEE] = "1", [TRADE_SIDE] = "FEE"), "0.5" },
		{ TOLD([TRADE_PRICE] = "3.330"), "9.990" },
		{ TOLD([TRADE_PRICE] = "3.33", [TRADE_VALUE] = "10", [TRADE_TOTAL] = "10"), "10" },
		{ TOLD([TRADE_PRICE] = "1e-7"), "0.0000003" },
		{ TOLD([TRADE_TOTAL] = "1", [TRADE_FEE] = "1"), "0" },
		/* money that went out, with its sign, of what came in */
		{ TOLD([TRADE_TOTAL] = "-11", [TRADE_FEE] = "1"), "10" },
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

static void fee_is(const struct told *told, enum negative_fee habit, const char *fee, const char *reason)
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
	assert_int_equal(habits.fees, fee && coinbase_fee_is_beyond(&t.fee, &t.value, t.text[TRADE_PRODUCT_ID]));
	trade_release(&t);
}

/* A fee is never a rebate by its sign alone. */
static void a_negative_fee_is_what_the_total_or_the_habit_says(void **state)
{
	static const char sign[] = "fee: -1 is below zero, and no total", side[] = "is on the wrong side of the value";

	(void)state;
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REFUSED, NULL, sign);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REFUSED, NULL, sign);
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_FEE] = "-10"), NEGATIVE_FEE_REFUSED, NULL, "fee: -10 is below zero");
	/* A total alone makes any value that one likes. */
	fee_is(&(struct told)TOLD([TRADE_TOTAL] = "9", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REFUSED, NULL, sign);
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REBATE, "-1", NULL);
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_FEE] = "-1"), NEGATIVE_FEE_FEE, "1", NULL);
	/* What moved counts more than what was said of the file. */
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "9", [TRADE_FEE] = "-1"), NEGATIVE_FEE_FEE, "-1", NULL);
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "11", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REBATE, "1", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_TOTAL] = "11", [TRADE_FEE] = "-1"), NEGATIVE_FEE_REFUSED, "1", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_TOTAL] = "11", [TRADE_FEE] = "-1", [TRADE_SIDE] = "SELL"),
	       NEGATIVE_FEE_REFUSED, "-1", NULL);
	/* Below a cent a total cannot tell the two apart. */
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_TOTAL] = "10.00", [TRADE_FEE] = "-0.004"), NEGATIVE_FEE_REFUSED, NULL,
	       "fee: -0.004 is below zero");
	/* A fee that is not told is the difference, by side. */
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "10.5"), NEGATIVE_FEE_REFUSED, "0.5", NULL);
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "9.5", [TRADE_SIDE] = "SELL"), NEGATIVE_FEE_REFUSED, "0.5", NULL);
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "9.5"), NEGATIVE_FEE_REFUSED, NULL, side);
	/* It is half of the value at most. */
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "15"), NEGATIVE_FEE_REFUSED, "5", NULL);
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_FEE] = "6"), NEGATIVE_FEE_REFUSED, "6", NULL);
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "15.01"), NEGATIVE_FEE_REFUSED, NULL, "is too far from the value");
	/* A sale that is told as money that went out. */
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "100", [TRADE_TOTAL] = "-99.4", [TRADE_SIDE] = "SELL"), NEGATIVE_FEE_REFUSED, NULL,
	       "is too far from the value");
	fee_is(&(struct told)TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "10.5", [TRADE_SIDE] = "SELL"), NEGATIVE_FEE_REFUSED, NULL, side);
}

static void a_price_and_a_named_currency_are_held_against_the_rest(void **state)
{
	(void)state;
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_VALUE] = "1000"), NEGATIVE_FEE_REFUSED, NULL,
	       "price: 5 times the size is not the value 1000");
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_TOTAL] = "1000", [TRADE_FEE] = "1"), NEGATIVE_FEE_REFUSED, NULL,
	       "price: 5 times the size is not the value 999");
	/* A few per cent are spread, and a price that somebody rounded for himself does not change what was paid. */
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_VALUE] = "19"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_VALUE] = "4.9"), NEGATIVE_FEE_REFUSED, NULL, "is not the value 4.9");
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_VALUE] = "10.30"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_VALUE] = "20"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_VALUE] = "5"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_VALUE] = "20.01"), NEGATIVE_FEE_REFUSED, NULL, "is not the value 20.01");
	/* A price of 0 tells nothing of what was received. */
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "0", [TRADE_VALUE] = "10"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "0.001 BNB"), NEGATIVE_FEE_REFUSED, NULL,
	       "fee: 0.001 BNB is in BNB and the trade BTC-USD");
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "\xe2\x82\xac" "5"), NEGATIVE_FEE_REFUSED, NULL, "is in EUR and the trade BTC-USD");
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5 USD", [TRADE_SIZE] = "2 BTC", [TRADE_FEE] = "USD 1"), NEGATIVE_FEE_REFUSED, "1", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_SIZE] = "2 ETH"), NEGATIVE_FEE_REFUSED, NULL, "size: 2 ETH is in ETH");
}

static void a_fee_is_in_the_quote(void **state)
{
	(void)state;
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "1", [TRADE_FEE_CURRENCY] = "USD"), NEGATIVE_FEE_REFUSED, "1", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "1", [TRADE_FEE_CURRENCY] = "BTC"), NEGATIVE_FEE_REFUSED, NULL,
	       "fee_currency: the fee is 1 BTC and the trade BTC-USD; give the fee in the quote");
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "1", [TRADE_FEE_CURRENCY] = "usd"), NEGATIVE_FEE_REFUSED, "1", NULL);
	/* As another exchange names it: a letter before the currency, of that currency. */
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "1", [TRADE_FEE_CURRENCY] = "ZUSD"), NEGATIVE_FEE_REFUSED, "1", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "1", [TRADE_FEE_CURRENCY] = "ZEUR"), NEGATIVE_FEE_REFUSED, NULL, "the fee is 1 ZEUR");
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "1", [TRADE_FEE_CURRENCY] = "XUSD"), NEGATIVE_FEE_REFUSED, NULL, "the fee is 1 XUSD");
	fee_is(&(struct told)TOLD([TRADE_PRODUCT_ID] = "ETH-BTC", [TRADE_PRICE] = "5", [TRADE_FEE] = "1", [TRADE_FEE_CURRENCY] = "ZBTC"),
	       NEGATIVE_FEE_REFUSED, NULL, "the fee is 1 ZBTC");
	/* As ccxt's programs write that it was not said. */
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "1", [TRADE_FEE_CURRENCY] = "None"), NEGATIVE_FEE_REFUSED, "1", NULL);
	/* No fee is in any currency. */
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_FEE] = "0", [TRADE_FEE_CURRENCY] = "BTC"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRICE] = "5", [TRADE_FEE_CURRENCY] = "BTC"), NEGATIVE_FEE_REFUSED, "0", NULL);
	/* A product whose quote is not known has none. */
	fee_is(&(struct told)TOLD([TRADE_PRODUCT_ID] = "P", [TRADE_PRICE] = "5", [TRADE_FEE] = "1", [TRADE_FEE_CURRENCY] = "USD"),
	       NEGATIVE_FEE_REFUSED, NULL, "fee_currency: the fee is 1 USD and the trade P");
}

static void entries_of_the_interface_are_trades_or_refused(void **state)
{
	static const struct { const char *type, *in_quote, *why; } row[] = {
		{ "FILL", "false", NULL }, { "market", "F", NULL }, { NULL, "no", NULL }, { NULL, "N", NULL }, { NULL, "0", NULL },
		{ NULL, "None", NULL }, { "REVERSAL", NULL, "trade_type: a REVERSAL is no trade" },
		{ "correction", NULL, "trade_type: a correction is no trade" }, { "SYNTHETIC", NULL, "trade_type: a SYNTHETIC is no" },
		{ "FILL", "True", "size_in_quote: True, and" }, { NULL, "1", "size_in_quote: 1, and" },
	};
	struct trade t;
	struct reason why;

	(void)state;
	trade_init(&t);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct told told = TOLD([TRADE_PRICE] = "5", [TRADE_TYPE] = row[i].type, [TRADE_SIZE_IN_QUOTE] = row[i].in_quote);

		assert_int_equal(read_told(&t, &told, &why), row[i].why == NULL);
		if (row[i].why)
			assert_memory_equal(why.text, row[i].why, strlen(row[i].why));
	}
	trade_release(&t);
}

static void contracts_are_refused(void **state)
{
	static const char *const contract[] = {
		"BIP-20DEC30-CDE", "BTC-PERP-INTX", "ET-28MAR25-CDE", "BTC-PERP", "btc-perpetual", "BTC-USDT-SWAP", "BTC/USD:USD",
		"ETH-28MAR25", "BTC_USD_PERP", "BTCUSD_240628", "BTCUSDPERP", "PERP_BTC_USDC", "BTC-28JUN24-60000-C",
	};

	(void)state;
	for (size_t i = 0; i < sizeof contract / sizeof *contract; i++)
		fee_is(&(struct told)TOLD([TRADE_PRODUCT_ID] = contract[i], [TRADE_PRICE] = "5"), NEGATIVE_FEE_REFUSED, NULL,
		       "is a future, a perpetual or an option");
	/* Coins whose names are like it. */
	fee_is(&(struct told)TOLD([TRADE_PRODUCT_ID] = "PERP-USD", [TRADE_PRICE] = "5"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRODUCT_ID] = "1INCH-USD", [TRADE_PRICE] = "5"), NEGATIVE_FEE_REFUSED, "0", NULL);
	fee_is(&(struct told)TOLD([TRADE_PRODUCT_ID] = "PERP/USD", [TRADE_PRICE] = "5"), NEGATIVE_FEE_REFUSED, "0", NULL);
}

/* Read a row told with these habits into t, which the next row is read into too. */
static void is_read(struct trade *t, struct trade_habits *habits, const struct told *told)
{
	struct reason why = { .text = "" };
	const char *text[TRADE_COLUMNS] = {
		[TRADE_PRODUCT_ID] = "BTC-USD", [TRADE_RECORD_ID] = "r", [TRADE_TIME] = "2024-01-01T00:00:00Z", [TRADE_SIZE] = "2",
		[TRADE_PRICE] = "5",
	};

	for (int c = 0; c < TRADE_COLUMNS; c++)
		if (told->text[c])
			text[c] = told->text[c];
	if (!trade_read(t, text, habits, &why))
		fail_msg("%s", why.text);
}

static void a_side_is_said_or_is_the_sign_of_the_size(void **state)
{
	static const struct { struct told told; bool signed_size; const char *side; bool is_lot; long signs; } row[] = {
		{ TOLD([TRADE_SIDE] = "buy"), false, "BUY", true, 0 }, { TOLD([TRADE_SIDE] = "Income"), false, "INCOME", true, 0 },
		{ TOLD([TRADE_SIDE] = "SELL"), false, "SELL", false, 0 }, { TOLD([TRADE_SIDE] = "fee"), false, "FEE", false, 0 },
		/* what is sold goes out */
		{ TOLD([TRADE_SIDE] = "SELL", [TRADE_SIZE] = "-2"), false, "SELL", false, 1 },
		{ TOLD([TRADE_SIDE] = "SELL", [TRADE_SIZE] = "-2"), true, "SELL", false, 1 },
		{ TOLD([TRADE_SIDE] = "SELL"), true, "SELL", false, 0 },
		/* without a side, however the sign is written */
		{ TOLD([TRADE_SIZE] = "2"), true, "BUY", true, 0 }, { TOLD([TRADE_SIZE] = "-2"), true, "SELL", false, 1 },
		{ TOLD([TRADE_SIZE] = "(2)"), true, "SELL", false, 1 }, { TOLD([TRADE_SIZE] = "\xe2\x88\x92" "2"), true, "SELL", false, 1 },
		{ TOLD([TRADE_SIZE] = "BTC -2"), true, "SELL", false, 1 },
		{ TOLD([TRADE_SIZE] = "0"), true, "BUY", true, 0 }, { TOLD([TRADE_SIDE] = "FEE", [TRADE_SIZE] = "0"), false, "FEE", false, 0 },
	};
	struct trade t;

	(void)state;
	trade_init(&t);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct trade_habits habits = { .signed_size = row[i].signed_size };

		is_read(&t, &habits, &row[i].told);
		assert_string_equal(t.side, row[i].side);
		assert_int_equal(t.is_lot, row[i].is_lot);
		assert_int_equal(habits.signs, row[i].signs);
		assert_true(decimal_sign(&t.size) >= 0);
	}
	trade_release(&t);
}

/* Each row is read by itself: what it does not say is not what the row before it said. */
static void a_row_has_nothing_of_the_one_before(void **state)
{
	static const struct told full = TOLD([TRADE_SIDE] = "BUY", [TRADE_FEE] = "1", [TRADE_TOTAL] = "11", [TRADE_FILLS] = "123456789");
	static const struct told bare = TOLD([TRADE_SIDE] = "BUY");
	struct trade_habits habits = { .utc = false };
	struct trade t;

	(void)state;
	memset(&t, 0xa5, sizeof t);
	trade_init(&t);
	assert_string_equal(t.first_time.micros, "");
	assert_string_equal(t.product, "");
	is_read(&t, &habits, &full);
	assert_int_equal(t.fills, 123456789);
	value_is(&t.fee, "1");
	is_read(&t, &habits, &bare);
	assert_int_equal(t.fills, 0);
	value_is(&t.fee, "0");
	value_is(&t.value, "10");
	trade_release(&t);
}

static void each_time_may_be_a_number_and_is_counted(void **state)
{
	static const struct told told = TOLD([TRADE_SIDE] = "BUY", [TRADE_TIME] = "1704067200", [TRADE_FIRST_TIME] = "1704067199123",
					     [TRADE_LAST_TIME] = "2024-01-01T00:00:01+00:00");
	struct trade_habits habits = { .utc = false };
	char when[INSTANT_NS_LONG_TEXT];
	struct trade t;

	(void)state;
	trade_init(&t);
	is_read(&t, &habits, &told);
	assert_string_equal(instant_ns_format(&t.time, when), "2024-01-01T00:00:00.000000Z");
	assert_string_equal(instant_ns_format(&t.first_time, when), "2023-12-31T23:59:59.123000Z");
	assert_string_equal(instant_ns_format(&t.last_time, when), "2024-01-01T00:00:01.000000Z");
	assert_int_equal(habits.epochs, 2);
	trade_release(&t);
}

static void a_product_is_written_as_the_exchange_writes_it_where_one_reading_fits(void **state)
{
	static const struct { const char *told, *product; } row[] = {
		{ "BTC/USD", "BTC-USD" }, { "BTC_USDC", "BTC-USDC" }, { "BTC:EUR", "BTC-EUR" }, { "A/B", "A-B" }, { "1INCH/USD", "1INCH-USD" },
		{ "BTCUSD", "BTC-USD" }, { "BTCUSDT", "BTC-USDT" }, { "ETHBTC", "ETH-BTC" }, { "LINKETH", "LINK-ETH" }, { "OPUSD", "OP-USD" },
		{ "btc-usd", "BTC-USD" }, { "aave/eur", "AAVE-EUR" }, { "zec_gbp", "ZEC-GBP" }, { "1inchusd", "1INCH-USD" },
		/* bitcoin's other name, and the marks of another exchange */
		{ "XBT/USD", "BTC-USD" }, { "XBTUSD", "BTC-USD" }, { "XBT-EUR", "BTC-EUR" }, { "ETHXBT", "ETH-BTC" }, { "XDG/USD", "DOGE-USD" },
		{ "XXBTZUSD", "BTC-USD" }, { "XETHZEUR", "ETH-EUR" }, { "xltczcad", "LTC-CAD" }, { "XETHXXBT", "ETH-BTC" },
		{ "XXDGXXBT", "DOGE-BTC" }, { "XREPXETH", "REP-ETH" },
		/* of which only one reading fits: no such names */
		{ "XTZUSD", "XTZ-USD" }, { "XABCDUSD", "XABCD-USD" }, { "XABCDZUSD", "XABCDZ-USD" }, { "AXBTZUSD", "AXBTZ-USD" },
		/* which stay */
		{ "XXBTZABC", "XXBTZABC" }, { "XXBTXABC", "XXBTXABC" }, { "XBTC-USD", "XBTC-USD" },
		{ "BTC-USD", "BTC-USD" }, { "USD", "USD" }, { "XUSD", "XUSD" }, { "Btc-usd", "Btc-usd" }, { "BTC/", "BTC/" }, { "/USD", "/USD" },
		{ "BTC.USD", "BTC.USD" }, { "SOMETHING", "SOMETHING" }, { "123", "123" }, { "BTC/usd", "BTC/usd" },
	};
	struct told told = TOLD([TRADE_SIDE] = "BUY");
	char text[80];
	struct trade t;

	(void)state;
	trade_init(&t);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct trade_habits habits = { .utc = false };

		told.text[TRADE_PRODUCT_ID] = row[i].told;
		is_read(&t, &habits, &told);
		assert_string_equal(t.text[TRADE_PRODUCT_ID], row[i].product);
		assert_int_equal(habits.symbols, strcmp(row[i].told, row[i].product) != 0);
	}
	/* The longest that has room with its dash, and two longer ones, which stay as they are. */
	for (size_t len = PRODUCT_TEXT - 2; len <= PRODUCT_TEXT; len++) {
		struct trade_habits habits = { .utc = false };

		memset(text, 'x', len);
		memcpy(text + len - 3, "usd", 4);
		told.text[TRADE_PRODUCT_ID] = text;
		is_read(&t, &habits, &told);
		assert_int_equal(habits.symbols, len == PRODUCT_TEXT - 2);
		assert_int_equal(strlen(t.text[TRADE_PRODUCT_ID]), len == PRODUCT_TEXT - 2 ? len + 1 : len);
	}
	trade_release(&t);
}

static void each_column_is_found_by_its_name(void **state)
{
	(void)state;
	for (enum trade_column c = 0; c < TRADE_COLUMNS; c++)
		assert_int_equal(trade_column_named(trade_column_name(c)), c);
	assert_int_equal(trade_column_named("Size"), TRADE_COLUMNS);
}

static void an_order_or_a_fill_is_known_by_its_id(void **state)
{
	static const struct { struct told told; const char *level, *record, *order; } row[] = {
		{ TOLD([TRADE_PRICE] = "1"), "fill", "r", NULL },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_RECORD_ID] = "", [TRADE_TRADE_ID] = "t", [TRADE_ORDER_ID] = "o"), "fill", "t", "o" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_RECORD_ID] = "none", [TRADE_TRADE_ID] = "N/A", [TRADE_ORDER_ID] = "o"), "order", "o", "o" },
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
	static const struct { struct told told; const char *why; } row[] = {
		{ TOLD([TRADE_VALUE] = "10", [TRADE_TOTAL] = "12", [TRADE_FEE] = "1"), "value 10, fee 1 and total 12 do not agree" },
		{ TOLD([TRADE_TOTAL] = "1", [TRADE_FEE] = "2"), "total: 1 and its fee make the value negative" },
		{ TOLD([TRADE_FEE] = "1"), "value, total and price are all missing" },
		{ TOLD([TRADE_PRICE] = "-1"), "price: -1 is negative" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_FILLS] = "1.5"), "fills: \"1.5\" is not a count" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_SIZE] = "0", [TRADE_FEE] = "1"),
		  "a trade of size zero has a value or a fee" },
		{ TOLD([TRADE_VALUE] = "1", [TRADE_SIZE] = "0"), "a trade of size zero has a value or a fee" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_SIZE] = ""), "size is empty" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_PRODUCT_ID] = ""), "product_id is empty" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_PRODUCT_ID] = "n/a"), "product_id is empty" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_RECORD_ID] = "N/A", [TRADE_TRADE_ID] = "null"), "a fill without its id" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_RECORD_ID] = "-", [TRADE_LEVEL] = "order"), "an order without its id" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_TIME] = ""), "trade_time is empty" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_PRODUCT_ID] = "BTC-BTC"), "product_id: BTC-BTC is not a trade of one for another" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_PRODUCT_ID] = "BTC-"), "product_id: BTC- is not a trade of one for another" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_SIDE] = ""), "side is empty" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_SIDE] = "BUYS"), "side: \"BUYS\" is not BUY, SELL, INCOME or FEE" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_SIZE] = "-3"), "size: -3 is negative" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_FILLS] = "1234567890"), "fills: \"1234567890\" is not a count" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_PRODUCT_ID] = "=P"), "product_id: \"=P\" is not an id: it has a byte beyond ASCII or begins as a formula" },
		{ TOLD([TRADE_PRICE] = "1", [TRADE_TRADE_ID] = "@t"), "trade_id: \"@t\" is not an id: it has a byte beyond ASCII or begins as a formula" },
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
	struct instant_ns latest;
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
	/* No time of a row can be later than the caller says, however it is written. */
	habits.latest = &latest;
	for (int i = 0; i < 2; i++) {
		text[TRADE_TIME] = (const char *[]){ "1709164800", "2024-02-29T00:00:00Z" }[i];
		assert_true(instant_ns_parse(&latest, "2024-02-29T00:00:00Z", false, NULL));
		assert_true(trade_read(&t, text, &habits, &why));
		assert_true(instant_ns_parse(&latest, "2024-02-28T23:59:59Z", false, NULL));
		assert_false(trade_read(&t, text, &habits, &why));
		assert_string_equal(why.text, "trade_time: 2024-02-29T00:00:00Z is in the future");
	}
	trade_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_sent_or_follows_from_total_or_price),
		cmocka_unit_test(a_day_without_a_time_is_refused_unless_one_is_set),
		cmocka_unit_test(a_negative_fee_is_what_the_total_or_the_habit_says),
		cmocka_unit_test(a_price_and_a_named_currency_are_held_against_the_rest),
		cmocka_unit_test(a_fee_is_in_the_quote),
		cmocka_unit_test(a_side_is_said_or_is_the_sign_of_the_size),
		cmocka_unit_test(a_row_has_nothing_of_the_one_before),
		cmocka_unit_test(each_time_may_be_a_number_and_is_counted),
		cmocka_unit_test(a_product_is_written_as_the_exchange_writes_it_where_one_reading_fits),
		cmocka_unit_test(each_column_is_found_by_its_name),
		cmocka_unit_test(entries_of_the_interface_are_trades_or_refused),
		cmocka_unit_test(contracts_are_refused),
		cmocka_unit_test(an_order_or_a_fill_is_known_by_its_id),
		cmocka_unit_test(what_contradicts_itself_is_refused_with_its_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

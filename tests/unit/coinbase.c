#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "coinbase/coinbase.h"
#include "coinbase/csv_export.h"

#include "exports.h"

/* One fill in the API's shape; the test puts what it is about in the place of the %s. */
#define FILL(rest) "{\"entry_id\":\"e1\",\"trade_id\":\"t1\",\"order_id\":\"o1\"," rest "}"
#define USUAL "\"trade_time\":\"2024-05-01T12:00:00.25Z\",\"trade_type\":\"FILL\",\"product_id\":\"BTC-USD\",\"side\":\"BUY\","
#define AMOUNTS "\"price\":\"60000.10\",\"size\":\"0.002\",\"commission\":\"0.7200012000000001\",\"size_in_quote\":false"
#define PAGE(fills, cursor) "{\"fills\":[" fills "],\"cursor\":\"" cursor "\"}"

static struct coinbase_page parse(const char *body)
{
	struct coinbase_page page;
	struct reason why = { .text = "" };

	if (coinbase_fills_parse(body, strlen(body), &page, &why) != COINBASE_OK)
		fail_msg("%s", why.text);
	return page;
}

/* Block 0 was found on 3 January 2009. */
static void a_trade_is_not_before_bitcoin_nor_after_what_the_caller_says(void **state)
{
	static const struct { const char *time, *latest, *words; } row[] = {
		{ "2009-01-03T00:00:00Z", NULL, NULL }, { "2009-01-02T23:59:59.999999999Z", NULL, "2009-01-02T23:59:59.999999999Z is before" },
		{ "1970-01-01T00:00:00Z", NULL, "is before there was a bitcoin" }, { "2099-01-01T00:00:00Z", NULL, NULL },
		{ "2026-11-30T10:00:00Z", "2026-11-30T10:00:00Z", NULL },
		{ "2026-11-30T10:00:00.000000001Z", "2026-11-30T10:00:00Z", "2026-11-30T10:00:00.000000001Z is in the future" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };
		struct instant_ns t, latest;

		assert_true(instant_ns_parse(&t, row[i].time, false, NULL));
		if (row[i].latest)
			assert_true(instant_ns_parse(&latest, row[i].latest, false, NULL));
		assert_int_equal(coinbase_time_is_possible(&t, row[i].latest ? &latest : NULL, &why), !row[i].words);
		assert_true(!row[i].words || strstr(why.text, row[i].words));
	}
}

static void a_fill_keeps_every_digit(void **state)
{
	struct coinbase_page page = parse(PAGE(FILL(USUAL AMOUNTS ",\"liquidity_indicator\":\"MAKER\","
		"\"sequence_timestamp\":\"2024-05-01T12:00:00.251Z\",\"retail_portfolio_id\":\"\""), "77"));
	const struct coinbase_fill *f = page.fills;
	char text[COINBASE_TIME];

	(void)state;
	assert_int_equal(page.n, 1);
	assert_string_equal(page.cursor, "77");
	assert_string_equal(f->entry_id, "e1");
	assert_string_equal(f->trade_id, "t1");
	assert_string_equal(f->order_id, "o1");
	assert_string_equal(f->portfolio_id, "");
	assert_string_equal(f->product_id, "BTC-USD");
	assert_true(f->buy);
	assert_string_equal(f->price, "60000.10");
	assert_string_equal(f->size, "0.002");
	assert_string_equal(f->base_size, "0.002");
	assert_string_equal(f->value, "120.00020");
	assert_string_equal(f->commission, "0.7200012000000001");
	assert_string_equal(f->liquidity, "MAKER");
	assert_string_equal(coinbase_time_format(&f->traded, text), "2024-05-01T12:00:00.25Z");
	assert_string_equal(coinbase_time_format(&f->sequenced, text), "2024-05-01T12:00:00.251Z");
	assert_true(f->has_sequenced);
	assert_true(coinbase_fill_is_booked(f));
	coinbase_page_release(&page);
	/* What is not said, or is the time of nothing, is not there. */
	page = parse(PAGE(FILL(USUAL AMOUNTS ",\"sequence_timestamp\":\"0001-01-01T00:00:00Z\""), ""));
	assert_false(page.fills[0].has_sequenced);
	coinbase_page_release(&page);
	page = parse(PAGE(FILL(USUAL AMOUNTS), ""));
	assert_false(page.fills[0].has_sequenced);
	assert_string_equal(page.fills[0].liquidity, "");
	coinbase_page_release(&page);
}

static void a_size_in_quote_is_divided_by_the_price_and_says_when_it_was_rounded(void **state)
{
	/* 10 / 3 does not end; 10 / 4 does.  Both by hand. */
	static const struct { const char *price, *base; bool rounded; } row[] = {
		{ "3", "3.333333333333333333", true },
		{ "4", "2.500000000000000000", false },
		{ "0.03", "333.333333333333333333", true },
	};
	char body[600];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_page page;

		snprintf(body, sizeof body, PAGE(FILL(USUAL "\"price\":\"%s\",\"size\":\"10\",\"commission\":\"0.06\","
			 "\"size_in_quote\":true"), ""), row[i].price);
		page = parse(body);
		assert_string_equal(page.fills[0].size, "10");
		assert_string_equal(page.fills[0].value, "10");
		assert_string_equal(page.fills[0].base_size, row[i].base);
		assert_int_equal(page.fills[0].base_rounded, row[i].rounded);
		assert_true(page.fills[0].size_in_quote);
		coinbase_page_release(&page);
	}
}

static void times_have_0_to_9_digits_of_fraction_and_always_a_zone(void **state)
{
	static const struct { const char *sent, *utc; int nanos; } row[] = {
		{ "2024-05-01T12:00:00Z", "2024-05-01T12:00:00Z", 0 },
		{ "2024-05-01T12:00:00.5Z", "2024-05-01T12:00:00.5Z", 0 },
		{ "2024-05-01T12:00:00.123456789Z", "2024-05-01T12:00:00.123456789Z", 789 },
		{ "2024-05-01T12:00:00.000000999Z", "2024-05-01T12:00:00.000000999Z", 999 },
		{ "2024-05-01T14:00:00.1+02:00", "2024-05-01T12:00:00.1Z", 0 },
		{ "2024-05-01T14:00:00+02:00", "2024-05-01T12:00:00Z", 0 },
		{ "2024-05-01 12:00:00 UTC", "2024-05-01T12:00:00Z", 0 },
		{ "2021-01-02 03:04:05 +0000 UTC", "2021-01-02T03:04:05Z", 0 },
		{ "2021-01-02 03:04:05.123456789 +0000 UTC", "2021-01-02T03:04:05.123456789Z", 789 },
		{ "2017-01-02 03:04:05 +0530", "2017-01-01T21:34:05Z", 0 },
		{ "2017-01-02 03:04:05 -0800", "2017-01-02T11:04:05Z", 0 },
	};
	static const char *const bad[] = {
		"2024-05-01T12:00:00", "2024-05-01 12:00:00", "2024-05-01T12:00:00.Z", "2024-05-01T12:00:00.1234567890Z",
		"2024-02-30T12:00:00Z", "2024-05-01T24:00:00Z", "2024-05-01", "", "2024-05-01T12:00:00 PST", "yesterday, at noon UTC",
		"2024-05-01T12:00:00.5+2:00", "2021-01-02 03:04:05 +0100 UTC", "2021-01-02 03:04:05 x0000 UTC", "2021-01-02 03:04:05x+0000 UTC",
		" +0000 UTC", "2021-01-02 03:04:05.00000000000000000 +0000 UTC",
		"2021-01-02 03:04:05.000000000                         +0000 UTC", "2024-05-01T12:00:00Zulu", "2017-01-02 03:04:05 -08x0",
	};
	struct instant_ns t;
	char text[COINBASE_TIME];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };

		if (!coinbase_time_parse(&t, row[i].sent, &why))
			fail_msg("%s", why.text);
		assert_int_equal(t.nanos, row[i].nanos);
		assert_string_equal(coinbase_time_format(&t, text), row[i].utc);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (coinbase_time_parse(&t, bad[i], NULL))
			fail_msg("'%s' is taken", bad[i]);
}

static void corrections_reversals_and_synthetic_entries_are_read_but_not_booked(void **state)
{
	static const struct { const char *type; bool booked; } row[] = {
		{ "FILL", true }, { "REVERSAL", false }, { "CORRECTION", false }, { "SYNTHETIC", false }, { "NOVELTY", false },
	};
	char body[600];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_page page;

		snprintf(body, sizeof body, PAGE(FILL("\"trade_time\":\"2024-05-01T12:00:00Z\",\"trade_type\":\"%s\","
			 "\"product_id\":\"BTC-USD\",\"side\":\"SELL\"," AMOUNTS), ""), row[i].type);
		page = parse(body);
		assert_int_equal(coinbase_fill_is_booked(page.fills), row[i].booked);
		assert_false(page.fills[0].buy);
		coinbase_page_release(&page);
	}
}

static void an_empty_page_is_a_page(void **state)
{
	struct coinbase_page page = parse("{\"fills\":[],\"cursor\":\"5\"}");

	(void)state;
	assert_int_equal(page.n, 0);
	assert_string_equal(page.cursor, "5");
	coinbase_page_release(&page);
	page = parse("{\"fills\":[]}");
	assert_string_equal(page.cursor, "");
	coinbase_page_release(&page);
}

static void what_is_not_as_documented_is_refused_by_row_and_field(void **state)
{
	static const struct { const char *body; enum coinbase_answer answer; const char *words; } row[] = {
		{ "{\"fills\":[", COINBASE_CUT, "" },
		{ "", COINBASE_CUT, "" },
		{ "[]", COINBASE_ODD, "no list 'fills'" },
		{ "{\"error\":\"x\"}", COINBASE_ODD, "an error instead of the fills: x" },
		{ "{\"errors\":[{\"id\":\"i\",\"message\":\"too many requests\"}]}", COINBASE_ODD, "the fills: too many requests" },
		{ "{\"error\":\"x\",\"fills\":[],\"cursor\":\"\"}", COINBASE_ODD, "an error instead of the fills: x" },
		{ "{\"error\":\"x\",\"fills\":[" FILL(USUAL AMOUNTS) "]}", COINBASE_ODD, "an error instead of the fills: x" },
		{ "{\"fills\":{}}", COINBASE_ODD, "no list 'fills'" },
		{ "{\"fills\":[],\"cursor\":7}", COINBASE_ODD, "cursor" },
		{ PAGE("5", ""), COINBASE_ODD, "row 1" },
		{ PAGE("{},7", ""), COINBASE_ODD, "row 1, field entry_id: absent" },
		{ PAGE(FILL("\"trade_time\":\"2024-05-01T12:00:00\",\"trade_type\":\"FILL\",\"product_id\":\"BTC-USD\",\"side\":\"BUY\"," AMOUNTS), ""),
		  COINBASE_ODD, "trade_time" },
		{ PAGE(FILL("\"trade_time\":\"2024-05-01T12:00:00Z\",\"trade_type\":\"FILL\",\"product_id\":\"BTC-USD\",\"side\":\"buy\"," AMOUNTS), ""),
		  COINBASE_ODD, "side" },
		{ PAGE(FILL("\"trade_time\":\"2024-05-01T12:00:00Z\",\"trade_type\":\"FILL\",\"product_id\":\"BTC\\tUSD\",\"side\":\"BUY\"," AMOUNTS), ""),
		  COINBASE_ODD, "product_id" },
		{ PAGE(FILL("\"trade_time\":7,\"trade_type\":\"FILL\",\"product_id\":\"BTC-USD\",\"side\":\"BUY\"," AMOUNTS), ""),
		  COINBASE_ODD, "field trade_time: a number, not a string" },
		{ PAGE(FILL("\"sequence_timestamp\":7," USUAL AMOUNTS), ""), COINBASE_ODD, "field sequence_timestamp: a number, not a string" },
		{ PAGE(FILL(USUAL "\"price\":\"NaN\",\"size\":\"1\",\"commission\":\"0\""), ""), COINBASE_ODD, "price" },
		{ PAGE(FILL(USUAL "\"price\":\"-1\",\"size\":\"1\",\"commission\":\"0\""), ""), COINBASE_ODD, "price" },
		{ PAGE(FILL(USUAL "\"price\":\"1\",\"size\":\"\",\"commission\":\"0\""), ""), COINBASE_ODD, "size: empty" },
		{ PAGE(FILL(USUAL "\"price\":\"1\",\"size\":\"0\",\"commission\":\"1\""), ""), COINBASE_ODD, "size: 0, and a commission" },
		{ PAGE(FILL(USUAL "\"price\":\"1\",\"size\":\"-1\",\"commission\":\"0\""), ""), COINBASE_ODD, "size: -1" },
		{ PAGE(FILL("\"retail_portfolio_id\":\"=1+1\"," USUAL AMOUNTS), ""), COINBASE_ODD, "field retail_portfolio_id: '=1+1' is not an id" },
		{ PAGE("{\"entry_id\":\"null\",\"order_id\":\"o\"," USUAL AMOUNTS "}", ""), COINBASE_ODD,
		  "field entry_id: 'null' stands for none" },
		{ PAGE(FILL("\"retail_portfolio_id\":\"a\\u001b[31mb\"," USUAL AMOUNTS), ""), COINBASE_ODD, "field retail_portfolio_id" },
		{ PAGE(FILL("\"retail_portfolio_id\":1.5," USUAL AMOUNTS), ""), COINBASE_ODD, "field retail_portfolio_id: a number, not a string" },
		{ PAGE(FILL("\"retail_portfolio_id\":-1," USUAL AMOUNTS), ""), COINBASE_ODD, "field retail_portfolio_id: a number, not a string" },
		{ PAGE(FILL(USUAL "\"price\":\"0\",\"size\":\"1\",\"commission\":\"0\",\"size_in_quote\":true"), ""), COINBASE_ODD, "price" },
		{ PAGE(FILL(USUAL "\"price\":\"1\",\"size\":\"1\",\"commission\":\"x\""), ""), COINBASE_ODD, "commission" },
		{ PAGE(FILL(USUAL "\"price\":\"1\",\"size\":\"1\",\"commission\":\"0\",\"size_in_quote\":\"no\""), ""), COINBASE_ODD, "size_in_quote" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_page page;
		struct reason why = { .text = "" };

		assert_int_equal(coinbase_fills_parse(row[i].body, strlen(row[i].body), &page, &why), row[i].answer);
		if (!strstr(why.text, row[i].words) || !*why.text)
			fail_msg("%s: '%s' does not say '%s'", row[i].body, why.text, row[i].words);
		coinbase_page_release(&page);
	}
}

static void a_row_that_cannot_be_read_costs_no_other(void **state)
{
	struct coinbase_page page;

	(void)state;
	page = parse(PAGE("{}," FILL(USUAL AMOUNTS) "," FILL(USUAL "\"price\":\"NaN\",\"size\":\"1\",\"commission\":\"0\"") ",7,"
			  FILL(USUAL AMOUNTS), ""));
	assert_int_equal(page.n, 2);
	assert_int_equal(page.n_odd, 3);
	assert_string_equal(page.odd[0].text, "row 1, field entry_id: absent");
	assert_string_equal(page.odd[1].text, "row 3, e1, field price: \"NaN\" is not a number");
	assert_string_equal(page.odd[2].text, "row 4, a number, not an object");
	coinbase_page_release(&page);
	page = parse(PAGE("{}," FILL(USUAL AMOUNTS), ""));
	assert_int_equal(page.n, 1);
	assert_int_equal(page.n_odd, 1);
	coinbase_page_release(&page);
}

static void an_id_may_be_a_word_for_none_where_none_is_needed(void **state)
{
	struct coinbase_page page;

	(void)state;
	page = parse(PAGE(FILL("\"retail_portfolio_id\":\"N/A\"," USUAL AMOUNTS), ""));
	assert_string_equal(page.fills[0].portfolio_id, "");
	assert_string_equal(page.fills[0].trade_id, "t1");
	coinbase_page_release(&page);
}

static void numbers_that_are_nearly_numbers_are_refused(void **state)
{
	static const char *const text[] = {
		"1.", ".5", "1e", "1e+", "0x10", " 1", "1 ", "1,5", "1_000", "--1", "+", "-", "Infinity", "inf", "nan", "1.2.3", "1e5.5", "1d",
		"\xd9\xa1", "1e999999",
	};

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		for (int where = 0; where < 3; where++) {
			static const char *const name[] = { "price", "size", "commission" };
			struct buf body = BUF_INIT;
			struct coinbase_page page;
			struct reason why = { .text = "" };

			buf_adds(&body, "{\"fills\":[{\"entry_id\":\"e\",\"order_id\":\"o\"," USUAL);
			for (int k = 0; k < 3; k++)
				buf_addf(&body, "%s\"%s\":\"%s\"", k ? "," : "", name[k], k == where ? text[i] : "1");
			buf_adds(&body, "}],\"cursor\":\"\"}");
			assert_int_equal(coinbase_fills_parse(body.data, body.len, &page, &why), COINBASE_ODD);
			if (!strstr(why.text, name[where]))
				fail_msg("%s: %s", text[i], why.text);
			coinbase_page_release(&page);
			buf_release(&body);
		}
}

/* The exchange of old numbered its trades; and what was traded to no size, and cost nothing, is no error. */
static void ids_may_be_numbers_and_sizes_nothing(void **state)
{
	static const char body[] =
		PAGE("{\"entry_id\":12,\"trade_id\":0,\"order_id\":\"o\"," USUAL "\"price\":1.50,\"size\":2,\"commission\":1e-3}", "");
	static const char *const zero[] = { "\"0\"", "\"0.00000000\"", "0", "0e-8" };
	struct coinbase_page page;
	struct reason why = { .text = "" };

	(void)state;
	assert_int_equal(coinbase_fills_parse(body, strlen(body), &page, &why), COINBASE_OK);
	assert_string_equal(page.fills[0].entry_id, "12");
	assert_string_equal(page.fills[0].trade_id, "0");
	assert_string_equal(page.fills[0].value, "3.00");
	assert_string_equal(page.fills[0].commission, "0.001");
	assert_false(coinbase_fill_is_empty(&page.fills[0]));
	coinbase_page_release(&page);
	for (size_t i = 0; i < sizeof zero / sizeof *zero; i++) {
		struct buf text = BUF_INIT;

		buf_addf(&text, "{\"fills\":[{\"entry_id\":\"e\",\"order_id\":\"o\"," USUAL "\"price\":\"1\",\"size\":%s}],\"cursor\":\"\"}", zero[i]);
		assert_int_equal(coinbase_fills_parse(text.data, text.len, &page, &why), COINBASE_OK);
		assert_true(coinbase_fill_is_empty(&page.fills[0]));
		coinbase_page_release(&page);
		buf_release(&text);
	}
}

/* An order that failed, or waits, has no totals and no last fill, in whichever words. */
static void an_order_without_fills_may_leave_its_totals_empty(void **state)
{
	static const struct { const char *totals; bool ok; } row[] = {
		{ "\"filled_size\":\"\",\"number_of_fills\":\"0\",\"filled_value\":\"\",\"total_fees\":\"\",\"last_fill_time\":null", true },
		{ "\"filled_size\":\"0\",\"number_of_fills\":0,\"filled_value\":null,\"total_fees\":\"\",\"last_fill_time\":\"0001-01-01T00:00:00Z\"", true },
		{ "\"number_of_fills\":\"0\"", true },
		{ "\"filled_size\":\"\",\"number_of_fills\":\"1\",\"filled_value\":\"3\",\"total_fees\":\"0\"", false },
		{ "\"filled_size\":\"1\",\"number_of_fills\":\"1\",\"filled_value\":\"\",\"total_fees\":\"0\"", false },
		{ "\"filled_size\":\"\",\"filled_value\":\"\",\"total_fees\":\"\"", false },
		{ "\"filled_size\":\"0\",\"number_of_fills\":\"0x\",\"filled_value\":\"0\",\"total_fees\":\"0\"", false },
		{ "\"filled_size\":\"0\",\"number_of_fills\":\"\",\"filled_value\":\"0\",\"total_fees\":\"0\"", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf body = BUF_INIT;
		struct coinbase_page page;
		struct reason why = { .text = "" };

		buf_addf(&body, "{\"orders\":[{\"order_id\":\"o\",\"product_id\":\"SOL-USDC\",\"side\":\"BUY\",\"status\":\"FAILED\",%s}],"
				"\"has_next\":false,\"cursor\":\"\"}", row[i].totals);
		if (coinbase_orders_parse(body.data, body.len, &page, &why) != (row[i].ok ? COINBASE_OK : COINBASE_ODD))
			fail_msg("%s: %s", row[i].totals, why.text);
		if (row[i].ok) {
			assert_string_equal(page.orders[0].filled_size, "0");
			assert_string_equal(page.orders[0].filled_value, "0");
			assert_string_equal(page.orders[0].total_fees, "0");
			assert_false(page.orders[0].has_last_fill);
		}
		coinbase_page_release(&page);
		buf_release(&body);
	}
}

/* The interface has a word for a side that it does not know.  It is documented, and any other word is not. */
static void a_side_that_is_not_known_is_no_fault_of_the_answer(void **state)
{
	static const char unknown[] = PAGE(FILL("\"trade_time\":\"2024-05-01T12:00:00Z\",\"trade_type\":\"FILL\",\"product_id\":"
						"\"btc-usd\",\"side\":\"UNKNOWN_ORDER_SIDE\"," AMOUNTS), "");
	static const char known[] = PAGE(FILL(USUAL AMOUNTS), "");
	struct coinbase_page page;
	struct reason why;

	(void)state;
	assert_int_equal(coinbase_fills_parse(unknown, strlen(unknown), &page, &why), COINBASE_OK);
	assert_int_equal(page.n, 1);
	assert_true(page.fills[0].side_unsaid);
	assert_string_equal(page.fills[0].product_id, "BTC-USD");
	coinbase_page_release(&page);
	assert_int_equal(coinbase_fills_parse(known, strlen(known), &page, &why), COINBASE_OK);
	assert_false(page.fills[0].side_unsaid);
	coinbase_page_release(&page);
}

/* Without its type an entry may be a correction, without its side it may be either; a fee that is not told is none. */
static void a_fill_says_its_type_and_its_side(void **state)
{
	static const char without_type[] = "\"trade_time\":\"2024-05-01T12:00:00Z\",\"product_id\":\"BTC-USD\",\"side\":\"BUY\"," AMOUNTS;
	static const char without_side[] = "\"trade_time\":\"2024-05-01T12:00:00Z\",\"product_id\":\"BTC-USD\",\"trade_type\":\"FILL\"," AMOUNTS;
	static const char *const fee[] = { "", ",\"commission\":null", ",\"commission\":\"\"", ",\"commission\":0" };
	struct coinbase_page page;
	struct reason why = { .text = "" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct buf body = BUF_INIT;

		buf_addf(&body, "{\"fills\":[{\"entry_id\":\"e\",\"order_id\":\"o\",%s}],\"cursor\":\"\"}", i ? without_side : without_type);
		assert_int_equal(coinbase_fills_parse(body.data, body.len, &page, &why), COINBASE_ODD);
		assert_non_null(strstr(why.text, i ? "side" : "trade_type"));
		coinbase_page_release(&page);
		buf_release(&body);
	}
	for (size_t i = 0; i < sizeof fee / sizeof *fee; i++) {
		struct buf body = BUF_INIT;

		buf_addf(&body, "{\"fills\":[{\"entry_id\":\"e\",\"order_id\":\"o\"," USUAL "\"price\":\"1\",\"size\":\"2\"%s}],\"cursor\":\"\"}", fee[i]);
		assert_int_equal(coinbase_fills_parse(body.data, body.len, &page, &why), COINBASE_OK);
		assert_string_equal(page.fills[0].commission, "0");
		/* Only the last says so itself. */
		assert_int_equal(page.fills[0].fee_unsaid, i < 3);
		coinbase_page_release(&page);
		buf_release(&body);
	}
}

/* As the interface sends a fill since 2024: the commission once more, itemized, with its own total.  Where the old field is left empty
 * that counts; where both are there the fill's own does, and another total is noted, unless it is the 0 of nothing itemized. */
static void a_commission_that_is_only_itemized_counts(void **state)
{
	static const struct { const char *fee, *detail, *want; } row[] = {
		{ "\"commission\":\"\",", "{\"total_commission\":\"1.25\",\"gst_commission\":\"0.00\",\"withholding_commission\":\"0.00\","
		  "\"client_commission\":\"0.00\",\"venue_commission\":\"0.00\",\"regulatory_commission\":\"0.00\",\"clearing_commission\":\"0.00\"}", "1.25" },
		{ "", "{\"total_commission\":1.25}", "1.25" }, { "\"commission\":null,", "{\"total_commission\":\"1.25\"}", "1.25" },
		{ "\"commission\":\"0.50\",", "{\"total_commission\":\"0.0\"}", "0.50" },
		{ "\"commission\":\"0\",", "{\"total_commission\":\"1.25\"}", "0" },
		{ "\"commission\":\"1.250\",", "{\"total_commission\":1.25}", "1.250" },
		{ "\"commission\":\"1.26\",", "{\"total_commission\":1.25}", "1.26" },
		{ "", "{}", "0" }, { "", "null", "0" }, { "", "\"1.25\"", "0" }, { "", "{\"total_commission\":null}", "0" },
		{ "\"commission\":\"3.6\",", "{\"gst_commission\":\"0.00\"}", "3.6" }, { "\"commission\":\"3.6\",", "{\"total_commission\":\"\"}", "3.6" },
		{ "", "{\"total_commission\":\"much\"}", NULL },
	};
	struct coinbase_page page;
	struct reason why = { .text = "" };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf body = BUF_INIT;

		buf_addf(&body, "{\"fills\":[{\"entry_id\":\"e\",\"order_id\":\"o\"," USUAL "\"price\":\"1\",\"size\":\"20\",%s\"fillSource\":\"FILL_SOURCE_CLOB\","
			 "\"commission_detail_total\":%s,\"order_data_source\":\"ORDER_DATA_SOURCE_TRADING_PROXY\",\"future_legs\":[]}],\"cursor\":\"\","
			 "\"proof_token_required\":true}", row[i].fee, row[i].detail);
		if (!row[i].want) {
			assert_int_equal(coinbase_fills_parse(body.data, body.len, &page, &why), COINBASE_ODD);
			assert_non_null(strstr(why.text, "total_commission: \"much\" is not a number"));
		} else {
			assert_int_equal(coinbase_fills_parse(body.data, body.len, &page, &why), COINBASE_OK);
			assert_string_equal(page.fills[0].commission, row[i].want);
			assert_int_equal(page.fills[0].fee_disputed, i == 4 || i == 6);
		}
		coinbase_page_release(&page);
		buf_release(&body);
	}
}

static void a_commission_that_is_only_itemized_is_one_of_a_fill_of_size_zero(void **state)
{
	static const char body[] = PAGE(FILL(USUAL "\"price\":\"1\",\"size\":\"0\",\"commission_detail_total\":{\"total_commission\":\"1.25\"}"), "");
	struct coinbase_page page;
	struct reason why = { .text = "" };

	(void)state;
	assert_int_equal(coinbase_fills_parse(body, strlen(body), &page, &why), COINBASE_ODD);
	assert_string_equal(why.text, "row 1, e1, field size: 0, and a commission");
	coinbase_page_release(&page);
}

static void capitals_reach_from_a_to_z_and_no_further(void **state)
{
	char name[] = "`azAZ{-0_\xe4";

	(void)state;
	coinbase_in_capitals(name);
	assert_string_equal(name, "`AZAZ{-0_\xe4");
}

/* An amount of another kind is not one that is not there, which would be 0. */
static void an_amount_that_is_no_number_is_refused_where_it_may_be_absent(void **state)
{
	static const char *const other[] = { "{\"value\":\"0.5\",\"currency\":\"USD\"}", "[]", "true", "false" };

	(void)state;
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		struct buf body = BUF_INIT;
		struct coinbase_page page;
		struct reason why = { .text = "" };

		buf_addf(&body, PAGE(FILL(USUAL "\"price\":\"1\",\"size\":\"2\",\"commission\":%s"), ""), other[i]);
		assert_int_equal(coinbase_fills_parse(body.data, body.len, &page, &why), COINBASE_ODD);
		assert_non_null(strstr(why.text, "row 1, e1, field commission: "));
		assert_non_null(strstr(why.text, ", not a number"));
		coinbase_page_release(&page);
		buf_release(&body);
	}
}

/* An amount of 71 digits is kept to the last; no real one is longer.  Words have their room, too. */
static void what_is_longer_than_its_room_is_refused_and_never_cut(void **state)
{
	static const char digits[] = "123456789012345678901234567890123456789012345678901234567890123456789012";

	(void)state;
	for (int n = 71; n <= 72; n++) {
		struct buf body = BUF_INIT;
		struct coinbase_page page;
		struct reason why = { .text = "" };

		buf_addf(&body, PAGE(FILL(USUAL "\"price\":\"%.*s\",\"size\":\"1\""), ""), n, digits);
		assert_int_equal(coinbase_fills_parse(body.data, body.len, &page, &why), n == 71 ? COINBASE_OK : COINBASE_ODD);
		if (n == 71) {
			assert_memory_equal(page.fills[0].value, digits, 71);
			assert_string_equal(page.fills[0].commission, "0");
		} else
			assert_non_null(strstr(why.text, "field price: 1234567890123456789012345678901234567890… has more than 71 digits"));
		coinbase_page_release(&page);
		buf_clear(&body);
		buf_addf(&body, PAGE(FILL(USUAL AMOUNTS ",\"liquidity_indicator\":\"%.*s\""), ""), n - 32, digits);
		assert_int_equal(coinbase_fills_parse(body.data, body.len, &page, &why), n == 71 ? COINBASE_OK : COINBASE_ODD);
		if (n == 72)
			assert_non_null(strstr(why.text, "field liquidity_indicator: longer than 39 bytes"));
		coinbase_page_release(&page);
		buf_clear(&body);
		buf_addf(&body, PAGE(FILL("\"trade_time\":\"2024-05-01T12:00:00Z\",\"trade_type\":\"FILL\",\"side\":\"BUY\"," AMOUNTS
				 ",\"product_id\":\"%.*s-USD\""), ""), n - 36, digits);
		assert_int_equal(coinbase_fills_parse(body.data, body.len, &page, &why), n == 71 ? COINBASE_OK : COINBASE_ODD);
		if (n == 71)
			assert_string_equal(page.fills[0].trade_type, "FILL");
		coinbase_page_release(&page);
		buf_release(&body);
	}
}

/* What is not booked may be of any size, as a correction is; and a coin may be given for nothing. */
static void a_correction_may_be_below_zero_and_what_is_no_trade_have_a_price_of_0(void **state)
{
	struct reason why = { .text = "" };
	const char *body;
	struct coinbase_page page = parse(PAGE(FILL("\"trade_time\":\"2024-05-01T12:00:00Z\",\"trade_type\":\"CORRECTION\",\"product_id\":\"BTC-USD\","
		"\"side\":\"SELL\",\"price\":\"5\",\"size\":\"-2\",\"commission\":\"-1\""), ""));

	(void)state;
	assert_string_equal(page.fills[0].value, "-10");
	coinbase_page_release(&page);
	page = parse(PAGE(FILL(USUAL "\"price\":\"0\",\"size\":\"0\",\"size_in_quote\":null"), ""));
	assert_string_equal(page.fills[0].value, "0");
	assert_false(page.fills[0].size_in_quote);
	coinbase_page_release(&page);
	page = parse(PAGE(FILL("\"trade_time\":\"2024-05-01T12:00:00Z\",\"trade_type\":\"REVERSAL\",\"product_id\":\"BTC-USD\","
		"\"side\":\"SELL\",\"price\":\"0\",\"size\":\"2\""), ""));
	assert_string_equal(page.fills[0].value, "0");
	coinbase_page_release(&page);
	/* Nothing is sold for nothing. */
	body = PAGE(FILL(USUAL "\"price\":\"0.00\",\"size\":\"2\""), "");
	assert_int_not_equal(coinbase_fills_parse(body, strlen(body), &page, &why), COINBASE_OK);
	assert_non_null(strstr(why.text, "field price: 0.00"));
	coinbase_page_release(&page);
}

static void a_product_has_two_parts_or_more(void **state)
{
	static const struct { const char *text; bool ok; } row[] = {
		{ "BTC-USD", true }, { "00-usd", true }, { "BTC_X-U.SD", true }, { "A-", true }, { "BIP-20DEC30-CDE", true },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789XY", true }, { "ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789XYZ", false },
		{ "", false }, { "BTCUSD", false }, { "-USD", false }, { ".A-USD", false }, { "BTC-USD\n", false }, { "BTC/USD-X", false },
	};
	static const char *const contract[] = {
		"BIP-20DEC30-CDE", "BTC-PERP-INTX", "BTC/USD:USD", "ETH-28MAR25", "ETH_28MAR25", "ETH-9JAN26", "BTC-PERP", "btc-perpetual", "BTC/Swap", "BTC_PERP",
		"PERP_BTC_USDC", "swap_btc_usd", "BTCUSDPERP", "xyzperp",
	};
	static const char *const spot[] = { "BTC-USD", "PERP-USD", "SWAP-USD", "1INCH-USD", "BTC_X-USD", "A_B_C-USD", "A-B" };
	static const char *const neither[] = { "PERP_USD", "A_B_C", "XYPERP", "BTC.USDPERP", "PERP", "PERPETUAL", "BTCUSDPERPX", "BTCUSD", "-USD", "BTC-", "" };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal(coinbase_product_ok(row[i].text), row[i].ok);
	for (size_t i = 0; i < sizeof contract / sizeof *contract; i++) {
		assert_true(coinbase_product_is_contract(contract[i]));
		assert_false(coinbase_product_is_spot(contract[i]));
	}
	for (size_t i = 0; i < sizeof spot / sizeof *spot; i++) {
		assert_false(coinbase_product_is_contract(spot[i]));
		assert_true(coinbase_product_is_spot(spot[i]));
	}
	for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
		assert_false(coinbase_product_is_contract(neither[i]));
		assert_false(coinbase_product_is_spot(neither[i]));
	}
}

static void an_order_brings_its_own_totals(void **state)
{
	static const char body[] =
		"{\"orders\":[{\"order_id\":\"o9\",\"product_id\":\"SOL-USDC\",\"side\":\"SELL\",\"status\":\"CANCELLED\","
		"\"created_time\":\"2024-05-01T11:59:59.123456Z\",\"filled_size\":\"2.5\",\"average_filled_price\":\"140.4\","
		"\"number_of_fills\":\"12\",\"filled_value\":\"351\",\"total_fees\":\"2.106\",\"total_value_after_fees\":\"348.894\","
		"\"fee\":\"\",\"settled\":true,\"last_fill_time\":\"2024-05-01T12:30:00Z\",\"order_placement_source\":\"RETAIL_SIMPLE\"}],"
		"\"sequence\":\"0\",\"has_next\":false,\"cursor\":\"123\"}";
	struct coinbase_page page;
	struct reason why = { .text = "" };
	char text[COINBASE_TIME];

	(void)state;
	assert_int_equal(coinbase_orders_parse(body, strlen(body), &page, &why), COINBASE_OK);
	assert_int_equal(page.n, 1);
	assert_string_equal(page.cursor, "");		/* has_next says so */
	assert_string_equal(page.orders[0].filled_size, "2.5");
	assert_string_equal(page.orders[0].filled_value, "351");
	assert_string_equal(page.orders[0].total_fees, "2.106");
	assert_string_equal(page.orders[0].status, "CANCELLED");
	assert_int_equal(page.orders[0].number_of_fills, 12);
	assert_int_equal(page.orders[0].settled, 1);
	assert_false(page.orders[0].buy);
	assert_string_equal(page.orders[0].product_id, "SOL-USDC");
	assert_string_equal(page.orders[0].average_filled_price, "140.4");
	assert_string_equal(page.orders[0].total_value_after_fees, "348.894");
	assert_string_equal(page.orders[0].placement_source, "RETAIL_SIMPLE");
	assert_true(page.orders[0].has_created);
	assert_string_equal(coinbase_time_format(&page.orders[0].created, text), "2024-05-01T11:59:59.123456Z");
	assert_true(page.orders[0].has_last_fill);
	assert_string_equal(coinbase_time_format(&page.orders[0].last_fill, text), "2024-05-01T12:30:00Z");
	coinbase_page_release(&page);
}

static void an_order_says_how_many_fills_it_has_and_whether_more_orders_follow(void **state)
{
	static const struct { const char *size, *value, *fills, *more, *words; } row[] = {
		{ "1", "3", "1", ",\"settled\":false},{", NULL }, { "1", "3", "100000000", "", NULL }, { "0", "0", "\"0\"", "", NULL },
		{ "-1", "3", "1", "", "field filled_size: below zero" }, { "1", "-3", "1", "", "field filled_value: below zero" },
		{ "1", "3", "-1", "", "field number_of_fills: not a count" }, { "1", "3", "100000001", "", "field number_of_fills: not a count" },
		{ "1", "3", "\"99999999999999999999\"", "", "field number_of_fills: not a count" },
		{ "1", "3", "\"-1\"", "", "field number_of_fills: not a count" }, { "1", "3", "\"1 \"", "", "field number_of_fills: not a count" },
		{ "1", "3", "true", "", "field number_of_fills: not a count" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf body = BUF_INIT;
		struct coinbase_page page;
		struct reason why = { .text = "" };

#define ORDER "\"order_id\":\"o\",\"product_id\":\"SOL-USDC\",\"side\":\"BUY\",\"status\":\"FILLED\",\"filled_size\":\"%s\"," \
	"\"filled_value\":\"%s\",\"total_fees\":\"0.1\",\"number_of_fills\":%s"
		buf_addf(&body, "{\"orders\":[{" ORDER, row[i].size, row[i].value, row[i].fills);
		if (*row[i].more)
			buf_addf(&body, "%s" ORDER, row[i].more, row[i].size, row[i].value, row[i].fills);
		buf_adds(&body, "}],\"has_next\":true,\"cursor\":\"next\"}");
#undef ORDER
		assert_int_equal(coinbase_orders_parse(body.data, body.len, &page, &why), row[i].words ? COINBASE_ODD : COINBASE_OK);
		if (row[i].words)
			assert_non_null(strstr(why.text, row[i].words));
		else
			assert_string_equal(page.cursor, "next");
		if (*row[i].more) {
			assert_int_equal(page.n, 2);
			assert_int_equal(page.orders[0].settled, 0);
			assert_int_equal(page.orders[1].settled, -1);		/* it does not say */
			assert_true(page.orders[1].buy);
			assert_false(page.orders[1].has_created);
		}
		coinbase_page_release(&page);
		buf_release(&body);
	}
}

static void permissions_must_be_said(void **state)
{
	struct coinbase_permissions p;
	struct reason why = { .text = "" };
	static const char good[] = "{\"can_view\":true,\"can_trade\":false,\"can_transfer\":true,\"portfolio_uuid\":\"u\",\"portfolio_type\":\"DEFAULT\"}";
	static const char bad[] = "{\"can_view\":true,\"can_trade\":false}";

	(void)state;
	assert_int_equal(coinbase_permissions_parse(good, strlen(good), &p, &why), COINBASE_OK);
	assert_true(p.can_view && !p.can_trade && p.can_transfer);
	assert_string_equal(p.portfolio_uuid, "u");
	assert_string_equal(p.portfolio_type, "DEFAULT");
	assert_int_equal(coinbase_permissions_parse(good, 20, &p, &why), COINBASE_CUT);
	assert_int_equal(coinbase_permissions_parse("{}", 2, &p, &why), COINBASE_ODD);
	assert_non_null(strstr(why.text, "field can_view: absent, not true or false"));
	assert_int_equal(coinbase_permissions_parse(bad, strlen(bad), &p, &why), COINBASE_ODD);
	assert_non_null(strstr(why.text, "can_transfer"));
}

/* CSV ---------------------------------------------------------------------------------------- */

static void fill_is(const struct coinbase_fill *f, const char *product, const char *side, const char *time,
		    const char *size, const char *price, const char *value, const char *fee)
{
	char text[COINBASE_TIME];

	assert_string_equal(f->product_id, product);
	assert_string_equal(f->buy ? "BUY" : "SELL", side);
	assert_string_equal(coinbase_time_format(&f->traded, text), time);
	assert_string_equal(f->base_size, size);
	assert_string_equal(f->price, price);
	assert_string_equal(f->value, value);
	assert_string_equal(f->commission, fee);
}

static void the_fills_report_is_read_with_and_without_a_portfolio(void **state)
{
	struct coinbase_csv csv = read_csv(
		"portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit\n"
		"default,901,ETH-EUR,BUY,2020-02-03T04:05:06.789Z,2.00000000,ETH,150.25,0.75125,-301.25125,EUR\n"
		"default,902,ETH-EUR,SELL,2020-02-04T04:05:06.789Z,1.5,ETH,160,0.6,239.4,EUR\n");

	(void)state;
	assert_string_equal(csv.report, "fills");
	assert_int_equal(csv.n_fills, 2);
	fill_is(&csv.fills[0], "ETH-EUR", "BUY", "2020-02-03T04:05:06.789Z", "2.00000000", "150.25", "300.5000000000", "0.75125");
	fill_is(&csv.fills[1], "ETH-EUR", "SELL", "2020-02-04T04:05:06.789Z", "1.5", "160", "240.0", "0.6");
	assert_string_equal(csv.fills[0].entry_id, "csv-fills:ETH-EUR:901:BUY");
	assert_string_equal(csv.fills[0].portfolio_id, "default");
	coinbase_csv_release(&csv);

	csv = read_csv("trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit\r\n"
		       "7,LTC-GBP,SELL,2018-01-02T00:00:00.001Z,3,LTC,100,0.9,299.1,GBP\r\n");
	assert_int_equal(csv.n_fills, 1);
	fill_is(&csv.fills[0], "LTC-GBP", "SELL", "2018-01-02T00:00:00.001Z", "3", "100", "300", "0.9");
	coinbase_csv_release(&csv);
}

static void an_account_statement_is_three_rows_a_trade(void **state)
{
	struct coinbase_csv csv = read_csv(
		"portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id\n"
		"default,deposit,2020-01-01T00:00:00.000Z,1000,1000,EUR,x-1,,\n"
		"default,match,2020-01-02T00:00:00.500Z,-300.5,699.5,EUR,,31,ord-a\n"
		"default,match,2020-01-02T00:00:00.500Z,2,2,ETH,,31,ord-a\n"
		"default,fee,2020-01-02T00:00:00.500Z,-0.75125,698.74875,EUR,,31,ord-a\n"
		"default,match,2020-01-03T00:00:00.500Z,-1,1,ETH,,32,ord-b\n"
		"default,match,2020-01-03T00:00:00.500Z,160,858.7,EUR,,32,ord-b\n"
		"default,match,2020-01-04T00:00:00.500Z,160,858.7,EUR,,33,ord-c\n");

	(void)state;
	assert_int_equal(csv.n_fills, 2);
	fill_is(&csv.fills[0], "ETH-EUR", "BUY", "2020-01-02T00:00:00.5Z", "2", "150.250000000000000000", "300.5", "0.75125");
	assert_string_equal(csv.fills[0].order_id, "ord-a");
	/* No fee row: the side that is money is the quote. */
	fill_is(&csv.fills[1], "ETH-EUR", "SELL", "2020-01-03T00:00:00.5Z", "1", "160.000000000000000000", "160", "0");
	assert_int_equal(csv.n_skipped, 2);
	assert_int_equal(csv.skipped[0].kind, COINBASE_SKIP_OTHER);
	assert_string_equal(csv.skipped[0].type, "deposit");
	assert_int_equal(csv.skipped[1].kind, COINBASE_SKIP_BAD);
	assert_int_equal(csv.skipped[1].line, 8);
	assert_non_null(strstr(csv.skipped[1].why.text, "1 of its two sides"));
	coinbase_csv_release(&csv);
}

static void the_transaction_history_is_read_in_all_generations(void **state)
{
	static const char *const generation[] = {
		/* v1, after seven lines of preamble, the currency in the column names */
		"\"You can use this report, with care.\"\n\n\nTransactions\nUser,a@example.org,0123\n\n\n"
		"Timestamp,Transaction Type,Asset,Quantity Transacted,EUR Spot Price at Transaction,EUR Subtotal,EUR Total (inclusive of fees),EUR Fees,Notes\n"
		"2020-05-06T07:08:09Z,Buy,BTC,0.005,8000.00,40.00,41.99,1.99,Bought 0.005 BTC for €41.99 EUR\n",
		/* v2 */
		"Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,Subtotal,Total (inclusive of fees),Fees,Notes\n"
		"2020-05-06T07:08:09Z,Buy,BTC,0.005,EUR,8000.00,40.00,41.99,1.99,Bought\n",
		/* v3 */
		"Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes\n"
		"2020-05-06T07:08:09Z,Advance Trade Buy,BTC,0.005,EUR,8000.00,40.00,41.99,1.99,\n",
		/* v3b */
		"Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes\n"
		"2020-05-06T07:08:09Z,Advanced Trade Buy,BTC,0.005,EUR,8000.00,40.00,41.99,1.99,\n",
		/* v4 */
		"ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes\n"
		"65f0,2020-05-06 07:08:09 UTC,Advanced Trade Buy,BTC,0.005,EUR,\"€8,000.00\",€40.00,€41.99,€1.99,\n",
		/* v4 with a byte order mark and other names */
		"\xef\xbb\xbfID,Timestamp,Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees/spread),Fees/Spread,Notes\r\n"
		"65f0,2020-05-06 07:08:09 UTC,Advanced Trade Buy,BTC,0.005,EUR,\"€8,000.00\",€40.00,€41.99,€1.99,\r\n",
		/* v0 transfers: the asset names its column */
		"Transfers\n\nTimestamp,Type,BTC,Subtotal,Fees,Total,Currency,Price Per Coin,Payment Method,ID,Share\n"
		"2020-05-06 07:08:09 +0000,Buy,0.005,40.00,1.99,41.99,EUR,8000.00,Bank,5e,\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof generation / sizeof *generation; i++) {
		struct coinbase_csv csv = read_csv(generation[i]);

		assert_int_equal(csv.n_fills, 1);
		assert_int_equal(csv.n_skipped, 0);
		fill_is(&csv.fills[0], "BTC-EUR", "BUY", "2020-05-06T07:08:09Z", "0.005", "8000.00", "40.00", "1.99");
		assert_string_equal(csv.fills[0].source, "csv-history");
		coinbase_csv_release(&csv);
	}
}

static void the_account_report_of_2017_is_read(void **state)
{
	struct coinbase_csv csv = read_csv(
		"Transactions\nAccount,BTC Wallet,0123\n\n"
		"Timestamp,Balance,Amount,Currency,To,Notes,Instantly Exchanged,Transfer Total,Transfer Total Currency,Transfer Fee,"
		"Transfer Fee Currency,Transfer Payment Method,Transfer ID\n"
		"2017-03-04 05:06:07 -0800,0.5,0.5,BTC,,Bought,false,506.00,USD,6.00,USD,Bank,abc\n"
		"2017-03-05 05:06:07 -0800,0.3,-0.2,BTC,,Sold,false,235.00,USD,5.00,USD,Bank,def\n"
		"2017-03-06 05:06:07 -0800,0.2,-0.1,BTC,1abc,Sent,false,,,,,,\n");

	(void)state;
	assert_int_equal(csv.n_fills, 2);
	assert_int_equal(csv.n_skipped, 1);
	fill_is(&csv.fills[0], "BTC-USD", "BUY", "2017-03-04T13:06:07Z", "0.5", "1000.000000000000000000", "500.00", "6.00");
	fill_is(&csv.fills[1], "BTC-USD", "SELL", "2017-03-05T13:06:07Z", "0.2", "1200.000000000000000000", "240.00", "5.00");
	coinbase_csv_release(&csv);
}

static void the_note_has_the_pair_and_every_digit(void **state)
{
	/* 0.0012345 × 65432.1 = 80.77592745 (bc); the note's total less that is the fee. */
	struct coinbase_csv csv = read_csv(V4
		"a1,2025-02-03 04:05:06 UTC,Advanced Trade Buy,BTC,0.0012345,USD,$65432.10,$80.77593,$81.74524,$0.96931112940,"
		"Bought 0.0012345 BTC for 81.7452385794 USDC on BTC-USDC at 65432.1 USDC/BTC\n"
		"a2,2025-02-03 04:05:07 UTC,Advanced Trade Sell,BTC,-0.0012345,USD,$65432.10,-$80.77593,-$79.80662,$0.96931112940,"
		"Sold 0.0012345 BTC for 79.8066163206 USDC on BTC-USDC at 65432.1 USDC/BTC\n"
		"a3,2025-02-03 04:05:08 UTC,Advanced Trade Buy,SOL,2,EUR,€100.00,€200.00,€201.00,€1.00,"
		"Bought 2 SOL for 219.78 USDC on SOL-USDC at 109.35 USDC/SOL\n");

	(void)state;
	assert_int_equal(csv.n_fills, 3);
	fill_is(&csv.fills[0], "BTC-USDC", "BUY", "2025-02-03T04:05:06Z", "0.0012345", "65432.1", "80.77592745", "0.9693111294");
	fill_is(&csv.fills[1], "BTC-USDC", "SELL", "2025-02-03T04:05:07Z", "0.0012345", "65432.1", "80.77592745", "0.9693111294");
	/* The columns are in another money: the note alone counts. */
	fill_is(&csv.fills[2], "SOL-USDC", "BUY", "2025-02-03T04:05:08Z", "2", "109.35", "218.70", "1.08");
	assert_string_equal(csv.fills[0].entry_id, "csv-history:a1");
	coinbase_csv_release(&csv);
}

static void what_is_skipped_is_known_by_kind_and_line(void **state)
{
	static const struct { enum coinbase_skip_kind kind; long line; const char *type, *words; } row[] = {
		{ COINBASE_SKIP_OTHER, 2, "Send", "" },
		{ COINBASE_SKIP_UNKNOWN, 3, "Moon Bonus", "" },
		{ COINBASE_SKIP_BAD, 4, "Limit Trade Buy", "may be a trade" },
		{ COINBASE_SKIP_BAD, 5, "Convert", "other side" },
		{ COINBASE_SKIP_BAD, 6, "Buy", "does not say its time zone" },
		{ COINBASE_SKIP_BAD, 7, "Buy", "quantity" },
		{ COINBASE_SKIP_BAD, 8, "Advanced Trade Buy", "contradict" },
		{ COINBASE_SKIP_BAD, 9, "Advanced Trade Buy", "the note names ETH-EUR" },
		{ COINBASE_SKIP_BAD, 10, "Advanced Trade Buy", "amounts are in EUR" },
		{ COINBASE_SKIP_BAD, 11, "Buy", "no total" },
	};
	struct coinbase_csv csv = read_csv(V4
		"1,2025-01-01 00:00:00 UTC,Send,BTC,-1,EUR,€1.00,,,,to x\n"
		"2,2025-01-01 00:00:00 UTC,Moon Bonus,BTC,1,EUR,€1.00,,,,\n"
		"3,2025-01-01 00:00:00 UTC,Limit Trade Buy,BTC,1,EUR,€1.00,€1.00,€1.00,€0.00,\n"
		"4,2025-01-01 00:00:00 UTC,Convert,BTC,1,EUR,€1.00,€1.00,€1.00,€0.00,Converted\n"
		"5,2025-01-01 00:00:00,Buy,BTC,1,EUR,€1.00,€1.00,€1.00,€0.00,\n"
		"6,2025-01-01 00:00:00 UTC,Buy,BTC,one,EUR,€1.00,€1.00,€1.00,€0.00,\n"
		"7,2025-01-01 00:00:00 UTC,Advanced Trade Buy,BTC,1,EUR,€10.00,€10.00,€10.10,€0.10,Bought 1 BTC for 12.5 EUR on BTC-EUR at 10 EUR/BTC\n"
		"8,2025-01-01 00:00:00 UTC,Advanced Trade Buy,BTC,1,EUR,€10.00,€10.00,€10.10,€0.10,Bought 1 ETH for 10.1 EUR on ETH-EUR at 10 EUR/ETH\n"
		"9,2025-01-01 00:00:00 UTC,Advanced Trade Buy,BTC,1,EUR,€10.00,€10.00,€10.10,€0.10,Bought 1 BTC on BTC-USDC\n"
		"10,2025-01-01 00:00:00 UTC,Buy,BTC,1,EUR,€10.00,€10.00,,,\n"
		"11,2025-01-01 00:00:00 UTC,Buy,BTC,1,EUR,€10.00,€10.00,€10.10,€0.10,\n"
		"11,2025-01-01 00:00:00 UTC,Buy,BTC,1,EUR,€10.00,€10.00,€10.10,€0.10,\n");

	(void)state;
	assert_int_equal(csv.rows, 12);
	assert_int_equal(csv.n_fills, 1);
	assert_int_equal(csv.n_skipped, sizeof row / sizeof *row + 1);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(csv.skipped[i].line, row[i].line);
		assert_int_equal(csv.skipped[i].kind, row[i].kind);
		assert_string_equal(csv.skipped[i].type, row[i].type);
		if (!strstr(csv.skipped[i].why.text, row[i].words))
			fail_msg("line %ld: '%s' does not say '%s'", row[i].line, csv.skipped[i].why.text, row[i].words);
	}
	assert_int_equal(csv.skipped[10].kind, COINBASE_SKIP_REPEATED);
	assert_int_equal(csv.skipped[10].line, 13);
	coinbase_csv_release(&csv);
}

static void look_alike_fills_of_one_second_are_all_kept(void **state)
{
	static const char text[] =
		"Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,Subtotal,Total (inclusive of fees),Fees,Notes\n"
		"2022-01-02T03:04:05Z,Advanced Trade Buy,ADA,10,GBP,0.5,5.00,5.03,0.03,\n"
		"2022-01-02T03:04:05Z,Advanced Trade Buy,ADA,10,GBP,0.5,5.00,5.03,0.03,\n"
		"2022-01-02T03:04:05Z,Advanced Trade Buy,ADA,10,GBP,0.5,5.00,5.03,0.03,\n"
		"2022-01-02T03:04:05Z,Advanced Trade Sell,ADA,10,GBP,0.5,5.00,4.97,0.03,\n";
	struct coinbase_csv csv = read_csv(text), again = read_csv(text);

	(void)state;
	assert_int_equal(csv.n_fills, 4);
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(csv.fills[i].entry_id, csv.fills[j].entry_id);
		/* The same file read again gives the same trades, not new ones. */
		assert_string_equal(csv.fills[i].entry_id, again.fills[i].entry_id);
	}
	coinbase_csv_release(&csv);
	coinbase_csv_release(&again);
}

static void what_is_no_export_is_refused(void **state)
{
	static const char *const row[] = { "", "a,b,c\n1,2,3\n", "Timestamp,Type\n", "\"open\n", "{\"fills\":[]}" };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_csv csv;
		struct reason why = { .text = "" };

		assert_false(coinbase_csv_parse(row[i], strlen(row[i]), NULL, &csv, &why));
		assert_true(*why.text);
		coinbase_csv_release(&csv);
	}
}

/* An order's totals settle its fills, so one that is not as documented is refused by its field. */
static void an_order_that_is_not_as_documented_is_refused_by_row_and_field(void **state)
{
#define ORDER(id, side, status, more) "{\"order_id\":" id ",\"product_id\":\"SOL-USDC\",\"side\":" side ",\"status\":" status "," \
	"\"created_time\":\"2024-05-01T11:59:59Z\",\"filled_size\":\"2.5\",\"number_of_fills\":\"3\",\"filled_value\":\"351\"," \
	"\"total_fees\":\"2.106\"" more "}"
	static const struct { const char *order, *words; } row[] = {
		{ "7", "row 1, a number, not an object" }, { "[]", "row 1, an array, not an object" },
		{ ORDER("5.5", "\"SELL\"", "\"FILLED\"", ""), "row 1, field order_id: a number, not a string" },
		{ ORDER("\"\"", "\"SELL\"", "\"FILLED\"", ""), "field order_id: empty" },
		{ ORDER("\"o\"", "\"SELL\"", "null", ""), "field status: null" },
		{ ORDER("\"o\"", "\"SHORT\"", "\"FILLED\"", ""), "side" },
		{ ORDER("\"o\"", "\"SELL\"", "\"FILLED\"", ",\"order_placement_source\":{}"), "field order_placement_source: an object, not a string" },
		{ ORDER("\"o\"", "\"SELL\"", "\"0123456789012345678901234567890123456789012345678901234567890123456789\"", ""), "field status: longer than" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf body = BUF_INIT;
		struct coinbase_page page;
		struct reason why = { .text = "" };

		buf_addf(&body, "{\"orders\":[%s],\"has_next\":false,\"cursor\":\"\"}", row[i].order);
		assert_int_equal(coinbase_orders_parse(body.data, body.len, &page, &why), COINBASE_ODD);
		if (!strstr(why.text, row[i].words))
			fail_msg("'%s' does not say '%s'", why.text, row[i].words);
		coinbase_page_release(&page);
		buf_release(&body);
	}
#undef ORDER
}

static void a_portfolio_that_is_no_name_is_no_answer(void **state)
{
	static const char *const body[] = {
		"{\"can_view\":true,\"can_trade\":false,\"can_transfer\":true,\"portfolio_uuid\":7}",
		"{\"can_view\":true,\"can_trade\":false,\"can_transfer\":true,\"portfolio_uuid\":\"u\",\"portfolio_type\":[]}",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct coinbase_permissions p;
		struct reason why = { .text = "" };

		assert_int_equal(coinbase_permissions_parse(body[i], strlen(body[i]), &p, &why), COINBASE_ODD);
		assert_non_null(strstr(why.text, i ? "portfolio_type" : "portfolio_uuid"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trade_is_not_before_bitcoin_nor_after_what_the_caller_says),
		cmocka_unit_test(a_fill_keeps_every_digit),
		cmocka_unit_test(a_size_in_quote_is_divided_by_the_price_and_says_when_it_was_rounded),
		cmocka_unit_test(times_have_0_to_9_digits_of_fraction_and_always_a_zone),
		cmocka_unit_test(corrections_reversals_and_synthetic_entries_are_read_but_not_booked),
		cmocka_unit_test(an_empty_page_is_a_page),
		cmocka_unit_test(what_is_not_as_documented_is_refused_by_row_and_field),
		cmocka_unit_test(a_row_that_cannot_be_read_costs_no_other),
		cmocka_unit_test(an_id_may_be_a_word_for_none_where_none_is_needed),
		cmocka_unit_test(numbers_that_are_nearly_numbers_are_refused),
		cmocka_unit_test(ids_may_be_numbers_and_sizes_nothing),
		cmocka_unit_test(an_order_without_fills_may_leave_its_totals_empty),
		cmocka_unit_test(a_fill_says_its_type_and_its_side),
		cmocka_unit_test(a_side_that_is_not_known_is_no_fault_of_the_answer),
		cmocka_unit_test(a_commission_that_is_only_itemized_counts),
		cmocka_unit_test(a_commission_that_is_only_itemized_is_one_of_a_fill_of_size_zero),
		cmocka_unit_test(capitals_reach_from_a_to_z_and_no_further),
		cmocka_unit_test(an_amount_that_is_no_number_is_refused_where_it_may_be_absent),
		cmocka_unit_test(what_is_longer_than_its_room_is_refused_and_never_cut),
		cmocka_unit_test(a_correction_may_be_below_zero_and_what_is_no_trade_have_a_price_of_0),
		cmocka_unit_test(a_product_has_two_parts_or_more),
		cmocka_unit_test(an_order_brings_its_own_totals),
		cmocka_unit_test(an_order_says_how_many_fills_it_has_and_whether_more_orders_follow),
		cmocka_unit_test(permissions_must_be_said),
		cmocka_unit_test(an_order_that_is_not_as_documented_is_refused_by_row_and_field),
		cmocka_unit_test(a_portfolio_that_is_no_name_is_no_answer),
		cmocka_unit_test(the_fills_report_is_read_with_and_without_a_portfolio),
		cmocka_unit_test(an_account_statement_is_three_rows_a_trade),
		cmocka_unit_test(the_transaction_history_is_read_in_all_generations),
		cmocka_unit_test(the_account_report_of_2017_is_read),
		cmocka_unit_test(the_note_has_the_pair_and_every_digit),
		cmocka_unit_test(what_is_skipped_is_known_by_kind_and_line),
		cmocka_unit_test(look_alike_fills_of_one_second_are_all_kept),
		cmocka_unit_test(what_is_no_export_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

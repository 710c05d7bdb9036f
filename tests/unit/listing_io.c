#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "coinbase/listing_io.h"

/* One fill as the interface gives it, and what it says beside. */
#define FILL(id, amounts) "{\"entry_id\":\"" id "\",\"trade_id\":\"t-" id "\",\"order_id\":\"o1\",\"side\":\"BUY\"," \
	"\"trade_time\":\"2024-05-01T12:00:00Z\",\"trade_type\":\"FILL\",\"product_id\":\"BTC-USD\"," amounts "}"
#define AMOUNTS "\"price\":\"60000\",\"size\":\"0.01\",\"commission\":\"3.6\""
#define ORDER(id, product, side) "{\"order_id\":\"" id "\",\"product_id\":\"" product "\",\"side\":\"" side "\"," \
	"\"status\":\"FILLED\",\"filled_size\":\"1\",\"filled_value\":\"600\",\"total_fees\":\"3\",\"number_of_fills\":\"1\"}"

static struct instant_ns latest;

static struct coinbase_page fills(const char *body)
{
	struct coinbase_page page;
	struct reason why = { .text = "" };

	if (coinbase_fills_parse(body, strlen(body), &page, &why) != COINBASE_OK)
		fail_msg("%s", why.text);
	return page;
}

/* What is said on stderr from here on, and until it is asked for. */
static FILE *file;
static int saved;

static void listen(void)
{
	file = tmpfile();
	assert_non_null(file);
	fflush(stderr);
	saved = dup(STDERR_FILENO);
	dup2(fileno(file), STDERR_FILENO);
}

static const char *said(void)
{
	static char text[1 << 16];
	size_t len;

	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	len = fread(text, 1, sizeof text - 1, file);
	text[len] = '\0';
	fclose(file);
	return text;
}

/* How often this stands in that. */
static int count(const char *text, const char *word)
{
	int n = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

static void of_thousands_of_cursors_each_is_new_once(void **state)
{
	struct listing l = { 0 };
	char text[400];

	(void)state;
	for (int turn = 0; turn < 2; turn++)
		for (int i = 0; i < 5000; i++) {
			snprintf(text, sizeof text, "%0300d", i);
			assert_int_equal(listing_is_new_cursor(&l, text), turn == 0);
		}
	/* Another listing has met none. */
	listing_begin(&l);
	assert_true(listing_is_new_cursor(&l, text));
	listing_release(&l);
}

/* Keep a page of one listing; how many fills it brings, and whether one of them is news. */
static size_t keep(struct listing *l, const char *body, bool *news)
{
	struct coinbase_page page = fills(body);
	size_t kept;

	*news = listing_brings_news(l, &page);
	kept = listing_keep_fills(l, &page, &latest);
	coinbase_page_release(&page);
	return kept;
}

static void an_entry_met_again_is_itself_if_it_says_the_same(void **state)
{
	static const struct { const char *again; bool same; } row[] = {
		{ FILL("e1", AMOUNTS), true },
		{ FILL("e1", "\"price\":\"60000.00\",\"size\":\"0.0100\",\"commission\":\"3.60\""), true },
		{ FILL("e1", "\"price\":\"60000.\",\"size\":\"0.01\",\"commission\":\"3.6\""), false },	/* which is no number */
		{ FILL("e1", "\"price\":\"6000\",\"size\":\"0.01\",\"commission\":\"3.6\""), false },
		{ FILL("e1", "\"price\":\"60000\",\"size\":\"0.02\",\"commission\":\"3.6\""), false },
		{ FILL("e1", "\"price\":\"60000\",\"size\":\"0.01\",\"commission\":\"3.06\""), false },
		{ FILL("e1", AMOUNTS ",\"size_in_quote\":true"), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct listing l = { 0 };
		char body[1000];
		bool news;

		listen();
		assert_int_equal(keep(&l, "{\"fills\":[" FILL("e1", AMOUNTS) "],\"cursor\":\"2\"}", &news), 1);
		assert_true(news);
		assert_int_equal(l.unread, 0);
		snprintf(body, sizeof body, "{\"fills\":[%s,%s],\"cursor\":\"\"}", FILL("e2", AMOUNTS), row[i].again);
		assert_int_equal(keep(&l, body, &news), row[i].same ? 2 : 1);
		assert_true(news);
		assert_int_equal(l.unread, !row[i].same);
		/* What both pages have is no news. */
		keep(&l, "{\"fills\":[" FILL("e1", AMOUNTS) "," FILL("e2", AMOUNTS) "],\"cursor\":\"\"}", &news);
		assert_false(news);
		assert_int_equal(l.pages, 3);
		said();
		listing_release(&l);
	}
}

#define TRADE(entry, trade, order, more) "{\"entry_id\":\"" entry "\",\"trade_id\":\"" trade "\",\"order_id\":\"" order "\"," \
	"\"side\":\"BUY\",\"trade_time\":\"2024-05-01T12:00:00Z\"," more "}"
#define BITCOIN "\"product_id\":\"BTC-USD\",\"trade_type\":\"FILL\",\"price\":\"60000\",\"commission\":\"3.6\",\"size\":"

/* A trade is in an order once. */
static void a_trade_under_another_entry_counts_once(void **state)
{
	static const struct { const char *other; size_t kept; } row[] = {
		{ TRADE("e2", "7", "o", BITCOIN "\"0.010\""), 1 },
		{ TRADE("e2", "8", "o", BITCOIN "\"0.01\""), 2 },
		{ TRADE("e2", "7", "o2", BITCOIN "\"0.01\""), 2 },
		{ TRADE("e2", "7", "o", BITCOIN "\"0.02\""), 2 },
		{ TRADE("e2", "7", "o", BITCOIN "\"0.01\",\"size_in_quote\":null"), 1 },
		{ TRADE("e2", "7", "o", "\"product_id\":\"ETH-USD\",\"trade_type\":\"FILL\"," AMOUNTS), 2 },
		{ TRADE("e2", "7", "o", "\"product_id\":\"BTC-USD\",\"trade_type\":\"FILL\",\"price\":\"60001\","
			"\"size\":\"0.01\",\"commission\":\"3.6\""), 2 },
		{ TRADE("e2", "7", "o", "\"product_id\":\"BTC-USD\",\"trade_type\":\"REVERSAL\"," AMOUNTS), 2 },
		{ TRADE("e2", "", "o", BITCOIN "\"0.01\"") "," TRADE("e3", "", "o", BITCOIN "\"0.01\""), 3 },
	};
	struct listing l = { 0 };
	const char *text;
	char body[2000];
	bool news;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct listing each = { 0 };

		snprintf(body, sizeof body, "{\"fills\":[%s,%s],\"cursor\":\"\"}", TRADE("e1", "7", "o", BITCOIN "\"0.01\""),
			 row[i].other);
		for (int again = 0; again < 2; again++)
			if (keep(&each, body, &news) != row[i].kept)
				fail_msg("not %zu of %s", row[i].kept, body);
		assert_int_equal(each.n_again, row[i].kept == 1 ? 2 : 0);
		assert_int_equal(each.unread, 0);
		listing_release(&each);
	}
	listen();
	assert_int_equal(keep(&l, "{\"fills\":[" TRADE("e1", "7", "o", BITCOIN "\"0.01\"") ","
			      TRADE("e2", "7", "o", BITCOIN "\"0.01\"") ","
			      TRADE("e4", "8", "o", "\"product_id\":\"BTC-USD\",\"trade_type\":\"FILL\",\"price\":\"60000\","
			      "\"size\":\"0.01\",\"commission\":\"4\"") "," TRADE("e3", "7", "o", "\"product_id\":\"BTC-USD\","
			      "\"trade_type\":\"FILL\",\"price\":\"60000\",\"size\":\"0.01\",\"commission\":\"4\"") "],"
			      "\"cursor\":\"\"}", &news), 2);
	listing_say(&l);
	text = said();
	assert_non_null(strstr(text, "1 trade stands in the listing under another entry, too: each counts once"));
	assert_non_null(strstr(text, "trade 7 (BTC-USD) stands in the listing under another entry, e3, with another commission, 4: "));
	assert_int_equal(l.unread, 1);
	listing_release(&l);
}

static void what_is_left_out_of_the_fills_is_counted_under_its_reason(void **state)
{
	struct listing l = { 0 };
	const char *text;
	bool news;

	(void)state;
	listen();
	assert_int_equal(keep(&l, "{\"fills\":["
		FILL("a", "\"price\":\"60000\",\"size\":\"0.01\"") ","
		FILL("b", AMOUNTS ",\"commission_detail_total\":{\"total_commission\":\"3.9\"}") ","
		FILL("c", "\"price\":\"60000\",\"size\":\"0.00\",\"commission\":\"0\"") ","
		"{\"entry_id\":\"d\",\"trade_id\":\"7\",\"order_id\":\"o1\",\"side\":\"BUY\",\"trade_time\":\"2024-05-01T12:00:00Z\","
		"\"trade_type\":\"FILL\",\"product_id\":\"BIT-31MAY24-CDE\"," AMOUNTS "},"
		"{\"entry_id\":\"e\",\"order_id\":\"o1\",\"side\":\"UNKNOWN_ORDER_SIDE\",\"trade_time\":\"2024-05-01T12:00:00Z\","
		"\"trade_type\":\"FILL\",\"product_id\":\"BTC-USD\"," AMOUNTS "},"
		"{\"entry_id\":\"f\",\"order_id\":\"o1\",\"side\":\"BUY\",\"trade_time\":\"2024-05-01T12:00:00Z\","
		"\"trade_type\":\"REVERSAL\",\"product_id\":\"BTC-USD\",\"price\":\"60000\",\"size\":\"0\",\"commission\":\"600\"},"
		FILL("g", "\"price\":\"60000\",\"size\":\"0.01\",\"commission\":\"300.01\"") ","
		"{\"entry_id\":\"h\"}],\"cursor\":\"\"}", &news), 3);
	assert_int_equal(keep(&l, "{\"fills\":["
		"{\"entry_id\":\"i\",\"order_id\":\"o1\",\"side\":\"BUY\",\"trade_time\":\"2024-05-01T12:00:00Z\","
		"\"trade_type\":\"FILL\",\"product_id\":\"BIT-31MAY24-CDE\"," AMOUNTS "},"
		"{\"entry_id\":\"j\",\"order_id\":\"o1\",\"side\":\"BUY\",\"trade_time\":\"2024-05-01T12:00:00Z\","
		"\"trade_type\":\"FILL\",\"product_id\":\"ETP-20DEC30-CDE\"," AMOUNTS "},"
		"{\"entry_id\":\"k\",\"trade_id\":\"tk\",\"order_id\":\"o1\",\"side\":\"BUY\",\"trade_time\":\"2024-05-01T12:00:00.000000001Z\","
		"\"trade_type\":\"FILL\",\"product_id\":\"BTC-USD\"," AMOUNTS "}],\"cursor\":\"\"}", &news), 0);
	listing_say(&l);
	text = said();
	assert_int_equal(l.n_unsaid, 1);
	assert_int_equal(l.n_disputed, 1);
	assert_int_equal(l.n_empty, 1);
	assert_int_equal(l.n_contracts, 2);
	assert_int_equal(l.contracts[0].fills, 2);
	assert_int_equal(l.contracts[1].fills, 1);
	assert_int_equal(l.unread, 4);
	assert_non_null(strstr(text, "page 1 of the fills, row 8, h, "));
	assert_non_null(strstr(text, "trade e (BTC-USD) has no side"));		/* which has no other id */
	assert_non_null(strstr(text, "trade t-g (BTC-USD) is left out: a commission of 300.01 is too much for a value of 600.00"));
	assert_non_null(strstr(text, "trade tk (BTC-USD) is left out: its time 2024-05-01T12:00:00.000000001Z is in the future"));
	assert_non_null(strstr(text, "2 fills of BIT-31MAY24-CDE kept out"));
	assert_non_null(strstr(text, "1 fill of ETP-20DEC30-CDE kept out"));
	assert_non_null(strstr(text, "1 fill of size 0 left out"));
	assert_non_null(strstr(text, "1 fill comes without a commission"));
	assert_non_null(strstr(text, "1 fill has another commission"));
	assert_non_null(strstr(text, "4 rows of the listing left out"));
	listing_release(&l);
}

static void what_contradicts_is_said_whole(void **state)
{
	struct listing l = { 0 };
	const char *text;
	bool news;

	(void)state;
	listen();
	keep(&l, "{\"fills\":[" FILL("e1", AMOUNTS) "," FILL("e1", "\"price\":\"60000\",\"size\":\"0.5\",\"commission\":\"3.60\"")
		"],\"cursor\":\"\"}", &news);
	listing_say(&l);
	text = said();
	assert_non_null(strstr(text, "entry e1 of the listing (BTC-USD) stands there with other facts too: FILL BTC-USD "
				     "2024-05-01T12:00:00Z BUY 0 60000 0.5 3.6; the first is taken"));
	assert_non_null(strstr(text, "1 row of the listing left out: its time does not count as complete"));
	listing_release(&l);
}

static void nothing_is_said_of_a_listing_that_lacks_nothing(void **state)
{
	struct listing l = { 0 };
	bool news;

	(void)state;
	listen();
	assert_int_equal(keep(&l, "{\"fills\":[" FILL("a", AMOUNTS) "],\"cursor\":\"\"}", &news), 1);
	listing_say(&l);
	assert_string_equal(said(), "");
	listing_release(&l);
}

/* By the rows of a page each: the 21st says that there are more, and nothing is said of the others. */
static void twenty_rows_that_are_left_out_are_named(void **state)
{
	struct listing l = { 0 };
	const char *text;
	bool news;

	(void)state;
	listen();
	for (int i = 0; i < 23; i++) {
		char body[500];

		snprintf(body, sizeof body, "{\"fills\":[%s,{\"entry_id\":\"x%d\"}],\"cursor\":\"%d\"}", FILL("e1", AMOUNTS), i, i);
		keep(&l, body, &news);
		if (i == 19) {
			assert_int_equal(count(said(), "a person must check what it was"), 20);
			listen();
		}
		if (i == 20) {
			assert_int_equal(count(said(), "there are more such rows; only the first 20 are named"), 1);
			listen();
		}
	}
	text = said();
	assert_string_equal(text, "");
	assert_int_equal(l.unread, 23);
	listing_release(&l);
}

static void orders_of_spot_products_with_a_side_are_kept(void **state)
{
	static const char body[] = "{\"orders\":[" ORDER("o0", "ETH-USD", "BUY") "," ORDER("o1", "BIT-31MAY24-CDE", "BUY") "," ORDER("o2", "BTC-USD", "UNKNOWN_ORDER_SIDE")
		"," ORDER("o3", "BTC-USD", "SELL") ",{\"order_id\":\"o4\"}],\"has_next\":false,\"cursor\":\"\"}";
	struct listing l = { 0 };
	struct coinbase_page page;
	struct reason why = { .text = "" };
	const char *text;

	(void)state;
	if (coinbase_orders_parse(body, strlen(body), &page, &why) != COINBASE_OK)
		fail_msg("%s", why.text);
	listen();
	assert_true(listing_brings_news(&l, &page));
	assert_int_equal(listing_keep_orders(&l, &page), 2);
	assert_string_equal(page.orders[0].order_id, "o0");
	assert_string_equal(page.orders[1].order_id, "o3");
	assert_false(listing_brings_news(&l, &(struct coinbase_page){ .orders = page.orders, .n = 1 }));
	text = said();
	assert_non_null(strstr(text, "order o2 (BTC-USD) has no side"));
	assert_non_null(strstr(text, "page 1 of the orders, row 5, o4, "));
	assert_int_equal(l.unread, 2);
	assert_int_equal(l.n_contracts, 0);
	coinbase_page_release(&page);
	listing_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_thousands_of_cursors_each_is_new_once),
		cmocka_unit_test(an_entry_met_again_is_itself_if_it_says_the_same),
		cmocka_unit_test(a_trade_under_another_entry_counts_once),
		cmocka_unit_test(what_is_left_out_of_the_fills_is_counted_under_its_reason),
		cmocka_unit_test(what_contradicts_is_said_whole),
		cmocka_unit_test(nothing_is_said_of_a_listing_that_lacks_nothing),
		cmocka_unit_test(twenty_rows_that_are_left_out_are_named),
		cmocka_unit_test(orders_of_spot_products_with_a_side_are_kept),
	};

	instant_ns_parse(&latest, "2024-05-01T12:00:00Z", false, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bitcoin/price.h"

static struct price_history history;
static struct oddities odd;

/* "2025-03-08=86200.12;…" of what a body gives, in shape of blockchain.info's chart or mempool's list. */
static const char *read_body(const char *body, const char *currency)
{
	static struct buf out;
	struct reason why = { .text = "" };
	char date[DAY_TEXT];
	bool ok;

	history = (struct price_history)PRICE_HISTORY_INIT;
	odd = (struct oddities)ODDITIES_INIT;
	ok = currency ? price_read_mempool(body, strlen(body), currency, &history, &odd, &why)
		      : price_read_blockchain(body, strlen(body), &history, &odd, &why);
	buf_clear(&out);
	buf_adds(&out, "");
	if (!ok)
		buf_addf(&out, "! %s", why.text);
	for (size_t i = 0; ok && i < history.n; i++)
		buf_addf(&out, "%s=%s;", day_format(history.rows[i].day, date), history.rows[i].price);
	price_history_release(&history);
	buf_addc(&out, '\0');
	return out.data;
}

static void gives(const char *body, const char *currency, const char *want, size_t odds)
{
	assert_string_equal(read_body(body, currency), want);
	if (odd.odd != odds)
		fail_msg("%zu odd rows of %s: %s", odd.odd, body, odd.text.data);
	oddities_release(&odd);
}

#define CHART(values) "{\"unit\":\"USD\",\"values\":[" values "]}"
#define D8 "{\"x\":1741392000,\"y\":86200.12}"		/* 2025-03-08T00:00:00Z */
#define D9 "{\"x\":1741478400,\"y\":80601}"
#define D10 "{\"x\":1741564800,\"y\":78532.4}"

static void a_bad_row_costs_itself_and_not_the_good_ones_behind_it(void **state)
{
	static const struct { const char *bad; size_t odds; } row[] = {
		{ "{\"x\":1741305600,\"y\":\"86200\"}", 1 }, { "{\"x\":\"then\",\"y\":86200}", 1 }, { "{\"x\":1741305600,\"y\":-5}", 1 },
		{ "{\"x\":-1,\"y\":86200}", 1 }, { "{\"x\":4102444801,\"y\":86200}", 1 }, { "{\"x\":1741305600.5,\"y\":86200}", 1 },
		{ "{\"x\":1741305600,\"y\":1e9}", 1 }, { "{\"x\":1741305600,\"y\":1e-12}", 1 }, { "{\"x\":1741305600,\"y\":[]}", 1 }, { "5", 1 },
		{ "{\"y\":86200}", 1 }, { "{\"x\":1741305600,\"y\":true}", 1 },
		/* None is none, and no fault. */
		{ "{\"x\":1741305600,\"y\":0}", 0 }, { "{\"x\":1741305600,\"y\":0.00}", 0 }, { "{\"x\":1741305600,\"y\":-1}", 0 },
		{ "{\"x\":1741305600,\"y\":null}", 0 }, { "{\"x\":1741305600}", 0 },
	};
	char body[400];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		snprintf(body, sizeof body, CHART("%s," D8 "," D9 "," D10), row[i].bad);
		gives(body, NULL, "2025-03-08=86200.12;2025-03-09=80601;2025-03-10=78532.4;", row[i].odds);
		snprintf(body, sizeof body, CHART(D8 ",%s," D9 "," D10), row[i].bad);
		gives(body, NULL, "2025-03-08=86200.12;2025-03-09=80601;2025-03-10=78532.4;", row[i].odds);
	}
}

static void a_day_has_the_price_that_its_source_means(void **state)
{
	(void)state;
	/* The first of a day by its time, in whatever order they are sent. */
	gives("{\"prices\":[{\"time\":1741500000,\"EUR\":3},{\"time\":1741480000,\"EUR\":2},{\"time\":1741400000,\"EUR\":1.5}]}", "EUR",
	      "2025-03-08=1.5;2025-03-09=2;", 0);
	gives("{\"prices\":[{\"time\":1741400000,\"EUR\":1.5},{\"time\":1741480000,\"EUR\":2},{\"time\":1741500000,\"EUR\":3}]}", "EUR",
	      "2025-03-08=1.5;2025-03-09=2;", 0);
	gives("{\"prices\":[{\"time\":1741500000,\"EUR\":3},{\"time\":1741480000,\"EUR\":2},{\"time\":1741480001,\"EUR\":2.5}]}", "EUR",
	      "2025-03-09=2;", 0);
	/* Two at once are one only if they agree. */
	gives(CHART(D8 "," D9 "," D9 "," D10), NULL, "2025-03-08=86200.12;2025-03-09=80601;2025-03-10=78532.4;", 0);
	gives(CHART(D8 "," D9 "," D10 ",{\"x\":1741478400,\"y\":80602}"), NULL, "2025-03-08=86200.12;2025-03-10=78532.4;", 1);
	gives("{\"prices\":[{\"time\":1741480001,\"EUR\":2},{\"time\":1741480001,\"EUR\":3},{\"time\":1741480000,\"EUR\":1}]}", "EUR",
	      "2025-03-09=1;", 0);
	gives("{\"prices\":[{\"time\":1741500000,\"EUR\":3,\"USD\":4}]}", "USD", "2025-03-09=4;", 0);
	gives("{\"prices\":[{\"time\":1741500000,\"EUR\":3}]}", "USD", "", 0);
	/* Any order is put right; every digit to the eighth decimal. */
	gives(CHART(D10 "," D8 "," D9), NULL, "2025-03-08=86200.12;2025-03-09=80601;2025-03-10=78532.4;", 0);
	gives(CHART("{\"x\":1741651200,\"y\":82000}," D10 "," D9 "," D8), NULL,
	      "2025-03-08=86200.12;2025-03-09=80601;2025-03-10=78532.4;2025-03-11=82000;", 0);
	/* A slip is one in an answer, too. */
	gives(CHART(D8 ",{\"x\":1741478400,\"y\":8}," D10), NULL, "2025-03-08=86200.12;2025-03-10=78532.4;", 1);
	gives(CHART("{\"x\":1741392000,\"y\":1.123456785}"), NULL, "2025-03-08=1.12345679;", 0);
	gives(CHART("{\"x\":1741392000,\"y\":8.62001e4}"), NULL, "2025-03-08=86200.1;", 0);
	gives(CHART("{\"x\":0,\"y\":0.05}"), NULL, "1970-01-01=0.05;", 0);
	gives(CHART("{\"x\":4102444800,\"y\":0.05}"), NULL, "2100-01-01=0.05;", 0);
}

static void a_price_is_above_zero_and_below_a_thousand_million(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "999999999.99999999", "999999999.99999999" }, { "0.000000005", "0.00000001" }, { "1", "1" },
		{ "1000000000", NULL }, { "999999999.999999995", NULL }, { "0.000000004", NULL }, { "0", NULL }, { "-1", NULL },
	};
	char price[PRICE_TEXT], want[80];
	struct reason why;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (price_parse(row[i].text, price, &why) != (row[i].want != NULL))
			fail_msg("%s", row[i].text);
		snprintf(want, sizeof want, "%s is not a price", row[i].text);
		assert_string_equal(row[i].want ? price : why.text, row[i].want ? row[i].want : want);
	}
}

static void what_is_no_history_or_mostly_odd_is_refused(void **state)
{
	(void)state;
	gives("[]", NULL, "! not a price history: it has no list named values", 0);
	gives("{\"values\":{}}", NULL, "! not a price history: it has no list named values", 0);
	gives("{\"values\":[]}", NULL, "", 0);
	/* Another chart, or one in another currency. */
	gives("{\"unit\":\"GBP\",\"values\":[" D8 "]}", NULL, "! its unit is GBP, not USD: another chart", 0);
	gives("{\"unit\":\"Hash Rate TH/s\",\"values\":[" D8 "]}", NULL, "! its unit is Hash Rate TH/s, not USD: another chart", 0);
	gives("{\"values\":[" D8 "]}", NULL, "2025-03-08=86200.12;", 0);
	assert_memory_equal(read_body(CHART(D8 ",5,6"), NULL), "! ", 2);
	oddities_release(&odd);
	gives(CHART(D8 "," D9 ",5,6"), NULL, "2025-03-08=86200.12;2025-03-09=80601;", 2);		/* half is not most */
}

static void add(const char *date, const char *price)
{
	day_t day;

	assert_true(day_parse(date, &day));
	price_history_add(&history, day, price);
}

/* Five times the price beside it, while those agree: a slip, wherever it stands. */
static void an_absurd_price_is_taken_out_and_a_steep_rise_is_not(void **state)
{
	static const struct { const char *price[5]; size_t kept; } row[] = {
		{ { "100", "501", "502", "503", "100" }, 2 }, { { "100", "501", "9", "501", "100" }, 2 },	/* several in a row */
		{ { "100", "501", "502", "100", "501" }, 2 },
		{ { "100", "100", "501", "450", "100" }, 5 },		/* a rise and a fall in steps */
		{ { "100", "100", "501", "100", "100" }, 4 }, { { "100", "100", "500", "100", "100" }, 5 },
		{ { "100", "100", "19.9", "100", "100" }, 4 }, { { "100", "100", "20", "100", "100" }, 5 },
		{ { "501", "100", "100", "100", "100" }, 4 }, { { "100", "100", "100", "100", "501" }, 4 },
		{ { "1", "1", "20", "400", "400" }, 5 },		/* its neighbours do not agree either */
		{ { "1", "1", "1", "20", "20" }, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		history = (struct price_history)PRICE_HISTORY_INIT;
		odd = (struct oddities)ODDITIES_INIT;
		for (int d = 0; d < 5; d++) {
			char date[DAY_TEXT];

			snprintf(date, sizeof date, "2025-03-%02d", (unsigned)(d + 1) % 100);
			add(date, row[i].price[d]);
		}
		price_history_drop_absurd(&history, PRICE_JUMP, "price", &odd);
		if (history.n != row[i].kept || odd.odd != 5 - row[i].kept)
			fail_msg("row %zu: %zu are kept", i, history.n);
		price_history_release(&history);
		oddities_release(&odd);
	}
}

/* Of two nobody can tell which is the slip. */
static void two_prices_that_are_far_apart_are_both_kept(void **state)
{
	(void)state;
	gives(CHART(D8 ",{\"x\":1741478400,\"y\":8}"), NULL, "2025-03-08=86200.12;2025-03-09=8;", 0);
}

static void holes_are_counted_and_the_longest_named(void **state)
{
	struct price_holes holes;

	(void)state;
	history = (struct price_history)PRICE_HISTORY_INIT;
	holes = price_history_holes(&history);
	assert_int_equal(holes.days, 0);
	add("2025-02-26", "1");
	add("2025-03-01", "1");
	add("2025-03-02", "1");
	add("2025-03-04", "1");
	add("2025-03-08", "1");
	add("2025-03-10", "1");
	holes = price_history_holes(&history);
	assert_int_equal(holes.days, 7);
	assert_int_equal(holes.longest, 3);
	/* A day that is added again is one while its price is the same; another one leaves it without any. */
	odd = (struct oddities)ODDITIES_INIT;
	add("2025-03-01", "1");
	add("2025-03-04", "8");
	price_history_sort(&history, "price", &odd);
	assert_int_equal(history.n, 5);
	assert_int_equal(odd.odd, 1);
	assert_string_equal(odd.text.data, "2025-03-04: price 1 and 8 at once: the day is left out\n");
	price_history_release(&history);
	oddities_release(&odd);
}

/* A week of slips is the most; after that it is the others that are wrong. */
static void a_week_of_slips_is_taken_out_and_more_are_kept(void **state)
{
	(void)state;
	for (int slips = PRICE_SLIPS; slips <= PRICE_SLIPS + 1; slips++) {
		char date[DAY_TEXT];

		history = (struct price_history)PRICE_HISTORY_INIT;
		odd = (struct oddities)ODDITIES_INIT;
		for (int d = 1; d <= slips + 4; d++) {
			snprintf(date, sizeof date, "2025-03-%02d", (unsigned)d % 100);
			add(date, d <= 2 || d > slips + 2 ? "100" : "5000");
		}
		price_history_drop_absurd(&history, PRICE_JUMP, "price", &odd);
		assert_int_equal(history.n, slips == PRICE_SLIPS ? 4 : slips + 4);
		price_history_release(&history);
		oddities_release(&odd);
	}
}

/* Over a month a price may rise by more: 2017 began and ended far below its last weeks. */
static void a_price_a_month_from_others_may_be_further_from_them(void **state)
{
	static const struct { const char *date, *price; size_t kept; } row[] = {
		{ "2017-12-31", "501", 2 }, { "2017-12-31", "500", 3 }, { "2018-01-01", "501", 3 }, { "2018-01-01", "1000", 3 },
		{ "2018-01-01", "1001", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		history = (struct price_history)PRICE_HISTORY_INIT;
		odd = (struct oddities)ODDITIES_INIT;
		add("2017-11-30", "100");
		add(row[i].date, row[i].price);
		add("2018-01-31", "100");
		price_history_drop_absurd(&history, PRICE_JUMP, "price", &odd);
		if (history.n != row[i].kept)
			fail_msg("%s %s: %zu are kept", row[i].date, row[i].price, history.n);
		price_history_release(&history);
		oddities_release(&odd);
	}
}

/* What was said of it, as one text. */
static void said(const char *want)
{
	assert_string_equal(odd.text.data ? odd.text.data : "", want);
	oddities_release(&odd);
	odd = (struct oddities)ODDITIES_INIT;
}

static void each_leap_of_what_is_kept_is_named(void **state)
{
	(void)state;
	history = (struct price_history)PRICE_HISTORY_INIT;
	odd = (struct oddities)ODDITIES_INIT;
	add("2025-03-01", "100");
	add("2025-03-02", "501");
	add("2025-03-03", "510");
	add("2025-03-04", "80");
	price_history_note_leaps(&history, PRICE_JUMP, "price", &odd);
	said("2025-03-02: price 501, after 100: one of the two is wrong, and which is not known: both are kept\n"
	     "2025-03-04: price 80, after 510: one of the two is wrong, and which is not known: both are kept\n");
	price_history_release(&history);
}

/* Days 2 to 1 + n of so many have this price, the others their own. */
static void stands_still(int n, const char *price, int gap, const char *want)
{
	day_t first;
	char own[16];

	assert_true(day_parse("2025-03-01", &first));
	history = (struct price_history)PRICE_HISTORY_INIT;
	odd = (struct oddities)ODDITIES_INIT;
	price_history_add(&history, first, "84000");
	for (int d = 1; d <= n; d++)
		price_history_add(&history, first + d + (d > 3 ? gap : 0), price);
	for (int d = 1; d <= 2; d++) {
		snprintf(own, sizeof own, "8500%d", d);
		price_history_add(&history, first + n + gap + d, own);
	}
	price_history_note_standstills(&history, &odd);
	assert_int_equal(history.n, (size_t)n + 3);
	said(want);
	price_history_release(&history);
}

static void a_price_that_does_not_move_for_a_week_is_named(void **state)
{
	(void)state;
	stands_still(7, "84373.01", 0, "2025-03-02: price 84373.01 on each of 7 days from here on, as if the source stood still: they are kept\n");
	stands_still(9, "100", 0, "2025-03-02: price 100 on each of 9 days from here on, as if the source stood still: they are kept\n");
	stands_still(6, "84373.01", 0, "");
	stands_still(9, "84373.01", 1, "");
	stands_still(7, "99.99", 0, "");
	/* From the first to the last, as many as there is memory for. */
	history = (struct price_history)PRICE_HISTORY_INIT;
	for (int d = 0; d < 512; d++)
		price_history_add(&history, 20000 + d, "100");
	assert_int_equal(history.n, history.size);
	price_history_note_standstills(&history, &odd);
	said("2024-10-04: price 100 on each of 512 days from here on, as if the source stood still: they are kept\n");
	price_history_release(&history);
}

static void a_slip_is_named_with_its_neighbours(void **state)
{
	(void)state;
	history = (struct price_history)PRICE_HISTORY_INIT;
	odd = (struct oddities)ODDITIES_INIT;
	add("2025-03-02", "110");
	add("2025-03-03", "100");
	add("2025-03-04", "5000");
	add("2025-03-05", "4000");
	add("2025-03-06", "120");
	add("2025-03-07", "3000");
	price_history_drop_absurd(&history, PRICE_JUMP, "rate", &odd);
	assert_int_equal(history.n, 3);
	said("2025-03-04: rate 5000 is far from 100 and 120 beside it\n"
	     "2025-03-05: rate 4000 is far from 100 and 120 beside it\n"
	     "2025-03-07: rate 3000 is far from 120 and 100 beside it\n");
	price_history_release(&history);
}

/* Three are enough to tell that the first or the last is the slip. */
static void the_first_or_the_last_of_three_may_be_the_slip(void **state)
{
	(void)state;
	history = (struct price_history)PRICE_HISTORY_INIT;
	odd = (struct oddities)ODDITIES_INIT;
	add("2025-03-01", "2000");
	add("2025-03-02", "110");
	add("2025-03-03", "100");
	price_history_drop_absurd(&history, PRICE_JUMP, "price", &odd);
	assert_int_equal(history.n, 2);
	said("2025-03-01: price 2000 is far from 100 and 110 beside it\n");
	price_history_release(&history);
	history = (struct price_history)PRICE_HISTORY_INIT;
	odd = (struct oddities)ODDITIES_INIT;
	add("2025-03-01", "100");
	add("2025-03-02", "110");
	add("2025-03-03", "5000");
	price_history_drop_absurd(&history, PRICE_JUMP, "price", &odd);
	assert_int_equal(history.n, 2);
	said("2025-03-03: price 5000 is far from 110 and 100 beside it\n");
	price_history_release(&history);
}

static void a_price_that_no_bitcoin_had_in_those_years_is_none_and_the_far_future_may_have_any(void **state)
{
	static const struct { const char *date, *price; bool is_yen, kept; } row[] = {
		{ "2010-08-17", "0.07", false, true }, { "2017-12-31", "30000", false, true }, { "2017-12-31", "30000.01", false, false },
		{ "2018-01-01", "1999.99", false, false }, { "2018-01-01", "2000", false, true }, { "2018-01-01", "30001", false, true },
		{ "2025-12-31", "250000", false, true }, { "2025-12-31", "250000.01", false, false }, { "2026-01-01", "250001", false, true },
		{ "2025-12-31", "25000000", true, true }, { "2025-12-31", "199999", true, false },
		{ "2035-12-31", "25000000", false, true }, { "2035-12-31", "25000001", false, false }, { "2026-01-01", "200", false, true },
		{ "2026-01-01", "199", false, false }, { "2036-01-01", "25000001", false, true }, { "2036-01-01", "0.00001", false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		history = (struct price_history)PRICE_HISTORY_INIT;
		odd = (struct oddities)ODDITIES_INIT;
		add("2010-01-01", "0.01");
		add(row[i].date, row[i].price);
		price_history_drop_impossible(&history, row[i].is_yen ? "JPY" : "USD", &odd);
		if (history.n != 1 + (size_t)row[i].kept || odd.odd != !row[i].kept)
			fail_msg("%s %s: %zu kept, %zu odd", row[i].date, row[i].price, history.n, odd.odd);
		price_history_release(&history);
		oddities_release(&odd);
	}
}

static void what_is_older_than_bitcoin_has_no_price(void **state)
{
	static const char first_block[] = "2009-01-03";
	day_t first;

	(void)state;
	assert_true(day_parse(first_block, &first));
	history = (struct price_history)PRICE_HISTORY_INIT;
	odd = (struct oddities)ODDITIES_INIT;
	price_history_drop_before_bitcoin(&history, &odd);
	add(first_block, "1");
	add("2009-01-05", "2");
	price_history_drop_before_bitcoin(&history, &odd);
	assert_int_equal(history.n, 2);
	said("");
	add("2008-12-31", "3");
	add("2009-01-02", "4");
	price_history_sort(&history, "price", &odd);
	price_history_drop_before_bitcoin(&history, &odd);
	assert_int_equal(history.n, 2);
	assert_int_equal(history.rows[0].day, first);
	assert_string_equal(history.rows[1].price, "2");
	said("2008-12-31 to 2009-01-02: a price of 2 days before the first bitcoin\n");
	price_history_release(&history);
	/* As many as there is memory for: nothing is read behind them. */
	history = (struct price_history)PRICE_HISTORY_INIT;
	for (int d = 512; d > 0; d--)
		price_history_add(&history, first - d, "1");
	assert_int_equal(history.n, history.size);
	price_history_drop_before_bitcoin(&history, &odd);
	assert_int_equal(history.n, 0);
	price_history_release(&history);
	oddities_release(&odd);
}

static void the_future_has_no_price(void **state)
{
	day_t today;

	(void)state;
	assert_true(day_parse("2025-03-03", &today));
	history = (struct price_history)PRICE_HISTORY_INIT;
	odd = (struct oddities)ODDITIES_INIT;
	price_history_drop_after(&history, today, "price", &odd);
	add("2025-03-02", "100");
	add("2025-03-03", "5000");
	price_history_drop_after(&history, today, "price", &odd);
	assert_int_equal(history.n, 2);
	said("");
	add("2025-03-04", "100");
	add("2025-03-06", "4900");
	price_history_drop_after(&history, today, "price", &odd);
	assert_int_equal(history.n, 2);
	said("2025-03-04 to 2025-03-06: a price of 2 days in the future, or the clock of this machine is behind\n");
	/* What was taken out is nobody's neighbour: of the two that are left nobody can tell which is the slip. */
	price_history_drop_absurd(&history, PRICE_JUMP, "price", &odd);
	assert_int_equal(history.n, 2);
	oddities_release(&odd);
	odd = (struct oddities)ODDITIES_INIT;
	add("2025-03-04", "4900");
	price_history_drop_after(&history, today, "price", &odd);
	said("2025-03-04 to 2025-03-04: a price of 1 day in the future, or the clock of this machine is behind\n");
	price_history_drop_absurd(&history, PRICE_JUMP, "price", &odd);
	assert_int_equal(history.n, 2);
	/* A clock that is far behind leaves nothing. */
	price_history_drop_after(&history, today - 10, "price", &odd);
	assert_int_equal(history.n, 0);
	said("2025-03-02 to 2025-03-03: a price of 2 days in the future, or the clock of this machine is behind\n");
	price_history_release(&history);
}

/* A price without a second is that of the day's beginning; and as many rows as there is memory for are read, no more. */
static void a_price_of_a_day_stands_at_its_beginning(void **state)
{
	day_t first;

	(void)state;
	assert_true(day_parse("2025-03-01", &first));
	history = (struct price_history)PRICE_HISTORY_INIT;
	odd = (struct oddities)ODDITIES_INIT;
	price_history_add_at(&history, first, 1, "2");
	for (int d = 0; d < 511; d++)
		price_history_add(&history, first + d, "1");
	assert_int_equal(history.n, history.size);
	price_history_sort(&history, "price", &odd);
	assert_int_equal(history.n, 511);
	assert_string_equal(history.rows[0].price, "1");
	said("");
	price_history_release(&history);
}

/* Do n days, of which a few in the middle have this price and the others 100, agree with as many days of 100? */
static bool agree(size_t n, size_t few, const char *price, struct reason *why)
{
	struct price_history known = PRICE_HISTORY_INIT;
	size_t from = (n - few) / 2;
	bool ok;

	history = (struct price_history)PRICE_HISTORY_INIT;
	for (size_t i = 0; i < n; i++) {
		price_history_add(&known, 20000 + (day_t)(2 * i), "100");
		price_history_add(&known, 20001 + (day_t)(2 * i), "7");		/* of days that the others lack */
		price_history_add(&history, 20000 + (day_t)(2 * i), i >= from && i < from + few ? price : "100");
	}
	ok = price_history_agrees(&history, &known, 10, why);
	price_history_release(&history);
	price_history_release(&known);
	return ok;
}

static void prices_that_differ_alike_in_most_days_do_not_agree(void **state)
{
	static const struct { size_t n, few; const char *price; bool agrees; } row[] = {
		{ 0, 0, "92", true }, { 9, 9, "92", true }, { 10, 10, "92", false }, { 11, 6, "92", false },
		{ 11, 5, "92", true }, { 11, 6, "97", true }, { 11, 6, "96.99", false }, { 11, 6, "103.09", true },
		{ 11, 6, "103.1", false }, { 11, 5, "103.1", true }, { 40, 40, "10000", false }, { 40, 40, "100", true },
	};
	struct reason why = { .text = "" };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (agree(row[i].n, row[i].few, row[i].price, &why) != row[i].agrees)
			fail_msg("%zu of %zu days of %s: %s", row[i].few, row[i].n, row[i].price, why.text);
	assert_false(agree(11, 11, "92", &why));
	assert_string_equal(why.text, "11 of its days are stored already, and the middle one is 0.92 times what is stored");
}

/* Of n days the first few have what is known of the day so many before, the others their own, or half a unit more. */
static bool shifted_agree(size_t n, size_t few, int before, const char *half, struct reason *why)
{
	struct price_history known = PRICE_HISTORY_INIT;
	char price[16];
	bool ok;

	history = (struct price_history)PRICE_HISTORY_INIT;
	for (int i = 0; i < (int)n; i++) {
		snprintf(price, sizeof price, "%d.0", 1000 + i);
		price_history_add(&known, 20000 + i, price);
		snprintf(price, sizeof price, "%d%s", 1000 + i - (i < (int)few ? before : 0), i < (int)few ? "" : half);
		price_history_add(&history, 20000 + i, price);
	}
	ok = price_history_agrees(&history, &known, 10, why);
	price_history_release(&history);
	price_history_release(&known);
	return ok;
}

static void prices_of_the_day_before_or_after_are_not_those_of_the_day(void **state)
{
	static const struct { size_t n, few; int before; const char *half; bool agrees; } row[] = {
		{ 11, 11, 1, "", false }, { 11, 11, -1, "", false }, { 10, 10, 1, "", true }, { 10, 10, -1, "", true },
		{ 11, 11, 2, "", true }, { 40, 20, 1, "", true }, { 40, 21, 1, "", false }, { 41, 21, 1, "", true },
		{ 41, 21, 1, ".5", true }, { 41, 22, 1, ".5", false }, { 40, 20, -1, "", true }, { 40, 21, -1, "", false },
	};
	struct reason why = { .text = "" };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (shifted_agree(row[i].n, row[i].few, row[i].before, row[i].half, &why) != row[i].agrees)
			fail_msg("%zu of %zu days of %d before: %s", row[i].few, row[i].n, row[i].before, why.text);
	assert_false(shifted_agree(11, 11, 1, "", &why));
	assert_string_equal(why.text, "10 of its days have what is stored of the day before");
	assert_false(shifted_agree(11, 11, -1, "", &why));
	assert_string_equal(why.text, "10 of its days have what is stored of the day after");
	/* Prices that do not move are those of each day beside them, too: one day of them is new. */
	{
		struct price_history known = PRICE_HISTORY_INIT;

		history = (struct price_history)PRICE_HISTORY_INIT;
		for (int i = 0; i < 20; i++) {
			price_history_add(&known, 20000 + i, "65000");
			price_history_add(&history, 20001 + i, "65000");
		}
		assert_true(price_history_agrees(&history, &known, 10, &why));
		price_history_release(&history);
		price_history_release(&known);
	}
}

/* As many as there is memory for, and the other list goes on. */
static void a_full_list_is_compared_to_its_end_and_no_further(void **state)
{
	struct price_history full = PRICE_HISTORY_INIT;
	struct reason why;

	(void)state;
	history = (struct price_history)PRICE_HISTORY_INIT;
	for (int d = 0; d < 600; d++) {
		if (d < 512)
			price_history_add(&full, 20000 + d, "100");
		price_history_add(&history, 20000 + d, "100");
	}
	assert_int_equal(full.n, full.size);
	assert_true(price_history_agrees(&history, &full, 10, &why));
	assert_true(price_history_agrees(&full, &history, 10, &why));
	price_history_release(&full);
	price_history_release(&history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prices_that_differ_alike_in_most_days_do_not_agree),
		cmocka_unit_test(prices_of_the_day_before_or_after_are_not_those_of_the_day),
		cmocka_unit_test(a_full_list_is_compared_to_its_end_and_no_further),
		cmocka_unit_test(a_bad_row_costs_itself_and_not_the_good_ones_behind_it),
		cmocka_unit_test(a_day_has_the_price_that_its_source_means),
		cmocka_unit_test(a_price_is_above_zero_and_below_a_thousand_million),
		cmocka_unit_test(what_is_no_history_or_mostly_odd_is_refused),
		cmocka_unit_test(an_absurd_price_is_taken_out_and_a_steep_rise_is_not),
		cmocka_unit_test(two_prices_that_are_far_apart_are_both_kept),
		cmocka_unit_test(a_price_that_does_not_move_for_a_week_is_named),
		cmocka_unit_test(holes_are_counted_and_the_longest_named),
		cmocka_unit_test(a_price_a_month_from_others_may_be_further_from_them),
		cmocka_unit_test(each_leap_of_what_is_kept_is_named),
		cmocka_unit_test(a_slip_is_named_with_its_neighbours),
		cmocka_unit_test(the_first_or_the_last_of_three_may_be_the_slip),
		cmocka_unit_test(a_price_that_no_bitcoin_had_in_those_years_is_none_and_the_far_future_may_have_any),
		cmocka_unit_test(what_is_older_than_bitcoin_has_no_price),
		cmocka_unit_test(the_future_has_no_price),
		cmocka_unit_test(a_price_of_a_day_stands_at_its_beginning),
		cmocka_unit_test(a_week_of_slips_is_taken_out_and_more_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

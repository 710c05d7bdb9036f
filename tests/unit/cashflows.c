/* cashflows: rows as the publisher sends them (EBOCF), one odd row at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "curtailment/cashflows.h"

#define ENVELOPE(rows) "{\"metadata\":{\"datasets\":[\"EBOCF\"]},\"data\":[" rows "]}"
#define ROW(period, unit, pounds) "{\"settlementDate\":\"2026-07-10\",\"settlementPeriod\":" period ",\"startTime\":null," \
	"\"createdDateTime\":null,\"bmUnit\":" unit ",\"bidOfferPairCashflows\":{},\"totalCashflow\":" pounds "}"
#define GOOD ROW("1", "\"T_GOOD-1\"", "-12.5")

static void begin(struct cashflows *c)
{
	day_t day;

	assert_true(day_parse("2026-07-10", &day));
	cashflows_init(c, day, ELEXON_BID);
}

static void row_is(const struct cashflow *row, int period, const char *unit, const char *total)
{
	assert_int_equal(row->period, period);
	assert_string_equal(row->unit, unit);
	assert_string_equal(row->total, total);
}

static void rows_come_in_the_order_of_half_hour_and_unit(void **state)
{
	static const char body[] = ENVELOPE(ROW("2", "\"T_A-1\"", "1") "," ROW("1", "\"T_B-1\"", "-2.50") "," ROW("1", "\"T_A-1\"", "1.5e2") ","
					    ROW("1", "null", "7") "," ROW("3", "\"T_A-1\"", "-0.1234567890125"));
	struct buf path = BUF_INIT;
	struct cashflows c;

	(void)state;
	begin(&c);
	cashflows_path(&c, &path);
	assert_string_equal(path.data, "balancing/settlement/indicative/cashflows/all/bid/2026-07-10");
	buf_release(&path);
	assert_true(cashflows_parse(&c, body, strlen(body), NULL));
	assert_int_equal(c.n_rows, 4);
	assert_int_equal(c.rows_seen, 5);		/* one of no unit */
	assert_int_equal(c.odd.odd, 0);
	row_is(&c.rows[0], 1, "T_A-1", "150");
	row_is(&c.rows[1], 1, "T_B-1", "-2.5");
	row_is(&c.rows[2], 2, "T_A-1", "1");
	row_is(&c.rows[3], 3, "T_A-1", "-0.123456789013");
	assert_false(c.has_created);
	cashflows_release(&c);
	/* As it was begun. */
	assert_null(c.rows);
	assert_int_equal(c.n_rows, 0);
	assert_true(c.final);
}

/* As many as there is room for at first: none is read behind them. */
static void the_last_row_is_the_last(void **state)
{
	struct buf body = BUF_INIT;
	struct cashflows c;

	(void)state;
	for (int i = 0; i < 256; i++)
		buf_addf(&body, "%s" ROW("1", "\"T_%03d-1\"", "1"), i ? "," : "{\"metadata\":{\"datasets\":[\"EBOCF\"]},\"data\":[", i);
	buf_adds(&body, "]}");
	begin(&c);
	assert_true(cashflows_parse(&c, body.data, body.len, NULL));
	assert_int_equal(c.n_rows, 256);
	row_is(&c.rows[255], 1, "T_255-1", "1");
	cashflows_release(&c);
	buf_release(&body);
}

static void the_newest_is_the_newest_wherever_it_stands(void **state)
{
#define MADE(unit, at) "{\"settlementDate\":\"2026-07-10\",\"settlementPeriod\":1,\"createdDateTime\":\"" at "\",\"bmUnit\":\"" unit "\",\"totalCashflow\":1}"
	static const char body[] = ENVELOPE(MADE("T_A-1", "2026-07-11T10:00:00Z") "," MADE("T_B-1", "2026-07-11T12:00:00Z") "," MADE("T_C-1", "2026-07-11T11:00:00Z"));
	char newest[INSTANT_TEXT];
	struct cashflows c;

	(void)state;
	begin(&c);
	assert_true(cashflows_parse(&c, body, strlen(body), NULL));
	assert_string_equal(instant_format(c.newest_created, newest), "2026-07-11T12:00:00Z");
	cashflows_release(&c);
#undef MADE
}

static void a_row_that_is_not_as_documented_costs_that_row_with_its_reason(void **state)
{
	static const struct { const char *row, *words; } odd[] = {
		{ "7", "row 2: a number, not an object" },
		{ "{\"settlementDate\":\"2026-07-11\",\"settlementPeriod\":1,\"bmUnit\":\"T_A-1\",\"totalCashflow\":1}", "2026-07-11, but 2026-07-10 was requested" },
		{ "{\"settlementPeriod\":1,\"bmUnit\":\"T_A-1\",\"totalCashflow\":1}", "no date, but 2026-07-10" },
		{ ROW("49", "\"T_A-1\"", "1"), "settlementPeriod" }, { ROW("0", "\"T_A-1\"", "1"), "settlementPeriod" },
		{ ROW("\"1\"", "\"T_A-1\"", "1"), "settlementPeriod" },
		{ ROW("1", "\"T_A-1\"", "\"1\""), "totalCashflow: a string, not a number" }, { ROW("1", "\"T_A-1\"", "null"), "totalCashflow" },
		{ ROW("1", "\"T_A-1\"", "1000000000"), "1000000000 is past range" }, { ROW("1", "\"T_A-1\"", "-1e9"), "-1e9 is past range" },
		{ ROW("1", "\"T_A-1\"", "1e999999999"), "is past range" }, { ROW("1", "5", "1"), "bmUnit: a number, not a string" },
		{ ROW("1", "\"=A\"", "1"), "row 2" },
		{ "{\"settlementDate\":\"2026-07-10\",\"settlementPeriod\":1,\"bmUnit\":\"T_A-1\",\"totalCashflow\":1,\"startTime\":\"2026-07-10T23:00:01Z\"}",
		  "startTime: 2026-07-10T23:00:01Z is of another day" },
		{ "{\"settlementDate\":\"2026-07-10\",\"settlementPeriod\":1,\"bmUnit\":\"T_A-1\",\"totalCashflow\":1,\"createdDateTime\":\"soon\"}",
		  "createdDateTime" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct buf body = BUF_INIT;
		struct reason why = { .text = "" };
		struct cashflows c;

		begin(&c);
		buf_addf(&body, ENVELOPE(GOOD ",%s," GOOD), odd[i].row);
		if (!cashflows_parse(&c, body.data, body.len, &why))
			fail_msg("%s", why.text);
		assert_int_equal(c.odd.odd, 1);
		if (!strstr(c.odd.text.data, odd[i].words))
			fail_msg("'%s' does not say '%s'", c.odd.text.data, odd[i].words);
		assert_int_equal(c.n_rows, 1);		/* the same twice is one */
		row_is(&c.rows[0], 1, "T_GOOD-1", "-12.5");
		cashflows_release(&c);
		buf_release(&body);
	}
}

/* In whatever order they come: with one twice, the other before, between or behind. */
static void of_two_that_differ_neither_is_believed_however_often_it_comes(void **state)
{
#define OF_A(pounds) ROW("1", "\"T_A-1\"", pounds)
#define BODY(rows) ENVELOPE(GOOD "," rows "," ROW("2", "\"T_A-1\"", "3") "," ROW("3", "\"T_A-1\"", "4"))
	static const char *const body[] = { BODY(OF_A("1") "," OF_A("2")), BODY(OF_A("1") "," OF_A("2") "," OF_A("2")),
					    BODY(OF_A("2") "," OF_A("1") "," OF_A("2")), BODY(OF_A("2") "," OF_A("2") "," OF_A("1")) };

	(void)state;
	for (size_t i = 0; i < sizeof body / sizeof *body; i++) {
		struct cashflows c;

		begin(&c);
		assert_true(cashflows_parse(&c, body[i], strlen(body[i]), NULL));
		assert_int_equal(c.n_rows, 3);
		row_is(&c.rows[0], 1, "T_GOOD-1", "-12.5");
		row_is(&c.rows[1], 2, "T_A-1", "3");
		row_is(&c.rows[2], 3, "T_A-1", "4");
		assert_non_null(strstr(c.odd.text.data, "period 1 (T_A-1): two cash flows"));
		cashflows_release(&c);
	}
#undef OF_A
#undef BODY
}

/* The first half hour of 2026-07-10 ends at 23:30 UTC on the 9th. */
static void what_was_made_a_day_after_each_half_hour_is_final(void **state)
{
	static const struct { const char *created; bool final; } row[] = {
		{ "2026-07-10T23:30:00Z", true }, { "2026-07-10T23:29:59Z", false },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf body = BUF_INIT;
		char newest[INSTANT_TEXT];
		struct cashflows c;

		begin(&c);
		buf_addf(&body, ENVELOPE("{\"settlementDate\":\"2026-07-10\",\"settlementPeriod\":1,\"startTime\":\"2026-07-09T23:00:00Z\","
					 "\"createdDateTime\":\"%s\",\"bmUnit\":\"T_A-1\",\"totalCashflow\":1}"), row[i].created);
		assert_true(cashflows_parse(&c, body.data, body.len, NULL));
		assert_true(c.has_created);
		assert_int_equal(c.final, row[i].final);
		assert_string_equal(instant_format(c.newest_created, newest), row[i].created);
		cashflows_release(&c);
		buf_release(&body);
	}
	/* A time that nobody set is none. */
	{
		static const char unset[] = ENVELOPE("{\"settlementDate\":\"2026-07-10\",\"settlementPeriod\":1,\"createdDateTime\":\"0001-01-01T00:00:00Z\","
						     "\"bmUnit\":\"T_A-1\",\"totalCashflow\":1},{\"settlementDate\":\"2026-07-10\",\"settlementPeriod\":1,"
						     "\"createdDateTime\":\"1970-01-01T00:00:00Z\",\"bmUnit\":\"T_B-1\",\"totalCashflow\":1}");
		struct cashflows c;

		begin(&c);
		assert_true(cashflows_parse(&c, unset, strlen(unset), NULL));
		assert_int_equal(c.n_rows, 2);
		assert_false(c.has_created);
		cashflows_release(&c);
	}
}

static void another_answer_than_cash_flows_is_refused_for_what_it_is(void **state)
{
	static const struct { const char *body, *words; } row[] = {
		{ "{\"message\":\"no such day\"}", "an error instead of cash flows: no such day" }, { "{\"title\":\"Bad Request\"}", "Bad Request" },
		{ "{\"error\":\"under maintenance\",\"data\":[]}", "an error instead of cash flows: under maintenance" },
		{ "{}", "data is absent, not a list of rows: not cash flows" }, { "[]", "an array, not cash flows" },
		{ "{\"data\":{}}", "data is an object, not a list" },
		{ "{\"metadata\":{\"datasets\":[\"ISPSTACK\"]},\"data\":[]}", "dataset ISPSTACK, not EBOCF" },
		{ "{\"metadata\":{\"datasets\":[7]},\"data\":[]}", "dataset a number, not EBOCF" }, { "{\"data\":[", "" },
		{ ENVELOPE("7,8," GOOD), "2 of 3 rows" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };
		struct cashflows c;

		begin(&c);
		if (cashflows_parse(&c, row[i].body, strlen(row[i].body), &why))
			fail_msg("read: %s", row[i].body);
		if (!strstr(why.text, row[i].words))
			fail_msg("'%s' does not say '%s'", why.text, row[i].words);
		cashflows_release(&c);
		/* Nobody need ask for the reason. */
		begin(&c);
		assert_false(cashflows_parse(&c, row[i].body, strlen(row[i].body), NULL));
		cashflows_release(&c);
	}
}

/* A remark beside rows is no error instead of them. */
static void what_is_said_beside_rows_costs_none(void **state)
{
	static const char body[] = "{\"error\":\"some units are late\",\"data\":[" GOOD "]}";
	struct cashflows c;

	(void)state;
	begin(&c);
	assert_true(cashflows_parse(&c, body, strlen(body), NULL));
	assert_int_equal(c.n_rows, 1);
	cashflows_release(&c);
}

static void blanks_around_a_unit_are_none_of_it(void **state)
{
	static const char body[] = ENVELOPE(ROW("1", "\" T_A-1  \"", "5") "," ROW("2", "\"  \"", "6") ","
					    ROW("3", "\"\"", "7"));
	struct cashflows c;

	(void)state;
	begin(&c);
	assert_true(cashflows_parse(&c, body, sizeof body - 1, NULL));
	assert_int_equal(c.rows_seen, 3);
	assert_int_equal(c.odd.odd, 0);
	assert_int_equal(c.n_rows, 1);
	assert_string_equal(c.rows[0].unit, "T_A-1");
	cashflows_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_around_a_unit_are_none_of_it),
		cmocka_unit_test(rows_come_in_the_order_of_half_hour_and_unit),
		cmocka_unit_test(the_last_row_is_the_last),
		cmocka_unit_test(the_newest_is_the_newest_wherever_it_stands),
		cmocka_unit_test(a_row_that_is_not_as_documented_costs_that_row_with_its_reason),
		cmocka_unit_test(of_two_that_differ_neither_is_believed_however_often_it_comes),
		cmocka_unit_test(what_was_made_a_day_after_each_half_hour_is_final),
		cmocka_unit_test(another_answer_than_cash_flows_is_refused_for_what_it_is),
		cmocka_unit_test(what_is_said_beside_rows_costs_none),
	};

	return cmocka_run_group_tests_name("cashflows", tests, NULL, NULL);
}

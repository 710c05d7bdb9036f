/*
 * What an export says of itself beside its trades: the time that its rows span, which is what it vouches for; which rows
 * are one trade written twice; in which order they come out; and how much of it is dust.
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

#include "exports.h"

#define ACCOUNT "type,time,amount,balance,amount/balance unit,transfer id,trade id,order id\n"

static void spans(const char *text, const char *first, const char *last)
{
	struct coinbase_csv csv = read_csv(text);
	char at[COINBASE_TIME];

	assert_int_equal(csv.n_spans, first != NULL);
	if (first) {
		assert_string_equal(coinbase_time_format(&csv.spans[0].first, at), first);
		assert_string_equal(coinbase_time_format(&csv.spans[0].last, at), last);
	}
	coinbase_csv_release(&csv);
}

#define MATCH(time, id) "match," time ",-300,0,EUR,," id ",o\nmatch," time ",2,2,ETH,," id ",o\n"
#define OTHER(id, time, type) id "," time " UTC," type ",BTC,0.5,EUR,€100.00,€50.00,€50.00,€0.00,\n"

/* Every row counts, trade or not, read or not, in whatever order. */
static void the_span_is_from_the_first_to_the_last_row_of_any_kind(void **state)
{
	(void)state;
	spans(FILLS, NULL, NULL);
	spans(FILLS "1,BTC-EUR,BUY,2020-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\n", "2020-02-03T00:00:00Z", "2020-02-03T00:00:00Z");
	spans(FILLS "2,BTC-EUR,BUY,2020-02-04T00:00:00Z,1,BTC,10,0,-10,EUR\n1,BTC-EUR,BUY,2020-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\n"
	      "3,BTC-EUR,BUY,2020-02-05T00:00:00Z,1,BTC,10,0,-10,EUR\n", "2020-02-03T00:00:00Z", "2020-02-05T00:00:00Z");
	/* The ends are a deposit and a fee; and a future, which is no trade of a coin. */
	spans(ACCOUNT "deposit,2020-01-01T00:00:00Z,1,1,EUR,x,,\n" MATCH("2020-01-02T00:00:00Z", "7")
	      "fee,2020-01-03T00:00:00Z,-1,0,EUR,,7,o\n", "2020-01-01T00:00:00Z", "2020-01-03T00:00:00Z");
	spans(FILLS "1,BTC-EUR,BUY,2020-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\n2,BTC-27DEC24-CDE,BUY,2020-02-09T00:00:00Z,1,BTC,10,0,-10,EUR\n",
	      "2020-02-03T00:00:00Z", "2020-02-09T00:00:00Z");
	/* A history's sends and unknown types; a conversion; the same row again. */
	spans(V4 OTHER("a", "2020-01-01 00:00:00", "Send") BUY("b", "2020-01-02 00:00:00") OTHER("c", "2020-01-09 00:00:00", "Hodl"),
	      "2020-01-01T00:00:00Z", "2020-01-09T00:00:00Z");
	spans(V4 BUY("b", "2020-01-02 00:00:00")
	      "c,2020-01-05 00:00:00 UTC,Convert,BTC,0.5,EUR,€100.00,€50.00,€50.00,€0.00,Converted 0.5 BTC to 3 ETH\n",
	      "2020-01-02T00:00:00Z", "2020-01-05T00:00:00Z");
	/* An account report's row without a trade. */
	spans("Timestamp,Balance,Amount,Currency,To,Notes,Instantly Exchanged,Transfer Total,Transfer Total Currency,Transfer Fee,"
	      "Transfer Fee Currency,Transfer Payment Method,Transfer ID\n"
	      "2017-01-02 03:04:05 +0000,0,1,BTC,,,false,51,EUR,1,EUR,Bank,r1\n2017-01-09 03:04:05 +0000,0,-1,BTC,,,false,,,,,,\n",
	      "2017-01-02T03:04:05Z", "2017-01-09T03:04:05Z");
	/* A trade that cannot be read has a time all the same; a time that cannot be read is none. */
	spans(FILLS "1,BTC-EUR,BUY,2020-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\n2,BTC-EUR,BUY,2020-02-04T00:00:00Z,x,BTC,10,0,-10,EUR\n"
	      "3,BTC-EUR,BUY,yesterday,1,BTC,10,0,-10,EUR\n", "2020-02-03T00:00:00Z", "2020-02-04T00:00:00Z");
}

static void is_span(const struct coinbase_csv *csv, size_t i, const char *first, const char *last, long line)
{
	char at[COINBASE_TIME];

	assert_true(i < csv->n_spans);
	assert_string_equal(coinbase_time_format(&csv->spans[i].first, at), first);
	assert_string_equal(coinbase_time_format(&csv->spans[i].last, at), last);
	assert_int_equal(csv->spans[i].line, line);
}

/* Exports of several years in one file, each with its header and what stands before that; of whatever generation. */
static void files_put_together_are_read_each_under_its_header(void **state)
{
	static const char before[] = "\nTransactions\nUser,Jo Bloggs,0-0\n";
	struct reason why = { .text = "" };
	struct buf text = BUF_INIT;
	struct coinbase_csv csv;

	(void)state;
	buf_addf(&text, "%s%s" BUY("a", "2019-12-30 00:00:00") OTHER("c", "2019-12-31 00:00:00", "Send") "%s%s" BUY("b", "2021-01-02 00:00:00") "%s%s"
		 "2022-01-05T00:00:00Z,Buy,BTC,0.5,EUR,\"1,000.00\",500.00,502.00,2.00,Bought\n", before, V4, before, V4,
		 "\"Use it, with care.\"\n\nTransactions\n", "Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at "
		 "Transaction,Subtotal,Total (inclusive of fees),Fees,Notes\n");
	csv = read_csv(text.data);
	assert_int_equal(csv.n_fills, 3);
	assert_int_equal(csv.rows, 4);
	assert_int_equal(csv.n_skipped, 1);
	assert_int_equal(csv.skipped[0].kind, COINBASE_SKIP_OTHER);
	assert_string_equal(csv.fills[2].value, "500.00");
	assert_int_equal(csv.n_spans, 3);
	is_span(&csv, 0, "2019-12-30T00:00:00Z", "2019-12-31T00:00:00Z", 5);
	is_span(&csv, 1, "2021-01-02T00:00:00Z", "2021-01-02T00:00:00Z", 11);
	is_span(&csv, 2, "2022-01-05T00:00:00Z", "2022-01-05T00:00:00Z", 16);
	coinbase_csv_release(&csv);
	csv = read_csv(FILLS "1,BTC-EUR,BUY,2020-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\nportfolio," FILLS
		       "mine,2,BTC-EUR,BUY,2021-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\n");
	assert_int_equal(csv.n_fills, 2);
	assert_string_equal(csv.fills[1].portfolio_id, "mine");
	assert_int_equal(csv.n_skipped, 0);
	assert_int_equal(csv.n_spans, 2);
	coinbase_csv_release(&csv);
	/* The report of 2019 to 2021, whose owner's row has no word for it, twice. */
	buf_clear(&text);
	for (int year = 2019; year < 2021; year++)
		buf_addf(&text, "\"You can use this transaction report to inform your likely tax obligations. For US customers, Sells, Converts, and "
			 "Rewards Income, and Coinbase Earn transactions are taxable events. For final tax\nobligations, please consult your tax advisor.\""
			 "\n\n\nTransactions\nJo Bloggs,jo@example.org,5cf587e007e82c0365f2ec87\n\nTimestamp,Transaction Type,Asset,Quantity Transacted,"
			 "EUR Spot Price at Transaction,EUR Subtotal,EUR Total (inclusive of fees),EUR Fees,Notes\n"
			 "%d-09-20T14:48:34Z,Buy,BTC,0.0030091,9308.43,28.01,30.00,1.99,Bought 0.0030091 BTC for \xe2\x82\xac" "30.00 EUR\n", year);
	csv = read_csv(text.data);
	assert_int_equal(csv.n_fills, 2);
	assert_int_equal(csv.n_skipped, 0);
	assert_int_equal(csv.rows, 2);
	coinbase_csv_release(&csv);
	/* And as a spreadsheet saves that: every row as long as the header. */
	buf_clear(&text);
	for (int year = 2019; year < 2021; year++)
		buf_addf(&text, "Transactions,,,,,,,,,,\nJo Bloggs,jo@example.org,5cf587e007e82c0365f2ec87,,,,,,,,\n,,,,,,,,,,\n" V4
			 "%d,%d-09-20 14:48:34 UTC,Buy,BTC,0.5,EUR,100,50,51,1,\n", year, year);
	csv = read_csv(text.data);
	assert_int_equal(csv.n_fills, 2);
	assert_int_equal(csv.n_skipped, 0);
	coinbase_csv_release(&csv);
	/* A short row that is no line before a header is still one that cannot be read. */
	csv = read_csv(FILLS "1,BTC-EUR\n2,BTC-EUR,BUY,2021-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\n3,BTC\n" FILLS "4,BTC-EUR\n" FILLS "5,BTC-EUR\n");
	assert_int_equal(csv.n_fills, 1);
	assert_int_equal(csv.n_skipped, 4);
	assert_int_equal(csv.rows, 5);
	coinbase_csv_release(&csv);
	/* Another report is another file. */
	buf_clear(&text);
	buf_adds(&text, FILLS "1,BTC-EUR,BUY,2020-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\n" V4 BUY("a", "2019-12-30 00:00:00"));
	assert_false(coinbase_csv_parse(text.data, text.len, NULL, &csv, &why));
	assert_string_equal(why.text, "line 3: here another export begins, transaction history after fills: give each as a separate file");
	coinbase_csv_release(&csv);
	buf_release(&text);
}

/* One line is enough before a header: a title, whose it is, or a sentence whose commas have no quotes. */
static void a_line_before_a_header_is_no_row(void **state)
{
	static const char *const before[] = {
		"Transactions\n", "\"Use it, with care.\"\n", "User,Jo Bloggs,0-0,x,y\n", "Account,jo@example.org,0-0,x,y\n",
		"You can use this transaction report to inform your likely tax obligations. For US customers, Sells, Converts, and Rewards Income\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		struct buf text = BUF_INIT;
		struct coinbase_csv csv;

		buf_addf(&text, V4 BUY("a", "2019-12-30 00:00:00") OTHER("c", "2019-12-31 00:00:00", "Send") "%s" V4
			 BUY("b", "2021-01-02 00:00:00"), before[i]);
		csv = read_csv(text.data);
		if (csv.n_skipped != 1)
			fail_msg("%s: %zu are skipped", before[i], csv.n_skipped);
		assert_int_equal(csv.skipped[0].kind, COINBASE_SKIP_OTHER);
		assert_int_equal(csv.n_fills, 2);
		assert_int_equal(csv.rows, 3);
		coinbase_csv_release(&csv);
		buf_release(&text);
	}
}

/* A history may be made for one asset: then all of its rows are about that. */
static void a_span_tells_the_only_asset_of_its_rows(void **state)
{
	static const struct { const char *text, *asset; } row[] = {
		{ V4 BUY("b", "2020-01-02 00:00:00") OTHER("c", "2020-01-03 00:00:00", "Send"), "BTC" },
		{ V4 BUY("b", "2020-01-02 00:00:00") "d,2020-01-03 00:00:00 UTC,Deposit,EUR,5,EUR,€1.00,€5.00,€5.00,€0.00,\n"
		  BUY("c", "2020-01-04 00:00:00"), "" },
		{ "Timestamp,Type,BTC,Subtotal,Fees,Total,Currency,Price Per Coin\n2014-01-02 03:04:05 +0000,Buy,2,200.00,3.00,203.00,EUR,100\n", "BTC" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_csv csv = read_csv(row[i].text);

		assert_int_equal(csv.n_spans, 1);
		assert_string_equal(csv.spans[0].asset, row[i].asset);
		assert_string_equal(csv.source, "csv-history");
		coinbase_csv_release(&csv);
	}
}

/* The reports of the order books are made for one portfolio, or for all. */
static void a_span_tells_the_only_portfolio_of_its_rows(void **state)
{
#define OF(portfolio, id) portfolio "," id ",BTC-EUR,BUY,2020-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\n"
	static const struct { const char *text, *portfolio; } row[] = {
		{ "portfolio," FILLS OF("default", "1") OF("default", "2"), "default" },
		{ "portfolio," FILLS OF("default", "1") OF("savings", "2") OF("default", "3"), "" },
		{ "portfolio," FILLS OF("default", "1") OF("", "2"), "" },
		{ FILLS "1,BTC-EUR,BUY,2020-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\n", "" },
	};
#undef OF

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_csv csv = read_csv(row[i].text);

		assert_int_equal(csv.n_spans, 1);
		assert_string_equal(csv.spans[0].portfolio, row[i].portfolio);
		coinbase_csv_release(&csv);
	}
}

/* Returns alone end the lines that an old spreadsheet program saved. */
static void lines_may_end_in_returns_alone(void **state)
{
	struct coinbase_csv csv = read_csv("trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit\r"
					   "1,BTC-EUR,BUY,2020-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\r2,BTC-EUR,BUY,2020-02-04T00:00:00Z,1,BTC,10,0,-1");

	(void)state;
	assert_int_equal(csv.n_fills, 1);
	assert_string_equal(csv.fills[0].trade_id, "1");
	assert_int_equal(csv.n_skipped, 1);
	assert_int_equal(csv.skipped[0].line, 3);
	assert_non_null(strstr(csv.skipped[0].why.text, "no line end"));
	coinbase_csv_release(&csv);
	/* Beside line feeds they end none. */
	csv = read_csv("trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit\r\n"
		       "1,BTC-EUR,BUY,2020-02-03T00:00:00Z,1,BTC,10,0,-10,EUR\r\n2,BTC-EUR,BUY,2020-02-04T00:00:00Z,1,BTC,10,0,-10,EUR\r\n");
	assert_int_equal(csv.n_fills, 2);
	assert_int_equal(csv.fills[1].line, 3);
	coinbase_csv_release(&csv);
}

/* What several rows made, and what was left out, stands in the order of the file. */
static void fills_and_skipped_rows_come_in_the_order_of_the_file(void **state)
{
	struct coinbase_csv csv = read_csv(ACCOUNT MATCH("2020-01-03T00:00:00Z", "9") "match,2020-01-02T00:00:00Z,-10,0,EUR,,1,p\n"
					   "deposit,2020-01-01T00:00:00Z,1,1,EUR,x,,\n" "match,2020-01-02T00:00:00Z,1,2,ETH,,1,p\n"
					   "match,2020-01-04T00:00:00Z,1,2,ETH,,0,q\n");

	(void)state;
	assert_int_equal(csv.n_fills, 2);
	assert_string_equal(csv.fills[0].trade_id, "9");
	assert_string_equal(csv.fills[1].trade_id, "1");
	assert_string_equal(csv.fills[1].entry_id, "csv-account:ETH-EUR:1:BUY");
	assert_int_equal(csv.n_skipped, 2);
	assert_int_equal(csv.skipped[0].kind, COINBASE_SKIP_OTHER);
	assert_int_equal(csv.skipped[0].line, 5);
	assert_int_equal(csv.skipped[1].kind, COINBASE_SKIP_BAD);
	assert_int_equal(csv.skipped[1].line, 7);
	coinbase_csv_release(&csv);
	/* A conversion's sale before its purchase, and both before what stands behind. */
	csv = read_csv(V4 "c,2020-01-05 00:00:00 UTC,Convert,BTC,0.5,EUR,€100.00,€50.00,€50.00,€0.00,Converted 0.5 BTC to 3 ETH\n"
		       BUY("b", "2020-01-02 00:00:00"));
	assert_int_equal(csv.n_fills, 3);
	assert_string_equal(csv.fills[0].product_id, "BTC-EUR");
	assert_false(csv.fills[0].buy);
	assert_string_equal(csv.fills[1].product_id, "ETH-EUR");
	assert_true(csv.fills[1].buy);
	assert_int_equal(csv.fills[2].line, 3);
	assert_true(csv.fills[0].entry_id[0] && csv.fills[1].entry_id[0]);
	assert_string_not_equal(csv.fills[0].entry_id, csv.fills[1].entry_id);
	coinbase_csv_release(&csv);
}

/* Rows of one trade may stand among those of another, and what has no id of its own has one made of its facts. */
static void rows_that_belong_together_are_found_wherever_they_stand(void **state)
{
	struct coinbase_csv csv = read_csv(ACCOUNT "match,2020-01-03T00:00:00Z,-300,0,EUR,,9,o\nmatch,2020-01-02T00:00:00Z,-10,0,EUR,,1,p\n"
					   "match,2020-01-03T00:00:00Z,2,2,ETH,,9,o\nmatch,2020-01-02T00:00:00Z,1,2,ETH,,1,p\n"
					   "match,2020-01-04T00:00:00Z,1,2,ETH,,,\ndeposit,2020-01-04T00:00:00Z,1,2,ETH,x,5,\n");

	(void)state;
	assert_int_equal(csv.n_fills, 2);
	assert_string_equal(csv.fills[0].trade_id, "9");
	assert_string_equal(csv.fills[0].value, "300");
	assert_string_equal(csv.fills[1].value, "10");
	/* A match without a trade's id may be one; a deposit with one is none. */
	assert_int_equal(csv.n_skipped, 2);
	assert_int_equal(csv.skipped[0].kind, COINBASE_SKIP_BAD);
	assert_int_equal(csv.skipped[1].kind, COINBASE_SKIP_OTHER);
	coinbase_csv_release(&csv);
	/* Two conversions of two rows each, the one among the other. */
	csv = read_csv(V4 "c,2020-01-06 00:00:00 UTC,Convert,BTC,-0.5,EUR,€100.00,€50.00,€50.00,€0.00,\n"
		       "d,2020-01-05 00:00:00 UTC,Convert,BTC,-0.25,EUR,€100.00,€25.00,€25.00,€0.00,\n"
		       "c,2020-01-06 00:00:00 UTC,Convert,ETH,3,EUR,€16.67,€50.01,€50.00,€0.00,\n"
		       "d,2020-01-05 00:00:00 UTC,Convert,ETH,1.5,EUR,€16.67,€25.01,€25.00,€0.00,\n");
	assert_int_equal(csv.n_skipped, 0);
	assert_int_equal(csv.n_fills, 4);
	for (int i = 0; i < 4; i++) {
		assert_string_equal(csv.fills[i].value, i < 2 ? "50.00" : "25.00");
		assert_string_equal(csv.fills[i].product_id, i % 2 ? "ETH-EUR" : "BTC-EUR");
		assert_int_equal(csv.fills[i].buy, i % 2);
	}
	coinbase_csv_release(&csv);
	csv = read_csv(V3 "2020-01-05T00:00:00Z,Convert,BTC,0.5,EUR,100.00,50.00,50.00,0.00,Converted 0.5 BTC to 3 ETH\n"
		       "2020-01-06T00:00:00Z,Convert,BTC,0.5,EUR,100.00,50.00,50.00,0.00,Converted 0.5 BTC to 3 ETH\n");
	assert_int_equal(csv.n_fills, 4);
	for (size_t i = 0; i < csv.n_fills; i++) {
		assert_int_equal(strlen(csv.fills[i].entry_id), strlen("csv-history:") + 32);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(csv.fills[i].entry_id, csv.fills[j].entry_id);
	}
	coinbase_csv_release(&csv);
}

static void dust_is_counted_from_its_first_line(void **state)
{
	struct coinbase_csv csv = read_csv(V4 BUY("b", "2020-01-02 00:00:00")
		"c,2020-01-03 00:00:00 UTC,Retail Simple Dust,ADA,-0.5,EUR,€0.10,-€0.05,-€0.05,€0.00,\n"
		"d,2020-01-04 00:00:00 UTC,Retail Simple Dust,ADA,x,EUR,€0.10,-€0.05,-€0.05,€0.00,\n"
		"e,2020-01-05 00:00:00 UTC,Retail Simple Dust,SOL,-0.5,EUR,€0.10,-€0.05,-€0.05,€0.00,\n");

	(void)state;
	assert_int_equal(csv.n_fills, 3);
	assert_int_equal(csv.n_dust, 2);
	assert_int_equal(csv.dust_line, 3);
	assert_int_equal(csv.n_skipped, 1);
	assert_int_equal(csv.skipped[0].line, 4);
	coinbase_csv_release(&csv);
	csv = read_csv(V4 BUY("b", "2020-01-02 00:00:00"));
	assert_int_equal(csv.n_dust, 0);
	assert_int_equal(csv.dust_line, 0);
	coinbase_csv_release(&csv);
}

/* What may be a trade is not let by: a word for one in a type that is not known, a conversion without a time, a row cut off. */
static void what_may_be_a_trade_is_left_out_by_name(void **state)
{
	static const struct { const char *text; const char *words; } row[] = {
		{ V4 OTHER("r", "2020-01-03 00:00:00", "Rebuy"), "may be a trade" },
		{ V4 OTHER("r", "2020-01-03 00:00:00", "Matched"), "may be a trade" },
		{ V4 "c,yesterday,Convert,BTC,0.5,EUR,€100.00,€50.00,€50.00,€0.00,Converted 0.5 BTC to 3 ETH\n", "yesterday" },
		{ FILLS "1,BTC-EUR,BUY,2020-02-03T00:00:00Z,1,BTC,10,0,-1", "it has no line end: the file may be cut off there" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct coinbase_csv csv = read_csv(row[i].text);

		assert_int_equal(csv.n_fills, 0);
		assert_int_equal(csv.n_skipped, 1);
		assert_int_equal(csv.skipped[0].kind, COINBASE_SKIP_BAD);
		assert_int_equal(csv.skipped[0].line, 2);
		if (!strstr(csv.skipped[0].why.text, row[i].words))
			fail_msg("'%s' does not say '%s'", csv.skipped[0].why.text, row[i].words);
		coinbase_csv_release(&csv);
	}
}

/* More rows than there is room for at first, of each kind. */
static void an_export_may_be_long(void **state)
{
	enum { ROWS = 300 };
	struct buf text = BUF_INIT;
	struct coinbase_csv csv;

	(void)state;
	buf_adds(&text, V4);
	for (int i = 0; i < ROWS; i++) {
		buf_addf(&text, "b%d,2020-01-02 00:00:00 UTC,Buy,BTC,0.5,EUR,€100.00,€50.00,€51.00,€1.00,\n", i);
		buf_addf(&text, "s%d,2020-01-02 00:00:00 UTC,Send,BTC,0.5,EUR,€100.00,€50.00,€50.00,€0.00,\n", i);
		buf_addf(&text, "c%d,2020-01-%02d %02d:%02d:00 UTC,Convert,BTC,0.5,EUR,€100.00,€50.00,€50.00,€0.00,Converted 0.5 BTC to 3 ETH\n", i,
			 3 + i / 60, i / 60, i % 60);
	}
	csv = read_csv(text.data);
	assert_int_equal(csv.rows, 3 * ROWS);
	assert_int_equal(csv.n_fills, 3 * ROWS);		/* a conversion is two */
	assert_int_equal(csv.n_skipped, ROWS);
	for (size_t i = 1; i < csv.n_fills; i++)
		assert_true(csv.fills[i - 1].line <= csv.fills[i].line);
	coinbase_csv_release(&csv);
	buf_clear(&text);
	buf_adds(&text, ACCOUNT);
	for (int i = 0; i < ROWS; i++)
		buf_addf(&text, "match,2020-01-02T00:00:00Z,-300,0,EUR,,%d,o\nmatch,2020-01-02T00:00:00Z,2,2,ETH,,%d,o\n", i, i);
	csv = read_csv(text.data);
	assert_int_equal(csv.n_fills, ROWS);
	coinbase_csv_release(&csv);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_span_is_from_the_first_to_the_last_row_of_any_kind),
		cmocka_unit_test(files_put_together_are_read_each_under_its_header),
		cmocka_unit_test(a_line_before_a_header_is_no_row),
		cmocka_unit_test(a_span_tells_the_only_asset_of_its_rows),
		cmocka_unit_test(a_span_tells_the_only_portfolio_of_its_rows),
		cmocka_unit_test(lines_may_end_in_returns_alone),
		cmocka_unit_test(fills_and_skipped_rows_come_in_the_order_of_the_file),
		cmocka_unit_test(rows_that_belong_together_are_found_wherever_they_stand),
		cmocka_unit_test(dust_is_counted_from_its_first_line),
		cmocka_unit_test(what_may_be_a_trade_is_left_out_by_name),
		cmocka_unit_test(an_export_may_be_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

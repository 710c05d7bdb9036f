/*
 * The header that names an export and its columns, and a row of each report that tells a trade: what is refused and for
 * which reason, signs either way, and the last row of a file without an end.
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

#define FILLS "trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit\n"
#define ACCOUNT "type,time,amount,balance,amount/balance unit,transfer id,trade id,order id\n"
#define HISTORY_COLUMNS "ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal," \
			"Total (inclusive of fees and/or spread),Fees and/or Spread"
#define HISTORY HISTORY_COLUMNS ",Notes\n"
#define OF_2018 "Timestamp,Transaction Type,Asset,Quantity Transacted,EUR Spot Price at Transaction," \
		"EUR Amount Transacted (Inclusive of Coinbase Fees),Address,Notes\n"
#define TRANSFERS "Timestamp,Type,BTC,Subtotal,Fees,Total,Currency,Price Per Coin,Payment Method,ID,Share\n"
#define REPORT "Timestamp,Balance,Amount,Currency,To,Notes,Instantly Exchanged,Transfer Total,Transfer Total Currency,Transfer Fee," \
	       "Transfer Fee Currency,Transfer Payment Method,Transfer ID\n"
#define AT "2025-01-02 03:04:05 UTC,"
#define THEN "2014-01-02 03:04:05 +0000,"

/* What becomes of a file: the fills in short, and of what is left out the kind and the reason. */
static void becomes(const char *text, const char *wanted)
{
	struct buf got = BUF_INIT;
	struct reason why = { .text = "" };
	struct coinbase_csv csv;

	buf_adds(&got, "");
	if (!coinbase_csv_parse(text, strlen(text), NULL, &csv, &why))
		fail_msg("%s: %s", text, why.text);
	for (size_t i = 0; i < csv.n_fills; i++)
		buf_addf(&got, "%s %s %s %s %s;", csv.fills[i].buy ? "BUY" : "SELL", csv.fills[i].product_id, csv.fills[i].base_size,
			 csv.fills[i].value, csv.fills[i].commission);
	for (size_t i = 0; i < csv.n_skipped; i++)
		buf_addf(&got, "%d %s;", csv.skipped[i].kind, csv.skipped[i].why.text);
	buf_addc(&got, '\0');
	if (!*wanted || !strstr(got.data, wanted))
		fail_msg("%s gives '%s' and not '%s'", text, got.data, wanted);
	coinbase_csv_release(&csv);
	buf_release(&got);
}

static void a_fill_that_is_not_one_is_refused_for_what_it_is(void **state)
{
	char same[8];

	(void)state;
	/* A currency for itself; not one that only begins as it does. */
	snprintf(same, sizeof same, "%d ;", COINBASE_SKIP_SAME);
	becomes(FILLS "1,EUR-EUR,BUY,2024-01-02T03:04:05Z,1,EUR,1,0,-1,EUR\n", same);
	becomes(FILLS "1,EURC-EUR,BUY,2024-01-02T03:04:05Z,1,EURC,1,0,-1,EUR\n", "BUY EURC-EUR 1 1 0;");
	becomes(FILLS "1,EUR-USD,BUY,2024-01-02T03:04:05Z,1,EUR,1,0,-1,USD\n", "BUY EUR-USD 1 1 0;");
	/* But a dash is none for itself. */
	becomes(FILLS "1,-,BUY,2024-01-02T03:04:05Z,1,EUR,1,0,-1,EUR\n", "'-' is not a product");
	/* Without a total a fee is one, and none is none. */
	becomes(FILLS "1,btc-usd,BUY,2024-01-02T03:04:05Z,1,btc,500,0,-500,usd\n", "BUY BTC-USD 1 500 0;");
	becomes(FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,0,,USD\n", "BUY BTC-USD 1 500 0;");
	becomes(FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,2,,USD\n", "BUY BTC-USD 1 500 2;");
	becomes(FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,0,lots,USD\n", "total: ");
	becomes(FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,-1,-400,USD\n", "which make -501");
	/* A sale may have the sign of one, which its total holds; a purchase may not. */
	becomes(FILLS "1,BTC-USD,SELL,2024-01-02T03:04:05Z,-1,BTC,500,-2,498,USD\n", "SELL BTC-USD 1 500 2;");
	becomes(FILLS "1,BTC-USD,SELL,2024-01-02T03:04:05Z,-1,BTC,500,2,-502,USD\n", "which make 498");
	becomes(FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,-1,BTC,500,2,498,USD\n", "the quantity is not above zero");
	/* Its size is in the base. */
	becomes(FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,ETH,500,0,-500,USD\n", "the size is in ETH and the product is BTC-USD");
	becomes(FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,500,USD,1,0,-500,USD\n", "the size is in USD and the product is BTC-USD");
	becomes(FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BT,500,0,-500,USD\n", "the size is in BT and");
	becomes(FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,,500,0,-500,USD\n", "BUY BTC-USD 1 500 0;");
}

/* An id keeps room behind it for what makes it unique; one that is longer is refused, never cut. */
static void an_id_that_does_not_fit_is_refused(void **state)
{
	static const char filling[] = "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
				      "00000000000000000000000000000000000000000000000000000000000000000000000000000000";
	char text[600];

	(void)state;
	for (int longer = 0; longer < 2; longer++) {
		snprintf(text, sizeof text, FILLS "%.*s,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,0,-500,USD\n", COINBASE_ID - 1 + longer,
			 filling);
		becomes(text, longer ? "the trade id is too long" : "BUY BTC-USD 1 500 0;");
		snprintf(text, sizeof text, FILLS "1,%.*s-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,0,-500,USD\n", COINBASE_PRODUCT, filling);
		becomes(text, "the product is too long");
		snprintf(text, sizeof text, HISTORY "%.*s," AT "Buy,SOL,2,EUR,100,200,203,3,\n", COINBASE_ID - 33 + longer, filling);
		becomes(text, longer ? "the id is too long" : "BUY SOL-EUR 2 200 3;");
	}
}

/* Ids stand in keys, logs and cells; a portfolio has a name of its owner's, which is shown. */
static void an_id_is_no_formula_and_no_escape(void **state)
{
	static const char *const bad[] = { "=1+1", "@x", "+3", "a\033[31mb", "a\xc2\x9b" "b", "\xe2\x80\xae" "1" };
	struct coinbase_csv csv;
	char text[600];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(text, sizeof text, FILLS "%s,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,0,-500,USD\n", bad[i]);
		becomes(text, "is not an id: it has a byte beyond ASCII or begins as a formula");
		snprintf(text, sizeof text, HISTORY "%s," AT "Buy,SOL,2,EUR,100,200,203,3,\n", bad[i]);
		becomes(text, "is not an id");
		snprintf(text, sizeof text, HISTORY "%s," AT "Convert,SOL,2,EUR,100,200,200,,Converted 2 SOL to 1 ADA\n", bad[i]);
		becomes(text, "is not an id");
		snprintf(text, sizeof text, ACCOUNT "match,2020-01-02T00:00:00Z,-300,1,EUR,,1,%s\nmatch,2020-01-02T00:00:00Z,2,1,ETH,,1,%s\n", bad[i], bad[i]);
		becomes(text, "the order id");
	}
	snprintf(text, sizeof text, "portfolio," FILLS "%s,1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,0,-500,USD\n", "H\xc3\xa4uschen\033[31m 2");
	assert_true(coinbase_csv_parse(text, strlen(text), NULL, &csv, NULL));
	assert_string_equal(csv.fills[0].portfolio_id, "H\xc3\xa4uschen 2");
	coinbase_csv_release(&csv);
}

/* Excel saves an id of 24 hexadecimal digits that happen to be 677000000000000000000000, or 5e1234…, so; of any two of them the rest is
 * the same. */
static void an_id_that_a_spreadsheet_rounded_is_none(void **state)
{
	static const char *const bad[] = { "6.77E+23", "6E+23", "1.5e+308", "6.77123E+11", "\"6,77E+23\"" };
	static const char *const good[] = { "6.77E-23", "677E+23", "E+23", "6E+", "6.77E+2a", "6.77", "60e4571234", "5e1234567890" };
	char text[600];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(text, sizeof text, FILLS "%s,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,0,-500,USD\n", bad[i]);
		becomes(text, "is what a spreadsheet left of it, which took it for a number: take the file as the exchange gave it");
		snprintf(text, sizeof text, HISTORY "%s," AT "Buy,SOL,2,EUR,100,200,203,3,\n", bad[i]);
		becomes(text, "is what a spreadsheet left of it");
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		snprintf(text, sizeof text, HISTORY "%s," AT "Buy,SOL,2,EUR,100,200,203,3,\n", good[i]);
		becomes(text, "BUY SOL-EUR 2 200 3;");
	}
}

/* Saved by a spreadsheet that pads its cells, with the lines that it leaves below a table. */
static void blanks_around_a_field_and_blank_rows_say_nothing(void **state)
{
	(void)state;
	becomes(FILLS " 1 ,BTC-USD ,BUY\t,\xc2\xa0" "2024-01-02T03:04:05Z\xc2\xa0,1 , BTC,500,0,-500, USD \n,,,,,,,,,\n , ,\t,\xc2\xa0,,,,,,\n\n",
		"BUY BTC-USD 1 500 0;");
	becomes(HISTORY " 1 , 2025-01-02 03:04:05 UTC , Buy , SOL , 2 , EUR ,100,200,203,3, \n,,,,,,,,,,\n", "BUY SOL-EUR 2 200 3;");
	becomes(HISTORY "1," AT "Advanced Trade Buy,SOL,2,EUR,100,200,203,3,Bought 2 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL \n",
		"BUY SOL-EUR 2 200 3;");
}

/* Without its quotes "$1,000.00" is two fields, and all behind it stand in the wrong column. */
static void a_row_with_more_fields_than_its_header_is_refused(void **state)
{
	(void)state;
	becomes(HISTORY "1," AT "Buy,BTC,0.001,USD,$1,000.00,$1.00,$1.01,$0.01,\n", "it has 12 fields and the header 11");
	becomes(HISTORY "1," AT "Buy,BTC,0.001,USD,$1,000.00,$1.00,$1.01,,Bought 0.001 BTC\n", "it has 12 fields and the header 11");
	becomes(HISTORY "1," AT "Convert,BTC,-0.001,USD,$1,000.00,$1.00,$1.01,$0.01,Converted 0.001 BTC to 1 SOL\n", "it has 12 fields");
	becomes(FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,1,500,0,-500,USD\n", "it has 11 fields and the header 10");
	becomes(ACCOUNT "match,2020-01-02T00:00:00Z,-300,1,EUR,,1,o,x\nmatch,2020-01-02T00:00:00Z,2,1,ETH,,1,o\n", "it has 9 fields");
	/* Empty ones are a spreadsheet's; and a note may have commas. */
	becomes(FILLS "1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,BTC,500,0,-500,USD,,,\n", "BUY BTC-USD 1 500 0;");
	becomes(HISTORY "1," AT "Buy,SOL,2,EUR,100,200,203,3,Bought 2 SOL, and paid\n", "BUY SOL-EUR 2 200 3;");
	becomes(HISTORY "1," AT "Buy,SOL,2,EUR,100,200,203,3,,,,\n", "BUY SOL-EUR 2 200 3;");
	becomes(HISTORY "1," AT "Buy,SOL,2,EUR,100,200,203,3,203\n", "BUY SOL-EUR 2 200 3;");
}

/* A fee that names no trade may be one of a trade here, whose commission is then too small.  Of one that names its order
 * it is, so the trade of its time that has none waits. */
static void a_fee_without_a_trade_is_of_an_unknown_type(void **state)
{
#define SIDES ACCOUNT "match,2020-01-02T03:04:05Z,2,2,ETH,,7,o\nmatch,2020-01-02T03:04:05Z,-300,1,EUR,,7,o\n"
	char wanted[64];

	(void)state;
	snprintf(wanted, sizeof wanted, "BUY ETH-EUR 2 300 0;%d ;", COINBASE_SKIP_UNKNOWN);
	becomes(SIDES "fee,2020-01-02T03:04:05Z,-1,0,EUR,,,\n", wanted);
	becomes(SIDES "fee,2020-01-02T03:04:05Z,-1,0,EUR,,,o\n",
		"trade 7 has no fee, and that of line 4 is of no trade: take the file as the exchange gave it;");
	/* In whatever order such fees come. */
	becomes(SIDES "fee,2020-01-02T06:04:05Z,-1,0,EUR,,,a\nfee,2020-01-02T05:04:05Z,-1,0,EUR,,,b\nfee,2020-01-02T03:04:05Z,-1,0,EUR,,,o\n",
		"that of line 6 is of no trade");
#undef SIDES
}

static void signs_of_a_history_say_nothing(void **state)
{
	(void)state;
	becomes(HISTORY "1," AT "Sell,SOL,-2,EUR,-€100.00,-€200.00,-€197.50,,\n", "SELL SOL-EUR 2 200.00 2.50;");
	/* But a purchase of less than nothing is none. */
	becomes(HISTORY "1," AT "Buy,SOL,-2,EUR,-€100.00,-€200.00,-€203.00,,Reversed\n", "a purchase of a negative quantity may be a reversal");
	becomes(HISTORY "1," AT "Advanced Trade Buy,SOL,-2,EUR,€100.00,€200.00,€203.00,€3.00,\n", "may be a reversal");
	becomes(TRANSFERS THEN "Buy,-2,200.00,3.00,203.00,EUR,100,Bank,t1,\n", "may be a reversal");
	/* A blank beside the name of the coin is none of it. */
	becomes("Timestamp,Type, BTC ,Subtotal,Fees,Total,Currency,Price Per Coin,Payment Method,ID,Share\n"
		THEN "Buy,2,200.00,3.00,203.00,EUR,100,Bank,t1,\n", "BUY BTC-EUR 2 200.00 3.00;");
	becomes(HISTORY "1," AT "Sell,SOL,2,EUR,€100.00,€200.00,,lots,\n", "fees: ");
	/* A flat fee above what the sale brought; the same sale with a total that is merely written as what left. */
	becomes(HISTORY "1," AT "Sell,SOL,-0.005,EUR,€100.00,€0.50,-€0.49,€0.99,\n", "SELL SOL-EUR 0.005 0.50 0.99;");
	becomes(HISTORY "1," AT "Sell,SOL,-0.005,EUR,€100.00,€0.50,-€0.49,-€0.99,\n", "SELL SOL-EUR 0.005 0.50 0.99;");
	becomes(HISTORY "1," AT "Sell,SOL,-0.005,EUR,€100.00,€0.50,-€0.49,€0.01,\n", "SELL SOL-EUR 0.005 0.50 0.01;");
	becomes(HISTORY "1," AT "Sell,SOL,-0.005,EUR,€100.00,€0.50,-€0.49,,\n", "SELL SOL-EUR 0.005 0.50 0.01;");
	becomes(HISTORY "1," AT "Buy,SOL,0.005,EUR,€100.00,€0.50,-€1.49,€0.99,\n", "BUY SOL-EUR 0.005 0.50 0.99;");
	becomes(HISTORY "1," AT "Sell,SOL,2,EUR,€100.00,€200.00,,,\n", "no total");
	becomes(HISTORY "1," AT "Buy,SOL,2,EUR,€100.00,€200.00,much,€3,\n", "total: ");
	becomes(HISTORY "1," AT "Buy,SOL,2,USD,100.00 USDC,200.00,203,3.00,\n", "BUY SOL-USD 2 200.00 3.00;");
}

#define NOTED(type, total, note) HISTORY "1," AT "Advanced Trade " type ",SOL,2,EUR,€100.00,€200.00," total ",€3.00," note "\n"

/* The note of an advanced trade and its columns tell of one trade, to two cents. */
static void a_note_counts_where_it_is_one(void **state)
{
	(void)state;
	becomes(NOTED("Buy", "€203.02", "Bought 2 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL"), "BUY SOL-EUR 2 200 3;");
	becomes(NOTED("Buy", "€202.98", "Bought 2 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL"), "BUY SOL-EUR 2 200 3;");
	becomes(NOTED("Buy", "€203.021", "Bought 2 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL"), "contradict each other");
	becomes(NOTED("Buy", "€203.03", "Bought 2 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL"), "contradict each other");
	becomes(NOTED("Buy", "", "Bought 2 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL"), "BUY SOL-EUR 2 200 3;");
	becomes(NOTED("Sell", "€197.00", "Sold 2 SOL for -197 EUR on SOL-EUR at 100 EUR/SOL"), "SELL SOL-EUR 2 200 3;");
	becomes(HISTORY "1," AT "Advanced Trade Buy,SOL,2,EUR,€5.00,€10.00,€11.00,€1.00,Bought 2 SOL for 11 EUR on SOL-EUR at 5 EUR/SOL\n",
		"BUY SOL-EUR 2 10 1;");
	/* A note that tells of another side or quantity is of another trade; a rounded one is the same. */
	becomes(NOTED("Buy", "€203.00", "Sold 2 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL"), "the note says 'Sold' and the type 'Advanced Trade Buy'");
	becomes(NOTED("Sell", "€197.00", "Bought 2 SOL for 197 EUR on SOL-EUR at 100 EUR/SOL"), "the note says 'Bought'");
	becomes(NOTED("Buy", "€203.00", "Bought 2.01 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL"), "the note has 2.01 SOL, but the row has 2");
	becomes(NOTED("Buy", "€203.00", "Bought 2.000001 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL"), "BUY SOL-EUR 2 200 3;");
	becomes(HISTORY "1," AT "Advanced Trade Buy,SOL,2.0049,EUR,100,200.49,203.49,3,Bought 2.00 SOL for 203.49 EUR on SOL-EUR at 100 EUR/SOL\n",
		"BUY SOL-EUR 2.0049 200.4900 3.0000;");
	/* So is that of a plain purchase or sale, though its amounts are not needed. */
	becomes(HISTORY "1," AT "Buy,SOL,2,EUR,€100.00,€200.00,€203.00,€3.00,Sold 2 SOL for €203.00 EUR\n", "the note says 'Sold' and the type 'Buy'");
	becomes(HISTORY "1," AT "Sell,SOL,-2,EUR,€100.00,€200.00,€197.00,€3.00,Sold 20 SOL for €197.00 EUR\n", "the note has 20 SOL, but the row has -2");
	becomes(HISTORY "1," AT "Sell,SOL,-2,EUR,€100.00,€200.00,€197.00,€3.00,Sold 2.0000 SOL for €197.00 EUR\n", "SELL SOL-EUR 2 200.00 3.00;");
	becomes(HISTORY "1," AT "Buy,SOL,2,EUR,€100.00,€200.00,€203.00,€3.00,Sold my 20 EUR\n", "BUY SOL-EUR 2 200.00 3.00;");
	/* One that says neither is the trade's; the amounts behind are its. */
	becomes(NOTED("Buy", "€203.00", "Bought SOL for 203 EUR on SOL-EUR at 100 EUR/SOL"), "BUY SOL-EUR 2 200 3;");
	/* Columns in dollars of a trade for USDC, on 11 March 2023, when it was worth 88 cents; and not another trade's. */
	becomes(HISTORY "1," AT "Advanced Trade Buy,SOL,2,USD,88.00,176.00,177.00,1.00,Bought 2 SOL for 201 USDC on SOL-USDC at 100 USDC/SOL\n",
		"BUY SOL-USDC 2 200 1;");
	becomes(HISTORY "1," AT "Advanced Trade Buy,SOL,2,USD,85.00,169.98,169.98,0.00,Bought 2 SOL for 200 USDC on SOL-USDC at 100 USDC/SOL\n",
		"BUY SOL-USDC 2 200 0;");
	becomes(HISTORY "1," AT "Advanced Trade Buy,SOL,2,USD,85.00,169.97,169.97,0.00,Bought 2 SOL for 200 USDC on SOL-USDC at 100 USDC/SOL\n",
		"contradict each other");
	/* A subtotal in the money of the note is what quantity and price make. */
	becomes(HISTORY "1," AT "Advanced Trade Buy,SOL,2,EUR,€100.00,€300.00,€203.00,€3.00,Bought 2 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL\n",
		"price is 200 and the subtotal 300.00");
	/* No pair, or a word too long for one: the columns are what counts. */
	becomes(NOTED("Buy", "€203.00", "Bought 2 SOL for 203 EUR on "), "BUY SOL-EUR 2 200.00 3.00;");
	becomes(NOTED("Buy", "€203.00", "Bought 2 SOL for 203 EUR on  SOL-EUR at 7 EUR/SOL"), "BUY SOL-EUR 2 200.00 3.00;");
	becomes(NOTED("Buy", "€203.00", "Bought 2 SOL on AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-EUR at 7 EUR/SOL"), "BUY SOL-EUR 2 200.00 3.00;");
	becomes(NOTED("Buy", "€203.00", "Bought 2 SOL on AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-EUR at 7 EUR/SOL"),
		"BUY SOL-EUR 2 200.00 3.00;");
}

/* Of 2018: a price of two decimals and what moved, which may be nearer than what they make. */
static void without_a_subtotal_what_moved_is_the_value_where_it_is_as_near(void **state)
{
	(void)state;
	becomes(OF_2018 "01/15/2019,Buy,BTC,0.123,1000.00,122.99,,\n", "BUY BTC-EUR 0.123 122.99 0;");
	becomes(OF_2018 "01/15/2019,Sell,BTC,0.123,1000.00,123.01,,\n", "SELL BTC-EUR 0.123 123.01 0;");
	becomes(OF_2018 "01/15/2019,Buy,BTC,0.123,1000.00,124.00,,\n", "BUY BTC-EUR 0.123 123");
	becomes(OF_2018 "01/15/2019,Buy,BTC,0.123,1000.00,100.00,,\n", "cannot have moved 100.00");
}

#define MOVED(type, amounts) TRANSFERS THEN type "," amounts ",Bank,t1,\n"

static void a_transfer_has_all_of_its_amounts_with_either_sign(void **state)
{
	(void)state;
	becomes(MOVED("Sell", "-2,-200.00,-3.00,-197.00,EUR,-100"), "SELL BTC-EUR 2 200.00 3.00;");
	becomes(MOVED("Buy", "2,200.00,3.00,203.00,EUR,100"), "BUY BTC-EUR 2 200.00 3.00;");
	becomes(MOVED("Buy", "some,200.00,3.00,203.00,EUR,100"), "BTC: ");
	becomes(MOVED("Buy", "2,,3.00,203.00,EUR,100"), "no subtotal");
	becomes(MOVED("Buy", "2,200.00,3.00,,EUR,100"), "no total");
	becomes(MOVED("Buy", "2,200.00,3.00,203.00,EUR,"), "no price per coin");
	becomes(MOVED("Buy", "2,200.00,3.00,203.00,,100"), "no currency says");
	/* A row that ends before its quantity has not that of the row above. */
	becomes(MOVED("Sell", "2,200.00,3.00,197.00,EUR,100") THEN "Buy\n", ";5 BTC: ");
}

#define TOLD(amount, total, total_currency, fee, fee_currency) \
	REPORT THEN "0," amount ",BTC,,,false," total "," total_currency "," fee "," fee_currency ",Bank,r1\n"

static void a_row_of_the_account_report_is_a_trade_by_its_transfer(void **state)
{
	(void)state;
	becomes(TOLD("2", "203.00", "EUR", "3.00", "EUR"), "BUY BTC-EUR 2 200.00 3.00;");
	becomes(TOLD("-2", "-197.00", "EUR", "3.00", "EUR"), "SELL BTC-EUR 2 200.00 3.00;");
	becomes(TOLD("2", "203.00", "EUR", "", ""), "BUY BTC-EUR 2 203.00 0;");
	becomes(TOLD("2", "203.00", "EUR", "some", "EUR"), "transfer fee: ");
	becomes(TOLD("2", "203.00", "EUR", "3.00", "USD"), "the fee is in USD");
	becomes(TOLD("much", "203.00", "EUR", "3.00", "EUR"), "amount: ");
	becomes(TOLD("2", "much", "EUR", "3.00", "EUR"), "transfer total: ");
	becomes(TOLD("0", "203.00", "EUR", "3.00", "EUR"), "the amount is 0");
}

#define CUT "it has no line end"

/* Without an end a row is believed where its last field proves that nothing is missing, or nothing is read from it. */
static void a_last_row_without_an_end_proves_itself(void **state)
{
	(void)state;
	becomes(HISTORY "1," AT "Advanced Trade Buy,SOL,2,EUR,€100.00,€200.00,€203.00,€3.00,-EUR", CUT);
	becomes(HISTORY_COLUMNS "\n1," AT "Buy,SOL,2,EUR,€100.00,€200.00,€203.00,€3.00", CUT);
	becomes(HISTORY_COLUMNS ",Notes,Of nobody\n1," AT "Buy,SOL,2,EUR,€100.00,€200.00,€203.00,€3.00,,any", "BUY SOL-EUR 2 200.00 3.00;");
	becomes(TRANSFERS THEN "Buy,2,200.00,3.00,203.00,EUR,100,Bank,t1,7", "BUY BTC-EUR 2 200.00 3.00;");
	becomes("Timestamp,Type,Subtotal,Fees,Total,Currency,Price Per Coin,BTC\n" THEN "Buy,200.00,3.00,203.00,EUR,100,2", CUT);
	/* An order is that of the row before; no order proves nothing. */
	becomes(ACCOUNT "deposit,2020-01-02T00:00:00Z,1,1,EUR,x,,", CUT);
	becomes(ACCOUNT "match,2020-01-02T00:00:00Z,-300,1,EUR,,1,o-1\nmatch,2020-01-02T00:00:00Z,2,1,ETH,,1,o-", CUT);
}

/* As a spreadsheet shows it, with its currency. */
static void an_amount_of_a_statement_is_in_the_unit_of_its_row(void **state)
{
	(void)state;
	becomes(ACCOUNT "match,2020-01-02T00:00:00Z,-300 EUR,1,EUR,,1,o\nmatch,2020-01-02T00:00:00Z,2,1,ETH,,1,o\n", "BUY ETH-EUR 2 300 0;");
	becomes(ACCOUNT "match,2020-01-02T00:00:00Z,-300 USD,1,EUR,,1,o\nmatch,2020-01-02T00:00:00Z,2,1,ETH,,1,o\n",
		"amount: -300 USD is in USD and the row in EUR");
}

static void refused(const char *text, const char *words)
{
	struct coinbase_csv csv;
	struct reason why = { .text = "" };

	if (coinbase_csv_parse(text, strlen(text), NULL, &csv, &why))
		fail_msg("read: %s", text);
	if (!strstr(why.text, words))
		fail_msg("%s: '%s' does not say '%s'", text, why.text, words);
	coinbase_csv_release(&csv);
}

static void a_header_is_found_by_its_names(void **state)
{
	static const char bought[] = AT "Buy,SOL,2,EUR,100,200,203,3,\n";
	struct buf text = BUF_INIT;

	(void)state;
	/* Blanks around a name; the first of two of one name; columns that a report can do without. */
	becomes(" trade id , product,side ,created at,size,price, fee\n1,BTC-USD,BUY,2024-01-02T03:04:05Z,1,500,2\n", "BUY BTC-USD 1 500 2;");
	becomes("trade id,trade id,product,side,created at,size,price,fee\n1,,BTC-USD,BUY,2024-01-02T03:04:05Z,1,500,2\n", "BUY BTC-USD 1 500 2;");
	becomes("BTC,Timestamp,Type,Subtotal,Fees,Total,Currency,Price Per Coin\n2," THEN "Buy,200.00,3.00,203.00,EUR,100\n",
		"BUY BTC-EUR 2 200.00 3.00;");
	/* The first field without a name of its own is the coin. */
	becomes("BTC,Timestamp,Type,Subtotal,Fees,Total,Currency,Price Per Coin,Memo\n2," THEN "Buy,200.00,3.00,203.00,EUR,100,\n",
		"BUY BTC-EUR 2 200.00 3.00;");
	refused("Timestamp,Type,Subtotal,Fees,Total,Currency,Price Per Coin\n", "no header");
	becomes("Timestamp,Amount,Currency,Transfer Total,Transfer Total Currency,Transfer Fee\n" THEN "2,BTC,203.00,EUR,3.00\n",
		"BUY BTC-EUR 2 200.00 3.00;");
	/* A currency before a name has up to five letters, and is that of the rows. */
	becomes("Timestamp,Transaction Type,Asset,Quantity Transacted,USDC Spot Price at Transaction,USDC Subtotal,USDC Total (inclusive of fees)\n"
		"2020-01-02T03:04:05Z,Buy,SOL,2,100,200,203\n", "BUY SOL-USDC 2 200 3;");
	becomes("Timestamp,Transaction Type,Asset,Quantity Transacted,PYUSD Spot Price at Transaction,PYUSD Subtotal,PYUSD Total (inclusive of fees)\n"
		"2020-01-02T03:04:05Z,Buy,SOL,2,100,200,203\n", "BUY SOL-PYUSD 2 200 3;");
	refused("Timestamp,Transaction Type,Asset,Quantity Transacted,NOBODY Spot Price at Transaction,Total (inclusive of fees)\n",
		"line 1: the header of the transaction history, but without the column \"price at transaction\"");
	refused("Timestamp,Transaction Type,Asset,Quantity Transacted,A B Spot Price at Transaction,Total (inclusive of fees)\n",
		"line 1: the header of the transaction history, but without the column \"price at transaction\"");
	becomes("EUR Fees\n" HISTORY "1," AT "Buy,SOL,2,,100,200,203,3,\n", "no currency says what SOL was traded for");
	/* What is nearly a header is told by what it lacks: of several the one that lacks least; three columns are too much. */
	refused("Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Notes\n",
		"the transaction history, but without the column \"total (inclusive of fees and/or spread)\"");
	refused("portfolio,type,time,amount,balance,transfer id,order id\nportfolio,type,time,amount,balance,amount/balance unit,order id\n",
		"line 2: the header of the account statement, but without the column \"trade id\"");
	refused("trade id,product,side,created at,size,total\n", "of the fills, but without the column \"price\"");
	refused("trade id,product,side,created at,size,fee\nportfolio,type,time,amount,balance,amount/balance unit,order id\n", "line 1: ");
	refused("product_id,trade_id,side,trade_time,size,price,fee\n", "no header");
	/* Other programs' names for two of them. */
	becomes("Timestamp,Transaction Type,Asset,QuantityTransacted,Price Currency,Price at Transaction,Total\n" AT "Buy,SOL,2,EUR,100,203\n",
		"BUY SOL-EUR 2 200 3;");
	/* What stands before the header: up to nineteen lines, whatever they say. */
	buf_addf(&text, "Coinbase; all of it\nBy transaction type\n" HISTORY "1,%s", bought);
	becomes(text.data, "BUY SOL-EUR 2 200 3;");
	for (int lines = 19; lines <= 20; lines++) {
		buf_clear(&text);
		for (int i = 0; i < lines; i++)
			buf_addf(&text, "line %d\n", i);
		buf_addf(&text, HISTORY "1,%s", bought);
		if (lines == 19)
			becomes(text.data, "BUY SOL-EUR 2 200 3;");
		else
			refused(text.data, "no header");
	}
	buf_release(&text);
	refused("\"This report includes all taxable activity.\",,,\n,,,\nGain/loss report,,,\nUser,u,e@example.com,\n", "line 3: a gain/loss report");
	refused("Transaction Type,Transaction ID,Tax lot ID,Asset name,Amount,Date Acquired,Cost basis (USD),Date of Disposition,Proceeds (USD),"
		"Gains (Losses) (USD),Holding period (Days),Data source\n", "take the transaction history (Statements, all assets, CSV) or the fills");
	refused("Transaction ID,Transaction Type,Date & time,Asset Acquired,\"Quantity Acquired (Bought, Received, etc)\",Cost Basis (incl. fees "
		"and/or spread) (USD),Data Source,\"Asset Disposed (Sold, Sent, etc)\",Quantity Disposed,Proceeds (excl. fees and/or spread) (USD)\n",
		"line 1: the raw transactions report of the tax center");
	refused("Timestamp;Transaction Type,b,c\n", "separated by semicolons");
	refused("Timestamp;Transaction Type,b,c,d\n", "no header");
	/* A pair in small letters is the exchange's. */
	becomes(HISTORY "10," AT "Advanced Trade Buy,SOL,2,EUR,100,200,203,3,bought 2 sol for 203 eur on sol-eur at 100 eur/sol\n", "BUY SOL-EUR 2 200 3;");
	/* A row that ends before its note has not that of the row above. */
	becomes(HISTORY "10," AT "Advanced Trade Buy,SOL,2,EUR,100,200,203,3,Bought 2 SOL for 203 EUR on SOL-EUR at 100 EUR/SOL\n"
		"1," AT "Advanced Trade Buy,SOL,2,EUR,90,180,183,3\n", "BUY SOL-EUR 2 180 3;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_amount_of_a_statement_is_in_the_unit_of_its_row),
		cmocka_unit_test(a_header_is_found_by_its_names),
		cmocka_unit_test(a_fill_that_is_not_one_is_refused_for_what_it_is),
		cmocka_unit_test(an_id_that_does_not_fit_is_refused),
		cmocka_unit_test(an_id_is_no_formula_and_no_escape),
		cmocka_unit_test(an_id_that_a_spreadsheet_rounded_is_none),
		cmocka_unit_test(blanks_around_a_field_and_blank_rows_say_nothing),
		cmocka_unit_test(a_row_with_more_fields_than_its_header_is_refused),
		cmocka_unit_test(a_fee_without_a_trade_is_of_an_unknown_type),
		cmocka_unit_test(signs_of_a_history_say_nothing),
		cmocka_unit_test(a_note_counts_where_it_is_one),
		cmocka_unit_test(without_a_subtotal_what_moved_is_the_value_where_it_is_as_near),
		cmocka_unit_test(a_transfer_has_all_of_its_amounts_with_either_sign),
		cmocka_unit_test(a_row_of_the_account_report_is_a_trade_by_its_transfer),
		cmocka_unit_test(a_last_row_without_an_end_proves_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * exports - the headers of the exchange's exports, and an export read, for the tests of what is made of them
 *
 * The headers are those of the exports themselves (tests/data/README.md).
 */
#ifndef WINDFALL_TEST_EXPORTS_H
#define WINDFALL_TEST_EXPORTS_H

#include <string.h>

#include <cmocka.h>

#include "coinbase/csv_export.h"

#define FILLS "trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit\n"
/* Transaction histories: of the second and third generation, but for its end, and of the fourth, which has ids. */
#define V2 "Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,Subtotal,"
#define V3 V2 "Total (inclusive of fees and/or spread),Fees and/or Spread,Notes\n"
#define V4 "ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal," \
	   "Total (inclusive of fees and/or spread),Fees and/or Spread,Notes\n"

/* Half a bitcoin bought for 50 EUR, with this id, at this time: a row of a history of the fourth generation. */
#define BUY(id, time) id "," time " UTC,Buy,BTC,0.5,EUR,€100.00,€50.00,€51.00,€1.00,\n"

/* The export; the test fails where it is none.  coinbase_csv_release() frees. */
static struct coinbase_csv read_csv(const char *text)
{
	struct coinbase_csv csv;
	struct reason why = { .text = "" };

	if (!coinbase_csv_parse(text, strlen(text), NULL, &csv, &why))
		fail_msg("%s", why.text);
	return csv;
}

#endif

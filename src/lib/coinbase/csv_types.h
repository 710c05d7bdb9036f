/*
 * csv_types - what the rows of an export are, by the names of their types
 *
 * The names are those that exports of any year have been seen with, and the transaction types of the exchange's
 * documentation in an export's words: fcm_futures_usdc_sell is "FCM Futures USDC Sell".
 */
#ifndef WINDFALL_CSV_TYPES_H
#define WINDFALL_CSV_TYPES_H

enum coinbase_row_type {
	COINBASE_TYPE_BUY, COINBASE_TYPE_SELL,
	COINBASE_TYPE_SIGNED,		/* one side of a swap, told whole: the sign of its quantity says which */
	COINBASE_TYPE_DUST,		/* the same, where the exchange sweeps up what is too small to trade */
	COINBASE_TYPE_CONVERT,		/* a sale and a purchase, in one row or two */
	COINBASE_TYPE_RENAMED,		/* a coin under a new name */
	COINBASE_TYPE_PAYMENT,		/* something was paid: a currency, or a coin, which is disposed of by that */
	COINBASE_TYPE_NO_TRADE,
	COINBASE_TYPE_MAYBE,		/* not known, but its name has a trade's word */
	COINBASE_TYPE_UNKNOWN,
};

enum coinbase_row_type coinbase_row_type(const char *type);

#endif

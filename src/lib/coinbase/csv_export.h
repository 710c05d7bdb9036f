/*
 * csv_export - the exchange's own CSV exports, of every generation from 2013 to today
 *
 *   fills               portfolio, trade id, product, side, created at, size, …
 *   account statement   portfolio, type, time, amount, balance, amount/balance unit, … trade id, order id
 *   transaction history Timestamp, Transaction Type, Asset, Quantity Transacted, … Notes
 *   transfers           Timestamp, Type, BTC, Subtotal, Fees, Total, Currency, …
 *   account report      Timestamp, Balance, Amount, Currency, … Transfer Total, …
 *
 * Columns are found by name, after a byte order mark and whatever lines stand before the header.
 */
#ifndef WINDFALL_CSV_EXPORT_H
#define WINDFALL_CSV_EXPORT_H

#include "coinbase/csv_result.h"

/*
 * Read an export, or several of one report put together, each with its header.  Initialises csv; release it in every
 * case.  False, with the reason, if the text is no such export, or several of different reports, or no CSV.  Rows that
 * are no trades, and trades that cannot be read, are all in `skipped`, so that fills and skipped rows together are
 * every row (but: the rows of one trade id of an account statement are one trade, and a conversion of one row or two is
 * a sale and a purchase).
 *
 * latest: no row can be later; NULL: the clock is not asked.
 *
 * An export has no entry ids: "coinbase/csv_identity.h" says what its rows get.
 */
bool coinbase_csv_parse(const char *text, size_t len, const struct instant_ns *latest, struct coinbase_csv *csv,
			struct reason *why);

#endif

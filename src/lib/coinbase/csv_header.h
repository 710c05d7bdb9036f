/*
 * csv_header - which of the exchange's exports a file is, and where its columns stand
 *
 * Every generation since 2013 names its columns a little otherwise; the header tells which it is,
 * after whatever lines stand before it.  The field's name may be in any case, with spaces around it, and
 * some have a currency before it ("EUR Subtotal"), or the asset in place of a name ("BTC").
 */
#ifndef WINDFALL_CSV_HEADER_H
#define WINDFALL_CSV_HEADER_H

#include <stdbool.h>

#include "base/reason.h"
#include "format/csv.h"

enum export_report {
	EXPORT_FILLS, EXPORT_ACCOUNT, EXPORT_HISTORY, EXPORT_TRANSFERS, EXPORT_ACCOUNT_REPORT,
	EXPORT_REPORTS
};

/* The columns that some export has. */
enum export_column {
	EXPORT_ID, EXPORT_TIMESTAMP, EXPORT_TYPE, EXPORT_ASSET, EXPORT_QUANTITY, EXPORT_CURRENCY,
	EXPORT_PRICE, EXPORT_SUBTOTAL, EXPORT_TOTAL, EXPORT_FEES, EXPORT_NOTES, EXPORT_PORTFOLIO,
	EXPORT_TRADE_ID, EXPORT_ORDER_ID, EXPORT_PRODUCT, EXPORT_SIDE, EXPORT_AMOUNT, EXPORT_BALANCE, EXPORT_UNIT,
	EXPORT_FEE_CURRENCY,
	EXPORT_PAID,			/* of 2018 and 2019: the total, "Amount Transacted (Inclusive of Coinbase Fees)" */
	EXPORT_COLUMNS
};

struct coinbase_export {
	enum export_report report;
	const char *words;		/* "transaction history"; a constant */
	const char *source;		/* what its fills are marked with: "csv-history"; a constant */
	int field_of[EXPORT_COLUMNS];	/* where each column stands, -1 if nowhere */
	int n_fields;			/* of the header */
	int asset_field;		/* of a transfers report, where the quantity stands */
	char asset[16];			/* and of what: "BTC" */
	char currency[16];		/* "EUR" of "EUR Subtotal"; empty if the header has none */
};

/* Read on to the header, which is one of the first records.  False, with the reason, if there is none, or if its
 * fields are separated by something else than commas. */
bool coinbase_export_find(struct csv_reader *in, struct coinbase_export *export, struct reason *why);

/* Is the current record the header of an export once more, as where files were put together?  *again is then that. */
bool coinbase_export_again(const struct csv_reader *in, struct coinbase_export *again);

bool coinbase_export_has(const struct coinbase_export *export, enum export_column column);

/* A field of the current record; "" where the export, or the record, has none.  Borrowed from the reader. */
const char *coinbase_export_field(const struct coinbase_export *export, const struct csv_reader *in,
				  enum export_column column);

#endif

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

#include "coinbase/coinbase.h"

enum coinbase_skip_kind {
	COINBASE_SKIP_OTHER,		/* a known type that is no trade: Send, Deposit, Staking Income … */
	COINBASE_SKIP_SAME,		/* a currency for itself: a deposit, or a slip of the exchange */
	COINBASE_SKIP_CONTRACT,		/* a future or perpetual, whose size counts contracts; its type is the product */
	COINBASE_SKIP_UNKNOWN,		/* a type never seen before: it may have been a trade */
	COINBASE_SKIP_REPEATED,		/* the very same trade, id and all, stands before in the file */
	COINBASE_SKIP_BAD,		/* a trade that cannot be read */
	COINBASE_SKIP_STAKED,		/* ether that became as much ETH2, or that back: its lots stay what they are */
};

struct coinbase_skip {
	enum coinbase_skip_kind kind;
	long line;
	char type[64];
	struct reason why;		/* for COINBASE_SKIP_BAD */
};

/* The time from the first row to the last of an export. */
struct coinbase_span {
	struct instant_ns first, last;
	long line;			/* of its first row with a time: its fills stand from there to the next span's */
	char asset[16];			/* that all of its rows are about; empty where they are about several */
};

struct coinbase_csv {
	const char *report;		/* which of the above, in words; a constant */
	const char *source;		/* what its fills are marked with; a constant */
	struct coinbase_fill *fills;	/* in the order of the file */
	size_t n_fills;
	struct coinbase_skip *skipped;
	size_t n_skipped;
	long rows;			/* after the header */
	size_t n_dust;			/* fills that are sales of dust, and where the first stands */
	long dust_line;
	struct instant_ns first, last;	/* of all rows, trades or not */
	bool has_times;
	struct coinbase_span *spans;	/* of each export with such a row: more than one where files were put together */
	size_t n_spans;
};

/*
 * Read an export, or several of one report put together, each with its header.  Initialises csv; release it in every
 * case.  False, with the reason, if the text is no such export, or no CSV.  Rows that are no trades, and trades that
 * cannot be read, are all in `skipped`, so that fills and skipped rows together are every row (but: the rows of one
 * trade id of an account statement are one trade, and a conversion of one row or two is a sale and a purchase).
 *
 * An export has no entry ids: entry_id becomes "csv-history:" and so on, and the export's own id of the row; where
 * there is none, a digest of the row's facts.  Rows of the very same facts are different trades then, told apart by a
 * count: "…", "…#2".  The count begins again under each header, because exports that were put together may overlap:
 * what they have in common is the caller's to find.
 */
bool coinbase_csv_parse(const char *text, size_t len, struct coinbase_csv *csv, struct reason *why);
void coinbase_csv_release(struct coinbase_csv *csv);

/* Under which of its headers a fill stands, from 0, where exports were put together. */
size_t coinbase_csv_part(const struct coinbase_csv *csv, const struct coinbase_fill *f);

#endif

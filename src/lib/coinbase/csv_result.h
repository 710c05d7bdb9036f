/*
 * csv_result - what reading an export gives: its fills, the rows that are left out and why, the time that it spans
 */
#ifndef WINDFALL_CSV_RESULT_H
#define WINDFALL_CSV_RESULT_H

#include "coinbase/coinbase.h"

enum coinbase_skip_kind {
	COINBASE_SKIP_OTHER,		/* a known type that is no trade: Send, Deposit, Staking Income … */
	COINBASE_SKIP_SAME,		/* a currency for itself or another: a deposit, or a slip of the exchange */
	COINBASE_SKIP_CONTRACT,		/* a future or perpetual, whose size counts contracts; its type is the product */
	COINBASE_SKIP_UNKNOWN,		/* a type never seen before: it may have been a trade */
	COINBASE_SKIP_REPEATED,		/* the very same trade, id and all, stands before in the file; its type is that id */
	COINBASE_SKIP_BAD,		/* a trade that cannot be read */
	COINBASE_SKIP_RENAMED,		/* a coin that goes, or comes, under another name */
	COINBASE_SKIP_PAID,		/* a coin that was paid with: a disposal, for which the export knows no buyer */
	COINBASE_SKIP_STAKED,		/* ether that became as much ETH2, or that back: its lots stay what they are */
};

struct coinbase_skip {
	enum coinbase_skip_kind kind;
	long line;
	char type[64];
	struct reason why;		/* for COINBASE_SKIP_BAD */
};

/* The time from the first row to the last of an export, trades or not. */
struct coinbase_span {
	struct instant_ns first, last;
	long line;			/* of its first row with a time: its fills stand from there to the next span's */
	char asset[16];			/* that all of its rows are about; empty where they are about several */
	char portfolio[COINBASE_ID];	/* that all of its rows are of; empty where they are of several, or name none */
};

/* A balance that does not follow from the one before it, and how. */
struct coinbase_break {
	long line;
	struct reason why;
};

struct coinbase_csv {
	const char *report;		/* which export it is, in words: "transaction history"; a constant */
	const char *source;		/* what its fills are marked with; a constant */
	struct coinbase_fill *fills;	/* in the order of the file */
	size_t n_fills;
	struct coinbase_skip *skipped;
	size_t n_skipped;
	long rows;			/* after the header */
	size_t n_dust;			/* fills by which dust was swept up, and where the first stands */
	long dust_line;
	struct coinbase_span *spans;	/* of each export with such a row: more than one where files were put together */
	size_t n_spans;
	struct coinbase_break *breaks;	/* of an account statement */
	size_t n_breaks;
};

/* Begin a fill: the row on this line, marked with a source, which is a constant.  It counts when the caller raises
 * n_fills; until then the next call begins the same one again.  Borrowed until that call. */
struct coinbase_fill *coinbase_csv_fill(struct coinbase_csv *csv, const char *source, long line);

/* Note a row that is left out.  The type is copied, and so is the reason, which may be NULL. */
void coinbase_csv_skip(struct coinbase_csv *csv, enum coinbase_skip_kind kind, long line, const char *type,
		       const struct reason *why);

/* Under which of its headers a fill stands, from 0, where exports were put together. */
size_t coinbase_csv_part(const struct coinbase_csv *csv, const struct coinbase_fill *f);

void coinbase_csv_release(struct coinbase_csv *csv);

#endif

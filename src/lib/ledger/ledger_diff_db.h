/*
 * ledger_diff_db - the books held against the exchange: what is one trade, and what differs
 *
 * A comparison is one transaction of one session, over one snapshot that no decision and no fetch is
 * half-way in.  It is made in this order, with the answers last:
 *
 *	comparison_begin()
 *	comparison_cover_history(), or comparison_cover_window() for each
 *	comparison_find()
 *
 * Nothing is said of a time that is not covered: where the exchange was not asked to the end.
 *
 * A trade is known by its ids; what no id links is known by its facts (same_trade.h).  It works in temporary
 * tables that go with the transaction, and what makes proposals reads these:
 *
 *	fills		exchange_fills to be compared, with unit: the order, or of a fill without one the entry, or, where the
 *			books know several of these as one order, that
 *	units		their sums: order_id, product_id, side, size, value, fee, fills, first_time, last_time, …
 *	findings	one row a difference; of a missing one its unit, its entry_id if the unit is there in part, and may_be: the
 *			row of the books that is no trade of the exchange, or else the entry, that it may be
 *	judged		each pair of a row of the books and its unit or fill (entry_id), a column wrong_… a field;
 *			the books' columns have b_ before their names
 *
 * Database errors end the process (db.h).
 */
#ifndef WINDFALL_LEDGER_DIFF_DB_H
#define WINDFALL_LEDGER_DIFF_DB_H

#include <stdbool.h>

#include "db/db.h"

/* What is compared.  Borrowed. */
struct comparison_scope {
	int tier;			/* 1: what is missing in windows; 2: and sums; 3: and every field */
	const char *product;		/* NULL: all */
	const char *account;		/* of the books; NULL: all */
	const char *tolerance;		/* by how much amounts may differ: a decimal, not below 0 */
};

/* Begin: wait for whoever decides or fetches, then take the snapshot. */
void comparison_begin(PGconn *db);

/* Cover all that was asked of a product, or of all (NULL); or of one product this window, as far as it was asked. */
void comparison_cover_history(PGconn *db, const char *product);
void comparison_cover_window(PGconn *db, const char *product, const char *from, const char *to);

/* Compare: fill the tables above. */
void comparison_find(PGconn *db, const struct comparison_scope *scope);

/* The findings in their order, as columns of text; the caller frees. */
extern const char *const comparison_columns[];
PGresult *comparison_findings(PGconn *db, int tier);

/* How many orders (or fills without one) of this side the books lack. */
long comparison_missing(PGconn *db, const char *side);

/* How many findings no proposal can correct: what only the books have, or have twice, or what is not a spot trade. */
long comparison_unmendable(PGconn *db);

/* So many of the missing trades that may be there already, earliest first, as product, time, side and size, the id,
 * size and time of what they may be, whether that is a row of the books, and how many they are in all; the caller
 * frees. */
PGresult *comparison_doubts(PGconn *db, int most);

/* Trades of the books that are not covered, as rows of product, count, first and last time; the caller frees.
 * Those newer than a newest answer of less than a day ago count only if too_new is wanted. */
PGresult *comparison_unchecked(PGconn *db, const struct comparison_scope *scope, bool too_new);

/* What a comparison came to. */
struct comparison_result {
	long findings;			/* that are left */
	long missing_buy, missing_sell;
	bool partly;			/* some of the scope was not checked */
};

/* Keep it as the last of its tier and scope, for the view ledger_state. */
void comparison_keep(PGconn *db, const struct comparison_scope *scope, const struct comparison_result *found);

#endif

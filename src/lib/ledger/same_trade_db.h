/*
 * same_trade_db - trades of the database that are told twice, and which row of them stays
 *
 * What is one trade is same_trade's to say.  Database errors end the process (db.h).
 */
#ifndef WINDFALL_SAME_TRADE_DB_H
#define WINDFALL_SAME_TRADE_DB_H

#include "db/db.h"
#include "ledger/same_trade.h"
#include "ledger/whole_order.h"

/* Name the trade added last by the id that its source gives it, if that tells trades apart: the number of a trade in
 * fills and account statements, the id of a row of a transaction history.  Those of a conversion's two sides are not
 * told alike by every generation, and those of the interface stand in no export. */
void twins_name_by_source(struct twins *list, const char *source, const char *trade_id, const char *entry_id);

/* Make a list of trades, numbered as the rows, for twins_pair().  The rows' first columns are product, side, size,
 * and first and last time as DB_MOMENT() gives them; entry_id, source and trade_id may follow, which name the trades;
 * moved tells those of one size apart.  Initialises the list. */
void twins_from_rows(const PGresult *rows, struct twins *list);

/* What a trade of this source is to whole_orders_find(); the rest of it is for the caller to say. */
struct telling telling_of_source(const char *source, const char *order);

/* Warn of orders whose row and fills moved other amounts, by the names that the caller has for them. */
typedef void whole_order_names(const void *context, const struct whole_order *o, const char **product,
			       const char **time, const char **order);
void whole_orders_say(const struct whole_orders *found, whole_order_names *names, const void *context);

struct twins_dropped {
	long long replaced;		/* stored rows: an export's, whose trade the interface tells, or a report corrects */
	long long known;		/* staged rows of exports whose trade was stored already */
};

/*
 * Drop one row of each trade that is both staged (fills_db.h) and stored: the interface's stays, or else the one that
 * was there first; of two of one report that contradict each other, the last.  What is told with other amounts, or in
 * two currencies, is named in warnings.  Within the caller's transaction.
 */
struct twins_dropped twins_drop(PGconn *db);

#endif

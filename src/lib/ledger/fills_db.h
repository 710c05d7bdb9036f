/*
 * fills_db - keeping what the exchange says, and from when to when it was asked
 *
 * What is to be stored is staged in temporary tables as it comes and merged in one transaction at the
 * end, together with the windows that are now known: a run that dies leaves nothing behind.
 * Database errors end the process (db.h).
 */
#ifndef WINDFALL_FILLS_DB_H
#define WINDFALL_FILLS_DB_H

#include "coinbase/client_net.h"
#include "db/db.h"
#include "ledger/same_trade_db.h"

/* The product that stands for all of them in exchange_windows. */
#define EXCHANGE_ALL "*"

/* Keep other fetches, comparisons and decisions out until the transaction ends, waiting for the one under way.  As a
 * first statement it takes no snapshot, so that the transaction sees what the one before left. */
void exchange_take_turn(PGconn *db);

/* Make the staging tables in this session, or empty them. */
void exchange_stage(PGconn *db);
void exchange_stage_fills(PGconn *db, const struct coinbase_fill *fills, size_t n);

/* A time of which the source was read to the end, and what it vouches for.  All borrowed. */
struct exchange_window {
	const char *product;		/* or EXCHANGE_ALL */
	const char *portfolio;		/* that the key sees, or the export names; "" or NULL where it is not known */
	bool simple;			/* only purchases and sales outside the order books: nothing of other trades */
	const char *from, *to;		/* from inclusive, "" for the first trade; to exclusive */
	const char *source;
	long fills;			/* seen in it */
};

/* Remember this window with the next exchange_store(). */
void exchange_stage_window(PGconn *db, const struct exchange_window *w);

struct exchange_stored {
	long long added, changed;	/* fills */
	struct twins_dropped twins;	/* rows whose trade another row tells */
	long long orders;		/* added or changed */
	long long settled_sizes;	/* base quantities now as the order's own total says */
};

/* Merge what is staged, in one transaction; what is not different is not written.  Of a trade that is there under
 * another id one row stays (twins_drop()). */
void exchange_store(PGconn *db, struct exchange_stored *stored);

/*
 * Ask and store: from what is known to be whole, less the overlap, to now; or, where q->since is set,
 * from there.  Fills in the rest of q.  Returns as exchange_ask() does; nothing is stored then.
 */
int exchange_update(PGconn *db, const struct exchange_options *o, struct exchange_query *q, bool whole_history,
		    double overlap_days, struct exchange_stored *stored, struct exchange_totals *totals);

/* What is known ------------------------------------------------------------------------------ */

/* Was the exchange asked to the end for this window of a product, but for the newest hour?  Times as of a query. */
bool exchange_knows(PGconn *db, const char *product, const char *from, const char *to);

/* Was it ever asked for a product, or for anything (NULL)? */
bool exchange_was_asked(PGconn *db, const char *product);

#endif

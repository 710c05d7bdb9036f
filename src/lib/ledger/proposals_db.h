/*
 * proposals_db - what would make the books agree with the exchange, and the yes or no of a person
 *
 * A proposal makes or changes one row of trade_records.  It carries a digest of the facts that it
 * was made from: the fills at the exchange and the rows of the books that tell of the same trade.
 * It is applied only while these are still the facts; otherwise it is stale, and the next
 * comparison proposes again.  One that may be there already is held: a yes to all leaves it out.
 * Each function works inside the caller's transaction, whose turn it is (exchange_take_turn()); database
 * errors end the process.
 */
#ifndef WINDFALL_PROPOSALS_DB_H
#define WINDFALL_PROPOSALS_DB_H

#include <stdbool.h>

#include "db/db.h"

/*
 * Make the proposals that the findings of the comparison under way (ledger_diff_db.h) call for: trades to insert and,
 * of tier 3, fields to change.  An order is proposed as a whole, with the sums of its fills; by its fills where the
 * books keep the product so.  How many are new, or open again; what was rejected stays so, and an open one about the
 * same row that was made from other facts becomes stale.
 */
long long proposals_make(PGconn *db, int tier);

/* Approve and apply what is open of what proposals_make() has just called for, but for what is held.  How many; stale:
 * how many could not be. */
int proposals_apply_made(PGconn *db, const char *by, int *stale, int *held);

/* Make stale what is open and the books may have since it was last called for. */
void proposals_overtake(PGconn *db);

enum proposal_outcome {
	PROPOSAL_APPLIED,
	PROPOSAL_WAS_APPLIED,		/* before; nothing was changed */
	PROPOSAL_STALE,			/* the facts are others now; nothing was changed but its state */
	PROPOSAL_REJECTED,
	PROPOSAL_UNKNOWN,		/* there is none of this number */
	PROPOSAL_HELD,			/* of all that are open: it may be a row of the books; nothing was changed */
};

/* Approve and apply, or reject, one proposal in the name of a person. */
enum proposal_outcome proposal_approve(PGconn *db, const char *id, const char *by);
enum proposal_outcome proposal_reject(PGconn *db, const char *id, const char *by);

#endif

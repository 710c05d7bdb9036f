/*
 * proposals - what would make the books agree with the exchange, and the yes or no of a person
 *
 * A proposal makes or changes one row of trade_records.  It carries a digest of the facts that it
 * was made from: the fills at the exchange and the rows of the books that tell of the same trade.
 * It is applied only while these are still the facts; otherwise it is stale, and the next
 * comparison proposes anew.  Each function works inside the caller's transaction and holds
 * the lock that keeps two of them apart; database errors end the process.
 */
#ifndef WINDFALL_PROPOSALS_H
#define WINDFALL_PROPOSALS_H

#include <stdbool.h>

#include "db.h"

/*
 * The digest of the facts of a proposal p (an alias of backfill_proposals, or anything with its columns
 * product_id, record_id, level, order_id, side, size, trade_time, last_time and entry_ids), as an SQL expression.
 */
extern const char proposals_digest_sql[];

enum proposal_outcome {
	PROPOSAL_APPLIED,
	PROPOSAL_WAS_APPLIED,		/* before; nothing was changed */
	PROPOSAL_STALE,			/* the facts are others now; nothing was changed but its state */
	PROPOSAL_REJECTED,
	PROPOSAL_UNKNOWN,		/* there is none of this number */
};

/* Approve and apply, or reject, one proposal in the name of a person. */
enum proposal_outcome proposal_approve(PGconn *db, const char *id, const char *by);
enum proposal_outcome proposal_reject(PGconn *db, const char *id, const char *by);

/* Keep other decisions and fetches out until the transaction ends. */
void proposals_lock(PGconn *db);

#endif

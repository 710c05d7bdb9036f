/*
 * corrections_db - entries of the exchange that change a trade: reversals, corrections, synthetic ones
 *
 * None is booked by itself.  Until a person has decided what one means it is a finding, and nothing is proposed
 * about a trade of its trade id or its order.
 */
#ifndef WINDFALL_CORRECTIONS_DB_H
#define WINDFALL_CORRECTIONS_DB_H

#include "db/db.h"

/* Add a row for each open one, of all products or of one, to the table findings of a comparison. */
void corrections_find(PGconn *db, const char *product);

/* Take what is about a trade with an open one out of the table wanted, and call open proposals about it stale. */
void corrections_block(PGconn *db);

enum correction_outcome { CORRECTION_SETTLED, CORRECTION_WAS_SETTLED, CORRECTION_UNKNOWN };

/* A person has decided about an entry. */
enum correction_outcome correction_settle(PGconn *db, const char *entry_id, const char *by);

#endif

/*
 * uncovered_sells_db - the sells that a FIFO version found no lot for, and where to look for what is missing
 *
 * Database errors end the process (db.h).
 */
#ifndef WINDFALL_UNCOVERED_SELLS_DB_H
#define WINDFALL_UNCOVERED_SELLS_DB_H

#include <stdbool.h>

#include "db/db.h"

/* The current version's number, or, of a number, whether there is such a version; NULL if not.  The caller frees. */
char *uncovered_version(PGconn *db, const char *wanted);

struct uncovered {
	struct buf products, times;	/* of the sells, as array literals, one beside the other */
	long sells;
	long covered;			/* more of them, for which the books as they are now hold enough: nothing to look for */
};

/*
 * List the sells of a version, of one product or of all (NULL).  What the books hold is calculated strictly
 * before each sell.  Each is logged (debug).  Fills in u; release it.
 */
void uncovered_list(PGconn *db, const char *version, const char *product, struct uncovered *u);
void uncovered_release(struct uncovered *u);

/*
 * The windows of so many days around the sells, merged where they overlap, as rows of product, from, to, and whether
 * it begins longer ago than the horizon ('t', 'f'; null where horizon_days is 0: none is known).  Caller clears.
 */
PGresult *uncovered_windows(PGconn *db, const struct uncovered *u, int days, int horizon_days);

#endif

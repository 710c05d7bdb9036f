/*
 * fifo_version_db - a version of the allocations: made whole, in one transaction, and never overwritten
 *
 * Each function succeeds, or ends the process (db.h): EX_DATAERR for a version that exists, or a product without
 * trades; EX_TEMPFAIL where another process is making the same version.
 */
#ifndef WINDFALL_FIFO_VERSION_DB_H
#define WINDFALL_FIFO_VERSION_DB_H

#include "db/db.h"
#include "exact/decimal.h"
#include "format/tsv.h"

struct fifo_run {
	const char *version;		/* as text */
	const char *product_id;		/* NULL: all */
	const char *until;		/* an instant: only trades before it; NULL: all */
	struct decimal dust;
	const char *dust_text, *note;	/* dust_text NULL: no dust is set aside */
	bool make_current;
};

/* Match the lots of the books to the disposals of their product and store the slices, each product's totals and the
 * version.  The totals are printed on stdout as rows of out. */
void fifo_version_make(const struct fifo_run *run, struct tsv_writer *out);

/* Make a stored version the current one, in the transaction that the session is in. */
void fifo_version_make_current(PGconn *db, const char *version);

#endif

/*
 * calculation_changes_db - what must be written to make the stored calculations of one day right
 *
 * Gathered while the day is compared (calculation.h), then written in the caller's transaction: what is
 * stale or orphan goes, what is missing or took the place of something stale comes, the rest is
 * not touched.  The writing functions succeed, or end the process (db.h).
 */
#ifndef WINDFALL_CALCULATION_CHANGES_DB_H
#define WINDFALL_CALCULATION_CHANGES_DB_H

#include "base/buf.h"
#include "calculation/calculation.h"
#include "db/db.h"

struct changes {
	char date[DAY_TEXT];
	struct buf rows;				/* what comes, as COPY binary */
	struct buf periods, farms, models;		/* array literals of the keys that go */
	long n_rows, n_gone;
	long n_unknown;					/* what cannot be made: its inputs are not known */
	long n_lost;					/* of it, what is stored and the inputs now in force cannot give */
	char unknown[320];				/* and why the first of it cannot */
};

/* Begin with another day: "YYYY-MM-DD".  A struct of zeros is ready for it. */
void changes_begin(struct changes *c, const char *date);

/* Note one difference.  ctx is the struct changes: this is a comparison's differs. */
void changes_note(void *ctx, const struct difference_row *difference);

/* Is there anything to write? */
bool changes_any(const struct changes *c);

/* Write them, in the transaction that the session is in; the month's partition is made if it is not there. */
void changes_write(PGconn *db, struct changes *c);

void changes_release(struct changes *c);

/* What was done to many days. */
struct change_totals {
	long days, added, replaced, removed;
	long failed_days;		/* of which calculations are left missing */
	long left_days;			/* that were passed over, as a stored row of theirs cannot be read */
	long lost;			/* calculations that are stored, and that the inputs now in force cannot give */
};

/* Add a day that was compared; an error is logged if something of it cannot be made. */
void changes_count(struct change_totals *totals, const struct changes *c, const struct day_count *count);

#endif

/*
 * stored_days_db - the curtailment of each settlement date beside the calculations stored for it
 *
 * Two sessions: one streams the records in the order of their key, so that any range is walked in constant memory; the
 * other gives a digest of each day's calculations (digest.h), and streams those of a day whose digest is not what the
 * records call for.  Of days with a proof nothing is read.  Each function succeeds, or ends the process (db.h).
 */
#ifndef WINDFALL_STORED_DAYS_DB_H
#define WINDFALL_STORED_DAYS_DB_H

#include "base/buf.h"
#include "calculation/calculation.h"
#include "calculation/day_proofs_db.h"
#include "db/day_set.h"
#include "db/db.h"

struct days {
	PGconn *records_db, **stored_db;	/* of the records, of the calculations */
	const struct calculation_facts *only;	/* the models whose calculations are compared; NULL: all */
	struct day_proofs *proofs;		/* or NULL */
	day_t next, last;			/* the day after what is being read, and the last of all */
	bool reading;				/* days without a proof, one after the other */
	const struct day_proof *proof;		/* of the day that is being walked, or NULL */
	struct buf condition;			/* which of them */
	struct db_copy_out records, stored;
	const char *record;			/* the next; NULL at the end */
	PGresult *digests;			/* a row for each day that has calculations */
	int next_digest, digest;		/* the next of them; and this day's, or -1 */
	char text[DAY_TEXT];			/* the day that is being walked */
	day_t day;
	struct pair *pairs;			/* its energy by (period, farm), in that order */
	size_t n_pairs, size;
	long n_records;				/* that they come from */
	long n_stored;				/* after the comparison: how many calculations of the day are stored, */
	const char *stored_digest;		/* their digest, borrowed until the next day, */
	struct digest required;			/* and what the models in force call for (digest_matches()) */
	struct reason unreadable;		/* why this day's records cannot be read; empty when they can */
	long left;				/* days that were left so far */
};

/* Begin to walk these days, with the calculations of these models alone (NULL: of all), and without reading those
 * that have a proof (NULL: read all).  The session of the records is busy until days_close(), that of the
 * calculations while a day is compared; *stored is made when the first day is read, if it is NULL, and the caller's
 * to finish.  All is borrowed. */
void days_open(struct days *d, PGconn *records, PGconn **stored, day_t from, day_t to,
	       const struct calculation_facts *only, struct day_proofs *proofs);

/* Step to the next day that has records or calculations: d->day and, where d->proof is NULL, d->pairs.  False at the
 * end. */
bool days_next(struct days *d);

/*
 * Compare the day with what is stored of it: differs is called for each difference (NULL if only the counts are
 * wanted).  False where a stored row cannot be what it is: then the day is named in an error and counted in d->left,
 * its pairs are not whole, and the caller leaves it as it is.  The other days go on, and the tool ends with
 * EX_DATAERR.  A day with a proof is what it should be, without a look.
 */
bool days_compare(struct days *d, const struct calculation_facts *facts,
		  void (*differs)(void *ctx, const struct difference_row *difference), void *ctx, struct day_count *count);

/* Read what is left of the records to the end, so that their session is free again, and free the memory. */
void days_close(struct days *d);

/* The first and last date of which there are records, calculations or fetched periods; false if there are
 * none.  (day_set_add_known() also counts summaries.) */
bool days_known(PGconn *db, day_t *from, day_t *to);

/*
 * Add every day of which something is stored, and every day that is wanted up to the last of these, stored or
 * not (the view history); where nothing is stored and a beginning was named, up to yesterday.
 */
void days_add_wanted(PGconn *db, day_t yesterday, struct day_set *days);

#endif

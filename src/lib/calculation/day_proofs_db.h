/*
 * day_proofs_db - days whose calculations are known to be correct, so that they need not be compared again
 *
 * The table day_proofs and how it is kept true whoever changes a row: sql/058-day-proofs.sql.  A proof holds while
 * the rows of its day are those that were compared, which the database says, and while the inputs are those of the
 * comparison, which is for the tool to say (digest_inputs()).  Each function succeeds, or ends the process (db.h).
 */
#ifndef WINDFALL_DAY_PROOFS_DB_H
#define WINDFALL_DAY_PROOFS_DB_H

#include "calculation/calculation.h"
#include "calculation/digest.h"
#include "db/day_set.h"
#include "db/db.h"

struct day_proof {
	day_t day;
	uint64_t inputs;		/* digest_inputs() */
	long records, pairs;		/* of the day; a pair is (period, farm) */
	int64_t nmwh;			/* their energy, 1e-9 MWh */
	long expected;			/* calculations that the models in force call for, each stored and correct */
	long calculations;		/* all that are stored */
	char digest[DIGEST_TEXT];	/* theirs; only when it is written */
};

/* Those of some days that hold, in the order of the days. */
struct day_proofs {
	struct day_proof *rows;
	size_t n, next;
};

/* Read those of a stretch of days that hold under these facts, which are those of all models. */
void day_proofs_read(struct day_proofs *p, PGconn *db, struct day_range days, const struct calculation_facts *facts);

/* The first of this day or a later one; NULL if there is none.  Days are asked for in ascending order. */
const struct day_proof *day_proofs_from(struct day_proofs *p, day_t day);

void day_proofs_release(struct day_proofs *p);

/* What a proof needs to know of the moment before its rows were read; seal is NULL where no day can be proved: a
 * table of the month is not watched, or the transaction is not of the kind that sees what others have written since
 * it began. */
struct proving {
	char *seen, *seal;
};

/* Begin to prove days of one month, in the transaction that holds them and before a row of theirs is read. */
void proving_begin(struct proving *w, PGconn *db, day_t day);

/* Store proofs, in the same transaction, once all that they say is committed. */
void proving_store(const struct proving *w, PGconn *db, const struct day_proof *proofs, size_t n);

void proving_end(struct proving *w);

/* Remove the notes of those who wrote without a word that no proof is older than, in a transaction of its own. */
void day_proofs_tidy(PGconn *db);

#endif

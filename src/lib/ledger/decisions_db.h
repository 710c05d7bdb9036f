/*
 * decisions_db - what a person decides on: proposals, corrections and contracts, by number or all
 *
 * Each function takes the operands of its verb, decides on all of them in one transaction, prints, once that is
 * committed, a row for each with what became of it, and returns the exit status: EX_DATAERR where one is not known,
 * EX_DIFFERENCES where one could not be decided so, or is held.  The operands are those that decisions_judge() let
 * pass; trouble with the database ends the process (db.h).
 */
#ifndef WINDFALL_DECISIONS_DB_H
#define WINDFALL_DECISIONS_DB_H

#include <stdbool.h>

#include "db/db.h"
#include "format/tsv.h"

struct decision {
	const char *by;			/* who decides; NULL: who runs the process */
	struct tsv_writer *out;		/* where the rows go; released */
};

/* Who decides, as it is stored: by, or the user of this process. */
const char *decider(const char *by);

/* Refuse operands that the verb does not take, before a database is asked: EX_USAGE. */
enum decision_kind { DECISION_LIST, DECISION_TAKE, DECISION_SETTLE, DECISION_DISCARD };
void decisions_judge(enum decision_kind kind, int argc, char **argv);

/* The proposals in a state (operand; "proposed" without one), with every field. */
int decisions_list(const struct decision *d, PGconn *db, int argc, char **argv);

/* Approve or reject proposals. */
int decisions_take(const struct decision *d, PGconn *db, bool approve, int argc, char **argv);

/* Note that corrections, by their entry ids, are settled in the books. */
int decisions_settle(const struct decision *d, PGconn *db, int argc, char **argv);

/* Take contracts, by their record ids, out of the books. */
int decisions_discard(const struct decision *d, PGconn *db, int argc, char **argv);

#endif

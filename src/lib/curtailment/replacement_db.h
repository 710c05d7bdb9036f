/*
 * replacement_db - replacement costs in the database: what is lacking, and what came
 *
 * Each function succeeds, or ends the process (db.h).
 */
#ifndef WINDFALL_REPLACEMENT_DB_H
#define WINDFALL_REPLACEMENT_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "cli/opts.h"
#include "db/db.h"
#include "exact/calendar.h"

/* A half hour whose offer stack is wanted. */
struct replacement_want {
	day_t day;
	int period;
	int64_t curtailed;		/* 1e-9 MWh, to be replaced */
	char as_of[40];			/* when that last changed, as the database writes it; "" where unknown */
	int stored_rows;		/* of the offer stack that is stored; 0 for none */
};

/* In the order of their periods.  Begin with all zero; free(list). */
struct replacement_wants {
	struct replacement_want *list;
	size_t n;
};

void replacement_want_add(struct replacement_wants *wants, const struct replacement_want *want);

/* Add the half hours of these days, which are of one month, with curtailment whose replacement cost is missing, not
 * final or of other curtailment than is stored now; with force, all that have curtailment. */
void replacement_add_wanted(PGconn *db, struct day_range days, bool force, struct replacement_wants *wants);

/* Forget what replaces curtailment that is stored no more.  Returns how many half hours. */
long long replacement_forget(PGconn *db, struct day_range days);

/* Write half hours of a day, as COPY text of replacement_columns and replacement_offer_columns, in one transaction;
 * what is the same already is not written.  Returns how many rows were. */
long long replacement_store(PGconn *db, day_t day, const struct buf *costs, const struct buf *offers);

#endif

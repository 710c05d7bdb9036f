/*
 * day_set - the settlement dates that a tool was asked for
 *
 * Each function succeeds, or says what was wrong and ends the process: EX_USAGE for operands,
 * EX_DATAERR for rows.
 */
#ifndef WINDFALL_DAY_SET_H
#define WINDFALL_DAY_SET_H

#include "cli/opts.h"
#include "db/db.h"

/* All days up to 2079, one byte each: larger than any range, smaller than any list. */
enum { DAYSET_DAYS = 40000 };

struct day_set {
	char wanted[DAYSET_DAYS];
	long n_days;
};

void day_set_add(struct day_set *set, struct day_range range);

/* Add each settlement_date of the TSV rows in a file, "-" being standard input; other columns are passed over. */
void day_set_read(struct day_set *set, const char *path);

/*
 * Fill the set from what every tool takes: the operands DATE [TO], or --last N (last, else
 * NULL), or "-" for rows on standard input.  False if there is none of these.
 */
bool day_set_args(struct day_set *set, int argc, char **argv, const char *last, instant_t now);

/* Add every month that anything is known of, all its days: records, calculations, fetched periods, and summaries, of
 * which one may have lost its base; a year's January.  The months between them, of which nothing is stored, are left
 * out. */
void day_set_add_known(struct day_set *set, PGconn *db);

/* How many days of the set the database holds anything of: fetched periods, or summaries. */
long day_set_stored(const struct day_set *set, PGconn *db);

/* The next unbroken stretch of wanted days at or after day, cut at the end of its month.
 * False if there is none. */
bool day_set_stretch(const struct day_set *set, day_t day, struct day_range *stretch);

#endif

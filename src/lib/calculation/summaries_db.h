/*
 * summaries_db - days added up from records and calculations, months from days, years from months
 *
 * Each function succeeds, or ends the process (db.h).
 */
#ifndef WINDFALL_SUMMARIES_DB_H
#define WINDFALL_SUMMARIES_DB_H

#include "cli/opts.h"
#include "db/day_set.h"
#include "db/db.h"
#include "format/tsv.h"

/* The columns of the rows that tell what changed: level, key, field, old, new; NULL ends. */
extern const char *const summary_columns[];

/* Add to the set the days whose stored value is in another currency than this, and those that have none and could have
 * one, since a price has come; say how many.  So a change of the setting reaches all days, whichever a run was asked
 * for, and in whichever order prices and runs come. */
void summaries_add_to_revalue(PGconn *db, const char *currency, struct day_set *days);

/*
 * Bring the summaries of these days, which are of one month, of their farms and half hours, and of that month
 * and year to what lies below them, valued in this currency (cli/currency.h), in the transaction that the session
 * is in; the days and the year are held until it ends.  Only rows that differ are written.  What changed is added
 * to out, one row a field, but for farms and half hours; how many rows of the tables did, without those, is
 * returned.  With whole, days whose sums by farm and half hour are known to be right are added up again too.
 */
long summaries_sum(PGconn *db, struct day_range days, const char *currency, bool whole, struct tsv_writer *out);

/* Print the rows that were put together, and forget them; the header comes with the first of them. */
void summaries_print(struct tsv_writer *rows);

#endif

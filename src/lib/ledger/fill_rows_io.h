/*
 * fill_rows_io - fills as rows, and what is reported of many
 */
#ifndef WINDFALL_FILL_ROWS_IO_H
#define WINDFALL_FILL_ROWS_IO_H

#include <stdbool.h>

#include "coinbase/coinbase.h"
#include "format/tsv.h"
#include "ledger/fills_db.h"

/* A fill as a row: its columns, ending with NULL, and one. */
extern const char *const fill_columns[];
void fill_print(struct tsv_writer *w, const struct coinbase_fill *f);

/* A day from now, as clocks differ: what is later has not happened. */
struct instant_ns fill_latest(void);

/* What the last line reports.  fill_count() adds one, and warns of one that is not booked. */
struct fill_counts {
	long fills, not_booked, rounded;
};
void fill_count(struct fill_counts *counts, const struct coinbase_fill *f);

/* Log how many base quantities were rounded, if any. */
void fills_report_rounded(const struct fill_counts *counts);

/* Log what was stored of so many that were read, on so many pages. */
void fills_report_stored(const struct exchange_stored *stored, long read, long pages);

/* A set of entry ids, as tsearch() keeps it: a pointer that begins as NULL.  id_set_add() is true if the id, which it
 * copies, was not there yet. */
bool id_set_add(void **set, const char *id);
bool id_set_has(void **set, const char *id);
void id_set_release(void **set);

#endif

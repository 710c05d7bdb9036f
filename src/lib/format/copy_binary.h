/*
 * copy_binary - rows for PostgreSQL's COPY … FROM STDIN (FORMAT BINARY), out of COPY text
 *
 * The server spends a sixth of the load on reading numbers and dates from text; this does it at
 * the client, beside.  The format is that of PostgreSQL's manual, chapter COPY, "Binary Format",
 * and of each type's receive function: a date is days since 2000-01-01, a numeric is groups of
 * four decimal digits.
 */
#ifndef WINDFALL_COPY_BINARY_H
#define WINDFALL_COPY_BINARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/reason.h"

enum copy_type { COPY_DATE, COPY_SMALLINT, COPY_BIGINT, COPY_TEXT, COPY_NUMERIC };

/* Append what a stream of rows begins and ends with. */
void copy_binary_begin(struct buf *out);
void copy_binary_end(struct buf *out);

/*
 * Append one row, whose n fields are COPY text (escaped, \N for null, a tab between, no newline).
 * False, with the reason, for a field that is not of its type, or a numeric of more than 256 digits.
 */
bool copy_binary_row(struct buf *out, const char *row, const enum copy_type *types, int n, struct reason *why);

#endif

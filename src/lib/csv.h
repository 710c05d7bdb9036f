/*
 * csv - comma-separated values as spreadsheets and exchanges write them (RFC 4180)
 *
 * A record ends at a line's end, which may be CR LF, LF or the end of the text; a field in double
 * quotes may hold commas, line ends and doubled quotes.  A byte order mark before the first
 * record is skipped.  Every field is text: what it means is the caller's.
 */
#ifndef WINDFALL_CSV_H
#define WINDFALL_CSV_H

#include <stddef.h>

#include "buf.h"
#include "reason.h"

/* More fields than any export has: a record with more is refused. */
#define CSV_MAX_FIELDS 256

struct csv_reader {
	const char *at, *end;		/* borrowed text */
	long next_line;
	long line;			/* on which the current record begins, from 1 */
	int n_fields;
	const char *field[CSV_MAX_FIELDS];	/* NUL-terminated, valid until the next record */
	struct buf text;
};

/* Begin to read text[0..len), which must stay there while it is read. */
void csv_open(struct csv_reader *r, const char *text, size_t len);

/*
 * The next record: 1, with its fields in r->field; 0 at the end; -1 with the reason, which
 * names the line: a NUL byte, a quote never closed or closed before the field's end, or too
 * many fields.  An empty line is a record of one empty field.
 */
int csv_next(struct csv_reader *r, struct reason *why);

void csv_close(struct csv_reader *r);

#endif

/*
 * csv - comma-separated values as spreadsheets and exchanges write them (RFC 4180)
 *
 * A record ends at a line's end, which may be CR LF, LF or the end of the text; a field in double quotes may hold
 * commas, line ends and doubled quotes.  A byte order mark before a record is skipped: before the first, and where
 * files were put together before each of theirs.  Every field is text: what it means is the caller's.
 *
 * The text is in memory or comes from a file; of a file no more is held than a record and a piece.
 */
#ifndef WINDFALL_CSV_H
#define WINDFALL_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/reason.h"

/* More than any export has: a record with more fields, or with more bytes, is refused. */
#define CSV_MAX_FIELDS 256
enum { CSV_MAX_RECORD = 1 << 20 };

struct csv_reader {
	const char *at, *end;		/* borrowed text, or the piece of the file that is next */
	FILE *in;			/* NULL: there is no more than that */
	char *piece;
	long next_line;
	long line;			/* on which the current record begins, from 1 */
	bool is_cut;			/* the current record ends with the text, without a line's end */
	int n_fields;
	char *field[CSV_MAX_FIELDS];	/* NUL-terminated, one behind the other, valid until the next record */
	struct buf text;
};

/* Begin to read text[0..len), which must stay there while it is read. */
void csv_open(struct csv_reader *r, const char *text, size_t len);

/* Begin to read a file of which the caller has taken text[0..len) already (it must stay there too) and no more. */
void csv_open_file(struct csv_reader *r, FILE *in, const char *text, size_t len);

/*
 * The next record: 1, with its fields in r->field; 0 at the end; -1 with the reason, which
 * names the line: a NUL byte, a quote never closed or closed before the field's end, too
 * many fields, or a file that cannot be read.  An empty line is a record of one empty field.
 */
int csv_next(struct csv_reader *r, struct reason *why);

/* Cut the blanks at both ends of a field off, in place: spaces, tabs and no-break spaces. */
char *csv_trim(char *field);

/* Are all fields of the current record empty or blank, as in the lines that a spreadsheet leaves below its table? */
bool csv_is_blank(const struct csv_reader *r);

/* Free what the reader holds.  The file stays open. */
void csv_close(struct csv_reader *r);

#endif

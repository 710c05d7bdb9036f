/*
 * table_rows - the rows of a table in a file, TSV or CSV, whose columns are found by name
 *
 * What table.h reads, with the header looked up once: columns may stand in any order, others are passed over, and so
 * are rows in which nothing stands.  Of TSV \N is null; of CSV every field is text, an empty one the empty text.
 */
#ifndef WINDFALL_TABLE_ROWS_H
#define WINDFALL_TABLE_ROWS_H

#include "format/table.h"

enum { TABLE_ROWS_WANTED = 32 };

struct table_rows {
	struct table table;
	const char *name;			/* for messages: "standard input" or a path; borrowed */
	int n_wanted;
	int field_of[TABLE_ROWS_WANTED];	/* where the wanted column stands, -1 if it is not there */
	const char *value[TABLE_ROWS_WANTED];	/* of the row at hand; NULL is null, or no such column; valid until the next */
};

/*
 * Read the header of a file, which stays the caller's.  wanted ends with NULL (at most TABLE_ROWS_WANTED names); the
 * first n_needed of them must be there.  False, with the reason, naming the file, if one is absent or doubled, and for
 * what table_open() refuses; close in every case.
 */
bool table_rows_open(struct table_rows *r, FILE *in, const char *name, const char *const *wanted, int n_needed,
		     struct reason *why);

/* The next row, into r->value: 1; 0 at the end; -1 with the reason, which names the file and the line: fewer or more
 * fields than the header has, and what table_next() refuses. */
int table_rows_next(struct table_rows *r, struct reason *why);

void table_rows_close(struct table_rows *r);

#endif

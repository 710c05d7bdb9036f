/*
 * table - a table in a file, TSV or CSV, whichever it is
 *
 * It is TSV, as PostgreSQL's COPY text, if its first line has a tab, and CSV otherwise (csv.h); in
 * either case the first record is the header.  A line "sep=," above it is passed over.  One record is held at a time.
 */
#ifndef WINDFALL_TABLE_H
#define WINDFALL_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "format/csv.h"
#include "format/tsv.h"

struct table {
	FILE *in;
	bool is_tsv;
	struct csv_reader csv;
	char *text;			/* of TSV the current line; of CSV the first one */
	size_t size;
	struct last_field last;
	bool unended;			/* the record at hand is the last one, without a line's end, and taken as whole */
	long line;			/* on which the current record begins, from 1 */
	int n_fields, n_header;		/* of the record at hand; of the header */
	const char *field[CSV_MAX_FIELDS];	/* NULL is null, of TSV; valid until the next record */
};

/*
 * Begin to read a file, which stays the caller's, and read the header: its names are in t->field.
 * False, with the reason, for an empty file and whatever table_next() refuses; close it in every case.
 */
bool table_open(struct table *t, FILE *in, struct reason *why);

/*
 * The next record: 1; 0 at the end; -1 with the reason, which names the line: text that is neither
 * TSV nor CSV, or a file that ends in the middle of a line (struct last_field says how that is told).
 */
int table_next(struct table *t, struct reason *why);

/* An empty line between the rows: nothing to read. */
bool table_is_blank(const struct table *t);

/* The same, or a row of separators alone, as a spreadsheet leaves below its table. */
bool table_has_nothing(const struct table *t);

void table_close(struct table *t);

#endif

/*
 * tsv - rows in and out
 *
 * TSV is exactly PostgreSQL's COPY text: a tab between fields, \N for null, backslash escapes
 * (\\ \t \n \r \b \f \v), after one header line.  CSV is RFC 4180 with an empty field for null;
 * NDJSON has one object a line, with numbers as the decimal text they are.
 */
#ifndef WINDFALL_TSV_H
#define WINDFALL_TSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/reason.h"
#include "exact/decimal.h"

/* Writing ------------------------------------------------------------------------------------ */

enum tsv_format { TSV, CSV, NDJSON, TABLE };

/* "tsv", "csv", "ndjson" or "table"; false for another word. */
bool tsv_format_parse(const char *text, enum tsv_format *format);

/* A row is built in line and goes to out; if out is NULL rows stay in line, one after the other, for a COPY: those of
 * TABLE as TSV.  Begin with all zero, set format (and chosen) and no_header if need be, then tsv_begin(). */
struct tsv_writer {
	FILE *out;
	enum tsv_format format;
	bool chosen;			/* the format is what somebody asked for */
	bool no_header;
	const char *const *columns;	/* borrowed, ends with NULL */
	int at;				/* the column that is next */
	struct buf line;
	struct page_rows *rows;		/* of TABLE */
};

/* Whoever looks at standard output is a person, at a terminal so many characters wide: rows in no chosen format are a
 * TABLE there. */
void tsv_for_people(int width);

/* Begin: remember the columns and print the header line (not in NDJSON). */
void tsv_begin(struct tsv_writer *w, FILE *out, const char *const *columns);

/* One field after the other, in the order of the columns. NULL text is null. */
void tsv_text(struct tsv_writer *w, const char *text);		/* any text, escaped */
void tsv_text_if_any(struct tsv_writer *w, const char *text);	/* "" is null, too */
void tsv_plain(struct tsv_writer *w, const char *text);		/* a number or date: nothing to escape */
void tsv_decimal(struct tsv_writer *w, const struct decimal *value, enum decimal_zeros zeros);
void tsv_int(struct tsv_writer *w, int64_t value);
void tsv_bool(struct tsv_writer *w, bool value);		/* t, f; true, false in NDJSON */
void tsv_null(struct tsv_writer *w);

/* End the row. */
void tsv_end_row(struct tsv_writer *w);

/* Rows that another writer of the same columns and format holds in its line. */
void tsv_rows(struct tsv_writer *w, const struct buf *lines);

void tsv_release(struct tsv_writer *w);

/* Reading ------------------------------------------------------------------------------------ */

/* A byte-order mark at the start of text that a person saved; how many bytes to pass over: 3, or 0. */
size_t text_mark(const char *text, size_t len);

/* Cut the blanks at both ends of a field off, in place: people and spreadsheets leave them.
 * One that is data stands behind a backslash, as copy_escape() writes it. */
char *text_trim(char *field);

/*
 * Is a last line without an end whole, or cut?  Editors leave such lines, and so does a producer that died.  A line
 * with all its fields is taken as whole unless its last field is shorter, or has fewer decimals, than in every line
 * before: what is cut off a line is cut off there.
 */
struct last_field {
	bool any;
	size_t length, decimals;	/* the least of the lines before */
};
void last_field_note(struct last_field *l, const char *field);
bool last_field_is_whole(const struct last_field *l, const char *field);

/* The longest line that is read: as much as a record of CSV. */
enum { TSV_MAX_LINE = 1 << 20 };

/* The next line with its end into *line, as getline() does: its length; -1 at the end of the input or when it cannot be
 * read (errno); -2 when it is longer than TSV_MAX_LINE, of which no more was taken. */
ssize_t text_line(char **line, size_t *size, FILE *in);

/* Cut the line's end off a line as text_line() gives it; *ended says whether it had one.  False, with the reason, for
 * a NUL byte. */
bool tsv_end_line(char *line, size_t len, bool *ended, struct reason *why);

/* Reads COPY text with a header line; columns are found by name, others ignored.  A byte-order mark, CR LF and
 * blanks at the ends of fields are passed over. */
struct tsv_reader {
	FILE *in;
	const char *name;		/* for messages: "standard input" or a path; borrowed */
	long line_number;
	int n_wanted;
	int field_of[32];		/* where the wanted column stands, -1 if it is not there */
	int n_fields;			/* in the header */
	char *line;			/* text_line()'s */
	size_t size;
	struct last_field last;
	bool unended;			/* the row at hand is the last one, without a line's end, and taken as whole */
	char *value[32];		/* of the wanted columns; NULL is null; valid until the next row */
};

/*
 * Read the header line.  wanted ends with NULL (at most 32); the first n_needed of them must be
 * there.  False, with the reason, if the input is empty or a needed column is absent or doubled.  tsv_close() in either
 * case.
 */
bool tsv_open(struct tsv_reader *r, FILE *in, const char *name, const char *const *wanted, int n_needed,
	      struct reason *why);

/* 1: a row, its fields unescaped in r->value; 0: the input ended; -1: the reason (line and what).  Lines in which
 * nothing stands are passed over. */
int tsv_read(struct tsv_reader *r, struct reason *why);

void tsv_close(struct tsv_reader *r);

#endif

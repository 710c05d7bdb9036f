/*
 * page - rows for people: aligned columns, and numbers as they are read
 *
 * A column whose cells are numbers stands to the right.  Widths count characters of UTF-8, not bytes.  Where a width
 * is given and the rows are wider, the names of the columns are broken at blanks and underscores; or the text of the
 * last column goes on in further lines; or the blanks between columns become one and long names are cut; if even that
 * is too wide, each row becomes a list of names and values.
 */
#ifndef WINDFALL_PAGE_H
#define WINDFALL_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "exact/decimal.h"

struct page {
	int n_columns;
	char **cells;			/* row by row; each its own */
	size_t n, size;
	struct page_shape *shape;	/* of the blocks that were printed; NULL before the first */
};

/* Begin a page of so many columns. */
void page_begin(struct page *page, int n_columns);

/* The next cell, from left to right, row by row; it is copied.  NULL is an empty one. */
void page_cell(struct page *page, const char *text);

/* Print the rows to out, two blanks between columns; the first row is the header if has_header. */
void page_print(const struct page *page, FILE *out, bool has_header);

/* The same within so many characters; 0: whatever they take. */
void page_print_within(const struct page *page, FILE *out, bool has_header, int width);

/* The same of a page that grows: the first row is the header, printed with the first block if shown; what was printed
 * but the header is forgotten, and later rows keep its shape. */
void page_print_block(struct page *page, FILE *out, bool shown, int width);
void page_release(struct page *page);

/* Append a number with so many decimals, rounded half away from zero, thousands separated by commas: "1,234.50". */
void people_number(const struct decimal *value, int places, struct buf *out);

#endif

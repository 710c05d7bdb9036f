/*
 * page_rows - rows of COPY text as they come, printed as a page for people
 *
 * Some hundred rows are held and give the columns their widths; later ones keep them.  What is still held when the
 * process ends is printed then.
 */
#ifndef WINDFALL_PAGE_ROWS_H
#define WINDFALL_PAGE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct page_rows;

/* Begin: columns, which ends with NULL, are the names, printed above the rows if shown; width as in page.h.  The file
 * stays the caller's. */
struct page_rows *page_rows_open(FILE *out, const char *const *columns, bool shown, int width);

/* Lines of COPY text, each ended, with as many fields as there are columns; a field that is missing is empty.  Null is
 * empty, and what could move a terminal's cursor is left out. */
void page_rows_add(struct page_rows *rows, const char *lines, size_t len);

/* Print what is held, and end.  NULL is fine. */
void page_rows_close(struct page_rows *rows);

#endif

#include "format/page_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/copy_text.h"
#include "format/page.h"

enum { HELD = 500 };			/* rows */

struct page_rows {
	FILE *out;
	struct page page;
	bool shown;
	int width;
	struct page_rows *next;
};

static struct page_rows *open_rows;	/* all that are not closed */

static void print_held(struct page_rows *rows)
{
	if (rows->page.n > (size_t)rows->page.n_columns || !rows->page.shape)
		page_print_block(&rows->page, rows->out, rows->shown, rows->width);
}

static void print_all_held(void)
{
	for (; open_rows; open_rows = open_rows->next)
		print_held(open_rows);
}

struct page_rows *page_rows_open(FILE *out, const char *const *columns, bool shown, int width)
{
	static bool at_exit;
	struct page_rows *rows = xmalloc(sizeof *rows);
	int n = 0;

	while (columns[n])
		n++;
	*rows = (struct page_rows){ .out = out, .shown = shown, .width = width, .next = open_rows };
	page_begin(&rows->page, n);
	for (int c = 0; c < n; c++)
		page_cell(&rows->page, columns[c]);
	open_rows = rows;
	if (!at_exit)
		atexit(print_all_held);
	at_exit = true;
	return rows;
}

/* A field for a person: one line, without what a terminal would obey. */
static void add_cell(struct page *page, char *field)
{
	const char *text = field ? copy_unescape(field) : NULL;
	struct buf clean = BUF_INIT;

	if (text)
		text_clean(&clean, text, strlen(text));
	for (size_t i = 0; i < clean.len; i++)
		if (clean.data[i] == '\n' || clean.data[i] == '\t')
			clean.data[i] = ' ';
	page_cell(page, clean.data);
	buf_release(&clean);
}

static void add_line(struct page_rows *rows, char *line)
{
	char *rest = line;

	for (int c = 0; c < rows->page.n_columns; c++) {
		char *field = rest;

		if (rest)
			rest = strchr(rest, '\t');
		if (rest)
			*rest++ = '\0';
		add_cell(&rows->page, field);
	}
	if (rows->page.n >= (size_t)(HELD + 1) * (size_t)rows->page.n_columns)
		print_held(rows);
}

void page_rows_add(struct page_rows *rows, const char *lines, size_t len)
{
	struct buf copy = BUF_INIT;
	char *line, *end;

	buf_add(&copy, lines, len);
	for (line = copy.data; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		add_line(rows, line);
	}
	buf_release(&copy);
}

void page_rows_close(struct page_rows *rows)
{
	struct page_rows **at = &open_rows;

	if (!rows)
		return;
	while (*at && *at != rows)
		at = &(*at)->next;
	if (*at)
		*at = rows->next;
	print_held(rows);
	page_release(&rows->page);
	free(rows);
}

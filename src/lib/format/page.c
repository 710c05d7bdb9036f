#include "format/page.h"

#include <stdlib.h>
#include <string.h>

void page_begin(struct page *page, int n_columns)
{
	*page = (struct page){ .n_columns = n_columns };
}

void page_cell(struct page *page, const char *text)
{
	if (page->n == page->size) {
		page->size = page->size ? 2 * page->size : 256;
		page->cells = xrealloc(page->cells, page->size * sizeof *page->cells);
	}
	page->cells[page->n++] = xstrdup(text ? text : "");
}

/* Characters of UTF-8: every byte but those that continue one. */
static int width_of(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

/* Nothing but digits and what stands between them. */
static bool is_number(const char *text)
{
	return text[strspn(text, "-0123456789,.")] == '\0';
}

/* The width of a column, and whether its cells are numbers; the header is none. */
struct column {
	int width;
	bool numbers;
};

static void measure(const struct page *page, bool has_header, struct column *columns)
{
	size_t n = (size_t)page->n_columns;

	for (size_t c = 0; c < n; c++)
		columns[c] = (struct column){ 0, true };
	for (size_t i = 0; i < page->n; i++) {
		struct column *column = &columns[i % n];
		int width = width_of(page->cells[i]);

		column->width = width > column->width ? width : column->width;
		column->numbers &= (has_header && i < n) || is_number(page->cells[i]);
	}
}

void page_print(const struct page *page, FILE *out, bool has_header)
{
	size_t n = (size_t)page->n_columns;
	struct column *columns = xmalloc(n * sizeof *columns);

	measure(page, has_header, columns);
	for (size_t i = 0; i < page->n; i++) {
		bool last = i % n + 1 == n;
		int pad = columns[i % n].width - width_of(page->cells[i]);

		if (columns[i % n].numbers)
			fprintf(out, "%*s%s", pad, "", page->cells[i]);
		else
			fprintf(out, "%s%*s", page->cells[i], last ? 0 : pad, "");
		fputs(last ? "\n" : "  ", out);
	}
	free(columns);
}

void page_release(struct page *page)
{
	for (size_t i = 0; i < page->n; i++)
		free(page->cells[i]);
	free(page->cells);
}

void people_number(const struct decimal *value, int places, struct buf *out)
{
	struct decimal rounded, zeros;
	struct buf text = BUF_INIT;
	const char *digits;
	size_t whole;

	decimal_init(&rounded);
	decimal_init(&zeros);
	decimal_round(&rounded, value, places);
	decimal_set_int(&zeros, 0, places);
	decimal_add(&rounded, &rounded, &zeros);	/* as many decimals as are asked for, at least */
	decimal_write(&rounded, DECIMAL_KEEP_ZEROS, &text);
	digits = text.data;
	if (*digits == '-')
		buf_addc(out, *digits++);
	whole = strcspn(digits, ".");
	for (size_t i = 0; i < whole; i++) {
		if (i > 0 && (whole - i) % 3 == 0)
			buf_addc(out, ',');
		buf_addc(out, digits[i]);
	}
	buf_adds(out, digits + whole);
	buf_release(&text);
	decimal_release(&rounded);
	decimal_release(&zeros);
}

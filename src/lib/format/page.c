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

/* Nothing but digits and what stands between them, behind a sign; what is not known is "-" or empty. */
static bool is_number(const char *text)
{
	text += *text == '+' || *text == '-';
	return text[strspn(text, "0123456789,.")] == '\0';
}

/* The width of a column, and whether its cells are numbers; the header is none. */
struct column {
	int width, name;		/* of its cells; of its name */
	bool numbers;
};

/* How the names of the columns stand above them. */
enum names { WHOLE, WORDS, CUT };	/* in one line; broken between words; long words too */

/* How the rows stand: the blanks between columns, and the characters of a line of the last one where its text goes on
 * in further lines (0: it does not); or as lists. */
struct page_shape {
	int gap, wrapped;
	enum names names;
	bool lists;
	struct column columns[];
};

enum { SHORT = 7, PIECE = 64, LEAST_WRAPPED = 24 };

static size_t word_length(const char *text)
{
	return strcspn(text, " _");
}

static int longest_word(const char *name)
{
	size_t longest = 0;

	for (; *name; name += word_length(name) + (name[word_length(name)] != '\0'))
		longest = word_length(name) > longest ? word_length(name) : longest;
	return (int)longest;
}

/* The next piece of a name: as many words as there is room for, or as much of one, with a hyphen; false at the end. */
static bool piece_of(const char **name, int room, char piece[PIECE])
{
	size_t most = (size_t)room < PIECE ? (size_t)room : PIECE - 1, len = word_length(*name);

	if (!**name)
		return false;
	if (len > most && (size_t)width_of(*name) == strlen(*name)) {
		snprintf(piece, PIECE, "%.*s-", (int)most - 1, *name);
		*name += most - 1;
		return true;
	}
	while ((*name)[len] && len + 1 + word_length(*name + len + 1) <= most)
		len += 1 + word_length(*name + len + 1);
	snprintf(piece, PIECE, "%.*s", (int)(len < PIECE ? len : PIECE - 1), *name);
	*name += len + ((*name)[len] != '\0');
	return true;
}

/* The characters that a piece of a column's name may take: a wide column need not break it. */
static int room_for(const struct page *page, const struct page_shape *shape, int c)
{
	int least = shape->names == WORDS ? longest_word(page->cells[c]) : SHORT;

	return least > shape->columns[c].width ? least : shape->columns[c].width;
}

static int widest_piece(const char *name, int room)
{
	char piece[PIECE];
	int widest = 0;

	while (piece_of(&name, room, piece))
		widest = width_of(piece) > widest ? width_of(piece) : widest;
	return widest;
}

static int count_pieces(const char *name, int room)
{
	char piece[PIECE];
	int n = 0;

	while (piece_of(&name, room, piece))
		n++;
	return n;
}

static int width_of_all(const struct page_shape *shape, int n)
{
	int width = (n - 1) * shape->gap;

	for (int c = 0; c < n; c++) {
		const struct column *column = &shape->columns[c];

		width += column->width > column->name ? column->width : column->name;
	}
	return width;
}

/* Whether the columns with these blanks between them, and names that stand so, fit. */
static bool fits(const struct page *page, bool has_header, struct page_shape *shape, int gap, enum names names,
		 int width)
{
	shape->gap = gap;
	shape->names = names;
	for (int c = 0; has_header && c < page->n_columns; c++)
		shape->columns[c].name = names == WHOLE ? width_of(page->cells[c])
							: widest_piece(page->cells[c], room_for(page, shape, c));
	return width == 0 || width_of_all(shape, page->n_columns) <= width;
}

/* Whether they do if the text of the last column may go on in further lines. */
static bool fits_wrapped(const struct page *page, bool has_header, struct page_shape *shape, int width)
{
	struct column *last = &shape->columns[page->n_columns - 1];
	int whole = last->width;

	if (last->numbers || page->n_columns < 2)
		return false;
	last->width = LEAST_WRAPPED < whole ? LEAST_WRAPPED : whole;
	if (!fits(page, has_header, shape, 2, WORDS, width)) {
		last->width = whole;
		return false;
	}
	last->width += width - width_of_all(shape, page->n_columns);
	shape->wrapped = last->width;
	return true;
}

/* Of the rows from the first on; the cells before are the header.  A last column whose text goes on in further lines
 * stays as wide as it is. */
static void measure(const struct page *page, size_t first, struct page_shape *shape)
{
	for (size_t i = first; i < page->n; i++) {
		size_t c = i % (size_t)page->n_columns;
		struct column *column = &shape->columns[c];
		int width = width_of(page->cells[i]);

		if (shape->wrapped && c + 1 == (size_t)page->n_columns)
			continue;
		column->width = width > column->width ? width : column->width;
		column->numbers &= is_number(page->cells[i]);
	}
}

static struct page_shape *shape_of(const struct page *page, bool has_header, int width)
{
	size_t n = (size_t)page->n_columns;
	struct page_shape *shape = xmalloc(sizeof *shape + n * sizeof *shape->columns);

	*shape = (struct page_shape){ .gap = 2 };
	for (size_t c = 0; c < n; c++)
		shape->columns[c] = (struct column){ .numbers = true };
	measure(page, has_header ? n : 0, shape);
	shape->lists = !fits(page, has_header, shape, 2, WHOLE, width) && !fits(page, has_header, shape, 2, WORDS, width) &&
		       !fits_wrapped(page, has_header, shape, width) && !fits(page, has_header, shape, 1, WORDS, width) &&
		       !fits(page, has_header, shape, 1, CUT, width) && has_header;
	return shape;
}

/* The lines of a last column but its last line, which is returned. */
static const char *print_wrapped(const struct page_shape *shape, int n, const char *text, FILE *out)
{
	int before = width_of_all(shape, n) - shape->wrapped;

	while (width_of(text) > shape->wrapped) {
		const char *end = text, *blank = NULL;
		int width = 0;

		for (; *end && width <= shape->wrapped; end++) {
			blank = *end == ' ' && end > text ? end : blank;
			width += ((unsigned char)*end & 0xC0) != 0x80;
		}
		if (!blank)
			break;
		fprintf(out, "%.*s\n%*s", (int)(blank - text), text, before, "");
		text = blank + 1;
	}
	return text;
}

/* One cell of a line in its column; a later block may be wider than the first. */
static void print_cell(const struct page_shape *shape, int c, int n, const char *text, FILE *out)
{
	const struct column *column = &shape->columns[c];
	int wide = column->width > column->name ? column->width : column->name, pad = wide - width_of(text);

	if (shape->wrapped && c + 1 == n)
		text = print_wrapped(shape, n, text, out);
	if (column->numbers)
		fprintf(out, "%*s%s", pad, "", text);
	else
		fprintf(out, "%s%*s", text, c + 1 == n ? 0 : pad, "");
	if (c + 1 < n)
		fprintf(out, "%*s", shape->gap, "");
	else
		fputc('\n', out);
}

/* The names of the columns, whose pieces stand below each other, the last of each in the last line. */
static void print_names(const struct page *page, const struct page_shape *shape, FILE *out)
{
	int n = page->n_columns, lines = 1;

	for (int c = 0; shape->names != WHOLE && c < n; c++) {
		int pieces = count_pieces(page->cells[c], room_for(page, shape, c));

		lines = pieces > lines ? pieces : lines;
	}
	for (int line = 0; line < lines; line++)
		for (int c = 0; c < n; c++) {
			const char *name = page->cells[c];
			char piece[PIECE] = "";

			if (shape->names == WHOLE) {
				print_cell(shape, c, n, name, out);
				continue;
			}
			for (int skip = lines - count_pieces(name, room_for(page, shape, c)); skip <= line; skip++)
				piece_of(&name, room_for(page, shape, c), piece);
			print_cell(shape, c, n, piece, out);
		}
}

/* The rows from the first on as lists of names and values. */
static void print_lists(const struct page *page, size_t first, FILE *out)
{
	size_t n = (size_t)page->n_columns;
	int widest = 0;

	for (size_t c = 0; c < n; c++) {
		int width = width_of(page->cells[c]);

		widest = width > widest ? width : widest;
	}
	for (size_t i = first; i < page->n; i++) {
		if (*page->cells[i])
			fprintf(out, "%s%*s  %s\n", page->cells[i % n], widest - width_of(page->cells[i % n]), "", page->cells[i]);
		if (i % n + 1 == n)
			fputc('\n', out);
	}
}

static void print_rows(const struct page *page, const struct page_shape *shape, size_t first, FILE *out)
{
	if (shape->lists) {
		print_lists(page, first, out);
		return;
	}
	for (size_t i = first; i < page->n; i++)
		print_cell(shape, (int)(i % (size_t)page->n_columns), page->n_columns, page->cells[i], out);
}

void page_print_within(const struct page *page, FILE *out, bool has_header, int width)
{
	struct page_shape *shape = shape_of(page, has_header, width);

	if (has_header && !shape->lists)
		print_names(page, shape, out);
	print_rows(page, shape, has_header ? (size_t)page->n_columns : 0, out);
	free(shape);
}

void page_print(const struct page *page, FILE *out, bool has_header)
{
	page_print_within(page, out, has_header, 0);
}

void page_print_block(struct page *page, FILE *out, bool shown, int width)
{
	size_t n = (size_t)page->n_columns;

	if (!page->shape) {
		page->shape = shape_of(page, true, width);
		if (shown && !page->shape->lists)
			print_names(page, page->shape, out);
	} else {
		measure(page, n, page->shape);
	}
	print_rows(page, page->shape, n, out);
	while (page->n > n)
		free(page->cells[--page->n]);
}

void page_release(struct page *page)
{
	for (size_t i = 0; i < page->n; i++)
		free(page->cells[i]);
	free(page->cells);
	free(page->shape);
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

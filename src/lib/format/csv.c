#include "format/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/tsv.h"

enum { PIECE = 1 << 16 };

void csv_open(struct csv_reader *r, const char *text, size_t len)
{
	csv_open_file(r, NULL, text, len);
}

void csv_open_file(struct csv_reader *r, FILE *in, const char *text, size_t len)
{
	*r = (struct csv_reader){ .at = text, .end = text + len, .in = in, .next_line = 1 };
	buf_init(&r->text);
}

/* Three bytes are enough to see what stands here: CR LF, a doubled quote, or a byte order mark. */
static void look(struct csv_reader *r)
{
	size_t left = (size_t)(r->end - r->at);

	if (left >= 3 || !r->in)
		return;
	if (!r->piece)
		r->piece = xmalloc(PIECE);
	memmove(r->piece, r->at, left);
	r->at = r->piece;
	r->end = r->piece + left + fread(r->piece + left, 1, PIECE - left, r->in);
}

static bool at_end(struct csv_reader *r)
{
	look(r);
	return r->at == r->end;
}

static bool at_line_end(struct csv_reader *r)
{
	return at_end(r) || *r->at == '\n' || (*r->at == '\r' && r->at + 1 < r->end && r->at[1] == '\n');
}

/* Keep what stands before to, of the piece at hand. */
static bool keep(struct csv_reader *r, const char *to, struct reason *why)
{
	size_t n = (size_t)(to - r->at);

	if (r->text.len + n > CSV_MAX_RECORD)
		return reason_set(why, "line %ld: a record of more than %d bytes: is a quote not closed?", r->line, CSV_MAX_RECORD);
	buf_add(&r->text, r->at, n);
	r->at = to;
	return true;
}

static bool read_quoted(struct csv_reader *r, struct reason *why)
{
	for (r->at++; !at_end(r); ) {
		const char *quote = memchr(r->at, '"', (size_t)(r->end - r->at)), *to = quote ? quote : r->end;

		for (const char *at = r->at; (at = memchr(at, '\n', (size_t)(to - at))); at++)
			r->next_line++;
		if (!keep(r, to, why))
			return false;
		if (!quote)
			continue;
		/* Of a piece that ends here the next byte is not read yet. */
		look(r);
		if (r->at + 1 == r->end || r->at[1] != '"')
			break;
		r->at++;
		if (!keep(r, r->at + 1, why))
			return false;
	}
	if (r->at == r->end)
		return reason_set(why, "line %ld: a quoted field does not end", r->line);
	r->at++;
	if (!at_line_end(r) && *r->at != ',')
		return reason_set(why, "line %ld: text after the quote that ends field %d", r->line, r->n_fields + 1);
	return true;
}

static bool read_field(struct csv_reader *r, struct reason *why)
{
	if (!at_end(r) && *r->at == '"')
		return read_quoted(r, why);
	while (!at_line_end(r) && *r->at != ',') {
		const char *to = r->at + 1;

		while (to < r->end && *to != ',' && *to != '\n' && *to != '\r')
			to++;
		if (!keep(r, to, why))
			return false;
	}
	return true;
}

int csv_next(struct csv_reader *r, struct reason *why)
{
	size_t start[CSV_MAX_FIELDS];

	r->line = r->next_line;
	r->n_fields = 0;
	buf_clear(&r->text);
	look(r);
	r->at += text_mark(r->at, (size_t)(r->end - r->at));
	if (at_end(r) && !(r->in && ferror(r->in)))
		return 0;
	for (;;) {
		if (r->n_fields == CSV_MAX_FIELDS) {
			reason_set(why, "line %ld: more than %d fields", r->line, CSV_MAX_FIELDS);
			return -1;
		}
		start[r->n_fields] = r->text.len;
		if (!read_field(r, why))
			return -1;
		buf_addc(&r->text, '\0');
		r->n_fields++;
		if (at_line_end(r))
			break;
		r->at++;		/* the comma */
	}
	if (r->in && ferror(r->in)) {
		reason_set(why, "line %ld: cannot read: %s", r->line, strerror(errno));
		return -1;
	}
	r->is_cut = r->at == r->end;
	if (!r->is_cut) {
		r->at += *r->at == '\r' ? 2 : 1;
		r->next_line++;
	}
	for (int i = 0; i < r->n_fields; i++) {
		size_t end = i + 1 < r->n_fields ? start[i + 1] : r->text.len;

		r->field[i] = r->text.data + start[i];
		if (strlen(r->field[i]) + 1 != end - start[i]) {
			reason_set(why, "line %ld: a NUL byte in field %d (UTF-16 is to be saved as UTF-8)", r->line, i + 1);
			return -1;
		}
	}
	return 1;
}

/* The length of a blank that begins, or ends, here. */
static size_t blank_at(const char *text)
{
	return *text == ' ' || *text == '\t' ? 1 : text[0] == '\xc2' && text[1] == '\xa0' ? 2 : 0;
}

char *csv_trim(char *field)
{
	size_t len, blank;

	while ((blank = blank_at(field)) > 0)
		field += blank;
	for (len = strlen(field); len > 0; len -= blank) {
		blank = blank_at(field + len - 1) == 1 ? 1 : len > 1 && blank_at(field + len - 2) == 2 ? 2 : 0;
		if (blank == 0)
			break;
		field[len - blank] = '\0';
	}
	return field;
}

bool csv_is_blank(const struct csv_reader *r)
{
	for (int i = 0; i < r->n_fields; i++) {
		const char *at = r->field[i];

		while (blank_at(at) > 0)
			at += blank_at(at);
		if (*at)
			return false;
	}
	return true;
}

void csv_close(struct csv_reader *r)
{
	free(r->piece);
	buf_release(&r->text);
}

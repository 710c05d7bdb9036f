#include "csv.h"

#include <stdbool.h>
#include <string.h>

void csv_open(struct csv_reader *r, const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";

	*r = (struct csv_reader){ .at = text, .end = text + len, .next_line = 1 };
	buf_init(&r->text);
	if (len >= 3 && memcmp(text, mark, 3) == 0)
		r->at += 3;
}

static bool at_line_end(const struct csv_reader *r)
{
	return r->at == r->end || *r->at == '\n' || (*r->at == '\r' && r->at + 1 < r->end && r->at[1] == '\n');
}

static bool read_quoted(struct csv_reader *r, struct reason *why)
{
	for (r->at++; r->at < r->end; r->at++) {
		if (*r->at == '"') {
			if (r->at + 1 == r->end || r->at[1] != '"')
				break;
			r->at++;
		} else if (*r->at == '\n') {
			r->next_line++;
		}
		buf_addc(&r->text, *r->at);
	}
	if (r->at == r->end)
		return reason_set(why, "line %ld: a quoted field does not end", r->line);
	r->at++;
	if (!at_line_end(r) && *r->at != ',')
		return reason_set(why, "line %ld: text after the quote that ends field %d", r->line, r->n_fields + 1);
	return true;
}

int csv_next(struct csv_reader *r, struct reason *why)
{
	size_t start[CSV_MAX_FIELDS];

	r->line = r->next_line;
	r->n_fields = 0;
	buf_clear(&r->text);
	if (r->at == r->end)
		return 0;
	for (;;) {
		if (r->n_fields == CSV_MAX_FIELDS) {
			reason_set(why, "line %ld: more than %d fields", r->line, CSV_MAX_FIELDS);
			return -1;
		}
		start[r->n_fields] = r->text.len;
		if (r->at < r->end && *r->at == '"') {
			if (!read_quoted(r, why))
				return -1;
		} else {
			while (!at_line_end(r) && *r->at != ',')
				buf_addc(&r->text, *r->at++);
		}
		buf_addc(&r->text, '\0');
		r->n_fields++;
		if (at_line_end(r))
			break;
		r->at++;		/* the comma */
	}
	if (r->at < r->end) {
		r->at += *r->at == '\r' ? 2 : 1;
		r->next_line++;
	}
	for (int i = 0; i < r->n_fields; i++) {
		size_t end = i + 1 < r->n_fields ? start[i + 1] : r->text.len;

		r->field[i] = r->text.data + start[i];
		if (strlen(r->field[i]) + 1 != end - start[i]) {
			reason_set(why, "line %ld: a NUL byte in field %d", r->line, i + 1);
			return -1;
		}
	}
	return 1;
}

void csv_close(struct csv_reader *r)
{
	buf_release(&r->text);
}

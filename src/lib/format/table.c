#include "format/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/copy_text.h"
#include "format/file_kind.h"
#include "format/tsv.h"

/* The record at hand is whole: an end, or a last field like those before it. */
static bool is_whole(struct table *t, bool ended, struct reason *why)
{
	const char *last = t->n_fields && t->field[t->n_fields - 1] ? t->field[t->n_fields - 1] : "";

	t->unended = !ended;
	if (!ended && (t->n_header == 0 || t->n_fields != t->n_header || !last_field_is_whole(&t->last, last)))
		return reason_set(why, "line %ld: the input ends in the middle of a line", t->line);
	if (t->n_header == 0)
		t->n_header = t->n_fields;
	else if (!table_has_nothing(t))
		last_field_note(&t->last, last);
	return true;
}

/* Split the line at hand into its fields. */
static bool split_line(struct table *t, size_t len, struct reason *why)
{
	struct reason what;
	char *rest = t->text;
	bool ended;

	t->line++;
	t->n_fields = 0;
	if (!tsv_end_line(t->text, len, &ended, &what))
		return reason_set(why, "line %ld: %s", t->line, what.text);
	while (rest) {
		char *field = rest;

		if (t->n_fields == CSV_MAX_FIELDS)
			return reason_set(why, "line %ld: more than %d fields", t->line, CSV_MAX_FIELDS);
		rest = strchr(field, '\t');
		if (rest)
			*rest++ = '\0';
		t->field[t->n_fields++] = copy_unescape(text_trim(field));
	}
	return is_whole(t, ended, why);
}

static int next_line(struct table *t, struct reason *why)
{
	ssize_t len = text_line(&t->text, &t->size, t->in);

	if (len == -2) {
		reason_set(why, "line %ld: a line of more than %d bytes", t->line + 1, TSV_MAX_LINE);
		return -1;
	}
	if (len >= 0)
		return split_line(t, (size_t)len, why) ? 1 : -1;
	if (!ferror(t->in))
		return 0;
	reason_set(why, "line %ld: cannot read: %s", t->line + 1, strerror(errno));
	return -1;
}

static int next_csv(struct table *t, struct reason *why)
{
	int got = csv_next(&t->csv, why);

	t->line = t->csv.line;
	t->n_fields = 0;
	/* Of a record that cannot be read the fields are not set. */
	if (got != 1)
		return got;
	t->n_fields = t->csv.n_fields;
	for (int i = 0; i < t->n_fields; i++)
		t->field[i] = text_trim(t->csv.field[i]);
	return is_whole(t, !t->csv.is_cut, why) ? 1 : -1;
}

/* A header that goes on behind a return is the whole file: the returns were to end its lines. */
static bool has_bare_return(const char *line, size_t len)
{
	const char *at = memchr(line, '\r', len);

	return at && at + 1 < line + len && at[1] != '\n';
}

/* "sep=,": what some programs write above the header, for a spreadsheet to know what separates the columns. */
static bool names_separator(const char *line, size_t len)
{
	size_t mark = text_mark(line, len);

	line += mark;
	len -= mark;
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	return len == 5 && strncasecmp(line, "sep=", 4) == 0;
}

static bool is_empty(struct reason *why)
{
	return reason_set(why, "it is empty: a header line with the column names is needed");
}

bool table_open(struct table *t, FILE *in, struct reason *why)
{
	const char *kind;
	ssize_t len;
	int got;

	*t = (struct table){ .in = in };
	len = text_line(&t->text, &t->size, in);
	if (len > 0 && names_separator(t->text, (size_t)len)) {
		t->line++;
		len = text_line(&t->text, &t->size, in);
	}
	if (len == -2)
		return reason_set(why, "line %ld: a line of more than %d bytes", t->line + 1, TSV_MAX_LINE);
	if (len < 0)
		return ferror(in) ? reason_set(why, "cannot read: %s", strerror(errno)) : is_empty(why);
	if ((kind = file_kind_refused(t->text, (size_t)len)))
		return reason_set(why, "%s", kind);
	if (has_bare_return(t->text, (size_t)len))
		return reason_set(why, "its lines end in a carriage return alone: save it with line feeds");
	t->is_tsv = memchr(t->text, '\t', (size_t)len) != NULL;
	if (t->is_tsv) {
		size_t mark = text_mark(t->text, (size_t)len);

		memmove(t->text, t->text + mark, (size_t)(len -= (ssize_t)mark) + 1);
		return split_line(t, (size_t)len, why);
	}
	csv_open_file(&t->csv, in, t->text, (size_t)len);
	t->csv.next_line += t->line;
	got = next_csv(t, why);
	/* A mark of byte order alone is no record. */
	return got == 1 || (got == 0 && is_empty(why));
}

int table_next(struct table *t, struct reason *why)
{
	return t->is_tsv ? next_line(t, why) : next_csv(t, why);
}

bool table_is_blank(const struct table *t)
{
	return t->n_fields == 1 && t->field[0] && !*t->field[0];
}

bool table_has_nothing(const struct table *t)
{
	for (int i = 0; i < t->n_fields; i++)
		if (!t->field[i] || *t->field[i])
			return false;
	return t->n_fields > 0;
}

void table_close(struct table *t)
{
	csv_close(&t->csv);
	free(t->text);
}

#include "format/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/copy_text.h"
#include "format/file_kind.h"
#include "format/tsv.h"

/* The record at hand is whole: an end, or a last field like those before it. */
static bool is_whole(struct table *s, bool ended, struct reason *why)
{
	const char *last = s->n_fields && s->field[s->n_fields - 1] ? s->field[s->n_fields - 1] : "";

	s->unended = !ended;
	if (!ended && (s->n_header == 0 || s->n_fields != s->n_header || !last_field_is_whole(&s->last, last)))
		return reason_set(why, "line %ld: the input ends in the middle of a line", s->line);
	if (s->n_header == 0)
		s->n_header = s->n_fields;
	else if (!table_is_blank(s))
		last_field_note(&s->last, last);
	return true;
}

/* Split the line at hand into its fields. */
static bool split_line(struct table *s, size_t len, struct reason *why)
{
	struct reason what;
	char *rest = s->text;
	bool ended;

	s->line++;
	s->n_fields = 0;
	if (!tsv_end_line(s->text, len, &ended, &what))
		return reason_set(why, "line %ld: %s", s->line, what.text);
	while (rest) {
		char *field = rest;

		if (s->n_fields == CSV_MAX_FIELDS)
			return reason_set(why, "line %ld: more than %d fields", s->line, CSV_MAX_FIELDS);
		rest = strchr(field, '\t');
		if (rest)
			*rest++ = '\0';
		s->field[s->n_fields++] = copy_unescape(text_trim(field));
	}
	return is_whole(s, ended, why);
}

static int next_line(struct table *s, struct reason *why)
{
	ssize_t len = text_line(&s->text, &s->size, s->in);

	if (len == -2) {
		reason_set(why, "line %ld: a line of more than %d bytes", s->line + 1, TSV_MAX_LINE);
		return -1;
	}
	if (len >= 0)
		return split_line(s, (size_t)len, why) ? 1 : -1;
	if (!ferror(s->in))
		return 0;
	reason_set(why, "line %ld: cannot read: %s", s->line + 1, strerror(errno));
	return -1;
}

static int next_csv(struct table *s, struct reason *why)
{
	int got = csv_next(&s->csv, why);

	s->line = s->csv.line;
	s->n_fields = 0;
	/* Of a record that cannot be read the fields are not set. */
	if (got != 1)
		return got;
	s->n_fields = s->csv.n_fields;
	for (int i = 0; i < s->n_fields; i++)
		s->field[i] = text_trim(s->csv.field[i]);
	return is_whole(s, !s->csv.is_cut, why) ? 1 : -1;
}

/* A header that goes on behind a return is the whole file: the returns were to end its lines. */
static bool has_bare_return(const char *line, size_t len)
{
	const char *at = memchr(line, '\r', len);

	return at && at + 1 < line + len && at[1] != '\n';
}

bool table_open(struct table *s, FILE *in, struct reason *why)
{
	const char *kind;
	ssize_t len;

	*s = (struct table){ .in = in };
	len = text_line(&s->text, &s->size, in);
	if (len == -2)
		return reason_set(why, "line 1: a line of more than %d bytes", TSV_MAX_LINE);
	if (len < 0)
		return ferror(in) ? reason_set(why, "cannot read: %s", strerror(errno)) :
				    reason_set(why, "it is empty: a header line with the column names is needed");
	if ((kind = file_kind_refused(s->text, (size_t)len)))
		return reason_set(why, "%s", kind);
	if (has_bare_return(s->text, (size_t)len))
		return reason_set(why, "its lines end in a carriage return alone: save it with line feeds");
	s->is_tsv = memchr(s->text, '\t', (size_t)len) != NULL;
	if (s->is_tsv) {
		size_t mark = text_mark(s->text, (size_t)len);

		memmove(s->text, s->text + mark, (size_t)(len -= (ssize_t)mark) + 1);
		return split_line(s, (size_t)len, why);
	}
	csv_open_file(&s->csv, in, s->text, (size_t)len);
	return next_csv(s, why) == 1;
}

int table_next(struct table *s, struct reason *why)
{
	return s->is_tsv ? next_line(s, why) : next_csv(s, why);
}

bool table_is_blank(const struct table *s)
{
	return s->n_fields == 1 && s->field[0] && !*s->field[0];
}

bool table_has_nothing(const struct table *s)
{
	for (int i = 0; i < s->n_fields; i++)
		if (!s->field[i] || *s->field[i])
			return false;
	return s->n_fields > 0;
}

void table_close(struct table *s)
{
	csv_close(&s->csv);
	free(s->text);
}

#include "format/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/tsv.h"

/* Split the line at hand into its fields. */
static bool split_line(struct table *s, size_t len, struct reason *why)
{
	struct reason what;
	char *rest = s->text;

	s->line++;
	s->n_fields = 0;
	if (!tsv_end_line(s->text, len, &what))
		return reason_set(why, "line %ld: %s", s->line, what.text);
	while (rest) {
		char *field = rest;

		if (s->n_fields == CSV_MAX_FIELDS)
			return reason_set(why, "line %ld: more than %d fields", s->line, CSV_MAX_FIELDS);
		rest = strchr(field, '\t');
		if (rest)
			*rest++ = '\0';
		s->field[s->n_fields++] = copy_unescape(field);
	}
	return true;
}

static int next_line(struct table *s, struct reason *why)
{
	ssize_t len = getline(&s->text, &s->size, s->in);

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
	s->n_fields = s->csv.n_fields;
	memcpy(s->field, s->csv.field, (size_t)s->n_fields * sizeof *s->field);
	if (got != 1 || !s->csv.is_cut)
		return got;
	reason_set(why, "line %ld: the input ends in the middle of a line", s->line);
	return -1;
}

bool table_open(struct table *s, FILE *in, struct reason *why)
{
	ssize_t len;

	*s = (struct table){ .in = in };
	len = getline(&s->text, &s->size, in);
	if (len < 0)
		return ferror(in) ? reason_set(why, "cannot read: %s", strerror(errno)) :
				    reason_set(why, "it is empty: a header line with the column names is needed");
	if (len >= 2 && (memcmp(s->text, "\xff\xfe", 2) == 0 || memcmp(s->text, "\xfe\xff", 2) == 0))
		return reason_set(why, "it is UTF-16: save it as UTF-8");
	s->is_tsv = memchr(s->text, '\t', (size_t)len) != NULL;
	if (s->is_tsv) {
		if (len >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0)
			memmove(s->text, s->text + 3, (size_t)(len -= 3));
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

void table_close(struct table *s)
{
	csv_close(&s->csv);
	free(s->text);
}

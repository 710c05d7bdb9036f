#include "format/tsv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sys/types.h>

#include "base/plural.h"
#include "base/text.h"
#include "exact/fixed.h"
#include "format/copy_text.h"
#include "format/page_rows.h"

bool tsv_format_parse(const char *text, enum tsv_format *format)
{
	static const char *const name[] = { "tsv", "csv", "ndjson", "table" };

	for (int i = 0; i < 4; i++)
		if (strcmp(text, name[i]) == 0) {
			*format = (enum tsv_format)i;
			return true;
		}
	return false;
}

static void csv_quote(struct buf *b, const char *text)
{
	/* An empty string is quoted, because an empty field is null. */
	if (*text && !strpbrk(text, "\",\r\n")) {
		buf_adds(b, text);
		return;
	}
	buf_addc(b, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_addc(b, '"');
		buf_addc(b, *text);
	}
	buf_addc(b, '"');
}

/* JSON is UTF-8: U+FFFD stands for each byte that is not. */
static void json_quote(struct buf *b, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t left = strlen(text);

	buf_addc(b, '"');
	while (left > 0) {
		size_t n = utf8_length(s, left);

		if (*s == '"' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else if (*s < ' ')
			buf_addf(b, "\\u%04x", *s);
		else if (n > 0)
			buf_add(b, (const char *)s, n);
		else
			buf_adds(b, "\xef\xbf\xbd");
		n = n ? n : 1;
		s += n;
		left -= n;
	}
	buf_addc(b, '"');
}

static void add_text(struct buf *b, enum tsv_format format, const char *text)
{
	switch (format) {
	case TABLE:
	case TSV:    copy_escape(b, text); break;
	case CSV:    csv_quote(b, text);   break;
	case NDJSON: json_quote(b, text);  break;
	}
}

static int width_for_people = -1;

void tsv_for_people(int width)
{
	width_for_people = width;
}

void tsv_rows(struct tsv_writer *w, const struct buf *lines)
{
	if (w->rows)
		page_rows_add(w->rows, lines->data, lines->len);
	else
		fwrite(lines->data, 1, lines->len, w->out);	/* flush_stdout() looks at ferror */
}

static void emit_line(struct tsv_writer *w)
{
	buf_addc(&w->line, '\n');
	if (!w->out)
		return;
	tsv_rows(w, &w->line);
	buf_clear(&w->line);
}

void tsv_begin(struct tsv_writer *w, FILE *out, const char *const *columns)
{
	w->out = out;
	w->columns = columns;
	w->at = 0;
	w->rows = NULL;
	buf_init(&w->line);
	if (width_for_people >= 0 && out == stdout && !w->chosen)
		w->format = TABLE;
	if (w->format == TABLE && out)
		w->rows = page_rows_open(out, columns, !w->no_header, width_for_people < 0 ? 0 : width_for_people);
	if (w->no_header || w->format == NDJSON || w->rows || !out)
		return;
	for (int i = 0; columns[i]; i++) {
		if (i > 0)
			buf_addc(&w->line, w->format == CSV ? ',' : '\t');
		add_text(&w->line, w->format, columns[i]);
	}
	emit_line(w);
}

/* What stands before a field. */
static void separate(struct tsv_writer *w)
{
	if (w->format == NDJSON) {
		buf_addc(&w->line, w->at ? ',' : '{');
		json_quote(&w->line, w->columns[w->at]);
		buf_addc(&w->line, ':');
	} else if (w->at) {
		buf_addc(&w->line, w->format == CSV ? ',' : '\t');
	}
	w->at++;
}

void tsv_null(struct tsv_writer *w)
{
	separate(w);
	if (w->format != CSV)
		buf_adds(&w->line, w->format == NDJSON ? "null" : "\\N");
}

void tsv_text(struct tsv_writer *w, const char *text)
{
	if (!text) {
		tsv_null(w);
		return;
	}
	separate(w);
	add_text(&w->line, w->format, text);
}

/* Digits, perhaps a sign before and a fraction behind: what JSON takes as a number, unlike a date. */
static bool is_json_number(const char *text)
{
	size_t whole, fraction;

	text += *text == '-';
	whole = strspn(text, "0123456789");
	if (whole == 0 || (whole > 1 && *text == '0'))
		return false;
	text += whole;
	if (*text != '.')
		return *text == '\0';
	fraction = strspn(text + 1, "0123456789");
	return fraction > 0 && text[1 + fraction] == '\0';
}

void tsv_text_if_any(struct tsv_writer *w, const char *text)
{
	tsv_text(w, *text ? text : NULL);
}

void tsv_plain(struct tsv_writer *w, const char *text)
{
	if (!text) {
		tsv_null(w);
		return;
	}
	separate(w);
	if (w->format == NDJSON && !is_json_number(text))
		json_quote(&w->line, text);
	else
		buf_adds(&w->line, text);
}

void tsv_decimal(struct tsv_writer *w, const struct decimal *value, enum decimal_zeros zeros)
{
	struct buf text = BUF_INIT;

	decimal_write(value, zeros, &text);
	tsv_plain(w, text.data);
	buf_release(&text);
}

void tsv_int(struct tsv_writer *w, int64_t value)
{
	char text[FIXED_TEXT];

	separate(w);
	if (value < 0)
		buf_addc(&w->line, '-');
	buf_adds(&w->line, fixed_format(value < 0 ? -(unsigned __int128)value : (unsigned __int128)value, 0, text));
}

void tsv_bool(struct tsv_writer *w, bool value)
{
	separate(w);
	if (w->format == NDJSON)
		buf_adds(&w->line, value ? "true" : "false");
	else
		buf_addc(&w->line, value ? 't' : 'f');
}

void tsv_end_row(struct tsv_writer *w)
{
	if (w->format == NDJSON)
		buf_addc(&w->line, '}');
	w->at = 0;
	emit_line(w);
}

void tsv_release(struct tsv_writer *w)
{
	page_rows_close(w->rows);
	w->rows = NULL;
	buf_release(&w->line);
}

/* Reading ------------------------------------------------------------------------------------ */

enum { MAX_WANTED = 32 };

size_t text_mark(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

char *text_trim(char *field)
{
	size_t len;

	field += strspn(field, " ");
	len = strlen(field);
	while (len > 0 && field[len - 1] == ' ' && !(len > 1 && field[len - 2] == '\\'))
		field[--len] = '\0';
	return field;
}

static size_t decimals(const char *field)
{
	const char *point = strchr(field, '.');

	return point ? strspn(point + 1, "0123456789") : 0;
}

void last_field_note(struct last_field *l, const char *field)
{
	size_t length = strlen(field), places = decimals(field);

	if (!l->any || length < l->length)
		l->length = length;
	if (!l->any || places < l->decimals)
		l->decimals = places;
	l->any = true;
}

bool last_field_is_whole(const struct last_field *l, const char *field)
{
	return !l->any || (strlen(field) >= l->length && decimals(field) >= l->decimals);
}

/* How much of a piece filled with line ends fgets() wrote before its NUL: a line may itself hold NULs. */
static size_t piece_length(const char *piece, size_t room)
{
	const char *end = memchr(piece, '\n', room);

	if (!end)
		return room - 1;	/* full */
	if ((size_t)(end - piece) + 1 < room && end[1] == '\0')
		return (size_t)(end - piece) + 1;
	return (size_t)(end - piece) - 1;	/* the input ended: a NUL, and what it was filled with */
}

ssize_t text_line(char **line, size_t *size, FILE *in)
{
	size_t len = 0, room = 256;

	for (;; room *= 2) {
		if (len + room > *size) {
			*size = len + room;
			*line = xrealloc(*line, *size);
		}
		memset(*line + len, '\n', room);
		if (!fgets(*line + len, (int)room, in)) {
			(*line)[len] = '\0';
			return len > 0 && !ferror(in) ? (ssize_t)len : -1;
		}
		len += piece_length(*line + len, room);
		if (len > TSV_MAX_LINE)
			return -2;
		if (len > 0 && (*line)[len - 1] == '\n')
			return (ssize_t)len;
	}
}

bool tsv_end_line(char *line, size_t len, bool *ended, struct reason *why)
{
	if (memchr(line, '\0', len))
		return reason_set(why, "a NUL byte");
	*ended = len > 0 && line[len - 1] == '\n';
	if (*ended)
		line[--len] = '\0';
	if (len > 0 && line[len - 1] == '\r')
		line[len - 1] = '\0';
	return true;
}

/* The next line without its end: 1, or 0 at the end of the input, -1 with the reason. */
static int next_line(struct tsv_reader *r, bool *ended, struct reason *why)
{
	struct reason what;
	ssize_t len;

	errno = 0;
	len = text_line(&r->line, &r->size, r->in);
	if (len == -2) {
		reason_set(why, "%s, line %ld: a line of more than %d bytes", r->name, r->line_number + 1, TSV_MAX_LINE);
		return -1;
	}
	if (len < 0) {
		if (!ferror(r->in))
			return 0;
		reason_set(why, "%s: cannot read: %s", r->name, strerror(errno));
		return -1;
	}
	if (r->line_number++ == 0 && len >= 2 &&
	    (memcmp(r->line, "\xff\xfe", 2) == 0 || memcmp(r->line, "\xfe\xff", 2) == 0)) {
		reason_set(why, "%s is UTF-16: save it as UTF-8", r->name);
		return -1;
	}
	if (!tsv_end_line(r->line, (size_t)len, ended, &what)) {
		reason_set(why, "%s, line %ld: %s", r->name, r->line_number, what.text);
		return -1;
	}
	return 1;
}

/* What a header of one field says of the whole. */
static const char *other_separator(const struct tsv_reader *r)
{
	if (r->n_fields != 1)
		return "";
	return strchr(r->line, ';') ? "; tabs separate the columns, not semicolons" :
	       strchr(r->line, ',') ? "; tabs separate the columns, not commas" : "";
}

bool tsv_open(struct tsv_reader *r, FILE *in, const char *name, const char *const *wanted, int n_needed,
	      struct reason *why)
{
	char *field, *rest;
	bool ended;
	int got;

	*r = (struct tsv_reader){ .in = in, .name = name };
	for (r->n_wanted = 0; wanted[r->n_wanted] && r->n_wanted < MAX_WANTED; r->n_wanted++)
		r->field_of[r->n_wanted] = -1;
	got = next_line(r, &ended, why);
	if (got < 0)
		return false;
	if (got == 0)
		return reason_set(why, "%s is empty: a header line with the column names is needed", name);
	if (!ended)
		return reason_set(why, "%s, line 1: the input ends in the middle of a line", name);
	for (rest = r->line + text_mark(r->line, strlen(r->line)); rest; r->n_fields++) {
		field = rest;
		rest = strchr(field, '\t');
		if (rest)
			*rest++ = '\0';
		field = text_trim(field);
		for (int i = 0; i < r->n_wanted; i++) {
			if (strcmp(field, wanted[i]) != 0)
				continue;
			if (r->field_of[i] >= 0)
				return reason_set(why, "%s: the column %s occurs twice in the header", name, field);
			r->field_of[i] = r->n_fields;
		}
	}
	for (int i = 0; i < n_needed; i++)
		if (r->field_of[i] < 0)
			return reason_set(why, "%s: the header has no column %s%s", name, wanted[i], other_separator(r));
	return true;
}

/* A line in which nothing stands, as editors and spreadsheets leave below a table of several columns. */
static bool has_nothing(const struct tsv_reader *r, bool ended)
{
	return ended && r->n_fields > 1 && r->line[strspn(r->line, " \t")] == '\0';
}

int tsv_read(struct tsv_reader *r, struct reason *why)
{
	char *field = NULL, *rest;
	bool ended;
	int n = 0, got;

	do {
		got = next_line(r, &ended, why);
	} while (got > 0 && has_nothing(r, ended));
	if (got <= 0)
		return got;
	for (int i = 0; i < r->n_wanted; i++)
		r->value[i] = NULL;
	for (rest = r->line; rest; n++) {
		field = rest;
		rest = strchr(field, '\t');
		if (rest)
			*rest++ = '\0';
		field = text_trim(field);
		if (!rest && (ended || last_field_is_whole(&r->last, field)))
			last_field_note(&r->last, field);
		else if (!rest)
			n = -1;		/* cut, whatever the number of its fields */
		for (int i = 0; i < r->n_wanted && n >= 0; i++)
			if (r->field_of[i] == n)
				r->value[i] = copy_unescape(field);
		if (n < 0)
			break;
	}
	r->unended = !ended;
	if (!ended && n != r->n_fields) {
		reason_set(why, "%s, line %ld: the input ends in the middle of a line", r->name, r->line_number);
		return -1;
	}
	if (n != r->n_fields) {
		reason_set(why, "%s, line %ld: %d %s where the header has %d", r->name, r->line_number, n,
			   plural(n, "field", "fields"), r->n_fields);
		return -1;
	}
	return 1;
}

void tsv_close(struct tsv_reader *r)
{
	free(r->line);
	r->line = NULL;
}

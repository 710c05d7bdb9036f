#include "format/config_text.h"

#include <string.h>

#include "format/tsv.h"

static const char blanks[] = " \t\r\n";

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, blanks);
	for (len = strlen(text); len > 0 && strchr(blanks, text[len - 1]); len--)
		text[len - 1] = '\0';
	return text;
}

static char *unquote(char *value, bool *quoted)
{
	size_t len = strlen(value);

	*quoted = len >= 2 && (*value == '"' || *value == '\'') && value[len - 1] == *value;
	if (!*quoted)
		return value;
	value[len - 1] = '\0';
	return value + 1;
}

void config_text_tidy(char *value)
{
	size_t len;

	memmove(value, trim(value), strlen(trim(value)) + 1);
	len = strlen(value);
	if (len >= 2 && strchr("\"'", *value) && strchr(value + 1, *value) == value + len - 1) {
		value[len - 1] = '\0';
		memmove(value, value + 1, len - 1);
	}
}

void config_text_begin(struct config_reader *r, char *text, size_t len)
{
	*r = (struct config_reader){ .next = text ? text + text_mark(text, len) : NULL };
}

bool config_text_next(struct config_reader *r)
{
	while (r->next) {
		char *line = r->next, *end = strchr(line, '\n');

		r->next = end ? end + 1 : NULL;
		if (end)
			*end = '\0';
		r->line++;
		line = trim(line);
		if (*line == '\0' || *line == '#')
			continue;
		r->value = strchr(line, '=');
		if (r->value)
			*r->value++ = '\0';
		r->name = trim(line);
		r->quoted = false;
		if (r->value)
			r->value = unquote(trim(r->value), &r->quoted);
		return true;
	}
	return false;
}

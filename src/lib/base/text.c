#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ELLIPSIS "\xe2\x80\xa6"

size_t utf8_length(const unsigned char *s, size_t len)
{
	static const struct { unsigned char from, to, second_from, second_to; size_t length; } row[] = {
		{ 0x00, 0x7f, 0, 0, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (s[0] < row[i].from || s[0] > row[i].to)
			continue;
		if (row[i].length > len)
			return 0;
		if (row[i].length > 1 && (s[1] < row[i].second_from || s[1] > row[i].second_to))
			return 0;
		for (size_t k = 2; k < row[i].length; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return row[i].length;
	}
	return 0;
}

/* The length of a terminal's control sequence (ESC [ … letter, or ESC and one more) at s. */
static size_t escape_length(const unsigned char *s, size_t len)
{
	size_t n = 2;

	if (len < 2 || s[1] != '[')
		return len < 2 ? len : 2;
	while (n < len && s[n] >= 0x20 && s[n] < 0x40)
		n++;
	return n < len ? n + 1 : n;
}

/* C0 and C1 controls, DEL, line and paragraph separators, and what turns the direction of the text around. */
static bool is_control(const unsigned char *s, size_t length)
{
	if (length == 1)
		return s[0] < ' ' || s[0] == 0x7f;
	if (length == 2)
		return (s[0] == 0xc2 && s[1] < 0xa0) || (s[0] == 0xd8 && s[1] == 0x9c);
	if (length == 3 && s[0] == 0xe2)
		return (s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae))) ||
		       (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9);
	return false;
}

void text_clean(struct buf *out, const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_length(s + i, len - i);
		if (n == 0) {
			buf_adds(out, "\xef\xbf\xbd");
			n = 1;
		} else if (s[i] == 0x1b) {
			n = escape_length(s + i, len - i);
		} else if (s[i] == '\n' || s[i] == '\t' || !is_control(s + i, n)) {
			buf_add(out, text + i, n);
		}
	}
}

void text_cut(struct buf *text, size_t max)
{
	size_t len = max - strlen(ELLIPSIS);

	if (text->len <= max)
		return;
	while (len > 0 && ((unsigned char)text->data[len] & 0xc0) == 0x80)
		len--;
	text->len = len;
	buf_adds(text, ELLIPSIS);
}

bool text_is_one_of(const char *text, const char *const *words)
{
	while (*words && strcasecmp(*words, text) != 0)
		words++;
	return *words;
}

bool text_is_number(const char *text, double least, double most, double *to)
{
	char *end;
	double value;

	if (strspn(text, "0123456789.") != strlen(text))
		return false;
	value = strtod(text, &end);
	if (end == text || *end || value < least || value > most)
		return false;
	*to = value;
	return true;
}

#include "format/copy_binary.h"

#include <stdint.h>
#include <string.h>

#include "exact/calendar.h"

enum { DAYS_TO_2000 = 10957, GROUP = 4, MAX_GROUPS = 64 };

/* Numbers go in network order.  Each function here returns where the next byte goes. */
static char *put16(char *to, unsigned value)
{
	to[0] = (char)(value >> 8);
	to[1] = (char)value;
	return to + 2;
}

static char *put32(char *to, uint32_t value)
{
	return put16(put16(to, value >> 16), value & 0xffff);
}

void copy_binary_begin(struct buf *out)
{
	static const char signature[] = "PGCOPY\n\377\r\n";	/* its NUL is part of it */
	static const char no_flags_no_extension[8];

	buf_add(out, signature, sizeof signature);
	buf_add(out, no_flags_no_extension, sizeof no_flags_no_extension);
}

void copy_binary_end(struct buf *out)
{
	buf_add(out, "\377\377", 2);
}

/* Fields: NULL for one that is not of its type ------------------------------------------------- */

static char *put_date(char *to, const char *text, size_t len)
{
	char date[DAY_TEXT] = "";
	day_t day;

	if (len != DAY_TEXT - 1)
		return NULL;
	memcpy(date, text, len);
	if (!day_parse(date, &day))
		return NULL;
	return put32(put32(to, 4), (uint32_t)(day - DAYS_TO_2000));
}

static char *put_integer(char *to, const char *text, size_t len, int bits)
{
	bool negative = len > 0 && *text == '-';
	uint64_t value = 0;

	if (len == negative || len - negative > 19)
		return NULL;
	for (size_t i = negative; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return NULL;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	if (value >= ((uint64_t)1 << (bits - 1)) + negative)
		return NULL;
	if (negative)
		value = -value;
	to = put32(to, (uint32_t)bits / 8);
	if (bits == 16)
		return put16(to, (unsigned)value & 0xffff);
	return put32(put32(to, (uint32_t)(value >> 32)), (uint32_t)value);
}

/* Text, without its backslashes. */
static char *put_text(char *to, const char *text, size_t len)
{
	static const char letter[] = "tnrbfv", byte[] = "\t\n\r\b\f\v";
	char *first = to + 4, *end = first;

	if (!memchr(text, '\\', len)) {
		memcpy(first, text, len);
		end += len;
		len = 0;
	}
	for (size_t i = 0; i < len; i++) {
		const char *known = NULL;

		if (text[i] == '\\' && i + 1 < len)
			known = strchr(letter, text[++i]);
		*end++ = known ? byte[known - letter] : text[i];
	}
	put32(to, (uint32_t)(end - first));
	return end;
}

/* Take n digits as one group, filled up with zeros on the right if it is the last one. */
static bool take_group(const char **p, size_t n, bool last, uint16_t *group)
{
	static const unsigned fill[] = { 0, 1000, 100, 10, 1 };
	unsigned value = 0;

	for (size_t i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		value = value * 10 + (unsigned)(**p - '0');
	}
	*group = (uint16_t)(last ? value * fill[n] : value);
	return true;
}

/* The groups of four digits stand to the left and right of the point; those that are zero at either
 * end are left out, and the weight says how far left of the point the first one is. */
static char *put_numeric(char *to, const char *text, size_t len)
{
	bool negative = len > 0 && *text == '-';
	const char *p = text + negative, *end = text + len;
	const char *point = memchr(p, '.', (size_t)(end - p));
	size_t whole = (size_t)((point ? point : end) - p), behind = point ? (size_t)(end - point) - 1 : 0;
	size_t n_left = (whole + GROUP - 1) / GROUP, n_right = (behind + GROUP - 1) / GROUP;
	size_t first = 0, last = n_left + n_right;
	uint16_t group[MAX_GROUPS];

	if (whole + behind == 0 || (point && behind == 0) || last > MAX_GROUPS)
		return NULL;
	for (size_t i = 0; i < n_left; i++)
		if (!take_group(&p, i == 0 ? (whole - 1) % GROUP + 1 : GROUP, false, &group[i]))
			return NULL;
	p += point != NULL;
	for (size_t i = 0; i < n_right; i++)
		if (!take_group(&p, i + 1 == n_right ? (behind - 1) % GROUP + 1 : GROUP, true, &group[n_left + i]))
			return NULL;
	while (last > first && group[last - 1] == 0)
		last--;
	while (first < last && group[first] == 0)
		first++;
	to = put32(to, (uint32_t)(8 + 2 * (last - first)));
	to = put16(to, (unsigned)(last - first));
	to = put16(to, first == last ? 0 : (unsigned)(n_left - 1 - first) & 0xffff);
	to = put16(to, negative && last > first ? 0x4000 : 0);
	to = put16(to, (unsigned)behind);
	for (size_t i = first; i < last; i++)
		to = put16(to, group[i]);
	return to;
}

static char *put_field(char *to, enum copy_type type, const char *text, size_t len)
{
	if (len == 2 && memcmp(text, "\\N", 2) == 0)
		return put32(to, 0xffffffff);
	switch (type) {
	case COPY_DATE:     return put_date(to, text, len);
	case COPY_SMALLINT: return put_integer(to, text, len, 16);
	case COPY_BIGINT:   return put_integer(to, text, len, 64);
	case COPY_TEXT:     return put_text(to, text, len);
	case COPY_NUMERIC:  return put_numeric(to, text, len);
	}
	return NULL;
}

bool copy_binary_row(struct buf *out, const char *row, const enum copy_type *types, int n, struct reason *why)
{
	/* No field takes more than its text and 16 bytes. */
	char *to = buf_reserve(out, strlen(row) + 16 * (size_t)n + 2);

	to = put16(to, (unsigned)n);
	for (int i = 0; i < n; i++) {
		const char *tab = strchr(row, '\t');
		size_t len = tab ? (size_t)(tab - row) : strlen(row);

		if (!tab != (i + 1 == n))
			return reason_set(why, "a row has not the %d fields that it should have", n);
		to = put_field(to, types[i], row, len);
		if (!to)
			return reason_set(why, "field %d, %.*s, is not of its type", i + 1, (int)(len < 60 ? len : 60), row);
		row += len + 1;
	}
	out->len = (size_t)(to - out->data);
	return true;
}

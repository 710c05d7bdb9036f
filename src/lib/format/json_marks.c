#include "format/json_marks.h"

#include <ctype.h>
#include <string.h>

#include "format/json.h"

struct scan {
	const unsigned char *at, *end;
	const char *problem;		/* what is wrong at `at` */
};

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool digits(struct scan *s)
{
	const unsigned char *start = s->at;

	while (s->at < s->end && is_digit(*s->at))
		s->at++;
	return s->at > start;
}

/* Move past a number literal; it must be followed by what can follow a value. */
static bool number(struct scan *s)
{
	const unsigned char *next;

	s->problem = "a malformed number";
	if (*s->at == '-')
		s->at++;
	if (s->at < s->end && *s->at == '0')
		s->at++;
	else if (!digits(s))
		return false;
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		if (!digits(s))
			return false;
	}
	if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		if (!digits(s))
			return false;
	}
	for (next = s->at; next < s->end && json_is_space(*next); next++)
		;
	if (next == s->end || *next == ',' || *next == ']' || *next == '}')
		return true;
	s->at = next;
	s->problem = "something after a number";
	return false;
}

/* Move past one UTF-8 sequence of two to four bytes: shortest form, no surrogates, up to U+10FFFF. */
static bool utf8(struct scan *s)
{
	const unsigned char *p = s->at;
	size_t left = (size_t)(s->end - p), more;
	unsigned char low = 0x80, high = 0xbf;

	s->problem = "malformed UTF-8";
	if (*p >= 0xc2 && *p <= 0xdf)
		more = 1;
	else if (*p >= 0xe0 && *p <= 0xef)
		more = 2;
	else if (*p >= 0xf0 && *p <= 0xf4)
		more = 3;
	else
		return false;
	if (left <= more)
		return false;
	if (*p == 0xe0)
		low = 0xa0;
	else if (*p == 0xed)
		high = 0x9f;
	else if (*p == 0xf0)
		low = 0x90;
	else if (*p == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return false;
	for (size_t i = 2; i <= more; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return false;
	s->at += more + 1;
	return true;
}

/* Bytes inside a string that need no look. */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Is this place behind a value of an object or array? */
static bool ends_value(const unsigned char *at, const unsigned char *end)
{
	while (at < end && json_is_space(*at))
		at++;
	return at < end && (*at == ',' || *at == ']' || *at == '}');
}

/* What stands where a value should: one, something that only this value can be blamed for, or what makes the document
 * none. */
enum finding { FOUND_VALUE, FOUND_UNREADABLE, FOUND_NONE };

/* The unit of UTF-16 that four hexadecimal digits give; -1 if these are none. */
static long utf16_unit(const unsigned char *at, const unsigned char *end)
{
	long unit = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		if (!isxdigit(at[i]))
			return -1;
		unit = unit * 16 + (is_digit(at[i]) ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
	}
	return unit;
}

/* Move past \uXXXX, or two of them that are one character beyond the first 65,536. */
static bool utf16(struct scan *s)
{
	enum { LENGTH = 6 };
	long unit = utf16_unit(s->at + 2, s->end), low;

	s->problem = "a \\u without four hexadecimal digits";
	if (unit < 0)
		return false;
	s->problem = "a control character";
	if (unit <= 1)
		return false;
	if (unit < 0xd800 || unit > 0xdfff) {
		s->at += LENGTH;
		return true;
	}
	low = s->end - s->at >= LENGTH + 2 && memcmp(s->at + LENGTH, "\\u", 2) == 0 ?
		utf16_unit(s->at + LENGTH + 2, s->end) : -1;
	s->problem = "half of a surrogate pair";
	if (unit >= 0xdc00 || low < 0xdc00 || low > 0xdfff)
		return false;
	s->at += 2 * LENGTH;
	return true;
}

/* Move past a backslash and what it escapes. */
static bool escape(struct scan *s)
{
	if (s->end - s->at >= 2 && s->at[1] == 'u')
		return utf16(s);
	s->problem = s->end - s->at < 2 ? "a string without end" : "an escape that JSON has not";
	if (s->end - s->at < 2 || !s->at[1] || !strchr("\"\\/bfnrt", s->at[1]))
		return false;
	s->at += 2;
	return true;
}

/* Move past one character of a string that is not plain. */
static bool character(struct scan *s)
{
	if (*s->at == '\\')
		return escape(s);
	if (*s->at < 0x20) {
		s->problem = "a raw control byte in a string";
		return false;
	}
	return utf8(s);
}

/* Move past a string, from its opening quote to behind its closing one. */
static enum finding string(struct scan *s)
{
	struct scan odd = { .problem = NULL };	/* the first place in it that no string has */

	for (s->at++; s->at < s->end && *s->at != '"';) {
		if (is_plain(*s->at)) {
			s->at++;
		} else if (!character(s)) {
			if (!odd.problem)
				odd = *s;
			s->at++;
		}
	}
	if (s->at < s->end) {
		s->at++;
		if (!odd.problem)
			return FOUND_VALUE;
		if (ends_value(s->at, s->end))
			return FOUND_UNREADABLE;
	}
	if (odd.problem)
		*s = odd;
	else
		s->problem = "a string without end";
	return FOUND_NONE;
}

/* Move past true, false or null. */
static bool word(struct scan *s)
{
	size_t left = (size_t)(s->end - s->at);

	s->problem = "no JSON";
	if (left >= 4 && (memcmp(s->at, "null", 4) == 0 || memcmp(s->at, "true", 4) == 0))
		s->at += 4;
	else if (left >= 5 && memcmp(s->at, "false", 5) == 0)
		s->at += 5;
	else
		return false;
	return true;
}

static bool is_bare(unsigned char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.' || c == '_';
}

/* Move past a number or a word by read; or past one that is none, such as NaN, None or 01. */
static enum finding bare(struct scan *s, bool (*read)(struct scan *s))
{
	const unsigned char *end = s->at;

	while (end < s->end && is_bare(*end))
		end++;
	if (read(s) && s->at == end)
		return FOUND_VALUE;
	if (!ends_value(end, s->end))
		return FOUND_NONE;
	s->at = end;
	return FOUND_UNREADABLE;
}

/* What begins here, outside strings. */
enum kind { OTHER, SPACE, PUNCTUATION, SEPARATOR, QUOTE, DIGIT };

static const unsigned char kind_of[256] = {
	[' '] = SPACE, ['\n'] = SPACE, ['\r'] = SPACE, ['\t'] = SPACE,
	['['] = SEPARATOR, ['{'] = SEPARATOR, [','] = SEPARATOR,
	[']'] = PUNCTUATION, ['}'] = PUNCTUATION, [':'] = PUNCTUATION,
	['"'] = QUOTE,
	['-'] = DIGIT, ['0'] = DIGIT, ['1'] = DIGIT, ['2'] = DIGIT, ['3'] = DIGIT, ['4'] = DIGIT,
	['5'] = DIGIT, ['6'] = DIGIT, ['7'] = DIGIT, ['8'] = DIGIT, ['9'] = DIGIT,
};

/* The copy of a body, with its marks. */
struct copy {
	char *to;
	const unsigned char *copied;	/* of the body, so far */
};

static void copy_until(struct copy *copy, const unsigned char *end)
{
	memcpy(copy->to, copy->copied, (size_t)(end - copy->copied));
	copy->to += end - copy->copied;
	copy->copied = end;
}

/* What was found between start and end, as a string with its mark. */
static void copy_marked(struct copy *copy, const unsigned char *start, const unsigned char *end, enum finding found)
{
	copy_until(copy, start);
	*copy->to++ = '"';
	*copy->to++ = JSON_MARK;
	if (found == FOUND_VALUE) {
		copy_until(copy, end);
	} else {
		memset(copy->to, JSON_UNREADABLE, (size_t)(end - start));
		copy->to += end - start;
		copy->copied = end;
	}
	*copy->to++ = '"';
}

/* Copy the body to out with every number, and all that is no value where one should be, as a marked string.  Returns
 * the length written; if s->problem is then set, s->at is where, and the length means nothing. */
static size_t mark_values(struct scan *s, char *out)
{
	struct copy copy = { .to = out, .copied = s->at };
	size_t values = 0;

	while (s->at < s->end) {
		enum kind kind = (enum kind)kind_of[*s->at];
		const unsigned char *start = s->at;
		enum finding found = FOUND_VALUE;

		switch (kind) {
		case SEPARATOR:
			if (++values > JSON_MAX_VALUES) {
				s->problem = "too many values";
				return 0;
			}
			s->at++;
			break;
		case SPACE:
		case PUNCTUATION:
			s->at++;
			break;
		case QUOTE: found = string(s);       break;
		case DIGIT: found = bare(s, number); break;
		case OTHER: found = bare(s, word);   break;
		}
		if (found == FOUND_NONE)
			return 0;
		if (kind == DIGIT || found == FOUND_UNREADABLE)
			copy_marked(&copy, start, s->at, found);
	}
	copy_until(&copy, s->end);
	s->problem = NULL;
	return (size_t)(copy.to - out);
}

size_t json_mark_room(size_t len)
{
	/* What is marked takes three bytes more, and needs a separator beside it: "[1,1,1" is the worst. */
	return len + 3 * (len / 2 + 1) + 1;
}

bool json_mark(const char *body, size_t len, char *out, size_t *out_len, struct json_fault *fault)
{
	struct scan s = { .at = (const unsigned char *)body, .end = (const unsigned char *)body + len };

	*out_len = mark_values(&s, out);
	if (s.problem) {
		*fault = (struct json_fault){ s.problem, (size_t)(s.at - (const unsigned char *)body) };
		return false;
	}
	out[*out_len] = '\0';
	return true;
}

size_t json_unmarked(const char *marked, size_t offset)
{
	size_t body = 0;

	for (size_t i = 0; i < offset; i++) {
		if (marked[i] == '"' && marked[i + 1] == JSON_MARK) {
			for (i += 2; i < offset && marked[i] != '"'; i++)
				body++;
			continue;
		}
		body++;
	}
	return body;
}

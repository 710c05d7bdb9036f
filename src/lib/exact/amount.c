#include "exact/amount.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum { MAX_DIGITS = 100, MAX_CURRENCY = 8 };

/* An amount taken apart. */
struct parts {
	bool negative, has_exponent;
	int commas, points, blanks;		/* how many of each stand between digits; blanks: every mark but comma and point */
	bool grouped;				/* commas and blanks, if any, stand before three digits each, and none after the point */
	size_t group;				/* digits before the point since the last mark */
	char digits[MAX_DIGITS];		/* with the point and the exponent, without marks between thousands */
	size_t n;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The length of the blank at text: a space, a tab, or one of Unicode's in UTF-8; 0 if there is none. */
static size_t blank_length(const char *text)
{
	static const char *const blanks[] = {
		" ", "\t", "\xc2\xa0", "\xe2\x80\x87", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xaf", NULL
	};

	for (int i = 0; blanks[i]; i++)
		if (strncmp(text, blanks[i], strlen(blanks[i])) == 0)
			return strlen(blanks[i]);
	return 0;
}

static const char *skip_blanks(const char *at)
{
	size_t len;

	while ((len = blank_length(at)) > 0)
		at += len;
	return at;
}

/* A mark between thousands other than the comma: a blank, an apostrophe of either kind. */
static size_t grouping_mark_length(const char *at)
{
	size_t len = blank_length(at);

	if (len > 0)
		return len;
	if (*at == '\'')
		return 1;
	return strncmp(at, "\xe2\x80\x99", 3) == 0 ? 3 : 0;
}

/* A character that stands for a currency, by its code point: a sign (Unicode's category Sc, as of 15.0) or a letter of
 * Latin, Greek or Cyrillic (Ł, Ξ, руб).  What looks like a digit, a fraction or a minus is none, or ½5 would be 5. */
static bool is_currency_sign(uint32_t c)
{
	static const struct { uint32_t from, to; } signs[] = {
		{ 0x00a2, 0x00a5 }, { 0x00c0, 0x00d6 }, { 0x00d8, 0x00f6 }, { 0x00f8, 0x024f }, { 0x0370, 0x03ff },
		{ 0x0400, 0x052f }, { 0x058f, 0x058f }, { 0x060b, 0x060b }, { 0x07fe, 0x07ff }, { 0x09f2, 0x09f3 },
		{ 0x09fb, 0x09fb }, { 0x0af1, 0x0af1 }, { 0x0bf9, 0x0bf9 }, { 0x0e3f, 0x0e3f }, { 0x17db, 0x17db },
		{ 0x20a0, 0x20c0 }, { 0xa838, 0xa838 }, { 0xfdfc, 0xfdfc }, { 0xfe69, 0xfe69 }, { 0xff04, 0xff04 },
		{ 0xffe0, 0xffe1 }, { 0xffe5, 0xffe6 },
	};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (c >= signs[i].from && c <= signs[i].to)
			return true;
	return false;
}

/* The length of a currency's sign, or of a letter of its code, at text; 0 if there is none. */
static size_t currency_length(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t len;

	if ((*at >= 'A' && *at <= 'Z') || *at == '$')
		return 1;
	if (*at < 0x80)
		return 0;
	len = utf8_length(at, strlen(text));
	/* The signs of euro, pound, currency and yen, as Windows-1252 and ISO 8859-1 and -15 write them. */
	if (len == 0)
		return *at == 0x80 || (*at >= 0xa3 && *at <= 0xa5);
	if (len == 2)
		return is_currency_sign((uint32_t)(at[0] & 0x1f) << 6 | (at[1] & 0x3f)) ? 2 : 0;
	if (len == 3)
		return is_currency_sign((uint32_t)(at[0] & 0x0f) << 12 | (uint32_t)(at[1] & 0x3f) << 6 | (at[2] & 0x3f)) ? 3 : 0;
	return 0;
}

/* The length of a currency's name at text where that has small letters or marks, as locales write it (CLDR 44: the
 * narrow and the standard form); 0 if there is none.  A longer one stands before the one that it begins with. */
static size_t name_length(const char *text)
{
	static const char *const names[] = {
		"kr.", "kr", "Kr.", "Kr", "z\xc5\x82", "Ft", "lei", "Fr.", "Fr", "fr.", "Rp.", "Rp", "S/.", "S/", "Rs.", "Rs", "KSh",
		"Ksh", "din.", "kn", "\xd0\xbb\xd0\xb2.", "\xd0\xb4\xd0\xb8\xd0\xbd.", "\xd1\x80\xd1\x83\xd0\xb1.",
		"\xd8\xaf.\xd8\xa5", "\xd8\xb1.\xd8\xb3", "\xd8\xaf.\xd9\x83", NULL
	};

	for (int i = 0; names[i]; i++) {
		size_t len = strlen(names[i]);

		if (strncmp(text, names[i], len) == 0)
			return len;
	}
	return 0;
}

/* A currency's sign, name or code.  Where it ends. */
static const char *skip_currency(const char *at)
{
	const char *from = at;
	size_t len = name_length(at);

	if (len > 0)
		return at + len;
	while ((len = currency_length(at)) > 0 && at - from + (ptrdiff_t)len <= MAX_CURRENCY)
		at += len;
	return at;
}

/* Sign, currency and blanks before the first digit, in any order; each of the first two once. */
static const char *read_front(const char *at, bool *negative)
{
	bool is_signed = false, named = false;

	for (;;) {
		const char *next = skip_blanks(at);

		if (!is_signed && (*next == '-' || *next == '+')) {
			*negative = *next++ == '-';
			is_signed = true;
		} else if (!is_signed && strncmp(next, "\xe2\x88\x92", 3) == 0) {
			*negative = is_signed = true;
			next += 3;
		} else if (!named && skip_currency(next) > next) {
			next = skip_currency(next);
			named = true;
		}
		if (next == at)
			return at;
		at = next;
	}
}

static bool add(struct parts *p, char c)
{
	if (p->n + 1 >= MAX_DIGITS)
		return false;
	p->digits[p->n++] = c;
	return true;
}

static bool has_groups(const struct parts *p)
{
	return p->commas > 0 || p->blanks > 0;
}

/* A group of digits ends: three of them, and in the first group one to three, of which the first is not 0. */
static void end_group(struct parts *p)
{
	if (has_groups(p) ? p->group != 3 : p->group < 1 || p->group > 3 || p->digits[0] == '0')
		p->grouped = false;
	p->group = 0;
}

/* What has no digit before its point, as $.50 has none; where it ends. */
static const char *read_fraction(const char *at, struct parts *p)
{
	p->points = 1;
	if (!add(p, '0') || !add(p, '.'))
		return NULL;
	while (is_digit(*++at))
		if (!add(p, *at))
			return NULL;
	return at;
}

/* The digits and the marks between them; where they end. */
static const char *read_digits(const char *at, struct parts *p)
{
	size_t len;

	p->grouped = true;
	if (*at == '.')
		return read_fraction(at, p);
	for (;;) {
		if (is_digit(*at)) {
			p->group += p->points == 0;
			if (!add(p, *at++))
				return NULL;
			continue;
		}
		len = *at == ',' ? 1 : grouping_mark_length(at);
		if (len > 0 && is_digit(at[len])) {
			end_group(p);
			*(*at == ',' ? &p->commas : &p->blanks) += 1;
			at += len;
		} else if (*at == '.' && is_digit(at[1])) {
			if (p->points++ == 0 && !add(p, '.'))
				return NULL;
			at++;
		} else {
			break;
		}
	}
	if (has_groups(p))
		end_group(p);
	return at;
}

static const char *read_exponent(const char *at, struct parts *p)
{
	size_t sign = (*at == 'e' || *at == 'E') && (at[1] == '-' || at[1] == '+');

	if ((*at != 'e' && *at != 'E') || !is_digit(at[1 + sign]))
		return at;
	p->has_exponent = true;
	for (size_t i = 0; i <= sign || is_digit(*at); i++)
		if (!add(p, *at++))
			return NULL;
	return at;
}

/* Take the text apart.  False if it is not of this shape at all. */
static bool take_apart(const char *text, struct parts *p)
{
	const char *at = skip_blanks(text), *end;
	bool parentheses = *at == '(';

	memset(p, 0, sizeof *p);
	at = read_front(at + parentheses, &p->negative);
	if (!is_digit(at[*at == '.']) || (parentheses && p->negative) || !(at = read_digits(at, p)) ||
	    !(at = read_exponent(at, p)))
		return false;
	p->digits[p->n] = '\0';
	at = skip_blanks(at);
	end = skip_currency(at);
	/* A code has three letters or more; a single capital is none. */
	if (end > at && end - at < 3 && name_length(at) == 0 && !(*at & 0x80) && !memchr(at, '$', (size_t)(end - at)))
		return false;
	at = skip_blanks(end);
	if (parentheses && *at++ != ')')
		return false;
	p->negative |= parentheses;
	return *skip_blanks(at) == '\0';
}

/* One comma, and no group of three before it or behind it; or one among the digits before an exponent, where nobody
 * groups. */
static bool has_decimal_comma(const struct parts *p)
{
	return p->commas == 1 && (!p->grouped || p->blanks > 0 || p->has_exponent);
}

/* One mark before exactly three digits, which are the last: "1,250" or "1.250" may be either.  Asked of what has no
 * decimal comma. */
static bool may_be_either(const struct parts *p)
{
	const char *point = strchr(p->digits, '.');

	if (p->points == 0)
		return p->commas == 1;
	return p->points == 1 && !p->has_exponent && strlen(point) == 4 && point - p->digits <= 3 && p->digits[0] != '0';
}

/* "1.23E-05" and "1.23457E+11": the two forms, of two decimals and of five, in which a spreadsheet shows and saves a
 * number that has more digits.  1.00E-05 is believed: a round number, as those of dust are. */
static bool is_shown_rounded(const char *text)
{
	const char *e = strchr(text, 'E');
	bool round = true;
	ptrdiff_t decimals = 0;

	while (e && !((e[1] == '+' || e[1] == '-') && is_digit(e[2]) && is_digit(e[3])))
		e = strchr(e + 1, 'E');
	if (!e)
		return false;
	for (; e - text > decimals && is_digit(e[-1 - decimals]); decimals++)
		round = round && e[-1 - decimals] == '0';
	return !round && (decimals == 2 || decimals == 5) && e - text > decimals && e[-1 - decimals] == '.';
}

bool amount_parse(const char *text, enum amount_marks marks, struct decimal *value, struct reason *why)
{
	struct parts p;

	if (is_shown_rounded(text))
		return reason_set(why, "'%.40s' is what a spreadsheet shows of a number, without its other digits: take the file as "
				  "it was made, or save the column with all decimals", text);
	/* The plain number, which most are. */
	if (marks != AMOUNT_COMMA && decimal_parse_text(value, text, DECIMAL_EXPONENT, NULL))
		return true;
	if (!take_apart(text, &p))
		return reason_set(why, "'%.40s' is not an amount", text);
	if (has_decimal_comma(&p))
		return reason_set(why, "'%.40s' has a decimal comma; save the file with decimal points", text);
	if (p.points > 1 || (p.commas > 0 && p.blanks > 0) || !p.grouped)
		return reason_set(why, "'%.40s' is not an amount: its digits are not grouped by thousands", text);
	if (may_be_either(&p) && (marks == AMOUNT_COMMA || (marks == AMOUNT_UNSETTLED && p.commas > 0)))
		return reason_set(why, "'%.40s' may have a decimal mark or a thousands separator, and the file does not show which",
				  text);
	if (!decimal_parse_text(value, p.digits, DECIMAL_EXPONENT, why))
		return false;
	if (p.negative)
		decimal_neg(value, value);
	return true;
}

bool amount_parse_comma(const char *text, struct decimal *value, struct reason *why)
{
	char turned[2 * MAX_DIGITS];
	size_t len = strlen(text);

	for (size_t i = 0; i <= len && i < sizeof turned; i++)
		turned[i] = text[i] == ',' ? '.' : text[i] == '.' ? ',' : text[i];
	return (len < sizeof turned && amount_parse(turned, AMOUNT_POINT, value, NULL)) ||
	       reason_set(why, "'%.40s' is not an amount with a decimal comma", text);
}

enum amount_marks amount_proves(const char *text)
{
	struct parts p;

	if (!take_apart(text, &p))
		return AMOUNT_UNSETTLED;
	if (has_decimal_comma(&p))
		return AMOUNT_COMMA;
	return p.points == 1 && p.grouped && !may_be_either(&p) ? AMOUNT_POINT : AMOUNT_UNSETTLED;
}

void amount_currency(const char *text, char code[AMOUNT_CODE])
{
	/* The second of each as Windows-1252 has it. */
	static const struct { const char *sign, *code; } signs[] = {
		{ "\xe2\x82\xac", "EUR" }, { "\x80", "EUR" }, { "\xc2\xa3", "GBP" }, { "\xa3", "GBP" },
	};
	size_t n;

	code[0] = '\0';
	for (const char *at = text; *at; at += n) {
		n = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		/* The exponent's letter is no code, and neither is the CA of CA$. */
		if (n >= 3 && n < AMOUNT_CODE) {
			memcpy(code, at, n);
			code[n] = '\0';
			return;
		}
		if (n == 0)
			n = *at & 0x80 ? utf8_length((const unsigned char *)at, strlen(at)) : 1;
		if (n == 0)
			n = 1;
		for (size_t i = 0; *at & 0x80 && i < sizeof signs / sizeof *signs; i++)
			if (strlen(signs[i].sign) == n && strncmp(at, signs[i].sign, n) == 0) {
				memcpy(code, signs[i].code, 4);
				return;
			}
	}
}

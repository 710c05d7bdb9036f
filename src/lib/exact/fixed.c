#include "exact/fixed.h"

#include <string.h>

#include <stdint.h>

typedef unsigned __int128 u128;

static const u128 max_u128 = ~(u128)0;

char *fixed_format(u128 value, int decimals, char text[FIXED_TEXT])
{
	char digits[FIXED_TEXT];
	int n = 0, at = 0;

	/* Most values fit in 64 bits, where a division costs a tenth. */
	for (; value > UINT64_MAX; value /= 10)
		digits[n++] = (char)('0' + (int)(value % 10));
	for (uint64_t rest = (uint64_t)value; rest > 0 || n <= decimals; rest /= 10)
		digits[n++] = (char)('0' + (int)(rest % 10));
	while (n > 0) {
		if (n == decimals)
			text[at++] = '.';
		text[at++] = digits[--n];
	}
	text[at] = '\0';
	return text;
}

char *fixed_trim(char *text)
{
	size_t len = strlen(text);

	if (!strchr(text, '.'))
		return text;
	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	text[len] = '\0';
	return text;
}

bool fixed_parse(const char *text, int decimals, u128 *value, struct reason *why)
{
	const char *p = text;
	int behind = -1, n = 0;

	*value = 0;
	p += strspn(p, "0123456789.");
	if (p > text && (*p == 'e' || *p == 'E'))
		return reason_set(why, "%.40s is not a positive number written out: an exponent may stand for digits that are lost",
				  text);
	for (p = text; *p; p++) {
		if (*p == '.' && behind < 0 && n > 0) {
			behind = 0;
			continue;
		}
		if (*p < '0' || *p > '9')
			return reason_set(why, "%.40s is not a positive number", text);
		if (behind == decimals) {
			if (*p == '0')
				continue;	/* more zeros change nothing */
			return reason_set(why, "%.40s has more than %d decimals", text, decimals);
		}
		/* So many digits are below any bound. */
		if (++n > 36)
			return reason_set(why, "%.40s is too large", text);
		*value = *value * 10 + (unsigned)(*p - '0');
		behind += behind >= 0;
	}
	if (n == 0 || (p > text && p[-1] == '.'))
		return reason_set(why, "%.40s is not a positive number", *text ? text : "(nothing)");
	for (behind = behind < 0 ? 0 : behind; behind < decimals; behind++) {
		if (*value > max_u128 / 100)
			return reason_set(why, "%.40s is too large", text);
		*value *= 10;
	}
	if (*value == 0)
		return reason_set(why, "%.40s is not above zero", text);
	return true;
}

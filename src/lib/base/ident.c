#include "base/ident.h"

#include <string.h>
#include <strings.h>

bool ident_ok(const char *text)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	return *text && *text != '-' && text[strspn(text, alphabet)] == '\0';
}

bool ident_is_key(const char *text)
{
	if (!*text || strchr("=+-@ ", *text))
		return false;
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

bool ident_is_rounded(const char *text)
{
	static const char digits[] = "0123456789";
	size_t n = strspn(text, digits);

	if (n != 1)
		return false;
	text += n;
	if (*text == '.' || *text == ',')
		text += 1 + strspn(text + 1, digits);
	if ((*text != 'E' && *text != 'e') || text[1] != '+')
		return false;
	n = strspn(text + 2, digits);
	return n > 0 && text[2 + n] == '\0';
}

const char *ident_sent(const char *text)
{
	static const char *const none[] = { "N/A", "#N/A", "NA", "NaN", "null", "none", "undefined", "-", "--" };

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (strcasecmp(text, none[i]) == 0)
			return "";
	return text;
}

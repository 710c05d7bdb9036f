#include "base/ident.h"

#include <string.h>

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

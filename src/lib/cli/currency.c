#include "cli/currency.h"

#include <stdlib.h>
#include <string.h>

bool currency_is_known(const char *code)
{
	return strlen(code) == 3 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 && strstr(CURRENCY_KNOWN, code);
}

const char *currency_configured(void)
{
	const char *code = getenv("WINDFALL_CURRENCY");

	return code && *code ? code : CURRENCY_DEFAULT;
}

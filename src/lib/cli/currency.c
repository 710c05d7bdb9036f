#include "cli/currency.h"

#include <stdlib.h>
#include <string.h>

#include "os/log.h"

bool currency_is_known(const char *code)
{
	return strlen(code) == 3 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 && strstr(CURRENCY_KNOWN, code);
}

const char *currency_configured(void)
{
	const char *code = getenv("WINDFALL_CURRENCY");

	if (!code || !*code)
		return CURRENCY_DEFAULT;
	if (!currency_is_known(code))
		die(EX_CONFIG, "WINDFALL_CURRENCY is \"%s\": write one of " CURRENCY_KNOWN ", in capitals", code);
	return code;
}

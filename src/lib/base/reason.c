#include "base/reason.h"

#include <stdarg.h>
#include <stdio.h>

bool reason_set(struct reason *why, const char *fmt, ...)
{
	va_list ap;

	if (!why)
		return false;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof why->text, fmt, ap);
	va_end(ap);
	return false;
}

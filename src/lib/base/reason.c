#include "base/reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

bool reason_set(struct reason *why, const char *fmt, ...)
{
	va_list ap;

	if (!why)
		return false;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof why->text, fmt, ap);
	va_end(ap);
	why->answer = ANSWER_ODD;
	return false;
}

bool reason_answer(struct reason *why, enum answer_kind answer, const char *fmt, ...)
{
	va_list ap;

	if (!why)
		return false;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof why->text, fmt, ap);
	va_end(ap);
	why->answer = answer;
	return false;
}

int answer_exit_status(enum answer_kind answer)
{
	static const int status[] = { [ANSWER_ODD] = EX_DATAERR, [ANSWER_CUT] = EX_PROTOCOL, [ANSWER_OTHER] = EX_PROTOCOL,
				      [ANSWER_LATER] = EX_TEMPFAIL };

	return status[answer];
}

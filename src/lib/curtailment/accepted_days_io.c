#include "curtailment/accepted_days_io.h"

#include "os/log.h"

void accepted_days_add(struct accepted_days *accepted, const char *text, instant_t now)
{
	if (accepted->n == sizeof accepted->day / sizeof *accepted->day)
		die(EX_USAGE, "--accept-suspect: %zu dates are the most", accepted->n);
	accepted->day[accepted->n++] = opts_day(text, now);
}

bool accepted_days_has(const struct accepted_days *accepted, day_t day)
{
	for (size_t i = 0; i < accepted->n; i++)
		if (accepted->day[i] == day)
			return true;
	return false;
}

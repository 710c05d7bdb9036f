#include "base/oddities.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void oddities_note(struct oddities *o, const char *format, ...)
{
	char line[512];
	va_list args;

	if (o->odd++ >= ODDITIES_SHOWN)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	/* A line is a line, whatever the row held. */
	for (char *p = line; (p = strchr(p, '\n')); )
		*p = ' ';
	buf_addf(&o->text, "%s\n", line);
}

bool oddities_prevail(const struct oddities *o, struct reason *why)
{
	if (o->odd == 0 || o->odd <= o->rows / 2)
		return false;
	reason_set(why, "%zu of %zu rows cannot be used; the first: %.*s", o->odd, o->rows,
		   (int)strcspn(o->text.data, "\n"), o->text.data);
	return true;
}

void oddities_release(struct oddities *o)
{
	buf_release(&o->text);
}

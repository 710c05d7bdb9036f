#include "cli/input.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "os/log.h"

const char *input_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

FILE *input_open(const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");

	if (!file)
		die(EX_NOINPUT, "cannot open %s: %s", path, strerror(errno));
	return file;
}

void input_close(FILE *file)
{
	if (file != stdin)
		fclose(file);
}

void input_open_rows(struct tsv_reader *r, const char *path, const char *const *columns, int n_needed)
{
	struct reason why;

	if (!tsv_open(r, input_open(path), input_name(path), columns, n_needed, &why))
		die(EX_DATAERR, "%s", why.text);
}

bool input_row(struct tsv_reader *r)
{
	struct reason why;
	int got = tsv_read(r, &why);

	if (got < 0)
		die(EX_DATAERR, "%s", why.text);
	if (got > 0 && r->unended)
		log_warning("%s, line %ld: the last line has no end; it has all its fields and is taken as whole", r->name, r->line_number);
	return got > 0;
}

void input_close_rows(struct tsv_reader *r)
{
	input_close(r->in);
	tsv_close(r);
}

_Noreturn void input_refuse(const struct tsv_reader *r, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	die(EX_DATAERR, "%s, line %ld: %s", r->name, r->line_number, text);
}

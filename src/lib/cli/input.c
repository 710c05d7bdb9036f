#include "cli/input.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ident.h"
#include "os/file.h"
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
	/* Who forgot a pipe or a file would wait for ever, and so would the program. */
	if (isatty(fileno(file)))
		log_info("reading from this terminal, until Ctrl-D");
	return file;
}

void input_check(const char *path)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return;
	if (access(path, R_OK) != 0)
		die(EX_NOINPUT, "cannot open %s: %s", path, strerror(errno));
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		die(EX_NOINPUT, "cannot read %s: %s", path, strerror(EISDIR));
}

int input_status(FILE *file)
{
	return ferror(file) ? EX_NOINPUT : EX_DATAERR;
}

void input_close(FILE *file)
{
	if (file != stdin)
		fclose(file);
}

void input_read_whole(const char *path, size_t max, struct buf *bytes)
{
	FILE *file = input_open(path);
	size_t begin = bytes->len;

	if (!file_read_rest(file, max, bytes))
		die(EX_NOINPUT, "cannot read %s: %s", input_name(path), strerror(errno));
	if (bytes->len - begin > max)
		die(EX_DATAERR, "%s: larger than %zu bytes", input_name(path), max);
	input_close(file);
}

void input_open_rows(struct tsv_reader *r, const char *path, const char *const *columns, int n_needed)
{
	struct reason why;

	if (!tsv_open(r, input_open(path), input_name(path), columns, n_needed, &why))
		die(input_status(r->in), "%s", why.text);
}

static void warn_unended(const char *name, long line)
{
	log_warning("%s, line %ld: the last line has no end; it has all its fields and is taken as whole", name, line);
}

bool input_row(struct tsv_reader *r)
{
	struct reason why;
	int got = tsv_read(r, &why);

	if (got < 0)
		die(input_status(r->in), "%s", why.text);
	if (got > 0 && r->unended)
		warn_unended(r->name, r->line_number);
	return got > 0;
}

void input_close_rows(struct tsv_reader *r)
{
	input_close(r->in);
	tsv_close(r);
}

void input_open_table(struct table_rows *r, const char *path, const char *const *columns, int n_needed)
{
	struct reason why;

	if (!table_rows_open(r, input_open(path), input_name(path), columns, n_needed, &why))
		die(input_status(r->table.in), "%s", why.text);
}

bool input_table_row(struct table_rows *r)
{
	struct reason why;
	int got = table_rows_next(r, &why);

	if (got < 0)
		die(input_status(r->table.in), "%s", why.text);
	if (got > 0 && r->table.unended)
		warn_unended(r->name, r->table.line);
	return got > 0;
}

void input_close_table(struct table_rows *r)
{
	input_close(r->table.in);
	table_rows_close(r);
}

_Noreturn void input_refuse(const struct tsv_reader *r, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	die(EX_DATAERR, "%s, line %ld: %s", r->name, r->line_number, text);
}

void input_curtailment(const struct tsv_reader *r, const char *const *columns, day_t *day, int *period,
		       energy_t *energy)
{
	struct reason why;
	char *end;
	long number;

	for (int i = 0; i < 4; i++)
		if (!r->value[i])
			input_refuse(r, "%s is null", columns[i]);
	if (!day_parse(r->value[0], day))
		input_refuse(r, "settlement_date \"%.40s\" is not a date", r->value[0]);
	number = strtol(r->value[1], &end, 10);
	if (end == r->value[1] || *end || number < 1 || number > settlement_periods(*day))
		input_refuse(r, "settlement_period \"%.40s\": %s has periods 1 to %d", r->value[1], r->value[0],
			     settlement_periods(*day));
	if (*r->value[2] && !ident_ok(r->value[2]))
		input_refuse(r, "farm_id \"%.40s\" is not an id, which has letters, digits, _ and - and does not begin with -",
			     r->value[2]);
	if (!energy_parse(r->value[3], energy, &why))
		input_refuse(r, "volume: %s", why.text);
	if (*energy > 0)
		input_refuse(r, "volume %s is not curtailment, which is below zero", r->value[3]);
	*period = (int)number;
}

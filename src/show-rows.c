/*
 * show-rows - rows of TSV or CSV as a table for people
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/plural.h"
#include "cli/input.h"
#include "cli/opts.h"
#include "format/table.h"
#include "format/tsv.h"
#include "os/log.h"

static const char help[] =
	"usage: show-rows [OPTION]... <rows\n"
	"\n"
	"Print the rows on standard input, TSV or CSV with a header line, as a table: numbers to the right,\n"
	"every digit.  Where they are too wide, column names are wrapped; where that is not enough,\n"
	"each row becomes a list of names and values.  Null is empty.\n"
	"\n"
	"      --format FORMAT    table (the default), tsv (COPY text), csv or ndjson\n"
	"      --no-header        omit the header line\n"
	"      --width N          columns of text, 20 to 10000 (those of the terminal; elsewhere whatever\n"
	"                         the rows take)\n"
	OPTS_HELP
	"\n"
	"  find-missing --by-date --last 30 | show-rows\n"
	"  summary --by month --format tsv 2025 | show-rows --format ndjson\n";

/* Text that looks like a number is one in JSON, which has no other way to tell. */
static void print_field(struct tsv_writer *out, const char *field)
{
	if (out->format == NDJSON)
		tsv_plain(out, field);
	else
		tsv_text(out, field);
}

static void print_rows(struct table *rows, struct tsv_writer *out)
{
	const char *columns[CSV_MAX_FIELDS + 1] = { NULL };
	struct reason why;
	int got;

	for (int c = 0; c < rows->n_fields; c++)
		columns[c] = xstrdup(rows->field[c] ? rows->field[c] : "");
	tsv_begin(out, stdout, columns);
	while ((got = table_next(rows, &why)) > 0) {
		if (table_is_blank(rows))
			continue;
		if (rows->n_fields != rows->n_header)
			die(EX_DATAERR, "line %ld: %d %s, and the header has %d", rows->line, rows->n_fields,
			    plural(rows->n_fields, "field", "fields"), rows->n_header);
		for (int c = 0; c < rows->n_fields; c++)
			print_field(out, rows->field[c]);
		tsv_end_row(out);
	}
	tsv_release(out);
	for (int c = 0; columns[c]; c++)
		free((char *)columns[c]);
	if (got < 0)
		die(input_status(stdin), "%s", why.text);
}

int main(int argc, char **argv)
{
	enum { WIDTH = 1 };
	static const struct option longopts[] = {
		{ "width", required_argument, NULL, WIDTH },
		OPTS_ROWS, OPTS_COMMON
	};
	struct tsv_writer out = { .format = TABLE };
	struct table rows;
	struct reason why;
	int c;

	tool_begin(argc, argv);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		if (c == WIDTH)
			tsv_for_people((int)opts_number("--width", optarg, 20, 10000));
		else if (!opts_rows(c, &out))
			opts_common(c, help);
	}
	if (optind < argc)
		die(EX_USAGE, "%s: rows are read from standard input; see --help", argv[optind]);
	if (!table_open(&rows, input_open("-"), &why))
		die(input_status(stdin), "%s", why.text);
	print_rows(&rows, &out);
	table_close(&rows);
	return flush_stdout();
}

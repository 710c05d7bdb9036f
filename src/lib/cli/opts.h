/*
 * opts - the arguments that all tools understand alike
 *
 * Each function succeeds, or says on stderr what was wrong with which argument and ends
 * the process with EX_USAGE.
 */
#ifndef WINDFALL_OPTS_H
#define WINDFALL_OPTS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "exact/calendar.h"
#include "format/tsv.h"

/*
 * The first line of every main(): log_init(), and the settings of the machine, the user and the tree (cli/config.h) in
 * force.  If a file of settings is wrong, this names each line and ends with EX_CONFIG, unless help or the version is
 * asked for.
 */
void tool_begin(int argc, char **argv);

/* Options that every tool has.  Put OPTS_COMMON last in its struct option array, OPTS_SHORT before its own short
 * options, and give what opts_next() returned to opts_common() in the default case. */
#define OPTS_SHORT ":hVqv"
#define OPTS_COMMON					\
	{ "help", no_argument, NULL, 'h' },		\
	{ "version", no_argument, NULL, 'V' },		\
	{ "quiet", no_argument, NULL, 'q' },		\
	{ "verbose", no_argument, NULL, 'v' },		\
	{ NULL, 0, NULL, 0 }

/* What the same options say in a help text. */
#define OPTS_HELP							\
	"  -q, --quiet            warnings and errors only\n"		\
	"  -v, --verbose          more messages\n"				\
	"  -h, --help             show this help\n"			\
	"  -V, --version          show the version\n"

/* The same as getopt_long(), but one that is no option, or lacks its value, ends the process with EX_USAGE. */
int opts_next(int argc, char **argv, const char *letters, const struct option *options, int *index);

/* --help prints help and exits 0; --version; -q; -v. */
void opts_common(int c, const char *help);

/* For tools whose --version N names a version of something else: alone and without N it means what it means everywhere.
 * Call it before the options are read. */
void opts_lone_version(int argc, char **argv, const char *help);

/* Options of tools that print rows: long options --format and --no-header. */
enum { OPT_FORMAT = 0x7f01, OPT_NO_HEADER };
#define OPTS_ROWS					\
	{ "format", required_argument, NULL, OPT_FORMAT },	\
	{ "no-header", no_argument, NULL, OPT_NO_HEADER }
#define OPTS_ROWS_HELP							\
	"      --format FORMAT    table (where stdout is a terminal), tsv (elsewhere), csv or ndjson\n" \
	"      --no-header        omit the header line\n"

/* True if c was one of the two, and then w is set accordingly. */
bool opts_rows(int c, struct tsv_writer *w);

/* A whole number from min to max, named in the error as this option or operand. */
int64_t opts_number(const char *name, const char *text, int64_t min, int64_t max);

struct day_range {
	day_t from, to;		/* both inclusive */
};

/* "YYYY-MM-DD", "today" or "yesterday" (London, by this clock). */
day_t opts_day(const char *text, instant_t now);

/* The operands DATE [TO]; EX_USAGE if they are none, more than two, or reversed. */
struct day_range opts_days(int argc, char **argv, instant_t now);

/* --last N: the N settlement days up to yesterday. */
struct day_range opts_last(const char *text, instant_t now);

/* "A-B" or "A": settlement periods, 1 <= A <= B <= 50. */
struct period_range {
	int from, to;
};
struct period_range opts_periods(const char *text);

/* EX_USAGE if a day of the range lacks one of the periods (a 46-period day has no 47). */
void opts_check_periods(struct period_range periods, struct day_range days);

#endif

#include "cli/opts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/config.h"
#include "os/log.h"
#include "os/terminal.h"

static bool is_question(const char *argument)
{
	static const char *const questions[] = { "-h", "--help", "-V", "--version" };

	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		if (strcmp(argument, questions[i]) == 0)
			return true;
	return false;
}

void tool_begin(int argc, char **argv)
{
	size_t wrong;

	log_init(argv[0]);
	/* Beyond the size that a file may have (ulimit -f), a write fails, as on a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	if (terminal_width(STDOUT_FILENO) > 0)
		tsv_for_people(terminal_width(STDOUT_FILENO));
	wrong = config_load();
	if (wrong == 0 || (argc > 1 && is_question(argv[1])))
		return;
	for (size_t i = 0; i + 1 < wrong; i++)
		log_error("%s", config_complaint(i));
	die(EX_CONFIG, "%s", config_complaint(wrong - 1));
}

/* What getopt_long() gave back as '?' or ':', of the word that it has just read. */
static _Noreturn void refuse_option(int c, const char *word)
{
	char letter[] = { '-', (char)optopt, '\0' };
	bool is_long = strncmp(word, "--", 2) == 0;

	if (is_long && c == '?' && optopt != 0)
		die(EX_USAGE, "%.*s takes no value; see %s --help", (int)strcspn(word, "="), word, log_tool());
	die(EX_USAGE, "%s%s; see %s --help", is_long ? word : letter, c == ':' ? " needs a value" : ": no such option",
	    log_tool());
}

int opts_next(int argc, char **argv, const char *letters, const struct option *options, int *index)
{
	int c = getopt_long(argc, argv, letters, options, index);

	if (c == '?' || c == ':')
		refuse_option(c, argv[optind - 1]);
	return c;
}

void opts_common(int c, const char *help)
{
	switch (c) {
	case 'h':
		fputs(help, stdout);
		exit(flush_stdout());
	case 'V':
		printf("%s (Windfall) %s\n", log_tool(), WINDFALL_VERSION);
		exit(flush_stdout());
	case 'q':
		log_set_level(LOG_WARNING);
		return;
	case 'v':
		log_set_level(LOG_DEBUG);
		return;
	}
}

void opts_lone_version(int argc, char **argv, const char *help)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		opts_common('V', help);
}

bool opts_rows(int c, struct tsv_writer *w)
{
	if (c == OPT_NO_HEADER) {
		w->no_header = true;
		return true;
	}
	if (c != OPT_FORMAT)
		return false;
	if (!tsv_format_parse(optarg, &w->format))
		die(EX_USAGE, "--format %s: must be tsv, csv, ndjson or table", optarg);
	w->chosen = true;
	return true;
}

int64_t opts_number(const char *name, const char *text, int64_t min, int64_t max)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno || strspn(text, "+-0123456789") != strlen(text))
		die(EX_USAGE, "%s %s: a whole number is needed", name, text);
	if (value < min || value > max)
		die(EX_USAGE, "%s %s: it goes from %lld to %lld", name, text, (long long)min, (long long)max);
	return value;
}

day_t opts_day(const char *text, instant_t now)
{
	day_t day;

	if (strcmp(text, "today") == 0)
		return day_of_instant(now);
	if (strcmp(text, "yesterday") == 0)
		return day_of_instant(now) - 1;
	if (!day_parse(text, &day))
		die(EX_USAGE, "%s: not a date; write YYYY-MM-DD (from 1996 on), today or yesterday", text);
	return day;
}

struct day_range opts_days(int argc, char **argv, instant_t now)
{
	struct day_range days;

	if (argc < 1 || argc > 2)
		die(EX_USAGE, "%s; see %s --help", argc < 1 ? "a DATE is needed" : "too many arguments", log_tool());
	days.from = opts_day(argv[0], now);
	days.to = argc == 2 ? opts_day(argv[1], now) : days.from;
	if (days.to < days.from)
		die(EX_USAGE, "%s %s: the range is reversed", argv[0], argv[1]);
	return days;
}

struct day_range opts_last(const char *text, instant_t now)
{
	day_t yesterday = day_of_instant(now) - 1;
	int64_t n = opts_number("--last", text, 1, 20000);

	return (struct day_range){ (day_t)(yesterday - n + 1), yesterday };
}

struct period_range opts_periods(const char *text)
{
	const char *dash = strchr(text, '-');
	char first[16];
	struct period_range periods;

	if (!dash) {
		periods.from = periods.to = (int)opts_number("--periods", text, 1, MAX_PERIODS);
		return periods;
	}
	if ((size_t)(dash - text) >= sizeof first)
		die(EX_USAGE, "--periods %s: write A-B, such as 1-48", text);
	snprintf(first, sizeof first, "%.*s", (int)(dash - text), text);
	periods.from = (int)opts_number("--periods", first, 1, MAX_PERIODS);
	periods.to = (int)opts_number("--periods", dash + 1, 1, MAX_PERIODS);
	if (periods.to < periods.from)
		die(EX_USAGE, "--periods %s: the range is reversed", text);
	return periods;
}

void opts_check_periods(struct period_range periods, struct day_range days)
{
	char text[DAY_TEXT];

	for (day_t day = days.from; day <= days.to; day++)
		if (periods.to > settlement_periods(day))
			die(EX_USAGE, "--periods %d-%d: %s has %d settlement periods", periods.from, periods.to,
			    day_format(day, text), settlement_periods(day));
}

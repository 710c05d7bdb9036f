/*
 * with-settings - run a program with the settings of windfall.conf, or list them
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/redact.h"
#include "base/secrets.h"
#include "cli/config.h"
#include "cli/opts.h"
#include "os/become.h"
#include "os/file.h"
#include "os/log.h"
#include "os/private_file.h"

static const char help[] =
	"usage: with-settings PROGRAM [ARG]...\n"
	"       with-settings --list [NAME]\n"
	"       with-settings --files | --manual | --redact\n"
	"       with-settings --nearest WORD\n"
	"       with-settings --secret-file FILE\n"
	"\n"
	"Run a program with every setting of windfall.conf(5) in its environment, except those that only\n"
	"alerts need.  The environment outranks the files.  The tools read the files themselves.\n"
	"\n"
	"      --list             print the settings in force, and where each comes from; or that one\n"
	"      --files            print the files that are looked for, the later outranking the earlier\n"
	"      --manual           print the list of settings in mdoc, for windfall.conf(5)\n"
	"      --redact           print standard input without the settings' secrets and what looks like one\n"
	"      --nearest WORD     print which of the names on standard input, one a line, are nearest to it\n"
	"      --secret-file FILE print why the tools would refuse a secret in this file, if they would\n"
	"      --go-on            run the program even if a file is wrong, and say so in\n"
	"                         WINDFALL_SETTINGS_WRONG\n"
	"      --clean            remove names in small letters, except *_proxy, from the environment: a\n"
	"                         shell script may use them as variables of its own\n"
	OPTS_ROWS_HELP
	OPTS_HELP
	"\n"
	"  with-settings sh -c 'echo \"$WINDFALL_STATE\"'\n"
	"\n"
	"Exit: the program's own; 64 bad usage, 77 or 78 no secret is taken from the file, 78 a file of\n"
	"settings is wrong, 126 the program cannot be run, 127 there is no such program.\n";

/* Name what is wrong; the status of it. */
static int complain(size_t wrong)
{
	for (size_t i = 0; i < wrong; i++)
		log_error("%s", config_complaint(i));
	return wrong ? EX_CONFIG : EX_OK;
}

/* Whether a script may have a variable of that name, which it then reads before it sets it. */
static bool is_name_of_script(const char *name, size_t len)
{
	static const char proxy[] = "_proxy";
	size_t n = sizeof proxy - 1;

	if (len > n && memcmp(name + len - n, proxy, n) == 0)
		return false;
	return len > 0 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static void clean_environment(void)
{
	extern char **environ;

	for (char **e = environ; *e;) {
		size_t len = strcspn(*e, "=");
		char *name;

		if (!is_name_of_script(*e, len)) {
			e++;
			continue;
		}
		name = xmalloc(len + 1);
		memcpy(name, *e, len);
		name[len] = '\0';
		/* The list may have moved. */
		if (unsetenv(name) != 0)
			die(EX_OSERR, "cannot unset %s: %s", name, strerror(errno));
		free(name);
		e = environ;
	}
}

static _Noreturn void run(char **argv, size_t wrong, bool go_on)
{
	int status = complain(wrong);

	if (status != EX_OK && !go_on)
		exit(status);
	environment_set("WINDFALL_SETTINGS", "read");
	if (status == EX_OK)
		unsetenv("WINDFALL_SETTINGS_WRONG");
	else
		environment_set("WINDFALL_SETTINGS_WRONG", config_complaint(0));
	become(argv);
}

/* Where a value comes from: "environment", FILE:LINE, "default" or "unset". */
static void add_source(const struct config_name *name, const struct config_value *v, struct buf *out)
{
	if (v->place == CONFIG_FILE)
		buf_addf(out, "%s:%d", v->path, v->line);
	else
		buf_adds(out, v->place == CONFIG_ENVIRONMENT ? "environment" : name->standard ? "default" : "unset");
}

static void print_row(struct tsv_writer *rows, const struct config_name *name)
{
	struct config_value v = config_value(name);
	struct buf value = BUF_INIT, source = BUF_INIT;

	if (v.value)
		config_show(name, v.value, &value);
	add_source(name, &v, &source);
	tsv_text(rows, name->name);
	tsv_text(rows, v.value ? value.data : NULL);
	tsv_text(rows, source.data);
	tsv_text(rows, name->standard);
	tsv_text(rows, name->what);
	tsv_end_row(rows);
	buf_release(&value);
	buf_release(&source);
}

/* The same for a person: three columns, by group. */
static void print_line(const struct config_name *name)
{
	struct config_value v = config_value(name);
	struct buf value = BUF_INIT, source = BUF_INIT;

	if (v.value)
		config_show(name, v.value, &value);
	else
		buf_addf(&value, "%s", name->standard ? name->standard : "-");
	add_source(name, &v, &source);
	if (name->group)
		printf("%s%s\n", name == config_names ? "" : "\n", name->group);
	printf("  %-26s %-40s %s\n", name->name, value.data, source.data);
	buf_release(&value);
	buf_release(&source);
}

static bool is_misspelt(const char *name)
{
	return strncmp(name, "WINDFALL_", 9) == 0 && !config_find(name) && !config_is_environment_only(name);
}

/* What the environment says to nobody. */
static void warn_of_environment(void)
{
	extern char **environ;

	for (char **e = environ; *e; e++) {
		struct buf near = BUF_INIT;
		char name[64];

		snprintf(name, sizeof name, "%.*s", (int)strcspn(*e, "="), *e);
		if (is_misspelt(name))
			log_warning("%s in the environment is not a setting%s", name, config_nearest(name, &near));
		buf_release(&near);
	}
}

static const struct config_name *find(const char *name)
{
	const struct config_name *found = config_find(name);
	struct buf near = BUF_INIT;

	if (!found)
		die(EX_USAGE, "%s: no such setting%s; windfall config lists them", name, config_nearest(name, &near));
	return found;
}

static int list(const char *wanted, struct tsv_writer *rows, bool for_people, size_t wrong)
{
	static const char *const columns[] = { "name", "value", "source", "default", "meaning", NULL };
	const struct config_name *one = wanted ? find(wanted) : NULL;

	if (!for_people)
		tsv_begin(rows, stdout, columns);
	for (const struct config_name *n = one ? one : config_names; n->name; n++) {
		if (for_people && !one)
			print_line(n);
		else
			print_row(rows, n);
		if (one)
			break;
	}
	tsv_release(rows);
	if (!one)
		warn_of_environment();
	flush_stdout();
	return complain(wrong);
}

static int print_files(size_t wrong)
{
	for (size_t i = 0; i < config_files(); i++) {
		bool there;
		const char *path = config_file(i, &there);

		printf("%s\t%s\n", path, there ? "read" : "absent");
	}
	flush_stdout();
	return complain(wrong);
}

/* Text as mdoc takes it within a line. */
static void print_mdoc(const char *text)
{
	for (; *text; text++)
		if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
}

static int print_manual(void)
{
	for (const struct config_name *n = config_names; n->name; n++) {
		struct buf form = BUF_INIT;

		if (n->group)
			printf("%s.Ss %s\n.Bl -tag -width Ds\n", n == config_names ? "" : ".El\n", n->group);
		printf(".It Ev %s\n", n->name);
		print_mdoc(n->what);
		config_form_words(n, &form);
		printf(";\n%s.\n", form.data);
		if (n->standard) {
			fputs("By default: ", stdout);
			print_mdoc(n->standard);
			puts(".");
		}
		if (n->secret == CONFIG_SECRET)
			puts("A secret.");
		buf_release(&form);
	}
	puts(".El");
	return flush_stdout();
}

/* What the jobs show goes through the tools' own rule. */
static int print_redacted(void)
{
	struct secrets secrets = { 0 };
	struct buf text = BUF_INIT;

	config_load();
	config_load_alerts();
	config_add_secrets(&secrets);
	if (!file_read_rest(stdin, SIZE_MAX, &text))
		die(EX_NOINPUT, "cannot read standard input: %s", strerror(errno));
	redact(&text, secrets_list(&secrets));
	secrets_release(&secrets);
	fwrite(text.data, 1, text.len, stdout);
	buf_release(&text);
	return flush_stdout();
}

/* "A", "A or B", or nothing: for a script that refuses a name. */
static int print_nearest(const char *word)
{
	struct buf words = BUF_INIT;
	struct nearest nearest;
	char *name = NULL;
	size_t size = 0;
	ssize_t len;

	nearest_begin(&nearest, word);
	while ((len = getline(&name, &size, stdin)) > 0) {
		if (name[len - 1] == '\n')
			name[len - 1] = '\0';
		nearest_offer(&nearest, name);
	}
	if (ferror(stdin))
		die(EX_NOINPUT, "cannot read standard input: %s", strerror(errno));
	if (*nearest_alone(&nearest, &words))
		puts(words.data);
	free(name);
	buf_release(&words);
	return flush_stdout();
}

/* For who checks a setting that names such a file, and uses none. */
static int check_secret_file(const char *path)
{
	enum { LARGEST = 1 << 16 };
	struct buf text = BUF_INIT;
	struct reason why;
	int status = private_file_read(path, LARGEST, &text, &why);

	private_wipe(&text);
	if (status != EX_OK)
		log_error("%s: %s", path, why.text);
	return status;
}

struct request {
	enum { RUN, LIST, FILES, MANUAL, REDACT, NEAREST, SECRET_FILE } what;
	const char *word;		/* of NEAREST and SECRET_FILE */
	bool go_on, clean;		/* of RUN */
	bool formatted;			/* of LIST */
	struct tsv_writer rows;
};

/* The options, taken out of the operands. */
static void read_options(int *argc, char ***argv, struct request *r)
{
	enum { GO_ON = SECRET_FILE + 1, CLEAN };
	static const struct option longopts[] = {
		{ "list", no_argument, NULL, LIST },
		{ "files", no_argument, NULL, FILES },
		{ "manual", no_argument, NULL, MANUAL },
		{ "redact", no_argument, NULL, REDACT },
		{ "nearest", required_argument, NULL, NEAREST },
		{ "secret-file", required_argument, NULL, SECRET_FILE },
		{ "go-on", no_argument, NULL, GO_ON },
		{ "clean", no_argument, NULL, CLEAN },
		OPTS_ROWS, OPTS_COMMON
	};
	int c;

	while ((c = opts_next(*argc, *argv, "+" OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case LIST:
		case FILES:
		case MANUAL:
		case REDACT: r->what = c;      break;
		case NEAREST:
		case SECRET_FILE:
			r->what = c;
			r->word = optarg;
			break;
		case GO_ON:  r->go_on = true;  break;
		case CLEAN:  r->clean = true;  break;
		default:
			if (opts_rows(c, &r->rows))
				r->formatted = true;
			else
				opts_common(c, help);
		}
	}
	*argc -= optind;
	*argv += optind;
	if (r->what == RUN && *argc < 1)
		die(EX_USAGE, "a program to run is missing; see --help");
	if (r->what != RUN && *argc > (r->what == LIST))
		die(EX_USAGE, "too many arguments; see --help");
}

int main(int argc, char **argv)
{
	struct request r = { .what = RUN };
	size_t wrong;

	log_init(argv[0]);
	read_options(&argc, &argv, &r);
	if (r.what == REDACT)
		return print_redacted();
	if (r.what == NEAREST)
		return print_nearest(r.word);
	if (r.what == SECRET_FILE)
		return check_secret_file(r.word);
	wrong = config_load();
	switch (r.what) {
	case LIST:
		wrong = config_load_alerts();
		return list(argc ? argv[0] : NULL, &r.rows, !r.formatted && !argc && isatty(STDOUT_FILENO), wrong);
	case FILES:  return print_files(wrong);
	case MANUAL: return print_manual();
	default:
		if (r.clean)
			clean_environment();
		run(argv, wrong, r.go_on);
	}
}

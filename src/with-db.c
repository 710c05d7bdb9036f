/*
 * with-db - run a PostgreSQL program on the tools' database
 */
#define _GNU_SOURCE	/* memfd_create */
#include <errno.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/opts.h"
#include "db/address.h"
#include "db/db.h"
#include "db/failure.h"
#include "db/holder.h"
#include "db/time_limit.h"
#include "os/become.h"
#include "os/file.h"
#include "os/log.h"

static const char help[] =
	"usage: with-db PROGRAM [ARG]...\n"
	"       with-db --which | --address\n"
	"       with-db --explain FILE\n"
	"\n"
	"Run a PostgreSQL program, such as psql or pg_dump, on the database that the tools use:\n"
	"DATABASE_URL, or the one that libpq's PG* variables name, or the private one.  The parts of the\n"
	"address go into the program's environment; no password is an argument of any process.\n"
	"\n"
	"      --which            print which of the three it is: url, named or private\n"
	"      --address          print its host, port, name and role, as far as they are named\n"
	"      --explain FILE     print the error of psql in FILE, its stderr with VERBOSITY verbose, in\n"
	"                         one line, and exit with the matching status; after a lock timeout it\n"
	"                         names the sessions that hold one\n"
	OPTS_HELP
	"\n"
	"  with-db psql -c 'select max(settlement_date) from ingested_periods'\n"
	"  with-db pg_dump -Fc -f windfall.dump\n"
	"\n"
	"Exit: the program's own; 64 bad usage, 78 no database is named, or DATABASE_URL cannot be parsed,\n"
	"126 the program cannot be run, 127 there is no such program.\n";

enum { SERVICE_VALUE_MAX = 900 };	/* libpq reads a line of a service file into 1024 bytes */

/* An option that has no variable, as a line of a service file.  Its value may be a secret: it is not quoted. */
static void add_service_line(struct buf *lines, const char *keyword, const char *value)
{
	size_t len = strlen(value);

	if (len > SERVICE_VALUE_MAX || strchr(value, '\n') || (len > 0 && strchr(" \t\r\v\f", value[len - 1])))
		die(EX_CONFIG, "DATABASE_URL: %s cannot be passed on: it is too long, has a line break, or ends with a space",
		    keyword);
	buf_addf(lines, "%s=%s\n", keyword, value);
}

/*
 * Give the lines to the program as its service file: memory without a name, which it and what it starts read by
 * its descriptor, and which is gone with them.
 */
static void set_service(const struct buf *lines)
{
	static const char section[] = "[windfall]\n";
	char name[64];
	int fd;

	/* Not by shm_open: a bare container has no /dev/shm. */
	fd = memfd_create("windfall", 0);
	if (fd < 0 || write(fd, section, sizeof section - 1) != (ssize_t)sizeof section - 1 ||
	    write(fd, lines->data, lines->len) != (ssize_t)lines->len)
		die(EX_IOERR, "cannot make a service file in memory: %s", strerror(errno));
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	environment_set("PGSERVICEFILE", name);
	environment_set("PGSERVICE", "windfall");
}

/*
 * The port, where nobody names one: libpq's own.  Debian's psql and pg_dump would take that of a cluster of their
 * choice, and a script ask another server than a tool.  A service's port outranks the variable.
 */
static void name_port(PQconninfoOption *address)
{
	PQconninfoOption *defaults;

	if (db_variable_is_set("PGPORT") || db_address_value(address, "port"))
		return;
	defaults = PQconndefaults();
	if (!defaults)
		die(EX_OSERR, "out of memory");
	environment_set("PGPORT", db_address_value(defaults, "port"));
	PQconninfoFree(defaults);
}

static void set_environment(void)
{
	PQconninfoOption *address = db_address();
	bool timeout = db_variable_is_set("PGCONNECT_TIMEOUT") || db_address_value(address, "connect_timeout");
	bool service = db_variable_is_set("PGSERVICE") || db_address_value(address, "service");
	struct buf lines = BUF_INIT;

	for (const PQconninfoOption *option = address; option->keyword; option++) {
		if (!option->val)
			continue;
		if (option->envvar)
			environment_set(option->envvar, option->val);
		else if (service)
			die(EX_CONFIG, "DATABASE_URL has %s beside a service: put it into the service", option->keyword);
		else
			add_service_line(&lines, option->keyword, option->val);
	}
	name_port(address);
	if (!timeout)
		environment_set("PGCONNECT_TIMEOUT", DB_CONNECT_TIMEOUT);
	if (!db_variable_is_set("PGAPPNAME") && db_variable_is_set("WINDFALL_JOB"))
		environment_set("PGAPPNAME", getenv("WINDFALL_JOB"));
	if (lines.len > 0)
		set_service(&lines);
	buf_release(&lines);
	PQconninfoFree(address);
}

/* The program of this name that PATH finds first, or NULL; the caller frees it. */
static char *on_path(const char *name)
{
	const char *folder = getenv("PATH");
	struct buf file = BUF_INIT;

	while (folder && !strchr(name, '/')) {
		const size_t len = strcspn(folder, ":");

		buf_clear(&file);
		buf_addf(&file, "%.*s/%s", (int)len, folder, name);
		if (len > 0 && access(file.data, X_OK) == 0)
			return buf_detach(&file);
		folder = folder[len] ? folder + len + 1 : NULL;
	}
	buf_release(&file);
	return NULL;
}

/* The program of this name of the newest PostgreSQL that Debian's packages have installed, from 13 on, or NULL; the
 * caller frees it. */
static char *newest_program(const char *name)
{
	static const char folder[] = "/usr/lib/postgresql/";
	struct buf pattern = BUF_INIT;
	char *newest = NULL;
	long best = 12;
	glob_t found;

	buf_addf(&pattern, "%s[1-9]*/bin/%s", folder, name);
	if (glob(pattern.data, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			char *end;
			const long version = strtol(found.gl_pathv[i] + sizeof folder - 1, &end, 10);

			if (*end != '/' || version <= best || access(found.gl_pathv[i], X_OK) != 0)
				continue;
			best = version;
			free(newest);
			newest = xstrdup(found.gl_pathv[i]);
		}
		globfree(&found);
	}
	buf_release(&pattern);
	return newest;
}

/* Links are followed. */
static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool names_cluster(char *const *argv)
{
	for (; *argv; argv++)
		if (strncmp(*argv, "--cluster", strlen("--cluster")) == 0)
			return true;
	return false;
}

/*
 * Debian's psql, pg_dump and others are a Perl program that chooses a cluster and the version that goes with it.
 * Where the host is named it chooses the newest version and nothing else, and takes ten times as long for that as
 * psql to begin: then what it would run is run in its place.  The caller frees it; NULL where the program is to be
 * found as it is named.
 */
static char *behind_debians_wrapper(char *const *argv)
{
	static const char wrapper[] = "/usr/share/postgresql-common/pg_wrapper";
	char *file, *program = NULL;

	if (!db_variable_is_set("PGHOST") || names_cluster(argv))
		return NULL;
	file = on_path(argv[0]);
	if (file && is_same_file(file, wrapper))
		program = newest_program(argv[0]);
	if (program && setenv("PGSYSCONFDIR", "/etc/postgresql-common", 0) != 0)
		die(EX_OSERR, "cannot set %s: %s", "PGSYSCONFDIR", strerror(errno));
	free(file);
	return program;
}

static int print_which(void)
{
	static const char *const words[] = { [DB_URL] = "url", [DB_NAMED] = "named", [DB_PRIVATE] = "private" };
	enum db_place place = db_place();

	if (place != DB_PRIVATE)
		PQconninfoFree(db_address());	/* or it ends here, and says why */
	puts(words[place]);
	return flush_stdout();
}

/* What a person may read of the address: never a password. */
static int print_address(void)
{
	static const char *const shown[] = { "service", "host", "hostaddr", "port", "dbname", "user" };
	PQconninfoOption *address = db_address();
	const char *blank = "";

	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		for (const PQconninfoOption *option = address; option->keyword; option++) {
			const char *value = option->val ? option->val : option->envvar ? getenv(option->envvar) : NULL;

			if (strcmp(option->keyword, shown[i]) != 0 || !value || !*value)
				continue;
			printf("%s%s=%s", blank, shown[i], value);
			blank = " ";
		}
	puts("");
	PQconninfoFree(address);
	return flush_stdout();
}

/* What only the server knows of it: who holds what was waited for, as far as it can still be seen, or what sets the
 * limit that a statement exceeded. */
static void add_reason(const char *text, struct buf *complaint)
{
	bool lock = db_failure_is_lock(text);
	PGconn *db = lock || db_failure_is_cancelled(text) ? db_connect_if_possible() : NULL;

	if (db && lock)
		holder_of_locks(db, complaint);
	else if (db)
		time_limit_words(db, text, complaint);
	PQfinish(db);
}

static int explain(const char *path)
{
	struct buf text = BUF_INIT, complaint = BUF_INIT;
	FILE *file = fopen(path, "r");
	int status;

	if (!file || !file_read_rest(file, SIZE_MAX, &text))
		die(EX_NOINPUT, "cannot read %s: %s", path, strerror(errno));
	fclose(file);
	buf_addc(&text, '\n');
	status = db_failure_of_psql(text.data, &complaint);
	if (status == EX_TEMPFAIL && strstr(text.data, "connection to server"))
		status = db_refusal(text.data);
	add_reason(text.data, &complaint);
	printf("%s\n", complaint.len > 0 ? complaint.data : "it said nothing");
	buf_release(&text);
	buf_release(&complaint);
	flush_stdout();
	return status;
}

int main(int argc, char **argv)
{
	enum { WHICH = 1, ADDRESS, EXPLAIN };
	static const struct option longopts[] = {
		{ "which", no_argument, NULL, WHICH },
		{ "address", no_argument, NULL, ADDRESS },
		{ "explain", required_argument, NULL, EXPLAIN },
		OPTS_COMMON
	};
	const char *file = NULL;
	char *program;
	bool which = false, address = false;
	int c;

	tool_begin(argc, argv);
	while ((c = opts_next(argc, argv, "+" OPTS_SHORT, longopts, NULL)) != -1)
		switch (c) {
		case WHICH:   which = true;   break;
		case ADDRESS: address = true; break;
		case EXPLAIN: file = optarg; break;
		default:      opts_common(c, help);
		}
	if (which + address + (file != NULL) > 1 || (which || address || file ? optind < argc : optind >= argc))
		die(EX_USAGE, which || address || file ? "--which, --address and --explain take no program; see --help" :
			      "a program to run is missing; see --help");
	if (which)
		return print_which();
	if (address)
		return print_address();
	if (file)
		return explain(file);
	argv += optind;
	set_environment();
	/* It looks beside itself for what it needs, as the wrapper lets it. */
	program = behind_debians_wrapper(argv);
	if (program)
		argv[0] = program;
	become(argv);
}

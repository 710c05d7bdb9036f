#include "db/address.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "os/log.h"
#include "os/paths.h"

bool db_variable_is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

enum db_place db_place(void)
{
	static const char *const naming[] = { "PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGSERVICEFILE", "PGPORT" };

	if (db_variable_is_set("DATABASE_URL"))
		return DB_URL;
	for (size_t i = 0; i < sizeof naming / sizeof *naming; i++)
		if (db_variable_is_set(naming[i]))
			return DB_NAMED;
	return DB_PRIVATE;
}

const char *db_address_value(const PQconninfoOption *address, const char *keyword)
{
	for (; address->keyword; address++)
		if (strcmp(address->keyword, keyword) == 0)
			return address->val;
	return NULL;
}

/* Where the private cluster listens, as scripts/local-db left it; NULL if there is none. */
static char *private_socket(void)
{
	char *path = state_path("var/socket"), *line = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "r");

	if (file && getline(&line, &size, file) > 0)
		line[strcspn(line, "\n")] = '\0';
	else {
		free(line);
		line = NULL;
	}
	if (file)
		fclose(file);
	free(path);
	return line;
}

static bool is_url(const char *text)
{
	return strncmp(text, "postgresql://", 13) == 0 || strncmp(text, "postgres://", 11) == 0;
}

static _Noreturn void refuse_url(void)
{
	die(EX_CONFIG, "DATABASE_URL cannot be read: write postgresql://USER:PASSWORD@HOST:PORT/NAME, and percent-encode "
		       "what is not a letter or digit in the password, or KEYWORD=VALUE words");
}

/*
 * A parameter of another driver's addresses that stands in this one, or NULL.  Only these words are ever shown: any
 * other may be a piece of the password.
 */
static const char *foreign_parameter(const char *url)
{
	static const char *const known[] = {
		"schema", "currentSchema", "pgbouncer", "connection_limit", "pool_timeout", "socket_timeout", "pool_size",
		"max_overflow", "statement_cache_size", "prepared_statement_cache_size", "prepareThreshold", "sslaccept",
		"charset", "encoding", "timezone", "serverVersion", "uselibpqcompat",
	};

	for (const char *at = strpbrk(url, "?&"); at; at = strpbrk(at + 1, "?&"))
		for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
			size_t len = strlen(known[i]);

			if (strncmp(at + 1, known[i], len) == 0 && at[1 + len] == '=')
				return known[i];
		}
	return NULL;
}

/* Has a host of the comma-separated list an @ within, as none has?  "@name" is a socket without a file. */
static bool has_user(const char *hosts)
{
	for (const char *at = strchr(hosts, '@'); at; at = strchr(at + 1, '@'))
		if (at > hosts && at[-1] != ',')
			return true;
	return false;
}

/*
 * Is this more than the keyword's value: a whole address, or what a bare @, / or ? in a password makes of the parts
 * behind it?  A server or a resolver would then say it in its refusal, password and all.
 */
static bool is_torn(const char *keyword, const char *value)
{
	if (strcmp(keyword, "port") == 0)
		return value[strspn(value, "0123456789,")];
	if (strcmp(keyword, "host") == 0)
		return has_user(value);
	if (strcmp(keyword, "dbname") == 0 || strcmp(keyword, "service") == 0)
		return value[strcspn(value, "@:/=")];
	return strcmp(keyword, "user") == 0 && strchr(value, ':');
}

/* End if one of the values, the address's or else the environment's, is torn. */
static void refuse_torn(const PQconninfoOption *option)
{
	for (; option->keyword; option++) {
		const char *value = option->val ? option->val : option->envvar ? getenv(option->envvar) : NULL;

		if (!value || !is_torn(option->keyword, value))
			continue;
		if (option->val)
			refuse_url();
		die(EX_CONFIG, "%s holds more than a name, which is not shown: write an address with a password into DATABASE_URL",
		    option->envvar);
	}
}

/* Add KEYWORD='VALUE' to a conninfo string. */
static void add_word(struct buf *words, const char *keyword, const char *value)
{
	buf_addf(words, "%s='", keyword);
	for (; *value; value++) {
		if (*value == '\'' || *value == '\\')
			buf_addc(words, '\\');
		buf_addc(words, *value);
	}
	buf_adds(words, "' ");
}

/* libpq's own reading of a text; NULL if it cannot.  Its words, which quote the text, are dropped. */
static PQconninfoOption *parse(const char *text)
{
	char *trouble = NULL;
	PQconninfoOption *options = PQconninfoParse(text, &trouble);

	PQfreemem(trouble);
	return options;
}

static PQconninfoOption *parse_url(const char *text)
{
	PQconninfoOption *options = NULL;
	struct buf words = BUF_INIT, trimmed = BUF_INIT;
	const char *foreign;

	/* A file that a secret was mounted from ends with a line break. */
	text += strspn(text, " \t\r\n");
	buf_adds(&trimmed, text);
	while (trimmed.len > 0 && strchr("\r\n", trimmed.data[trimmed.len - 1]))
		trimmed.data[--trimmed.len] = '\0';
	text = trimmed.len > 0 ? trimmed.data : "";
	if (!is_url(text) && !strchr(text, '=') && !strstr(text, "://")) {
		add_word(&words, "dbname", text);	/* the name of a database alone */
		text = words.data;
	}
	if (is_url(text) || !strstr(text, "://") || words.data)
		options = parse(text);
	foreign = options || !is_url(text) ? NULL : foreign_parameter(text);
	buf_release(&words);
	buf_release(&trimmed);
	if (foreign)
		die(EX_CONFIG, "DATABASE_URL cannot be read: libpq has no parameter %s, which is another driver's; leave it out",
		    foreign);
	if (!options)
		refuse_url();
	return options;
}

/* A socket in /tmp may be anybody's: the one that is spoken to is the account that the data belong to. */
static void add_peer(struct buf *words)
{
	char *data = state_path("var/pg");
	struct passwd *owner;
	struct stat st;

	if (stat(data, &st) == 0 && (owner = getpwuid(st.st_uid)))
		add_word(words, "requirepeer", owner->pw_name);
	free(data);
}

static PQconninfoOption *parse_private(void)
{
	char *socket = private_socket();
	struct buf words = BUF_INIT;
	PQconninfoOption *options;

	if (!socket)
		die(EX_CONFIG, "no database: set DATABASE_URL, or make the private one with scripts/local-db start");
	add_word(&words, "host", socket);
	add_word(&words, "user", "windfall");
	add_word(&words, "dbname", "windfall");
	add_peer(&words);
	options = parse(words.data);
	if (!options)
		die(EX_SOFTWARE, "cannot name the private database");
	buf_release(&words);
	free(socket);
	return options;
}

PQconninfoOption *db_address(void)
{
	PQconninfoOption *options = NULL;

	switch (db_place()) {
	case DB_PRIVATE: return parse_private();
	case DB_URL:
		options = parse_url(getenv("DATABASE_URL"));
		break;
	case DB_NAMED:
		options = parse("");
		if (!options)
			die(EX_SOFTWARE, "out of memory");
	}
	refuse_torn(options);
	return options;
}

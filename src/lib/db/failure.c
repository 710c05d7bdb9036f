#include "db/failure.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* libpq takes the name of the user for that of the role, and a user in a container may have none. */
#define NO_USER_NAME "local user with ID"

/* The programs of a server were updated under it, so that it cannot load its own libraries any more. */
static bool is_old_server(const char *words)
{
	return strstr(words, "could not load library") || strstr(words, "incompatible library");
}

/* A pooler that lends a session for each statement alone. */
static bool is_statement_pooling(const char *words)
{
	return strstr(words, "statement pooling mode") != NULL;
}

const char *db_failure_cure(const char *sqlstate, const char *words)
{
	if (is_old_server(words))
		return "PostgreSQL was updated under the running server: restart it (the private one with scripts/local-db restart)";
	if (strstr(words, NO_USER_NAME))
		return "name the role: PGUSER, or a user in DATABASE_URL";
	if (strstr(words, "definition of service"))
		return "PGSERVICEFILE or ~/.pg_service.conf has it as [NAME], without a byte order mark before";
	if (is_statement_pooling(words))
		return "let the pooler lend whole transactions or sessions (pool_mode), or name the server itself";
	if (strstr(words, "unsupported startup parameter: options"))
		return "a pooler passes no options on (PGOPTIONS, or options in the address): set them by alter role ... set";
	/* The name of a segment of it is the same in every language. */
	if (strncmp(sqlstate, "53", 2) == 0 && strstr(words, "/PostgreSQL."))
		return "the server's shared memory (/dev/shm) is too small: enlarge it (shm_size of its container), or set "
		       "max_parallel_workers_per_gather to 0";
	if (strstr(words, "no password supplied"))
		return "the password of the role belongs in ~/.pgpass or the file that PGPASSFILE names, of mode 600, or into "
		       "DATABASE_URL";
	if (strstr(words, "invalid response to SSL negotiation") ||
	    strstr(words, "expected authentication request from server"))
		return "the server there is not PostgreSQL: check the host and the port";
	if (strstr(words, "too many connections for "))
		return "raise that connection limit (alter role or alter database): a job holds two at a time, and two for "
		       "each of its --jobs";
	if (strcmp(sqlstate, "25006") == 0)
		return "this is a standby, or default_transaction_read_only is on for the role or the database: name the primary "
		       "(target_session_attrs=read-write), or reset it";
	if (strcmp(sqlstate, "53100") == 0)
		return "the disk of the database is full";
	if (strcmp(sqlstate, "53400") == 0 && strstr(words, "temp_file_limit"))
		return "a retry will not help: a superuser must raise that setting, for the server or for this role";
	if (strcmp(sqlstate, "53200") == 0)
		return "the server lacks memory, or room for locks (max_locks_per_transaction): try again later";
	return db_failure_of_state(sqlstate, words) == EX_IOERR ? "the server's log says more" : NULL;
}

int db_failure_of_state(const char *sqlstate, const char *words)
{
	static const struct { const char *prefix; int status; } row[] = {
		{ "53100", EX_IOERR },		/* disk full */
		{ "58", EX_IOERR },		/* the server's system: input or output, a file that is gone */
		{ "XX001", EX_IOERR },		/* a damaged page of a table */
		{ "XX002", EX_IOERR },		/* a damaged index */
		{ "25P03", EX_TEMPFAIL },	/* idle in a transaction for too long */
		{ "25P04", EX_TEMPFAIL },	/* a transaction that took too long */
		{ "25006", EX_NOPERM },		/* read-only transaction */
		{ "42501", EX_NOPERM },		/* insufficient privilege */
		{ "28", EX_NOPERM },		/* authorization */
		{ "3D000", EX_CONFIG },		/* no such database */
		{ "42P01", EX_CONFIG },		/* no such table */
		{ "42703", EX_CONFIG },		/* no such column */
		{ "42883", EX_CONFIG },		/* no such function */
		{ "42704", EX_CONFIG },		/* no such setting, type or the like */
		{ "08", EX_TEMPFAIL },		/* connection */
		{ "57", EX_TEMPFAIL },		/* shut down, cancelled */
		{ "53", EX_TEMPFAIL },		/* out of resources */
		{ "40", EX_TEMPFAIL },		/* deadlock, serialization */
		{ "55P03", EX_TEMPFAIL },	/* lock not available */
		{ "22", EX_DATAERR },
		{ "23514", EX_DATAERR },	/* check violation */
		{ "23502", EX_DATAERR },	/* null where none may be */
	};

	if (is_old_server(words))
		return EX_TEMPFAIL;
	if (is_statement_pooling(words))
		return EX_CONFIG;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (strncmp(sqlstate, row[i].prefix, strlen(row[i].prefix)) == 0)
			return row[i].status;
	/* A cluster's engine has no state of its own for the end of its server, or of a node. */
	if (strcmp(sqlstate, "XX000") == 0 && (strstr(words, "postmaster") || strstr(words, "connect")))
		return EX_TEMPFAIL;
	return EX_SOFTWARE;
}

int db_failure_of_words(const char *message)
{
	static const char *const wrong[] = {
		"invalid connection option", "missing \"=\"", "invalid URI", "definition of service",
		"service file \"", "unsupported startup parameter",
		"does not support SSL", "channel binding required", "GSSAPI encryption required",
		"root certificate file", "certificate file \"", "private key file", "invalid port number", "could not match ",
		"could not parse network address", "Unix-domain socket path", "unrecognized configuration parameter",
		"invalid value for parameter", "invalid SSL protocol version range", NO_USER_NAME,
	};

	if (strstr(message, "password") || strstr(message, "authentication") || strstr(message, "pg_hba.conf") ||
	    strstr(message, "permission denied for") || (strstr(message, "role") && strstr(message, "does not exist")))
		return EX_NOPERM;
	/* A server that is not the one that was named; no later attempt would find another. */
	if (strstr(message, "certificate verify failed") || strstr(message, "does not match host name"))
		return EX_NOPERM;
	if (strstr(message, "database") && strstr(message, "does not exist"))
		return EX_CONFIG;
	/* An option of the address that libpq does not know, or that this server or machine cannot meet. */
	if (strstr(message, "invalid ") && (strstr(message, " value: \"") || strstr(message, "for connection option")))
		return EX_CONFIG;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (strstr(message, wrong[i]))
			return EX_CONFIG;
	return EX_TEMPFAIL;
}

bool db_failure_is_lock(const char *text)
{
	/* pg_dump bounds its statements while it locks what it dumps. */
	return strstr(text, " 55P03: ") || strstr(text, "due to lock timeout") ||
	       (strncmp(text, "pg_dump:", 8) == 0 && strstr(text, "due to statement timeout"));
}

bool db_failure_is_cancelled(const char *text)
{
	return strstr(text, " 57014: ") != NULL;
}

bool db_failure_is_connection(const char *text)
{
	static const char *const words[] = { "connection to server", "connection to the server", "server closed",
					     "could not translate host name", "timeout expired", "could not send data to server",
					     "could not receive data from server", "no connection to the server",
					     "SSL connection has been closed", "SSL SYSCALL", "lost synchronization" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(text, words[i]))
			return true;
	return false;
}

/* True, and the five letters with their NUL into state, if the text begins with "SQLSTATE: ".  One of letters alone is
 * none: "FATAL: ". */
static bool begins_with_state(const char *text, char state[6])
{
	bool digit = false;

	for (int i = 0; i < 5; i++) {
		if (!isdigit((unsigned char)text[i]) && !isupper((unsigned char)text[i]))
			return false;
		digit |= isdigit((unsigned char)text[i]) != 0;
	}
	if (!digit || text[5] != ':' || text[6] != ' ')
		return false;
	memcpy(state, text, 5);
	state[5] = '\0';
	return true;
}

bool db_failure_state(const char *text, char state[6])
{
	const char *last = NULL;
	char line[16];

	for (const char *at = strstr(text, ":  "); at; at = strstr(at + 1, ":  "))
		last = at + 3;
	if (!last || strcspn(last, "\n") != 5)
		return false;
	snprintf(line, sizeof line, "%.5s: ", last);
	return begins_with_state(line, state);
}

/*
 * The same severity in a server's own language, "FEHLER:  55P03: ": where it begins, or NULL.  Behind it comes the
 * SQLSTATE of an error, which a notice (00000) or a warning (01...) has not.  *behind is where that begins.
 */
static const char *foreign_severity(const char *line, const char **behind)
{
	char state[6];

	for (const char *at = strstr(line, ":  "); at; at = strstr(at + 1, ":  ")) {
		const char *begin = at;

		if (!begins_with_state(at + 3, state) || strncmp(state, "00", 2) == 0 || strncmp(state, "01", 2) == 0)
			continue;
		while (begin > line && begin[-1] != ' ')
			begin--;
		*behind = at + 1;
		return begin;
	}
	return NULL;
}

/*
 * Behind the first "ERROR:", "FATAL:", "PANIC:" or "error:" of a line, if it begins the line or the line is one
 * that names its program; NULL if there is none.  What stands before it, the program left out, goes into where:
 * "FILE:LINE: ".  A plan that a script has just written is no place that anybody could look at.
 */
static const char *behind_severity(const char *line, struct buf *where)
{
	static const char *const severity[] = { "ERROR:", "FATAL:", "PANIC:", "error:" };
	const char *begin = line, *found = NULL, *behind = NULL;

	for (size_t i = 0; i < sizeof severity / sizeof *severity; i++) {
		const char *at = strstr(line, severity[i]);

		if (at && (at == line || at[-1] == ' ') && (!found || at < found)) {
			found = at;
			behind = at + strlen(severity[i]);
		}
	}
	if (!found)
		found = foreign_severity(line, &behind);
	if (!found)
		return NULL;
	if (strncmp(line, "psql:", 5) == 0)
		begin += 5;
	else if (strncmp(line, "pg_dump:", 8) == 0)
		begin += 8;
	else if (found != line)
		return NULL;
	buf_add(where, begin, (size_t)(found - begin));
	if (strstr(where->data, "/plan.sql:") || strncmp(where->data, "<stdin>:", 8) == 0)
		buf_clear(where);
	return behind + strspn(behind, " ");
}

/* Add the text to a line of words, with one space between: whatever blanks it has become one. */
static void add_words(struct buf *line, const char *text)
{
	while (*text) {
		size_t len;

		text += strspn(text, " \t\n");
		len = strcspn(text, " \t\n");
		if (len > 0 && line->len > 0 && line->data[line->len - 1] != ' ')
			buf_addc(line, ' ');
		buf_add(line, text, len);
		text += len;
	}
}

/* "CONTEXT:  COPY t, line 3, column c: ..." of rows that psql sends: " (line 3, column c)", for they are somebody's. */
static void add_copied_line(struct buf *complaint, const char *line)
{
	const char *number = strncmp(line, "CONTEXT:  COPY ", 15) == 0 ? strstr(line, ", line ") : NULL;

	if (number)
		buf_addf(complaint, " (%.*s)", (int)strcspn(number + 2, ":"), number + 2);
}

/* What it complained of, and into state the last SQLSTATE, if there is any. */
static void read_complaint(const char *text, struct buf *complaint, char state[6])
{
	struct buf line = BUF_INIT, where = BUF_INIT;

	for (const char *at = text; *at; at += at[0] == '\n') {
		const char *words;
		size_t len = strcspn(at, "\n");

		buf_clear(&line);
		buf_clear(&where);
		buf_add(&line, at, len);
		at += len;
		words = behind_severity(line.data, &where);
		if (words) {
			if (begins_with_state(words, state))
				words += 7;
			add_words(complaint, where.data);
			add_words(complaint, words);
		} else if (strncmp(line.data, "DETAIL:", 7) == 0) {
			add_words(complaint, line.data + 7);
		} else {
			add_copied_line(complaint, line.data);
		}
	}
	if (complaint->len == 0)
		add_words(complaint, text);
	buf_release(&line);
	buf_release(&where);
}

/* The status without an SQLSTATE. */
static int status_of_psql_words(const char *text)
{
	if (strstr(text, "canceling statement due to"))	/* pg_dump gives no SQLSTATE */
		return EX_TEMPFAIL;
	if (strstr(text, "could not print result") || strstr(text, "could not write COPY data"))
		return EX_IOERR;
	return db_failure_is_connection(text) || db_failure_of_words(text) == EX_NOPERM ? db_failure_of_words(text)
											: EX_CONFIG;
}

/* psql leaves a variable of other bytes as it stands in the statement, where the server finds an error of syntax. */
static bool is_not_utf8(const char *text)
{
	return strstr(text, ": invalid multibyte character\n") || strstr(text, ": incomplete multibyte character\n");
}

int db_failure_of_psql(const char *text, struct buf *complaint)
{
	const char *cure;
	char state[6] = "";

	if (is_not_utf8(text)) {
		buf_adds(complaint, "an argument is not UTF-8");
		return EX_USAGE;
	}
	read_complaint(text, complaint, state);
	cure = db_failure_cure(state, text);
	if (cure)
		buf_addf(complaint, "; %s", cure);
	if (*state || is_old_server(text) || is_statement_pooling(text))
		return db_failure_of_state(state, text);
	return status_of_psql_words(text);
}

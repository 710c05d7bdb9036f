#include "db/db.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/address.h"
#include "db/die.h"
#include "db/failure.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/private_file.h"
#include "query/migrations.h"
#include "query/session.h"

enum { CONNECT_SECONDS = 30 };

#define DB_LOCK_WAIT "5min"

enum { PARAMETERS = 80 };

/* The address, which the caller frees, with what a tool of ours asks for where neither that nor the environment says
 * otherwise. */
static PQconninfoOption *parameters_of_connection(const char *keys[PARAMETERS], const char *values[PARAMETERS])
{
	PQconninfoOption *address = db_address();
	size_t n = 0;

#define PARAMETER(k, v) (keys[n] = (k), values[n++] = (v))
	for (const PQconninfoOption *option = address; option->keyword && n < PARAMETERS - 8; option++)
		if (option->val && strcmp(option->keyword, "client_encoding") != 0)
			PARAMETER(option->keyword, option->val);
	PARAMETER("fallback_application_name", log_tool());
	if (!db_address_value(address, "connect_timeout") && !db_variable_is_set("PGCONNECT_TIMEOUT"))
		PARAMETER("connect_timeout", DB_CONNECT_TIMEOUT);
	PARAMETER("client_encoding", "UTF8");
	keys[n] = values[n] = NULL;
#undef PARAMETER
	return address;
}

/* What the server says besides its answers is a line of the log.  Only what it says while a connection is made, as of
 * a collation whose version is another now, is said before libpq can be told so: one made by PQconnectPoll() would have
 * no connect_timeout, and so not go on to the next host. */
static void say_notice(void *ctx, const PGresult *notice)
{
	const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);

	(void)ctx;
	if (severity && strcmp(severity, "WARNING") == 0)
		log_warning("database: %s", PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY));
}

static PGconn *open_connection(void)
{
	const char *keys[PARAMETERS], *values[PARAMETERS];
	PQconninfoOption *address = parameters_of_connection(keys, values);
	PGconn *db = PQconnectdbParams(keys, values, 0);

	PQsetNoticeReceiver(db, say_notice, NULL);
	if (PQstatus(db) != CONNECTION_OK && db_place() == DB_PRIVATE &&
	    access(db_address_value(address, "host"), X_OK) != 0) {
		if (errno == EACCES)
			die(EX_NOPERM, "the private database belongs to another user (%s)", db_address_value(address, "host"));
		die(EX_TEMPFAIL, "the private database is not running; start it with scripts/local-db start");
	}
	PQconninfoFree(address);
	return db;
}

PGconn *db_connect_if_possible(void)
{
	PGconn *db = open_connection();

	if (PQstatus(db) == CONNECTION_OK)
		return db;
	PQfinish(db);
	return NULL;
}

/* libpq has the SQLSTATE in its message where that was asked for before the answer came: so the server is asked once
 * more. */
int db_refusal(const char *message)
{
	enum { PATIENCE_MS = 10000 };
	const char *keys[PARAMETERS], *values[PARAMETERS];
	PostgresPollingStatusType doing = PGRES_POLLING_WRITING;
	PQconninfoOption *address;
	int status = db_failure_of_words(message), said = EX_TEMPFAIL;
	char state[6];
	PGconn *db;

	/* What a server says, and not the network, stands behind its severity: "FATAL:  ". */
	if (status != EX_TEMPFAIL || !strstr(message, ":  "))
		return status;
	address = parameters_of_connection(keys, values);
	db = PQconnectStartParams(keys, values, 0);
	PQconninfoFree(address);
	PQsetErrorVerbosity(db, PQERRORS_SQLSTATE);
	while (doing == PGRES_POLLING_READING || doing == PGRES_POLLING_WRITING) {
		struct pollfd fd = { .fd = PQsocket(db), .events = doing == PGRES_POLLING_READING ? POLLIN : POLLOUT };

		if (fd.fd < 0 || poll(&fd, 1, PATIENCE_MS) <= 0)
			break;
		doing = PQconnectPoll(db);
	}
	if (doing == PGRES_POLLING_FAILED && db_failure_state(PQerrorMessage(db), state))
		said = db_failure_of_state(state, "");
	/* The only data that a server has had so far are the address's options. */
	if (said == EX_DATAERR)
		said = EX_CONFIG;
	PQfinish(db);
	/* A server that cannot take a session for a reason of its own, as when its disk is full, may be able to
	 * later. */
	return said == EX_NOPERM || said == EX_CONFIG || said == EX_IOERR ? said : status;
}

/* How long each transaction waits for a lock, as a literal, behind a pooler that lends a session for one transaction
 * alone: what is set for a session stays in one that is another's by then.  NULL where the session is the tool's
 * own. */
static char *lent_wait;

/* A session that answers with another process than the one which the connection was told of is lent by a pooler. */
static bool is_lent(PGconn *db, const PGresult *backend)
{
	return db_int(backend, 0, 0) != PQbackendPID(db);
}

/* Where neither the role nor the database has a lock_timeout; one that a tool left in a session it was lent is none. */
static const char lent_wait_sql[] =
	"select quote_literal($1) from pg_settings where name = 'lock_timeout' and reset_val = '0'";

/*
 * A lock that another session holds is waited for, and not for ever: the sessions of one tool may hold what the other
 * waits for, which no server sees as a deadlock.  Whoever set lock_timeout for the role, the database or in PGOPTIONS
 * is obeyed.
 */
static void bound_waiting(PGconn *db)
{
	const char *wait = db_variable_is_set("WINDFALL_LOCK_WAIT") ? getenv("WINDFALL_LOCK_WAIT") : DB_LOCK_WAIT;
	const char *const args[] = { wait };
	PGresult *res = PQexecParams(db,
				     "select pg_backend_pid(), case current_setting('lock_timeout')"
				     "  when '0' then set_config('lock_timeout', $1, false) end",
				     1, NULL, args, NULL, NULL, 0);

	if (!lent_wait && PQntuples(res) == 1 && is_lent(db, res))
		lent_wait = db_value(db, lent_wait_sql, 1, args);
	PQclear(res);
}

void db_begin(PGconn *db, const char *how)
{
	struct buf sql = BUF_INIT;

	/* What else query_session sets is how values are written: a pooler hands that on, or it is the server's own. */
	buf_addf(&sql, "begin %s", lent_wait && !*how ? "isolation level read committed" : how);
	if (lent_wait)
		buf_addf(&sql, "; set local lock_timeout = %s; set local idle_in_transaction_session_timeout = 0", lent_wait);
	db_exec(db, sql.data);
	buf_release(&sql);
}

PGconn *db_connect_again(void)
{
	PGconn *db;

	if (getenv("DATABASE_URL") || getenv("PGPASSWORD"))
		private_process();
	db = open_connection();
	for (int tries = 1; PQstatus(db) != CONNECTION_OK; tries++) {
		const char *message = PQerrorMessage(db);
		bool starting = strstr(message, "starting up") || strstr(message, "recovery mode");

		if (!starting || tries > CONNECT_SECONDS) {
			int status = starting ? EX_TEMPFAIL : db_refusal(message);
			const char *cure = db_failure_cure("", message);
			size_t len = strlen(message);
			char said[1024];

			if (!cure && status == EX_TEMPFAIL && db_place() == DB_PRIVATE)
				cure = "scripts/local-db start starts the private one";
			while (len > 0 && message[len - 1] == '\n')
				len--;
			snprintf(said, sizeof said, "%.*s", (int)len, message);
			PQfinish(db);
			die(status, "cannot connect to the database: %s%s%s", said, cure ? "; " : "", cure ? cure : "");
		}
		PQfinish(db);
		clock_pause(1000);
		db = open_connection();
	}
	db_exec(db, query_session);
	/* What a killed tool was waiting for is not done after its end, by a server that can see that it is gone. */
	PQclear(PQexec(db, "set client_connection_check_interval to '1s'"));
	bound_waiting(db);
	return db;
}

PGconn *db_when_needed(PGconn **db)
{
	if (!*db)
		*db = db_connect_again();
	return *db;
}

/* They may be in a schema that this role does not look into. */
static _Noreturn void no_tables(PGconn *db)
{
	PGresult *res = PQexec(db, "select min(n.nspname) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
				   " where c.relname = 'historical_bitcoin_calculations'");
	char schema[256] = "";

	if (PQresultStatus(res) == PGRES_TUPLES_OK)
		snprintf(schema, sizeof schema, "%s", PQgetvalue(res, 0, 0));
	PQclear(res);
	if (*schema)
		die(EX_CONFIG,
		    "the tables are in the schema %s, which the search_path of this role does not name; scripts/migrate says more",
		    schema);
	die(EX_CONFIG, "the database has no tables yet; run scripts/migrate");
}

/* The tables of this version need each of its migrations (SCHEMA_MIGRATIONS, up to SCHEMA_VERSION); scripts/migrate
 * makes them. */
static void check_schema(PGconn *db)
{
	static const char sql[] =
		"select max(version), (select string_agg(n::text, ', ' order by n) from unnest('" SCHEMA_MIGRATIONS "'::integer[]) n"
		"                       where not exists (select from schema_migrations m where m.version = n))"
		" from schema_migrations";
	PGresult *res = PQexec(db, sql);
	const char *missing;
	int version;

	if (PQresultStatus(res) != PGRES_TUPLES_OK) {
		const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

		if (state && strcmp(state, "42P01") == 0)
			no_tables(db);
		db_die(db, res, sql);
	}
	version = (int)db_int(res, 0, 0);
	missing = PQgetvalue(res, 0, 1);
	if (version > SCHEMA_VERSION)
		die(EX_CONFIG, "the database is at migration %d, which this version (%d) does not know; "
			       "use the version that migrated it, or a newer one",
		    version, SCHEMA_VERSION);
	if (version < SCHEMA_VERSION)
		die(EX_CONFIG, "the database is at migration %d and this version needs %d; run scripts/migrate", version,
		    SCHEMA_VERSION);
	if (*missing)
		die(EX_CONFIG, "the database is at migration %d, but lacks %s before it; run scripts/migrate", version, missing);
	PQclear(res);
}

PGconn *db_connect(void)
{
	PGconn *db = db_connect_again();

	check_schema(db);
	return db;
}

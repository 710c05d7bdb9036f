#include "db/db.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "db/address.h"
#include "db/failure.h"
#include "db/holder.h"
#include "db/time_limit.h"
#include "os/log.h"
#include "os/private_file.h"
#include "query/migrations.h"
#include "query/session.h"

enum { CONNECT_SECONDS = 30 };

#define DB_LOCK_WAIT "5min"

/* A lock was waited for in vain. */
static _Noreturn void die_waiting(PGconn *db, const char *primary)
{
	struct buf holders = BUF_INIT;

	holder_of_tables(db, &holders);
	die(EX_TEMPFAIL, "database: %s%s%s; try again later", primary, holders.len ? "; tables are locked by " : "",
	    holders.len ? holders.data : "");
}

/* The server cancelled a statement: it took too long, where there is a limit. */
static _Noreturn void die_cancelled(PGconn *db, const char *primary)
{
	struct buf limit = BUF_INIT;

	time_limit_words(db, &limit);
	die(EX_TEMPFAIL, "database: %s%s; try again later", primary, limit.len ? limit.data : "");
}

/* End the process with what the server said of this result or connection. */
static _Noreturn void die_of(PGconn *db, const PGresult *result, const char *sql)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *detail = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL) : NULL;
	const char *primary = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	int status = EX_SOFTWARE;

	if (state)
		status = db_failure_of_state(state, primary ? primary : "");
	else if (PQstatus(db) != CONNECTION_OK || db_failure_is_connection(PQerrorMessage(db)))
		status = EX_TEMPFAIL;
	log_debug("the statement was: %s", sql ? sql : "(none)");
	if (state && primary && strcmp(state, "55P03") == 0)
		die_waiting(db, primary);
	if (state && primary && strcmp(state, "57014") == 0)
		die_cancelled(db, primary);
	if (primary && db_failure_is_old_server(primary))
		die(EX_TEMPFAIL, "database: %s; " DB_OLD_SERVER, primary);
	if (status == EX_CONFIG)
		die(status, "the database's schema is not what this version needs: %s; run scripts/migrate",
		    primary ? primary : PQerrorMessage(db));
	die(status, "database: %s%s%s%s%s%s", primary ? primary : PQerrorMessage(db), detail ? " (" : "",
	    detail ? detail : "", detail ? ")" : "", status == EX_TEMPFAIL ? "; try again later" : "",
	    status != EX_IOERR ? "" : state && strcmp(state, "53100") == 0 ? "; the disk of the database is full"
									   : "; the server's log says more");
}

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
				     "select set_config('lock_timeout', $1, false) where current_setting('lock_timeout') = '0'",
				     1, NULL, args, NULL, NULL, 0);
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	if (state && strcmp(state, "22023") == 0)
		die(EX_CONFIG, "WINDFALL_LOCK_WAIT is not a time such as 30s or 5min: '%s'", wait);
	PQclear(res);
}

PGconn *db_connect_again(void)
{
	static const struct timespec pause = { .tv_sec = 1 };
	PGconn *db;

	if (getenv("DATABASE_URL") || getenv("PGPASSWORD"))
		private_process();
	db = open_connection();
	for (int tries = 1; PQstatus(db) != CONNECTION_OK; tries++) {
		const char *message = PQerrorMessage(db);
		bool starting = strstr(message, "starting up") || strstr(message, "recovery mode");

		if (!starting || tries > CONNECT_SECONDS) {
			int status = starting ? EX_TEMPFAIL : db_refusal(message);
			char said[1024];

			snprintf(said, sizeof said, "%s", message);
			PQfinish(db);
			die(status, "cannot connect to the database: %s%s", said,
			    status == EX_TEMPFAIL && db_place() != DB_URL ? "; scripts/local-db start starts the private one" : "");
		}
		PQfinish(db);
		nanosleep(&pause, NULL);
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
		die_of(db, res, sql);
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

void db_exec(PGconn *db, const char *sql)
{
	PGresult *res = PQexec(db, sql);

	if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK)
		die_of(db, res, sql);
	PQclear(res);
}

PGresult *db_query(PGconn *db, const char *sql, int n, const char *const *args)
{
	PGresult *res = PQexecParams(db, sql, n, NULL, args, NULL, NULL, 0);

	if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK)
		die_of(db, res, sql);
	return res;
}

long long db_change(PGconn *db, const char *sql, int n, const char *const *args)
{
	PGresult *res = db_query(db, sql, n, args);
	long long changed = strtoll(PQcmdTuples(res), NULL, 10);

	PQclear(res);
	return changed;
}

char *db_value(PGconn *db, const char *sql, int n, const char *const *args)
{
	PGresult *res = db_query(db, sql, n, args);
	char *value = NULL;

	if (PQntuples(res) > 0 && !PQgetisnull(res, 0, 0))
		value = xstrdup(PQgetvalue(res, 0, 0));
	PQclear(res);
	return value;
}

const char *db_text(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? NULL : PQgetvalue(res, row, column);
}

int64_t db_int(const PGresult *res, int row, int column)
{
	const char *text = db_text(res, row, column);
	long long value;
	char *end;

	if (!text)
		return 0;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno)
		die(EX_SOFTWARE, "database: %.40s in the column %s is not a whole number", text, PQfname(res, column));
	return value;
}

void db_put_fields(const PGresult *res, int row, struct tsv_writer *out)
{
	enum { BOOL = 16, INT8 = 20, INT2, INT4 = 23, NUMERIC = 1700 };		/* of the server's pg_type */

	for (int c = 0; c < PQnfields(res); c++) {
		const char *value = db_text(res, row, c);
		Oid type = PQftype(res, c);

		if (value && type == BOOL)
			tsv_bool(out, *value == 't');
		else if (type == INT2 || type == INT4 || type == INT8 || type == NUMERIC)
			tsv_plain(out, value);
		else
			tsv_text(out, value);
	}
}

int db_print(PGresult *res, const char *const *columns, struct tsv_writer *out)
{
	int n = PQntuples(res);

	if (columns)
		tsv_begin(out, stdout, columns);
	for (int i = 0; i < n; i++) {
		db_put_fields(res, i, out);
		tsv_end_row(out);
	}
	PQclear(res);
	return n;
}

void db_copy_begin(PGconn *db, const char *sql)
{
	PGresult *res = PQexec(db, sql);

	if (PQresultStatus(res) != PGRES_COPY_IN)
		die_of(db, res, sql);
	PQclear(res);
}

void db_copy_put(PGconn *db, const char *data, size_t len)
{
	enum { PIECE = 1 << 20 };	/* PQputCopyData counts in int */

	while (len > 0) {
		size_t piece = len < PIECE ? len : PIECE;

		if (PQputCopyData(db, data, (int)piece) != 1)
			die_of(db, NULL, "copy");
		data += piece;
		len -= piece;
	}
}

long long db_copy_end(PGconn *db)
{
	PGresult *res;
	long long rows;

	if (PQputCopyEnd(db, NULL) != 1)
		die_of(db, NULL, "copy");
	res = PQgetResult(db);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		die_of(db, res, "copy");
	rows = strtoll(PQcmdTuples(res), NULL, 10);
	PQclear(res);
	while ((res = PQgetResult(db)))
		PQclear(res);
	return rows;
}

long long db_copy(PGconn *db, const char *sql, const char *data, size_t len)
{
	db_copy_begin(db, sql);
	db_copy_put(db, data, len);
	return db_copy_end(db);
}

void db_copy_out_begin(struct db_copy_out *out, PGconn *db, const char *sql)
{
	PGresult *res = PQexec(db, sql);

	if (PQresultStatus(res) != PGRES_COPY_OUT)
		die_of(db, res, sql);
	PQclear(res);
	*out = (struct db_copy_out){ .db = db };
}

char *db_copy_out_next(struct db_copy_out *out)
{
	PGresult *res;
	int len;

	PQfreemem(out->row);
	out->row = NULL;
	len = PQgetCopyData(out->db, &out->row, 0);
	if (len > 0) {
		out->row[len - (out->row[len - 1] == '\n')] = '\0';
		return out->row;
	}
	if (len == -2)
		die_of(out->db, NULL, "copy");
	while ((res = PQgetResult(out->db))) {
		if (PQresultStatus(res) != PGRES_COMMAND_OK)
			die_of(out->db, res, "copy");
		PQclear(res);
	}
	return NULL;
}

void db_rows_begin(struct db_rows *rows, PGconn *db, const char *sql, int n, const char *const *args)
{
	if (!PQsendQueryParams(db, sql, n, NULL, args, NULL, NULL, 0) || !PQsetSingleRowMode(db))
		die_of(db, NULL, sql);
	*rows = (struct db_rows){ .db = db };
}

const PGresult *db_rows_next(struct db_rows *rows)
{
	PQclear(rows->row);
	while ((rows->row = PQgetResult(rows->db))) {
		if (PQresultStatus(rows->row) == PGRES_SINGLE_TUPLE)
			return rows->row;
		if (PQresultStatus(rows->row) != PGRES_TUPLES_OK)
			die_of(rows->db, rows->row, NULL);
		PQclear(rows->row);
	}
	return NULL;
}

static bool try_lock_day(PGconn *db, day_t day)
{
	char text[DAY_TEXT];
	char *got = db_value(db, "select pg_try_advisory_xact_lock(hashtextextended('day ' || $1, 0))",
			     DB_ARGS(day_format(day, text)));
	bool locked = got && *got == 't';

	free(got);
	return locked;
}

void db_lock_day(PGconn *db, day_t day, int seconds)
{
	static const struct timespec pause = { .tv_nsec = 200000000 };
	char text[DAY_TEXT];

	for (int tries = 0; !try_lock_day(db, day); tries++) {
		if (tries >= seconds * 5) {
			char *holder = holder_of_day(db, day_format(day, text));

			die(EX_TEMPFAIL, "another job is writing %s: %s; try again later", text, holder ? holder : "it has ended by now");
		}
		nanosleep(&pause, NULL);
	}
}

void db_writes_day(PGconn *db, const char *date)
{
	PQclear(db_query(db, "select set_config('windfall.writes', $1 || ' ' || $1, true)", DB_ARGS(date)));
}

void db_ensure_months(PGconn *db, day_t from, day_t to)
{
	char first[DAY_TEXT], last[DAY_TEXT];

	PQclear(db_query(db, "select ensure_month(m::date)"
			     "  from generate_series(date_trunc('month', $1::date), $2::date, '1 month') m order by m",
			 DB_ARGS(day_format(from, first), day_format(to, last))));
}

void db_array_begin(struct buf *array)
{
	buf_clear(array);
	buf_addc(array, '{');
}

void db_array_add(struct buf *array, const char *text)
{
	buf_adds(array, array->len > 1 ? ",\"" : "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(array, '\\');
		buf_addc(array, *text);
	}
	buf_addc(array, '"');
}

void db_array_end(struct buf *array)
{
	buf_addc(array, '}');
}

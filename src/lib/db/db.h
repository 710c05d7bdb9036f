/*
 * db - the database
 *
 * Each function here succeeds, or says why on stderr and ends the process with the exit
 * status that the SQLSTATE calls for (75 try later, 77 not allowed, 78 schema, 74 disk full,
 * 65 data, 70 ours).  Exiting is safe: the server rolls back when the connection drops.
 *
 * It stands in three parts: connect (a session), db (its statements) and die (the end of both where they fail).
 */
#ifndef WINDFALL_DB_H
#define WINDFALL_DB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "exact/calendar.h"
#include "format/tsv.h"

/*
 * Connect to, in this order: DATABASE_URL; what libpq's own variables name (PGHOST, PGSERVICE,
 * PGDATABASE …); the private cluster that scripts/local-db made.  Dates are ISO, the time
 * zone is UTC, standard_conforming_strings holds, jit is off.  Refuses a database whose schema
 * is not migrated (EX_CONFIG).  Waits up to 30 s for a server that is starting up.  The caller ends the
 * session with PQfinish().
 */
PGconn *db_connect(void);

/* A second session to the same database, without the schema check. */
PGconn *db_connect_again(void);

/* The session in *db; where that is NULL one is made there first, as by db_connect_again().  A session costs the
 * server a process: what may turn out to be of no use is made when it is needed. */
PGconn *db_when_needed(PGconn **db);

/* The status of a connection that could not be made, by libpq's message: by its words or, where a server says them in
 * another language, by the SQLSTATE with which it refuses the next. */
int db_refusal(const char *message);

/* A session with nothing set, for who can do without one: NULL where the server gives none. */
PGconn *db_connect_if_possible(void);

/* Text parameters of a statement: DB_ARGS("2022-01-01", period) gives the count and the array. */
#define DB_ARGS(...)									\
	(int)(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *)),	\
	(const char *const[]){ __VA_ARGS__ }
#define DB_NO_ARGS 0, NULL

/* In a statement: an instant as text, with its microseconds and in UTC, as instant_ns_parse() reads it. */
#define DB_MOMENT(t) "to_char(" t " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

/* Build the literal of an array of texts: begin, which forgets what was there, add each, end. */
void db_array_begin(struct buf *array);
void db_array_add(struct buf *array, const char *text);
void db_array_end(struct buf *array);

/* Run a statement that gives no rows. */
void db_exec(PGconn *db, const char *sql);

/* Begin a transaction; how is "" or what stands behind BEGIN, such as "isolation level repeatable read read only", and
 * statements behind it after semicolons.  Its locks are waited for as long as the session's, also behind a pooler that
 * lends it a session for this transaction alone. */
void db_begin(PGconn *db, const char *how);

/* Run one statement with text parameters.  Caller frees with PQclear(). */
PGresult *db_query(PGconn *db, const char *sql, int n, const char *const *args);

/* The same for statements that change rows: how many they changed. */
long long db_change(PGconn *db, const char *sql, int n, const char *const *args);

/* The only value of the only row, as text.  Caller frees. NULL if it is null or there is no row. */
char *db_value(PGconn *db, const char *sql, int n, const char *const *args);

/* A value of a result as text, borrowed from it; NULL if it is null. */
const char *db_text(const PGresult *res, int row, int column);

/* A whole number of a result; 0 where it is null.  A value that is none is a fault of the statement, and ends the
 * process with EX_SOFTWARE. */
int64_t db_int(const PGresult *res, int row, int column);

/* Write the values of one row as fields: numbers and truth values as such, where the format tells them from text. */
void db_put_fields(const PGresult *res, int row, struct tsv_writer *out);

/*
 * Print a whole result, a row a line, and free it: under a header on standard output, or where columns is NULL to
 * what the writer was begun with.  Returns how many rows there were.
 */
int db_print(PGresult *res, const char *const *columns, struct tsv_writer *out);

/* Load rows of COPY text: "copy t (a, b) from stdin" and the bytes.  Returns the rows loaded. */
long long db_copy(PGconn *db, const char *sql, const char *data, size_t len);

/* The same in pieces, for streams.  Until db_copy_end() the session does nothing else. */
void db_copy_begin(PGconn *db, const char *sql);
void db_copy_put(PGconn *db, const char *data, size_t len);
/* Put the rows gathered in this buffer and empty it, once there are enough of them to be worth a message. */
void db_copy_gathered(PGconn *db, struct buf *rows);
long long db_copy_end(PGconn *db);

/*
 * Read a COPY … TO STDOUT as a stream.  db_copy_out_next() gives the next row without its
 * newline, borrowed until the next call, or NULL at the end; then the session is free again.
 */
struct db_copy_out {
	PGconn *db;
	char *row;
};
void db_copy_out_begin(struct db_copy_out *out, PGconn *db, const char *sql);
char *db_copy_out_next(struct db_copy_out *out);

/*
 * Run one statement and take its rows as they come, so that a long answer needs no memory here.
 * db_rows_next() gives a result of one row, borrowed until the next call, or NULL at the end; then
 * the session is free again.
 */
struct db_rows {
	PGconn *db;
	PGresult *row;
};
void db_rows_begin(struct db_rows *rows, PGconn *db, const char *sql, int n, const char *const *args);
const PGresult *db_rows_next(struct db_rows *rows);

/*
 * Hold the advisory lock of a name until the transaction ends.  Waits for up to the given seconds, or for lock_timeout
 * (WINDFALL_LOCK_WAIT) where that is shorter, then ends the process with EX_TEMPFAIL and the words "another OTHER: ",
 * as in "another job is writing 2025-03-05: ", before who holds it.
 */
void db_lock(PGconn *db, const char *name, int seconds, const char *other);

/* Hold a settlement date, "day DATE", so that no two jobs write it at once. */
void db_lock_day(PGconn *db, day_t day, int seconds);

/* Say in the transaction that it holds this date ("YYYY-MM-DD") and writes no other: records and calculations written
 * without a word withdraw the proofs of whole months (sql/058-day-proofs.sql). */
void db_writes_day(PGconn *db, const char *date);

/* Make the monthly partitions that hold these days, in transactions of their own. */
void db_ensure_months(PGconn *db, day_t from, day_t to);

#endif

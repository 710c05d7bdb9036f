/*
 * failure - what a refusal by the database means for whoever asked: an exit status of the suite
 */
#ifndef WINDFALL_FAILURE_H
#define WINDFALL_FAILURE_H

#include <stdbool.h>

#include "base/buf.h"

/* The status that an SQLSTATE calls for, or, where that says nothing, the words that came with it: EX_TEMPFAIL try
 * later, EX_NOPERM not allowed, EX_CONFIG another schema, EX_IOERR its disk full or its files damaged, EX_DATAERR data,
 * EX_SOFTWARE anything else: a statement of ours is wrong. */
int db_failure_of_state(const char *sqlstate, const char *words);

/* The same of a connection that failed: libpq gives no SQLSTATE for one, only words, which are English or say
 * nothing. */
int db_failure_of_words(const char *message);

/* The SQLSTATE with its NUL into state, if the text ends with the message of a libpq that was asked for no more:
 * "FATAL:  28P01". */
bool db_failure_state(const char *text, char state[6]);

/* Does the text, libpq's or psql's, say that a connection could not be made, or was lost? */
bool db_failure_is_connection(const char *text);

/* What whoever runs the server can do about it, where an SQLSTATE ("" if unknown) and the words with it show that; NULL
 * otherwise. */
const char *db_failure_cure(const char *sqlstate, const char *words);

/* Does the text, psql's or pg_dump's, say that a lock was waited for in vain? */
bool db_failure_is_lock(const char *text);

/* Does psql's text say that the server cancelled a statement? */
bool db_failure_is_cancelled(const char *text);

/*
 * The status that the stderr of psql or pg_dump calls for, with VERBOSITY verbose: by the last SQLSTATE in it or, where
 * there is none, by its words; EX_CONFIG where those name no connection (a missing file, a bad option).
 * Into complaint: what it complained of, in one line without psql's trimmings: "FILE:LINE: words detail", and the
 * line and the column of rows that it sent: " (line 3, column c)".
 */
int db_failure_of_psql(const char *text, struct buf *complaint);

#endif

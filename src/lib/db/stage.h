/*
 * stage - rows on their way into a table
 *
 * Rows go straight into a table where nothing of theirs can be; elsewhere they are staged, in a temporary table of the
 * session, and a statement then writes what differs and no more.  Each function succeeds, or ends the process (db.h).
 */
#ifndef WINDFALL_STAGE_H
#define WINDFALL_STAGE_H

#include <libpq-fe.h>
#include <stddef.h>

/* Begin to load rows of COPY text, with these columns (ends with NULL), into a table: db_copy_put() and
 * db_copy_end(). */
void db_load_begin(PGconn *db, const char *table, const char *const *columns);

/* The same at once.  Returns the rows loaded. */
long long db_load(PGconn *db, const char *table, const char *const *columns, const char *rows, size_t len);

/* Stage rows for a table: staged_TABLE has these columns of it, and is empty again when the transaction ends.  rows
 * may be NULL where len is 0. */
void db_stage(PGconn *db, const char *table, const char *const *columns, const char *rows, size_t len);

/*
 * Write the staged rows: those with a new key, and those in which one of the n_compared columns behind the n_keys
 * columns of the key is not what is stored; then all columns are replaced.  What is not staged stays.  Returns how
 * many were written.
 */
long long db_merge(PGconn *db, const char *table, const char *const *columns, int n_keys, int n_compared);

/* The same, but a null that is staged says only that nothing is known now: what is stored there stays. */
long long db_merge_known(PGconn *db, const char *table, const char *const *columns, int n_keys, int n_compared);

#endif

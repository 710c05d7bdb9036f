/*
 * die - end the process with what the server said, the status that its SQLSTATE calls for, and what to do
 */
#ifndef WINDFALL_DIE_H
#define WINDFALL_DIE_H

#include <libpq-fe.h>

/* Of a result that is not what the statement should give or, where that is NULL, of the connection.  The statement is
 * named in the debug log only, and may be NULL. */
_Noreturn void db_die(PGconn *db, const PGresult *result, const char *sql);

#endif

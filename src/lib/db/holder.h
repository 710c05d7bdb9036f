/*
 * holder - who holds the lock that somebody waits for, in words for the message that says so
 *
 * "psql (process 123 of the server, since 2025-03-05T10:00:00Z)": the name that the session gave itself, its process,
 * and when its transaction began.
 */
#ifndef WINDFALL_HOLDER_H
#define WINDFALL_HOLDER_H

#include <libpq-fe.h>

#include "base/buf.h"

/* Who holds the advisory lock of a name ("day 2025-03-05"); NULL if it is free by now, or
 * nothing can be asked.  The caller frees it. */
char *holder_of_name(PGconn *db, const char *name);

/*
 * After a statement that gave up waiting for a lock: append "; locks are held by " and the sessions that hold a lock of
 * any kind in this database but a reader's, those that began first before the others, three at most; where there is
 * none append "; tables are read by " and the readers, for whom who changes a table waits.  The server no longer says
 * which was in the way; nothing is appended where there is none by now, or nothing can be asked.  The session is in no
 * transaction.
 */
void holder_of_locks(PGconn *db, struct buf *words);

#endif

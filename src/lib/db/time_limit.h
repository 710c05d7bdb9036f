/*
 * time_limit - which setting ends a statement that takes long, in words for the message that says so
 */
#ifndef WINDFALL_TIME_LIMIT_H
#define WINDFALL_TIME_LIMIT_H

#include <libpq-fe.h>

#include "base/buf.h"

/*
 * After a statement that the server cancelled (57014), and what it said of that: append "; statement_timeout is 5s for
 * the role x" and the command that lifts it.  Nothing where none is set but by the tool itself, where a person
 * cancelled it, or where nothing can be asked.  The session is in no transaction.
 */
void time_limit_words(PGconn *db, const char *said, struct buf *words);

#endif

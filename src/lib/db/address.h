/*
 * address - which database: the one rule of the tools and, by with-db, of the scripts
 *
 * In this order: DATABASE_URL; what libpq's own variables name (PGHOST, PGSERVICE, PGDATABASE …); the
 * private cluster that scripts/local-db made.
 */
#ifndef WINDFALL_ADDRESS_H
#define WINDFALL_ADDRESS_H

#include <libpq-fe.h>
#include <stdbool.h>

/* How long a connection may take to be made, in seconds, where nothing says otherwise. */
#define DB_CONNECT_TIMEOUT "10"

enum db_place {
	DB_URL,			/* DATABASE_URL names it: a URL, KEYWORD=VALUE words, or the name of a database alone */
	DB_NAMED,		/* libpq's variables do */
	DB_PRIVATE		/* nothing does: the private cluster */
};

/* Where the database is, by the environment alone: nothing is opened, and nothing can fail. */
enum db_place db_place(void);

/*
 * The parts of that database's address as libpq splits them: an option that the address names has a value,
 * any other has none and is left to libpq's variables and defaults.  What libpq cannot read ends the process
 * with EX_CONFIG and no word of it, for any of it may be the password; so does a part, or a variable, that is
 * more than a name, and so a private cluster that was never made.  Caller frees with PQconninfoFree().
 */
PQconninfoOption *db_address(void);

/* The value of one of these options, borrowed from them; NULL if it has none. */
const char *db_address_value(const PQconninfoOption *address, const char *keyword);

/* True if the environment has a value, and not an empty one, for this variable. */
bool db_variable_is_set(const char *variable);

#endif

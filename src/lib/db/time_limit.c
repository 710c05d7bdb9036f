#include "db/time_limit.h"

#include <string.h>

void time_limit_words(PGconn *db, const char *said, struct buf *words)
{
	/* A role's own setting in a database outranks all others, and each role may set it. */
	static const char sql[] =
		"select format('; statement_timeout is %s %s', current_setting(name), case source"
		"       when 'client' then 'by the options of the connection (PGOPTIONS, or options in the address)'"
		"       else format('for %s; this lifts it: alter role %I in database %I set statement_timeout = 0', case source"
		"            when 'user' then format('the role %I', current_user)"
		"            when 'database' then format('the database %I', current_database())"
		"            when 'database user' then format('the role %I in the database %I', current_user, current_database())"
		"            else 'the server' end, current_user, current_database()) end)"
		"  from pg_settings where name = 'statement_timeout' and setting <> '0' and source <> 'session'";
	PGresult *res;

	if (strstr(said, "user request"))	/* which a server of another language says otherwise */
		return;
	res = PQexec(db, sql);
	if (PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) > 0)
		buf_adds(words, PQgetvalue(res, 0, 0));
	PQclear(res);
}

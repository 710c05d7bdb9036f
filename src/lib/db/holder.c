#include "db/holder.h"

#include <string.h>

/* The words for a session of pg_stat_activity as a. */
#define SESSION_WORDS \
	"format('%s (process %s of the server, since %s)'," \
	" coalesce(nullif(a.application_name, ''), a.backend_type, 'a session'), a.pid," \
	"       coalesce(to_char(coalesce(a.xact_start, a.state_change), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), 'a while'))"

char *holder_of_name(PGconn *db, const char *name)
{
	static const char sql[] =
		"select " SESSION_WORDS
		"  from pg_locks l join pg_stat_activity a on a.pid = l.pid"
		" where l.locktype = 'advisory' and l.granted"
		" and l.database = (select oid from pg_database where datname = current_database())"
		"   and ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended($1, 0)";

	PGresult *res = PQexecParams(db, sql, 1, NULL, (const char *[]){ name }, NULL, NULL, 0);
	char *words = PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) > 0 ? xstrdup(PQgetvalue(res, 0, 0)) : NULL;

	PQclear(res);
	return words;
}

void holder_of_locks(PGconn *db, struct buf *words)
{
	/* 16384: the first number of a table that is not the server's own. */
	static const char sql[] =
		"select " SESSION_WORDS ", l.writes"
		"  from pg_stat_activity a"
		"  join (select pid, bool_or(mode <> 'AccessShareLock') as writes from pg_locks"
		"         where granted and (locktype = 'advisory' or locktype = 'relation' and relation >= 16384)"
		"           and database = (select oid from pg_database where datname = current_database())"
		"         group by pid) l using (pid)"
		" where a.pid <> pg_backend_pid()"
		" order by l.writes desc, a.xact_start nulls last, a.pid limit 3";
	PGresult *res = PQexec(db, sql);

	if (PQresultStatus(res) == PGRES_TUPLES_OK)
		for (int i = 0; i < PQntuples(res) && strcmp(PQgetvalue(res, i, 1), PQgetvalue(res, 0, 1)) == 0; i++)
			buf_addf(words, "%s%s", i ? ", " : *PQgetvalue(res, i, 1) == 't' ? "; locks are held by " : "; tables are read by ",
				 PQgetvalue(res, i, 0));
	PQclear(res);
}

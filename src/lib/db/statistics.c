#include "db/statistics.h"

#include "os/log.h"
#include "query/stale-statistics.h"

void statistics_refresh(PGconn *db, const char *tables, long long rows_written)
{
	PGresult *stale;

	if (rows_written < STATISTICS_ROWS)
		return;
	stale = db_query(db, query_stale_statistics, DB_ARGS(tables));
	/* That a role does not own a table is a warning of the server's, and no matter here. */
	if (PQntuples(stale) > 0)
		db_exec(db, "set client_min_messages = error");
	for (int i = 0; i < PQntuples(stale); i++) {
		struct buf sql = BUF_INIT;

		buf_addf(&sql, "analyze (skip_locked) %s", PQgetvalue(stale, i, 0));
		db_exec(db, sql.data);
		log_debug("analyzed %s", PQgetvalue(stale, i, 0));
		buf_release(&sql);
	}
	if (PQntuples(stale) > 0)
		db_exec(db, "reset client_min_messages");
	PQclear(stale);
}

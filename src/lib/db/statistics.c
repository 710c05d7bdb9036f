#include "db/statistics.h"

#include "os/log.h"
#include "query/stale-statistics.h"

/* Of 9,000 rows, or of fewer where the server has been told so, and not of 30,000: what is looked for, how many rows,
 * dates and farms there are, is the same, for a quarter of the time.  That a role does not own a table is a warning
 * of the server's, and no matter here. */
static const char analyze_sql[] =
	"begin;"
	"set local client_min_messages = error;"
	"select set_config('default_statistics_target',"
	" least(current_setting('default_statistics_target')::integer, 30)::text, true);"
	"analyze (skip_locked) %s;"
	"commit";

void statistics_refresh(PGconn *db, const char *tables, long long rows_written)
{
	PGresult *stale;

	if (rows_written < STATISTICS_ROWS)
		return;
	stale = db_query(db, query_stale_statistics, DB_ARGS(tables));
	for (int i = 0; i < PQntuples(stale); i++) {
		struct buf sql = BUF_INIT;

		/* In a transaction, since a pooler gives what is set for a session to whoever comes next. */
		buf_addf(&sql, analyze_sql, PQgetvalue(stale, i, 0));
		db_exec(db, sql.data);
		log_debug("analyzed %s", PQgetvalue(stale, i, 0));
		buf_release(&sql);
	}
	PQclear(stale);
}

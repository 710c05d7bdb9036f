#include "db/die.h"

#include <string.h>

#include "base/buf.h"
#include "db/failure.h"
#include "db/holder.h"
#include "db/time_limit.h"
#include "os/log.h"

/* A transaction that failed answers no more questions. */
static void end_transaction(PGconn *db)
{
	if (PQtransactionStatus(db) != PQTRANS_IDLE)
		PQclear(PQexec(db, "rollback"));
}

/* A lock was waited for in vain. */
static _Noreturn void die_waiting(PGconn *db, const char *primary)
{
	struct buf holders = BUF_INIT;

	end_transaction(db);
	holder_of_locks(db, &holders);
	die(EX_TEMPFAIL, "database: %s%s; try again later", primary, holders.len ? holders.data : "");
}

/* The server cancelled a statement: it took too long, or somebody asked for that. */
static _Noreturn void die_cancelled(PGconn *db, const char *primary)
{
	struct buf limit = BUF_INIT;

	end_transaction(db);
	time_limit_words(db, primary, &limit);
	die(EX_TEMPFAIL, "database: %s%s; try again later", primary, limit.len ? limit.data : "");
}

void db_die(PGconn *db, const PGresult *result, const char *sql)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *detail = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL) : NULL;
	const char *primary = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *words = primary ? primary : PQerrorMessage(db), *cure = db_failure_cure(state ? state : "", words);
	int status = EX_SOFTWARE;

	if (state)
		status = db_failure_of_state(state, words);
	else if (db_failure_of_state("", words) == EX_CONFIG)
		status = EX_CONFIG;
	else if (PQstatus(db) != CONNECTION_OK || db_failure_is_connection(PQerrorMessage(db)))
		status = EX_TEMPFAIL;
	log_debug("the statement was: %s", sql ? sql : "(none)");
	if (state && primary && strcmp(state, "55P03") == 0)
		die_waiting(db, primary);
	if (state && primary && strcmp(state, "57014") == 0)
		die_cancelled(db, primary);
	if (status == EX_CONFIG && !cure)
		die(status, "the database's schema is not what this version needs: %s; run scripts/migrate", words);
	die(status, "database: %s%s%s%s%s%s", words, detail ? " (" : "",
	    detail ? detail : "", detail ? ")" : "", cure ? "; " : status == EX_TEMPFAIL ? "; try again later" : "",
	    cure ? cure : "");
}

#include "db/queue.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/redact.h"
#include "os/clock.h"
#include "os/log.h"
#include "query/queue-claim.h"

static const char claimants_sql[] =
	"select distinct claimed_by from reconciliation_run_dates"
	" where run_id = $1::bigint and state = 'claimed' order by 1";

/* What is still being worked on is not silent. */
static const char renew_sql[] =
	"update reconciliation_run_dates set claimed_at = now()"
	" where run_id = $1::bigint and state = 'claimed' and claimed_by = $2";

/* What a dead worker held was not done: its attempt does not count. */
static const char release_sql[] =
	"update reconciliation_run_dates"
	"   set state = 'queued', claimed_by = null, claimed_at = null, attempts = attempts - 1"
	" where run_id = $1::bigint and state = 'claimed' and claimed_by = $2";

/* Still to be done by anybody, now or later. */
static const char open_sql[] =
	"select count(*) from reconciliation_run_dates"
	" where run_id = $1::bigint and state in ('queued', 'claimed')";

static const char done_sql[] =
	"update reconciliation_run_dates"
	"   set state = 'done', finished_at = now(), error = null"
	" where run_id = $1::bigint and settlement_date = any ($3::date[]) and state = 'claimed' and claimed_by = $2";

/* Tried too often, a date has failed; before that it waits, twice as long each time. */
static const char failed_sql[] =
	"update reconciliation_run_dates"
	"   set state = case when attempts >= $5::integer then 'failed' else 'queued' end,"
	"       finished_at = case when attempts >= $5::integer then now() end,"
	"       not_before = now() + make_interval(secs => $6::double precision * 2 ^ (attempts - 1) * (0.5 + random())),"
	"       claimed_by = null, claimed_at = null, error = $4"
	" where run_id = $1::bigint and settlement_date = any ($3::date[]) and state = 'claimed' and claimed_by = $2";

static const char count_sql[] =
	"select count(*), count(*) filter (where state = 'done'), count(*) filter (where state = 'failed')"
	"  from reconciliation_run_dates where run_id = $1::bigint";

void queue_host(char name[256])
{
	if (gethostname(name, 256) != 0)
		snprintf(name, 256, "localhost");
	name[255] = '\0';
}

void queue_worker(char name[QUEUE_WORKER], long pid)
{
	char host[256];

	queue_host(host);
	snprintf(name, QUEUE_WORKER, "%s:%ld", host, pid);
}

bool queue_is_dead(long pid)
{
	return pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* Free what workers of this host hold that no longer live; those of others lose it by the lease. */
static void release_dead(PGconn *db, const char *run)
{
	PGresult *res = db_query(db, claimants_sql, DB_ARGS(run));
	char host[256];
	size_t len;

	queue_host(host);
	len = strlen(host);
	for (int i = 0; i < PQntuples(res); i++) {
		const char *claimant = PQgetvalue(res, i, 0);
		long pid = strncmp(claimant, host, len) == 0 && claimant[len] == ':' ? strtol(claimant + len + 1, NULL, 10) : 0;

		if (queue_is_dead(pid) && db_change(db, release_sql, DB_ARGS(run, claimant)))
			log_info("worker %s is gone; what it had claimed is free again", claimant);
	}
	PQclear(res);
}

/* Is a date of the run left that is not done, whoever has it? */
static bool any_open(PGconn *db, const char *run)
{
	char *open = db_value(db, open_sql, DB_ARGS(run));
	bool any = strcmp(open, "0") != 0;

	free(open);
	return any;
}

PGresult *queue_claim(PGconn *db, const char *run, const char *worker, const struct queue_terms *terms)
{
	char batch[24], lease[24];
	PGresult *res;

	snprintf(batch, sizeof batch, "%lld", (long long)terms->batch);
	snprintf(lease, sizeof lease, "%lld", (long long)terms->lease);
	/* Who asks for more has let go of what it had: another process had this number before. */
	db_change(db, release_sql, DB_ARGS(run, worker));
	for (int64_t quarters = 0;; quarters++) {
		release_dead(db, run);
		res = db_query(db, query_queue_claim, DB_ARGS(run, worker, batch, lease));
		if (PQntuples(res) > 0 || quarters >= 4 * terms->wait || !any_open(db, run))
			return res;
		PQclear(res);
		clock_pause(250);
	}
}

void queue_renew(PGconn *db, const char *run, const char *worker)
{
	db_change(db, renew_sql, DB_ARGS(run, worker));
}

void queue_release(PGconn *db, const char *run, const char *worker)
{
	db_change(db, release_sql, DB_ARGS(run, worker));
}

long long queue_done(PGconn *db, const char *run, const char *worker, const char *dates)
{
	return db_change(db, done_sql, DB_ARGS(run, worker, dates));
}

long long queue_failed(PGconn *db, const char *run, const char *worker, const char *dates, const char *error,
		       const struct queue_patience *patience)
{
	char attempts[24], pause[24];
	struct buf told = BUF_INIT;
	long long n;

	snprintf(attempts, sizeof attempts, "%lld", (long long)patience->attempts);
	snprintf(pause, sizeof pause, "%lld", (long long)patience->pause);
	buf_adds(&told, error);
	redact(&told, secrets_list(log_secrets()));
	n = db_change(db, failed_sql, DB_ARGS(run, worker, dates, told.data, attempts, pause));
	buf_release(&told);
	return n;
}

struct queue_counts queue_count(PGconn *db, const char *run)
{
	PGresult *res = db_query(db, count_sql, DB_ARGS(run));
	struct queue_counts counts = {
		.all = db_int(res, 0, 0),
		.done = db_int(res, 0, 1),
		.failed = db_int(res, 0, 2),
	};

	PQclear(res);
	return counts;
}

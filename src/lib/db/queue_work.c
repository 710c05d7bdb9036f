#include "db/queue_work.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "format/tsv.h"
#include "os/child.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/temporary.h"

enum {
	MOST_DATES = 1000,		/* in a claim */
	LATER_ATTEMPTS = 3,		/* of a date that later may help */
	LATER_PAUSE = 2,		/* seconds */
	IN_VAIN = 3,			/* stretches in a row, or dates of one, that a source which is down is worth */
	DATABASE_TRIES = 10,
	DATABASE_PAUSE = 3,		/* seconds */
	RENEWAL = 60,			/* seconds: far below any sensible lease */
	ENDING = 3,			/* seconds that a child is given to end */
	REPLACEMENTS = 3		/* of each worker that is killed */
};

/* A date that was claimed, and what became of it. */
struct claimed {
	char date[32];
	long attempts;
	int status;			/* the command's, if the date is not right */
	char *reason;			/* why it is not; NULL when it is */
};

struct worker {
	const struct queue_work *w;
	char name[QUEUE_WORKER];
	struct claimed dates[MOST_DATES];
	int n;
	FILE *answer;			/* of a question to the database */
	pid_t child;			/* the command that runs */
};

static FILE *scratch_file(void)
{
	FILE *file = temporary_file();

	if (!file)
		die(EX_CANTCREAT, "cannot make a temporary file in %s: %s", temporary_folder(), strerror(errno));
	return file;
}

/* ---- questions to the database, each by a process of its own ----------------- */

typedef void question_fn(PGconn *db, struct worker *me);

struct question {
	question_fn *ask;
	struct worker *me;
};

static int ask_it(void *ctx)
{
	const struct question *q = ctx;
	PGconn *db = db_connect();

	q->ask(db, q->me);
	PQfinish(db);
	return q->me->answer && fflush(q->me->answer) != 0 ? EX_IOERR : 0;
}

/* A signal to the worker: what runs for it ends, and what it has claimed is free. */
static _Noreturn void stop(struct worker *me, pid_t running, int signal_number);

/* Ask once: the status. */
static int ask_once(struct worker *me, question_fn *ask)
{
	struct question q = { ask, me };
	pid_t pid = child_start(CHILD_SIGNALS_END, ask_it, &q);
	enum child_news news;
	int status;

	do
		news = child_wait(pid, RENEWAL, &status, NULL);
	while (news == CHILD_LATER);
	if (news == CHILD_STOP)
		stop(me, pid, status);
	return status;
}

/* Ask, and put up with a database that restarts; the worker ends where that does not help. */
static void ask_patiently(struct worker *me, question_fn *ask)
{
	for (int tries = 1;; tries++) {
		int status = ask_once(me, ask), signal_number;

		if (status == 0)
			return;
		if (status != EX_TEMPFAIL || tries == DATABASE_TRIES)
			exit(status);
		if (child_wait(0, DATABASE_PAUSE, &signal_number, NULL) == CHILD_STOP)
			stop(me, 0, signal_number);
	}
}

static void ask_claim(PGconn *db, struct worker *me)
{
	PGresult *res = queue_claim(db, me->w->run, me->name, &me->w->terms);

	for (int i = 0; i < PQntuples(res); i++)
		fprintf(me->answer, "%s %s\n", PQgetvalue(res, i, 0), PQgetvalue(res, i, 1));
	PQclear(res);
}

static void ask_renew(PGconn *db, struct worker *me)
{
	queue_renew(db, me->w->run, me->name);
}

static void ask_release(PGconn *db, struct worker *me)
{
	queue_release(db, me->w->run, me->name);
}

/* Note what became of each date.  What later will not help either has failed at once. */
static void ask_settle(PGconn *db, struct worker *me)
{
	struct buf done = BUF_INIT;
	int n_done = 0;
	long long changed = 0;

	db_array_begin(&done);
	for (const struct claimed *c = me->dates; c < me->dates + me->n; c++) {
		if (c->reason)
			continue;
		db_array_add(&done, c->date);
		n_done++;
	}
	db_array_end(&done);
	if (n_done)
		changed += queue_done(db, me->w->run, me->name, done.data);
	buf_release(&done);
	for (const struct claimed *c = me->dates; c < me->dates + me->n; c++) {
		const struct queue_patience patience = { c->status == EX_TEMPFAIL ? LATER_ATTEMPTS : 1, LATER_PAUSE };
		struct buf error = BUF_INIT, date = BUF_INIT;

		if (!c->reason)
			continue;
		buf_addf(&error, "status %d: %s", c->status, c->reason);
		db_array_begin(&date);
		db_array_add(&date, c->date);
		db_array_end(&date);
		changed += queue_failed(db, me->w->run, me->name, date.data, error.data, &patience);
		buf_release(&error);
		buf_release(&date);
	}
	if (changed < me->n)
		log_warning("%lld of %d dates were no longer this worker's when they were settled", me->n - changed, me->n);
}

static void stop(struct worker *me, pid_t running, int signal_number)
{
	const pid_t children[] = { running, me->child };
	struct question release = { ask_release, me };
	pid_t pid;

	child_stop(children, 2, ENDING);
	pid = child_start(CHILD_SIGNALS_HELD, ask_it, &release);
	for (int status, tenths = 0; tenths < 10 * ENDING && child_wait(pid, 0.1, &status, NULL) != CHILD_ENDED; tenths++)
		clock_pause(100);
	exit(128 + signal_number);
}

/* ---- a stretch ---------------------------------------------------------------- */

/* Claim into me->dates; false when nothing is left. */
static bool claim(struct worker *me)
{
	me->answer = scratch_file();
	ask_patiently(me, ask_claim);
	rewind(me->answer);
	me->n = 0;
	while (me->n < MOST_DATES && fscanf(me->answer, "%31s %ld", me->dates[me->n].date, &me->dates[me->n].attempts) == 2)
		me->n++;
	fclose(me->answer);
	me->answer = NULL;
	return me->n > 0;
}

struct command {
	char *const *argv;
	FILE *in, *out;
};

static int become_command(void *ctx)
{
	const struct command *c = ctx;

	child_become(c->argv, c->in, c->out);
}

/* Wait for the command; meanwhile the claim is kept. */
static int wait_for_command(struct worker *me)
{
	for (;;) {
		int status;
		enum child_news news = child_wait(me->child, RENEWAL, &status, NULL);

		if (news == CHILD_STOP)
			stop(me, 0, status);
		if (news == CHILD_ENDED) {
			me->child = 0;
			return status;
		}
		ask_once(me, ask_renew);
	}
}

static void wrong(struct claimed *c, int status, const char *reason)
{
	free(c->reason);
	c->status = status;
	c->reason = strdup(reason);
	if (!c->reason)
		die(EX_OSERR, "out of memory");
}

/* Note which of these dates the command has printed: how many. */
static int read_wrong(FILE *out, int status, struct claimed *dates, int n)
{
	static const char *const columns[] = { "settlement_date", "reason", NULL };
	struct tsv_reader rows = { 0 };
	struct reason why;
	int n_wrong = 0;

	rewind(out);
	if (tsv_open(&rows, out, "the command's answer", columns, 2, &why))
		while (tsv_read(&rows, &why) == 1)
			for (struct claimed *c = dates; c < dates + n; c++)
				if (rows.value[0] && strcmp(c->date, rows.value[0]) == 0) {
					n_wrong += !c->reason;
					wrong(c, status, rows.value[1] ? rows.value[1] : "no reason was given");
				}
	tsv_close(&rows);
	return n_wrong;
}

/* Run the command on these dates: its status.  Where it ended before it could print what is not right, nothing is. */
static int run_command(struct worker *me, struct claimed *dates, int n, bool *told)
{
	struct command command = { me->w->command, scratch_file(), scratch_file() };
	int status, n_wrong;

	fputs("settlement_date\n", command.in);
	for (struct claimed *c = dates; c < dates + n; c++) {
		fprintf(command.in, "%s\n", c->date);
		free(c->reason);
		c->reason = NULL;
	}
	me->child = child_start(CHILD_SIGNALS_END, become_command, &command);
	status = wait_for_command(me);
	n_wrong = read_wrong(command.out, status, dates, n);
	*told = n_wrong > 0 || status <= 1;
	for (struct claimed *c = dates; !*told && c < dates + n; c++)
		wrong(c, status, "it ended without an answer; its log says why");
	fclose(command.in);
	fclose(command.out);
	return status;
}

/* One date can have ended the command for all: a status that is not an answer about single dates. */
static bool one_may_be_guilty(int status, bool told, long attempts)
{
	if (status == EX_TEMPFAIL)
		return attempts > 1;	/* a source that is down is not asked date by date at once */
	return status > 1 && !(told && (status == EX_DATAERR || status == EX_PROTOCOL));
}

/* Work on a stretch, and on single dates of it where the stretch failed: the status of the last command. */
static int work_on(struct worker *me)
{
	bool told;
	int status = run_command(me, me->dates, me->n, &told), in_vain = 0;

	if (me->n == 1 || !one_may_be_guilty(status, told, me->dates[0].attempts))
		return status;
	log_fact(LOG_WARNING, "a stretch failed: its dates are tried one by one", "from=%s to=%s status=%d", me->dates[0].date,
		 me->dates[me->n - 1].date, status);
	for (struct claimed *c = me->dates; c < me->dates + me->n && in_vain < IN_VAIN; c++) {
		if (!c->reason)
			continue;
		status = run_command(me, c, 1, &told);
		in_vain = status == EX_TEMPFAIL ? in_vain + 1 : 0;
	}
	return status;
}

static bool any_done(const struct worker *me)
{
	for (int i = 0; i < me->n; i++)
		if (!me->dates[i].reason)
			return true;
	return false;
}

/* A worker's life.  A source that is down is not worth the whole queue: who comes later goes on. */
static int work(void *ctx)
{
	static struct worker me;
	int in_vain = 0;

	me.w = ctx;
	queue_worker(me.name, (long)getpid());
	while (claim(&me)) {
		int status = work_on(&me);

		in_vain = status == EX_TEMPFAIL && !any_done(&me) ? in_vain + 1 : 0;
		ask_patiently(&me, ask_settle);
		for (int i = 0; i < me.n; i++) {
			free(me.dates[i].reason);
			me.dates[i].reason = NULL;
		}
		if (in_vain == IN_VAIN)
			return EX_TEMPFAIL;
	}
	return 0;
}

/* ---- the pool ----------------------------------------------------------------- */

struct pool {
	struct queue_work w;
	pid_t *pids;			/* 0: this one has ended */
	int running, replacements;
	int status;			/* of the first that gave up */
	pid_t parent;
	time_t began, shown;
	long first;			/* dates that were done when it began */
	FILE *answer;
};

static int ask_counts(void *ctx)
{
	struct pool *p = ctx;
	PGconn *db = db_connect();
	struct queue_counts counts = queue_count(db, p->w.run);

	PQfinish(db);
	fprintf(p->answer, "%ld %ld %ld", counts.all, counts.done, counts.failed);
	return fflush(p->answer) == 0 ? 0 : EX_IOERR;
}

/* How the run stands; false when the database does not say so now. */
static bool count(struct pool *p, struct queue_counts *counts)
{
	bool known = false;
	int status;
	pid_t pid;

	p->answer = temporary_file();
	if (!p->answer)
		return false;
	pid = child_start(CHILD_SIGNALS_END, ask_counts, p);
	if (child_wait(pid, 10, &status, NULL) != CHILD_ENDED)
		child_stop(&pid, 1, ENDING);
	else if (status == 0) {
		rewind(p->answer);
		known = fscanf(p->answer, "%ld %ld %ld", &counts->all, &counts->done, &counts->failed) == 3;
	}
	fclose(p->answer);
	return known;
}

static void show_progress(struct pool *p)
{
	struct queue_counts c;
	time_t now = time(NULL), took = now > p->began ? now - p->began : 1;
	char left[32] = "?";

	if (now >= p->shown && now - p->shown < p->w.every)	/* and at once where the clock was set back */
		return;
	p->shown = now;
	if (!count(p, &c))
		return;
	if (c.done > p->first)
		snprintf(left, sizeof left, "%lld", (long long)(c.all - c.done - c.failed) * took / (c.done - p->first));
	log_fact(LOG_INFO, "progress", "done=%ld of=%ld failed=%ld a_minute=%lld seconds=%lld seconds_left=%s", c.done, c.all,
		 c.failed, (long long)(c.done - p->first) * 60 / took, (long long)took, left);
}

static void start_worker(struct pool *p, int i)
{
	p->pids[i] = child_start(CHILD_SIGNALS_HELD, work, &p->w);
	p->running++;
}

/* A worker has ended; one that was killed is replaced, and what it had claimed is the others'. */
static void ended(struct pool *p, pid_t pid, int status)
{
	for (int i = 0; i < p->w.workers; i++) {
		if (p->pids[i] != pid)
			continue;
		p->pids[i] = 0;
		p->running--;
		if (status > 128) {
			log_fact(LOG_WARNING, "a worker was killed", "worker=%ld status=%d", (long)pid, status);
			if (p->replacements-- > 0)
				start_worker(p, i);
			else if (!p->status)
				p->status = status;
		} else if (status && !p->status)
			p->status = status;
	}
}

static bool job_is_gone(const struct pool *p)
{
	return getppid() != p->parent || queue_is_dead(p->w.job);
}

int queue_work(const struct queue_work *w)
{
	struct pool p = { .w = *w, .replacements = REPLACEMENTS * w->workers, .parent = getppid(), .began = time(NULL),
			  .shown = time(NULL), .pids = calloc((size_t)w->workers, sizeof *p.pids) };
	struct queue_counts c;

	if (!p.pids)
		die(EX_OSERR, "out of memory");
	child_begin();
	if (count(&p, &c)) {
		int64_t share = (c.all - c.done - c.failed + w->workers - 1) / w->workers;

		if (p.w.terms.batch > share)
			p.w.terms.batch = share > 0 ? share : 1;
		p.first = c.done;
	}
	for (int i = 0; i < w->workers; i++)
		start_worker(&p, i);
	while (p.running) {
		pid_t pid;
		int status;
		enum child_news news = child_wait(-1, 1, &status, &pid);

		if (news == CHILD_ENDED)
			ended(&p, pid, status);
		if (news == CHILD_STOP || (news == CHILD_LATER && job_is_gone(&p))) {
			child_stop(p.pids, w->workers, 2 * ENDING);
			p.status = 128 + (news == CHILD_STOP ? status : SIGTERM);
			break;
		}
		if (news == CHILD_LATER)
			show_progress(&p);
	}
	free(p.pids);
	return p.status;
}

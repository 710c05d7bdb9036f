#include "calculation/calculate_days_db.h"

#include "calculation/facts_db.h"
#include "calculation/stored_days_db.h"
#include "db/statistics.h"
#include "os/log.h"
#include "os/progress.h"
#include "os/writer_thread.h"

/* What one day's transaction will do, and the session it is done in. */
struct day_job {
	PGconn *db;
	struct changes changes;
};

/* The writing thread's job: one transaction. */
static void write_day(void *ctx)
{
	struct day_job *job = ctx;

	db_exec(job->db, "begin");
	changes_write(job->db, &job->changes);
	db_exec(job->db, "commit");
}

/* Two sessions read and one writes, in a thread of its own: while the server takes one day's
 * changes the next day's are worked out. */
struct store {
	PGconn *records, *stored, *writer;
	struct writer_thread *writing;
	struct day_job jobs[2];		/* by turns */
	const struct model_choice *models;
	struct change_totals totals;
	struct progress progress;
	long done;			/* days */
};

/* Make the calculations of a stretch of days right.  The session that reads the records holds the
 * days until all are written, so that nobody changes them in between; the facts in force are
 * asked for once they are held. */
static void store_stretch(struct store *s, struct day_range range)
{
	struct reference reference;
	struct reckon_facts facts;
	struct days days;
	struct day_count count;
	int turn = 0;

	db_exec(s->records, "begin");
	for (day_t day = range.from; day <= range.to; day++)
		db_lock_day(s->records, day, 60);
	reference_from_db(&reference, s->records);
	models_keep(&reference.models, s->models, "the database");
	facts = reference_facts(&reference);
	days_open(&days, s->records, s->stored, range.from, range.to, s->models->n ? &facts : NULL);
	while (days_next(&days)) {
		struct changes *changes = &s->jobs[turn].changes;

		progress_show(&s->progress, s->done++);
		changes_begin(changes, days.text);
		if (!days_compare(&days, &facts, changes_note, changes, &count))
			continue;
		changes_count(&s->totals, changes, &count);
		if (changes_any(changes)) {
			writer_thread_give(s->writing, &s->jobs[turn]);
			turn = !turn;
		}
	}
	s->totals.left_days += days.left;
	days_close(&days);
	writer_thread_wait(s->writing);
	db_exec(s->records, "commit");
	reference_release(&reference);
}

/* A model that is not there is said before anything is written, and where no day is wanted, too. */
static void check_models(PGconn *db, const struct model_choice *models)
{
	struct model_list known;

	models_from_db(&known, db);
	models_keep(&known, models, "the database");
	models_release(&known);
}

/* In stretches of neighbours that end with the month at the latest. */
struct change_totals calculate_days(const struct day_set *wanted, const struct model_choice *models)
{
	struct store s = { .records = db_connect(), .writing = writer_thread_start(write_day), .models = models };
	struct day_range stretch;

	check_models(s.records, models);
	s.stored = db_connect_again();
	progress_begin(&s.progress, wanted->n_days, "days");
	s.writer = s.jobs[0].db = s.jobs[1].db = db_connect_again();
	for (day_t day = 0; day_set_stretch(wanted, day, &stretch); day = stretch.to + 1)
		store_stretch(&s, stretch);
	progress_end(&s.progress);
	writer_thread_end(s.writing);
	changes_release(&s.jobs[0].changes);
	changes_release(&s.jobs[1].changes);
	statistics_refresh(s.records, "{historical_bitcoin_calculations}", s.totals.added + s.totals.replaced);
	PQfinish(s.records);
	PQfinish(s.stored);
	PQfinish(s.writer);
	return s.totals;
}

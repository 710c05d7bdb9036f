#include "calculation/calculate_days_db.h"

#include <stdio.h>

#include "calculation/day_proofs_db.h"
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

	db_begin(job->db, "");
	changes_write(job->db, &job->changes);
	db_exec(job->db, "commit");
}

/* Two sessions read and one writes, in a thread of its own: while the server takes one day's
 * changes the next day's are worked out.  The second and the third are made when they are needed. */
struct store {
	PGconn *records, *stored, *writer;
	struct writer_thread *writing;
	struct day_job jobs[2];		/* by turns */
	const struct model_choice *models;
	struct proving proving;
	struct day_proofs proofs;	/* of the stretch */
	struct day_proof *proved;	/* those of its days that had none and are correct, once all is written */
	size_t n_proved;
	struct change_totals totals;
	struct progress progress;
	long done;			/* days */
};

/* What is proved of a day once its changes are written, for the end of the stretch; false if nothing is.  Of models
 * that are retired it is not known which calculations stay, where others change: the next run proves that day. */
static bool prove(const struct store *s, const struct days *d, const struct calculation_facts *facts,
		  const struct changes *changes, const struct day_count *count, struct day_proof *proof)
{
	if (!s->proving.seal || s->models->n || changes->n_unknown)
		return false;
	*proof = (struct day_proof){ .day = d->day, .inputs = digest_inputs(facts, d->day), .records = d->n_records,
				     .pairs = (long)d->n_pairs, .expected = count->expected };
	for (size_t i = 0; i < d->n_pairs; i++)
		proof->nmwh += d->pairs[i].nmwh;
	if (changes_any(changes)) {
		proof->calculations = d->required.n;
		digest_format(d->required.sum, proof->digest);
		return d->required.n == count->expected && d->required.n == d->n_stored - changes->n_gone + changes->n_rows;
	}
	proof->calculations = d->n_stored;
	snprintf(proof->digest, sizeof proof->digest, "%s", d->stored_digest);
	return *proof->digest;
}

/* The days of which nothing is stored are correct too; a proof spares others to ask for them. */
static void prove_empty_days(struct store *s, struct day_range range, const char *seen,
			     const struct calculation_facts *facts)
{
	const struct day_proof *proof;

	if (!s->proving.seal || s->models->n)
		return;
	s->proofs.next = 0;
	for (day_t day = range.from; day <= range.to; day++) {
		proof = day_proofs_from(&s->proofs, day);
		if (!seen[day - range.from] && !(proof && proof->day == day))
			s->proved[s->n_proved++] = (struct day_proof){ .day = day, .inputs = digest_inputs(facts, day), .digest = "0" };
	}
}

/* One day: what is wrong is given to the thread that writes. */
static void store_day(struct store *s, struct days *days, const struct calculation_facts *facts, int *turn)
{
	struct day_job *job = &s->jobs[*turn];
	struct day_count count;

	changes_begin(&job->changes, days->text);
	if (!days_compare(days, facts, changes_note, &job->changes, &count))
		return;
	changes_count(&s->totals, &job->changes, &count);
	if (days->proof)
		return;
	if (prove(s, days, facts, &job->changes, &count, &s->proved[s->n_proved]))
		s->n_proved++;
	if (changes_any(&job->changes)) {
		job->db = db_when_needed(&s->writer);
		writer_thread_give(s->writing, job);
		*turn = !*turn;
	}
}

/* Make the calculations of a stretch of days right.  The session that reads the records holds the
 * days until all are written, so that nobody changes them in between; the facts in force are
 * asked for once they are held.  Days with a proof that holds are not read. */
static void store_stretch(struct store *s, struct day_range range)
{
	struct reference reference;
	struct calculation_facts facts;
	struct days days;
	char seen[31] = { 0 };		/* days of the month that hold something */
	int turn = 0;

	db_begin(s->records, "");
	for (day_t day = range.from; day <= range.to; day++)
		db_lock_day(s->records, day, 60);
	proving_begin(&s->proving, s->records, range.from);
	reference_from_db(&reference, s->records);
	facts = reference_facts(&reference);
	day_proofs_read(&s->proofs, s->records, range, &facts);
	models_keep(&reference.models, s->models, "the database");
	facts = reference_facts(&reference);
	days_open(&days, s->records, &s->stored, range.from, range.to, s->models->n ? &facts : NULL, &s->proofs);
	s->n_proved = 0;
	while (days_next(&days)) {
		progress_show(&s->progress, s->done++);
		seen[days.day - range.from] = 1;
		store_day(s, &days, &facts, &turn);
	}
	s->totals.left_days += days.left;
	days_close(&days);
	writer_thread_wait(s->writing);
	prove_empty_days(s, range, seen, &facts);
	if (s->n_proved)
		proving_store(&s->proving, s->records, s->proved, s->n_proved);
	db_exec(s->records, "commit");
	day_proofs_release(&s->proofs);
	proving_end(&s->proving);
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
	struct day_proof proved[31];
	struct store s = { .proved = proved, .records = db_connect(), .writing = writer_thread_start(write_day),
			   .models = models };
	struct day_range stretch;

	check_models(s.records, models);
	progress_begin(&s.progress, wanted->n_days, "days");
	day_proofs_tidy(s.records);
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

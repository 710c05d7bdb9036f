/*
 * calc-btc - the bitcoin that curtailed energy would have mined
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "os/writer_thread.h"
#include "calculation/calculation_changes_db.h"
#include "calculation/stored_days_db.h"
#include "db/day_set.h"
#include "db/db.h"
#include "os/log.h"
#include "cli/input.h"
#include "cli/opts.h"
#include "calculation/energy_sums_io.h"
#include "calculation/facts_db.h"
#include "format/tsv.h"

static const char help[] =
	"usage: calc-btc [--model M]... [--difficulty D] [--subsidy S] <curtailment rows\n"
	"       calc-btc --store [--model M]... {DATE [TO] | --last N | - <keys}\n"
	"\n"
	"As a filter: read curtailment rows (settlement_date, settlement_period, farm_id, volume),\n"
	"add them up by date, period and farm, and print for each miner model the machines that the\n"
	"energy can power for the half hour and the bitcoin they mine.  No database is used.\n"
	"\n"
	"      --model M          only this miner model, also with --store; may be repeated\n"
	"      --difficulty D     use this difficulty, not the one in force at the period's start\n"
	"      --subsidy S        use this block subsidy (BTC) likewise\n"
	"      --models FILE      other miner models than sql/reference/miner-models.tsv\n"
	"      --history FILE     another difficulty history than sql/reference/difficulty-epochs.tsv\n"
	OPTS_ROWS_HELP
	"\n"
	"With --store: make the stored calculations of these days match the stored records: add the\n"
	"missing, replace the stale, remove the orphans, leave the rest untouched.  One transaction per\n"
	"day; a second run writes nothing.  With -, the days are those of the column settlement_date\n"
	"on standard input, as find-missing prints them.\n"
	"\n"
	"      --store            write to the database\n"
	"      --last N           the N settlement days up to yesterday\n"
	OPTS_HELP
	"\n"
	"  fetch-elexon 2025-03-04 | calc-btc --difficulty 110568428300952 --subsidy 3.125\n"
	"  find-missing --last 30 | calc-btc --store -\n";

/* As a filter ---------------------------------------------------------------------------------- */

/* The models that --model names; none: all. */
struct model_choice {
	const char *names[64];
	size_t n;
};

struct filter {
	unsigned __int128 difficulty;	/* 0: the one in force */
	int64_t subsidy;		/* 0: the one in force */
	const char *models_file, *history_file;
	struct model_choice models;
	struct tsv_writer out;
};

/* Sum the input; a row that cannot be right, or that nothing can be calculated for, ends it all
 * before anything is printed. */
static struct pair_sums *read_records(const struct filter *f, const struct reckon_facts *facts)
{
	static const char *const columns[] = { "settlement_date", "settlement_period", "farm_id", "volume", NULL };
	struct pair_sums *sums = pairs_new(0);
	struct period_inputs inputs;
	struct tsv_reader in;
	struct reason why;
	day_t day, known_day = 0;
	long period, known_period = 0;

	input_open_rows(&in, "-", columns, 4);
	while (input_row(&in)) {
		energy_t energy;
		char *end;

		for (int i = 0; i < 4; i++)
			if (!in.value[i])
				input_refuse(&in, "%s is null", columns[i]);
		if (!day_parse(in.value[0], &day))
			input_refuse(&in, "settlement_date \"%.40s\" is not a date", in.value[0]);
		period = strtol(in.value[1], &end, 10);
		if (end == in.value[1] || *end || period < 1 || period > settlement_periods(day))
			input_refuse(&in, "settlement_period \"%.40s\": %s has periods 1 to %d", in.value[1], in.value[0],
				     settlement_periods(day));
		if (!energy_parse(in.value[3], &energy, &why))
			input_refuse(&in, "volume: %s", why.text);
		if (energy > 0)
			input_refuse(&in, "volume %s is not curtailment, which is below zero", in.value[3]);
		if ((day != known_day || period != known_period) &&
		    !reckon_inputs_given(facts, day, (int)period, f->difficulty, f->subsidy, &inputs, &why))
			input_refuse(&in, "%s", why.text);
		known_day = day;
		known_period = period;
		if (!pairs_add(sums, day, (int)period, in.value[2], energy, &why))
			die(pairs_disk_failed(sums) ? EX_IOERR : EX_DATAERR, "standard input, line %ld: %s", in.line_number, why.text);
	}
	if (!pairs_finish(sums, &why))
		die(pairs_disk_failed(sums) ? EX_IOERR : EX_DATAERR, "%s", why.text);
	input_close_rows(&in);
	return sums;
}

/* One calculation as it is printed: without the columns of the model, which the reader knows. */
static void print_calculation(struct tsv_writer *out, day_t day, const struct pair *pair, const struct miner_model *model,
			      const struct period_inputs *inputs)
{
	char date[DAY_TEXT], mwh[NMWH_TEXT], btc[SATOSHI_TEXT];
	int64_t miners = btc_miners(pair->nmwh, model), satoshi;
	struct reason why;

	if (!btc_mined(miners, model, inputs->difficulty, inputs->subsidy, &satoshi, &why))
		die(EX_DATAERR, "%s, period %d, %s: %s", day_format(day, date), pair->period, pair->farm, why.text);
	tsv_plain(out, day_format(day, date));
	tsv_int(out, pair->period);
	tsv_text(out, pair->farm);
	tsv_text(out, model->name);
	tsv_plain(out, nmwh_format(pair->nmwh, mwh));
	tsv_int(out, miners);
	tsv_plain(out, inputs->difficulty_text);
	tsv_plain(out, inputs->subsidy_text);
	tsv_plain(out, satoshi_format(satoshi, btc));
	tsv_end_row(out);
}

static void filter_rows(struct filter *f)
{
	static const char *const columns[] = { "settlement_date", "settlement_period", "farm_id", "miner_model", "curtailed_mwh",
					       "miners", "difficulty", "subsidy", "bitcoin_mined", NULL };
	struct reference reference;
	struct reckon_facts facts;
	struct pair_sums *sums;
	struct period_inputs inputs;
	struct pair pair;
	struct reason why;
	day_t day, known_day = 0;
	int got, known_period = 0;

	reference_from_files(&reference, f->models_file, f->history_file);
	if (f->models.n)
		models_keep(&reference.models, f->models.names, f->models.n, f->models_file ? f->models_file : "the reference file; --models names another");
	facts = reference_facts(&reference);
	sums = read_records(f, &facts);
	tsv_begin(&f->out, stdout, columns);
	while ((got = pairs_next(sums, &day, &pair, &why)) > 0) {
		if (day != known_day || pair.period != known_period) {
			char date[DAY_TEXT];

			if (!reckon_inputs_given(&facts, day, pair.period, f->difficulty, f->subsidy, &inputs, &why))
				die(EX_DATAERR, "%s, period %d: %s", day_format(day, date), pair.period, why.text);
			known_day = day;
			known_period = pair.period;
		}
		for (size_t m = 0; m < facts.n_models; m++)
			if (facts.models[m].active || f->models.n)
				print_calculation(&f->out, day, &pair, &facts.models[m].model, &inputs);
	}
	if (got < 0)
		die(pairs_disk_failed(sums) ? EX_IOERR : EX_DATAERR, "%s", why.text);
	pairs_free(sums);
	reference_release(&reference);
	tsv_release(&f->out);
}

/* Into the database ---------------------------------------------------------------------------- */

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
	struct reason why;
	int turn = 0;

	db_exec(s->records, "begin");
	for (day_t day = range.from; day <= range.to; day++)
		db_lock_day(s->records, day, 60);
	reference_from_db(&reference, s->records);
	if (s->models->n)
		models_keep(&reference.models, s->models->names, s->models->n, "the database");
	facts = reference_facts(&reference);
	days_open(&days, s->records, s->stored, range.from, range.to, s->models->n ? &facts : NULL);
	while (days_next(&days)) {
		struct changes *changes = &s->jobs[turn].changes;
		const struct comparison comparison = { days_stored, &days, changes_note, changes };

		changes_begin(changes, days.text);
		if (!reckon_compare(&facts, days.day, days.pairs, days.n_pairs, &comparison, &count, &why))
			die(EX_DATAERR, "%s: %s", days.text, why.text);
		changes_count(&s->totals, changes, &count);
		if (changes_any(changes)) {
			writer_thread_give(s->writing, &s->jobs[turn]);
			turn = !turn;
		}
	}
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
	if (models->n)
		models_keep(&known, models->names, models->n, "the database");
	models_release(&known);
}

/* Store the wanted days, in stretches of neighbours that end with the month at the latest. */
static void store_days(const struct day_set *wanted, const struct model_choice *models)
{
	struct store s = { .records = db_connect(), .writing = writer_thread_start(write_day), .models = models };
	struct day_range stretch;

	check_models(s.records, models);
	s.stored = db_connect_again();
	s.writer = s.jobs[0].db = s.jobs[1].db = db_connect_again();
	for (day_t day = 0; day_set_stretch(wanted, day, &stretch); day = stretch.to + 1)
		store_stretch(&s, stretch);
	writer_thread_end(s.writing);
	log_fact(LOG_INFO, "calculated", "days=%ld added=%ld replaced=%ld removed=%ld failed_days=%ld", s.totals.days,
		 s.totals.added, s.totals.replaced, s.totals.removed, s.totals.failed_days);
	changes_release(&s.jobs[0].changes);
	changes_release(&s.jobs[1].changes);
	PQfinish(s.records);
	PQfinish(s.stored);
	PQfinish(s.writer);
	if (s.totals.failed_days)
		die(EX_DATAERR, "%ld days are left with calculations missing", s.totals.failed_days);
}

int main(int argc, char **argv)
{
	enum { DIFFICULTY = 1, SUBSIDY, MODEL, MODELS, HISTORY, STORE, LAST };
	static const struct option longopts[] = {
		{ "difficulty", required_argument, NULL, DIFFICULTY },
		{ "subsidy", required_argument, NULL, SUBSIDY },
		{ "model", required_argument, NULL, MODEL },
		{ "models", required_argument, NULL, MODELS },
		{ "history", required_argument, NULL, HISTORY },
		{ "store", no_argument, NULL, STORE },
		{ "last", required_argument, NULL, LAST },
		OPTS_ROWS, OPTS_COMMON
	};
	struct filter filter = { 0 };
	static struct day_set wanted;
	const char *last = NULL;
	bool storing = false, filtering = false;
	struct reason why;
	int c;

	log_init(argv[0]);
	while ((c = getopt_long(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		filtering |= (c >= DIFFICULTY && c <= HISTORY && c != MODEL) || c == OPT_FORMAT || c == OPT_NO_HEADER;
		switch (c) {
		case DIFFICULTY:
			if (!difficulty_parse(optarg, &filter.difficulty, &why))
				die(EX_USAGE, "--difficulty: %s", why.text);
			break;
		case SUBSIDY:
			if (!subsidy_parse(optarg, &filter.subsidy, &why))
				die(EX_USAGE, "--subsidy: %s", why.text);
			break;
		case MODEL:
			if (filter.models.n == sizeof filter.models.names / sizeof *filter.models.names)
				die(EX_USAGE, "--model %s: too many of them", optarg);
			filter.models.names[filter.models.n++] = optarg;
			break;
		case MODELS:  filter.models_file = optarg;  break;
		case HISTORY: filter.history_file = optarg; break;
		case STORE:   storing = true;               break;
		case LAST:    last = optarg;                break;
		default:
			if (!opts_rows(c, &filter.out))
				opts_common(c, help);
		}
	}
	if (storing && filtering)
		die(EX_USAGE, "--store takes everything from the database: leave the filter's options out");
	if (!storing && (last || optind < argc))
		die(EX_USAGE, "dates go with --store; as a filter, calc-btc reads standard input");
	if (!storing) {
		filter_rows(&filter);
		return flush_stdout();
	}
	if (!day_set_args(&wanted, argc - optind, argv + optind, last, time(NULL)))
		die(EX_USAGE, "--store needs DATE [TO], --last N, or - for dates on standard input");
	store_days(&wanted, &filter.models);
	return flush_stdout();
}

/*
 * calc-btc - the bitcoin that curtailed energy would have mined
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "background.h"
#include "days.h"
#include "dayset.h"
#include "db.h"
#include "log.h"
#include "opts.h"
#include "pairs.h"
#include "reference.h"
#include "tsv.h"

/* What is stale or orphan leaves before what should be there comes. */
static const char delete_sql[] =
	"delete from historical_bitcoin_calculations c"
	" using unnest($2::smallint[], $3::text[], $4::text[]) as gone (settlement_period, farm_id, miner_model)"
	" where c.settlement_date = $1::date and c.settlement_period = gone.settlement_period"
	"   and c.farm_id = gone.farm_id and c.miner_model = gone.miner_model";

static const char copy_sql[] =
	"copy historical_bitcoin_calculations (" CALCULATION_COLUMNS ") from stdin";

static const char help[] =
	"usage: calc-btc [--difficulty D] [--subsidy S] [--model M]... <curtailment rows\n"
	"       calc-btc --store {DATE [TO] | --last N | - <keys}\n"
	"\n"
	"As a filter: read curtailment rows (settlement_date, settlement_period, farm_id, volume),\n"
	"add them up by date, period and farm, and print for each miner model the machines that the\n"
	"energy keeps running for the half hour and the bitcoin they mine.  No database is asked.\n"
	"\n"
	"      --difficulty D     use this difficulty, not the one in force at the period's start\n"
	"      --subsidy S        use this block subsidy (BTC) likewise\n"
	"      --model M          only this miner model; may be repeated\n"
	"      --models FILE      other miner models than sql/reference/miner-models.tsv\n"
	"      --history FILE     another difficulty history than sql/reference/difficulty-epochs.tsv\n"
	OPTS_ROWS_HELP
	"\n"
	"With --store: make the stored calculations of these days what the stored records call for:\n"
	"add the missing, replace the stale, remove the orphans, leave the rest untouched.  One\n"
	"transaction a day; a second run writes nothing.  With -, the days are those of the column\n"
	"settlement_date on standard input, such as find-missing prints.\n"
	"\n"
	"      --store            write the database\n"
	"      --last N           the N settlement days up to yesterday\n"
	OPTS_HELP
	"\n"
	"  fetch-elexon 2025-03-04 | calc-btc --difficulty 110568428300952 --subsidy 3.125\n"
	"  find-missing --last 30 | calc-btc --store -\n";

/* As a filter ---------------------------------------------------------------------------------- */

struct filter {
	unsigned __int128 difficulty;	/* 0: the one in force */
	int64_t subsidy;		/* 0: the one in force */
	const char *models_file, *history_file;
	const char *models[64];
	size_t n_models;
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
	int got;

	if (!tsv_open(&in, stdin, "standard input", columns, 4, &why))
		die(EX_DATAERR, "%s", why.text);
	while ((got = tsv_read(&in, &why)) > 0) {
		energy_t energy;
		char *end;

		for (int i = 0; i < 4; i++)
			if (!in.value[i])
				die(EX_DATAERR, "standard input, line %ld: %s is null", in.line_number, columns[i]);
		if (!day_parse(in.value[0], &day))
			die(EX_DATAERR, "standard input, line %ld: settlement_date \"%.40s\" is not a date", in.line_number, in.value[0]);
		period = strtol(in.value[1], &end, 10);
		if (end == in.value[1] || *end || period < 1 || period > settlement_periods(day))
			die(EX_DATAERR, "standard input, line %ld: settlement_period \"%.40s\": %s has periods 1 to %d", in.line_number,
			    in.value[1], in.value[0], settlement_periods(day));
		if (!energy_parse(in.value[3], &energy, &why))
			die(EX_DATAERR, "standard input, line %ld: volume: %s", in.line_number, why.text);
		if (energy > 0)
			die(EX_DATAERR, "standard input, line %ld: volume %s is not curtailment, which is below zero", in.line_number,
			    in.value[3]);
		if ((day != known_day || period != known_period) &&
		    !reckon_inputs_given(facts, day, (int)period, f->difficulty, f->subsidy, &inputs, &why))
			die(EX_DATAERR, "standard input, line %ld: %s", in.line_number, why.text);
		known_day = day;
		known_period = period;
		if (!pairs_add(sums, day, (int)period, in.value[2], energy, &why))
			die(pairs_disk_failed(sums) ? EX_IOERR : EX_DATAERR, "standard input, line %ld: %s", in.line_number, why.text);
	}
	if (got < 0)
		die(EX_DATAERR, "%s", why.text);
	if (!pairs_finish(sums, &why))
		die(pairs_disk_failed(sums) ? EX_IOERR : EX_DATAERR, "%s", why.text);
	tsv_close(&in);
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
	if (f->n_models)
		reference_keep_models(&reference, f->models, f->n_models);
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
			if (facts.models[m].active || f->n_models)
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
struct changes {
	PGconn *db;
	char date[DAY_TEXT];
	struct buf rows;				/* COPY text */
	struct buf periods, farms, models;		/* array literals of the keys that go */
	long n_rows, n_gone, n_unknown;
	char unknown[320];	/* why the first of them is */
};

struct totals {
	long days, added, replaced, removed, failed_days;
};

/* Append one text element to an array literal. */
static void add_element(struct buf *array, const char *text)
{
	buf_adds(array, array->len > 1 ? ",\"" : "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(array, '\\');
		buf_addc(array, *text);
	}
	buf_addc(array, '"');
}

static void note_difference(void *ctx, const struct difference_row *d)
{
	struct changes *c = ctx;
	char period[16];

	if (d->unknown) {
		if (!c->n_unknown++)
			snprintf(c->unknown, sizeof c->unknown, "%s", d->unknown);
		return;
	}
	if (d->difference != MISSING) {
		snprintf(period, sizeof period, "%d", d->period);
		add_element(&c->periods, period);
		add_element(&c->farms, d->farm);
		add_element(&c->models, d->model);
		c->n_gone++;
	}
	if (d->row) {
		buf_add(&c->rows, d->row, d->row_len);
		buf_addc(&c->rows, '\n');
		c->n_rows++;
	}
}

static void begin_changes(struct changes *c, const char *date)
{
	memcpy(c->date, date, DAY_TEXT);
	buf_clear(&c->rows);
	buf_clear(&c->periods);
	buf_clear(&c->farms);
	buf_clear(&c->models);
	buf_addc(&c->periods, '{');
	buf_addc(&c->farms, '{');
	buf_addc(&c->models, '{');
	c->n_rows = c->n_gone = c->n_unknown = 0;
}

static void release_changes(struct changes *c)
{
	buf_release(&c->rows);
	buf_release(&c->periods);
	buf_release(&c->farms);
	buf_release(&c->models);
}

/* The writing thread's job: one transaction. */
static void write_changes(void *job)
{
	struct changes *c = job;

	buf_addc(&c->periods, '}');
	buf_addc(&c->farms, '}');
	buf_addc(&c->models, '}');
	db_exec(c->db, "begin");
	if (c->n_gone)
		db_change(c->db, delete_sql, DB_ARGS(c->date, c->periods.data, c->farms.data, c->models.data));
	if (c->n_rows)
		db_copy(c->db, copy_sql, c->rows.data, c->rows.len);
	db_exec(c->db, "commit");
}

/* Two sessions read and one writes, in a thread of its own: while the server takes one day's
 * changes the next day's are worked out. */
struct store {
	PGconn *records, *stored, *writer;
	struct background *writing;
	struct changes changes[2];	/* by turns */
	struct totals totals;
};

static void count_day(struct totals *totals, const struct changes *c, const struct day_count *count)
{
	totals->days++;
	totals->added += c->n_rows + count->orphan - c->n_gone;
	totals->replaced += c->n_gone - count->orphan;
	totals->removed += count->orphan;
	if (c->n_unknown) {
		totals->failed_days++;
		log_error("%s: %ld calculations cannot be made: %s", c->date, c->n_unknown, c->unknown);
	}
	log_fact(LOG_DEBUG, "calculated", "date=%s expected=%ld missing=%ld stale=%ld orphan=%ld", c->date, count->expected,
		 count->missing, count->stale, count->orphan);
}

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
	facts = reference_facts(&reference);
	days_open(&days, s->records, s->stored, range.from, range.to);
	while (days_next(&days)) {
		struct changes *changes = &s->changes[turn];
		const struct comparison comparison = { days_stored, &days, note_difference, changes };

		begin_changes(changes, days.text);
		if (!reckon_compare(&facts, days.day, days.pairs, days.n_pairs, &comparison, &count, &why))
			die(EX_DATAERR, "%s: %s", days.text, why.text);
		count_day(&s->totals, changes, &count);
		if (changes->n_rows || changes->n_gone) {
			background_give(s->writing, changes);
			turn = !turn;
		}
	}
	days_close(&days);
	background_wait(s->writing);
	db_exec(s->records, "commit");
	reference_release(&reference);
}

/* Store the wanted days, in stretches of neighbours that end with the month at the latest. */
static void store_days(const struct day_set *wanted)
{
	struct store s = { .records = db_connect(), .writing = background_start(write_changes) };
	struct day_range stretch;

	s.stored = db_connect_again();
	s.writer = s.changes[0].db = s.changes[1].db = db_connect_again();
	for (day_t day = 0; dayset_stretch(wanted, day, &stretch); day = stretch.to + 1)
		store_stretch(&s, stretch);
	background_end(s.writing);
	log_fact(LOG_INFO, "calculated", "days=%ld added=%ld replaced=%ld removed=%ld failed_days=%ld", s.totals.days,
		 s.totals.added, s.totals.replaced, s.totals.removed, s.totals.failed_days);
	release_changes(&s.changes[0]);
	release_changes(&s.changes[1]);
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
		filtering |= (c >= DIFFICULTY && c <= HISTORY) || c == OPT_FORMAT || c == OPT_NO_HEADER;
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
			if (filter.n_models == sizeof filter.models / sizeof *filter.models)
				die(EX_USAGE, "--model %s: too many of them", optarg);
			filter.models[filter.n_models++] = optarg;
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
	if (!dayset_args(&wanted, argc - optind, argv + optind, last, time(NULL)))
		die(EX_USAGE, "--store needs DATE [TO], --last N, or - for dates on standard input");
	store_days(&wanted);
	return flush_stdout();
}

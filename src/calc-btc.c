/*
 * calc-btc - the bitcoin that curtailed energy would have mined
 */
#include <time.h>

#include "base/plural.h"
#include "bitcoin/mining.h"
#include "calculation/calculate_days_db.h"
#include "calculation/calculate_rows_io.h"
#include "cli/opts.h"
#include "db/day_set.h"
#include "os/log.h"

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
	"on standard input, as find-missing prints them.  A correct day gets a proof, and is not compared\n"
	"again while it holds (find-missing(1)); with --model no day gets one.\n"
	"\n"
	"      --store            write to the database\n"
	"      --last N           the N settlement days up to yesterday\n"
	OPTS_HELP
	"\n"
	"  fetch-elexon 2025-03-04 | calc-btc --difficulty 110568428300952 --subsidy 3.125\n"
	"  find-missing --last 30 | calc-btc --store -\n";

struct options {
	bool storing;
	struct filter filter;		/* --model goes with both */
	struct day_set days;
};

static void choose_model(struct model_choice *models, const char *name)
{
	if (models->n == sizeof models->names / sizeof *models->names)
		die(EX_USAGE, "--model %s: too many of them", name);
	models->names[models->n++] = name;
}

static void read_options(int argc, char **argv, struct options *o)
{
	enum { DIFFICULTY = 1, SUBSIDY, MODELS, HISTORY, MODEL, STORE, LAST };
	static const struct option longopts[] = {
		{ "difficulty", required_argument, NULL, DIFFICULTY },
		{ "subsidy", required_argument, NULL, SUBSIDY },
		{ "models", required_argument, NULL, MODELS },
		{ "history", required_argument, NULL, HISTORY },
		{ "model", required_argument, NULL, MODEL },
		{ "store", no_argument, NULL, STORE },
		{ "last", required_argument, NULL, LAST },
		OPTS_ROWS, OPTS_COMMON
	};
	const char *last = NULL;
	bool filtering = false;
	struct reason why;
	int c;

	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		filtering |= (c >= DIFFICULTY && c <= HISTORY) || c == OPT_FORMAT || c == OPT_NO_HEADER;
		switch (c) {
		case DIFFICULTY:
			if (!difficulty_parse(optarg, &o->filter.difficulty, &why))
				die(EX_USAGE, "--difficulty: %s", why.text);
			break;
		case SUBSIDY:
			if (!subsidy_parse(optarg, &o->filter.subsidy, &why))
				die(EX_USAGE, "--subsidy: %s", why.text);
			break;
		case MODELS:  o->filter.models_file = optarg;             break;
		case HISTORY: o->filter.history_file = optarg;            break;
		case MODEL:   choose_model(&o->filter.models, optarg);    break;
		case STORE:   o->storing = true;                          break;
		case LAST:    last = optarg;                              break;
		default:
			if (!opts_rows(c, &o->filter.out))
				opts_common(c, help);
		}
	}
	if (o->storing && filtering)
		die(EX_USAGE, "--store takes everything from the database: leave the filter's options out");
	if (!o->storing && (last || optind < argc))
		die(EX_USAGE, "dates go with --store; as a filter, calc-btc reads standard input");
	if (o->storing && !day_set_args(&o->days, argc - optind, argv + optind, last, time(NULL)))
		die(EX_USAGE, "--store needs DATE [TO], --last N, or - for dates on standard input");
}

/* Say what was done; days that could not be done in full are a failure. */
static void report_totals(const struct change_totals *totals)
{
	log_fact(LOG_INFO, "calculated", "days=%ld added=%ld replaced=%ld removed=%ld failed_days=%ld", totals->days,
		 totals->added, totals->replaced, totals->removed, totals->failed_days + totals->left_days);
	if (totals->left_days)
		die(EX_DATAERR, "%ld %s skipped, because the stored rows cannot be read; the others are done", totals->left_days,
		    plural(totals->left_days, "day was", "days were"));
	if (totals->failed_days)
		die(EX_DATAERR, "%ld %s left with calculations missing", totals->failed_days,
		    plural(totals->failed_days, "day is", "days are"));
}

int main(int argc, char **argv)
{
	static struct options o;

	tool_begin(argc, argv);
	read_options(argc, argv, &o);
	if (o.storing) {
		const struct change_totals totals = calculate_days(&o.days, &o.filter.models);

		report_totals(&totals);
	} else {
		filter_rows(&o.filter);
	}
	return flush_stdout();
}

/*
 * rollup-summaries - make every summary equal the level below it
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calculation/summaries_db.h"
#include "cli/currency.h"
#include "cli/opts.h"
#include "db/day_set.h"
#include "db/db.h"
#include "db/statistics.h"
#include "format/tsv.h"
#include "os/log.h"
#include "os/progress.h"

static const char help[] =
	"usage: rollup-summaries [--whole] [DATE [TO] | --last N | -]\n"
	"\n"
	"Sum the days from the records and calculations, the months from the days, and the years from the\n"
	"months; write the summaries that differ, and print the changes: level, key, field, old, new.\n"
	"Bitcoin is valued in the currency that WINDFALL_CURRENCY names (USD); days valued in another are\n"
	"revalued, whichever days were given.\n"
	"Where nothing differs, nothing is written or printed.  Without DATE: every day in the database;\n"
	"with -, the days of the column settlement_date on standard input.\n"
	"\n"
	"      --last N           the N settlement days up to yesterday\n"
	"      --whole            read the records and calculations of each day, even where its proof\n"
	"                         (find-missing) holds and its sums are those made of it\n"
	OPTS_ROWS_HELP OPTS_HELP
	"\n"
	"The days of a month, with that month and its year, are one transaction.\n";

/* Days of one month, then the month and the year, in one transaction; what changed is in out when
 * it is done. */
static long sum_stretch(PGconn *db, struct day_range stretch, const char *currency, bool whole, struct tsv_writer *out)
{
	long changed;

	/* Each statement sees what was committed while the days and the year were waited for. */
	db_begin(db, "isolation level read committed");
	changed = summaries_sum(db, stretch, currency, whole, out);
	db_exec(db, "commit");
	return changed;
}

/* The changes are printed as each stretch is committed.  How many rows that was. */
static long sum_days(PGconn *db, const struct day_set *wanted, const char *currency, bool whole, struct tsv_writer *out)
{
	struct progress progress;
	struct day_range stretch;
	long changed = 0, done = 0;

	tsv_begin(out, NULL, summary_columns);
	progress_begin(&progress, wanted->n_days, "days");
	for (day_t day = 0; day_set_stretch(wanted, day, &stretch); day = stretch.to + 1) {
		changed += sum_stretch(db, stretch, currency, whole, out);
		done += stretch.to - stretch.from + 1;
		progress_show(&progress, done);
		summaries_print(out);
	}
	progress_end(&progress);
	return changed;
}

int main(int argc, char **argv)
{
	enum { LAST = 1, WHOLE };
	static const struct option longopts[] = {
		{ "last", required_argument, NULL, LAST },
		{ "whole", no_argument, NULL, WHOLE },
		OPTS_ROWS, OPTS_COMMON
	};
	static struct day_set wanted;
	struct tsv_writer out = { 0 };
	const char *last = NULL, *currency;
	bool everything, whole = false;
	long changed;
	PGconn *db;
	int c;

	tool_begin(argc, argv);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		if (c == LAST)
			last = optarg;
		else if (c == WHOLE)
			whole = true;
		else if (!opts_rows(c, &out))
			opts_common(c, help);
	}
	everything = !day_set_args(&wanted, argc - optind, argv + optind, last, time(NULL));
	currency = currency_configured();
	db = db_connect();
	if (everything)
		day_set_add_known(&wanted, db);
	summaries_add_to_revalue(db, currency, &wanted);
	changed = sum_days(db, &wanted, currency, whole, &out);
	log_fact(LOG_INFO, "summed", "days=%ld rows_changed=%ld currency=%s",
		 everything ? day_set_stored(&wanted, db) : wanted.n_days, changed, currency);
	/* Of farms and half hours more rows change than are printed. */
	statistics_refresh(db, "{daily_summaries,bitcoin_daily_summaries,farm_daily_summaries,period_summaries,"
			       "bitcoin_farm_daily_summaries,bitcoin_period_summaries}", changed ? STATISTICS_ROWS : 0);
	tsv_release(&out);
	PQfinish(db);
	return flush_stdout();
}

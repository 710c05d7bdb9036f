/*
 * audit-calcs - recalculate the stored figures independently and list what differs
 *
 * Nothing here is shared with the tools that wrote the figures: the start of a half hour, the
 * difficulty and subsidy in force at it, the energy, the machines, the bitcoin and every sum are
 * worked out by PostgreSQL in exact numeric.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/plural.h"
#include "cli/currency.h"
#include "cli/opts.h"
#include "db/day_set.h"
#include "db/db.h"
#include "exact/calendar.h"
#include "format/tsv.h"
#include "os/log.h"
#include "os/progress.h"
#include "query/audit-bitcoin-day.h"
#include "query/audit-bitcoin-farm-day.h"
#include "query/audit-bitcoin-half-hour.h"
#include "query/audit-bitcoin-month.h"
#include "query/audit-bitcoin-year.h"
#include "query/audit-calculation.h"
#include "query/audit-capacity.h"
#include "query/audit-day.h"
#include "query/audit-difficulty.h"
#include "query/audit-doubled.h"
#include "query/audit-doubtful.h"
#include "query/audit-epoch-days.h"
#include "query/audit-epoch.h"
#include "query/audit-farm-day.h"
#include "query/audit-half-hour.h"
#include "query/audit-month.h"
#include "query/audit-network-share.h"
#include "query/audit-pattern.h"
#include "query/audit-period.h"
#include "query/audit-price.h"
#include "query/audit-proof.h"
#include "query/audit-ratio.h"
#include "query/audit-record.h"
#include "query/audit-replacement-day.h"
#include "query/audit-replacement-month.h"
#include "query/audit-replacement-year.h"
#include "query/audit-replacement.h"
#include "query/audit-settled-day.h"
#include "query/audit-unchecked.h"
#include "query/audit-unit.h"
#include "query/audit-year.h"
#include "query/audit-yield.h"

/*
 * Each statement is a file, sql/query/audit-NAME.sql, that psql runs as it stands.  It takes the first day and the
 * last, which are of one month, and gives the rows key, field, stored, expected, difference.
 */

/* What a statement is about: the doubtful days, of which alone it can list anything (audit-doubtful finds them); each
 * day by itself; the days together; the month or the year above them, once each; or facts of any days, whether
 * anything is stored of them or not.  And what its rows are. */
enum scope { OF_DOUBTFUL, OF_DAYS, OF_STRETCHES, OF_MONTHS, OF_YEARS, OF_FACTS };
enum meaning { DIFFERENCE, UNCHECKED, WARNING };

struct level {
	const char *name;
	enum scope scope;
	enum meaning meaning;
	const char *sql;
	bool valued;			/* it takes the currency configured too */
};

static const struct level levels[] = {
	{ "record", OF_DOUBTFUL, DIFFERENCE, query_audit_record, false },
	{ "period", OF_DOUBTFUL, DIFFERENCE, query_audit_period, false },
	{ "calculation", OF_DOUBTFUL, DIFFERENCE, query_audit_calculation, false },
	{ "unchecked", OF_DOUBTFUL, UNCHECKED, query_audit_unchecked, false },
	{ "day", OF_DOUBTFUL, DIFFERENCE, query_audit_day, false },
	{ "bitcoin_day", OF_DOUBTFUL, DIFFERENCE, query_audit_bitcoin_day, true },
	{ "farm_day", OF_DOUBTFUL, DIFFERENCE, query_audit_farm_day, false },
	{ "half_hour", OF_DOUBTFUL, DIFFERENCE, query_audit_half_hour, false },
	{ "bitcoin_farm_day", OF_DOUBTFUL, DIFFERENCE, query_audit_bitcoin_farm_day, false },
	{ "bitcoin_half_hour", OF_DOUBTFUL, DIFFERENCE, query_audit_bitcoin_half_hour, false },
	{ "proof", OF_DOUBTFUL, DIFFERENCE, query_audit_proof, false },
	{ "replacement", OF_DAYS, DIFFERENCE, query_audit_replacement, false },
	{ "replacement_day", OF_DAYS, DIFFERENCE, query_audit_replacement_day, false },
	{ "settled_day", OF_DAYS, DIFFERENCE, query_audit_settled_day, false },
	{ "month", OF_MONTHS, DIFFERENCE, query_audit_month, false },
	{ "bitcoin_month", OF_MONTHS, DIFFERENCE, query_audit_bitcoin_month, false },
	{ "replacement_month", OF_MONTHS, DIFFERENCE, query_audit_replacement_month, false },
	{ "year", OF_YEARS, DIFFERENCE, query_audit_year, false },
	{ "bitcoin_year", OF_YEARS, DIFFERENCE, query_audit_bitcoin_year, false },
	{ "replacement_year", OF_YEARS, DIFFERENCE, query_audit_replacement_year, false },
};

static const struct level warnings[] = {
	{ "warning", OF_DAYS, WARNING, query_audit_ratio, false },
	{ "warning", OF_DAYS, WARNING, query_audit_yield, false },
	{ "warning", OF_DAYS, WARNING, query_audit_pattern, false },
	{ "warning", OF_DAYS, WARNING, query_audit_doubled, false },
	{ "warning", OF_DAYS, WARNING, query_audit_network_share, false },
	{ "warning", OF_STRETCHES, WARNING, query_audit_epoch, false },
	{ "warning", OF_STRETCHES, WARNING, query_audit_unit, false },
	{ "warning", OF_STRETCHES, WARNING, query_audit_capacity, false },
	{ "warning", OF_FACTS, WARNING, query_audit_difficulty, false },
	{ "warning", OF_FACTS, WARNING, query_audit_price, false },
	{ "warning", OF_FACTS, WARNING, query_audit_epoch_days, false },
};

static const char help[] =
	"usage: audit-calcs [--plausibility | --strict] [DATE [TO] | --last N | -]\n"
	"\n"
	"Recalculate every calculation and every sum from the stored records, and list what differs:\n"
	"level, key, field, stored, expected, difference.  Nothing is written.  Without DATE: every day\n"
	"in the database; with -, the days of the column settlement_date on standard input.\n"
	"A proof of a day (find-missing) that its rows contradict is listed too, at the level proof.\n"
	"Values must be in the currency that WINDFALL_CURRENCY names (USD).\n"
	"\n"
	"      --last N           the N settlement days up to yesterday\n"
	"      --plausibility     also warn, on standard error, about implausible figures that nobody has\n"
	"                         acknowledged (scripts/acknowledge)\n"
	"      --strict           list these warnings as differences instead\n"
	OPTS_ROWS_HELP OPTS_HELP
	"\n"
	"Exit: 0 everything was checked and nothing differs, 1 something differs, 65 something could not\n"
	"be checked because the difficulty or the subsidy of its half hour is not known.\n";

static const char *const columns[] = { "level", "key", "field", "stored", "expected", "difference", NULL };

struct audit {
	PGconn *db[2];			/* the second is made for the first stretch that is long enough for two */
	const char *currency;		/* in which the summaries should be valued */
	bool plausibility, strict;
	struct tsv_writer out;
	PGresult *acknowledged;		/* field and key of what a person has looked at */
	long differences, unchecked, warnings;
};

static void print_row(struct tsv_writer *out, const char *level, const PGresult *row)
{
	tsv_plain(out, level);
	db_put_fields(row, 0, out);
	tsv_end_row(out);
}

static const char acknowledged_sql[] = "select field, key from acknowledged_implausible";

/* Has a person looked at this?  A key that ends in * stands for all that begin so. */
static bool is_acknowledged(const struct audit *a, const char *field, const char *key)
{
	for (int i = 0; i < PQntuples(a->acknowledged); i++) {
		const char *known = PQgetvalue(a->acknowledged, i, 1);
		size_t len = strlen(known);

		if (strcmp(PQgetvalue(a->acknowledged, i, 0), field) == 0 &&
		    (strcmp(known, key) == 0 || (len && known[len - 1] == '*' && strncmp(known, key, len - 1) == 0)))
			return true;
	}
	return false;
}

static void found(struct audit *a, const struct level *level, const PGresult *row)
{
	if (level->meaning == WARNING && is_acknowledged(a, PQgetvalue(row, 0, 1), PQgetvalue(row, 0, 0)))
		return;
	if (level->meaning == WARNING && !a->strict) {
		a->warnings++;
		log_warning("implausible: %s of %s is %s%s%s", PQgetvalue(row, 0, 1), PQgetvalue(row, 0, 0), PQgetvalue(row, 0, 2),
			    PQgetisnull(row, 0, 3) ? "" : ", expected ", PQgetvalue(row, 0, 3));
		return;
	}
	if (level->meaning == UNCHECKED)
		a->unchecked++;
	else
		a->differences++;
	print_row(&a->out, level->name, row);
}

/* The days of a stretch in two halves, the later of them the second session's, so that two processors work at it; one
 * half where there is too little for two. */
struct halves {
	int n;
	char from[2][DAY_TEXT], to[2][DAY_TEXT];
};

static struct halves whole(struct day_range stretch)
{
	struct halves h = { .n = 1 };

	day_format(stretch.from, h.from[0]);
	day_format(stretch.to, h.to[0]);
	return h;
}

/* What was fetched of ten days is enough to pay for the second session's share of the planning.  Fewer days have no 480
 * half hours, and nobody needs to be asked. */
enum { LONG_DAYS = 10 };

static const char is_long_sql[] =
	"select count(*) > 480 from ingested_periods where settlement_date between $1::date and $2::date";

static struct halves split(struct audit *a, struct day_range stretch)
{
	struct halves h = whole(stretch);
	day_t middle = stretch.from + (stretch.to - stretch.from) / 2;
	char *is_long;

	if (stretch.to - stretch.from + 1 < LONG_DAYS)
		return h;
	is_long = db_value(a->db[0], is_long_sql, DB_ARGS(h.from[0], h.to[0]));
	if (*is_long == 't') {
		db_when_needed(&a->db[1]);
		h.n = 2;
		day_format(middle, h.to[0]);
		day_format(middle + 1, h.from[1]);
		day_format(stretch.to, h.to[1]);
	}
	free(is_long);
	return h;
}

/* Run the statements that are of this scope, each half by its session. */
static void check_levels(struct audit *a, const struct level *list, size_t n_levels, enum scope scope,
			 const struct halves *halves)
{
	struct db_rows rows[2];
	const PGresult *row;

	for (const struct level *level = list; level < list + n_levels; level++) {
		if (level->scope != scope)
			continue;
		for (int h = 0; h < halves->n; h++)
			db_rows_begin(&rows[h], a->db[h], level->sql, level->valued ? 3 : 2,
				      (const char *const[]){ halves->from[h], halves->to[h], a->currency });
		for (int h = 0; h < halves->n; h++)
			while ((row = db_rows_next(&rows[h])))
				found(a, level, row);
	}
}

/* Of both halves the days of which something differs, the first of them to the last; false if there are none. */
static bool doubtful(struct audit *a, const struct halves *halves, struct day_range *differing)
{
	struct db_rows rows[2];
	const PGresult *row;
	bool any = false;

	for (int h = 0; h < halves->n; h++)
		db_rows_begin(&rows[h], a->db[h], query_audit_doubtful, 3,
			      (const char *const[]){ halves->from[h], halves->to[h], a->currency });
	for (int h = 0; h < halves->n; h++)
		while ((row = db_rows_next(&rows[h]))) {
			if (!day_parse(PQgetvalue(row, 0, 0), &differing->to))
				die(EX_SOFTWARE, "a stored date cannot be read: %s", PQgetvalue(row, 0, 0));
			if (!any)
				differing->from = differing->to;
			any = true;
		}
	return any;
}

static void check(struct audit *a, enum scope scope, struct halves halves)
{
	check_levels(a, levels, sizeof levels / sizeof *levels, scope, &halves);
	if (a->plausibility)
		check_levels(a, warnings, sizeof warnings / sizeof *warnings, scope, &halves);
}

/* Do two days differ in the year (4) or the month (7)?  The day behind the last of all differs from each. */
static bool differ_in(size_t letters, day_t one, day_t other)
{
	char a[DAY_TEXT], b[DAY_TEXT];

	return strncmp(day_format(one, a), day_format(other, b), letters) != 0;
}

/* How many rows a statement has put together from the records no planner knows; a merge of those by half of their key
 * is its worst guess. */
static const char at_one_instant[] =
	"isolation level repeatable read read only; set local work_mem = '32MB'; set local enable_mergejoin = off";

/* Days of one month, each as it was at one instant, and with the last of the month's or the year's days what is
 * summed from them: next is the next day that is wanted. */
static void audit_stretch(struct audit *a, struct day_range stretch, day_t next)
{
	const struct halves halves = split(a, stretch);
	struct day_range differing;

	for (int h = 0; h < halves.n; h++)
		db_begin(a->db[h], at_one_instant);
	if (doubtful(a, &halves, &differing))
		check(a, OF_DOUBTFUL, whole(differing));
	check(a, OF_DAYS, halves);
	check(a, OF_STRETCHES, whole(stretch));
	if (differ_in(7, stretch.to, next))
		check(a, OF_MONTHS, whole(stretch));
	if (differ_in(4, stretch.to, next))
		check(a, OF_YEARS, whole(stretch));
	for (int h = 0; h < halves.n; h++)
		db_exec(a->db[h], "commit");
}

static void audit_days(struct audit *a, const struct day_set *wanted)
{
	struct day_range stretch, next = { 0, 0 };
	struct progress progress;
	long done = 0;

	progress_begin(&progress, wanted->n_days, "days");

	for (bool more = day_set_stretch(wanted, 0, &next); more; ) {
		stretch = next;
		more = day_set_stretch(wanted, stretch.to + 1, &next);
		audit_stretch(a, stretch, more ? next.from : DAYSET_DAYS);
		done += stretch.to - stretch.from + 1;
		progress_show(&progress, done);
	}
	progress_end(&progress);
}

static day_t new_year_before(day_t day)
{
	int year, month, mday;

	day_to_civil(day, &year, &month, &mday);
	return day_from_civil(year, 1, 1);
}

/* The facts of the days that were given, or of all days from the first year that is known to the last day. */
static void audit_facts(struct audit *a, const struct day_set *wanted, bool everything)
{
	struct day_range stretch, known = { DAYSET_DAYS, 0 };

	for (day_t day = 0; day_set_stretch(wanted, day, &stretch); day = stretch.to + 1) {
		if (!everything)
			check(a, OF_FACTS, whole(stretch));
		known.from = stretch.from < known.from ? stretch.from : known.from;
		known.to = stretch.to;
	}
	if (everything && known.from <= known.to) {
		known.from = new_year_before(known.from);
		check(a, OF_FACTS, whole(known));
	}
}

/* The days asked for; false if there are none, which means all. */
static bool read_options(int argc, char **argv, struct audit *a, struct day_set *wanted)
{
	enum { LAST = 1, PLAUSIBILITY, STRICT };
	static const struct option longopts[] = {
		{ "last", required_argument, NULL, LAST },
		{ "plausibility", no_argument, NULL, PLAUSIBILITY },
		{ "strict", no_argument, NULL, STRICT },
		OPTS_ROWS, OPTS_COMMON
	};
	const char *last = NULL;
	int c;

	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case LAST:         last = optarg;                                break;
		case PLAUSIBILITY: a->plausibility = true;                    break;
		case STRICT:       a->plausibility = a->strict = true;     break;
		default:
			if (!opts_rows(c, &a->out))
				opts_common(c, help);
		}
	}
	return day_set_args(wanted, argc - optind, argv + optind, last, time(NULL));
}

static void connect_audit(struct audit *a)
{
	a->db[0] = db_connect();
	a->acknowledged = db_query(a->db[0], acknowledged_sql, DB_NO_ARGS);
}

static void release_audit(struct audit *a)
{
	tsv_release(&a->out);
	PQclear(a->acknowledged);
	PQfinish(a->db[0]);
	PQfinish(a->db[1]);
}

int main(int argc, char **argv)
{
	static struct day_set wanted;
	struct audit audit = { 0 };
	bool everything;

	tool_begin(argc, argv);
	everything = !read_options(argc, argv, &audit, &wanted);
	audit.currency = currency_configured();
	connect_audit(&audit);
	if (everything)
		day_set_add_known(&wanted, audit.db[0]);
	tsv_begin(&audit.out, stdout, columns);
	audit_days(&audit, &wanted);
	audit_facts(&audit, &wanted, everything);
	log_fact(LOG_INFO, "audited", "days=%ld differences=%ld unchecked_periods=%ld warnings=%ld",
		 day_set_stored(&wanted, audit.db[0]), audit.differences, audit.unchecked, audit.warnings);
	release_audit(&audit);
	flush_stdout();
	if (audit.unchecked)
		die(EX_DATAERR, "%ld %s could not be checked: the difficulty or the subsidy is not known; see fetch-difficulty",
		    audit.unchecked, plural(audit.unchecked, "period", "periods"));
	return audit.differences ? EX_DIFFERENCES : 0;
}

/*
 * find-missing - list what is missing or wrong in the database
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/plural.h"
#include "calculation/day_proofs_db.h"
#include "calculation/facts_db.h"
#include "calculation/stored_days_db.h"
#include "calculation/summed_days_db.h"
#include "cli/opts.h"
#include "db/day_set.h"
#include "db/db.h"
#include "os/log.h"
#include "query/missing-periods.h"

/* Days that were fetched and whose wind generation is not known for every half hour. */
static const char wind_sql[] =
	"select f.settlement_date, settlement_periods(f.settlement_date), coalesce(w.known, 0)"
	"  from (select distinct settlement_date from ingested_periods"
	"         where settlement_date between $1::date and $2::date) f"
	"  left join (select settlement_date, count(*) as known from wind_known"
	"              where settlement_date between $1::date and $2::date group by settlement_date) w"
	"    on w.settlement_date = f.settlement_date"
	" where coalesce(w.known, 0) < settlement_periods(f.settlement_date)"
	" order by f.settlement_date";

/* Days that hold a period which is not final yet. */
static const char provisional_sql[] =
	"select distinct settlement_date from ingested_periods where status = 'provisional'";

/* Of missing-periods.sql each date, and how many: one whose records are not what the source has is as good as
 * unfetched. */
static const char period_counts_sql[] =
	"select settlement_date, count(*) filter (where reason not in ('provisional', 'suspect')),"
	"       count(*) filter (where reason = 'provisional'), count(*) filter (where reason = 'suspect')"
	"  from (%s) p (settlement_date, settlement_period, reason) group by settlement_date order by settlement_date";

static const char seal_sql[] = "select month_seal(date_trunc('month', $1::date)::date)";

static const char help[] =
	"usage: find-missing [--by-date | --periods | --wind | --unproved] [DATE [TO] | --last N | -]\n"
	"\n"
	"Compare the stored calculations with those that the curtailment records require, and list each\n"
	"one that is missing, stale (its inputs are no longer in force, or it does not follow from them)\n"
	"or orphan (no record beneath it).  Without DATE: every day in the database; with -, the days of\n"
	"the column settlement_date on standard input.\n"
	"\n"
	"      --by-date          count by settlement date, with unfetched (including damaged and\n"
	"                         overlooked), provisional and suspect periods; dates with nothing to\n"
	"                         repair are left out\n"
	"      --all-dates        with --by-date: include those dates\n"
	"      --periods          list settlement periods to fetch instead: unfetched, provisional, suspect\n"
	"                         (the source gave less or more than is possible), damaged (the\n"
	"                         records do not add up to what was fetched), overlooked (a unit is known\n"
	"                         to be wind now, and was not then, or was by a declaration that is\n"
	"                         withdrawn, or is declared to be none);\n"
	"                         fetch-elexon --store - reads them\n"
	"      --wind             list days whose wind generation is not known for every half hour, onshore\n"
	"                         and offshore; fetch-wind --store - reads them\n"
	"      --unproved         list days without a proof, which are compared each time: calc-btc --store -\n"
	"                         compares them and proves those that are correct\n"
	"      --whole            read and compare every day and record, also of days with a proof that holds\n"
	"      --last N           the N settlement days up to yesterday\n"
	"      --recent N         without DATE: of the days in the database only those that hold provisional\n"
	"                         periods, and those of the last N settlement days up to yesterday, and today\n"
	OPTS_ROWS_HELP OPTS_HELP
	"\n"
	"DATE is YYYY-MM-DD, today or yesterday; with TO, every day from DATE to TO.\n"
	"An empty list is success.  calc-btc --store leaves a proof of each day that is correct; it holds\n"
	"until a row of the day, a table of its month, a miner model or a difficulty changes.\n"
	"\n"
	"  find-missing --last 30 | calc-btc --store -\n"
	"  find-missing --periods --last 3 | fetch-elexon --store -\n";

static const char *const key_columns[] = {
	"settlement_date", "settlement_period", "farm_id", "miner_model", "reason", NULL
};
static const char *const date_columns[] = {
	"settlement_date", "expected", "present", "missing", "stale", "orphan", "unfetched", "provisional", "percent",
	"suspect", NULL
};
static const char *const wind_columns[] = { "settlement_date", "periods", "wind_periods", NULL };
static const char *const unproved_columns[] = { "settlement_date", NULL };
static const char *const period_columns[] = { "settlement_date", "settlement_period", "reason", NULL };

/* What every list is made with: the facts, and two sessions that read, of which the second is made when it is
 * needed. */
struct source {
	PGconn *records, *stored;
	struct reference reference;
	instant_t now;
	struct tsv_writer *out;
	bool whole;			/* believe no proof */
	long left;			/* days that could not be compared */
};

/* Compare the days of a stretch that hold anything: differs is called as in a comparison, each_day
 * with the counts behind each, or none where the day cannot be compared; either may be NULL. */
static void walk(struct source *source, struct day_range stretch,
		 void (*differs)(void *, const struct difference_row *),
		 void (*each_day)(void *, const struct days *, const struct day_count *), void *ctx)
{
	const struct calculation_facts facts = reference_facts(&source->reference);
	struct day_proofs proofs = { 0 };
	struct days days;
	struct day_count count;

	if (!source->whole)
		day_proofs_read(&proofs, source->records, stretch, &facts);
	days_open(&days, source->records, &source->stored, stretch.from, stretch.to, NULL, &proofs);
	while (days_next(&days)) {
		bool compared = days_compare(&days, &facts, differs, ctx, &count);

		if (each_day)
			each_day(ctx, &days, compared ? &count : NULL);
	}
	source->left += days.left;
	days_close(&days);
	day_proofs_release(&proofs);
}

/* Keys ----------------------------------------------------------------------------------------- */

static void print_key(void *ctx, const struct difference_row *d)
{
	struct tsv_writer *out = ctx;
	char date[DAY_TEXT];

	tsv_plain(out, day_format(d->day, date));
	tsv_int(out, d->period);
	tsv_text(out, d->farm);
	tsv_text(out, d->model);
	tsv_plain(out, difference_name(d->difference));
	tsv_end_row(out);
}

static void list_keys(struct source *source, struct day_range stretch)
{
	walk(source, stretch, print_key, NULL, source->out);
}

/* Periods -------------------------------------------------------------------------------------- */

/* What missing-periods.sql is asked with. */
struct period_question {
	char from[DAY_TEXT], to[DAY_TEXT], now[INSTANT_TEXT], read_from[DAY_TEXT], read_to[DAY_TEXT];
	const char *args[5];
};

static const char *const *period_args(struct period_question *q, const struct source *source, struct day_range stretch)
{
	struct day_range read = stretch;

	*q = (struct period_question){ .read_from = "infinity", .read_to = "-infinity",
				       .args = { q->from, q->to, q->now, q->read_from, q->read_to } };
	day_format(stretch.from, q->from);
	day_format(stretch.to, q->to);
	instant_format(source->now, q->now);
	if (source->whole || summed_days_unknown(source->records, stretch, &read)) {
		day_format(read.from, q->read_from);
		day_format(read.to, q->read_to);
	}
	return q->args;
}

/* The unfetched, provisional, suspect, overlooked and damaged periods, as they are read. */
static void list_periods(const struct source *source, struct day_range stretch)
{
	struct period_question question;
	struct db_rows rows;
	const PGresult *row;

	db_rows_begin(&rows, source->records, query_missing_periods, 5, period_args(&question, source, stretch));
	while ((row = db_rows_next(&rows))) {
		db_put_fields(row, 0, source->out);
		tsv_end_row(source->out);
	}
}

/* The dates that have such periods, and of each how many: settlement_date, unfetched, provisional, suspect. */
static PGresult *period_counts(const struct source *source, struct day_range stretch)
{
	struct period_question question;
	struct buf sql = BUF_INIT;
	PGresult *res;

	buf_addf(&sql, period_counts_sql, query_missing_periods);
	res = db_query(source->records, sql.data, 5, period_args(&question, source, stretch));
	buf_release(&sql);
	return res;
}

static void list_wind(const struct source *source, struct day_range stretch)
{
	char from[DAY_TEXT], to[DAY_TEXT];

	db_print(db_query(source->records, wind_sql, DB_ARGS(day_format(stretch.from, from), day_format(stretch.to, to))),
		 NULL, source->out);
}

/* Of a month whose tables are not watched no day can be proved: none is listed. */
static void list_unproved(const struct source *source, struct day_range stretch)
{
	const struct calculation_facts facts = reference_facts(&source->reference);
	char date[DAY_TEXT], *seal = db_value(source->records, seal_sql, DB_ARGS(day_format(stretch.from, date)));
	struct day_proofs proofs;

	if (!seal)
		return;
	free(seal);
	day_proofs_read(&proofs, source->records, stretch, &facts);
	for (day_t day = stretch.from; day <= stretch.to; day++) {
		const struct day_proof *proof = day_proofs_from(&proofs, day);

		if (proof && proof->day == day)
			continue;
		tsv_plain(source->out, day_format(day, date));
		tsv_end_row(source->out);
	}
	day_proofs_release(&proofs);
}

/* Dates ---------------------------------------------------------------------------------------- */

/* One line a date of the stretch, whether it holds anything or not. */
struct date_list {
	struct tsv_writer *out;
	PGresult *periods;		/* a row a date that has any */
	int next_periods;
	day_t next;			/* the date that is due */
	bool all_dates;
};

/* The percentage to two places, cut and not rounded: 100.00 means all of them.  Of nothing there is
 * none: NULL. */
static const char *percent_format(const struct day_count *count, char text[32])
{
	long long hundredths;

	if (count->expected == 0)
		return NULL;
	hundredths = count->right * 10000LL / count->expected;
	snprintf(text, 32, "%lld.%02lld", hundredths / 100, hundredths % 100);
	return text;
}

/* The row of the periods of a date, taken off the list, which is in the order of the dates; -1 where it has none. */
static int take_periods(struct date_list *list, const char *date)
{
	if (list->next_periods == PQntuples(list->periods) ||
	    strcmp(PQgetvalue(list->periods, list->next_periods, 0), date) != 0)
		return -1;
	return list->next_periods++;
}

static void print_date(struct date_list *list, day_t day, const struct day_count *count)
{
	long unfetched = 0, provisional = 0, suspect = 0;
	char date[DAY_TEXT], percent[32];
	int row;

	day_format(day, date);
	if ((row = take_periods(list, date)) >= 0) {
		unfetched = (long)db_int(list->periods, row, 1);
		provisional = (long)db_int(list->periods, row, 2);
		suspect = (long)db_int(list->periods, row, 3);
	}
	if (!list->all_dates && count->missing + count->stale + count->orphan + unfetched + provisional + suspect == 0)
		return;
	tsv_plain(list->out, date);
	tsv_int(list->out, count->expected);
	tsv_int(list->out, count->present);
	tsv_int(list->out, count->missing);
	tsv_int(list->out, count->stale);
	tsv_int(list->out, count->orphan);
	tsv_int(list->out, unfetched);
	tsv_int(list->out, provisional);
	tsv_plain(list->out, percent_format(count, percent));
	tsv_int(list->out, suspect);
	tsv_end_row(list->out);
}

/* The dates that come before this one hold neither records nor calculations. */
static void print_empty_dates(struct date_list *list, day_t before)
{
	static const struct day_count nothing;

	while (list->next < before)
		print_date(list, list->next++, &nothing);
}

static void date_day(void *ctx, const struct days *days, const struct day_count *count)
{
	struct date_list *list = ctx;

	print_empty_dates(list, days->day);
	if (count)
		print_date(list, days->day, count);
	else
		take_periods(list, days->text);
	list->next = days->day + 1;
}

static void list_dates(struct source *source, struct day_range stretch, bool all_dates)
{
	struct date_list list = { .out = source->out, .next = stretch.from, .all_dates = all_dates };

	list.periods = period_counts(source, stretch);
	walk(source, stretch, NULL, date_day, &list);
	print_empty_dates(&list, stretch.to + 1);
	PQclear(list.periods);
}

/* Of the days that are known keep those from a day on, and those that hold provisional periods. */
static void keep_recent(PGconn *db, day_t since, struct day_set *known)
{
	static struct day_set provisional, kept;
	struct day_range stretch;
	PGresult *res = db_query(db, provisional_sql, DB_NO_ARGS);

	for (int i = 0; i < PQntuples(res); i++) {
		day_t day;

		if (day_parse(PQgetvalue(res, i, 0), &day))
			day_set_add(&provisional, (struct day_range){ day, day });
	}
	PQclear(res);
	for (day_t day = 0; day_set_stretch(known, day, &stretch); day = stretch.to + 1)
		for (day_t d = stretch.from; d <= stretch.to; d++)
			if (d >= since || provisional.wanted[d])
				day_set_add(&kept, (struct day_range){ d, d });
	*known = kept;
}

/* Connect, and ask for every day the database knows if none was asked for; of them, for the recent ones alone if recent
 * is not 0. */
static void open_source(struct source *source, struct day_set *wanted, bool all_known, long recent)
{
	source->records = db_connect();
	reference_from_db(&source->reference, source->records);
	if (all_known)
		days_add_wanted(source->records, day_of_instant(source->now) - 1, wanted);
	if (recent)
		keep_recent(source->records, day_of_instant(source->now) - recent, wanted);
}

static void close_source(struct source *source)
{
	reference_release(&source->reference);
	PQfinish(source->records);
	PQfinish(source->stored);
	tsv_release(source->out);
}

enum { KEYS, BY_DATE, PERIODS, WIND, UNPROVED, ALL_DATES, LAST, RECENT, WHOLE };

struct options {
	int what;			/* which of the lists: KEYS to UNPROVED */
	bool all_dates, whole;
	struct day_set wanted;
	bool all_known;			/* no day was asked for */
	long recent;			/* of these days so many up to yesterday, and the provisional ones; 0 for all */
	struct tsv_writer out;
};

static void read_options(int argc, char **argv, struct options *o, instant_t now)
{
	static const struct option longopts[] = {
		{ "by-date", no_argument, NULL, BY_DATE },
		{ "all-dates", no_argument, NULL, ALL_DATES },
		{ "periods", no_argument, NULL, PERIODS },
		{ "wind", no_argument, NULL, WIND },
		{ "unproved", no_argument, NULL, UNPROVED },
		{ "whole", no_argument, NULL, WHOLE },
		{ "last", required_argument, NULL, LAST },
		{ "recent", required_argument, NULL, RECENT },
		OPTS_ROWS, OPTS_COMMON
	};
	const char *last = NULL;
	int c;

	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		if (c == BY_DATE || c == PERIODS || c == WIND || c == UNPROVED) {
			if (o->what != KEYS && o->what != c)
				die(EX_USAGE, "--by-date, --periods, --wind and --unproved are different lists: choose one");
			o->what = c;
		} else if (c == ALL_DATES)
			o->all_dates = true;
		else if (c == WHOLE)
			o->whole = true;
		else if (c == LAST)
			last = optarg;
		else if (c == RECENT)
			o->recent = (long)opts_number("--recent", optarg, 1, 4000);
		else if (!opts_rows(c, &o->out))
			opts_common(c, help);
	}
	if (o->all_dates && o->what != BY_DATE)
		die(EX_USAGE, "--all-dates goes with --by-date");
	if (o->whole && o->what != KEYS && o->what != BY_DATE && o->what != PERIODS)
		die(EX_USAGE, "--whole goes with the list of calculations, --by-date and --periods");
	if (o->recent && (last || argc > optind))
		die(EX_USAGE, "--recent is of all days in the database: it goes with no DATE, --last or -");
	o->all_known = !day_set_args(&o->wanted, argc - optind, argv + optind, last, now);
}

static void list(struct source *source, struct day_range stretch, const struct options *o)
{
	switch (o->what) {
	case KEYS:     list_keys(source, stretch);                break;
	case BY_DATE:  list_dates(source, stretch, o->all_dates); break;
	case PERIODS:  list_periods(source, stretch);             break;
	case WIND:     list_wind(source, stretch);                break;
	case UNPROVED: list_unproved(source, stretch);            break;
	}
}

int main(int argc, char **argv)
{
	static const char *const *const columns[] = { key_columns, date_columns, period_columns, wind_columns,
							     unproved_columns };
	static struct options o = { .what = KEYS };
	struct source source = { .now = time(NULL), .out = &o.out };
	struct day_range stretch;

	tool_begin(argc, argv);
	read_options(argc, argv, &o, source.now);
	source.whole = o.whole;
	open_source(&source, &o.wanted, o.all_known, o.recent);
	tsv_begin(&o.out, stdout, columns[o.what]);
	for (day_t day = 0; day_set_stretch(&o.wanted, day, &stretch); day = stretch.to + 1)
		list(&source, stretch, &o);
	close_source(&source);
	flush_stdout();
	if (source.left)
		die(EX_DATAERR, "%ld %s not listed, because it could not be compared; the others are", source.left,
		    plural(source.left, "day is", "days are"));
	return 0;
}

#include "db/day_set.h"

#include <stdlib.h>
#include <string.h>

#include "cli/input.h"
#include "os/log.h"
#include "query/known-first-stray.h"
#include "query/known-months.h"

static const char stored_sql[] =
	"select settlement_date from ingested_periods where settlement_date between $1 and $2 group by 1"
	" union select settlement_date from daily_summaries where settlement_date between $1 and $2"
	" union select settlement_date from bitcoin_daily_summaries where settlement_date between $1 and $2";

void day_set_add(struct day_set *set, struct day_range range)
{
	char last[DAY_TEXT];

	for (day_t day = range.from; day <= range.to; day++) {
		if (day < 0 || day >= DAYSET_DAYS)
			die(EX_USAGE, "dates go up to %s", day_format(DAYSET_DAYS - 1, last));
		set->n_days += !set->wanted[day];
		set->wanted[day] = 1;
	}
}

void day_set_read(struct day_set *set, const char *path)
{
	static const char *const columns[] = { "settlement_date", NULL };
	struct tsv_reader rows;
	char last[DAY_TEXT];
	day_t day;

	input_open_rows(&rows, path, columns, 1);
	while (input_row(&rows)) {
		if (!rows.value[0] || !day_parse(rows.value[0], &day))
			input_refuse(&rows, "settlement_date \"%.40s\" is not a date", rows.value[0] ? rows.value[0] : "\\N");
		if (day >= DAYSET_DAYS)
			input_refuse(&rows, "settlement_date %s: dates go up to %s", rows.value[0], day_format(DAYSET_DAYS - 1, last));
		day_set_add(set, (struct day_range){ day, day });
	}
	input_close_rows(&rows);
}

bool day_set_args(struct day_set *set, int argc, char **argv, const char *last, instant_t now)
{
	if (last && argc > 0)
		die(EX_USAGE, "--last and DATE exclude each other");
	if (last)
		day_set_add(set, opts_last(last, now));
	else if (argc == 1 && strcmp(argv[0], "-") == 0)
		day_set_read(set, argv[0]);
	else if (argc > 0)
		day_set_add(set, opts_days(argc, argv, now));
	else
		return false;
	return true;
}

static int month_of(day_t day)
{
	int year, month, mday;

	day_to_civil(day, &year, &month, &mday);
	return year * 12 + month;
}

/* All days of the month that holds this day. */
static struct day_range month_around(day_t day)
{
	struct day_range month = { day, day };

	while (month.from > 0 && month_of(month.from - 1) == month_of(day))
		month.from--;
	while (month_of(month.to + 1) == month_of(day))
		month.to++;
	return month;
}

static day_t known_day(const char *text)
{
	day_t day;

	if (!day_parse(text, &day))
		die(EX_DATAERR, "the database holds the date %s; dates go from 1996 to 2079", text);
	return day;
}

/* Between two days of which nothing is noted, neither known: the months of what is stored all the same.  A first of 0
 * has no day before it, and a last beyond the set none behind it. */
static void add_strays(struct day_set *set, PGconn *db, day_t first, day_t last)
{
	while (first <= last) {
		char from[DAY_TEXT], to[DAY_TEXT], *stray;
		struct day_range month;

		stray = db_value(db, query_known_first_stray, DB_ARGS(first > 0 ? day_format(first, from) : "-infinity",
								      last < DAYSET_DAYS ? day_format(last, to) : "infinity"));
		if (!stray)
			return;
		month = month_around(known_day(stray));
		free(stray);
		day_set_add(set, month);
		first = month.to + 1;
	}
}

void day_set_add_known(struct day_set *set, PGconn *db)
{
	PGresult *res = db_query(db, query_known_months, DB_NO_ARGS);
	day_t next = 0;

	for (int i = 0; i < PQntuples(res); i++) {
		const struct day_range month = month_around(known_day(PQgetvalue(res, i, 0)));

		add_strays(set, db, next, month.from - 1);
		day_set_add(set, month);
		next = month.to + 1;
	}
	add_strays(set, db, next, DAYSET_DAYS);
	PQclear(res);
}

long day_set_stored(const struct day_set *set, PGconn *db)
{
	day_t first = 0, last = DAYSET_DAYS - 1, day;
	char from[DAY_TEXT], to[DAY_TEXT];
	PGresult *res;
	long n = 0;

	while (first < last && !set->wanted[first])
		first++;
	while (last > first && !set->wanted[last])
		last--;
	res = db_query(db, stored_sql, DB_ARGS(day_format(first, from), day_format(last, to)));
	for (int i = 0; i < PQntuples(res); i++)
		n += day_parse(PQgetvalue(res, i, 0), &day) && day >= 0 && day < DAYSET_DAYS && set->wanted[day];
	PQclear(res);
	return n;
}

bool day_set_stretch(const struct day_set *set, day_t day, struct day_range *stretch)
{
	const char *first = day < DAYSET_DAYS ? memchr(set->wanted + day, 1, (size_t)(DAYSET_DAYS - day)) : NULL;

	if (!first)
		return false;
	stretch->from = stretch->to = (day_t)(first - set->wanted);
	while (stretch->to + 1 < DAYSET_DAYS && set->wanted[stretch->to + 1] &&
	       month_of(stretch->to + 1) == month_of(stretch->from))
		stretch->to++;
	return true;
}

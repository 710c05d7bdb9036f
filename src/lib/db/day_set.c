#include "db/day_set.h"

#include <string.h>

#include "cli/input.h"
#include "os/log.h"

/* A month and a year stand for their first day: they are looked at with it. */
static const char known_sql[] =
	"select min(first)::date, max(last)::date from ("
	"  select min(settlement_date), max(settlement_date) from curtailment_records"
	"  union all select min(settlement_date), max(settlement_date) from historical_bitcoin_calculations"
	"  union all select min(settlement_date), max(settlement_date) from ingested_periods"
	"  union all select min(settlement_date), max(settlement_date) from daily_summaries"
	"  union all select min(settlement_date), max(settlement_date) from bitcoin_daily_summaries"
	"  union all select min((year_month || '-01')::date), max((year_month || '-01')::date) from monthly_summaries"
	"  union all select min((year_month || '-01')::date), max((year_month || '-01')::date) from bitcoin_monthly_summaries"
	"  union all select min((year || '-01-01')::date), max((year || '-01-01')::date) from yearly_summaries"
	"  union all select min((year || '-01-01')::date), max((year || '-01-01')::date) from bitcoin_yearly_summaries"
	") as known (first, last)";

static const char stored_sql[] =
	"select settlement_date from ingested_periods group by 1"
	" union select settlement_date from daily_summaries"
	" union select settlement_date from bitcoin_daily_summaries";

void day_set_add(struct day_set *set, struct day_range range)
{
	for (day_t day = range.from; day <= range.to; day++) {
		if (day < 0 || day >= DAYSET_DAYS)
			die(EX_USAGE, "dates go up to 2079-07-06");
		set->n_days += !set->wanted[day];
		set->wanted[day] = 1;
	}
}

void day_set_read(struct day_set *set, const char *path)
{
	static const char *const columns[] = { "settlement_date", NULL };
	struct tsv_reader rows;
	day_t day;

	input_open_rows(&rows, path, columns, 1);
	while (input_row(&rows)) {
		if (!rows.value[0] || !day_parse(rows.value[0], &day) || day >= DAYSET_DAYS)
			input_refuse(&rows, "settlement_date \"%.40s\" is not a date", rows.value[0] ? rows.value[0] : "\\N");
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

void day_set_add_known(struct day_set *set, PGconn *db)
{
	PGresult *res = db_query(db, known_sql, DB_NO_ARGS);
	struct day_range known;

	if (!PQgetisnull(res, 0, 0)) {
		if (!day_parse(PQgetvalue(res, 0, 0), &known.from) || !day_parse(PQgetvalue(res, 0, 1), &known.to))
			die(EX_DATAERR, "the database holds dates from %s to %s; they go from 1996 to 2079",
			    PQgetvalue(res, 0, 0), PQgetvalue(res, 0, 1));
		day_set_add(set, known);
	}
	PQclear(res);
}

long day_set_stored(const struct day_set *set, PGconn *db)
{
	PGresult *res = db_query(db, stored_sql, DB_NO_ARGS);
	long n = 0;
	day_t day;

	for (int i = 0; i < PQntuples(res); i++)
		n += day_parse(PQgetvalue(res, i, 0), &day) && day >= 0 && day < DAYSET_DAYS && set->wanted[day];
	PQclear(res);
	return n;
}

static int month_of(day_t day)
{
	int year, month, mday;

	day_to_civil(day, &year, &month, &mday);
	return year * 12 + month;
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

#include "calculation/summaries_db.h"
#include "base/plural.h"
#include "calculation/summed_days_db.h"
#include "query/summary-bitcoin-day.h"
#include "query/summary-day.h"
#include "query/summary-replacement-day.h"
#include "query/summary-to-revalue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/log.h"

/*
 * The levels, lowest first.  Each has a query for what its rows should be and one for what they are,
 * both for the keys from $1 to $2, with the same columns: the keys, then the values.  Sums are
 * trimmed of trailing zeros, so that equal figures are equal texts.
 */
struct level {
	const char *name, *table;
	int n_keys;
	bool valued;			/* should_be takes the currency too, as $3 */
	const char *columns;		/* keys first */
	const char *should_be;
	const char *is;
};

#define DAY_COLUMNS										\
	"settlement_date, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records,"	\
	" period_farms, periods, periods_ingested, periods_final, periods_expected, onshore_mwh, offshore_mwh,"	\
	" wind_periods, wind_curtailed_mwh"

#define WIND_SUMS \
	" trim_scale(sum(onshore_mwh)), trim_scale(sum(offshore_mwh)), sum(wind_periods), trim_scale(sum(wind_curtailed_mwh))"
#define WIND_VALUES \
	" trim_scale(onshore_mwh), trim_scale(offshore_mwh), wind_periods, trim_scale(wind_curtailed_mwh)"

#define TRIMMED_SUMS									\
	" trim_scale(sum(curtailed_mwh)), trim_scale(sum(payment)),"			\
	" trim_scale(sum(payment_to_farms)), trim_scale(sum(payment_by_farms)),"	\
	" sum(records), sum(period_farms), sum(periods), sum(periods_ingested),"	\
	" sum(periods_final), sum(periods_expected)"

#define TRIMMED_VALUES									\
	" trim_scale(curtailed_mwh), trim_scale(payment),"				\
	" trim_scale(payment_to_farms), trim_scale(payment_by_farms), records,"		\
	" period_farms, periods, periods_ingested, periods_final, periods_expected"

/* The days of an archived year have nothing below them here: their sums stand. */
#define NOT_ARCHIVED " and not $1::date <@ (select archived from days_left_out)"

#define MONTHS "to_char(settlement_date, 'YYYY-MM')"

#define REPLACEMENT_COLUMNS "curtailed_mwh, replaced_mwh, cost, offers, periods, periods_final, periods_short"
#define REPLACEMENT_SUMS								\
	" trim_scale(sum(curtailed_mwh)), trim_scale(sum(replaced_mwh)), trim_scale(sum(cost)), sum(offers), sum(periods),"	\
	" sum(periods_final), sum(periods_short)"
#define REPLACEMENT_VALUES								\
	" trim_scale(curtailed_mwh), trim_scale(replaced_mwh), trim_scale(cost), offers, periods, periods_final, periods_short"

/* What is in one currency can be summed; what is not has neither, until each part is valued in the one configured. */
#define ONE_CURRENCY "count(currency) = count(*) and min(currency) = max(currency)"
#define CURRENCY_SUM " case when " ONE_CURRENCY " then min(currency) end"
#define VALUE_SUM " case when " ONE_CURRENCY " then trim_scale(sum(value_at_mining)) end"

static const struct level levels[] = {
	{
		"day", "daily_summaries", 1, false, DAY_COLUMNS, query_summary_day,
		"select settlement_date," TRIMMED_VALUES "," WIND_VALUES
		"  from daily_summaries where settlement_date between $1::date and $2::date" NOT_ARCHIVED " order by settlement_date",
	}, {
		"bitcoin_day", "bitcoin_daily_summaries", 2, true,
		"settlement_date, miner_model, bitcoin_mined, calculations, price, currency, price_assumed,"
		" value_at_mining, price_date",
		query_summary_bitcoin_day,
		"select settlement_date, miner_model, trim_scale(bitcoin_mined), calculations, trim_scale(price), currency,"
		"       price_assumed, trim_scale(value_at_mining), price_date"
		"  from bitcoin_daily_summaries where settlement_date between $1::date and $2::date order by 1, 2",
	}, {
		"month", "monthly_summaries", 1, false,
		"year_month, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, period_farms, periods,"
		" periods_ingested, periods_final, periods_expected, days, onshore_mwh, offshore_mwh, wind_periods,"
		" wind_curtailed_mwh",
		"select " MONTHS "," TRIMMED_SUMS ", count(*)," WIND_SUMS
		"  from daily_summaries"
		" where settlement_date >= date_trunc('month', $1::date)"
		"   and settlement_date < date_trunc('month', $2::date) + interval '1 month'"
		" group by 1 order by 1",
		"select year_month," TRIMMED_VALUES ", days," WIND_VALUES
		"  from monthly_summaries where year_month between left($1, 7) and left($2, 7) order by 1",
	}, {
		"bitcoin_month", "bitcoin_monthly_summaries", 2, false,
		"year_month, miner_model, bitcoin_mined, calculations, currency, days, days_price_assumed, value_at_mining,"
		" days_without_price",
		"select " MONTHS ", miner_model, trim_scale(sum(bitcoin_mined)), sum(calculations)," CURRENCY_SUM ", count(*),"
		"       count(*) filter (where price_assumed)," VALUE_SUM ", count(*) filter (where price is null)"
		"  from bitcoin_daily_summaries"
		" where settlement_date >= date_trunc('month', $1::date)"
		"   and settlement_date < date_trunc('month', $2::date) + interval '1 month'"
		" group by 1, 2 order by 1, 2",
		"select year_month, miner_model, trim_scale(bitcoin_mined), calculations, currency, days, days_price_assumed,"
		"       trim_scale(value_at_mining), days_without_price"
		"  from bitcoin_monthly_summaries where year_month between left($1, 7) and left($2, 7) order by 1, 2",
	}, {
		"year", "yearly_summaries", 1, false,
		"year, curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, period_farms, periods,"
		" periods_ingested, periods_final, periods_expected, days, onshore_mwh, offshore_mwh, wind_periods,"
		" wind_curtailed_mwh",
		"select left(year_month, 4)," TRIMMED_SUMS ", sum(days)," WIND_SUMS
		"  from monthly_summaries where left(year_month, 4) between left($1, 4) and left($2, 4)"
		" group by 1 order by 1",
		"select year," TRIMMED_VALUES ", days," WIND_VALUES
		"  from yearly_summaries where year between left($1, 4) and left($2, 4) order by 1",
	}, {
		"bitcoin_year", "bitcoin_yearly_summaries", 2, false,
		"year, miner_model, bitcoin_mined, calculations, currency, days, days_price_assumed, value_at_mining,"
		" days_without_price",
		"select left(year_month, 4), miner_model, trim_scale(sum(bitcoin_mined)), sum(calculations)," CURRENCY_SUM ","
		"       sum(days), sum(days_price_assumed)," VALUE_SUM ", sum(days_without_price)"
		"  from bitcoin_monthly_summaries where left(year_month, 4) between left($1, 4) and left($2, 4)"
		" group by 1, 2 order by 1, 2",
		"select year, miner_model, trim_scale(bitcoin_mined), calculations, currency, days, days_price_assumed,"
		"       trim_scale(value_at_mining), days_without_price"
		"  from bitcoin_yearly_summaries where year between left($1, 4) and left($2, 4) order by 1, 2",
	},
	{
		"replacement_day", "replacement_daily_summaries", 1, false, "settlement_date, " REPLACEMENT_COLUMNS,
		query_summary_replacement_day,
		"select settlement_date," REPLACEMENT_VALUES
		"  from replacement_daily_summaries where settlement_date between $1::date and $2::date order by settlement_date",
	}, {
		"replacement_month", "replacement_monthly_summaries", 1, false, "year_month, " REPLACEMENT_COLUMNS,
		"select " MONTHS "," REPLACEMENT_SUMS
		"  from replacement_daily_summaries"
		" where settlement_date >= date_trunc('month', $1::date)"
		"   and settlement_date < date_trunc('month', $2::date) + interval '1 month'"
		" group by 1 order by 1",
		"select year_month," REPLACEMENT_VALUES
		"  from replacement_monthly_summaries where year_month between left($1, 7) and left($2, 7) order by 1",
	}, {
		"replacement_year", "replacement_yearly_summaries", 1, false, "year, " REPLACEMENT_COLUMNS,
		"select left(year_month, 4)," REPLACEMENT_SUMS
		"  from replacement_monthly_summaries where left(year_month, 4) between left($1, 4) and left($2, 4)"
		" group by 1 order by 1",
		"select year," REPLACEMENT_VALUES
		"  from replacement_yearly_summaries where year between left($1, 4) and left($2, 4) order by 1",
	},
};

enum { N_LEVELS = sizeof levels / sizeof *levels, FIRST_SHARED_LEVEL = 2 };

/* Months and years are shared by many days: whoever sums them waits for the others of that year,
 * and then sees what they wrote. */
static const char lock_sql[] = "select pg_advisory_xact_lock(hashtextextended('summaries ' || left($1, 4), 0))";

const char *const summary_columns[] = { "level", "key", "field", "old", "new", NULL };

/* The names in a level's column list, split in place; caller frees the first of them. */
static int split_columns(const struct level *level, char *name[24])
{
	int n = 0;

	for (char *rest = xstrdup(level->columns); rest; n++) {
		name[n] = rest;
		rest = strchr(rest, ',');
		if (rest) {
			*rest++ = '\0';
			rest += *rest == ' ';
		}
	}
	return n;
}

/* Order two rows by their keys; no row comes after every row. */
static int compare_keys(const struct level *level, const PGresult *a, int i, const PGresult *b, int j)
{
	int order = 0;

	if (i >= PQntuples(a) || j >= PQntuples(b))
		return (i >= PQntuples(a)) - (j >= PQntuples(b));
	for (int k = 0; k < level->n_keys && !order; k++)
		order = strcmp(PQgetvalue(a, i, k), PQgetvalue(b, j, k));
	return order;
}

static const char *value_of(const PGresult *res, int row, int column)
{
	return row < 0 ? NULL : db_text(res, row, column);
}

/* Print each field in which the rows differ (a row of -1 has none) and tell whether any does. */
static bool print_changes(const struct level *level, char *const name[], int n, const PGresult *old, int i,
			  const PGresult *new, int j, struct tsv_writer *out)
{
	const PGresult *keyed = j >= 0 ? new : old;
	int row = j >= 0 ? j : i;
	bool any = false;

	for (int k = level->n_keys; k < n; k++) {
		const char *was = value_of(old, i, k), *is = value_of(new, j, k);
		char key[80];

		if (was == is || (was && is && strcmp(was, is) == 0))
			continue;
		any = true;
		snprintf(key, sizeof key, "%s%s%s", PQgetvalue(keyed, row, 0), level->n_keys > 1 ? " " : "",
			 level->n_keys > 1 ? PQgetvalue(keyed, row, 1) : "");
		tsv_plain(out, level->name);
		tsv_text(out, key);
		tsv_plain(out, name[k]);
		tsv_text(out, was);
		tsv_text(out, is);
		tsv_end_row(out);
	}
	return any;
}

/* Insert the row, or let it take the place of the one with its key. */
static void put_row(PGconn *db, const struct level *level, char *const name[], int n, const PGresult *new, int row)
{
	struct buf sql = BUF_INIT;
	const char *args[24];

	buf_addf(&sql, "insert into %s (%s) values (", level->table, level->columns);
	for (int k = 0; k < n; k++) {
		buf_addf(&sql, "%s$%d", k ? ", " : "", k + 1);
		args[k] = value_of(new, row, k);
	}
	buf_addf(&sql, ") on conflict (%s%s%s) do update set updated_at = excluded.updated_at", name[0],
		 level->n_keys > 1 ? ", " : "", level->n_keys > 1 ? name[1] : "");
	for (int k = level->n_keys; k < n; k++)
		buf_addf(&sql, ", %s = excluded.%s", name[k], name[k]);
	PQclear(db_query(db, sql.data, n, args));
	buf_release(&sql);
}

static void remove_row(PGconn *db, const struct level *level, char *const name[], const PGresult *old, int row)
{
	struct buf sql = BUF_INIT;
	const char *args[2] = { PQgetvalue(old, row, 0), level->n_keys > 1 ? PQgetvalue(old, row, 1) : NULL };

	buf_addf(&sql, "delete from %s where %s = $1", level->table, name[0]);
	if (level->n_keys > 1)
		buf_addf(&sql, " and %s = $2", name[1]);
	PQclear(db_query(db, sql.data, level->n_keys, args));
	buf_release(&sql);
}

/* Bring one level to what the one below says, for these keys; how many of its rows changed. */
static long sum_level(PGconn *db, const struct level *level, const char *from, const char *to, const char *currency,
		      struct tsv_writer *out)
{
	const char *const args[] = { from, to, currency };
	PGresult *new = db_query(db, level->should_be, level->valued ? 3 : 2, args);
	PGresult *old = db_query(db, level->is, DB_ARGS(from, to));
	char *name[24];
	int n = split_columns(level, name), i = 0, j = 0;
	long changed = 0;

	while (i < PQntuples(old) || j < PQntuples(new)) {
		int order = compare_keys(level, old, i, new, j);
		int was = order <= 0 ? i++ : -1, is = order >= 0 ? j++ : -1;

		if (!print_changes(level, name, n, old, was, new, is, out))
			continue;
		changed++;
		if (is >= 0)
			put_row(db, level, name, n, new, is);
		else
			remove_row(db, level, name, old, was);
	}
	free(name[0]);
	PQclear(old);
	PQclear(new);
	return changed;
}

void summaries_add_to_revalue(PGconn *db, const char *currency, struct day_set *days)
{
	PGresult *res = db_query(db, query_summary_to_revalue, DB_ARGS(currency));
	int others = 0, n = PQntuples(res);
	struct day_range one;

	for (int i = 0; i < n; i++) {
		if (!day_parse(PQgetvalue(res, i, 0), &one.from))
			continue;
		one.to = one.from;
		day_set_add(days, one);
		others += *PQgetvalue(res, i, 1) == 't';
	}
	if (others)
		log_warning("%d %s valued in a currency other than %s: revaluing, and the months and years above with it",
			    others, plural(others, "day is", "days are"), currency);
	if (n > others)
		log_info("%d %s a price now", n - others, plural(n - others, "day without a value has", "days without a value have"));
	PQclear(res);
}

long summaries_sum(PGconn *db, struct day_range stretch, const char *currency, bool whole, struct tsv_writer *out)
{
	char from[DAY_TEXT], to[DAY_TEXT];
	long changed = 0;

	day_format(stretch.from, from);
	day_format(stretch.to, to);
	db_exec(db, "set local work_mem = '32MB'");
	for (day_t day = stretch.from; day <= stretch.to; day++)
		db_lock_day(db, day, 60);
	/* Each farm's day and each half hour, which nobody lists as changes: there are some 200 and 48 of them a day.
	 * The days are summed from the half hours. */
	summed_days_store(db, stretch, whole);
	for (int i = 0; i < N_LEVELS; i++) {
		if (i == FIRST_SHARED_LEVEL)
			PQclear(db_query(db, lock_sql, DB_ARGS(from)));
		changed += sum_level(db, &levels[i], from, to, currency, out);
	}
	return changed;
}

void summaries_print(struct tsv_writer *rows)
{
	static struct tsv_writer printed;

	if (!rows->line.len)
		return;
	if (!printed.out) {
		printed = (struct tsv_writer){ .format = rows->format, .chosen = rows->chosen, .no_header = rows->no_header };
		tsv_begin(&printed, stdout, summary_columns);
	}
	tsv_rows(&printed, &rows->line);
	buf_clear(&rows->line);
}

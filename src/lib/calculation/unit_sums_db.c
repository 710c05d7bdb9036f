#include "calculation/unit_sums_db.h"

#include <stdlib.h>
#include <string.h>

#include "calculation/unit_sums.h"
#include "db/db.h"
#include "db/stage.h"
#include "format/copy_text.h"
#include "os/log.h"

static const char records_sql[] =
	"copy (select settlement_date, settlement_period, farm_id, volume, payment from curtailment_records"
	"       where settlement_date between '%s' and '%s'"
	"       order by settlement_date, settlement_period, farm_id) to stdout";

static const char calculations_sql[] =
	"copy (select settlement_date, settlement_period, farm_id, miner_model, bitcoin_mined"
	" from historical_bitcoin_calculations"
	"       where settlement_date between '%s' and '%s') to stdout";

/* What is stored; of an archived year nothing is asked, as its sums stand. */
static const char stored_sql[] =
	"copy (select %s from %s where settlement_date between '%s' and '%s'"
	" and not date '%s' <@ (select archived from days_left_out)) to stdout";

/* The database's own sums of these days, and its own comparison. */
static const char in_sql[] = "select sum_farms($1::date, $2::date)";

struct table {
	const char *name, *columns;	/* the columns as a list */
	const char *column[9];		/* and one by one */
	int n_keys;
	const char *remove;		/* rows by the arrays of their keys */
};

#define FIGURES(count) "curtailed_mwh, payment, payment_to_farms, payment_by_farms, records, " count
#define FIGURE_COLUMNS(count) "curtailed_mwh", "payment", "payment_to_farms", "payment_by_farms", "records", count, NULL

static const struct table tables[UNIT_LEVELS] = {
	[FARM_DAYS] = {
		"farm_daily_summaries", "settlement_date, farm_id, " FIGURES("periods"),
		{ "settlement_date", "farm_id", FIGURE_COLUMNS("periods") }, 2,
		"delete from farm_daily_summaries s using unnest($1::date[], $2::text[]) g (day, farm)"
		" where s.settlement_date = g.day and s.farm_id = g.farm",
	},
	[HALF_HOURS] = {
		"period_summaries", "settlement_date, settlement_period, " FIGURES("farms"),
		{ "settlement_date", "settlement_period", FIGURE_COLUMNS("farms") }, 2,
		"delete from period_summaries s using unnest($1::date[], $2::smallint[]) g (day, period)"
		" where s.settlement_date = g.day and s.settlement_period = g.period",
	},
	[FARM_COINS] = {
		"bitcoin_farm_daily_summaries", "settlement_date, farm_id, miner_model, bitcoin_mined, calculations",
		{ "settlement_date", "farm_id", "miner_model", "bitcoin_mined", "calculations", NULL }, 3,
		"delete from bitcoin_farm_daily_summaries s using unnest($1::date[], $2::text[], $3::text[]) g (day, farm, model)"
		" where s.settlement_date = g.day and s.farm_id = g.farm and s.miner_model = g.model",
	},
	[HALF_HOUR_COINS] = {
		"bitcoin_period_summaries", "settlement_date, settlement_period, miner_model, bitcoin_mined, calculations",
		{ "settlement_date", "settlement_period", "miner_model", "bitcoin_mined", "calculations", NULL }, 3,
		"delete from bitcoin_period_summaries s using unnest($1::date[], $2::smallint[], $3::text[]) g (day, period, model)"
		" where s.settlement_date = g.day and s.settlement_period = g.period and s.miner_model = g.model",
	},
};

/* Add up all that a statement streams, to its end in any case; false, with the reason, if some of it could not be. */
static bool add_all(PGconn *db, struct unit_sums *sums, const char *sql, const char *from, const char *to,
		    bool (*add)(struct unit_sums *, const char *, struct reason *), struct reason *why)
{
	struct buf statement = BUF_INIT;
	struct db_copy_out out;
	const char *row;
	bool ok = true;

	buf_addf(&statement, sql, from, to);
	db_copy_out_begin(&out, db, statement.data);
	while ((row = db_copy_out_next(&out)))
		ok = ok && add(sums, row, why);
	buf_release(&statement);
	return ok;
}

/* The keys of rows that should not be there, as array literals. */
struct gone {
	struct buf keys[3];
	long n;
};

/* Note the first fields of a row, which are its key. */
static void note_gone(struct gone *gone, char *row, int n_keys)
{
	for (int i = 0; i < n_keys; i++) {
		char *tab = strchr(row, '\t');

		*tab = '\0';
		db_array_add(&gone->keys[i], copy_unescape(row));
		row = tab + 1;
	}
	gone->n++;
}

/* Is there a row of these days, of an archived year or not? */
static bool holds(PGconn *db, const struct table *t, const char *from, const char *to)
{
	struct buf sql = BUF_INIT;
	bool any;
	char *value;

	buf_addf(&sql, "select exists (select 1 from %s where settlement_date between $1::date and $2::date)", t->name);
	value = db_value(db, sql.data, DB_ARGS(from, to));
	any = *value == 't';
	free(value);
	buf_release(&sql);
	return any;
}

/* Bring one table to what was added up. */
static void store_level(PGconn *db, struct unit_sums *sums, enum unit_level level, const char *from, const char *to)
{
	const struct table *t = &tables[level];
	struct gone gone = { .n = 0 };
	struct buf sql = BUF_INIT, rows = BUF_INIT;
	struct db_copy_out out;
	bool whole;
	char *row;

	for (int i = 0; i < 3; i++)
		db_array_begin(&gone.keys[i]);
	buf_addf(&sql, stored_sql, t->columns, t->name, from, to, from);
	db_copy_out_begin(&out, db, sql.data);
	while ((row = db_copy_out_next(&out)))
		if (!unit_sums_stored(sums, level, row))
			note_gone(&gone, row, t->n_keys);
	for (int i = 0; i < 3; i++)
		db_array_end(&gone.keys[i]);
	if (gone.n)
		db_change(db, t->remove, t->n_keys, (const char *const[]){ gone.keys[0].data, gone.keys[1].data, gone.keys[2].data });
	if (unit_sums_changed(sums, level, &rows, &whole)) {
		if (whole && !holds(db, t, from, to)) {
			db_load(db, t->name, t->column, rows.data, rows.len);
		} else {
			db_stage(db, t->name, t->column, rows.data, rows.len);
			db_merge(db, t->name, t->column, t->n_keys, t->n_keys == 2 ? 6 : 2);
		}
	}
	for (int i = 0; i < 3; i++)
		buf_release(&gone.keys[i]);
	buf_release(&rows);
	buf_release(&sql);
}

void unit_sums_store(PGconn *db, const char *from, const char *to)
{
	struct unit_sums *sums = unit_sums_new();
	struct reason why;

	if (add_all(db, sums, records_sql, from, to, unit_sums_record, &why) && unit_sums_record(sums, NULL, &why) &&
	    add_all(db, sums, calculations_sql, from, to, unit_sums_calculation, &why)) {
		for (int i = 0; i < UNIT_LEVELS; i++)
			store_level(db, sums, (enum unit_level)i, from, to);
	} else {
		log_debug("the database adds up %s to %s: %s", from, to, why.text);
		PQclear(db_query(db, in_sql, DB_ARGS(from, to)));
	}
	unit_sums_free(sums);
}

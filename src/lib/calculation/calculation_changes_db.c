#include "calculation/calculation_changes_db.h"

#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "format/copy_binary.h"
#include "os/log.h"

/* The month's table is there with the records' own, unless somebody has dropped it. */
static const char ensure_sql[] = "select ensure_month($1::date), current_setting('transaction_read_only') = 'on'";

/* What is stale or orphan leaves before what should be there comes. */
static const char delete_sql[] =
	"delete from historical_bitcoin_calculations c"
	" using unnest($2::smallint[], $3::text[], $4::text[]) as gone (settlement_period, farm_id, miner_model)"
	" where c.settlement_date = $1::date and c.settlement_period = gone.settlement_period"
	"   and c.farm_id = gone.farm_id and c.miner_model = gone.miner_model";

static const char copy_sql[] =
	"copy historical_bitcoin_calculations (" CALCULATION_COLUMNS ") from stdin (format binary)";

static const enum copy_type column_types[] = { CALCULATION_TYPES };

void changes_begin(struct changes *c, const char *date)
{
	memcpy(c->date, date, DAY_TEXT);
	buf_clear(&c->rows);
	db_array_begin(&c->periods);
	db_array_begin(&c->farms);
	db_array_begin(&c->models);
	c->n_rows = c->n_gone = c->n_unknown = c->n_lost = 0;
}

void changes_note(void *ctx, const struct difference_row *d)
{
	struct changes *c = ctx;
	struct reason why;
	char period[16];

	if (d->unknown) {
		if (!c->n_unknown++)
			snprintf(c->unknown, sizeof c->unknown, "%s", d->unknown);
		c->n_lost += d->impossible && d->difference == STALE;
		return;
	}
	if (d->difference != MISSING) {
		snprintf(period, sizeof period, "%d", d->period);
		db_array_add(&c->periods, period);
		db_array_add(&c->farms, d->farm);
		db_array_add(&c->models, d->model);
		c->n_gone++;
	}
	if (d->row) {
		if (!c->n_rows++)
			copy_binary_begin(&c->rows);
		if (!copy_binary_row(&c->rows, d->row, column_types, sizeof column_types / sizeof *column_types, &why))
			die(EX_SOFTWARE, "%s: %s", c->date, why.text);
	}
}

bool changes_any(const struct changes *c)
{
	return c->n_rows || c->n_gone;
}

/* Load the rows.  An engine that spreads the tables takes COPY in a session that may only read, which a server
 * refuses. */
static void load(PGconn *db, struct changes *c)
{
	PGresult *res = db_query(db, ensure_sql, DB_ARGS(c->date));
	bool read_only = *PQgetvalue(res, 0, 1) == 't';

	PQclear(res);
	if (read_only)
		die(EX_NOPERM, "database: cannot write calculations in a read-only session; see default_transaction_read_only");
	copy_binary_end(&c->rows);
	db_copy(db, copy_sql, c->rows.data, c->rows.len);
}

void changes_write(PGconn *db, struct changes *c)
{
	db_array_end(&c->periods);
	db_array_end(&c->farms);
	db_array_end(&c->models);
	db_writes_day(db, c->date);
	if (c->n_gone)
		db_change(db, delete_sql, DB_ARGS(c->date, c->periods.data, c->farms.data, c->models.data));
	if (c->n_rows)
		load(db, c);
}

void changes_release(struct changes *c)
{
	buf_release(&c->rows);
	buf_release(&c->periods);
	buf_release(&c->farms);
	buf_release(&c->models);
}

void changes_count(struct change_totals *totals, const struct changes *c, const struct day_count *count)
{
	totals->days++;
	totals->added += c->n_rows + count->orphan - c->n_gone;
	totals->replaced += c->n_gone - count->orphan;
	totals->removed += count->orphan;
	totals->lost += c->n_lost;
	if (c->n_unknown) {
		totals->failed_days++;
		log_error("%s: %ld %s cannot be made: %s", c->date, c->n_unknown,
			  plural(c->n_unknown, "calculation", "calculations"), c->unknown);
	}
	log_fact(LOG_DEBUG, "calculated", "date=%s expected=%ld missing=%ld stale=%ld orphan=%ld", c->date, count->expected,
		 count->missing, count->stale, count->orphan);
}

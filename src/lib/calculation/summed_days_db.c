#include "calculation/summed_days_db.h"

#include <stdlib.h>

#include "calculation/unit_sums_db.h"
#include "query/fetches-known-store.h"
#include "query/fetches-unknown.h"
#include "query/summed-days-store.h"
#include "query/summed-days.h"

/* A run that need not write may do so without the right to. */
static const char may_write_sql[] =
	"select not current_setting('transaction_read_only')::boolean and has_table_privilege('summed_days', 'insert')"
	"       and has_table_privilege('summed_days', 'update')";

/* The days of a month, and what is known of each. */
struct month {
	struct day_range days;
	bool summed[31];
	struct buf dates, proofs;	/* those that are not, but have a proof */
	long n_proved;
	struct buf unchecked;		/* those with a proof whose records were not held against their fetches */
	struct day_range check;		/* from the first of them to the last */
	long n_unchecked;
};

static void add_unchecked(struct month *m, day_t day, const char *date)
{
	db_array_add(&m->unchecked, date);
	if (m->n_unchecked++ == 0)
		m->check.from = day;
	m->check.to = day;
}

static void read_month(struct month *m, PGconn *db, const char *from, const char *to, bool whole)
{
	PGresult *res = db_query(db, query_summed_days, DB_ARGS(from, to, whole ? "true" : "false"));
	day_t day;

	db_array_begin(&m->dates);
	db_array_begin(&m->proofs);
	db_array_begin(&m->unchecked);
	for (int i = 0; i < PQntuples(res); i++) {
		if (!day_parse(PQgetvalue(res, i, 0), &day) || day < m->days.from || day > m->days.to)
			continue;
		if (*PQgetvalue(res, i, 2) != 't' || *PQgetvalue(res, i, 3) != 't')
			add_unchecked(m, day, PQgetvalue(res, i, 0));
		if (*PQgetvalue(res, i, 3) == 't') {
			m->summed[day - m->days.from] = true;
			continue;
		}
		db_array_add(&m->dates, PQgetvalue(res, i, 0));
		db_array_add(&m->proofs, PQgetvalue(res, i, 1));
		m->n_proved++;
	}
	db_array_end(&m->dates);
	db_array_end(&m->proofs);
	db_array_end(&m->unchecked);
	PQclear(res);
}

/* Add up what is not summed, neighbours together. */
static void sum_others(const struct month *m, PGconn *db)
{
	char from[DAY_TEXT], to[DAY_TEXT];
	day_t day = m->days.from;

	while (day <= m->days.to) {
		const day_t first = day;

		while (day <= m->days.to && !m->summed[day - m->days.from])
			day++;
		if (day > first)
			unit_sums_store(db, day_format(first, from), day_format(day - 1, to));
		else
			day++;
	}
}

static bool may_write(PGconn *db)
{
	char *value = db_value(db, may_write_sql, DB_NO_ARGS);
	bool may = *value == 't';

	free(value);
	return may;
}

static void note(const struct month *m, PGconn *db, const char *from, const char *to)
{
	char first[DAY_TEXT], last[DAY_TEXT];

	if (m->n_proved)
		db_change(db, query_summed_days_store, DB_ARGS(from, to, m->dates.data, m->proofs.data));
	db_change(db, query_fetches_known_store,
		  DB_ARGS(day_format(m->check.from, first), day_format(m->check.to, last), m->unchecked.data));
}

void summed_days_store(PGconn *db, struct day_range days, bool whole)
{
	struct month m = { .days = days };
	char from[DAY_TEXT], to[DAY_TEXT];

	day_format(days.from, from);
	day_format(days.to, to);
	read_month(&m, db, from, to, whole);
	sum_others(&m, db);
	if (m.n_unchecked && may_write(db))
		note(&m, db, from, to);
	buf_release(&m.dates);
	buf_release(&m.proofs);
	buf_release(&m.unchecked);
}

bool summed_days_unknown(PGconn *db, struct day_range days, struct day_range *unknown)
{
	char from[DAY_TEXT], to[DAY_TEXT];
	PGresult *res = db_query(db, query_fetches_unknown, DB_ARGS(day_format(days.from, from), day_format(days.to, to)));
	const char *first = db_text(res, 0, 0);
	bool any = first && day_parse(first, &unknown->from) && day_parse(PQgetvalue(res, 0, 1), &unknown->to);

	PQclear(res);
	return any;
}

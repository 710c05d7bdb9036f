#include "curtailment/replacement_db.h"

#include <stdlib.h>
#include <string.h>

#include "curtailment/replacement.h"
#include "db/stage.h"
#include "exact/energy.h"
#include "os/log.h"
#include "query/replacement-wanted.h"

enum { LOCK_SECONDS = 60, COST_KEYS = 2, COST_VALUES = 8, OFFER_KEYS = 3, OFFER_VALUES = 8 };

/* An archived year has no records here; what was known of it stands.  It is asked for apart: an engine that shards
 * sends what follows to the node that has the day, where nothing is known of years. */
static const char archived_sql[] = "select $1::date <@ archived from days_left_out";

#define WITHOUT_RECORDS									\
	" where x.settlement_date between $1::date and $2::date"				\
	"   and not exists (select from curtailment_records r"					\
	"                    where r.settlement_date = x.settlement_date and r.settlement_period = x.settlement_period)"

static const char forget_offers_sql[] = "delete from replacement_offers x" WITHOUT_RECORDS;
static const char forget_costs_sql[] = "delete from replacement_costs x" WITHOUT_RECORDS;

/* Of half hours that have fewer offers now. */
static const char surplus_sql[] =
	"with fresh as materialized (select settlement_period, offers from staged_replacement_costs)"
	" delete from replacement_offers o"
	"  where o.settlement_date = $1::date"
	"    and exists (select from fresh f where f.settlement_period = o.settlement_period and o.place > f.offers)";

void replacement_want_add(struct replacement_wants *wants, const struct replacement_want *want)
{
	wants->list = xgrow(wants->list, wants->n, sizeof *wants->list);
	wants->list[wants->n++] = *want;
}

void replacement_add_wanted(PGconn *db, struct day_range days, bool force, struct replacement_wants *wants)
{
	char from[DAY_TEXT], to[DAY_TEXT];
	PGresult *res = db_query(db, query_replacement_wanted,
				 DB_ARGS(day_format(days.from, from), day_format(days.to, to), force ? "true" : "false"));

	for (int i = 0; i < PQntuples(res); i++) {
		struct replacement_want want = { .stored_rows = (int)db_int(res, i, 4) };
		const char *as_of = db_text(res, i, 3);

		if (!day_parse(PQgetvalue(res, i, 0), &want.day) || !nmwh_parse(PQgetvalue(res, i, 2), &want.curtailed)) {
			log_warning("%s period %s: the stored energy %s cannot be replaced", PQgetvalue(res, i, 0), PQgetvalue(res, i, 1),
				    PQgetvalue(res, i, 2));
			continue;
		}
		want.period = (int)db_int(res, i, 1);
		if (as_of && strlen(as_of) < sizeof want.as_of)
			memcpy(want.as_of, as_of, strlen(as_of) + 1);
		replacement_want_add(wants, &want);
	}
	PQclear(res);
}

long long replacement_forget(PGconn *db, struct day_range days)
{
	char from[DAY_TEXT], to[DAY_TEXT];
	char *archived;
	long long forgotten = 0;

	day_format(days.from, from);
	day_format(days.to, to);
	db_begin(db, "");
	archived = db_value(db, archived_sql, DB_ARGS(from));
	if (*archived == 'f') {
		db_change(db, forget_offers_sql, DB_ARGS(from, to));
		forgotten = db_change(db, forget_costs_sql, DB_ARGS(from, to));
	}
	db_exec(db, "commit");
	free(archived);
	return forgotten;
}

long long replacement_store(PGconn *db, day_t day, const struct buf *costs, const struct buf *offers)
{
	char date[DAY_TEXT];
	long long changed;

	db_begin(db, "");
	db_lock_day(db, day, LOCK_SECONDS);
	db_stage(db, "replacement_costs", replacement_columns, costs->data, costs->len);
	db_stage(db, "replacement_offers", replacement_offer_columns, offers->data, offers->len);
	changed = db_change(db, surplus_sql, DB_ARGS(day_format(day, date)));
	changed += db_merge(db, "replacement_offers", replacement_offer_columns, OFFER_KEYS, OFFER_VALUES);
	changed += db_merge(db, "replacement_costs", replacement_columns, COST_KEYS, COST_VALUES);
	db_exec(db, "commit");
	return changed;
}

#include "ledger/uncovered_sells_db.h"

#include <stdio.h>

#include "os/log.h"
#include "query/uncovered-sells.h"

static const char version_sql[] =
	"select version from fifo_versions"
	" where case when $1::integer is null then is_current else version = $1::integer end";

/* $1 and $4 the products and times of the sells, $2 the days each way, $3 those of the horizon, or 0. */
static const char windows_sql[] =
	"select product_id, " DB_MOMENT("lower(r)") ", " DB_MOMENT("least(upper(r), now())") ","
	"       lower(r) < now() - make_interval(days => nullif($3::integer, 0))"
	"  from (select product_id, unnest(range_agg(tstzrange(at - make_interval(days => $2::integer),"
	"                                                      at + make_interval(days => $2::integer)))) as r"
	"          from unnest($1::text[]) with ordinality as a (product_id, n),"
	"               lateral (select ($4::text[])[a.n]::timestamptz as at) as t"
	"         group by product_id) as windows"
	" order by product_id, lower(r)";

char *uncovered_version(PGconn *db, const char *wanted)
{
	return db_value(db, version_sql, DB_ARGS(wanted));
}

void uncovered_list(PGconn *db, const char *version, const char *product, struct uncovered *u)
{
	PGresult *res = db_query(db, query_uncovered_sells, DB_ARGS(version, product));

	*u = (struct uncovered){ BUF_INIT, BUF_INIT, 0, 0 };
	db_array_begin(&u->products);
	db_array_begin(&u->times);
	for (int i = 0; i < PQntuples(res); i++) {
		bool covered = *PQgetvalue(res, i, 6) == 't';

		log_debug("%s: sell %s of %s at %s lacks %s; the books hold %s before it%s", PQgetvalue(res, i, 0),
			  PQgetvalue(res, i, 1), PQgetvalue(res, i, 4), PQgetvalue(res, i, 2), PQgetvalue(res, i, 3),
			  PQgetvalue(res, i, 5), covered ? ", enough now" : "");
		if (covered) {
			u->covered++;
			continue;
		}
		db_array_add(&u->products, PQgetvalue(res, i, 0));
		db_array_add(&u->times, PQgetvalue(res, i, 2));
		u->sells++;
	}
	db_array_end(&u->products);
	db_array_end(&u->times);
	PQclear(res);
}

void uncovered_release(struct uncovered *u)
{
	buf_release(&u->products);
	buf_release(&u->times);
}

PGresult *uncovered_windows(PGconn *db, const struct uncovered *u, int days, int horizon_days)
{
	char window[16], horizon[16];

	snprintf(window, sizeof window, "%d", days);
	snprintf(horizon, sizeof horizon, "%d", horizon_days);
	return db_query(db, windows_sql, DB_ARGS(u->products.data, window, horizon, u->times.data));
}

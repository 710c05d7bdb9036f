#include "ledger/uncovered_sells_db.h"

#include <stdio.h>

#include "os/log.h"

static const char version_sql[] =
	"select version from fifo_versions"
	" where case when $1::integer is null then is_current else version = $1::integer end";

/*
 * The sells that a version found no lot for, and what the books as they are now hold strictly before each: lots not
 * later than it, less what earlier disposals could take of them.  A disposal without cover takes nothing, so the
 * balance starts anew from its lowest point.  What is covered by now needs no look-up.
 */
static const char unmatched_sql[] =
	"with trades as ("
	"	select product_id, record_id, trade_time, trade_nanos, side in ('BUY', 'INCOME') as lot, size from trade_records"
	"	 where ($2::text is null or product_id = $2)"
	"	   and product_id in (select product_id from fifo_allocations where version = $1::integer and status = 'MISSING_BASIS')"
	"), balances as ("
	"	select *, sum(case when lot then size else -size end) over w as balance from trades"
	"	window w as (partition by product_id order by trade_time, trade_nanos, not lot, record_id rows unbounded preceding)"
	"), stock as ("
	"	select *, balance + size - least(0, coalesce(min(balance) over (partition by product_id"
	"		order by trade_time, trade_nanos, not lot, record_id rows between unbounded preceding and 1 preceding), 0)) as before"
	"	  from balances"
	"), unmatched as ("
	"	select a.product_id, a.disposal_id, min(a.disposal_time) as at, sum(a.size) as uncovered from fifo_allocations a"
	"	 where a.version = $1::integer and a.status = 'MISSING_BASIS' and ($2::text is null or a.product_id = $2)"
	"	 group by a.product_id, a.disposal_id"
	")"
	" select u.product_id, u.disposal_id, " DB_MOMENT("u.at") ", trim_scale(u.uncovered), trim_scale(s.size), trim_scale(s.before),"
	"        s.before >= s.size as covered_now"
	"   from unmatched u join stock s on s.product_id = u.product_id and s.record_id = u.disposal_id and not s.lot"
	"  order by u.product_id, u.at, u.disposal_id";

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

char *unmatched_version(PGconn *db, const char *wanted)
{
	return db_value(db, version_sql, DB_ARGS(wanted));
}

void unmatched_list(PGconn *db, const char *version, const char *product, struct unmatched *u)
{
	PGresult *res = db_query(db, unmatched_sql, DB_ARGS(version, product));

	*u = (struct unmatched){ BUF_INIT, BUF_INIT, 0, 0 };
	db_array_begin(&u->products);
	db_array_begin(&u->times);
	for (int i = 0; i < PQntuples(res); i++) {
		bool covered = *PQgetvalue(res, i, 6) == 't';

		log_debug("%s: sell %s of %s at %s lacks %s; the books hold %s before it%s", PQgetvalue(res, i, 0),
			  PQgetvalue(res, i, 1), PQgetvalue(res, i, 4), PQgetvalue(res, i, 2), PQgetvalue(res, i, 3),
			  PQgetvalue(res, i, 5), covered ? ", enough by now" : "");
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

void unmatched_release(struct unmatched *u)
{
	buf_release(&u->products);
	buf_release(&u->times);
}

PGresult *unmatched_windows(PGconn *db, const struct unmatched *u, int days, int horizon_days)
{
	char window[16], horizon[16];

	snprintf(window, sizeof window, "%d", days);
	snprintf(horizon, sizeof horizon, "%d", horizon_days);
	return db_query(db, windows_sql, DB_ARGS(u->products.data, window, horizon, u->times.data));
}

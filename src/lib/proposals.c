#include "proposals.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

/*
 * Rows of the books that tell of the same trade: by its ids; or by its facts, if they are not
 * known to be another trade of the exchange.  A fill's siblings in its order do not count.
 */
const char proposals_digest_sql[] =
	"encode(sha256(convert_to(concat("
	"	(select string_agg(concat_ws('|', f.entry_id, f.product_id, f.side, f.trade_time at time zone 'UTC', f.trade_nanos,"
	"	                             trim_scale(f.base_size), trim_scale(f.value), trim_scale(f.commission)), E'\\n'"
	"	                   order by f.entry_id)"
	"	   from exchange_fills f"
	"	  where f.trade_type = 'FILL'"
	"	    and (f.entry_id = any (p.entry_ids) or (p.level = 'order' and f.order_id = p.order_id))),"
	"	E'\\n#\\n',"
	"	(select string_agg(concat_ws('|', r.product_id, r.record_id, r.level, r.order_id, r.side, r.trade_time at time zone 'UTC',"
	"	                             r.trade_nanos, trim_scale(r.size), coalesce(trim_scale(r.price)::text, '?'),"
	"	                             trim_scale(r.value), trim_scale(r.fee)), E'\\n' order by r.product_id, r.record_id)"
	"	   from trade_records r"
	"	  where r.record_id = p.record_id"
	"	     or r.record_id = any (p.entry_ids)"
	"	     or (p.level = 'order' or r.level = 'order') and r.order_id = p.order_id"
	"	     or (r.product_id in (p.product_id, regexp_replace(p.product_id, '-USDC$', '-USD'),"
	"	                          regexp_replace(p.product_id, '-USD$', '-USDC'))"
	"	         and r.side = p.side and abs(r.size - p.size) <= 0.00000001"
	"	         and r.trade_time between p.trade_time - interval '2 seconds'"
	"	                              and coalesce(p.last_time, p.trade_time) + interval '2 seconds'"
	"	         and not exists (select from exchange_fills o where o.order_id = r.order_id)"
	"	         and not exists (select from exchange_fills o where o.entry_id = r.record_id)))"
	"), 'UTF8')), 'hex')";

static const char lock_sql[] = "select pg_advisory_xact_lock(hashtextextended('windfall exchange', 0))";

static const char look_sql[] =
	"select p.state, p.action, p.facts_digest = %s from backfill_proposals p where p.proposal_id = $1::bigint";

static const char insert_sql[] =
	"insert into trade_records (product_id, record_id, level, order_id, trade_id, side, trade_time, trade_nanos, size, price,"
	"                           value, fee, first_time, last_time, fills, source, proposal_id, note)"
	" select product_id, record_id, level, order_id, trade_id, side, trade_time, trade_nanos, size, price,"
	"        value, fee, first_time, last_time, fills, 'backfill', proposal_id, reason"
	"   from backfill_proposals where proposal_id = $1::bigint";

/* The row may be under another product, or another order id, than it should. */
static const char update_sql[] =
	"update trade_records r"
	"   set product_id = p.product_id, record_id = case when r.level = 'order' then p.order_id else r.record_id end,"
	"       order_id = p.order_id, trade_id = coalesce(r.trade_id, p.trade_id), side = p.side, trade_time = p.trade_time,"
	"       trade_nanos = p.trade_nanos, size = p.size, price = p.price, value = p.value, fee = p.fee,"
	"       first_time = p.first_time, last_time = p.last_time,"
	"       fills = case when r.level = 'order' then p.fills else r.fills end, proposal_id = p.proposal_id,"
	"       note = concat_ws('; ', r.note, p.reason), recorded_at = now()"
	"  from backfill_proposals p cross join lateral ("
	"	select t.product_id, t.record_id from trade_records t where t.record_id = p.record_id"
	"	 order by t.product_id = p.product_id desc, t.product_id limit 1) as there"
	" where p.proposal_id = $1::bigint and r.product_id = there.product_id and r.record_id = there.record_id";

static const char decide_sql[] =
	"update backfill_proposals"
	"   set state = $2, decided_by = $3, decided_at = now(), applied_at = case when $2 = 'applied' then now() end"
	" where proposal_id = $1::bigint";

void proposals_lock(PGconn *db)
{
	PQclear(db_query(db, lock_sql, DB_NO_ARGS));
}

enum proposal_outcome proposal_approve(PGconn *db, const char *id, const char *by)
{
	struct buf sql = BUF_INIT;
	bool applied, same, insert;
	PGresult *res;

	buf_addf(&sql, look_sql, proposals_digest_sql);
	res = db_query(db, sql.data, DB_ARGS(id));
	buf_release(&sql);
	if (PQntuples(res) == 0) {
		PQclear(res);
		return PROPOSAL_UNKNOWN;
	}
	applied = strcmp(PQgetvalue(res, 0, 0), "applied") == 0;
	insert = strcmp(PQgetvalue(res, 0, 1), "insert") == 0;
	same = *PQgetvalue(res, 0, 2) == 't' && strcmp(PQgetvalue(res, 0, 0), "stale") != 0;
	PQclear(res);
	if (applied)
		return PROPOSAL_WAS_APPLIED;
	if (!same || db_change(db, insert ? insert_sql : update_sql, DB_ARGS(id)) != 1) {
		PQclear(db_query(db, decide_sql, DB_ARGS(id, "stale", by)));
		return PROPOSAL_STALE;
	}
	PQclear(db_query(db, decide_sql, DB_ARGS(id, "applied", by)));
	return PROPOSAL_APPLIED;
}

enum proposal_outcome proposal_reject(PGconn *db, const char *id, const char *by)
{
	char *state = db_value(db, "select state from backfill_proposals where proposal_id = $1::bigint", DB_ARGS(id));
	enum proposal_outcome outcome = PROPOSAL_REJECTED;

	if (!state)
		return PROPOSAL_UNKNOWN;
	if (strcmp(state, "applied") == 0)
		outcome = PROPOSAL_WAS_APPLIED;
	else
		PQclear(db_query(db, decide_sql, DB_ARGS(id, "rejected", by)));
	free(state);
	return outcome;
}

#include "ledger/proposals_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/corrections_db.h"
#include "os/log.h"
#include "query/proposals-changes.h"
#include "query/proposals-fills.h"
#include "query/proposals-orders.h"
#include "query/proposals-overtaken.h"
#include "query/proposals-wanted.h"

/* The digest of the facts of p, a proposal or what may become one. */
#define FACTS_DIGEST									\
	"facts_digest(p.product_id, p.record_id, p.level, p.order_id, p.side, p.size, p.trade_time, p.last_time, p.entry_ids)"

/* Making ------------------------------------------------------------------------------------- */

static const char wanted_fill_ids_sql[] =
	"update wanted w set record_id = w.entry_ids[1]"
	" where w.level = 'fill' and w.action = 'insert'"
	"   and exists (select from trade_records r where (r.product_id, r.record_id) = (w.product_id, w.record_id))";

/* $1 the tier.  One that was applied or has become stale, and whose facts are so again, is proposed again; what was
 * rejected stays rejected. */
static const char propose_sql[] =
	"with made as (select p.*, " FACTS_DIGEST " as facts_digest from wanted p)"
	" insert into backfill_proposals (product_id, record_id, action, tier, reason, level, order_id, trade_id, side,"
	"        trade_time, trade_nanos, size, price, value, fee, first_time, last_time, fills, entry_ids, facts_digest)"
	" select product_id, record_id, action, $1::smallint, reason, level, order_id, trade_id, side,"
	"        trade_time, trade_nanos, size, price, value, fee, first_time, last_time, fills, entry_ids, facts_digest"
	"   from made order by trade_time, trade_nanos, product_id, record_id"
	" on conflict (product_id, record_id, action, facts_digest) do update"
	"    set state = 'proposed', tier = excluded.tier, reason = excluded.reason, proposed_at = excluded.proposed_at,"
	"        decided_by = null, decided_at = null, applied_at = null"
	"  where backfill_proposals.state in ('applied', 'stale')"
	" returning proposal_id";

/* An open proposal about the same row that was made from other facts is overtaken. */
static const char overtake_sql[] =
	"update backfill_proposals p set state = 'stale' where p.state = 'proposed'"
	"   and exists (select from wanted w"
	"                where (w.product_id, w.record_id, w.action) = (p.product_id, p.record_id, p.action))"
	"   and p.facts_digest <> " FACTS_DIGEST;

/* What a person is to know of those that are open, as it is now. */
static const char note_sql[] =
	"update backfill_proposals p set may_be = w.may_be, checked_at = now() from wanted w"
	" where p.state = 'proposed' and (w.product_id, w.record_id, w.action) = (p.product_id, p.record_id, p.action)";

/* What is open of what is wanted now, without and with a row of the books that it may be. */
static const char open_wanted_sql[] =
	"select p.proposal_id from backfill_proposals p join wanted w using (product_id, record_id, action)"
	" where p.state = 'proposed' and p.may_be is null order by p.trade_time, p.trade_nanos, p.proposal_id";
static const char held_wanted_sql[] =
	"select count(*) from backfill_proposals p join wanted w using (product_id, record_id, action)"
	" where p.state = 'proposed' and p.may_be is not null";

/* Deciding ----------------------------------------------------------------------------------- */

static const char look_sql[] =
	"select p.state, p.action, p.facts_digest = " FACTS_DIGEST
	" from backfill_proposals p where p.proposal_id = $1::bigint";

static const char insert_sql[] =
	"insert into trade_records (product_id, record_id, level, order_id, trade_id, side, trade_time, trade_nanos, size,"
	"                           price, value, fee, first_time, last_time, fills, source, proposal_id, note)"
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

long long proposals_make(PGconn *db, int tier)
{
	long long made;
	char text[8];

	db_exec(db, query_proposals_wanted);
	PQclear(db_query(db, query_proposals_orders, DB_NO_ARGS));
	PQclear(db_query(db, query_proposals_fills, DB_NO_ARGS));
	PQclear(db_query(db, wanted_fill_ids_sql, DB_NO_ARGS));
	if (tier == 3)
		PQclear(db_query(db, query_proposals_changes, DB_NO_ARGS));
	corrections_block(db);
	db_exec(db, overtake_sql);
	snprintf(text, sizeof text, "%d", tier);
	made = db_change(db, propose_sql, DB_ARGS(text));
	db_exec(db, note_sql);
	return made;
}

int proposals_apply_made(PGconn *db, const char *by, int *stale, int *held)
{
	PGresult *res = db_query(db, open_wanted_sql, DB_NO_ARGS);
	char *kept = db_value(db, held_wanted_sql, DB_NO_ARGS);
	int applied = 0, n = PQntuples(res);

	for (int i = 0; i < n; i++)
		applied += proposal_approve(db, PQgetvalue(res, i, 0), by) == PROPOSAL_APPLIED;
	PQclear(res);
	*stale = n - applied;
	*held = atoi(kept);
	free(kept);
	return applied;
}

void proposals_overtake(PGconn *db)
{
	db_exec(db, query_proposals_overtaken);
}

enum proposal_outcome proposal_approve(PGconn *db, const char *id, const char *by)
{
	bool applied, same, insert;
	PGresult *res = db_query(db, look_sql, DB_ARGS(id));

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

#include "ledger/proposals_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/corrections_db.h"
#include "ledger/fills_db.h"
#include "os/log.h"
#include "query/proposals-wanted.h"

/*
 * The digest of the facts of a proposal p: an alias of backfill_proposals, or of anything with its columns product_id,
 * record_id, level, order_id, side, size, trade_time, last_time and entry_ids.  These are the fills at the exchange and
 * the rows of the books that tell of the same trade: by its ids; or by its facts, if they are not
 * known to be another trade of the exchange.  A fill's siblings in its order do not count.
 */
static const char digest_sql[] =
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
	"	         and not exists (select from exchange_fills o where o.entry_id = r.record_id))),"
	/* A correction of the trade that came since is a fact about it. */
	"	(select string_agg(c.entry_id, ',' order by c.entry_id) from exchange_fills c"
	"	  where c.trade_type <> 'FILL'"
	"	    and (c.order_id = p.order_id or c.trade_id in ("
	"	         select t.trade_id from exchange_fills t where t.entry_id = any (p.entry_ids))))"
	"), 'UTF8')), 'hex')";

/* Making ------------------------------------------------------------------------------------- */

/* The name that the books use for a product, and the level by which they keep it. */
#define BOOK_NAME(product)								\
	"coalesce((select b.product_id from trade_records b where b.product_id = " product " limit 1),"	\
	" (select b.product_id from trade_records b"					\
	"   where b.product_id in (regexp_replace(" product ", '-USDC$', '-USD'), regexp_replace(" product ", '-USD$', '-USDC'))"	\
	"   limit 1), " product ")"

static const char wanted_units_sql[] =
	"insert into wanted"
	" select n.name, u.order_id, 'insert', 'the order is missing here', 'order', u.order_id, null, u.side, u.first_time,"
	"        u.first_nanos, u.size, round(u.value / u.size, 18), u.value, u.fee, u.first_time, u.last_time, u.fills, u.entry_ids"
	"   from findings d join units u using (unit) cross join lateral (select " BOOK_NAME("u.product_id") " as name) as n"
	"  where d.finding = 'missing_here' and d.entry_id is null and u.order_id is not null"
	"    and not exists (select from trade_records b where b.product_id = n.name having bool_and(b.level = 'fill'))";

/* By fills, where the books are kept so, or the order is not known or is there in part. */
static const char wanted_fills_sql[] =
	"insert into wanted"
	" select n.name, coalesce(case when count(*) over (partition by n.name, f.trade_id) = 1 then f.trade_id end, f.entry_id),"
	"        'insert', 'the fill is missing here', 'fill', f.order_id, f.trade_id, f.side, f.trade_time, f.trade_nanos,"
	"        f.base_size, f.price, f.value, f.commission, null, null, 1, array[f.entry_id]"
	"   from findings d join fills f on f.unit = d.unit and (d.entry_id is null or d.entry_id = f.entry_id)"
	"   cross join lateral (select " BOOK_NAME("f.product_id") " as name) as n"
	"  where d.finding = 'missing_here'"
	"    and not exists (select from wanted w where w.level = 'order' and f.entry_id = any (w.entry_ids))";
static const char wanted_fill_ids_sql[] =
	"update wanted w set record_id = w.entry_ids[1]"
	" where w.level = 'fill' and w.action = 'insert'"
	"   and exists (select from trade_records r where (r.product_id, r.record_id) = (w.product_id, w.record_id))";

static const char wanted_changes_sql[] =
	"insert into wanted"
	" select case when wrong_product then " BOOK_NAME("j.product_id") " else b_product end, j.record_id, 'update',"
	"        (select string_agg(d.field || ' ' || d.books || ' -> ' || d.exchange, ', ' order by d.nth) from findings d"
	"          where d.finding = 'different' and (d.product_id, d.record_id) = (j.b_product, j.record_id)),"
	"        level, coalesce(order_id, b_order), trade_id, side,"
	"        case when wrong_time then trade_time else b_time end, case when wrong_time then trade_nanos else b_nanos end,"
	"        case when wrong_size then size else b_size end,"
	"        case when wrong_price or wrong_size or wrong_value then round(price, 18) else b_price end,"
	"        case when wrong_value then value else b_value end, case when wrong_fee then fee else b_fee end,"
	"        case when wrong_first then first_time else b_first end, case when wrong_last then last_time else b_last end,"
	"        case when level = 'order' then n_fills else 1 end, entry_ids"
	"   from judged j"
	"  where (wrong_order or wrong_product or wrong_side or wrong_size or wrong_value or wrong_fee or wrong_price is true or wrong_time"
	"         or wrong_first or wrong_last or wrong_fills) is true";

/* $1 the tier.  One that was applied or has become stale, and whose facts are so again, is proposed again; what was
 * rejected stays rejected. */
static const char propose_sql[] =
	"with made as (select p.*, %s as facts_digest from wanted p)"
	" insert into backfill_proposals (product_id, record_id, action, tier, reason, level, order_id, trade_id, side, trade_time,"
	"                                 trade_nanos, size, price, value, fee, first_time, last_time, fills, entry_ids, facts_digest)"
	" select product_id, record_id, action, $1::smallint, reason, level, order_id, trade_id, side, trade_time, trade_nanos, size,"
	"        price, value, fee, first_time, last_time, fills, entry_ids, facts_digest from made"
	"  order by trade_time, trade_nanos, product_id, record_id"
	" on conflict (product_id, record_id, action, facts_digest) do update"
	"    set state = 'proposed', tier = excluded.tier, reason = excluded.reason, proposed_at = excluded.proposed_at,"
	"        decided_by = null, decided_at = null, applied_at = null"
	"  where backfill_proposals.state in ('applied', 'stale')"
	" returning proposal_id";

/* An open proposal about the same row that was made from other facts is overtaken. */
static const char overtake_sql[] =
	"update backfill_proposals p set state = 'stale' where p.state = 'proposed'"
	"   and exists (select from wanted w where (w.product_id, w.record_id, w.action) = (p.product_id, p.record_id, p.action))"
	"   and p.facts_digest <> %s";

/* What is open of what is wanted now. */
static const char open_wanted_sql[] =
	"select p.proposal_id from backfill_proposals p join wanted w using (product_id, record_id, action)"
	" where p.state = 'proposed' order by p.trade_time, p.trade_nanos, p.proposal_id";

/* Deciding ----------------------------------------------------------------------------------- */

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

long long proposals_make(PGconn *db, int tier)
{
	struct buf sql = BUF_INIT;
	char text[8];
	long long made;

	db_exec(db, query_proposals_wanted);
	PQclear(db_query(db, wanted_units_sql, DB_NO_ARGS));
	PQclear(db_query(db, wanted_fills_sql, DB_NO_ARGS));
	PQclear(db_query(db, wanted_fill_ids_sql, DB_NO_ARGS));
	if (tier == 3)
		PQclear(db_query(db, wanted_changes_sql, DB_NO_ARGS));
	corrections_block(db);
	buf_addf(&sql, overtake_sql, digest_sql);
	db_exec(db, sql.data);
	buf_clear(&sql);
	buf_addf(&sql, propose_sql, digest_sql);
	snprintf(text, sizeof text, "%d", tier);
	made = db_change(db, sql.data, DB_ARGS(text));
	buf_release(&sql);
	return made;
}

int proposals_apply_made(PGconn *db, const char *by, int *stale)
{
	PGresult *res = db_query(db, open_wanted_sql, DB_NO_ARGS);
	int applied = 0, n = PQntuples(res);

	for (int i = 0; i < n; i++)
		applied += proposal_approve(db, PQgetvalue(res, i, 0), by) == PROPOSAL_APPLIED;
	PQclear(res);
	*stale = n - applied;
	return applied;
}

void proposals_lock(PGconn *db)
{
	db_exec(db, "select pg_advisory_xact_lock(" EXCHANGE_LOCK ")");
}

enum proposal_outcome proposal_approve(PGconn *db, const char *id, const char *by)
{
	struct buf sql = BUF_INIT;
	bool applied, same, insert;
	PGresult *res;

	buf_addf(&sql, look_sql, digest_sql);
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

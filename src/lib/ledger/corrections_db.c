#include "ledger/corrections_db.h"

#include <stdlib.h>

/* $1 the only product, or null. */
static const char find_sql[] =
	"insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange)"
	" select 'undecided', product_id, entry_id, side, trade_time, base_size,"
	"        case when trade_type = 'FILL' then 'commission' else 'trade_type' end, null,"
	"        case when trade_type = 'FILL' then trim_scale(commission)::text else trade_type end from open_corrections"
	"  where ($1::text is null or product_id = $1) and product_id not in (select product_id from contract_products)"
	"  order by product_id, trade_time, trade_nanos, entry_id";

/* Is a proposal p about the trade of an open correction?  The number of an old trade is its product's own. */
#define IS_CORRECTED									\
	"exists (select from open_corrections c"					\
	"         where c.order_id = p.order_id"					\
	"            or exists (select from exchange_fills f where f.entry_id = any (p.entry_ids)"	\
	"                          and (f.order_id = c.order_id or (f.trade_id = c.trade_id"	\
	"                               and (length(c.trade_id) >= 32 or f.product_id = c.product_id)))))"

static const char block_wanted_sql[] = "delete from wanted p where " IS_CORRECTED;
static const char block_proposed_sql[] =
	"update backfill_proposals p set state = 'stale' where p.state = 'proposed' and " IS_CORRECTED;

static const char settle_sql[] =
	"insert into settled_corrections (entry_id, settled_by)"
	" select entry_id, $2 from open_corrections where entry_id = $1 on conflict do nothing";
static const char was_settled_sql[] = "select count(*) from settled_corrections where entry_id = $1";

void corrections_find(PGconn *db, const char *product)
{
	PQclear(db_query(db, find_sql, DB_ARGS(product)));
}

void corrections_block(PGconn *db)
{
	db_exec(db, block_wanted_sql);
	db_exec(db, block_proposed_sql);
}

enum correction_outcome correction_settle(PGconn *db, const char *entry_id, const char *by)
{
	enum correction_outcome outcome = CORRECTION_SETTLED;
	char *known;

	if (db_change(db, settle_sql, DB_ARGS(entry_id, by)) == 1)
		return outcome;
	known = db_value(db, was_settled_sql, DB_ARGS(entry_id));
	outcome = known && *known == '1' ? CORRECTION_WAS_SETTLED : CORRECTION_UNKNOWN;
	free(known);
	return outcome;
}

#include "ledger/contracts_db.h"

#include "base/oddities.h"
#include "base/plural.h"
#include "os/log.h"

static const char find_sql[] =
	"insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange)"
	" select 'contract', product_id, record_id, side, trade_time, size, 'product_id', books, exchange"
	"   from (select product_id, record_id, side, trade_time, trade_nanos, size, account,"
	"                product_id as books, null as exchange"
	"           from trade_records"
	"         union all"
	"         select product_id, entry_id, side, trade_time, trade_nanos, size, null, null, product_id"
	"           from exchange_fills) as rows"
	"  where product_id in (select product_id from contract_products)"
	"    and ($1::text is null or product_id = $1) and ($2::text is null or account = $2)"
	"  order by product_id, trade_time, trade_nanos, record_id";

static const char count_sql[] =
	"select product_id, count(*) from trade_records where product_id in (select product_id from contract_products)"
	" group by product_id order by product_id";

static const char discard_trades_sql[] =
	"with gone as (delete from trade_records where product_id in (select product_id from contract_products)"
	"                 and ($1 = 'all' or record_id = $1) returning *)"
	" insert into discarded_trades select gone.*, now(), $2 from gone";
static const char discard_fills_sql[] =
	"with gone as (delete from exchange_fills where product_id in (select product_id from contract_products)"
	"                 and ($1 = 'all' or entry_id = $1) returning *)"
	" insert into discarded_fills select gone.*, now(), $2 from gone";

void contracts_find(PGconn *db, const char *product, const char *account)
{
	PQclear(db_query(db, find_sql, DB_ARGS(product, account)));
}

void contracts_warn(PGconn *db)
{
	PGresult *res = db_query(db, count_sql, DB_NO_ARGS);
	struct oddities contracts = ODDITIES_INIT;

	for (int i = 0; i < PQntuples(res); i++)
		oddities_note(&contracts, "%s %s of %s %s left out: it is not a spot product, and its sizes count contracts; "
			      "reconcile-fills discard takes them out of the books", PQgetvalue(res, i, 1),
			      plural_of(PQgetvalue(res, i, 1), "trade", "trades"), PQgetvalue(res, i, 0),
			      plural_of(PQgetvalue(res, i, 1), "is", "are"));
	log_oddities("the books", &contracts);
	oddities_release(&contracts);
	PQclear(res);
}

long long contracts_discard(PGconn *db, const char *id, const char *by)
{
	return db_change(db, discard_trades_sql, DB_ARGS(id, by)) + db_change(db, discard_fills_sql, DB_ARGS(id, by));
}

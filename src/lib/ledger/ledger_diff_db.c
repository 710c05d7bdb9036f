#include "ledger/ledger_diff_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/contracts_db.h"
#include "ledger/corrections_db.h"
#include "ledger/fills_db.h"
#include "ledger/same_trade_db.h"
#include "ledger/whole_order.h"
#include "os/log.h"
#include "query/ledger-diff-differences.h"
#include "query/ledger-diff-doubts.h"
#include "query/ledger-diff-findings.h"
#include "query/ledger-diff-judged.h"
#include "query/ledger-diff-link.h"
#include "query/ledger-diff-pairs.h"
#include "query/ledger-diff-sums.h"
#include "query/ledger-diff-tables.h"
#include "query/ledger-diff-told-twice.h"
#include "query/ledger-diff-units.h"
#include "query/ledger-diff-whole.h"

/* What is one trade -------------------------------------------------------------------------- */

/* Where the exchange was asked to the end, of each product that either side knows; $1 the only one, whatever name its
 * order book goes by, or null. */
static const char covered_sql[] =
	"insert into covered"
	" select p.product_id, unnest(exchange_covered(p.product_id))"
	"   from (select product_id from trade_records where side in ('BUY', 'SELL')"
	"         union select product_id from exchange_fills) as p"
	"  where ($1::text is null or p.product_id = any (order_book_names($1)))"
	"    and p.product_id not in (select product_id from contract_products)";

/* The windows of tier 1 are those that were asked for, as far as they have been. */
static const char covered_windows_sql[] =
	"insert into covered"
	" select $1, unnest(exchange_covered($1) * tstzmultirange(tstzrange($2, $3)))";

/* $1 as there; $2 all of time, or only the orders with a fill where it is covered. */
static const char fills_sql[] =
	"insert into fills"
	" select f.*, coalesce(f.order_id, f.entry_id) as unit from exchange_fills f"
	"  where f.trade_type = 'FILL' and ($1::text is null or f.product_id = any (order_book_names($1)))"
	"    and f.product_id not in (select product_id from contract_products)"
	"    and ($2::boolean or coalesce(f.order_id, f.entry_id) in ("
	"	     select coalesce(i.order_id, i.entry_id) from exchange_fills i join covered c"
	"	         on c.product_id = i.product_id and i.trade_time <@ c.span))";

/* $1 as there; $2 the only account, or null. */
static const char books_sql[] =
	"insert into books"
	" select r.* from trade_records r"
	"  where r.side in ('BUY', 'SELL') and ($2::text is null or r.account = $2)"
	"    and r.product_id not in (select product_id from contract_products)"
	"    and ($1::text is null or r.product_id = any (order_book_names($1))"
	"         or r.order_id in (select order_id from units))";

static const char index_books_sql[] =
	"create index on books (order_id); create unique index on books (product_id, record_id); analyze books";

/* What no id links is compared by its facts: fills with fills, orders with orders, then fills with orders: a row of a
 * transaction history, which names no order, may be a whole one. */
static const char loose_books_sql[] =
	"select product_id, side, size, " DB_MOMENT("trade_time") ", " DB_MOMENT("trade_time") ", record_id,"
	" amount_moved(side, value, fee) as moved from books b"
	" where level = $1 and not exists (select from linked l where (l.product_id, l.record_id)"
	" = (b.product_id, b.record_id))"
	" order by trade_time, trade_nanos, product_id, record_id";
static const char loose_fills_sql[] =
	"select product_id, side, base_size, " DB_MOMENT("trade_time") ", " DB_MOMENT("trade_time") ","
	" unit, entry_id, amount_moved(side, value, commission) as moved from fills f"
	" where not exists (select from linked l where l.unit = f.unit and (l.entry_id is null or l.entry_id = f.entry_id))"
	" order by trade_time, trade_nanos, entry_id";
static const char loose_units_sql[] =
	"select product_id, side, size, " DB_MOMENT("from_time") ", " DB_MOMENT("last_time") ", unit, null,"
	" amount_moved(side, value, fee) as moved from units u"
	" where not exists (select from linked l where l.unit = u.unit)"
	" order by first_time, first_nanos, unit";

/* What is left of both, in one list, of which one side may tell orders where the other one tells their fills. */
static const char loose_sql[] =
	"select product_id, side, size, " DB_MOMENT("trade_time") " as first_time, " DB_MOMENT("trade_time") " as last_time,"
	" record_id, true as here, false as coarse, product_id as book, amount_moved(side, value, fee) as moved from books b"
	" where not exists (select from linked l where (l.product_id, l.record_id) = (b.product_id, b.record_id))"
	" union all "
	"select product_id, side, size, " DB_MOMENT("first_time") ", " DB_MOMENT("last_time") ", unit, false, coarse, null,"
	" amount_moved(side, value, fee) from units u"
	" where order_id is null and not exists (select from linked l where l.unit = u.unit)"
	" order by first_time, record_id";

/* A trade that the books tell twice: an order and also its fills, or a fill under two ids. */
static const char extra_sql[] =
	"update linked l set extra = true from ("
	"	select product_id, record_id,"
	"	       row_number() over (partition by unit, case when whole then null else entry_id end"
	"	                          order by level = 'order' desc, recorded_at, record_id, product_id) as nth"
	"	  from (select i.*, b.level, b.recorded_at, bool_or(i.entry_id is null) over (partition by i.unit) as whole"
	"	          from linked i join books b using (product_id, record_id) where not i.part) as told) as ranked"
	" where ranked.nth > 1 and (ranked.product_id, ranked.record_id) = (l.product_id, l.record_id)";

/* What differs ------------------------------------------------------------------------------- */

/* $1 everywhere, or (tier 1) only what began in a window: an order that straddles its edge may not be known whole. */
static const char missing_here_sql[] =
	"insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange, unit, entry_id)"
	" select 'missing_here', u.product_id, coalesce(u.order_id, u.unit), u.side, u.first_time, u.size, null, null,"
	" null, u.unit, null"
	"   from units u"
	"  where not exists (select from linked l where l.unit = u.unit)"
	"    and ($1::boolean or exists (select from covered c where c.product_id = u.product_id and u.first_time <@ c.span))"
	"  order by u.product_id, u.first_time, u.first_nanos, u.unit";
static const char missing_fills_sql[] =
	"insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange, unit, entry_id)"
	" select 'missing_here', f.product_id, f.entry_id, f.side, f.trade_time, f.base_size, null, null, null,"
	" f.unit, f.entry_id"
	"   from fills f"
	"  where exists (select from linked l where l.unit = f.unit)"
	"    and not exists (select from linked l where l.unit = f.unit and (l.entry_id is null or l.entry_id = f.entry_id))"
	"  order by f.product_id, f.trade_time, f.trade_nanos, f.entry_id";

static const char missing_there_sql[] =
	"insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange)"
	" select 'missing_there', b.product_id, b.record_id, b.side, b.trade_time, b.size, null, null, null"
	"   from books b"
	"  where not exists (select from linked l where (l.product_id, l.record_id) = (b.product_id, b.record_id))"
	"    and exists (select from covered c where c.product_id = b.product_id and b.trade_time <@ c.span)"
	"  order by b.product_id, b.trade_time, b.trade_nanos, b.record_id";

static const char double_sql[] =
	"insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange, unit)"
	" select 'double', b.product_id, b.record_id, b.side, b.trade_time, b.size, null, null, null, l.unit"
	"   from linked l join books b using (product_id, record_id) where l.extra"
	"  order by b.product_id, b.trade_time, b.trade_nanos, b.record_id";

/* Answers ------------------------------------------------------------------------------------ */

static const char rows_sql[] =
	"select $1::text as tier, finding, product_id, record_id, side,"
	"       case when finding = 'sum' then to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD') else "
	DB_MOMENT("trade_time") " end,"
	"       trim_scale(size)::text, field, books, exchange from findings order by nth";

const char *const comparison_columns[] = { "tier", "finding", "product_id", "record_id", "side", "trade_time", "size",
					   "field", "books", "exchange", NULL };

/* Orders, or fills without one, counted once. */
static const char missing_sql[] =
	"select count(distinct d.unit) from findings d join units u using (unit)"
	" where d.finding = 'missing_here' and u.side = $1";

static const char unmendable_sql[] =
	"select count(*) from findings where finding in ('missing_there', 'double', 'undecided', 'contract')";

/* $1 how many. */
static const char doubts_sql[] =
	"select d.product_id, " DB_MOMENT("d.trade_time") ", d.side, trim_scale(d.size), d.may_be, trim_scale(o.size), "
	DB_MOMENT("o.trade_time") ", d.books is not null, d.n"
	"  from (select *, count(*) over () as n from findings where finding = 'missing_here' and may_be is not null"
	"         order by trade_time, nth limit $1::bigint) d"
	" cross join lateral ("
	"	select b.size, b.trade_time from books b where b.record_id = d.books and b.side = d.side"
	"	union all"
	"	select f.base_size, f.trade_time from fills f where d.books is null and f.entry_id = d.may_be"
	"	 order by 2 limit 1) o"
	" order by d.trade_time, d.nth";

/* Trades of the books that lie where the exchange was not asked; those after the newest answer are too new, unless $1.
 * $2 the only product, under that name, or null. */
static const char unchecked_sql[] =
	"select b.product_id, count(*), min(b.trade_time)::text, max(b.trade_time)::text"
	"  from books b"
	" where ($2::text is null or b.product_id = $2)"
	"   and not exists (select from linked l where (l.product_id, l.record_id) = (b.product_id, b.record_id))"
	"   and not exists (select from covered c where c.product_id = b.product_id and b.trade_time <@ c.span)"
	"   and ($1::boolean or not exists (select from covered c"
	"                                    where c.product_id = b.product_id and b.trade_time >= upper(c.span)"
	"                                      and upper(c.span) > now() - interval '1 day'))"
	" group by b.product_id order by b.product_id";

/* Kept for the state of the ledger, until the next of the same scope. */
static const char keep_sql[] =
	"insert into exchange_checks (tier, product_id, account, findings, missing_buy, missing_sell, partly)"
	" values ($1::smallint, coalesce($2, ''), coalesce($3, ''), $4::integer, $5::integer, $6::integer, $7::boolean)"
	" on conflict (tier, product_id, account) do update"
	"    set checked_at = excluded.checked_at, findings = excluded.findings, missing_buy = excluded.missing_buy,"
	"        missing_sell = excluded.missing_sell, partly = excluded.partly";

/* Beginning ---------------------------------------------------------------------------------- */

void comparison_begin(PGconn *db)
{
	db_begin(db, "isolation level repeatable read");
	exchange_take_turn(db);
	db_exec(db, query_ledger_diff_tables);
}

void comparison_cover_history(PGconn *db, const char *product)
{
	PQclear(db_query(db, covered_sql, DB_ARGS(product)));
}

void comparison_cover_window(PGconn *db, const char *product, const char *from, const char *to)
{
	PQclear(db_query(db, covered_windows_sql, DB_ARGS(product, from, to)));
}

/* Comparing ---------------------------------------------------------------------------------- */

static const char link_sql[] =
	"insert into linked (product_id, record_id, unit, entry_id)"
	" select product_id, record_id, unit, nullif(entry_id, '')"
	"   from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as pairs (product_id, record_id, unit, entry_id)";

static const char part_sql[] =
	"insert into linked (product_id, record_id, unit, part)"
	" select product_id, record_id, unit, true"
	"   from unnest($1::text[], $2::text[], $3::text[]) as parts (product_id, record_id, unit)";

/* Pairs on their way into linked, many at once: product, record, unit and entry. */
enum { LINK_COLUMNS = 4, LINKS_AT_ONCE = 10000 };

static void put_links(PGconn *db, struct buf column[LINK_COLUMNS], size_t n)
{
	if (n == 0)
		return;
	for (int c = 0; c < LINK_COLUMNS; c++)
		db_array_end(&column[c]);
	PQclear(db_query(db, link_sql, DB_ARGS(column[0].data, column[1].data, column[2].data, column[3].data)));
	for (int c = 0; c < LINK_COLUMNS; c++)
		db_array_begin(&column[c]);
}

/* Link by their facts those of the books' rows of a level that no id links. */
static void link_twins(PGconn *db, const char *level, const char *other_sql)
{
	PGresult *here = db_query(db, loose_books_sql, DB_ARGS(level)), *there = db_query(db, other_sql, DB_NO_ARGS);
	struct buf column[LINK_COLUMNS] = { BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT };
	struct twins ours, theirs;
	size_t n = 0;

	twins_from_rows(here, &ours);
	twins_from_rows(there, &theirs);
	twins_pair(&ours, &theirs);
	for (int c = 0; c < LINK_COLUMNS; c++)
		db_array_begin(&column[c]);
	for (size_t i = 0; i < ours.n; i++) {
		int mine = (int)i, its = (int)ours.twin[i].partner;

		if (ours.twin[i].partner == TWIN_NONE)
			continue;
		db_array_add(&column[0], PQgetvalue(here, mine, 0));
		db_array_add(&column[1], PQgetvalue(here, mine, 5));
		db_array_add(&column[2], PQgetvalue(there, its, 5));
		db_array_add(&column[3], PQgetvalue(there, its, 6));
		if (++n % LINKS_AT_ONCE == 0)
			put_links(db, column, LINKS_AT_ONCE);
	}
	put_links(db, column, n % LINKS_AT_ONCE);
	for (int c = 0; c < LINK_COLUMNS; c++)
		buf_release(&column[c]);
	twins_release(&ours);
	twins_release(&theirs);
	PQclear(here);
	PQclear(there);
}

/* What is left: orders of the books, of which a report of the exchange tells the fills; or rows of a history that are
 * whole orders, of which the books have the fills. */
enum { LOOSE_RECORD = 5, LOOSE_HERE, LOOSE_COARSE, LOOSE_BOOK };

static bool is_yes(const PGresult *rows, size_t row, int column)
{
	return *PQgetvalue(rows, (int)row, column) == 't';
}

static struct telling *loose_tellings(const PGresult *rows, size_t n, bool orders_here)
{
	struct telling *telling = xmalloc((n + 1) * sizeof *telling);

	for (size_t i = 0; i < n; i++) {
		bool here = is_yes(rows, i, LOOSE_HERE), coarse = is_yes(rows, i, LOOSE_COARSE);

		telling[i] = (struct telling){ .order = "", .is_new = true, .whole = orders_here ? here : coarse,
					       .reported = orders_here != here };
	}
	return telling;
}

/* The fills of an order of the books become one unit. */
static void link_orders_here(PGconn *db, const PGresult *rows, const struct whole_orders *found)
{
	struct buf entry = BUF_INIT, whole = BUF_INIT, column[LINK_COLUMNS] = { BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT };
	size_t n = 0;

	db_array_begin(&entry);
	db_array_begin(&whole);
	for (int c = 0; c < LINK_COLUMNS; c++)
		db_array_begin(&column[c]);
	for (size_t k = 0; k < found->n; k++) {
		const struct whole_order *o = &found->order[k];
		struct buf unit = BUF_INIT;

		if (o->n_rows > 1)
			continue;
		buf_addf(&unit, "whole:%s", PQgetvalue(rows, (int)o->fill[0], LOOSE_RECORD));
		for (size_t i = 0; i < o->n_fills; i++) {
			db_array_add(&entry, PQgetvalue(rows, (int)o->fill[i], LOOSE_RECORD));
			db_array_add(&whole, unit.data);
		}
		db_array_add(&column[0], PQgetvalue(rows, (int)o->row[0], LOOSE_BOOK));
		db_array_add(&column[1], PQgetvalue(rows, (int)o->row[0], LOOSE_RECORD));
		db_array_add(&column[2], unit.data);
		db_array_add(&column[3], "");
		n++;
		buf_release(&unit);
	}
	db_array_end(&entry);
	db_array_end(&whole);
	PQclear(db_query(db, query_ledger_diff_whole, DB_ARGS(entry.data, whole.data)));
	put_links(db, column, n);
	for (int c = 0; c < LINK_COLUMNS; c++)
		buf_release(&column[c]);
	buf_release(&entry);
	buf_release(&whole);
}

/* Fills of the books are parts of a unit. */
static void link_orders_there(PGconn *db, const PGresult *rows, const struct whole_orders *found)
{
	struct buf product = BUF_INIT, record = BUF_INIT, unit = BUF_INIT;

	db_array_begin(&product);
	db_array_begin(&record);
	db_array_begin(&unit);
	for (size_t k = 0; k < found->n; k++) {
		const struct whole_order *o = &found->order[k];

		for (size_t i = 0; i < o->n_fills && o->n_rows == 1; i++) {
			db_array_add(&product, PQgetvalue(rows, (int)o->fill[i], LOOSE_BOOK));
			db_array_add(&record, PQgetvalue(rows, (int)o->fill[i], LOOSE_RECORD));
			db_array_add(&unit, PQgetvalue(rows, (int)o->row[0], LOOSE_RECORD));
		}
	}
	db_array_end(&product);
	db_array_end(&record);
	db_array_end(&unit);
	PQclear(db_query(db, part_sql, DB_ARGS(product.data, record.data, unit.data)));
	buf_release(&product);
	buf_release(&record);
	buf_release(&unit);
}

static void link_whole_orders(PGconn *db, bool orders_here)
{
	PGresult *rows = db_query(db, loose_sql, DB_NO_ARGS);
	struct whole_orders found;
	struct telling *telling;
	struct twins list;

	twins_from_rows(rows, &list);
	telling = loose_tellings(rows, list.n, orders_here);
	whole_orders_find(&list, telling, &found);
	if (found.n > 0)
		(orders_here ? link_orders_here : link_orders_there)(db, rows, &found);
	whole_orders_release(&found);
	free(telling);
	twins_release(&list);
	PQclear(rows);
}

static void link_books(PGconn *db, const struct comparison_scope *scope)
{
	PQclear(db_query(db, fills_sql, DB_ARGS(scope->product, scope->tier == 1 ? "f" : "t")));
	db_exec(db, query_ledger_diff_units);
	PQclear(db_query(db, books_sql, DB_ARGS(scope->product, scope->account)));
	db_exec(db, index_books_sql);
	db_exec(db, query_ledger_diff_link);
	link_twins(db, "fill", loose_fills_sql);
	link_twins(db, "order", loose_units_sql);
	link_twins(db, "fill", loose_units_sql);
	link_whole_orders(db, true);
	link_whole_orders(db, false);
	db_exec(db, extra_sql);
}

/* The index comes after the rows: it also counts them, for the planner. */
static void judge(PGconn *db, const char *tolerance)
{
	db_exec(db, query_ledger_diff_pairs);
	PQclear(db_query(db, query_ledger_diff_judged, DB_ARGS(tolerance)));
	db_exec(db, "create index on judged (unit)");
}

void comparison_find(PGconn *db, const struct comparison_scope *scope)
{
	link_books(db, scope);
	judge(db, scope->tolerance);
	db_exec(db, query_ledger_diff_findings);
	if (scope->tier == 2)
		PQclear(db_query(db, query_ledger_diff_sums, DB_ARGS(scope->tolerance)));
	PQclear(db_query(db, missing_here_sql, DB_ARGS(scope->tier == 1 ? "f" : "t")));
	PQclear(db_query(db, missing_fills_sql, DB_NO_ARGS));
	db_exec(db, query_ledger_diff_doubts);
	db_exec(db, query_ledger_diff_told_twice);
	if (scope->tier != 1) {
		corrections_find(db, scope->product);
		contracts_find(db, scope->product, scope->account);
	}
	if (scope->tier == 3) {
		PQclear(db_query(db, missing_there_sql, DB_NO_ARGS));
		PQclear(db_query(db, double_sql, DB_NO_ARGS));
		PQclear(db_query(db, query_ledger_diff_differences, DB_NO_ARGS));
	}
}

PGresult *comparison_findings(PGconn *db, int tier)
{
	char text[8];

	snprintf(text, sizeof text, "%d", tier);
	return db_query(db, rows_sql, DB_ARGS(text));
}

PGresult *comparison_doubts(PGconn *db, int most)
{
	char text[16];

	snprintf(text, sizeof text, "%d", most);
	return db_query(db, doubts_sql, DB_ARGS(text));
}

PGresult *comparison_unchecked(PGconn *db, const struct comparison_scope *scope, bool too_new)
{
	return db_query(db, unchecked_sql, DB_ARGS(too_new ? "t" : "f", scope->product));
}

static long count(PGconn *db, const char *sql, int n, const char *const *args)
{
	char *value = db_value(db, sql, n, args);
	long result = value ? strtol(value, NULL, 10) : 0;

	free(value);
	return result;
}

long comparison_missing(PGconn *db, const char *side)
{
	return count(db, missing_sql, DB_ARGS(side));
}

long comparison_unmendable(PGconn *db)
{
	return count(db, unmendable_sql, DB_NO_ARGS);
}

void comparison_keep(PGconn *db, const struct comparison_scope *scope, const struct comparison_result *found)
{
	char tier[8], left[24], buys[24], sells[24];

	snprintf(tier, sizeof tier, "%d", scope->tier);
	snprintf(left, sizeof left, "%ld", found->findings);
	snprintf(buys, sizeof buys, "%ld", found->missing_buy);
	snprintf(sells, sizeof sells, "%ld", found->missing_sell);
	PQclear(db_query(db, keep_sql,
			 DB_ARGS(tier, scope->product, scope->account, left, buys, sells, found->partly ? "t" : "f")));
}

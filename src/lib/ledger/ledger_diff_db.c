#include "ledger/ledger_diff_db.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/corrections_db.h"
#include "ledger/fills_db.h"
#include "os/log.h"

/* Dollars and USDC are one order book at this exchange: a trade may be told under either name. */
#define ORDER_BOOK(product) "regexp_replace(" product ", '-USDC$', '-USD')"

#define NANOSECONDS(t, n) "(extract(epoch from " t ") * 1000000000 + " n ")"

/* What is one trade -------------------------------------------------------------------------- */

static const char tables_sql[] =
	"create temp table covered (product_id text collate \"C\" not null, span tstzrange not null) on commit drop;"
	"create temp table fills (like exchange_fills, unit text collate \"C\" not null) on commit drop;"
	"create temp table books (like trade_records) on commit drop;"
	"create temp table linked (product_id text collate \"C\", record_id text collate \"C\", unit text collate \"C\" not null,"
	"                          entry_id text collate \"C\", extra boolean not null default false) on commit drop";

/* Where the exchange was asked to the end, of each product that either side knows. */
static const char covered_sql[] =
	"insert into covered"
	" select p.product_id, unnest(exchange_covered(p.product_id))"
	"   from (select product_id from trade_records where side in ('BUY', 'SELL')"
	"         union select product_id from exchange_fills) as p"
	"  where $1::text is null or p.product_id = $1";

/* The windows of tier 1 are those that were asked for, as far as they have been. */
static const char covered_windows_sql[] =
	"insert into covered"
	" select $1, unnest(exchange_covered($1) * tstzmultirange(tstzrange($2, $3)))";

/* $1 the only product, or null; $2 all of time, or only the orders with a fill where it is covered. */
static const char fills_sql[] =
	"insert into fills"
	" select f.*, coalesce(f.order_id, f.entry_id) as unit from exchange_fills f"
	"  where f.trade_type = 'FILL' and ($1::text is null or f.product_id = $1)"
	"    and ($2::boolean or coalesce(f.order_id, f.entry_id) in ("
	"	     select coalesce(i.order_id, i.entry_id) from exchange_fills i join covered c"
	"	         on c.product_id = i.product_id and i.trade_time <@ c.span))";

static const char units_sql[] =
	"create index on fills (unit); create index on fills (entry_id); create index on fills (trade_id);"
	"analyze fills;"
	"create temp table units on commit drop as"
	" select f.unit, min(f.order_id) as order_id, min(f.product_id) as product_id, min(f.side) as side,"
	"        sum(f.base_size) as size, sum(f.value) as value, sum(f.commission) as fee, count(*)::integer as fills,"
	"        (array_agg(f.trade_time order by f.trade_time, f.trade_nanos))[1] as first_time,"
	"        (array_agg(f.trade_nanos order by f.trade_time, f.trade_nanos))[1] as first_nanos,"
	"        (array_agg(f.trade_time order by f.trade_time desc, f.trade_nanos desc))[1] as last_time,"
	"        (array_agg(f.trade_nanos order by f.trade_time desc, f.trade_nanos desc))[1] as last_nanos,"
	"        least(min(f.trade_time), min(o.created_time)) as from_time,"
	"        array_agg(f.entry_id order by f.entry_id) as entry_ids, bool_or(f.source = 'csv-history') as coarse"
	"   from fills f left join exchange_orders o on o.order_id = f.order_id group by f.unit;"
	"create unique index on units (unit); analyze units";

/* $1 the only product, or null; $2 the only account, or null. */
static const char books_sql[] =
	"insert into books"
	" select r.* from trade_records r"
	"  where r.side in ('BUY', 'SELL') and ($2::text is null or r.account = $2)"
	"    and ($1::text is null or r.product_id = $1 or r.order_id in (select order_id from units))";

static const char index_books_sql[] =
	"create index on books (order_id); create unique index on books (product_id, record_id); analyze books";

/* Known by id: an order as a whole; a fill by its entry, or by its trade. */
static const char link_sql[] =
	"insert into linked (product_id, record_id, unit)"
	" select b.product_id, b.record_id, u.unit from books b join units u on u.order_id = b.order_id where b.level = 'order';"
	"insert into linked (product_id, record_id, unit, entry_id)"
	" select b.product_id, b.record_id, f.unit, f.entry_id from books b join fills f on f.entry_id = b.record_id"
	"  where b.level = 'fill';"
	"insert into linked (product_id, record_id, unit, entry_id)"
	" select distinct on (b.product_id, b.record_id) b.product_id, b.record_id, f.unit, f.entry_id"
	"   from books b join fills f on f.trade_id = coalesce(b.trade_id, b.record_id)"
	"  where b.level = 'fill'"
	/* The number of an old trade is its product's own; a UUID is everybody's. */
	"    and (length(f.trade_id) >= 32 or " ORDER_BOOK("f.product_id") " = " ORDER_BOOK("b.product_id") ")"
	"    and not exists (select from linked l where (l.product_id, l.record_id) = (b.product_id, b.record_id))"
	"  order by b.product_id, b.record_id, f.side <> b.side, f.entry_id;"
	"create unique index on linked (product_id, record_id); create index on linked (unit); analyze linked";

/* What no id links is compared by its facts: fills with fills, then orders with orders. */
static const char loose_books_sql[] =
	"select product_id, side, size, " DB_MOMENT("trade_time") ", " DB_MOMENT("trade_time") ", record_id from books b"
	" where level = $1 and not exists (select from linked l where (l.product_id, l.record_id) = (b.product_id, b.record_id))"
	" order by trade_time, trade_nanos, product_id, record_id";
static const char loose_fills_sql[] =
	"select product_id, side, base_size, " DB_MOMENT("trade_time") ", " DB_MOMENT("trade_time") ", unit, entry_id from fills f"
	" where not exists (select from linked l where l.unit = f.unit and (l.entry_id is null or l.entry_id = f.entry_id))"
	" order by trade_time, trade_nanos, entry_id";
static const char loose_units_sql[] =
	"select product_id, side, size, " DB_MOMENT("from_time") ", " DB_MOMENT("last_time") ", unit, null from units u"
	" where not exists (select from linked l where l.unit = u.unit)"
	" order by first_time, first_nanos, unit";

/* A trade that the books tell twice: an order and also its fills, or a fill under two ids. */
static const char extra_sql[] =
	"update linked l set extra = true from ("
	"	select product_id, record_id,"
	"	       row_number() over (partition by unit, case when whole then null else entry_id end"
	"	                          order by level = 'order' desc, recorded_at, record_id, product_id) as nth"
	"	  from (select i.*, b.level, b.recorded_at, bool_or(i.entry_id is null) over (partition by i.unit) as whole"
	"	          from linked i join books b using (product_id, record_id)) as told) as ranked"
	" where ranked.nth > 1 and (ranked.product_id, ranked.record_id) = (l.product_id, l.record_id)";

/* What differs ------------------------------------------------------------------------------- */

/* One row a finding. */
static const char findings_sql[] =
	"create temp table findings (finding text, product_id text collate \"C\", record_id text collate \"C\", side text,"
	"	trade_time timestamptz, size numeric, field text, books text, exchange text,"
	"	unit text collate \"C\", entry_id text collate \"C\", nth bigint generated always as identity) on commit drop";

/* $1 everywhere, or (tier 1) only what began in a window: an order that straddles its edge may not be known whole. */
static const char missing_here_sql[] =
	"insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange, unit, entry_id)"
	" select 'missing_here', u.product_id, coalesce(u.order_id, u.unit), u.side, u.first_time, u.size, null, null, null, u.unit, null"
	"   from units u"
	"  where not exists (select from linked l where l.unit = u.unit)"
	"    and ($1::boolean or exists (select from covered c where c.product_id = u.product_id and u.first_time <@ c.span))"
	"  order by u.product_id, u.first_time, u.first_nanos, u.unit";
static const char missing_fills_sql[] =
	"insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange, unit, entry_id)"
	" select 'missing_here', f.product_id, f.entry_id, f.side, f.trade_time, f.base_size, null, null, null, f.unit, f.entry_id"
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

/*
 * Field by field.  Amounts differ beyond the tolerance $1.  A time of a fill is right when it is the
 * exchange's, cut or rounded to the digits that the books keep; that of an order anywhere from its creation
 * to its last fill; an export's own time is good to two seconds.
 */
#define DIGITS_OF(book_ns)								\
	"(select case when " book_ns " % 1000000000 = 0 then 1000000000 when " book_ns " % 1000000 = 0 then 1000000"	\
	"             when " book_ns " % 1000 = 0 then 1000 else 1 end::numeric as u) as digits"

#define ROUNDS_TO(book_ns, real_ns)							\
	"(select " book_ns " in (floor(" real_ns " / u) * u, round(" real_ns " / u) * u) from " DIGITS_OF(book_ns) ")"

#define WITHIN(book_ns, from_ns, to_ns)							\
	"(select " book_ns " between floor(" from_ns " / u) * u and ceil(" to_ns " / u) * u from " DIGITS_OF(book_ns) ")"

static const char pairs_sql[] =
	"create temp table pairs on commit drop as"
	" select b.product_id as b_product, b.record_id, b.level, b.side as b_side, b.size as b_size, b.price as b_price,"
	"        b.value as b_value, b.fee as b_fee, b.trade_time as b_time, b.trade_nanos as b_nanos, b.first_time as b_first,"
	"        b.last_time as b_last, b.fills as b_fills, b.order_id as b_order, b.trade_id as b_trade,"
	"        " NANOSECONDS("b.trade_time", "b.trade_nanos") " as b_ns, l.unit, l.entry_id,"
	"        coalesce(f.product_id, u.product_id) as product_id, coalesce(f.side, u.side) as side,"
	"        coalesce(f.base_size, u.size) as size, coalesce(f.value, u.value) as value,"
	"        coalesce(f.commission, u.fee) as fee, u.order_id, f.trade_id,"
	"        coalesce(f.price, u.value / u.size) as price, coalesce(f.trade_time, u.first_time) as trade_time,"
	"        coalesce(f.trade_nanos, u.first_nanos) as trade_nanos, u.first_time, u.last_time, u.fills as n_fills,"
	"        case when f.entry_id is null then u.entry_ids else array[f.entry_id] end as entry_ids, u.coarse,"
	"        " NANOSECONDS("coalesce(f.trade_time, u.first_time)", "coalesce(f.trade_nanos, u.first_nanos)") " as ns,"
	"        " NANOSECONDS("u.from_time", "0") " as from_ns, " NANOSECONDS("u.last_time", "u.last_nanos") " as last_ns"
	"   from linked l join books b using (product_id, record_id) join units u on u.unit = l.unit"
	"   left join fills f on f.entry_id = l.entry_id and b.level = 'fill'"
	"  where not l.extra";

#define SOME_SECONDS "2000000000"

static const char judged_sql[] =
	"create temp table judged on commit drop as"
	" select p.*,"
	"        " ORDER_BOOK("b_product") " <> " ORDER_BOOK("product_id") " as wrong_product, b_side <> side as wrong_side,"
	"        abs(b_size - size) > $1::numeric as wrong_size, abs(b_value - value) > $1::numeric as wrong_value,"
	"        abs(b_fee - fee) > $1::numeric as wrong_fee, abs(b_price - price) > $1::numeric as wrong_price,"
	"        not case when coarse then b_ns between from_ns - " SOME_SECONDS " and last_ns + " SOME_SECONDS
	"                 when level = 'order' then " WITHIN("b_ns", "from_ns", "last_ns")
	"                 else " ROUNDS_TO("b_ns", "ns") " end as wrong_time,"
	"        not coarse and level = 'order' and not " ROUNDS_TO(NANOSECONDS("b_first", "0"), NANOSECONDS("first_time", "0"))
	"        as wrong_first,"
	"        not coarse and level = 'order' and not " ROUNDS_TO(NANOSECONDS("b_last", "0"), NANOSECONDS("last_time", "0"))
	"        as wrong_last,"
	"        level = 'order' and b_fills <> n_fills as wrong_fills,"
	"        b_order <> order_id as wrong_order"
	"   from pairs p;"
	"create index on judged (unit)";

static const char list_differences_sql[] =
	"insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange, unit, entry_id)"
	" select 'different', b_product, record_id, b_side, b_time, b_size, d.field, d.books, d.exchange, unit, entry_id"
	"   from judged cross join lateral (values"
	"	(1, wrong_order, 'order_id', b_order, order_id),"
	"	(2, wrong_product, 'product_id', b_product, product_id),"
	"	(3, wrong_side, 'side', b_side, side),"
	"	(4, wrong_time, 'trade_time', " DB_MOMENT("b_time") ", " DB_MOMENT("trade_time") "),"
	"	(5, wrong_size, 'size', trim_scale(b_size)::text, trim_scale(size)::text),"
	"	(6, wrong_price, 'price', trim_scale(b_price)::text, trim_scale(price)::text),"
	"	(7, wrong_value, 'value', trim_scale(b_value)::text, trim_scale(value)::text),"
	"	(8, wrong_fee, 'fee', trim_scale(b_fee)::text, trim_scale(fee)::text),"
	"	(9, wrong_first, 'first_time', " DB_MOMENT("b_first") ", " DB_MOMENT("first_time") "),"
	"	(10, wrong_last, 'last_time', " DB_MOMENT("b_last") ", " DB_MOMENT("last_time") "),"
	"	(11, wrong_fills, 'fills', b_fills::text, n_fills::text)) as d (nth, wrong, field, books, exchange)"
	"  where d.wrong order by b_product, b_time, b_nanos, record_id, d.nth";

/*
 * Sums by product, day and side, of what lies where the exchange was asked.  A trade that both know has one
 * day, the books', if the books' time is not wrong; and one name, the books', if it is an alias.
 */
static const char sums_sql[] =
	"insert into findings (finding, product_id, record_id, side, trade_time, size, field, books, exchange)"
	" with there as ("
	"	select coalesce(j.b_product, f.product_id) as product_id,"
	"	       (coalesce(case when not j.wrong_time then j.b_time end, u.first_time) at time zone 'UTC')::date as day,"
	"	       f.side, f.unit, sum(f.base_size) as size, sum(f.value) as value, sum(f.commission) as fee"
	"	  from fills f join units u using (unit)"
	"	  left join lateral (select case when j.wrong_product then null else j.b_product end as b_product, j.b_time, j.wrong_time"
	"	                       from judged j where j.unit = f.unit and (j.entry_id is null or j.entry_id = f.entry_id)"
	"	                      limit 1) as j on true"
	"	 group by 1, 2, 3, 4"
	"), here as ("
	"	select b.product_id, (b.trade_time at time zone 'UTC')::date as day, b.side,"
	"	       case when l.extra then b.record_id else coalesce(l.unit, b.record_id) end as unit,"
	"	       sum(b.size) as size, sum(b.value) as value, sum(b.fee) as fee"
	"	  from books b left join linked l using (product_id, record_id)"
	"	 where l.unit is not null or exists (select from covered c where c.product_id = b.product_id and b.trade_time <@ c.span)"
	"	 group by 1, 2, 3, 4"
	"), days as ("
	"	select product_id, day, side, h.trades as h_trades, h.size as h_size, h.value as h_value, h.fee as h_fee,"
	"	       t.trades as t_trades, t.size as t_size, t.value as t_value, t.fee as t_fee,"
	"	       $1::numeric * greatest(coalesce(h.trades, 0), coalesce(t.trades, 0)) as slack"
	"	  from (select product_id, day, side, count(*) as trades, sum(size) as size, sum(value) as value, sum(fee) as fee"
	"	          from here group by product_id, day, side) as h"
	"	  full join (select product_id, day, side, count(*) as trades, sum(size) as size, sum(value) as value, sum(fee) as fee"
	"	               from there group by product_id, day, side) as t using (product_id, day, side)"
	")"
	" select 'sum', product_id, null, side, day::timestamp at time zone 'UTC', null, d.field,"
	"        trim_scale(coalesce(d.books, 0))::text, trim_scale(coalesce(d.exchange, 0))::text"
	"   from days cross join lateral (values"
	"	(1, 'trades', h_trades::numeric, t_trades::numeric, 0), (2, 'size', h_size, t_size, slack),"
	"	(3, 'value', h_value, t_value, slack), (4, 'fee', h_fee, t_fee, slack)) as d (nth, field, books, exchange, slack)"
	"  where abs(coalesce(d.books, 0) - coalesce(d.exchange, 0)) > d.slack"
	"  order by product_id, day, side, d.nth";

/* Answers ------------------------------------------------------------------------------------ */

static const char rows_sql[] =
	"select $1::text as tier, finding, product_id, record_id, side,"
	"       case when finding = 'sum' then to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD') else " DB_MOMENT("trade_time") " end,"
	"       trim_scale(size)::text, field, books, exchange from findings order by nth";

const char *const comparison_columns[] = { "tier", "finding", "product_id", "record_id", "side", "trade_time", "size", "field",
					   "books", "exchange", NULL };

/* Orders, or fills without one, counted once. */
static const char missing_sql[] =
	"select count(distinct d.unit) from findings d join units u using (unit) where d.finding = 'missing_here' and u.side = $1";

static const char unmendable_sql[] = "select count(*) from findings where finding in ('missing_there', 'double', 'undecided')";

/* Trades of the books that lie where the exchange was not asked; those after the newest answer are too new. */
static const char unchecked_sql[] =
	"select b.product_id, count(*), min(b.trade_time)::text, max(b.trade_time)::text"
	"  from books b"
	" where not exists (select from linked l where (l.product_id, l.record_id) = (b.product_id, b.record_id))"
	"   and not exists (select from covered c where c.product_id = b.product_id and b.trade_time <@ c.span)"
	"   and ($1::boolean or not exists (select from covered c where c.product_id = b.product_id and b.trade_time >= upper(c.span)"
	"                                      and upper(c.span) > now() - interval '1 day'))"
	" group by b.product_id order by b.product_id";

/* Beginning ---------------------------------------------------------------------------------- */

void comparison_begin(PGconn *db)
{
	/* Of the session, and before the transaction: a snapshot is as old as its first statement.  It ends with the session. */
	db_exec(db, "select pg_advisory_lock(" EXCHANGE_LOCK ")");
	db_exec(db, "begin isolation level repeatable read");
	db_exec(db, tables_sql);
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

/* Link by their facts those of the books' rows of a level that no id links. */
static void link_twins(PGconn *db, const char *level, const char *other_sql)
{
	PGresult *here = db_query(db, loose_books_sql, DB_ARGS(level)), *there = db_query(db, other_sql, DB_NO_ARGS);
	struct twins ours, theirs;

	exchange_twins(here, &ours);
	exchange_twins(there, &theirs);
	twins_pair(&ours, &theirs);
	for (size_t i = 0; i < ours.n; i++) {
		int mine = (int)i, its = (int)ours.twin[i].partner;

		if (ours.twin[i].partner == TWIN_NONE)
			continue;
		PQclear(db_query(db, "insert into linked (product_id, record_id, unit, entry_id) values ($1, $2, $3, $4)",
				 DB_ARGS(PQgetvalue(here, mine, 0), PQgetvalue(here, mine, 5), PQgetvalue(there, its, 5),
					 db_text(there, its, 6))));
	}
	twins_release(&ours);
	twins_release(&theirs);
	PQclear(here);
	PQclear(there);
}

static void link_books(PGconn *db, const struct comparison_scope *scope)
{
	PQclear(db_query(db, fills_sql, DB_ARGS(scope->product, scope->tier == 1 ? "f" : "t")));
	db_exec(db, units_sql);
	PQclear(db_query(db, books_sql, DB_ARGS(scope->product, scope->account)));
	db_exec(db, index_books_sql);
	db_exec(db, link_sql);
	link_twins(db, "fill", loose_fills_sql);
	link_twins(db, "order", loose_units_sql);
	db_exec(db, extra_sql);
}

/* A table cannot be made with parameters: the tolerance is put into the text. */
static void judge(PGconn *db, const char *tolerance)
{
	char *quoted = PQescapeLiteral(db, tolerance, strlen(tolerance));
	struct buf sql = BUF_INIT;

	if (!quoted)
		die(EX_SOFTWARE, "the tolerance %s: %s", tolerance, PQerrorMessage(db));
	for (const char *at = judged_sql; *at; at++) {
		if (strncmp(at, "$1", 2) == 0) {
			buf_adds(&sql, quoted);
			at++;
		} else {
			buf_addc(&sql, *at);
		}
	}
	db_exec(db, sql.data);
	buf_release(&sql);
	PQfreemem(quoted);
}

void comparison_find(PGconn *db, const struct comparison_scope *scope)
{
	link_books(db, scope);
	db_exec(db, pairs_sql);
	judge(db, scope->tolerance);
	db_exec(db, findings_sql);
	if (scope->tier == 2)
		PQclear(db_query(db, sums_sql, DB_ARGS(scope->tolerance)));
	PQclear(db_query(db, missing_here_sql, DB_ARGS(scope->tier == 1 ? "f" : "t")));
	PQclear(db_query(db, missing_fills_sql, DB_NO_ARGS));
	if (scope->tier != 1)
		corrections_find(db, scope->product);
	if (scope->tier == 3) {
		PQclear(db_query(db, missing_there_sql, DB_NO_ARGS));
		PQclear(db_query(db, double_sql, DB_NO_ARGS));
		PQclear(db_query(db, list_differences_sql, DB_NO_ARGS));
	}
}

PGresult *comparison_findings(PGconn *db, int tier)
{
	char text[8];

	snprintf(text, sizeof text, "%d", tier);
	return db_query(db, rows_sql, DB_ARGS(text));
}

PGresult *comparison_unchecked(PGconn *db, bool too_new)
{
	return db_query(db, unchecked_sql, DB_ARGS(too_new ? "t" : "f"));
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

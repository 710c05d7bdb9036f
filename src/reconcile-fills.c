/*
 * reconcile-fills - hold the books against the exchange, and propose what would make them agree
 *
 * Three depths: the sells that FIFO found no lot for; sums by product and day; every order, fill and
 * field.  A difference becomes a row, and where the exchange knows what is right, a proposal that a
 * person approves or rejects.
 */
#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "coinbase.h"
#include "db.h"
#include "exchange.h"
#include "log.h"
#include "opts.h"
#include "proposals.h"
#include "tsv.h"
#include "twins.h"

/* Dollars and USDC are one order book at this exchange: a trade may be told under either name. */
#define ALIAS(product) "regexp_replace(" product ", '-USDC$', '-USD')"

#define NANOSECONDS(t, n) "(extract(epoch from " t ") * 1000000000 + " n ")"

/* What is compared ----------------------------------------------------------------------------- */

/* $1 the only product, or null; $2 the only account of the books, or null. */
static const char tables_sql[] =
	"create temp table covered (product_id text collate \"C\" not null, span tstzrange not null) on commit drop;"
	"create temp table fills (like exchange_fills, unit text collate \"C\" not null) on commit drop;"
	"create temp table books (like trade_records) on commit drop;"
	"create temp table linked (product_id text collate \"C\", record_id text collate \"C\", unit text collate \"C\" not null,"
	"                          entry_id text collate \"C\", extra boolean not null default false) on commit drop";

/* Where the exchange was asked to the end, of each product that either side knows. */
static const char covered_sql[] =
	"insert into covered"
	" select p.product_id, unnest(range_agg(tstzrange(w.window_from, w.window_to)))"
	"   from (select product_id from trade_records where side in ('BUY', 'SELL')"
	"         union select product_id from exchange_fills) as p"
	"   join exchange_windows w on w.product_id in (p.product_id, '*')"
	"  where $1::text is null or p.product_id = $1"
	"  group by p.product_id";

/* The windows of tier 1 are those that were asked for, as far as they have been. */
static const char covered_windows_sql[] =
	"insert into covered"
	" select l.product_id, unnest(range_agg(tstzrange(w.window_from, w.window_to)) * tstzmultirange(tstzrange($2, $3)))"
	"   from (select $1::text as product_id) as l join exchange_windows w on w.product_id in (l.product_id, '*')"
	"  group by l.product_id";

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
	"    and (length(f.trade_id) >= 32 or " ALIAS("f.product_id") " = " ALIAS("b.product_id") ")"
	"    and not exists (select from linked l where (l.product_id, l.record_id) = (b.product_id, b.record_id))"
	"  order by b.product_id, b.record_id, f.side <> b.side, f.entry_id;"
	"create unique index on linked (product_id, record_id); create index on linked (unit); analyze linked";

#define MOMENT(t) "to_char(" t " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

/* What no id links is compared by its facts: fills with fills, then orders with orders. */
static const char loose_books_sql[] =
	"select product_id, side, size, " MOMENT("trade_time") ", " MOMENT("trade_time") ", record_id from books b"
	" where level = $1 and not exists (select from linked l where (l.product_id, l.record_id) = (b.product_id, b.record_id))"
	" order by trade_time, trade_nanos, product_id, record_id";
static const char loose_fills_sql[] =
	"select product_id, side, base_size, " MOMENT("trade_time") ", " MOMENT("trade_time") ", unit, entry_id from fills f"
	" where not exists (select from linked l where l.unit = f.unit and (l.entry_id is null or l.entry_id = f.entry_id))"
	" order by trade_time, trade_nanos, entry_id";
static const char loose_units_sql[] =
	"select product_id, side, size, " MOMENT("from_time") ", " MOMENT("last_time") ", unit, null from units u"
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

/* Findings --------------------------------------------------------------------------------------- */

/*
 * One row a finding; p is what the books should say, where the exchange knows.  The books' own word is kept
 * where it is not wrong, so that a correction of the fee does not touch the time.
 */
static const char findings_table_sql[] =
	"create temp table findings (finding text, product_id text collate \"C\", record_id text collate \"C\", side text,"
	"	trade_time timestamptz, size numeric, field text, books text, exchange text,"
	"	unit text collate \"C\", entry_id text collate \"C\", nth bigint generated always as identity) on commit drop;"
	"create temp table wanted (product_id text collate \"C\" not null, record_id text collate \"C\" not null, action text not null,"
	"	reason text not null, level text not null, order_id text, trade_id text, side text not null,"
	"	trade_time timestamptz not null, trade_nanos smallint not null, size numeric not null, price numeric,"
	"	value numeric not null, fee numeric not null, first_time timestamptz, last_time timestamptz,"
	"	fills integer not null, entry_ids text[] not null) on commit drop";

/* Of tier 1 only what began in a window; an order that straddles its edge may not be known whole. */
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
#define ROUNDS_TO(book_ns, real_ns)							\
	"(select " book_ns " in (floor(" real_ns " / u) * u, round(" real_ns " / u) * u)"	\
	"   from (select case when " book_ns " % 1000000000 = 0 then 1000000000 when " book_ns " % 1000000 = 0 then 1000000"	\
	"                     when " book_ns " % 1000 = 0 then 1000 else 1 end::numeric as u) as unit)"

#define WITHIN(book_ns, from_ns, to_ns)							\
	"(select " book_ns " between floor(" from_ns " / u) * u and ceil(" to_ns " / u) * u"	\
	"   from (select case when " book_ns " % 1000000000 = 0 then 1000000000 when " book_ns " % 1000000 = 0 then 1000000"	\
	"                     when " book_ns " % 1000 = 0 then 1000 else 1 end::numeric as u) as unit)"

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

static const char different_sql[] =
	"create temp table judged on commit drop as"
	" select p.*,"
	"        " ALIAS("b_product") " <> " ALIAS("product_id") " as wrong_product, b_side <> side as wrong_side,"
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
	"	(4, wrong_time, 'trade_time', " MOMENT("b_time") ", " MOMENT("trade_time") "),"
	"	(5, wrong_size, 'size', trim_scale(b_size)::text, trim_scale(size)::text),"
	"	(6, wrong_price, 'price', trim_scale(b_price)::text, trim_scale(price)::text),"
	"	(7, wrong_value, 'value', trim_scale(b_value)::text, trim_scale(value)::text),"
	"	(8, wrong_fee, 'fee', trim_scale(b_fee)::text, trim_scale(fee)::text),"
	"	(9, wrong_first, 'first_time', " MOMENT("b_first") ", " MOMENT("first_time") "),"
	"	(10, wrong_last, 'last_time', " MOMENT("b_last") ", " MOMENT("last_time") "),"
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

/* What the books should say ---------------------------------------------------------------------- */

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

static const char open_wanted_sql[] =
	"select p.proposal_id from backfill_proposals p join wanted w using (product_id, record_id, action)"
	" where p.state = 'proposed' order by p.trade_time, p.trade_nanos, p.proposal_id";

static const char print_sql[] =
	"select $1::text as tier, finding, product_id, record_id, side,"
	"       case when finding = 'sum' then to_char(trade_time at time zone 'UTC', 'YYYY-MM-DD') else " MOMENT("trade_time") " end,"
	"       trim_scale(size)::text, field, books, exchange from findings order by nth";

static const char *const columns[] = { "tier", "finding", "product_id", "record_id", "side", "trade_time", "size", "field",
				       "books", "exchange", NULL };

/* Orders, or fills without one, counted once. */
static const char missing_count_sql[] =
	"select count(distinct d.unit) from findings d join units u using (unit) where d.finding = 'missing_here' and u.side = $1";

/* Trades of the books that lie where the exchange was not asked; those after the newest answer are too new. */
static const char unchecked_sql[] =
	"select b.product_id, count(*), min(b.trade_time)::text, max(b.trade_time)::text"
	"  from books b"
	" where not exists (select from linked l where (l.product_id, l.record_id) = (b.product_id, b.record_id))"
	"   and not exists (select from covered c where c.product_id = b.product_id and b.trade_time <@ c.span)"
	"   and ($1::boolean or not exists (select from covered c where c.product_id = b.product_id and b.trade_time >= upper(c.span)"
	"                                      and upper(c.span) > now() - interval '1 day'))"
	" group by b.product_id order by b.product_id";

/* Tier 1 ----------------------------------------------------------------------------------------- */

static const char current_version_sql[] = "select version from fifo_versions where is_current";
static const char version_sql[] = "select version from fifo_versions where version = $1::integer";

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
	" select u.product_id, u.disposal_id, " MOMENT("u.at") ", trim_scale(u.uncovered), trim_scale(s.size), trim_scale(s.before),"
	"        s.before >= s.size as covered_now"
	"   from unmatched u join stock s on s.product_id = u.product_id and s.record_id = u.disposal_id and not s.lot"
	"  order by u.product_id, u.at, u.disposal_id";

/* Windows around the sells of $1 (product and time by turns), $2 days each way, merged where they overlap. */
static const char windows_sql[] =
	"select product_id, to_char(lower(r) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
	"       to_char(least(upper(r), now()) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
	"       lower(r) < now() - make_interval(days => nullif($3::integer, 0))"
	"  from (select product_id, unnest(range_agg(tstzrange(at - make_interval(days => $2::integer),"
	"                                                      at + make_interval(days => $2::integer)))) as r"
	"          from unnest($1::text[]) with ordinality as a (product_id, n),"
	"               lateral (select ($4::text[])[a.n]::timestamptz as at) as t"
	"         group by product_id) as windows"
	" order by product_id, lower(r)";

static const char window_known_sql[] =
	"select coalesce((select tstzrange($2::timestamptz, least($3::timestamptz, now() - interval '1 hour')) <@"
	"                        range_agg(tstzrange(window_from, window_to))"
	"                   from exchange_windows where product_id in ($1, '*')), false)";

static const char help[] =
	"usage: reconcile-fills --tier 1|2|3 [--product P] [--version N] [--window DAYS] [--offline]\n"
	"       reconcile-fills --proposals [STATE]\n"
	"       reconcile-fills --approve ID...|all | --reject ID...|all [--by NAME]\n"
	"\n"
	"Hold the books (trade_records) against the exchange (exchange_fills, after asking it) and print\n"
	"what differs.  What the exchange knows better becomes a proposal.  Exit status 0: no difference,\n"
	"1: differences, 75: not checked.\n"
	"\n"
	"      --tier 1           the sells that FIFO found no lot for: what is missing around them\n"
	"      --tier 2           trades, size, value and fee by product, day and side; whole history\n"
	"      --tier 3           order by order, fill by fill, every field; the exchange is asked anew\n"
	"      --product P        one product, such as BTC-USD\n"
	"      --version N        tier 1: this FIFO version, not the current one\n"
	"      --window DAYS      tier 1: how far around a sell to look (30)\n"
	"      --account A        only these rows of the books\n"
	"      --tolerance D      amounts may differ by so much (0.00000001)\n"
	"      --horizon DAYS     how long the exchange is known to keep its trades: older windows are warned of\n"
	"      --offline          do not ask, compare what is stored\n"
	"  -n, --dry-run          make no proposals\n"
	"      --auto-backfill    apply the proposals at once\n"
	OPTS_ROWS_HELP
	"\n"
	"      --proposals        list the open proposals; or those applied, rejected, stale, or all\n"
	"      --approve ID       apply these; a proposal whose facts have changed since is not applied\n"
	"      --reject ID        do not, and do not propose them again\n"
	"      --by NAME          who decides (otherwise $USER)\n"
	"\n"
	EXCHANGE_HELP
	OPTS_HELP;

struct settings {
	int tier;
	const char *product, *version, *account, *tolerance, *by;
	int window_days, horizon_days;
	bool offline, dry_run, auto_backfill;
	struct exchange_options exchange;
	struct tsv_writer out;
	/* What became of it. */
	bool unchecked;			/* some, or all */
	int trouble;			/* the exit status of the worst that befell the asking */
};

/* Asking --------------------------------------------------------------------------------------- */

static void note_unchecked(struct settings *s, int status)
{
	s->unchecked = true;
	s->trouble = s->trouble ? http_worse_status(s->trouble, status) : status;
}

/* Bring what is stored up to date.  False: it could not be, and nothing may be said of the window. */
static bool ask(struct settings *s, PGconn *db, const char *product, const char *since, const char *until, bool all,
		bool orders)
{
	struct exchange_query q = { .products = &product, .n_products = product ? 1 : 0, .orders = orders };
	struct exchange_stored stored;
	struct exchange_totals totals;
	int status;

	if (since)
		snprintf(q.since, sizeof q.since, "%s", since);
	if (until)
		snprintf(q.until, sizeof q.until, "%s", until);
	status = exchange_update(db, &s->exchange, &q, all, 1, &stored, &totals);
	if (status) {
		log_error("not checked: %s%s%s", product ? product : "all products", since ? " from " : "", since ? since : "");
		note_unchecked(s, status);
		return false;
	}
	log_fact(LOG_INFO, "asked the exchange", "product=%s added=%lld changed=%lld replaced=%lld pages=%ld",
		 product ? product : "all", stored.added, stored.changed, stored.replaced, totals.pages);
	return true;
}

/* Entries that a listing of all time has no more: the exchange forgets, or takes back. */
static void warn_of_vanished(PGconn *db, const char *product)
{
	char *n = db_value(db, "select count(*) from exchange_fills e where source = 'api' and ($1::text is null or product_id = $1)"
			       " and trade_time < (select min(window_to) from staged_windows)"
			       " and not exists (select from staged_fills s where s.entry_id = e.entry_id)",
			   DB_ARGS(product));

	if (n && strcmp(n, "0") != 0)
		log_warning("%s fills that are stored here are no longer listed by the exchange", n);
	free(n);
}

/* Comparing ------------------------------------------------------------------------------------ */

static void pair_loose(PGconn *db, const char *level, const char *other_sql)
{
	PGresult *rows[2] = { db_query(db, loose_books_sql, DB_ARGS(level)), db_query(db, other_sql, DB_NO_ARGS) };
	struct twins lists[2];

	for (int side = 0; side < 2; side++) {
		twins_init(&lists[side]);
		for (int i = 0; i < PQntuples(rows[side]); i++) {
			struct moment first, last;

			if (!moment_parse(&first, PQgetvalue(rows[side], i, 3), false, NULL) ||
			    !moment_parse(&last, PQgetvalue(rows[side], i, 4), false, NULL))
				die(EX_SOFTWARE, "the database gives %s for a time", PQgetvalue(rows[side], i, 3));
			twins_add(&lists[side], PQgetvalue(rows[side], i, 0), strcmp(PQgetvalue(rows[side], i, 1), "BUY") == 0,
				  PQgetvalue(rows[side], i, 2), &first, &last);
		}
	}
	twins_pair(&lists[0], &lists[1]);
	for (size_t i = 0; i < lists[0].n; i++) {
		int mine = (int)i, its = (int)lists[0].twin[i].partner;

		if (lists[0].twin[i].partner == TWIN_NONE)
			continue;
		PQclear(db_query(db, "insert into linked (product_id, record_id, unit, entry_id) values ($1, $2, $3, $4)",
				 DB_ARGS(PQgetvalue(rows[0], mine, 0), PQgetvalue(rows[0], mine, 5), PQgetvalue(rows[1], its, 5),
					 PQgetisnull(rows[1], its, 6) ? NULL : PQgetvalue(rows[1], its, 6))));
	}
	for (int side = 0; side < 2; side++) {
		twins_release(&lists[side]);
		PQclear(rows[side]);
	}
}

static void link_books(struct settings *s, PGconn *db)
{
	PQclear(db_query(db, fills_sql, DB_ARGS(s->product, s->tier == 1 ? "f" : "t")));
	db_exec(db, units_sql);
	PQclear(db_query(db, books_sql, DB_ARGS(s->product, s->account)));
	db_exec(db, index_books_sql);
	db_exec(db, link_sql);
	pair_loose(db, "fill", loose_fills_sql);
	pair_loose(db, "order", loose_units_sql);
	db_exec(db, extra_sql);
	db_exec(db, findings_table_sql);
	db_exec(db, pairs_sql);
}

static void judge(struct settings *s, PGconn *db)
{
	struct buf sql = BUF_INIT;

	/* A table cannot be made with parameters: the tolerance is a checked decimal. */
	for (const char *at = different_sql; *at; at++) {
		if (strncmp(at, "$1", 2) == 0) {
			buf_addf(&sql, "'%s'", s->tolerance);
			at++;
		} else {
			buf_addc(&sql, *at);
		}
	}
	db_exec(db, sql.data);
	buf_release(&sql);
}

static void find_differences(struct settings *s, PGconn *db)
{
	const char *everywhere = s->tier == 1 ? "f" : "t";

	judge(s, db);
	if (s->tier == 2)
		PQclear(db_query(db, sums_sql, DB_ARGS(s->tolerance)));
	PQclear(db_query(db, missing_here_sql, DB_ARGS(everywhere)));
	PQclear(db_query(db, missing_fills_sql, DB_NO_ARGS));
	if (s->tier == 3) {
		PQclear(db_query(db, missing_there_sql, DB_NO_ARGS));
		PQclear(db_query(db, double_sql, DB_NO_ARGS));
		PQclear(db_query(db, list_differences_sql, DB_NO_ARGS));
	}
}

static void say_unchecked(struct settings *s, PGconn *db)
{
	PGresult *res = db_query(db, unchecked_sql, DB_ARGS(s->offline ? "t" : "f"));

	for (int i = 0; i < PQntuples(res); i++) {
		log_warning("not checked: %s trades of %s from %s to %s lie where the exchange was not asked", PQgetvalue(res, i, 1),
			    PQgetvalue(res, i, 0), PQgetvalue(res, i, 2), PQgetvalue(res, i, 3));
		note_unchecked(s, EX_TEMPFAIL);
	}
	PQclear(res);
}

/* Proposing and deciding ------------------------------------------------------------------------- */

static const char *decider(const struct settings *s)
{
	const struct passwd *user;
	const char *name = s->by;

	if (!name || !*name)
		name = getenv("USER");
	if (!name || !*name)
		name = getenv("LOGNAME");
	if (name && *name)
		return name;
	user = getpwuid(getuid());
	return user ? user->pw_name : "nobody";
}

static long long propose(struct settings *s, PGconn *db)
{
	struct buf sql = BUF_INIT;
	char tier[8];
	long long made;

	PQclear(db_query(db, wanted_units_sql, DB_NO_ARGS));
	PQclear(db_query(db, wanted_fills_sql, DB_NO_ARGS));
	PQclear(db_query(db, wanted_fill_ids_sql, DB_NO_ARGS));
	if (s->tier == 3)
		PQclear(db_query(db, wanted_changes_sql, DB_NO_ARGS));
	snprintf(tier, sizeof tier, "%d", s->tier);
	buf_addf(&sql, overtake_sql, proposals_digest_sql);
	db_exec(db, sql.data);
	buf_clear(&sql);
	buf_addf(&sql, propose_sql, proposals_digest_sql);
	made = db_change(db, sql.data, DB_ARGS(tier));
	buf_release(&sql);
	return made;
}

/* Apply what this run wants.  How many could not be. */
static int apply_all(struct settings *s, PGconn *db)
{
	char by[128];
	PGresult *res = db_query(db, open_wanted_sql, DB_NO_ARGS);
	int applied = 0, n = PQntuples(res);

	snprintf(by, sizeof by, "auto-backfill (%.100s)", decider(s));
	for (int i = 0; i < n; i++)
		applied += proposal_approve(db, PQgetvalue(res, i, 0), by) == PROPOSAL_APPLIED;
	PQclear(res);
	log_fact(LOG_INFO, "applied at once, as --auto-backfill says", "applied=%d stale=%d by=\"%s\"", applied, n - applied, by);
	return n - applied;
}

static long count(PGconn *db, const char *sql, const char *arg)
{
	char *value = db_value(db, sql, arg ? 1 : 0, &arg);
	long n = value ? strtol(value, NULL, 10) : 0;

	free(value);
	return n;
}

static int print_rows(struct settings *s, PGresult *res, const char *const *names)
{
	int n = PQntuples(res);

	tsv_begin(&s->out, stdout, names);
	for (int i = 0; i < n; i++) {
		for (int c = 0; names[c]; c++)
			if (PQgetisnull(res, i, c))
				tsv_null(&s->out);
			else if (PQftype(res, c) == 25)		/* text */
				tsv_text(&s->out, PQgetvalue(res, i, c));
			else
				tsv_plain(&s->out, PQgetvalue(res, i, c));
		tsv_end_row(&s->out);
	}
	tsv_release(&s->out);
	PQclear(res);
	return n;
}

/* The lines that jobs and people look for; -q does not silence them. */
static void say_missing(struct settings *s, const char *side, long n)
{
	if (!log_wants(LOG_INFO))
		log_set_level(LOG_INFO);
	if (s->unchecked && n == 0)
		log_warning("Missing %s orders: not checked", side);
	else
		log_info("Missing %s orders found: %ld", side, n);
}

/* One snapshot, taken when no decision or fetch is half-way; the lock ends with the session. */
static void begin(PGconn *db)
{
	db_exec(db, "select pg_advisory_lock(hashtextextended('windfall exchange', 0))");
	db_exec(db, "begin isolation level repeatable read");
	db_exec(db, tables_sql);
}

/* What begin() and the windows of covered have prepared is compared, printed, proposed; the exit status. */
static int conclude(struct settings *s, PGconn *db)
{
	char tier[8];
	long long made = 0;
	long findings, buys, sells;
	int left = -1;

	link_books(s, db);
	find_differences(s, db);
	if (s->tier != 1)
		say_unchecked(s, db);
	buys = count(db, missing_count_sql, "BUY");
	sells = count(db, missing_count_sql, "SELL");
	snprintf(tier, sizeof tier, "%d", s->tier);
	findings = print_rows(s, db_query(db, print_sql, DB_ARGS(tier)), columns);
	if (!s->dry_run) {
		made = propose(s, db);
		if (s->auto_backfill)
			left = apply_all(s, db);
	}
	if (s->auto_backfill && left == 0)	/* what no proposal can mend is left over, too */
		left = (int)count(db, "select count(*) from findings where finding in ('missing_there', 'double')", NULL);
	db_exec(db, "commit");
	say_missing(s, "BUY", buys);
	say_missing(s, "SELL", sells);
	log_fact(LOG_INFO, "compared", "tier=%d findings=%ld proposals=%lld unchecked=%s", s->tier, findings, made,
		 s->unchecked ? "yes" : "no");
	if (findings > 0 && left != 0)
		return EX_DIFFERENCES;
	return s->unchecked ? s->trouble : 0;
}

static int not_checked(struct settings *s)
{
	say_missing(s, "BUY", 0);
	say_missing(s, "SELL", 0);
	return s->trouble;
}

/* Tiers 2 and 3 -------------------------------------------------------------------------------- */

static int compare_history(struct settings *s, PGconn *db)
{
	static const char oldest_sql[] =
		"select min(trade_time)::text from trade_records where ($1::text is null or product_id = $1)"
		"   and trade_time < now() - make_interval(days => nullif($2::integer, 0))";
	char horizon[16], *oldest;

	if (!s->offline) {
		if (!ask(s, db, s->product, NULL, NULL, s->tier == 3, s->tier == 3))
			return not_checked(s);
		if (s->tier == 3)
			warn_of_vanished(db, s->product);
	}
	snprintf(horizon, sizeof horizon, "%d", s->horizon_days);
	oldest = db_value(db, oldest_sql, DB_ARGS(s->product, horizon));
	if (oldest)
		log_warning("the books go back to %s, and the exchange is known to keep %d days: what is missing there may be "
			    "forgotten", oldest, s->horizon_days);
	free(oldest);
	begin(db);
	PQclear(db_query(db, covered_sql, DB_ARGS(s->product)));
	if (count(db, "select count(*) from exchange_windows where product_id in ($1, '*') or $1 = '*'",
		  s->product ? s->product : EXCHANGE_ALL) == 0) {
		log_error("not checked: the exchange was never asked%s%s; fetch-fills --store asks", s->product ? " for " : "",
			  s->product ? s->product : "");
		note_unchecked(s, EX_TEMPFAIL);
		return not_checked(s);
	}
	return conclude(s, db);
}

/* Tier 1 ----------------------------------------------------------------------------------------- */

static char *find_version(struct settings *s, PGconn *db)
{
	char *version;

	if (s->version) {
		version = db_value(db, version_sql, DB_ARGS(s->version));
		if (!version)
			die(EX_DATAERR, "--version %s: there is no such version; match-fifo list shows them", s->version);
	} else {
		version = db_value(db, current_version_sql, DB_NO_ARGS);
		if (!version)
			die(EX_DATAERR, "no FIFO version is current: match-fifo --version N --all --make-current, or say --version");
	}
	return version;
}

static void add_element(struct buf *array, const char *text)
{
	buf_addf(array, "%s\"", array->len ? "," : "{");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(array, '\\');
		buf_addc(array, *text);
	}
	buf_addc(array, '"');
}

/* The sells to look up, as two arrays: products and times.  How many. */
static int list_sells(struct settings *s, PGconn *db, const char *version, struct buf *products, struct buf *times)
{
	PGresult *res = db_query(db, unmatched_sql, DB_ARGS(version, s->product));
	int n = 0, covered = 0;

	for (int i = 0; i < PQntuples(res); i++) {
		bool now = *PQgetvalue(res, i, 6) == 't';

		log_debug("%s: sell %s of %s at %s lacks %s; the books hold %s before it%s", PQgetvalue(res, i, 0),
			  PQgetvalue(res, i, 1), PQgetvalue(res, i, 4), PQgetvalue(res, i, 2), PQgetvalue(res, i, 3),
			  PQgetvalue(res, i, 5), now ? ", enough by now" : "");
		if (now) {
			covered++;
			continue;
		}
		add_element(products, PQgetvalue(res, i, 0));
		add_element(times, PQgetvalue(res, i, 2));
		n++;
	}
	buf_adds(products, n ? "}" : "{}");
	buf_adds(times, n ? "}" : "{}");
	PQclear(res);
	if (covered > 0)
		log_info("%d sells without a lot in version %s are covered by the books as they are now: match a new version", covered,
			 version);
	log_fact(LOG_INFO, "sells without a lot", "version=%s sells=%d", version, n);
	return n;
}

static bool look_up(struct settings *s, PGconn *db, const char *product, const char *from, const char *to)
{
	char *known;
	bool is_known;

	if (!s->offline)
		return ask(s, db, product, from, to, false, false);
	known = db_value(db, window_known_sql, DB_ARGS(product, from, to));
	is_known = known && *known == 't';
	free(known);
	if (!is_known) {
		log_error("not checked: %s from %s to %s was not asked of the exchange to the end", product, from, to);
		note_unchecked(s, EX_TEMPFAIL);
	}
	return is_known;
}

static int look_up_sells(struct settings *s, PGconn *db)
{
	struct buf products = BUF_INIT, times = BUF_INIT;
	char *version = find_version(s, db), window[16], horizon[16];
	PGresult *res;
	bool *known;
	int n;

	list_sells(s, db, version, &products, &times);
	snprintf(window, sizeof window, "%d", s->window_days);
	snprintf(horizon, sizeof horizon, "%d", s->horizon_days);
	res = db_query(db, windows_sql, DB_ARGS(products.data, window, horizon, times.data));
	n = PQntuples(res);
	known = xmalloc((size_t)(n + 1) * sizeof *known);
	for (int i = 0; i < n; i++) {
		if (*PQgetvalue(res, i, 3) == 't')
			log_warning("%s: the window from %s on is older than the %d days the exchange is known to keep: what is missing "
				    "there may be forgotten", PQgetvalue(res, i, 0), PQgetvalue(res, i, 1), s->horizon_days);
		/* A key that is refused once is refused always. */
		known[i] = s->trouble != EX_NOPERM &&
			   look_up(s, db, PQgetvalue(res, i, 0), PQgetvalue(res, i, 1), PQgetvalue(res, i, 2));
	}
	begin(db);
	for (int i = 0; i < n; i++)
		if (known[i])
			PQclear(db_query(db, covered_windows_sql,
					 DB_ARGS(PQgetvalue(res, i, 0), PQgetvalue(res, i, 1), PQgetvalue(res, i, 2))));
	PQclear(res);
	free(known);
	free(version);
	buf_release(&products);
	buf_release(&times);
	return conclude(s, db);
}

/* Deciding ------------------------------------------------------------------------------------- */

static const char proposals_sql[] =
	"select proposal_id, state, tier, action, product_id, level, record_id, side, " MOMENT("trade_time") " as trade_time,"
	"       trim_scale(size) as size, trim_scale(price) as price, trim_scale(value) as value, trim_scale(fee) as fee, fills, reason,"
	"       " MOMENT("proposed_at") " as proposed_at, decided_by, " MOMENT("decided_at") " as decided_at"
	"  from backfill_proposals where $1 = 'all' or state = $1 order by proposal_id";

static const char *const proposal_columns[] = { "proposal_id", "state", "tier", "action", "product_id", "level", "record_id",
	"side", "trade_time", "size", "price", "value", "fee", "fills", "reason", "proposed_at", "decided_by", "decided_at", NULL };

static int list_proposals(struct settings *s, PGconn *db, int argc, char **argv)
{
	static const char *const states[] = { "proposed", "applied", "rejected", "stale", "all", NULL };
	const char *state = argc > 0 ? argv[0] : "proposed";
	int i = 0;

	while (states[i] && strcmp(states[i], state) != 0)
		i++;
	if (!states[i] || argc > 1)
		die(EX_USAGE, "--proposals %s: it is proposed, applied, rejected, stale or all", state);
	print_rows(s, db_query(db, proposals_sql, DB_ARGS(state)), proposal_columns);
	return 0;
}

static PGresult *named_proposals(PGconn *db, int argc, char **argv)
{
	struct buf ids = BUF_INIT;
	PGresult *res;

	if (argc < 1)
		die(EX_USAGE, "which proposals? their numbers, or all; --proposals lists them");
	if (argc == 1 && strcmp(argv[0], "all") == 0)
		return db_query(db, "select proposal_id from backfill_proposals where state = 'proposed'"
				    " order by trade_time, trade_nanos, proposal_id", DB_NO_ARGS);
	for (int i = 0; i < argc; i++) {
		opts_number("proposal", argv[i], 1, INT64_MAX);
		add_element(&ids, argv[i]);
	}
	buf_addc(&ids, '}');
	res = db_query(db, "select unnest($1::bigint[])", DB_ARGS(ids.data));
	buf_release(&ids);
	return res;
}

static int decide(struct settings *s, PGconn *db, bool approve, int argc, char **argv)
{
	static const char *const names[] = { "proposal_id", "outcome", NULL };
	static const char *const outcome_name[] = {
		[PROPOSAL_APPLIED] = "applied", [PROPOSAL_WAS_APPLIED] = "applied before", [PROPOSAL_STALE] = "stale",
		[PROPOSAL_REJECTED] = "rejected", [PROPOSAL_UNKNOWN] = "unknown",
	};
	int made[5] = { 0 };
	PGresult *res;

	db_exec(db, "begin");
	proposals_lock(db);
	res = named_proposals(db, argc, argv);
	tsv_begin(&s->out, stdout, names);
	for (int i = 0; i < PQntuples(res); i++) {
		const char *id = PQgetvalue(res, i, 0);
		enum proposal_outcome outcome = (approve ? proposal_approve : proposal_reject)(db, id, decider(s));

		made[outcome]++;
		tsv_plain(&s->out, id);
		tsv_text(&s->out, outcome_name[outcome]);
		tsv_end_row(&s->out);
		if (outcome == PROPOSAL_STALE)
			log_warning("proposal %s is not applied: the exchange or the books say something else now than when it was made; "
				    "reconcile again", id);
		if (outcome == PROPOSAL_WAS_APPLIED && !approve)
			log_warning("proposal %s is applied already and cannot be rejected", id);
	}
	PQclear(res);
	tsv_release(&s->out);
	db_exec(db, "commit");
	log_fact(LOG_INFO, approve ? "approved" : "rejected", "applied=%d rejected=%d before=%d stale=%d unknown=%d by=\"%s\"",
		 made[PROPOSAL_APPLIED], made[PROPOSAL_REJECTED], made[PROPOSAL_WAS_APPLIED], made[PROPOSAL_STALE],
		 made[PROPOSAL_UNKNOWN], decider(s));
	if (made[PROPOSAL_UNKNOWN])
		return EX_DATAERR;
	return made[PROPOSAL_STALE] || (!approve && made[PROPOSAL_WAS_APPLIED]) ? EX_DIFFERENCES : 0;
}

/* Arguments ------------------------------------------------------------------------------------ */

static const char *decimal_option(const char *name, const char *text)
{
	struct decimal d;
	struct reason why;

	decimal_init(&d);
	if (!decimal_parse_text(&d, text, DECIMAL_PLAIN, &why) || decimal_sign(&d) < 0)
		die(EX_USAGE, "%s %s: a decimal, not below zero, is needed", name, text);
	decimal_release(&d);
	return text;
}

enum { OPT_TIER = 1, OPT_PRODUCT, OPT_VERSION, OPT_WINDOW, OPT_ACCOUNT, OPT_TOLERANCE, OPT_HORIZON, OPT_OFFLINE, OPT_AUTO,
       OPT_PROPOSALS, OPT_APPROVE, OPT_REJECT, OPT_BY };

static void check_arguments(const struct settings *s, int verb, int operands)
{
	if (!s->tier && !verb)
		die(EX_USAGE, "--tier 1, 2 or 3, --proposals, --approve or --reject: see --help");
	if (s->tier && verb)
		die(EX_USAGE, "--tier goes without --proposals, --approve and --reject");
	if (s->tier && operands)
		die(EX_USAGE, "no operands are taken with --tier");
	if (s->product && !coinbase_product_ok(s->product))
		die(EX_USAGE, "--product %s: write it as BTC-USD", s->product);
	if (s->version && s->tier != 1)
		die(EX_USAGE, "--version goes with --tier 1");
	if (s->dry_run && s->auto_backfill)
		die(EX_USAGE, "--dry-run and --auto-backfill contradict each other");
}

int main(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "tier", required_argument, NULL, OPT_TIER }, { "product", required_argument, NULL, OPT_PRODUCT },
		{ "version", required_argument, NULL, OPT_VERSION }, { "window", required_argument, NULL, OPT_WINDOW },
		{ "account", required_argument, NULL, OPT_ACCOUNT }, { "tolerance", required_argument, NULL, OPT_TOLERANCE },
		{ "horizon", required_argument, NULL, OPT_HORIZON }, { "offline", no_argument, NULL, OPT_OFFLINE },
		{ "dry-run", no_argument, NULL, 'n' }, { "auto-backfill", no_argument, NULL, OPT_AUTO },
		{ "proposals", no_argument, NULL, OPT_PROPOSALS }, { "approve", no_argument, NULL, OPT_APPROVE },
		{ "reject", no_argument, NULL, OPT_REJECT }, { "by", required_argument, NULL, OPT_BY },
		EXCHANGE_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	static struct settings s = { .window_days = 30, .tolerance = "0.00000001", .exchange = EXCHANGE_OPTIONS_INIT };
	int c, status, verb = 0;
	PGconn *db;

	log_init(argv[0]);
	/* --version N names a FIFO version; alone it means what it means everywhere. */
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		opts_common('V', help);
	while ((c = getopt_long(argc, argv, "n" OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case OPT_TIER:      s.tier = (int)opts_number("--tier", optarg, 1, 3); break;
		case OPT_PRODUCT:   s.product = optarg; break;
		case OPT_VERSION:
			opts_number("--version", optarg, 1, INT32_MAX);
			s.version = optarg;
			break;
		case OPT_WINDOW:    s.window_days = (int)opts_number("--window", optarg, 0, 36500); break;
		case OPT_ACCOUNT:   s.account = optarg; break;
		case OPT_TOLERANCE: s.tolerance = decimal_option("--tolerance", optarg); break;
		case OPT_HORIZON:   s.horizon_days = (int)opts_number("--horizon", optarg, 0, 36500); break;
		case OPT_OFFLINE:   s.offline = true; break;
		case 'n':           s.dry_run = true; break;
		case OPT_AUTO:      s.auto_backfill = true; break;
		case OPT_BY:        s.by = optarg; break;
		case OPT_PROPOSALS:
		case OPT_APPROVE:
		case OPT_REJECT:
			if (verb)
				die(EX_USAGE, "one of --proposals, --approve and --reject at a time");
			verb = c;
			break;
		default:
			if (!exchange_option(&s.exchange, c, optarg) && !opts_rows(c, &s.out))
				opts_common(c, help);
		}
	}
	check_arguments(&s, verb, argc - optind);
	db = db_connect();
	argc -= optind;
	argv += optind;
	if (verb)
		status = verb == OPT_PROPOSALS ? list_proposals(&s, db, argc, argv) : decide(&s, db, verb == OPT_APPROVE, argc, argv);
	else
		status = s.tier == 1 ? look_up_sells(&s, db) : compare_history(&s, db);
	PQfinish(db);
	flush_stdout();
	return status;
}

#include "ledger/same_trade_db.h"

#include <stdlib.h>
#include <string.h>

#include "exact/instant_ns.h"
#include "ledger/fill_rows_io.h"
#include "ledger/whole_order.h"
#include "os/log.h"
#include "query/fills-near.h"
#include "query/fills-other-currency.h"
#include "query/fills-told.h"

/* Staged rows with a new id, of exports or of the interface. */
static const char new_sql[] =
	"select product_id, side, base_size, " DB_MOMENT("trade_time") ", " DB_MOMENT("trade_time") ","
	"       entry_id, source, trade_id, amount_moved(side, value, commission) as moved"
	"  from staged_fills s"
	" where (source = 'api') = ($1 = 'api') and trade_type = 'FILL'"
	"   and not exists (select from exchange_fills e where e.entry_id = s.entry_id)"
	" order by trade_time, trade_nanos, entry_id";

/* Stored rows that may be the same trades: of exports for the interface's, of any source for those of exports. */
static const char candidates_sql[] =
	"select product_id, side, base_size, " DB_MOMENT("trade_time") ", " DB_MOMENT("trade_time") ","
	"       entry_id, source, trade_id, amount_moved(side, value, commission) as moved"
	"  from exchange_fills e"
	" where ($1 <> 'api' or source <> 'api') and trade_type = 'FILL'"
	"   and trade_time between (select min(trade_time) - interval '2 seconds' from staged_fills)"
	"                      and (select max(trade_time) + interval '2 seconds' from staged_fills)"
	"   and not exists (select from staged_fills s where s.entry_id = e.entry_id)"
	" order by trade_time, trade_nanos, entry_id";

/* Rows of exports that are stored under their own id with another amount: the later counts, as of one report. */
static const char corrected_sql[] =
	"select product_id, " DB_MOMENT("trade_time") ", now, before, source"
	"  from (select s.product_id, s.trade_time, s.trade_nanos, entry_id, e.source,"
	"               amount_moved(s.side, s.value, s.commission) as now,"
	"               amount_moved(e.side, e.value, e.commission) as before"
	"          from staged_fills s join exchange_fills e using (entry_id) where s.source <> 'api') as told"
	" where now <> before order by trade_time, trade_nanos, entry_id";

static const char drop_staged_sql[] = "delete from staged_fills where entry_id = any ($1::text[])";
static const char drop_stored_sql[] = "delete from exchange_fills where entry_id = any ($1::text[])";

/* The columns of new_sql, candidates_sql and fills-told.sql behind product, side, size and times. */
enum { TWIN_ENTRY = 5, TWIN_SOURCE, TWIN_TRADE, TWIN_MOVED, TOLD_ORDER, TOLD_NEW };

static bool is_history(const char *source)
{
	return strcmp(source, "csv-history") == 0;
}

void twins_name_by_source(struct twins *list, const char *source, const char *trade_id, const char *entry_id)
{
	size_t len = strlen(source);

	if (!*trade_id)
		return;
	if (strcmp(source, "csv-fills") == 0 || strcmp(source, "csv-account") == 0)
		twins_name(list, TWIN_TRADE_NUMBER, trade_id);
	else if (is_history(source) && strncmp(entry_id, source, len) == 0 && entry_id[len] == ':' &&
		 strcmp(entry_id + len + 1, trade_id) == 0)
		twins_name(list, TWIN_TRANSACTION, trade_id);
}

void twins_from_rows(const PGresult *rows, struct twins *list)
{
	bool named = PQfnumber(rows, "source") == TWIN_SOURCE;
	int moved = PQfnumber(rows, "moved");

	twins_init(list);
	for (int i = 0; i < PQntuples(rows); i++) {
		struct instant_ns first, last;

		if (!instant_ns_parse(&first, PQgetvalue(rows, i, 3), false, NULL) ||
		    !instant_ns_parse(&last, PQgetvalue(rows, i, 4), false, NULL))
			die(EX_SOFTWARE, "the database gives %s and %s for times", PQgetvalue(rows, i, 3), PQgetvalue(rows, i, 4));
		twins_add(list, PQgetvalue(rows, i, 0), strcmp(PQgetvalue(rows, i, 1), "BUY") == 0, PQgetvalue(rows, i, 2),
			  &first, &last);
		twins_moved(list, PQgetvalue(rows, i, moved));
		if (named)
			twins_name_by_source(list, PQgetvalue(rows, i, TWIN_SOURCE), PQgetvalue(rows, i, TWIN_TRADE),
					     PQgetvalue(rows, i, TWIN_ENTRY));
	}
}

/* The entry ids of the paired, into an array literal. */
static void add_paired(struct buf *ids, const PGresult *rows, const struct twins *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->twin[i].partner != TWIN_NONE)
			db_array_add(ids, PQgetvalue(rows, (int)i, TWIN_ENTRY));
}

/* Both tellings of a trade with their rows: what is new, and what is stored. */
struct twice_told {
	const PGresult *new_rows, *old_rows;
	struct twins new_list, old_list;
	struct buf new_ids, old_ids;	/* array literals: what is dropped of either */
	long otherwise;
};

enum { NAMED_TWINS = 5 };

static void say_otherwise(const char *product, const char *time, const char *moved, const char *before,
			  const char *source, bool corrects)
{
	log_warning("%s at %s: this export says that %s moved, and %s (%s) is stored: %s", product, time, moved,
		    before, source, corrects ? "this export counts, as the later of one report" : "what is stored counts");
}

static void say_how_many(long n)
{
	if (n > NAMED_TWINS)
		log_warning("%ld trades have other amounts than those stored; the first %d are named", n, NAMED_TWINS);
}

/*
 * Of exports that tell a trade twice the first stays; but of two of one report that contradict each other, as where the
 * exchange has corrected one, the last counts.
 */
static void settle_exports(struct twice_told *t)
{
	for (size_t i = 0; i < t->new_list.n; i++) {
		int mine = (int)i, its = (int)t->new_list.twin[i].partner;
		const char *moved = PQgetvalue(t->new_rows, mine, TWIN_MOVED), *before;
		bool corrects, otherwise;

		if (t->new_list.twin[i].partner == TWIN_NONE)
			continue;
		before = PQgetvalue(t->old_rows, its, TWIN_MOVED);
		otherwise = twins_contradict(moved, before);
		corrects = otherwise &&
			   strcmp(PQgetvalue(t->new_rows, mine, TWIN_SOURCE), PQgetvalue(t->old_rows, its, TWIN_SOURCE)) == 0;
		if (corrects)
			db_array_add(&t->old_ids, PQgetvalue(t->old_rows, its, TWIN_ENTRY));
		else
			db_array_add(&t->new_ids, PQgetvalue(t->new_rows, mine, TWIN_ENTRY));
		if (otherwise && t->otherwise++ < NAMED_TWINS)
			say_otherwise(PQgetvalue(t->new_rows, mine, 0), PQgetvalue(t->new_rows, mine, 3), moved, before,
				      PQgetvalue(t->old_rows, its, TWIN_SOURCE), corrects);
	}
	say_how_many(t->otherwise);
}

static void say_corrected(PGconn *db)
{
	PGresult *rows = db_query(db, corrected_sql, DB_NO_ARGS);
	long n = 0;

	for (int i = 0; i < PQntuples(rows); i++)
		if (twins_contradict(PQgetvalue(rows, i, 2), PQgetvalue(rows, i, 3)) && n++ < NAMED_TWINS)
			say_otherwise(PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1), PQgetvalue(rows, i, 2), PQgetvalue(rows, i, 3),
				      PQgetvalue(rows, i, 4), true);
	say_how_many(n);
	PQclear(rows);
}

struct telling telling_of_source(const char *source, const char *order)
{
	return (struct telling){ .order = order, .whole = is_history(source), .reported = strcmp(source, "csv-fills") == 0 };
}

void whole_orders_say(const struct whole_orders *found, whole_order_names *names, const void *context)
{
	long n = 0;

	for (size_t k = 0; k < found->n; k++) {
		const struct whole_order *o = &found->order[k];
		const char *product, *time, *order;

		if (!twins_contradict(o->rows_moved, o->fills_moved) || n++ >= NAMED_TWINS)
			continue;
		names(context, o, &product, &time, &order);
		log_warning("%s at %s: the history says that %s moved, and the fills of that order make %s: %s (order %s)", product,
			    time, o->rows_moved, o->fills_moved, o->rows_count ? "the history counts" : "the fills count", order);
	}
	say_how_many(n);
}

/* The entries that are one trade with another, or a part of it: a set, and an array literal. */
struct taken {
	void *set;
	struct buf ids;
};

static void take(struct taken *taken, const char *entry_id)
{
	if (id_set_add(&taken->set, entry_id))
		db_array_add(&taken->ids, entry_id);
}

/* What the rows say of each trade besides, in their order. */
static struct telling *read_tellings(const PGresult *rows, struct taken *taken)
{
	int n = PQntuples(rows);
	struct telling *telling = xmalloc(((size_t)n + 1) * sizeof *telling);

	for (int i = 0; i < n; i++) {
		telling[i] = telling_of_source(PQgetvalue(rows, i, TWIN_SOURCE), PQgetvalue(rows, i, TOLD_ORDER));
		telling[i].is_new = *PQgetvalue(rows, i, TOLD_NEW) == 't';
		telling[i].taken = id_set_has(&taken->set, PQgetvalue(rows, i, TWIN_ENTRY));
	}
	return telling;
}

static void names_in_rows(const void *rows, const struct whole_order *o, const char **product, const char **time,
			  const char **order)
{
	int row = (int)o->row[0], fill = (int)o->fill[0];

	*product = PQgetvalue(rows, row, 0);
	*time = PQgetvalue(rows, row, 3);
	*order = PQgetvalue(rows, fill, PQgetisnull(rows, fill, TOLD_ORDER) ? TWIN_ENTRY : TOLD_ORDER);
}

/* A row of a transaction history that is a whole order counts once, beside or in place of its fills.  What looks like
 * one fill was paired before, and is taken. */
static void drop_whole_orders(PGconn *db, struct taken *taken, struct twins_dropped *dropped)
{
	PGresult *rows = db_query(db, query_fills_told, DB_NO_ARGS);
	struct telling *telling = read_tellings(rows, taken);
	struct whole_orders found;
	struct buf ids = BUF_INIT;
	struct twins list;

	twins_from_rows(rows, &list);
	whole_orders_find(&list, telling, &found);
	db_array_begin(&ids);
	for (size_t k = 0; k < found.n; k++) {
		const struct whole_order *o = &found.order[k];

		for (size_t i = 0; i < o->n_gone; i++)
			db_array_add(&ids, PQgetvalue(rows, (int)o->gone[i], TWIN_ENTRY));
		for (size_t i = 0; i < o->n_rows; i++)
			take(taken, PQgetvalue(rows, (int)o->row[i], TWIN_ENTRY));
		for (size_t i = 0; i < o->n_fills; i++)
			take(taken, PQgetvalue(rows, (int)o->fill[i], TWIN_ENTRY));
	}
	db_array_end(&ids);
	whole_orders_say(&found, names_in_rows, rows);
	if (found.n > 0) {
		dropped->known += db_change(db, drop_staged_sql, DB_ARGS(ids.data));
		dropped->replaced += db_change(db, drop_stored_sql, DB_ARGS(ids.data));
	}
	buf_release(&ids);
	whole_orders_release(&found);
	twins_release(&list);
	free(telling);
	PQclear(rows);
}

/* One trade told in two currencies?  Each is stored, for two trades may look so; what is new is named. */
static void say_other_currency(PGconn *db)
{
	PGresult *rows = db_query(db, query_fills_other_currency, DB_NO_ARGS);
	int n = PQntuples(rows);

	for (int i = 0; i < n && i < NAMED_TWINS; i++)
		log_warning("%s at %s: a %s of %s that %s (%s) has, too: the history shows amounts in the currency of the account, "
			    "and this may be one trade; if it is, reject the proposal of the other (reconcile-fills "
			    "reject)", PQgetvalue(rows, i, 0),
			    PQgetvalue(rows, i, 1), PQgetvalue(rows, i, 2), PQgetvalue(rows, i, 3), PQgetvalue(rows, i, 4),
			    PQgetvalue(rows, i, 5));
	if (n > NAMED_TWINS)
		log_warning("%d trades occur in two currencies; the first %d are named", n, NAMED_TWINS);
	PQclear(rows);
}

/* What may be one trade, but by its time or quantity is not certain to be, is stored, and named. */
static void say_near(PGconn *db, const struct taken *taken)
{
	PGresult *rows = db_query(db, query_fills_near, DB_ARGS(taken->ids.data));
	int n = PQntuples(rows);

	for (int i = 0; i < n && i < NAMED_TWINS; i++) {
		bool is_part = *PQgetvalue(rows, i, 8) == 't';

		log_warning("%s at %s: a %s of %s of the history, and %s (%s) has one of %s %s seconds away: both are stored; "
			    "if it is one %s (reconcile-fills reject)", PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1),
			    PQgetvalue(rows, i, 2), PQgetvalue(rows, i, 3), PQgetvalue(rows, i, 5), PQgetvalue(rows, i, 6),
			    is_part ? PQgetvalue(rows, i, 7) : "as much", PQgetvalue(rows, i, 4),
			    is_part ? "order, fetch the rest of it, too (--all), or reject the proposal of the lesser"
				    : "trade, reject the proposal of one");
	}
	if (n > NAMED_TWINS)
		log_warning("%d trades occur twice, with other times or quantities; the first %d are named", n,
			    NAMED_TWINS);
	PQclear(rows);
}

/* A trade that a history tells, and another source, is that one: either row may stay. */
static void take_pairs(const struct twice_told *t, struct taken *taken)
{
	for (size_t i = 0; i < t->new_list.n; i++) {
		int mine = (int)i, its = (int)t->new_list.twin[i].partner;

		if (t->new_list.twin[i].partner == TWIN_NONE ||
		    is_history(PQgetvalue(t->new_rows, mine, TWIN_SOURCE)) ==
		    is_history(PQgetvalue(t->old_rows, its, TWIN_SOURCE)))
			continue;
		take(taken, PQgetvalue(t->new_rows, mine, TWIN_ENTRY));
		take(taken, PQgetvalue(t->old_rows, its, TWIN_ENTRY));
	}
}

/* Of a trade that is told twice one row stays: the interface's, else the one that was there first. */
static void drop_twins(PGconn *db, const char *source, struct taken *taken, struct twins_dropped *dropped)
{
	bool api = strcmp(source, "api") == 0;
	PGresult *new_rows = db_query(db, new_sql, DB_ARGS(source)), *old_rows = db_query(db, candidates_sql, DB_ARGS(source));
	struct twice_told t = { .new_rows = new_rows, .old_rows = old_rows };

	twins_from_rows(new_rows, &t.new_list);
	twins_from_rows(old_rows, &t.old_list);
	if (twins_pair(&t.new_list, &t.old_list) > 0) {
		db_array_begin(&t.new_ids);
		db_array_begin(&t.old_ids);
		take_pairs(&t, taken);
		if (api)
			add_paired(&t.old_ids, old_rows, &t.old_list);
		else
			settle_exports(&t);
		db_array_end(&t.new_ids);
		db_array_end(&t.old_ids);
		dropped->replaced += db_change(db, drop_stored_sql, DB_ARGS(t.old_ids.data));
		dropped->known += db_change(db, drop_staged_sql, DB_ARGS(t.new_ids.data));
	}
	buf_release(&t.new_ids);
	buf_release(&t.old_ids);
	twins_release(&t.new_list);
	twins_release(&t.old_list);
	PQclear(new_rows);
	PQclear(old_rows);
}

struct twins_dropped twins_drop(PGconn *db)
{
	struct twins_dropped dropped = { 0, 0 };
	struct taken taken = { NULL, BUF_INIT };

	db_array_begin(&taken.ids);
	drop_twins(db, "api", &taken, &dropped);
	drop_twins(db, "csv", &taken, &dropped);
	drop_whole_orders(db, &taken, &dropped);
	db_array_end(&taken.ids);
	say_corrected(db);
	say_other_currency(db);
	say_near(db, &taken);
	id_set_release(&taken.set);
	buf_release(&taken.ids);
	return dropped;
}

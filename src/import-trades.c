/*
 * import-trades - import the operator's own ledger into the books
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ident.h"
#include "base/plural.h"
#include "base/text.h"
#include "cli/input.h"
#include "cli/opts.h"
#include "db/db.h"
#include "db/statistics.h"
#include "format/table.h"
#include "format/tsv.h"
#include "ledger/column_map_io.h"
#include "ledger/fill_rows_io.h"
#include "ledger/trade.h"
#include "os/log.h"
#include "query/import-different.h"
#include "query/import-stage.h"

/* What a row of the books says of its trade, beside its key; the times as pairs of columns. */
#define FACTS "level, order_id, trade_id, side, trade_time, trade_nanos, size, price, value, fee," \
	      " first_time, last_time, fills, account, note"

static const char copy_sql[] = "copy incoming (product_id, record_id, " FACTS ", line) from stdin";

/* One trade twice in the file: the same (said and kept once) or told in two ways (refused). */
static const char repeated_sql[] =
	"select product_id, record_id, string_agg(line::text, ', ' order by line),"
	"       count(distinct (" FACTS ")) = 1, count(*) - 1"
	"  from incoming group by product_id, record_id having count(*) > 1 order by min(line)";

static const char drop_repeated_sql[] =
	"delete from incoming i using incoming j"
	" where j.product_id = i.product_id and j.record_id = i.record_id and j.line < i.line";

/* An order in the books as a whole and again by its fills would count twice. */
static const char counted_twice_sql[] =
	"select o.product_id, o.order_id, min(f.record_id)"
	"  from (select product_id, order_id from incoming where level = 'order'"
	"        union select product_id, order_id from trade_records where level = 'order') o"
	"  join (select product_id, order_id, record_id, true as is_new from incoming where level = 'fill'"
	"        union all select product_id, order_id, record_id, false from trade_records where level = 'fill') f"
	"       using (product_id, order_id)"
	" where f.is_new or exists (select from incoming i where i.product_id = o.product_id"
	"                              and i.record_id = o.order_id and i.level = 'order')"
	" group by o.product_id, o.order_id order by 1, 2";

static const char insert_sql[] =
	"insert into trade_records (product_id, record_id, " FACTS ", source)"
	" select product_id, record_id, " FACTS ", 'import' from incoming i"
	"  where not exists (select from trade_records r where r.product_id = i.product_id and r.record_id = i.record_id)"
	"  order by product_id, trade_time, trade_nanos, record_id";

static const char replace_sql[] =
	"update trade_records r"
	"   set level = i.level, order_id = coalesce(i.order_id, r.order_id), trade_id = coalesce(i.trade_id, r.trade_id),"
	"       side = i.side, trade_time = i.trade_time, trade_nanos = i.trade_nanos, size = i.size,"
	"       price = coalesce(i.price, r.price), value = i.value, fee = i.fee,"
	"       first_time = coalesce(i.first_time, r.first_time), last_time = coalesce(i.last_time, r.last_time),"
	"       fills = coalesce(i.fills, r.fills), account = coalesce(i.account, r.account), note = coalesce(i.note, r.note),"
	"       source = 'import', recorded_at = transaction_timestamp()"
	"  from incoming i join different d using (product_id, record_id)"
	" where r.product_id = i.product_id and r.record_id = i.record_id";

static const char help[] =
	"usage: import-trades [--store [--replace]] [--map MAP]... FILE | -\n"
	"\n"
	"Read a ledger, TSV (COPY text) or CSV with a header line, and print its trades in one form;\n"
	"with --store, add them to the books (trade_records), all of them or none.  A trade already in\n"
	"the books is left unchanged; one that differs from the books is an error.  For the exchange's own\n"
	"exports, use fetch-fills --csv.\n"
	"\n"
	"      --store            write to the books instead of printing\n"
	"      --replace          with --store: rows of the file replace differing trades in the books\n"
	"      --map MAP          the columns' names: OURS=THEIRS, or OURS:=TEXT for every row, separated\n"
	"                         by commas; or a file of such lines\n"
	"      --utc              times without a zone are UTC\n"
	"      --time-of-day T    the time of a date without one, such as 12:00:00Z\n"
	"      --signed           there is no side column: a negative size is a sale\n"
	"      --negative-fee W   what a fee below zero means where no total shows it: rebate, or fee (a\n"
	"                         ledger with negative payments); without it such a row is refused\n"
	OPTS_ROWS_HELP OPTS_HELP
	"\n"
	"Columns: product_id, side (BUY, SELL, INCOME, FEE), trade_time, size, one of value, total and price,\n"
	"and one of record_id, trade_id and order_id; optional: fee, fee_currency (the quote, or the\n"
	"row is refused; also found as fee_asset, \"Fee Currency\" and the like), level (order,\n"
	"fill), first_time, last_time, fills, account, note, trade_type and size_in_quote (a reversal, and a\n"
	"size in the quote, are refused).  value excludes the fee; total includes it, as\n"
	"paid or received.  A fee below zero is a rebate only where value (or price) and total prove\n"
	"it.  Futures and perpetuals are refused: their sizes count contracts.  Times may be RFC 3339, with\n"
	"+0000 too, or seconds, milliseconds, microseconds or nanoseconds since 1970.  BTC/USD, BTC_USD,\n"
	"XBT/USD and, where only one reading fits, BTCUSD and XXBTZUSD are read as BTC-USD.\n"
	"\n"
	"  import-trades --map symbol.map --store ledger.csv\n"
	"  import-trades --map 'product_id=symbol,trade_time=order_time,fee=fees_usd,level:=order' old.csv\n";

/* The columns of a printed row and, with the line, of one on its way into the books; both as write_trade() has them. */
static const char *const printed_columns[] = {
	"product_id", "record_id", "level", "order_id", "trade_id", "side", "trade_time", "size", "price", "value", "fee",
	"first_time", "last_time", "fills", "account", "note", NULL
};
static const char *const stored_columns[] = {
	"product_id", "record_id", "level", "order_id", "trade_id", "side", "trade_time", "trade_nanos", "size", "price",
	"value", "fee", "first_time", "last_time", "fills", "account", "note", "line", NULL
};

/* Rows --------------------------------------------------------------------------------------- */

static void write_moment(struct tsv_writer *w, const struct instant_ns *m)
{
	char text[INSTANT_NS_LONG_TEXT];

	tsv_plain(w, instant_ns_format(m, text));
}

/* As printed_columns, or, with the line, as stored_columns. */
static void write_trade(struct tsv_writer *w, const struct trade *t, long line)
{
	tsv_text(w, t->text[TRADE_PRODUCT_ID]);
	tsv_text(w, t->text[TRADE_RECORD_ID]);
	tsv_plain(w, t->text[TRADE_LEVEL]);
	tsv_text(w, t->text[TRADE_ORDER_ID]);
	tsv_text(w, t->text[TRADE_TRADE_ID]);
	tsv_plain(w, t->side);
	if (line) {
		tsv_plain(w, t->time.micros);
		tsv_int(w, t->time.nanos);
	} else {
		write_moment(w, &t->time);
	}
	tsv_decimal(w, &t->size, DECIMAL_KEEP_ZEROS);
	if (t->text[TRADE_PRICE])
		tsv_decimal(w, &t->price, DECIMAL_KEEP_ZEROS);
	else
		tsv_null(w);
	tsv_decimal(w, &t->value, DECIMAL_KEEP_ZEROS);
	tsv_decimal(w, &t->fee, DECIMAL_KEEP_ZEROS);
	tsv_plain(w, t->text[TRADE_FIRST_TIME] ? t->first_time.micros : NULL);
	tsv_plain(w, t->text[TRADE_LAST_TIME] ? t->last_time.micros : NULL);
	if (t->text[TRADE_FILLS])
		tsv_int(w, t->fills);
	else
		tsv_null(w);
	tsv_text(w, t->text[TRADE_ACCOUNT]);
	tsv_text(w, t->text[TRADE_NOTE]);
	if (line)
		tsv_int(w, line);
	tsv_end_row(w);
}

/* Trouble is named row by row, up to a point, and counted to the end. */
enum { NAMED = 20 };

static void name_trouble(long *n, const char *what)
{
	if (++*n <= NAMED)
		log_error("%s", what);
	else if (*n == NAMED + 1)
		log_error("there is more of this; only the first %d are named", NAMED);
}

/* A ledger that is being read. */
struct ledger {
	const char *name;
	FILE *file;
	struct table sheet;
	struct mapping mapping;
	struct trade_habits habits;
	struct instant_ns latest;
	long unfilled, empty_fees;	/* rows of orders that were not filled, and with a fee where it is not read */
	long first_unfilled;		/* the line of the first */
	long untraded, first_untraded;	/* the same of rows that tell nothing else, and cannot be read */
};

/* Open the file and find in its header what we need. */
static void open_ledger(struct ledger *l, const char *path)
{
	struct buf unread = BUF_INIT;
	struct reason why = { .text = "" };

	l->name = input_name(path);
	l->file = input_open(path);
	if (!table_open(&l->sheet, l->file, &why))
		die(input_status(l->file), "%s: %s", l->name, why.text);
	if (l->sheet.n_fields == 1 && l->sheet.field[0] && strchr(l->sheet.field[0], ';'))
		die(EX_DATAERR, "%s: its fields are separated by semicolons, as a spreadsheet saves them in some countries: save it "
		    "with commas, and with decimal points", l->name);
	if (!mapping_find(&l->mapping, l->sheet.field, l->sheet.n_fields, &unread, &why) && !mapping_has_any(&l->mapping))
		die(EX_DATAERR, "%s: its first line has no column of a ledger; --help lists them, --map renames columns, and "
		    "an export of the exchange is for fetch-fills --csv", l->name);
	if (why.text[0])
		die(EX_DATAERR, "%s: %s; --map renames columns%s%s", l->name, why.text,
		    unread.len ? ", and these have no place yet: " : "", unread.len ? unread.data : "");
	if (!mapping_has(&l->mapping, TRADE_FEE) && mapping_has(&l->mapping, TRADE_VALUE) &&
	    mapping_has(&l->mapping, TRADE_TOTAL))
		log_info("%s has no column fee: the fee is the difference between total and value", l->name);
	else if (!mapping_has(&l->mapping, TRADE_FEE) && l->mapping.unread_fee)
		log_warning("%s: the column %s is not read, and every fee is 0: --map 'fee=%s' reads it", l->name,
			    l->mapping.unread_fee, l->mapping.unread_fee);
	else if (!mapping_has(&l->mapping, TRADE_FEE))
		log_info("%s has no column fee: every fee is 0", l->name);
	if (l->mapping.fee_currency)
		log_info("%s: the column %s is used as fee_currency", l->name, l->mapping.fee_currency);
	if (unread.len > 0)
		log_info("%s: these columns are not read: %s", l->name, unread.data);
	buf_release(&unread);
}

static void close_ledger(struct ledger *l)
{
	table_close(&l->sheet);
	input_close(l->file);
	mapping_release(&l->mapping);
}

/* The trade of the record at hand. */
static bool read_trade(struct ledger *l, struct trade *trade, struct reason *why)
{
	const char *text[TRADE_COLUMNS];

	if (l->sheet.n_fields != l->mapping.n_fields)
		return reason_set(why, "%d %s where the header has %d", l->sheet.n_fields,
				  plural(l->sheet.n_fields, "field", "fields"), l->mapping.n_fields);
	mapping_apply(&l->mapping, l->sheet.field, text);
	return trade_read(trade, text, &l->habits, why);
}

/* Does a column that is not read call the order of the record at hand not filled? */
static bool is_called_unfilled(const struct ledger *l)
{
	static const char *const unfilled[] = { "cancelled", "canceled", "expired", "rejected", "failed", "open", "pending",
						"new", NULL };
	const char *status = l->mapping.status_at < 0 ? NULL : l->sheet.field[l->mapping.status_at];

	return status && text_is_one_of(status, unfilled);
}

/* An order that was not filled may have neither a size nor a time: a row that cannot be read and tells of no amount
 * that moved is no trade. */
static bool is_untraded(const struct ledger *l)
{
	static const enum trade_column moved[] = { TRADE_SIZE, TRADE_VALUE, TRADE_TOTAL, TRADE_FEE };
	const char *text[TRADE_COLUMNS];

	if (l->sheet.n_fields != l->mapping.n_fields || !is_called_unfilled(l))
		return false;
	mapping_apply(&l->mapping, l->sheet.field, text);
	for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
		const char *amount = text[moved[i]];

		if (amount && *ident_sent(amount) && strspn(amount, "0. ") != strlen(amount))
			return false;
	}
	return true;
}

/* What a trade's row has in the columns that are not read, and may change what it means: an order that was not filled,
 * or in part, whose size may be what was ordered, for nothing tells what moved; and a fee beside the empty one. */
static void look_at_unread(struct ledger *l, const struct trade *t)
{
	const struct mapping *m = &l->mapping;
	const char *fee = m->unread_fee_at < 0 ? NULL : l->sheet.field[m->unread_fee_at];

	if (is_called_unfilled(l) && decimal_sign(&t->size) > 0 && !t->text[TRADE_VALUE] && !t->text[TRADE_TOTAL] &&
	    l->unfilled++ == 0)
		l->first_unfilled = l->sheet.line;
	if (fee && strpbrk(fee, "123456789") && mapping_has(m, TRADE_FEE) && !t->text[TRADE_FEE] &&
	    !(t->text[TRADE_VALUE] && t->text[TRADE_TOTAL]))
		l->empty_fees++;
}

static void say_unread(const struct ledger *l)
{
	if (l->unfilled)
		log_warning("%s: %ld %s of an order that its status calls not filled (from line %ld on); the size is taken as what "
			    "was filled: if it is what was ordered, --map 'size=…' names the column of the other", l->name,
			    l->unfilled, plural(l->unfilled, "row is", "rows are"), l->first_unfilled);
	if (l->untraded)
		log_warning("%s: %ld %s of an order that its status calls not filled, and %s no amount that was traded (from line "
			    "%ld on): left out", l->name, l->untraded, plural(l->untraded, "row is", "rows are"),
			    plural(l->untraded, "has", "have"), l->first_untraded);
	if (l->empty_fees)
		log_warning("%s: %ld %s an empty fee, taken as 0, and an amount in the column %s, which is not read: --map "
			    "'fee=%s' reads it", l->name, l->empty_fees, plural(l->empty_fees, "row has", "rows have"),
			    l->mapping.unread_fee, l->mapping.unread_fee);
}

/* What was taken for something that it does not say itself. */
static void say_habits(const struct ledger *l)
{
	const struct trade_habits *h = &l->habits;

	if (h->epochs)
		log_info("%s: %ld %s since 1970, distinguished by the number of digits", l->name, h->epochs,
			 plural(h->epochs, "time is a number", "times are numbers"));
	if (h->dates)
		log_info("%s: %ld %s without a time taken at %s", l->name, h->dates,
			 plural(h->dates, "date", "dates"), h->time_of_day);
	if (h->symbols)
		log_info("%s: %ld product %s written as the exchange writes them, with a dash", l->name, h->symbols,
			 plural(h->symbols, "id is", "ids are"));
	if (h->fee_signs)
		log_info("%s: %ld %s, by the total or as --negative-fee says", l->name, h->fee_signs,
			 plural(h->fee_signs, "fee below zero is a fee", "fees below zero are fees"));
	if (h->prices)
		log_warning("%s: %ld %s more than 5 %% away from the value; the value counts", l->name, h->prices,
			    plural(h->prices, "price times its size is", "prices times their sizes are"));
	if (h->totals)
		log_warning("%s: %ld %s size \xc3\x97 price, without the fee or with the fee on the wrong side; a total is read as "
			    "what was paid or received: map the column to value if it is not", l->name, h->totals,
			    plural(h->totals, "total is", "totals are"));
	if (h->fees)
		log_warning("%s: %ld %s more than half of the value: in another coin than the quote?  the fee counts as given",
			    l->name, h->fees, plural(h->fees, "fee is", "fees are"));
	if (h->signs)
		log_info("%s: %ld %s, which is left out", l->name, h->signs,
			 plural(h->signs, "amount has the sign of its side", "amounts have the sign of their side"));
}

static void check_time_of_day(const char *text)
{
	struct instant_ns when;
	struct reason why;
	char dated[DAY_TEXT + 1 + TIME_OF_DAY_MAX];

	snprintf(dated, sizeof dated, "2024-01-01T%s", text);
	if (strlen(text) > TIME_OF_DAY_MAX || !instant_ns_parse(&when, dated, true, &why))
		die(EX_USAGE, "--time-of-day %s: a time such as 12:00:00Z is needed", text);
}

/*
 * Read all rows into w, and from there, if db is not NULL, into the COPY under way; how many there
 * were.  Ends the process if any is refused.
 */
static long read_rows(struct ledger *l, struct tsv_writer *w, PGconn *db)
{
	const char *but = db ? ", so nothing was stored" : "";
	struct trade trade;
	struct reason why;
	struct buf what = BUF_INIT;
	long rows = 0, refused = 0;
	int got;

	l->latest = fill_latest();
	l->habits.latest = &l->latest;
	trade_init(&trade);
	while ((got = table_next(&l->sheet, &why)) == 1) {
		if (table_has_nothing(&l->sheet) && l->mapping.n_fields > 1)
			continue;
		if (l->sheet.unended)
			log_warning("%s, line %ld: the last line has no end; it has all its fields and is taken as whole", l->name,
				    l->sheet.line);
		rows++;
		if (read_trade(l, &trade, &why)) {
			look_at_unread(l, &trade);
			write_trade(w, &trade, db ? l->sheet.line : 0);
			if (db)
				db_copy_gathered(db, &w->line);
			continue;
		}
		if (is_untraded(l)) {
			if (l->untraded++ == 0)
				l->first_untraded = l->sheet.line;
			continue;
		}
		buf_clear(&what);
		buf_addf(&what, "%s, line %ld: %s", l->name, l->sheet.line, why.text);
		name_trouble(&refused, what.data);
	}
	trade_release(&trade);
	buf_release(&what);
	say_habits(l);
	say_unread(l);
	if (got < 0)
		die(input_status(l->file), "%s, %s%s", l->name, why.text, but);
	if (refused > 0)
		die(EX_DATAERR, "%s: %ld of %ld rows cannot be read%s", l->name, refused, rows, but);
	if (db)
		db_copy_put(db, w->line.data, w->line.len);
	return rows - l->untraded;
}

/* Storing ------------------------------------------------------------------------------------ */

/* One trade told twice: the same is kept once, and said. */
static long drop_repeated(PGconn *db, const char *name)
{
	struct buf what = BUF_INIT;
	struct db_rows rows;
	const PGresult *row;
	long contradicting = 0, repeated = 0;

	db_rows_begin(&rows, db, repeated_sql, DB_NO_ARGS);
	while ((row = db_rows_next(&rows))) {
		buf_clear(&what);
		buf_addf(&what, "%s, lines %s: %s %s occurs more than once", name, PQgetvalue(row, 0, 2),
			 PQgetvalue(row, 0, 0), PQgetvalue(row, 0, 1));
		if (*PQgetvalue(row, 0, 3) == 't') {
			repeated += db_int(row, 0, 4);
			log_warning("%s, and is kept once", what.data);
		} else {
			buf_adds(&what, ", and they differ");
			name_trouble(&contradicting, what.data);
		}
	}
	buf_release(&what);
	if (contradicting > 0)
		die(EX_DATAERR, "%s has %ld %s in conflicting versions, so nothing was stored", name, contradicting,
		    plural(contradicting, "trade", "trades"));
	if (repeated > 0)
		db_exec(db, drop_repeated_sql);
	return repeated;
}

static void refuse_counted_twice(PGconn *db)
{
	struct buf what = BUF_INIT;
	struct db_rows rows;
	const PGresult *row;
	long n = 0;

	db_rows_begin(&rows, db, counted_twice_sql, DB_NO_ARGS);
	while ((row = db_rows_next(&rows))) {
		buf_clear(&what);
		buf_addf(&what, "%s: order %s would be counted twice, as a whole and by its fill %s", PQgetvalue(row, 0, 0),
			 PQgetvalue(row, 0, 1), PQgetvalue(row, 0, 2));
		name_trouble(&n, what.data);
	}
	buf_release(&what);
	if (n > 0)
		die(EX_DATAERR, "%ld %s would be counted twice, so nothing was stored", n, plural(n, "order", "orders"));
}

/* The trades that the books tell differently; replaced if that is wanted, refused if not. */
static long replace_different(PGconn *db, bool replace)
{
	struct buf what = BUF_INIT;
	struct db_rows rows;
	const PGresult *row;
	long n = 0, replaced = 0;

	db_exec(db, query_import_different);
	db_rows_begin(&rows, db, "select product_id, record_id, what from different order by product_id, record_id",
		      DB_NO_ARGS);
	while ((row = db_rows_next(&rows))) {
		buf_clear(&what);
		buf_addf(&what, "%s %s: %s", PQgetvalue(row, 0, 0), PQgetvalue(row, 0, 1), PQgetvalue(row, 0, 2));
		if (replace)
			log_info("replaced: %s", what.data);
		else
			name_trouble(&n, what.data);
		replaced++;
	}
	buf_release(&what);
	if (n > 0)
		die(EX_DATAERR, "%ld %s from the books, so nothing was stored; see --replace", n,
		    plural(n, "trade differs", "trades differ"));
	if (replaced > 0)
		db_exec(db, replace_sql);
	return replaced;
}

/* One transaction: the rows are staged as they are read, and until the end the books are not touched. */
static void store(struct ledger *l, bool replace)
{
	PGconn *db = db_connect();
	struct tsv_writer w = { 0 };
	long rows, repeated, replaced;
	long long added;

	tsv_begin(&w, NULL, stored_columns);
	db_begin(db, "");
	db_exec(db, query_import_stage);
	db_copy_begin(db, copy_sql);
	rows = read_rows(l, &w, db);
	db_copy_end(db);
	db_exec(db, "analyze incoming");
	/* One import at a time: what one finds absent must stay absent until it is written. */
	db_exec(db, "lock table trade_records in share row exclusive mode");
	repeated = drop_repeated(db, l->name);
	refuse_counted_twice(db);
	replaced = replace_different(db, replace);
	added = db_change(db, insert_sql, DB_NO_ARGS);
	db_exec(db, "commit");
	log_fact(LOG_INFO, "stored", "rows=%ld added=%lld replaced=%ld unchanged=%lld repeated=%ld", rows, added, replaced,
		 rows - repeated - replaced - added, repeated);
	tsv_release(&w);
	statistics_refresh(db, "{trade_records}", added);
	PQfinish(db);
}

static void print(struct ledger *l, struct tsv_writer *out)
{
	long rows;

	tsv_begin(out, stdout, printed_columns);
	rows = read_rows(l, out, NULL);
	log_fact(LOG_DEBUG, "read", "rows=%ld", rows);
	tsv_release(out);
}

struct options {
	bool stores, replace;
	const char *path;		/* of the ledger */
	struct tsv_writer out;
};

static void read_options(int argc, char **argv, struct options *o, struct ledger *ledger)
{
	enum { STORE, REPLACE, MAP, UTC, SIGNED, TIME_OF_DAY, NEGATIVE_FEE };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, STORE },
		{ "replace", no_argument, NULL, REPLACE },
		{ "map", required_argument, NULL, MAP },
		{ "utc", no_argument, NULL, UTC },
		{ "signed", no_argument, NULL, SIGNED },
		{ "negative-fee", required_argument, NULL, NEGATIVE_FEE },
		{ "time-of-day", required_argument, NULL, TIME_OF_DAY },
		OPTS_ROWS, OPTS_COMMON
	};
	struct reason why;
	int c;

	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE:   o->stores = true;     break;
		case REPLACE: o->replace = true;    break;
		case UTC:     ledger->habits.utc = true; break;
		case SIGNED:  ledger->habits.signed_size = ledger->mapping.signed_size = true; break;
		case NEGATIVE_FEE:
			if (strcmp(optarg, "rebate") != 0 && strcmp(optarg, "fee") != 0)
				die(EX_USAGE, "--negative-fee %s: must be rebate or fee", optarg);
			ledger->habits.negative_fee = *optarg == 'r' ? NEGATIVE_FEE_REBATE : NEGATIVE_FEE_FEE;
			break;
		case TIME_OF_DAY:
			ledger->habits.time_of_day = optarg;
			check_time_of_day(optarg);
			break;
		case MAP:
			if (!mapping_add(&ledger->mapping, optarg, &why))
				die(EX_USAGE, "--map: %s", why.text);
			break;
		default:
			if (!opts_rows(c, &o->out))
				opts_common(c, help);
		}
	}
	if (argc - optind != 1)
		die(EX_USAGE, "one ledger is needed: a file, or - for standard input");
	if (o->replace && !o->stores)
		die(EX_USAGE, "--replace goes with --store");
	o->path = argv[optind];
}

int main(int argc, char **argv)
{
	static struct ledger ledger;
	struct options o = { .path = NULL };

	tool_begin(argc, argv);
	read_options(argc, argv, &o, &ledger);
	open_ledger(&ledger, o.path);
	if (o.stores)
		store(&ledger, o.replace);
	else
		print(&ledger, &o.out);
	close_ledger(&ledger);
	return flush_stdout();
}

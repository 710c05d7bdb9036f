/*
 * import-trades - read the operator's own ledger into the books
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "db.h"
#include "decimal.h"
#include "log.h"
#include "moment.h"
#include "opts.h"
#include "tsv.h"

/* What a row of the books says of its trade, beside its key; the times as pairs of columns. */
#define FACTS "level, order_id, trade_id, side, trade_time, trade_nanos, size, price, value, fee," \
	      " first_time, last_time, fills, account, note"

static const char incoming_sql[] =
	"create temporary table incoming on commit drop as"
	" select product_id, record_id, " FACTS ", 0::bigint as line from trade_records limit 0";

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

/* What the file does not say (null) does not contradict the books. */
static const char different_sql[] =
	"create temporary table different on commit drop as"
	" select i.product_id, i.record_id, string_agg(f.name || ' ' || coalesce(f.here, '(none)') || ' here, '"
	"                                             || f.there || ' in the file', '; ' order by f.n) as what"
	"  from incoming i join trade_records r using (product_id, record_id)"
	" cross join lateral (values"
	"	(1, 'level', r.level, i.level), (2, 'side', r.side, i.side),"
	"	(3, 'time', r.trade_time::text, i.trade_time::text),"
	"	(4, 'nanoseconds', r.trade_nanos::text, i.trade_nanos::text),"
	"	(5, 'size', trim_scale(r.size)::text, trim_scale(i.size)::text),"
	"	(6, 'price', trim_scale(r.price)::text, trim_scale(i.price)::text),"
	"	(7, 'value', trim_scale(r.value)::text, trim_scale(i.value)::text),"
	"	(8, 'fee', trim_scale(r.fee)::text, trim_scale(i.fee)::text),"
	"	(9, 'order_id', r.order_id, i.order_id), (10, 'trade_id', r.trade_id, i.trade_id),"
	"	(11, 'first_time', r.first_time::text, i.first_time::text),"
	"	(12, 'last_time', r.last_time::text, i.last_time::text),"
	"	(13, 'fills', r.fills::text, i.fills::text), (14, 'account', r.account, i.account),"
	"	(15, 'note', r.note, i.note)) f (n, name, here, there)"
	" where f.there is not null and f.here is distinct from f.there"
	" group by i.product_id, i.record_id";

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
	"Read a ledger, TSV (COPY text) or CSV with a header line, and print its trades in one shape;\n"
	"with --store, put them into the books (trade_records), all of them or none.  A trade that is in\n"
	"the books already is left as it is; one that is told differently is an error.\n"
	"\n"
	"      --store            write the books instead of printing\n"
	"      --replace          with --store: what the file says replaces what the books say\n"
	"      --map MAP          which columns are which: OURS=THEIRS or OURS:=TEXT for every row, with commas\n"
	"                         between them; or a file of such lines\n"
	"      --utc              times that do not say their zone are UTC\n"
	OPTS_ROWS_HELP OPTS_HELP
	"\n"
	"Columns: product_id, side (BUY, SELL, INCOME, FEE), trade_time, size, one of value, total and price,\n"
	"and one of record_id, trade_id and order_id; if there, also fee, level (order, fill), first_time,\n"
	"last_time, fills, account, note.  value is without the fee; total with it, as it was paid or received.\n"
	"\n"
	"  import-trades --map symbol.map --store ledger.csv\n"
	"  import-trades --map 'product_id=symbol,trade_time=order_time,fee=total_fees_usd,level:=order' old.csv\n";

enum column {
	PRODUCT_ID, RECORD_ID, LEVEL, ORDER_ID, TRADE_ID, SIDE, TRADE_TIME, SIZE, PRICE, VALUE, FEE,
	FIRST_TIME, LAST_TIME, FILLS, ACCOUNT, NOTE, TOTAL, N_COLUMNS
};

/* In the order of the enumeration; all but total are printed. */
static const char *const column_name[] = {
	"product_id", "record_id", "level", "order_id", "trade_id", "side", "trade_time", "size", "price", "value", "fee",
	"first_time", "last_time", "fills", "account", "note", "total", NULL
};
static const char *const printed_columns[] = {
	"product_id", "record_id", "level", "order_id", "trade_id", "side", "trade_time", "size", "price", "value", "fee",
	"first_time", "last_time", "fills", "account", "note", NULL
};
static const char *const stored_columns[] = {
	"product_id", "record_id", "level", "order_id", "trade_id", "side", "trade_time", "trade_nanos", "size", "price",
	"value", "fee", "first_time", "last_time", "fills", "account", "note", "line", NULL
};

/* Where a column comes from. */
struct mapping {
	char *theirs[N_COLUMNS];	/* their name of it; NULL: ours */
	char *constant[N_COLUMNS];	/* or the same text for every row */
};

/* Reading ------------------------------------------------------------------------------------ */

static int find_column(const char *name, size_t len)
{
	for (int i = 0; i < N_COLUMNS; i++)
		if (strlen(column_name[i]) == len && memcmp(column_name[i], name, len) == 0)
			return i;
	return -1;
}

static char *trimmed(const char *text, size_t len)
{
	char *copy;

	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		len--;
	while (len > 0 && strchr(" \t", *text)) {
		text++;
		len--;
	}
	copy = xmalloc(len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

/* One "ours=theirs" or "ours:=text". */
static void map_one(struct mapping *map, const char *text, size_t len, const char *where)
{
	const char *equals = memchr(text, '=', len);
	size_t name = equals ? (size_t)(equals - text) : 0;
	bool constant = name > 0 && text[name - 1] == ':';
	char *ours = trimmed(text, constant ? name - 1 : name), **to;
	int column = find_column(ours, strlen(ours));

	if (!equals)
		die(EX_USAGE, "%s: \"%.*s\" is not OURS=THEIRS", where, (int)len, text);
	if (column < 0)
		die(EX_USAGE, "%s: \"%s\" is not a column of the books; see --help", where, ours);
	free(ours);
	if (map->theirs[column] || map->constant[column])
		die(EX_USAGE, "%s: %s is mapped twice", where, column_name[column]);
	to = constant ? &map->constant[column] : &map->theirs[column];
	*to = trimmed(equals + 1, len - (size_t)(equals + 1 - text));
}

static void map_file(struct mapping *map, const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (!file)
		die(EX_USAGE, "--map %s: neither OURS=THEIRS nor a file that can be read: %s", path, strerror(errno));
	while ((len = getline(&line, &size, file)) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] != '#' && line[strspn(line, " \t")] != '\0')
			map_one(map, line, strlen(line), path);
	}
	free(line);
	fclose(file);
}

static void map_argument(struct mapping *map, const char *text)
{
	if (!strchr(text, '=')) {
		map_file(map, text);
		return;
	}
	while (*text) {
		size_t len = strcspn(text, ",");

		map_one(map, text, len, "--map");
		text += len + (text[len] == ',');
	}
}

/* The input as records of fields, whichever of the two shapes it has. */
struct input {
	const char *name;
	char *text;
	size_t len;
	bool is_tsv;
	struct csv_reader csv;
	char *next;			/* of TSV */
	long line;
	int n_fields;
	const char *field[CSV_MAX_FIELDS];
};

static void read_input(struct input *in, const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	struct buf text = BUF_INIT;
	size_t n;

	in->name = file == stdin ? "standard input" : path;
	if (!file)
		die(EX_NOINPUT, "%s: %s", path, strerror(errno));
	do {
		n = fread(buf_reserve(&text, 1 << 16), 1, 1 << 16, file);
		text.len += n;
	} while (n > 0);
	if (ferror(file))
		die(EX_NOINPUT, "%s: %s", in->name, strerror(errno));
	if (file != stdin)
		fclose(file);
	in->len = text.len;
	in->text = buf_detach(&text);
	if (!in->text || in->len == 0)
		die(EX_DATAERR, "%s is empty: a header line with the column names is needed", in->name);
	in->text[in->len] = '\0';
	in->is_tsv = memchr(in->text, '\t', strcspn(in->text, "\n")) != NULL;
	if (in->is_tsv && strlen(in->text) != in->len)
		die(EX_DATAERR, "%s: a NUL byte", in->name);
	/* The last digits of a number may be missing: "1.52" could have been "1.525". */
	if (in->text[in->len - 1] != '\n')
		die(EX_DATAERR, "%s ends in the middle of a line", in->name);
	in->next = in->text;
	csv_open(&in->csv, in->text, in->len);
}

/* The next record, its fields in in->field; false at the end.  What cannot be split ends the run. */
static bool next_record(struct input *in)
{
	struct reason why;
	char *rest;
	int got;

	if (!in->is_tsv) {
		got = csv_next(&in->csv, &why);
		if (got < 0)
			die(EX_DATAERR, "%s: %s", in->name, why.text);
		in->line = in->csv.line;
		in->n_fields = in->csv.n_fields;
		memcpy(in->field, in->csv.field, (size_t)in->n_fields * sizeof *in->field);
		return got == 1;
	}
	if (!*in->next)
		return false;
	in->line++;
	in->n_fields = 0;
	rest = in->next;
	in->next = strchr(rest, '\n');
	*in->next++ = '\0';
	rest[strcspn(rest, "\r")] = '\0';
	while (rest) {
		char *field = rest;

		if (in->n_fields == CSV_MAX_FIELDS)
			die(EX_DATAERR, "%s, line %ld: more than %d fields", in->name, in->line, CSV_MAX_FIELDS);
		rest = strchr(field, '\t');
		if (rest)
			*rest++ = '\0';
		in->field[in->n_fields++] = copy_unescape(field);
	}
	return true;
}

/* Where each of our columns stands in a record, -1 if nowhere. */
struct layout {
	int at[N_COLUMNS];
	int n_fields;
};

/* One of these is needed. */
static void need_column(const struct layout *l, const struct mapping *map, const struct input *in, int a, int b, int c)
{
	if (l->at[a] < 0 && l->at[b] < 0 && l->at[c] < 0 && !map->constant[a] && !map->constant[b] && !map->constant[c])
		die(EX_DATAERR, "%s: the header has no column %s%s%s%s%s; see --map", in->name, column_name[a],
		    b == a ? "" : ", ", b == a ? "" : column_name[b], c == a ? "" : " or ", c == a ? "" : column_name[c]);
}

static void read_header(struct input *in, const struct mapping *map, struct layout *l)
{
	struct buf ignored = BUF_INIT;

	for (int i = 0; i < N_COLUMNS; i++)
		l->at[i] = -1;
	next_record(in);
	l->n_fields = in->n_fields;
	for (int f = 0; f < in->n_fields; f++) {
		char *name = trimmed(in->field[f] ? in->field[f] : "", in->field[f] ? strlen(in->field[f]) : 0);
		bool used = false;

		for (int i = 0; i < N_COLUMNS; i++) {
			if (map->constant[i] || strcmp(name, map->theirs[i] ? map->theirs[i] : column_name[i]) != 0)
				continue;
			if (l->at[i] >= 0)
				die(EX_DATAERR, "%s: the column %s stands twice in the header", in->name, name);
			l->at[i] = f;
			used = true;
		}
		if (!used)
			buf_addf(&ignored, "%s%s", ignored.len ? ", " : "", name);
		free(name);
	}
	for (int i = 0; i < N_COLUMNS; i++)
		if (map->theirs[i] && l->at[i] < 0)
			die(EX_DATAERR, "%s: the header has no column %s, which was mapped to %s", in->name, map->theirs[i],
			    column_name[i]);
	need_column(l, map, in, PRODUCT_ID, PRODUCT_ID, PRODUCT_ID);
	need_column(l, map, in, SIDE, SIDE, SIDE);
	need_column(l, map, in, TRADE_TIME, TRADE_TIME, TRADE_TIME);
	need_column(l, map, in, SIZE, SIZE, SIZE);
	need_column(l, map, in, VALUE, TOTAL, PRICE);
	need_column(l, map, in, RECORD_ID, TRADE_ID, ORDER_ID);
	if (l->at[FEE] < 0 && !map->constant[FEE])
		log_info("%s has no column fee: every fee is 0", in->name);
	if (ignored.len > 0)
		log_info("%s: these columns are not read: %s", in->name, ignored.data);
	buf_release(&ignored);
}

/* A trade ------------------------------------------------------------------------------------ */

struct trade {
	const char *text[N_COLUMNS];	/* as sent; NULL: not said */
	const char *side;
	bool is_lot;
	struct moment time, first_time, last_time;
	struct decimal size, price, value, fee, total;
	long long fills;
};

static struct decimal *decimal_of(struct trade *t, int column)
{
	switch (column) {
	case SIZE:  return &t->size;
	case PRICE: return &t->price;
	case VALUE: return &t->value;
	case FEE:   return &t->fee;
	default:    return &t->total;
	}
}

static const int decimal_columns[] = { SIZE, PRICE, VALUE, FEE, TOTAL };
enum { N_DECIMALS = 5 };

static void trade_init(struct trade *t)
{
	memset(t, 0, sizeof *t);
	for (int i = 0; i < N_DECIMALS; i++)
		decimal_init(decimal_of(t, decimal_columns[i]));
}

static void trade_release(struct trade *t)
{
	for (int i = 0; i < N_DECIMALS; i++)
		decimal_release(decimal_of(t, decimal_columns[i]));
}

static bool read_decimals(struct trade *t, struct reason *why)
{
	for (int i = 0; i < N_DECIMALS; i++) {
		int column = decimal_columns[i];
		struct decimal *d = decimal_of(t, column);
		struct reason inner;

		decimal_set_int(d, 0, 0);
		if (!t->text[column])
			continue;
		if (!decimal_parse_text(d, t->text[column], DECIMAL_EXPONENT, &inner))
			return reason_set(why, "%s: %s", column_name[column], inner.text);
		if (decimal_sign(d) < 0 && column != FEE && column != TOTAL)
			return reason_set(why, "%s: %s is negative", column_name[column], t->text[column]);
	}
	return true;
}

/* value is what was sent, or total without the fee, or size × price; all of them exact. */
static bool find_value(struct trade *t, struct reason *why)
{
	struct decimal from_total;
	bool ok = true;

	if (!t->text[VALUE] && !t->text[TOTAL]) {
		if (!t->text[PRICE])
			return reason_set(why, "none of value, total and price is there");
		decimal_mul(&t->value, &t->size, &t->price);
		return true;
	}
	if (!t->text[TOTAL])
		return true;
	decimal_init(&from_total);
	if (t->is_lot)
		decimal_sub(&from_total, &t->total, &t->fee);
	else
		decimal_add(&from_total, &t->total, &t->fee);
	if (!t->text[VALUE])
		decimal_set(&t->value, &from_total);
	else if (decimal_cmp(&t->value, &from_total) != 0)
		ok = reason_set(why, "value %s, fee %s and total %s do not agree", t->text[VALUE],
				t->text[FEE] ? t->text[FEE] : "0", t->text[TOTAL]);
	if (decimal_sign(&t->value) < 0)
		ok = reason_set(why, "total: %s and its fee make the value negative", t->text[TOTAL]);
	decimal_release(&from_total);
	return ok;
}

static bool same_word(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a >= 'a' && *a <= 'z' ? *a - 32 : *a) != *b)
			return false;
	return *a == *b;
}

static bool read_side(struct trade *t, struct reason *why)
{
	static const char *const side[] = { "BUY", "INCOME", "SELL", "FEE" };

	for (int i = 0; i < 4; i++)
		if (same_word(t->text[SIDE], side[i])) {
			t->side = side[i];
			t->is_lot = i < 2;
			return true;
		}
	return reason_set(why, "side: \"%s\" is none of BUY, SELL, INCOME and FEE", t->text[SIDE]);
}

/* Order or fill: as said, or by which id is there; and the id by which the books know the trade. */
static bool find_identity(struct trade *t, struct reason *why)
{
	const char *level = t->text[LEVEL];

	if (!level)
		level = t->text[TRADE_ID] || !t->text[ORDER_ID] ? "fill" : "order";
	else if (same_word(level, "ORDER"))
		level = "order";
	else if (same_word(level, "FILL"))
		level = "fill";
	else
		return reason_set(why, "level: \"%s\" is neither order nor fill", level);
	t->text[LEVEL] = level;
	if (!t->text[RECORD_ID])
		t->text[RECORD_ID] = *level == 'o' ? t->text[ORDER_ID] : t->text[TRADE_ID];
	if (!t->text[RECORD_ID])
		return reason_set(why, "a%s without its id", *level == 'o' ? "n order" : " fill");
	if (*level == 'f')
		return true;
	if (!t->text[ORDER_ID])
		t->text[ORDER_ID] = t->text[RECORD_ID];
	if (strcmp(t->text[ORDER_ID], t->text[RECORD_ID]) != 0)
		return reason_set(why, "an order's record_id is its order_id, but these are %s and %s", t->text[RECORD_ID],
				  t->text[ORDER_ID]);
	return true;
}

static bool read_time(struct moment *m, const struct trade *t, int column, bool utc, struct reason *why)
{
	struct reason inner;

	if (t->text[column] && !moment_parse(m, t->text[column], utc, &inner))
		return reason_set(why, "%s: %s", column_name[column], inner.text);
	return true;
}

static bool read_fills(struct trade *t, struct reason *why)
{
	const char *text = t->text[FILLS];

	if (text && (strlen(text) > 9 || strspn(text, "0123456789") != strlen(text)))
		return reason_set(why, "fills: \"%s\" is not a count", text);
	t->fills = text ? atoll(text) : 0;
	return true;
}

/* Read the record at hand; false with the reason if it is no trade. */
static bool read_trade(struct trade *t, const struct input *in, const struct layout *l, const struct mapping *map,
		       bool utc, struct reason *why)
{
	static const int needed[] = { PRODUCT_ID, SIDE, TRADE_TIME, SIZE };

	if (in->n_fields != l->n_fields)
		return reason_set(why, "%d fields where the header has %d", in->n_fields, l->n_fields);
	for (int i = 0; i < N_COLUMNS; i++) {
		t->text[i] = map->constant[i] ? map->constant[i] : l->at[i] < 0 ? NULL : in->field[l->at[i]];
		if (t->text[i] && !*t->text[i])
			t->text[i] = NULL;
	}
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!t->text[needed[i]])
			return reason_set(why, "%s is empty", column_name[needed[i]]);
	if (!read_side(t, why) || !find_identity(t, why) || !read_decimals(t, why) || !find_value(t, why) ||
	    !read_time(&t->time, t, TRADE_TIME, utc, why) || !read_time(&t->first_time, t, FIRST_TIME, utc, why) ||
	    !read_time(&t->last_time, t, LAST_TIME, utc, why) || !read_fills(t, why))
		return false;
	if (decimal_sign(&t->size) == 0 && (decimal_sign(&t->value) != 0 || decimal_sign(&t->fee) != 0))
		return reason_set(why, "a trade without size has no place for its money (value or fee)");
	return true;
}

/* Writing ------------------------------------------------------------------------------------ */

static void write_decimal(struct tsv_writer *w, const struct decimal *d)
{
	struct buf text = BUF_INIT;

	decimal_write(d, DECIMAL_KEEP_ZEROS, &text);
	tsv_plain(w, text.data);
	buf_release(&text);
}

static void write_time(struct tsv_writer *w, const struct moment *m, bool there)
{
	char text[MOMENT_LONG_TEXT];

	tsv_plain(w, there ? moment_format(m, text) : NULL);
}

/* As printed_columns, or, with the line, as stored_columns. */
static void write_trade(struct tsv_writer *w, const struct trade *t, long line)
{
	tsv_text(w, t->text[PRODUCT_ID]);
	tsv_text(w, t->text[RECORD_ID]);
	tsv_plain(w, t->text[LEVEL]);
	tsv_text(w, t->text[ORDER_ID]);
	tsv_text(w, t->text[TRADE_ID]);
	tsv_plain(w, t->side);
	if (line) {
		tsv_plain(w, t->time.micros);
		tsv_int(w, t->time.nanos);
	} else {
		write_time(w, &t->time, true);
	}
	write_decimal(w, &t->size);
	if (t->text[PRICE])
		write_decimal(w, &t->price);
	else
		tsv_null(w);
	write_decimal(w, &t->value);
	write_decimal(w, &t->fee);
	tsv_plain(w, t->text[FIRST_TIME] ? t->first_time.micros : NULL);
	tsv_plain(w, t->text[LAST_TIME] ? t->last_time.micros : NULL);
	if (t->text[FILLS])
		tsv_int(w, t->fills);
	else
		tsv_null(w);
	tsv_text(w, t->text[ACCOUNT]);
	tsv_text(w, t->text[NOTE]);
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

enum { PIECE = 1 << 16 };

/* Read all rows into w, and from there, if db is not NULL, into the COPY under way; how many there
 * were.  Ends the process if any is refused. */
static long read_rows(struct input *in, const struct mapping *map, bool utc, struct tsv_writer *w, PGconn *db)
{
	struct layout layout;
	struct trade trade;
	struct reason why;
	struct buf what = BUF_INIT;
	long rows = 0, refused = 0;

	read_header(in, map, &layout);
	trade_init(&trade);
	while (next_record(in)) {
		if (in->n_fields == 1 && layout.n_fields > 1 && in->field[0] && !*in->field[0])
			continue;	/* an empty line */
		rows++;
		if (read_trade(&trade, in, &layout, map, utc, &why)) {
			write_trade(w, &trade, db ? in->line : 0);
			if (db && w->line.len >= PIECE) {
				db_copy_put(db, w->line.data, w->line.len);
				buf_clear(&w->line);
			}
			continue;
		}
		buf_clear(&what);
		buf_addf(&what, "%s, line %ld: %s", in->name, in->line, why.text);
		name_trouble(&refused, what.data);
	}
	trade_release(&trade);
	buf_release(&what);
	if (refused > 0)
		die(EX_DATAERR, "%s: %ld of %ld rows cannot be read%s", in->name, refused, rows,
		    db ? ", so nothing was stored" : "");
	if (db)
		db_copy_put(db, w->line.data, w->line.len);
	return rows;
}

/* Storing ------------------------------------------------------------------------------------ */

/* One trade told twice: the same is kept once, and said. */
static long drop_repeated(PGconn *db, const char *name)
{
	PGresult *res = db_query(db, repeated_sql, DB_NO_ARGS);
	struct buf what = BUF_INIT;
	long contradicting = 0, repeated = 0;

	for (int i = 0; i < PQntuples(res); i++) {
		buf_clear(&what);
		buf_addf(&what, "%s, lines %s: %s %s is there more than once", name, PQgetvalue(res, i, 2),
			 PQgetvalue(res, i, 0), PQgetvalue(res, i, 1));
		if (*PQgetvalue(res, i, 3) == 't') {
			repeated += atol(PQgetvalue(res, i, 4));
			log_warning("%s, and is kept once", what.data);
		} else {
			buf_adds(&what, ", and told differently");
			name_trouble(&contradicting, what.data);
		}
	}
	PQclear(res);
	buf_release(&what);
	if (contradicting > 0)
		die(EX_DATAERR, "%s tells %ld trades in more than one way, so nothing was stored", name, contradicting);
	if (repeated > 0)
		db_exec(db, drop_repeated_sql);
	return repeated;
}

static void refuse_counted_twice(PGconn *db)
{
	PGresult *res = db_query(db, counted_twice_sql, DB_NO_ARGS);
	struct buf what = BUF_INIT;
	long n = 0;

	for (int i = 0; i < PQntuples(res); i++) {
		buf_clear(&what);
		buf_addf(&what, "%s: order %s would be counted twice, as a whole and by its fill %s", PQgetvalue(res, i, 0),
			 PQgetvalue(res, i, 1), PQgetvalue(res, i, 2));
		name_trouble(&n, what.data);
	}
	PQclear(res);
	buf_release(&what);
	if (n > 0)
		die(EX_DATAERR, "%ld orders would be counted twice, so nothing was stored", n);
}

/* The trades that the books tell differently; replaced if that is wanted, refused if not. */
static long replace_different(PGconn *db, bool replace)
{
	struct buf what = BUF_INIT;
	PGresult *res;
	long n = 0, replaced;

	db_exec(db, different_sql);
	res = db_query(db, "select product_id, record_id, what from different order by product_id, record_id", DB_NO_ARGS);
	replaced = PQntuples(res);
	for (int i = 0; i < PQntuples(res); i++) {
		buf_clear(&what);
		buf_addf(&what, "%s %s: %s", PQgetvalue(res, i, 0), PQgetvalue(res, i, 1), PQgetvalue(res, i, 2));
		if (replace)
			log_info("replaced: %s", what.data);
		else
			name_trouble(&n, what.data);
	}
	PQclear(res);
	buf_release(&what);
	if (n > 0)
		die(EX_DATAERR, "%ld trades are told differently in the books, so nothing was stored; --replace replaces them", n);
	if (replaced > 0)
		db_exec(db, replace_sql);
	return replaced;
}

static void store(struct input *in, const struct mapping *map, bool utc, bool replace)
{
	PGconn *db = db_connect();
	struct tsv_writer w = { 0 };
	long rows, repeated, replaced;
	long long added;

	tsv_begin(&w, NULL, stored_columns);
	db_exec(db, "begin");
	db_exec(db, incoming_sql);
	db_copy_begin(db, copy_sql);
	rows = read_rows(in, map, utc, &w, db);
	db_copy_end(db);
	db_exec(db, "analyze incoming");
	/* One import at a time: what one finds absent must stay absent until it is written. */
	db_exec(db, "lock table trade_records in share row exclusive mode");
	repeated = drop_repeated(db, in->name);
	refuse_counted_twice(db);
	replaced = replace_different(db, replace);
	added = db_change(db, insert_sql, DB_NO_ARGS);
	db_exec(db, "commit");
	log_fact(LOG_INFO, "stored", "rows=%ld added=%lld replaced=%ld unchanged=%lld repeated=%ld", rows, added, replaced,
		 rows - repeated - replaced - added, repeated);
	tsv_release(&w);
	PQfinish(db);
}

static void print(struct input *in, const struct mapping *map, bool utc, struct tsv_writer *out)
{
	long rows;

	tsv_begin(out, stdout, printed_columns);
	rows = read_rows(in, map, utc, out, NULL);
	log_fact(LOG_DEBUG, "read", "rows=%ld", rows);
	tsv_release(out);
}

int main(int argc, char **argv)
{
	enum { STORE, REPLACE, MAP, UTC };
	static const struct option longopts[] = {
		{ "store", no_argument, NULL, STORE },
		{ "replace", no_argument, NULL, REPLACE },
		{ "map", required_argument, NULL, MAP },
		{ "utc", no_argument, NULL, UTC },
		OPTS_ROWS, OPTS_COMMON
	};
	static struct input in;
	struct mapping map = { 0 };
	struct tsv_writer out = { 0 };
	bool stores = false, replace = false, utc = false;
	int c;

	log_init(argv[0]);
	while ((c = getopt_long(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case STORE:   stores = true;               break;
		case REPLACE: replace = true;              break;
		case MAP:     map_argument(&map, optarg);  break;
		case UTC:     utc = true;                  break;
		default:
			if (!opts_rows(c, &out))
				opts_common(c, help);
		}
	}
	if (argc - optind != 1)
		die(EX_USAGE, "one ledger is needed: a file, or - for standard input");
	if (replace && !stores)
		die(EX_USAGE, "--replace goes with --store");
	read_input(&in, argv[optind]);
	if (stores)
		store(&in, &map, utc, replace);
	else
		print(&in, &map, utc, &out);
	csv_close(&in.csv);
	free(in.text);
	for (int i = 0; i < N_COLUMNS; i++) {
		free(map.theirs[i]);
		free(map.constant[i]);
	}
	return flush_stdout();
}

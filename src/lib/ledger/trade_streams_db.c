#include "ledger/trade_streams_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/copy_text.h"

enum { PRODUCT, SIDE, ID, TIME, NANOS, SIZE, VALUE, FEE, N_FIELDS };

/* COPY takes no parameters, so the selection is quoted into its text. */
static void begin_side(struct book_side *side, PGconn *db, bool is_lots, const struct book_selection *which)
{
	struct buf sql = BUF_INIT;
	char *quoted;

	buf_addf(&sql, "copy (select product_id, side, record_id, to_char(trade_time, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
		       "             trade_nanos, trim_scale(size), trim_scale(value), trim_scale(fee)"
		       "        from trade_records"
		       "       where product_id not in (select product_id from contract_products) and side in (%s)",
		 is_lots ? "'BUY', 'INCOME'" : "'SELL', 'FEE'");
	if (which->product_id) {
		quoted = PQescapeLiteral(db, which->product_id, strlen(which->product_id));
		buf_addf(&sql, " and product_id = %s", quoted ? quoted : "null");
		PQfreemem(quoted);
	}
	if (which->until) {
		quoted = PQescapeLiteral(db, which->until, strlen(which->until));
		buf_addf(&sql, " and trade_time < %s", quoted ? quoted : "null");
		PQfreemem(quoted);
	}
	buf_adds(&sql, " order by product_id, trade_time, trade_nanos, record_id) to stdout");
	side->is_lots = is_lots;
	sha256_init(&side->digest);
	db_copy_out_begin(&side->rows, db, sql.data);
	buf_release(&sql);
}

static void advance(struct book_side *side)
{
	side->row = db_copy_out_next(&side->rows);
	side->product_len = side->row ? strcspn(side->row, "\t") : 0;
}

/* A session that sees exactly what db sees. */
static PGconn *same_view(PGconn *db)
{
	PGconn *other = db_connect_again();
	char *snapshot = db_value(db, "select pg_export_snapshot()", DB_NO_ARGS);
	struct buf sql = BUF_INIT;

	buf_addf(&sql, "isolation level repeatable read read only; set transaction snapshot '%s'",
		 snapshot);
	db_begin(other, sql.data);
	buf_release(&sql);
	free(snapshot);
	return other;
}

void books_open(struct books *b, PGconn *db, const struct book_selection *which)
{
	memset(b, 0, sizeof *b);
	b->lots_db = same_view(db);
	b->disposals_db = same_view(db);
	begin_side(&b->lots, b->lots_db, true, which);
	begin_side(&b->disposals, b->disposals_db, false, which);
	advance(&b->lots);
	advance(&b->disposals);
}

/* Is the next row one of the current product?  Compared as it stands in COPY text. */
static bool is_current(const struct books *b, const struct book_side *side)
{
	return side->row && b->product && side->product_len == strlen(b->product) &&
	       memcmp(side->row, b->product, side->product_len) == 0;
}

/* The product of a row, unescaped, for comparing: COPY's escapes do not keep the order of bytes. */
static char *product_of(const struct book_side *side, struct buf *to)
{
	buf_clear(to);
	buf_add(to, side->row, side->product_len);
	buf_addc(to, '\0');
	return copy_unescape(to->data);
}

static void hash_row(struct book_side *side)
{
	sha256_adds(&side->digest, side->row + side->product_len + (side->row[side->product_len] == '\t'));
	sha256_adds(&side->digest, "\n");
}

static void pass_over(struct books *b, struct book_side *side)
{
	while (is_current(b, side)) {
		hash_row(side);
		advance(side);
	}
}

const char *books_next_product(struct books *b)
{
	struct book_side *first = &b->lots;

	pass_over(b, &b->lots);
	pass_over(b, &b->disposals);
	if (!b->lots.row && !b->disposals.row)
		return NULL;
	if (!b->lots.row ||
	    (b->disposals.row && strcmp(product_of(&b->disposals, &b->name), product_of(&b->lots, &b->line)) < 0))
		first = &b->disposals;
	free(b->product);
	b->product = xmalloc(first->product_len + 1);
	memcpy(b->product, first->row, first->product_len);
	b->product[first->product_len] = '\0';
	sha256_restart(&b->lots.digest);
	sha256_restart(&b->disposals.digest);
	return product_of(first, &b->name);
}

static bool read_decimal(struct decimal *d, const char *text, struct reason *why)
{
	return text ? decimal_parse_text(d, text, DECIMAL_PLAIN, why) : reason_set(why, "a number is null");
}

static int next_trade(struct books *b, struct book_side *side, struct fifo_trade *t, struct reason *why)
{
	char *field[N_FIELDS], *rest;
	struct decimal fee;
	bool ok;

	if (!is_current(b, side))
		return 0;
	hash_row(side);
	rest = side->row;
	for (int i = 0; i < N_FIELDS; i++) {
		field[i] = rest;
		if (!rest) {
			reason_set(why, "a row of the books has %d fields", i);
			return -1;
		}
		rest = strchr(rest, '\t');
		if (rest)
			*rest++ = '\0';
	}
	buf_clear(&t->id);
	buf_adds(&t->id, copy_unescape(field[ID]));
	if (strlen(field[TIME]) != INSTANT_NS_TEXT - 1) {
		reason_set(why, "%s of %s: the time %s is beyond what can be matched", t->id.data, b->product, field[TIME]);
		return -1;
	}
	memcpy(t->at.micros, field[TIME], INSTANT_NS_TEXT);
	t->at.nanos = atoi(field[NANOS]);
	decimal_init(&fee);
	ok = read_decimal(&t->size, field[SIZE], why) && read_decimal(&t->amount, field[VALUE], why) &&
	     read_decimal(&fee, field[FEE], why);
	if (side->is_lots)
		decimal_add(&t->amount, &t->amount, &fee);
	else
		decimal_sub(&t->amount, &t->amount, &fee);
	decimal_release(&fee);
	advance(side);
	return ok ? 1 : -1;
}

static int next_lot(void *books, struct fifo_trade *t, struct reason *why)
{
	struct books *b = books;

	return next_trade(b, &b->lots, t, why);
}

static int next_disposal(void *books, struct fifo_trade *t, struct reason *why)
{
	struct books *b = books;

	return next_trade(b, &b->disposals, t, why);
}

struct fifo_stream books_lots(struct books *b)
{
	return (struct fifo_stream){ next_lot, b };
}

struct fifo_stream books_disposals(struct books *b)
{
	return (struct fifo_stream){ next_disposal, b };
}

char *books_digest(struct books *b, char text[SHA256_TEXT])
{
	char lots[SHA256_TEXT], disposals[SHA256_TEXT];

	pass_over(b, &b->lots);
	pass_over(b, &b->disposals);
	sha256_hex(&b->lots.digest, lots);
	sha256_hex(&b->disposals.digest, disposals);
	sha256_restart(&b->lots.digest);
	sha256_adds(&b->lots.digest, lots);
	sha256_adds(&b->lots.digest, "\n");
	sha256_adds(&b->lots.digest, disposals);
	sha256_adds(&b->lots.digest, "\n");
	sha256_hex(&b->lots.digest, text);
	return text;
}

void books_close(struct books *b)
{
	sha256_release(&b->lots.digest);
	sha256_release(&b->disposals.digest);
	PQfinish(b->lots_db);
	PQfinish(b->disposals_db);
	free(b->product);
	buf_release(&b->name);
	buf_release(&b->line);
}

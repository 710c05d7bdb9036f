#include "ledger/fifo_version_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/oddities.h"
#include "db/statistics.h"
#include "format/copy_text.h"
#include "format/tsv.h"
#include "ledger/contracts_db.h"
#include "ledger/trade_streams_db.h"
#include "os/log.h"

static const char existing_sql[] =
	"select to_char(finished_at, 'YYYY-MM-DD HH24:MI:SS'), (select max(version)::bigint + 1 from fifo_versions)"
	"  from fifo_versions where version = $1";

static const char copy_slices_sql[] =
	"copy fifo_allocations (version, product_id, seq, status, disposal_id, disposal_time, disposal_nanos,"
	"                       lot_id, lot_time, lot_nanos, size, basis, proceeds, gain) from stdin";

static const char copy_products_sql[] =
	"copy fifo_version_products (version, product_id, input_digest, lots, disposals, allocations, uncovered, size,"
	"                            basis, proceeds, gain, uncovered_size, uncovered_proceeds, open_size, open_basis)"
	" from stdin";

static const char insert_version_sql[] =
	"insert into fifo_versions (version, product_id, until, dust, places, input_digest, products, lots, disposals,"
	"                           allocations, uncovered, basis, proceeds, gain, tool_version, note, started_at)"
	" select $1, $2, $3, $4, $5, $6, count(*), coalesce(sum(lots), 0), coalesce(sum(disposals), 0),"
	"        coalesce(sum(allocations), 0), coalesce(sum(uncovered), 0), coalesce(sum(basis), 0),"
	"        coalesce(sum(proceeds), 0), coalesce(sum(gain), 0), $7, $8, transaction_timestamp()"
	"   from fifo_version_products where version = $1";

static const char unset_current_sql[] =
	"update fifo_versions set is_current = false where is_current and version <> $1";
static const char set_current_sql[] = "update fifo_versions set is_current = true where version = $1";

static const char *const totals_columns[] = {
	"version", "product_id", "input_digest", "lots", "disposals", "allocations", "uncovered", "size", "basis",
	"proceeds", "gain", "uncovered_size", "uncovered_proceeds", "open_size", "open_basis", NULL
};

/* Slices ------------------------------------------------------------------------------------- */

/* Where slices go: rows of COPY text, handed to the server in pieces. */
struct sink {
	PGconn *db;
	const char *version, *product;
	long long seq;
	struct buf rows;
};

static void add_decimal(struct buf *row, const struct decimal *d)
{
	buf_addc(row, '\t');
	decimal_write(d, DECIMAL_TRIM_ZEROS, row);
}

static void add_trade(struct buf *row, const struct fifo_trade *t)
{
	buf_addc(row, '\t');
	if (!t) {
		buf_adds(row, "\\N\t\\N\t\\N");
		return;
	}
	copy_escape(row, t->id.data);
	buf_addc(row, '\t');
	buf_add(row, t->at.micros, INSTANT_NS_TEXT - 1);
	buf_addf(row, "\t%d", t->at.nanos);
}

static bool put_slice(void *to, const struct fifo_slice *s, struct reason *why)
{
	struct sink *sink = to;
	struct buf *row = &sink->rows;

	(void)why;
	buf_adds(row, sink->version);
	buf_addc(row, '\t');
	copy_escape(row, sink->product);
	buf_addf(row, "\t%lld\t%s", ++sink->seq, fifo_status_name(s->status));
	add_trade(row, s->disposal);
	add_trade(row, s->lot);
	add_decimal(row, &s->size);
	add_decimal(row, &s->basis);
	if (s->disposal) {
		add_decimal(row, &s->proceeds);
		add_decimal(row, &s->gain);
	} else {
		buf_adds(row, "\t\\N\t\\N");
	}
	buf_addc(row, '\n');
	db_copy_gathered(sink->db, row);
	return true;
}

/* Matching ----------------------------------------------------------------------------------- */

static void refuse_existing(PGconn *db, const struct fifo_run *run)
{
	PGresult *res = db_query(db, existing_sql, DB_ARGS(run->version));
	bool there = PQntuples(res) > 0;
	char made[32], next[16];

	if (there) {
		snprintf(made, sizeof made, "%s", PQgetvalue(res, 0, 0));
		snprintf(next, sizeof next, "%s", PQgetvalue(res, 0, 1));
	}
	PQclear(res);
	if (there)
		die(EX_DATAERR, "version %s exists already, made %s UTC, and a version is never overwritten; the next one is %s",
		    run->version, made, next);
}

/* Hold the version's number, so that two runs cannot both find it free. */
static void take_version(PGconn *db, const struct fifo_run *run)
{
	char name[64], other[64];

	snprintf(name, sizeof name, "match-fifo %s", run->version);
	snprintf(other, sizeof other, "match-fifo is writing version %s", run->version);
	db_lock(db, name, 0, other);
	refuse_existing(db, run);
}

static void write_totals(struct tsv_writer *w, const struct fifo_run *run, const char *product, const char *digest,
			 const struct fifo_totals *t)
{
	const struct decimal *const sum[] = { &t->size, &t->basis, &t->proceeds, &t->gain, &t->uncovered_size,
					      &t->uncovered_proceeds, &t->open_size, &t->open_basis };

	tsv_plain(w, run->version);
	tsv_text(w, product);
	tsv_plain(w, digest);
	tsv_int(w, t->lots);
	tsv_int(w, t->disposals);
	tsv_int(w, t->slices);
	tsv_int(w, t->uncovered);
	for (size_t i = 0; i < sizeof sum / sizeof *sum; i++)
		tsv_decimal(w, sum[i], DECIMAL_TRIM_ZEROS);
	tsv_end_row(w);
}

/* Where the totals of a product go: to the user, to the server, into the run's digest and log line. */
struct account {
	struct tsv_writer *out, stored;
	struct sha256 digest;
	long long products, lots, disposals, slices, uncovered;
	int without_lot;	/* products with a disposal that no lot covers */
};

static void add_product(struct account *a, const struct fifo_run *run, const char *product, const char *product_digest,
			const struct fifo_totals *t)
{
	write_totals(a->out, run, product, product_digest, t);
	write_totals(&a->stored, run, product, product_digest, t);
	sha256_adds(&a->digest, product);
	sha256_adds(&a->digest, "\t");
	sha256_adds(&a->digest, product_digest);
	sha256_adds(&a->digest, "\n");
	a->products++;
	a->lots += t->lots;
	a->disposals += t->disposals;
	a->slices += t->slices;
	a->uncovered += t->uncovered;
	if (t->uncovered > 0 && ++a->without_lot <= ODDITIES_SHOWN)
		log_fact(LOG_WARNING, "no lot covers all that was disposed of", "product=%s disposals=%lld", product,
			 t->uncovered);
}

static void match_product(struct books *books, const struct fifo_run *run, struct sink *sink, struct account *account)
{
	const struct fifo_stream lots = books_lots(books), disposals = books_disposals(books);
	const struct fifo_rules rules = { FIFO_PLACES, run->dust_text ? &run->dust : NULL };
	struct fifo_totals totals;
	struct reason why;
	char digest[SHA256_TEXT];

	sink->seq = 0;
	fifo_totals_init(&totals);
	if (!fifo_match(&rules, &lots, &disposals, put_slice, sink, &totals, &why))
		die(EX_DATAERR, "%s: %s", sink->product, why.text);
	add_product(account, run, sink->product, books_digest(books, digest), &totals);
	fifo_totals_release(&totals);
}

void fifo_version_make_current(PGconn *db, const char *version)
{
	db_change(db, unset_current_sql, DB_ARGS(version));
	if (db_change(db, set_current_sql, DB_ARGS(version)) == 0)
		die(EX_DATAERR, "there is no version %s; match-fifo list shows them", version);
}

/* A coin that is sold for one currency and was bought for another. */
static const char held_elsewhere_sql[] =
	"select u.product_id, trim_scale(u.uncovered_size),"
	"       string_agg(o.product_id || ' ' || trim_scale(o.open_size), ', ' order by o.product_id)"
	"  from fifo_version_products u"
	"  join fifo_version_products o on o.version = u.version and o.product_id <> u.product_id and o.open_size > 0"
	"       and split_part(o.product_id, '-', 1) = split_part(u.product_id, '-', 1)"
	" where u.version = $1 and u.uncovered_size > 0 group by u.product_id, u.uncovered_size order by u.product_id";

static void say_held_elsewhere(PGconn *db, const char *version)
{
	PGresult *rows = db_query(db, held_elsewhere_sql, DB_ARGS(version));
	struct oddities held = ODDITIES_INIT;

	for (int i = 0; i < PQntuples(rows); i++)
		oddities_note(&held, "%s: %s sold without a lot, but lots of the same coin are open in other products (%s): each "
			      "product is matched for itself, see match-fifo(1)",
			      PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1), PQgetvalue(rows, i, 2));
	log_oddities("lots", &held);
	oddities_release(&held);
	PQclear(rows);
}

/* What stands beside the slices: the products' totals, and the version's own row. */
static void store_version(PGconn *db, const struct fifo_run *run, struct account *account)
{
	char digest[SHA256_TEXT], places[16];

	db_copy(db, copy_products_sql, account->stored.line.data, account->stored.line.len);
	snprintf(places, sizeof places, "%d", FIFO_PLACES);
	PQclear(db_query(db, insert_version_sql,
			 DB_ARGS(run->version, run->product_id, run->until, run->dust_text ? run->dust_text : "0", places,
				 sha256_hex(&account->digest, digest), WINDFALL_VERSION, run->note)));
	if (run->make_current)
		fifo_version_make_current(db, run->version);
}

void fifo_version_make(const struct fifo_run *run, struct tsv_writer *out)
{
	const struct book_selection which = { run->product_id, run->until };
	PGconn *db = db_connect(), *reader = db_connect_again();
	struct sink sink = { .db = db, .version = run->version };
	struct account account = { .out = out };
	struct books books;

	db_begin(db, "");
	take_version(db, run);
	db_begin(reader, "isolation level repeatable read read only");
	contracts_warn(reader);
	books_open(&books, reader, &which);
	tsv_begin(out, stdout, totals_columns);
	tsv_begin(&account.stored, NULL, totals_columns);
	sha256_init(&account.digest);

	db_copy_begin(db, copy_slices_sql);
	while ((sink.product = books_next_product(&books)))
		match_product(&books, run, &sink, &account);
	if (account.without_lot > ODDITIES_SHOWN)
		log_warning("disposals: and %d more of this kind", account.without_lot - ODDITIES_SHOWN);
	db_copy_put(db, sink.rows.data, sink.rows.len);
	db_copy_end(db);
	if (account.products == 0 && run->product_id)
		die(EX_DATAERR, "the books have no trade of %s%s%s", run->product_id, run->until ? " before " : "",
		    run->until ? run->until : "");
	store_version(db, run, &account);
	db_exec(db, "commit");
	statistics_refresh(db, "{fifo_allocations}", account.slices);

	if (account.uncovered > 0) {
		log_info("reconcile-fills check 1 --fifo %s looks up the trades that may be missing", run->version);
		say_held_elsewhere(db, run->version);
	}
	log_fact(LOG_INFO, "matched",
		 "version=%s products=%lld lots=%lld disposals=%lld allocations=%lld uncovered=%lld current=%s",
		 run->version, account.products, account.lots, account.disposals, account.slices, account.uncovered,
		 run->make_current ? "yes" : "no");
	sha256_release(&account.digest);
	tsv_release(&account.stored);
	buf_release(&sink.rows);
	books_close(&books);
	PQfinish(reader);
	PQfinish(db);
}

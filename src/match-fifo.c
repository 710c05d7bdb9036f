/*
 * match-fifo - match lots to disposals, first in first out, as a version that is never overwritten
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/trade_streams_db.h"
#include "db/db.h"
#include "os/log.h"
#include "cli/opts.h"
#include "format/tsv.h"
#include "query/fifo-compare.h"

static const char lock_sql[] = "select pg_try_advisory_xact_lock(hashtextextended('match-fifo ' || $1, 0))";

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

static const char unset_current_sql[] = "update fifo_versions set is_current = false where is_current and version <> $1";
static const char set_current_sql[] = "update fifo_versions set is_current = true where version = $1";

/* gain is of all disposals, with no cost for what has no lot: only the covered part can be stood for. */
static const char list_sql[] =
	"select version, is_current, product_id, until, dust, products, lots, disposals, allocations, uncovered, basis,"
	"       proceeds, gain, input_digest, finished_at, made_by, note,"
	"       trim_scale(gain - coalesce(u.proceeds_without_lot, 0)), trim_scale(coalesce(u.proceeds_without_lot, 0))"
	"  from fifo_versions"
	"  left join (select version, sum(uncovered_proceeds) as proceeds_without_lot from fifo_version_products"
	"              group by version) u using (version)"
	" order by version";

static const char help[] =
	"usage: match-fifo make N (--product P | --all) [--until T] [--dust D] [--make-current] [--note TEXT]\n"
	"       match-fifo make-current N\n"
	"       match-fifo compare A B\n"
	"       match-fifo list\n"
	"\n"
	"Match the lots in the books (BUY, INCOME) to the disposals (SELL, FEE) of their product, oldest\n"
	"first, and store the slices as version N.  A version is written once and never overwritten; reports\n"
	"read the current one.  The totals of each product are printed.\n"
	"\n"
	"      --product P        one product, such as BTC-USD\n"
	"      --all              every product\n"
	"      --until T          only trades before T: an instant, or a whole day in UTC, included\n"
	"      --dust D           set aside remainders of at most D, as rows of their own; none by default\n"
	"      --make-current     make this version the current one\n"
	"      --note TEXT        stored with the version\n"
	OPTS_ROWS_HELP
	"  -q, --quiet            warnings and errors only\n"
	"  -v, --verbose          more messages\n"
	"  -h, --help             show this help\n"
	"  -V                     show the version of this program (so does --version without a number)\n"
	"\n"
	"  make N                 make version N; the older spelling is --version N\n"
	"  make-current N         make version N the current one\n"
	"  compare A B            what changed from A to B, and why; exit 1 if anything did\n"
	"  list                   the versions\n";

static const char *const totals_columns[] = {
	"version", "product_id", "input_digest", "lots", "disposals", "allocations", "uncovered", "size", "basis",
	"proceeds", "gain", "uncovered_size", "uncovered_proceeds", "open_size", "open_basis", NULL
};
static const char *const list_columns[] = {
	"version", "is_current", "product_id", "until", "dust", "products", "lots", "disposals", "allocations", "uncovered",
	"basis", "proceeds", "gain", "input_digest", "finished_at", "made_by", "note", "covered_gain", "proceeds_without_lot", NULL
};
static const char *const compare_columns[] = {
	"product_id", "kind", "id", "reason", "field", "old", "new", "because", NULL
};

struct run {
	const char *version;		/* as text */
	const char *product_id;		/* NULL: all */
	const char *until;
	struct decimal dust;
	const char *dust_text, *note;
	bool make_current;
};

/* Slices ------------------------------------------------------------------------------------- */

/* Where slices go: rows of COPY text, handed to the server in pieces. */
struct sink {
	PGconn *db;
	const char *version, *product;
	long long seq;
	struct buf rows;
};

enum { PIECE = 1 << 16 };

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
	if (row->len >= PIECE) {
		db_copy_put(sink->db, row->data, row->len);
		buf_clear(row);
	}
	return true;
}

/* Matching ----------------------------------------------------------------------------------- */

static void refuse_existing(PGconn *db, const struct run *run)
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
		die(EX_DATAERR, "version %s is there already, made %s UTC, and a version is never overwritten; the next one is %s",
		    run->version, made, next);
}

/* Hold the version's number, so that two runs cannot both find it free. */
static void take_version(PGconn *db, const struct run *run)
{
	char *got = db_value(db, lock_sql, DB_ARGS(run->version));
	bool mine = got && *got == 't';

	free(got);
	if (!mine)
		die(EX_TEMPFAIL, "another match-fifo is writing version %s; try again later", run->version);
	refuse_existing(db, run);
}

static void write_decimal(struct tsv_writer *w, const struct decimal *d)
{
	struct buf text = BUF_INIT;

	decimal_write(d, DECIMAL_TRIM_ZEROS, &text);
	tsv_plain(w, text.data);
	buf_release(&text);
}

static void write_totals(struct tsv_writer *w, const struct run *run, const char *product, const char *digest,
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
		write_decimal(w, sum[i]);
	tsv_end_row(w);
}

/* Where the totals of a product go: to the user, to the server, into the run's digest and log line. */
struct account {
	struct tsv_writer *out, stored;
	struct sha256 digest;
	long long products, lots, disposals, slices, uncovered;
};

static void add_product(struct account *a, const struct run *run, const char *product, const char *product_digest,
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
	if (t->uncovered > 0)
		log_fact(LOG_WARNING, "no lot covers all that was disposed of", "product=%s disposals=%lld", product,
			 t->uncovered);
}

static void match_product(struct books *books, const struct run *run, struct sink *sink, struct account *account)
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

static void make_current(PGconn *db, const char *version)
{
	db_change(db, unset_current_sql, DB_ARGS(version));
	if (db_change(db, set_current_sql, DB_ARGS(version)) == 0)
		die(EX_DATAERR, "there is no version %s; match-fifo list shows them", version);
}

static void match(const struct run *run, struct tsv_writer *out)
{
	const struct book_selection which = { run->product_id, run->until };
	PGconn *db = db_connect(), *reader = db_connect_again();
	struct sink sink = { .db = db, .version = run->version };
	struct account account = { .out = out };
	struct books books;
	char digest[SHA256_TEXT], places[16];

	db_exec(db, "begin");
	take_version(db, run);
	db_exec(reader, "begin transaction isolation level repeatable read read only");
	books_open(&books, reader, &which);
	tsv_begin(out, stdout, totals_columns);
	tsv_begin(&account.stored, NULL, totals_columns);
	sha256_init(&account.digest);

	db_copy_begin(db, copy_slices_sql);
	while ((sink.product = books_next_product(&books)))
		match_product(&books, run, &sink, &account);
	db_copy_put(db, sink.rows.data, sink.rows.len);
	db_copy_end(db);
	if (account.products == 0 && run->product_id)
		die(EX_DATAERR, "the books have no trade of %s%s%s", run->product_id, run->until ? " before " : "",
		    run->until ? run->until : "");
	db_copy(db, copy_products_sql, account.stored.line.data, account.stored.line.len);
	snprintf(places, sizeof places, "%d", FIFO_PLACES);
	PQclear(db_query(db, insert_version_sql,
			 DB_ARGS(run->version, run->product_id, run->until, run->dust_text ? run->dust_text : "0", places,
				 sha256_hex(&account.digest, digest), WINDFALL_VERSION, run->note)));
	if (run->make_current)
		make_current(db, run->version);
	db_exec(db, "commit");

	if (account.uncovered > 0)
		log_info("reconcile-fills check 1 --fifo %s looks up the trades that may be missing", run->version);
	log_fact(LOG_INFO, "matched", "version=%s products=%lld lots=%lld disposals=%lld allocations=%lld uncovered=%lld current=%s",
		 run->version, account.products, account.lots, account.disposals, account.slices, account.uncovered,
		 run->make_current ? "yes" : "no");
	sha256_release(&account.digest);
	tsv_release(&account.stored);
	buf_release(&sink.rows);
	books_close(&books);
	PQfinish(reader);
	PQfinish(db);
}

/* The other verbs ---------------------------------------------------------------------------- */

static const char *version_operand(const char *text)
{
	static char number[2][24];
	static int at;

	at = !at;
	snprintf(number[at], sizeof number[at], "%d", (int)opts_number("version", text, 1, 2147483647));
	return number[at];
}

static void make_current_now(const char *version)
{
	PGconn *db = db_connect();

	db_exec(db, "begin");
	make_current(db, version);
	db_exec(db, "commit");
	log_fact(LOG_INFO, "made current", "version=%s", version);
	PQfinish(db);
}

/* Print a result whose columns are these; how many rows there were. */
static int print_rows(struct tsv_writer *out, const char *const *columns, PGresult *res)
{
	int n = PQntuples(res);

	tsv_begin(out, stdout, columns);
	for (int i = 0; i < n; i++) {
		for (int j = 0; columns[j]; j++)
			tsv_text(out, PQgetisnull(res, i, j) ? NULL : PQgetvalue(res, i, j));
		tsv_end_row(out);
	}
	PQclear(res);
	return n;
}

static void list_versions(struct tsv_writer *out)
{
	PGconn *db = db_connect();

	print_rows(out, list_columns, db_query(db, list_sql, DB_NO_ARGS));
	PQfinish(db);
}

static bool compare_versions(struct tsv_writer *out, const char *a, const char *b)
{
	PGconn *db = db_connect();
	const char *const both[] = { a, b };
	int n;

	for (int i = 0; i < 2; i++) {
		char *there = db_value(db, "select 1 from fifo_versions where version = $1", DB_ARGS(both[i]));

		if (!there)
			die(EX_DATAERR, "there is no version %s; match-fifo list shows them", both[i]);
		free(there);
	}
	n = print_rows(out, compare_columns, db_query(db, query_fifo_compare, DB_ARGS(a, b)));
	log_fact(LOG_INFO, "compared", "versions=%s,%s differences=%d", a, b, n);
	PQfinish(db);
	return n > 0;
}

/* Arguments ---------------------------------------------------------------------------------- */

/* "2024-12-31" is that day with all of it, an instant is itself; either as the instant before which. */
static const char *until_argument(const char *text)
{
	static char until[INSTANT_TEXT + 8];
	struct reason why;
	struct instant_ns m;
	day_t day;

	if (day_parse(text, &day)) {
		instant_format((instant_t)(day + 1) * 86400, until);
		return until;
	}
	if (!instant_ns_parse(&m, text, false, &why))
		die(EX_USAGE, "--until: %s; a day is YYYY-MM-DD", why.text);
	if (m.nanos > 0)
		die(EX_USAGE, "--until %s: a microsecond is the finest limit", text);
	memcpy(until, m.micros, sizeof m.micros);
	return until;
}

static void dust_argument(struct run *run, const char *text)
{
	struct reason why;

	if (!decimal_parse_text(&run->dust, text, DECIMAL_PLAIN, &why))
		die(EX_USAGE, "--dust: %s", why.text);
	if (decimal_sign(&run->dust) < 0)
		die(EX_USAGE, "--dust %s: it cannot be negative", text);
	run->dust_text = text;
}

/* A verb and its operands: the exit status, or -1 if these are not a verb's. */
static int other_verb(int argc, char **argv, struct tsv_writer *out)
{
	if (argc == 2 && strcmp(argv[0], "make-current") == 0) {
		make_current_now(version_operand(argv[1]));
		return 0;
	}
	if (argc == 1 && strcmp(argv[0], "list") == 0) {
		list_versions(out);
		return 0;
	}
	if (argc == 3 && strcmp(argv[0], "compare") == 0) {
		const char *a = version_operand(argv[1]), *b = version_operand(argv[2]);

		return compare_versions(out, a, b) ? EX_DIFFERENCES : 0;
	}
	return -1;
}

int main(int argc, char **argv)
{
	enum { VERSION, PRODUCT, ALL, UNTIL, DUST, MAKE_CURRENT, NOTE };
	static const struct option longopts[] = {
		/* --version is the contract's; without a number it means what it means everywhere. */
		{ "version", required_argument, NULL, VERSION },
		{ "product", required_argument, NULL, PRODUCT },
		{ "all", no_argument, NULL, ALL },
		{ "until", required_argument, NULL, UNTIL },
		{ "dust", required_argument, NULL, DUST },
		{ "make-current", no_argument, NULL, MAKE_CURRENT },
		{ "note", required_argument, NULL, NOTE },
		OPTS_ROWS, OPTS_COMMON
	};
	struct run run = { 0 };
	struct tsv_writer out = { 0 };
	bool all = false, matches = false;
	int c, status = 0;

	log_init(argv[0]);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		opts_common('V', help);
	decimal_init(&run.dust);
	while ((c = getopt_long(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case VERSION:      run.version = version_operand(optarg); break;
		case PRODUCT:      run.product_id = optarg;               break;
		case ALL:          all = true;                            break;
		case UNTIL:        run.until = until_argument(optarg);    break;
		case DUST:         dust_argument(&run, optarg);           break;
		case MAKE_CURRENT: run.make_current = true;               break;
		case NOTE:         run.note = optarg;                     break;
		default:
			if (!opts_rows(c, &out))
				opts_common(c, help);
			continue;
		}
		matches = true;
	}
	if (optind + 2 == argc && strcmp(argv[optind], "make") == 0) {
		run.version = version_operand(argv[optind + 1]);
		optind = argc;
	}
	if (optind < argc) {
		if (matches)
			die(EX_USAGE, "%s: no operand is taken beside the options of a match; see --help", argv[optind]);
		status = other_verb(argc - optind, argv + optind, &out);
		if (status < 0)
			die(EX_USAGE, "%s: neither make N, nor make-current N, nor compare A B, nor list; see --help", argv[optind]);
	} else {
		if (!run.version)
			die(EX_USAGE, "make N is needed: the number of the version to make");
		if (all == (run.product_id != NULL))
			die(EX_USAGE, "one of --product P and --all is needed");
		match(&run, &out);
	}
	decimal_release(&run.dust);
	tsv_release(&out);
	return flush_stdout() ? EX_IOERR : status;
}

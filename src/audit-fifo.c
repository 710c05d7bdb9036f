/*
 * audit-fifo - prove from its rows that a FIFO version adds up
 *
 * Takes nothing from the matcher: conservation, order, shares and totals are worked out again in
 * SQL from the slices and from the books.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/opts.h"
#include "db/db.h"
#include "format/tsv.h"
#include "ledger/trade_streams_db.h"
#include "os/log.h"
#include "query/audit-fifo-order.h"
#include "query/audit-fifo-rows.h"
#include "query/audit-fifo-stray.h"
#include "query/audit-fifo-totals.h"
#include "query/audit-fifo-trades.h"
#include "query/audit-fifo-uncovered.h"

/* Every check answers with: product_id, kind, id, check, field, stored, expected. */

static const char version_sql[] =
	"select version, product_id, until, input_digest, uncovered from fifo_versions"
	" where case when $1::integer is null then is_current else version = $1::integer end";

static const char digests_sql[] =
	"select product_id, input_digest from fifo_version_products where version = $1 order by product_id";

static const char help[] =
	"usage: audit-fifo [--fifo N] [--strict]\n"
	"\n"
	"Prove from its rows that a FIFO version adds up, and that the books have not changed since it was\n"
	"made.  Prints what is wrong; exit 1 if anything is.\n"
	"\n"
	"      --fifo N           which version; otherwise the current one (--version N is the older\n"
	"                         spelling)\n"
	"      --strict           disposals that no lot covers are findings too\n"
	OPTS_ROWS_HELP
	"  -q, --quiet            warnings and errors only\n"
	"  -v, --verbose          more messages\n"
	"  -h, --help             show this help\n"
	"  -V                     show the version of this program (so does --version without a number)\n";

static const char *const columns[] = { "product_id", "kind", "id", "check", "field", "stored", "expected", NULL };

struct version {
	char number[24];
	char *product_id, *until, *digest;
	long long uncovered;
};

static void read_version(PGconn *db, const char *wanted, struct version *v)
{
	PGresult *res = db_query(db, version_sql, DB_ARGS(wanted));

	if (PQntuples(res) == 0) {
		PQclear(res);
		if (wanted)
			die(EX_DATAERR, "there is no version %s; match-fifo list shows them", wanted);
		die(EX_DATAERR, "no version is current: name one with --fifo N, or make one current with match-fifo make-current N");
	}
	snprintf(v->number, sizeof v->number, "%s", PQgetvalue(res, 0, 0));
	v->product_id = PQgetisnull(res, 0, 1) ? NULL : xstrdup(PQgetvalue(res, 0, 1));
	v->until = PQgetisnull(res, 0, 2) ? NULL : xstrdup(PQgetvalue(res, 0, 2));
	v->digest = xstrdup(PQgetvalue(res, 0, 3));
	v->uncovered = db_int(res, 0, 4);
	PQclear(res);
}

static long run_check(PGconn *db, const char *name, const char *sql, const char *version, struct tsv_writer *out)
{
	long n = db_print(version ? db_query(db, sql, DB_ARGS(version)) : db_query(db, sql, DB_NO_ARGS), NULL, out);

	log_fact(LOG_DEBUG, "checked", "check=%s findings=%ld", name, n);
	return n;
}

static void put_digest(struct tsv_writer *out, const char *product, const char *stored, const char *now)
{
	tsv_text(out, product);
	tsv_plain(out, "product");
	tsv_null(out);
	tsv_plain(out, "books_changed");
	tsv_plain(out, "input_digest");
	tsv_plain(out, stored);
	tsv_plain(out, now);
	tsv_end_row(out);
}

/* The version's own digest is that of its products', which are the rows product_id, digest. */
static long check_version_digest(const struct version *v, const PGresult *products, struct tsv_writer *out)
{
	struct sha256 all;
	char now[SHA256_TEXT];
	bool differs;

	sha256_init(&all);
	for (int i = 0; i < PQntuples(products); i++) {
		sha256_adds(&all, PQgetvalue(products, i, 0));
		sha256_adds(&all, "\t");
		sha256_adds(&all, PQgetvalue(products, i, 1));
		sha256_adds(&all, "\n");
	}
	differs = strcmp(sha256_hex(&all, now), v->digest) != 0;
	sha256_release(&all);
	if (differs)
		put_digest(out, NULL, v->digest, now);
	return differs;
}

/* Are the books what they were?  Both lists of products are in the order of their bytes. */
static long check_digests(PGconn *db, const struct version *v, struct tsv_writer *out)
{
	const struct book_selection which = { v->product_id, v->until };
	PGresult *res = db_query(db, digests_sql, DB_ARGS(v->number));
	struct books books;
	const char *product;
	char now[SHA256_TEXT];
	long findings = 0;
	int at = 0, n = PQntuples(res);

	books_open(&books, db, &which);
	while ((product = books_next_product(&books))) {
		const char *stored = NULL;

		books_digest(&books, now);
		for (; at < n && strcmp(PQgetvalue(res, at, 0), product) < 0; at++, findings++)
			put_digest(out, PQgetvalue(res, at, 0), PQgetvalue(res, at, 1), NULL);
		if (at < n && strcmp(PQgetvalue(res, at, 0), product) == 0)
			stored = PQgetvalue(res, at++, 1);
		if (!stored || strcmp(stored, now) != 0) {
			put_digest(out, product, stored, now);
			findings++;
		}
	}
	for (; at < n; at++, findings++)
		put_digest(out, PQgetvalue(res, at, 0), PQgetvalue(res, at, 1), NULL);
	books_close(&books);
	findings += check_version_digest(v, res, out);
	PQclear(res);
	log_fact(LOG_DEBUG, "checked", "check=digests findings=%ld", findings);
	return findings;
}

static long audit(PGconn *db, const struct version *v, bool strict, struct tsv_writer *out)
{
	long findings;

	tsv_begin(out, stdout, columns);
	findings = check_digests(db, v, out);
	findings += run_check(db, "trades", query_audit_fifo_trades, v->number, out);
	findings += run_check(db, "rows", query_audit_fifo_rows, v->number, out);
	findings += run_check(db, "order", query_audit_fifo_order, v->number, out);
	findings += run_check(db, "totals", query_audit_fifo_totals, v->number, out);
	findings += run_check(db, "stray", query_audit_fifo_stray, NULL, out);
	if (strict)
		findings += run_check(db, "uncovered", query_audit_fifo_uncovered, v->number, out);
	return findings;
}

struct options {
	const char *version;		/* NULL: the current one */
	bool strict;
	struct tsv_writer out;
};

static void read_options(int argc, char **argv, struct options *o)
{
	enum { VERSION, STRICT };
	static const struct option longopts[] = {
		{ "fifo", required_argument, NULL, VERSION },
		{ "version", required_argument, NULL, VERSION },
		{ "strict", no_argument, NULL, STRICT },
		OPTS_ROWS, OPTS_COMMON
	};
	int c;

	opts_lone_version(argc, argv, help);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		if (c == VERSION) {
			opts_number("--fifo", optarg, 1, 2147483647);
			o->version = optarg;
		} else if (c == STRICT)
			o->strict = true;
		else if (!opts_rows(c, &o->out))
			opts_common(c, help);
	}
	if (optind < argc)
		die(EX_USAGE, "%s: audit-fifo takes no operands", argv[optind]);
}

int main(int argc, char **argv)
{
	struct options o = { .version = NULL };
	struct version v;
	PGconn *db;
	long findings;

	tool_begin(argc, argv);
	read_options(argc, argv, &o);
	db = db_connect();
	/* Sorting and grouping whole versions in the server's default of 4 MB goes through the disk. */
	db_begin(db, "isolation level repeatable read read only; set local work_mem to '32MB'");
	read_version(db, o.version, &v);
	findings = audit(db, &v, o.strict, &o.out);
	if (v.uncovered > 0 && !o.strict)
		log_fact(LOG_WARNING, "no lot covers all that was disposed of", "version=%s disposals=%lld", v.number,
			 v.uncovered);
	log_fact(LOG_INFO, "audited", "version=%s findings=%ld", v.number, findings);
	free(v.product_id);
	free(v.until);
	free(v.digest);
	tsv_release(&o.out);
	PQfinish(db);
	flush_stdout();
	return findings > 0 ? EX_DIFFERENCES : 0;
}

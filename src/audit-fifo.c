/*
 * audit-fifo - prove from the rows that a version of first in, first out adds up
 *
 * Takes nothing from the matcher: conservation, order, shares and totals are worked out again in
 * SQL from the slices and from the books.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/trade_streams_db.h"
#include "db/db.h"
#include "os/log.h"
#include "cli/opts.h"
#include "format/tsv.h"

/* Every check answers with: product_id, kind, id, check, field, stored, expected. */

/*
 * Each lot and disposal of the books is the sum of its slices, in size and in money, and is where it
 * was in time; each slice is of a trade that is there; and each but the last of a trade is its share of
 * the whole, rounded half away from zero.  The quotient of a share is taken in whole numbers, because
 * numeric division stops after some digits.
 *
 * A trade (without seq) and its slices are sorted to stand together.  By id first: a product is the
 * same for many rows, and then only the id's comparison costs.
 */
static const char trades_sql[] =
	"with line as ("
	"	select 'lot' as kind, product_id, lot_id as id, seq, size, basis as amount, lot_time as at, lot_nanos as nanos"
	"	  from fifo_allocations where version = $1 and lot_id is not null"
	"	union all"
	"	select 'disposal', product_id, disposal_id, seq, size, proceeds, disposal_time, disposal_nanos"
	"	  from fifo_allocations where version = $1 and disposal_id is not null"
	"	union all"
	"	select case when t.side in ('BUY', 'INCOME') then 'lot' else 'disposal' end, t.product_id, t.record_id, null, t.size,"
	"	       case when t.side in ('BUY', 'INCOME') then t.value + t.fee else t.value - t.fee end, t.trade_time, t.trade_nanos"
	"	  from trade_records t join fifo_versions v on v.version = $1"
	"	   and (v.product_id is null or t.product_id = v.product_id) and (v.until is null or t.trade_time < v.until)"
	"	 where t.size > 0"
	"), line_of_whole as ("
	"	select line.*, seq is null as is_trade, seq = max(seq) over whole as is_last, bool_or(seq is null) over whole as has_trade,"
	"	       sum(size) filter (where seq is not null) over whole as whole_size,"
	"	       sum(amount) filter (where seq is not null) over whole as whole_amount,"
	"	       min(at) over whole as first, max(at) over whole as last, min(nanos) over whole as low, max(nanos) over whole as high"
	"	  from line window whole as (partition by id, product_id, kind)"
	"), rounding as materialized ("
	"	select ('1e' || places)::numeric as units, ('1e-' || places)::numeric as unit from fifo_versions where version = $1"
	"), judged as ("
	"	select l.*, case when not is_last then sign(whole_amount) * unit"
	"	            * div(2 * abs(whole_amount) * size * units + whole_size, 2 * nullif(whole_size, 0)) end as share"
	"	  from line_of_whole l cross join rounding"
	")"
	" select product_id, kind, id, f.\"check\", f.field, f.stored, f.expected"
	"   from judged cross join lateral (values"
	"	(1, 'orphan', 'trade', whole_size::text, null, is_last and not has_trade),"
	"	(2, 'absent', 'slices', null, size::text, is_trade and whole_size is null),"
	"	(3, case when whole_size > size then 'overused' else 'lost' end, 'size', whole_size::text, size::text,"
	"	    is_trade and whole_size <> size),"
	"	(4, 'money', case kind when 'lot' then 'basis' else 'proceeds' end, whole_amount::text, amount::text,"
	"	    is_trade and whole_amount <> amount),"
	"	(5, 'moved', 'time', case when first <> at or low <> nanos then first::text || ' +' || low || ' ns'"
	"	    else last::text || ' +' || high || ' ns' end, at::text || ' +' || nanos || ' ns',"
	"	    is_trade and (first <> last or low <> high)),"
	"	(6, 'share', case kind when 'lot' then 'basis' else 'proceeds' end || ' of row ' || seq, amount::text,"
	"	    trim_scale(share)::text, amount <> share)) f (n, \"check\", field, stored, expected, wrong)"
	"  where (is_trade and (whole_size is null or whole_size <> size or whole_amount <> amount or first <> last or low <> high)"
	"         or is_last and not has_trade or amount <> share)"
	"    and f.wrong"
	"  order by product_id, first, kind desc, id, f.n, seq";

/* Each row by itself, and beside the one before it. */
static const char rows_sql[] =
	"with beside as ("
	"	select product_id, seq, status, disposal_id, disposal_time, disposal_nanos, lot_id, lot_time, lot_nanos, size, basis,"
	"	       proceeds, gain, lag(status) over w as previous_status, lag(seq, 1, 0::bigint) over w + 1 as next_seq"
	"	  from fifo_allocations where version = $1 window w as (partition by product_id order by seq)"
	")"
	" select a.product_id, case when a.disposal_id is null then 'lot' else 'disposal' end,"
	"       coalesce(a.disposal_id, a.lot_id), f.\"check\", f.field, f.stored, f.expected"
	"  from beside a join fifo_versions v on v.version = $1"
	" cross join lateral (values"
	"	(1, 'before_it_existed', 'lot_time of row ' || seq, a.lot_time::text, 'not after ' || a.disposal_time,"
	"	    (a.lot_time, a.lot_nanos) > (a.disposal_time, a.disposal_nanos)),"
	"	(2, 'gain', 'gain of row ' || seq, a.gain::text, (a.proceeds - a.basis)::text,"
	"	    a.gain is distinct from a.proceeds - a.basis),"
	"	(3, 'basis_without_lot', 'basis of row ' || seq, a.basis::text, '0', a.lot_id is null and a.basis <> 0),"
	"	(4, 'status', 'status of row ' || seq, a.status, case when a.lot_id is null then 'MISSING_BASIS or DUST'"
	"	    when a.disposal_id is null then 'OPEN or DUST' else 'OK' end,"
	"	    a.status <> all (case when a.lot_id is null then array['MISSING_BASIS', 'DUST']"
	"	                          when a.disposal_id is null then array['OPEN', 'DUST'] else array['OK'] end)),"
	"	(5, 'dust', 'size of row ' || seq, a.size::text, 'at most ' || v.dust, a.status = 'DUST' and a.size > v.dust),"
	"	(6, 'size', 'size of row ' || seq, a.size::text, 'more than 0', a.size <= 0),"
	"	(7, 'time', 'lot_time of row ' || seq, concat_ws(' +', a.lot_time, a.lot_nanos), 'id and time, or neither',"
	"	    num_nulls(a.lot_id, a.lot_time, a.lot_nanos) in (1, 2)),"
	"	(8, 'time', 'disposal_time of row ' || seq, concat_ws(' +', a.disposal_time, a.disposal_nanos),"
	"	    'id and time, or neither', num_nulls(a.disposal_id, a.disposal_time, a.disposal_nanos) in (1, 2)),"
	"	(9, 'order', 'row ' || seq, 'after what is open', 'before it', a.previous_status = 'OPEN' and a.disposal_id is not null),"
	"	(10, 'rows', 'seq', seq::text, next_seq::text, seq <> next_seq)) f (n, \"check\", field, stored, expected, wrong)"
	" where ((a.lot_time, a.lot_nanos) > (a.disposal_time, a.disposal_nanos) or a.size <= 0"
	"        or a.gain is distinct from a.proceeds - a.basis or (a.lot_id is null and a.basis <> 0)"
	"        or a.status = 'DUST' or (a.status = 'OK') <> (a.lot_id is not null and a.disposal_id is not null)"
	"        or (a.status = 'OPEN') <> (a.disposal_id is null) or (a.status = 'MISSING_BASIS') <> (a.lot_id is null)"
	"        or num_nulls(a.lot_id, a.lot_time, a.lot_nanos) in (1, 2)"
	"        or num_nulls(a.disposal_id, a.disposal_time, a.disposal_nanos) in (1, 2)"
	"        or (a.previous_status = 'OPEN' and a.disposal_id is not null) or seq <> next_seq)"
	"   and f.wrong"
	" order by a.product_id, a.seq, f.n";

/*
 * First in, first out: in the order of the rows neither disposals nor lots ever go back, no pair and no
 * remainder comes twice, and no disposal went without while a lot that was there came later.
 *
 * The rows come in this order from their key.  For the lots that come after a disposal without one the
 * rows are cut in stretches, each beginning with such a disposal, and only the stretches are sorted.
 */
static const char order_sql[] =
	"with disposals as ("
	"	select product_id, seq, disposal_id as id, disposal_time as at, disposal_nanos as nanos,"
	"	       lag(disposal_id) over w as previous, lag(disposal_time) over w as previous_at,"
	"	       lag(disposal_nanos) over w as previous_nanos"
	"	  from fifo_allocations where version = $1 and disposal_id is not null window w as (partition by product_id order by seq)"
	"), lots as ("
	"	select product_id, seq, lot_id as id, lot_time as at, lot_nanos as nanos,"
	"	       lag(lot_id) over w as previous, lag(lot_time) over w as previous_at, lag(lot_nanos) over w as previous_nanos"
	"	  from fifo_allocations where version = $1 and lot_id is not null window w as (partition by product_id order by seq)"
	"), stretch as ("
	"	select product_id, nth, min(seq) as seq, min(id) as id, min(uncovered) as uncovered, min(lot) as lot"
	"	  from (select product_id, seq, count(*) filter (where status = 'MISSING_BASIS') over w as nth,"
	"	               case status when 'MISSING_BASIS' then disposal_id end as id,"
	"	               case status when 'MISSING_BASIS' then"
	"	                    extract(epoch from disposal_time) * 1000000000 + disposal_nanos end as uncovered,"
	"	               extract(epoch from lot_time) * 1000000000 + lot_nanos as lot"
	"	          from fifo_allocations where version = $1 window w as (partition by product_id order by seq)) r"
	"	 group by product_id, nth"
	"), behind as ("
	"	select product_id, seq, id, uncovered, min(lot) over (partition by product_id order by nth desc) as next_lot from stretch"
	"), pair as ("
	"	select product_id, disposal_id, lot_id, count(*) as times"
	"	  from fifo_allocations where version = $1 group by lot_id, disposal_id, product_id having count(*) > 1"
	")"
	" select product_id, 'disposal', id, 'order', 'row ' || seq, id, 'not after ' || previous"
	"   from disposals where (at, nanos, id) < (previous_at, previous_nanos, previous)"
	" union all"
	" select product_id, 'lot', id, 'order', 'row ' || seq, id, 'not after ' || previous"
	"   from lots where (at, nanos, id) < (previous_at, previous_nanos, previous)"
	" union all"
	" select product_id, 'disposal', id, 'uncovered_too_soon', 'row ' || seq, 'no lot', 'a lot that was there'"
	"   from behind where next_lot <= uncovered"
	" union all"
	" select product_id, case when disposal_id is null then 'lot' else 'disposal' end, coalesce(disposal_id, lot_id), 'twice',"
	"        case when disposal_id is null or lot_id is null then 'remainder' else 'lot ' || lot_id end, times::text, '1' from pair"
	" order by 1, 4, 2, 3, 5";

/* The totals that were kept against the rows, product by product and in all. */
static const char totals_sql[] =
	"with added as ("
	"	select product_id, count(distinct lot_id) as lots, count(distinct disposal_id) as disposals,"
	"	       count(*) as allocations, count(*) filter (where status = 'MISSING_BASIS') as uncovered,"
	"	       coalesce(sum(size) filter (where disposal_id is not null), 0) as size,"
	"	       coalesce(sum(basis) filter (where disposal_id is not null), 0) as basis,"
	"	       coalesce(sum(proceeds), 0) as proceeds,"
	"	       coalesce(sum(proceeds) - sum(basis) filter (where disposal_id is not null), 0) as gain,"
	"	       coalesce(sum(size) filter (where status = 'MISSING_BASIS'), 0) as uncovered_size,"
	"	       coalesce(sum(proceeds) filter (where status = 'MISSING_BASIS'), 0) as uncovered_proceeds,"
	"	       coalesce(sum(size) filter (where disposal_id is null), 0) as open_size,"
	"	       coalesce(sum(basis) filter (where disposal_id is null), 0) as open_basis"
	"	  from fifo_allocations where version = $1 group by product_id"
	"), wrong as ("
	"	select product_id, f.n, f.field, f.stored, f.expected"
	"	  from (select * from fifo_version_products where version = $1) p full join added a using (product_id)"
	"	 cross join lateral (values"
	"		(1, 'lots', p.lots::numeric, a.lots::numeric), (2, 'disposals', p.disposals, a.disposals),"
	"		(3, 'allocations', p.allocations, a.allocations), (4, 'uncovered', p.uncovered, a.uncovered),"
	"		(5, 'size', p.size, a.size), (6, 'basis', p.basis, a.basis), (7, 'proceeds', p.proceeds, a.proceeds),"
	"		(8, 'gain', p.gain, a.gain), (9, 'uncovered_size', p.uncovered_size, a.uncovered_size),"
	"		(10, 'uncovered_proceeds', p.uncovered_proceeds, a.uncovered_proceeds),"
	"		(11, 'open_size', p.open_size, a.open_size), (12, 'open_basis', p.open_basis, a.open_basis))"
	"		f (n, field, stored, expected)"
	"	 where case when a.product_id is null then p.allocations <> 0 and f.n = 3"
	"	            else f.stored is distinct from f.expected end"
	"	union all"
	"	select null, f.n, f.field, f.stored, f.expected"
	"	  from fifo_versions v"
	"	 cross join (select count(*) as products, coalesce(sum(lots), 0) as lots, coalesce(sum(disposals), 0) as disposals,"
	"	                    coalesce(sum(allocations), 0) as allocations, coalesce(sum(uncovered), 0) as uncovered,"
	"	                    coalesce(sum(basis), 0) as basis, coalesce(sum(proceeds), 0) as proceeds,"
	"	                    coalesce(sum(gain), 0) as gain"
	"	               from added) a"
	"	 cross join lateral (values"
	"		(1, 'lots', v.lots::numeric, a.lots::numeric), (2, 'disposals', v.disposals, a.disposals),"
	"		(3, 'allocations', v.allocations, a.allocations), (4, 'uncovered', v.uncovered, a.uncovered),"
	"		(6, 'basis', v.basis, a.basis), (7, 'proceeds', v.proceeds, a.proceeds), (8, 'gain', v.gain, a.gain))"
	"		f (n, field, stored, expected)"
	"	 where v.version = $1 and f.stored <> f.expected"
	")"
	" select product_id, case when product_id is null then 'version' else 'product' end, $1::text, 'total', field,"
	"        trim_scale(stored), trim_scale(expected)"
	"   from wrong order by product_id nulls last, n";

/* Rows of a version that is not there, in any table. */
static const char stray_sql[] =
	"select product_id, 'version', version::text, 'orphan', 'rows', count(*)::text, 'a version'"
	"  from (select version, product_id from fifo_allocations"
	"        union all select version, product_id from fifo_version_products) r"
	" where not exists (select from fifo_versions v where v.version = r.version)"
	" group by version, product_id order by version, product_id";

static const char uncovered_sql[] =
	"select product_id, 'disposal', disposal_id, 'uncovered', 'size', trim_scale(size), '0'"
	"  from fifo_allocations where version = $1 and status = 'MISSING_BASIS' order by product_id, seq";

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
	"      --fifo N           which version; otherwise the current one (--version N is the older spelling)\n"
	"      --strict           disposals that no lot covers are findings too\n"
	OPTS_ROWS_HELP
	"  -q, --quiet            warnings and errors only\n"
	"  -v, --verbose          more messages\n"
	"  -h, --help             show this help\n"
	"  -V                     show the version of this program (so does --version without a number)\n";

static const char *const columns[] = { "product_id", "kind", "id", "check", "field", "stored", "expected", NULL };
enum { N_COLUMNS = 7 };

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
		die(EX_DATAERR, "no version is the current one: say which with --fifo N, or make one so, match-fifo make-current N");
	}
	snprintf(v->number, sizeof v->number, "%s", PQgetvalue(res, 0, 0));
	v->product_id = PQgetisnull(res, 0, 1) ? NULL : xstrdup(PQgetvalue(res, 0, 1));
	v->until = PQgetisnull(res, 0, 2) ? NULL : xstrdup(PQgetvalue(res, 0, 2));
	v->digest = xstrdup(PQgetvalue(res, 0, 3));
	v->uncovered = atoll(PQgetvalue(res, 0, 4));
	PQclear(res);
}

static long run_check(PGconn *db, const char *name, const char *sql, const char *version, struct tsv_writer *out)
{
	PGresult *res = version ? db_query(db, sql, DB_ARGS(version)) : db_query(db, sql, DB_NO_ARGS);
	long n = PQntuples(res);

	for (int i = 0; i < n; i++) {
		for (int j = 0; j < N_COLUMNS; j++)
			tsv_text(out, PQgetisnull(res, i, j) ? NULL : PQgetvalue(res, i, j));
		tsv_end_row(out);
	}
	PQclear(res);
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

/* Are the books what they were?  Both lists of products are in the order of their bytes. */
static long check_digests(PGconn *db, const struct version *v, struct tsv_writer *out)
{
	const struct book_selection which = { v->product_id, v->until };
	PGresult *res = db_query(db, digests_sql, DB_ARGS(v->number));
	struct books books;
	struct sha256 all;
	const char *product;
	char now[SHA256_TEXT];
	long findings = 0;
	int at = 0, n = PQntuples(res);

	sha256_init(&all);
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

	/* The version's own digest is that of its products'. */
	for (int i = 0; i < n; i++) {
		sha256_adds(&all, PQgetvalue(res, i, 0));
		sha256_adds(&all, "\t");
		sha256_adds(&all, PQgetvalue(res, i, 1));
		sha256_adds(&all, "\n");
	}
	if (strcmp(sha256_hex(&all, now), v->digest) != 0) {
		put_digest(out, NULL, v->digest, now);
		findings++;
	}
	sha256_release(&all);
	PQclear(res);
	log_fact(LOG_DEBUG, "checked", "check=digests findings=%ld", findings);
	return findings;
}

static long audit(PGconn *db, const struct version *v, bool strict, struct tsv_writer *out)
{
	long findings;

	tsv_begin(out, stdout, columns);
	findings = check_digests(db, v, out);
	findings += run_check(db, "trades", trades_sql, v->number, out);
	findings += run_check(db, "rows", rows_sql, v->number, out);
	findings += run_check(db, "order", order_sql, v->number, out);
	findings += run_check(db, "totals", totals_sql, v->number, out);
	findings += run_check(db, "stray", stray_sql, NULL, out);
	if (strict)
		findings += run_check(db, "uncovered", uncovered_sql, v->number, out);
	return findings;
}

int main(int argc, char **argv)
{
	enum { VERSION, STRICT };
	static const struct option longopts[] = {
		{ "fifo", required_argument, NULL, VERSION },
		{ "version", required_argument, NULL, VERSION },
		{ "strict", no_argument, NULL, STRICT },
		OPTS_ROWS, OPTS_COMMON
	};
	struct tsv_writer out = { 0 };
	struct version v;
	const char *wanted = NULL;
	bool strict = false;
	PGconn *db;
	long findings;
	int c;

	log_init(argv[0]);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		opts_common('V', help);
	while ((c = getopt_long(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		if (c == VERSION) {
			opts_number("--fifo", optarg, 1, 2147483647);
			wanted = optarg;
		} else if (c == STRICT)
			strict = true;
		else if (!opts_rows(c, &out))
			opts_common(c, help);
	}
	if (optind < argc)
		die(EX_USAGE, "%s: audit-fifo takes no operands", argv[optind]);

	db = db_connect();
	/* Sorting and grouping whole versions in the server's default of 4 MB goes through the disk. */
	db_exec(db, "begin transaction isolation level repeatable read read only; set local work_mem to '32MB'");
	read_version(db, wanted, &v);
	findings = audit(db, &v, strict, &out);
	if (v.uncovered > 0 && !strict)
		log_fact(LOG_WARNING, "no lot covers all that was disposed of", "version=%s disposals=%lld", v.number,
			 v.uncovered);
	log_fact(LOG_INFO, "audited", "version=%s findings=%ld", v.number, findings);
	free(v.product_id);
	free(v.until);
	free(v.digest);
	tsv_release(&out);
	PQfinish(db);
	return flush_stdout() ? EX_IOERR : findings > 0 ? EX_DIFFERENCES : 0;
}

/*
 * match-fifo - match lots to disposals, first in first out, as a version
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/opts.h"
#include "db/db.h"
#include "exact/instant_ns.h"
#include "format/tsv.h"
#include "ledger/fifo_version_db.h"
#include "os/log.h"
#include "query/fifo-compare.h"

/* gain is of all disposals, with no cost for what has no lot: only covered_gain is proved.  Amounts of several
 * currencies have no sum. */
static const char list_sql[] =
	"select version, is_current, product_id, until, dust, products, lots, disposals, allocations, uncovered,"
	"       case when one then basis end, case when one then proceeds end, case when one"
	" then gain end, input_digest, finished_at,"
	"       made_by, note, case when one then trim_scale(coalesce(u.covered_gain, 0)) end,"
	"       case when one then trim_scale(coalesce(u.proceeds_without_lot, 0)) end"
	"  from fifo_versions v"
	" cross join lateral (select sum(gain - uncovered_proceeds) as covered_gain,"
	" sum(uncovered_proceeds) as proceeds_without_lot,"
	"                           count(distinct substring(product_id from '[^-]*$')) "
	"filter (where disposals > 0) <= 1 as one"
	"                      from fifo_version_products p where p.version = v.version and not is_contract(product_id)) as u"
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
	"Each product is matched for itself, in its own currency: a coin bought as BTC-GBP has no lot for\n"
	"what is sold as BTC-USD.  All accounts of a product are one queue.\n"
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
	"  list                   the versions; amounts are null where disposals are in several currencies:\n"
	"                         gains has each\n";

static const char *const list_columns[] = {
	"version", "is_current", "product_id", "until", "dust", "products", "lots", "disposals", "allocations", "uncovered",
	"basis", "proceeds", "gain", "input_digest", "finished_at", "made_by", "note", "covered_gain",
	"proceeds_without_lot", NULL
};
static const char *const compare_columns[] = {
	"product_id", "kind", "id", "reason", "field", "old", "new", "because", NULL
};

struct options {
	struct fifo_run run;		/* of make */
	const char *operand[2];		/* versions, of the others */
	struct tsv_writer out;
};

/* The verbs ---------------------------------------------------------------------------------- */

static int make(struct options *o)
{
	fifo_version_make(&o->run, &o->out);
	return 0;
}

static int make_current(struct options *o)
{
	PGconn *db = db_connect();

	db_begin(db, "");
	fifo_version_make_current(db, o->operand[0]);
	db_exec(db, "commit");
	log_fact(LOG_INFO, "made current", "version=%s", o->operand[0]);
	PQfinish(db);
	return 0;
}

static int list(struct options *o)
{
	PGconn *db = db_connect();

	db_print(db_query(db, list_sql, DB_NO_ARGS), list_columns, &o->out);
	PQfinish(db);
	return 0;
}

static int compare(struct options *o)
{
	PGconn *db = db_connect();
	int n;

	for (int i = 0; i < 2; i++) {
		char *there = db_value(db, "select 1 from fifo_versions where version = $1", DB_ARGS(o->operand[i]));

		if (!there)
			die(EX_DATAERR, "there is no version %s; match-fifo list shows them", o->operand[i]);
		free(there);
	}
	n = db_print(db_query(db, query_fifo_compare, DB_ARGS(o->operand[0], o->operand[1])), compare_columns, &o->out);
	log_fact(LOG_INFO, "compared", "versions=%s,%s differences=%d", o->operand[0], o->operand[1], n);
	PQfinish(db);
	return n > 0 ? EX_DIFFERENCES : 0;
}

/* Arguments ---------------------------------------------------------------------------------- */

static const char *version_operand(const char *text)
{
	static char number[2][24];
	static int at;

	at = !at;
	snprintf(number[at], sizeof number[at], "%d", (int)opts_number("version", text, 1, 2147483647));
	return number[at];
}

/* "2024-12-31" is that day with all of it, an instant is itself; either as the instant before which. */
static const char *until_argument(const char *text)
{
	static char until[INSTANT_TEXT + 8];
	struct reason why;
	struct instant_ns m;
	day_t day;

	if (day_parse(text, &day)) {
		instant_format((instant_t)(day + 1) * DAY_SECONDS, until);
		return until;
	}
	if (!instant_ns_parse(&m, text, false, &why))
		die(EX_USAGE, "--until: %s; a day is YYYY-MM-DD", why.text);
	if (m.nanos > 0)
		die(EX_USAGE, "--until %s: a microsecond is the finest limit", text);
	memcpy(until, m.micros, sizeof m.micros);
	return until;
}

static void dust_argument(struct fifo_run *run, const char *text)
{
	struct reason why;

	if (!decimal_parse_text(&run->dust, text, DECIMAL_PLAIN, &why))
		die(EX_USAGE, "--dust: %s", why.text);
	if (decimal_sign(&run->dust) < 0)
		die(EX_USAGE, "--dust %s: must not be negative", text);
	run->dust_text = text;
}

static const struct verb {
	const char *name;
	int operands;			/* how many versions it takes */
	int (*act)(struct options *o);	/* gives the exit status */
} verbs[] = {
	{ "make", 1, make },
	{ "make-current", 1, make_current },
	{ "compare", 2, compare },
	{ "list", 0, list },
};

/* The verb that the operands name.  Without any it is make, whose version --version gave. */
static const struct verb *read_verb(int argc, char **argv, bool matches, struct options *o)
{
	const struct verb *verb = NULL;

	for (size_t i = 0; argc > 0 && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(argv[0], verbs[i].name) == 0 && argc - 1 == verbs[i].operands)
			verb = &verbs[i];
	if (argc > 0 && matches && (!verb || verb->act != make))
		die(EX_USAGE, "%s: no operand is taken beside the options of a match; see --help", argv[0]);
	if (argc > 0 && !verb)
		die(EX_USAGE, "%s: neither make N, nor make-current N, nor compare A B, nor list; see --help", argv[0]);
	for (int i = 0; verb && i < verb->operands; i++)
		o->operand[i] = version_operand(argv[1 + i]);
	if (verb && verb->act == make)
		o->run.version = o->operand[0];
	return verb ? verb : &verbs[0];
}

static const struct verb *read_options(int argc, char **argv, struct options *o)
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
	bool all = false, matches = false;
	const struct verb *verb;
	int c;

	opts_lone_version(argc, argv, help);
	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case VERSION:      o->run.version = version_operand(optarg); break;
		case PRODUCT:      o->run.product_id = optarg;               break;
		case ALL:          all = true;                               break;
		case UNTIL:        o->run.until = until_argument(optarg);    break;
		case DUST:         dust_argument(&o->run, optarg);           break;
		case MAKE_CURRENT: o->run.make_current = true;               break;
		case NOTE:         o->run.note = optarg;                     break;
		default:
			if (!opts_rows(c, &o->out))
				opts_common(c, help);
			continue;
		}
		matches = true;
	}
	verb = read_verb(argc - optind, argv + optind, matches, o);
	if (verb->act == make && !o->run.version)
		die(EX_USAGE, "make N is needed: the number of the version to make");
	if (verb->act == make && all == (o->run.product_id != NULL))
		die(EX_USAGE, "one of --product P and --all is needed");
	return verb;
}

int main(int argc, char **argv)
{
	struct options o = { .out = { 0 } };
	const struct verb *verb;
	int status;

	tool_begin(argc, argv);
	decimal_init(&o.run.dust);
	verb = read_options(argc, argv, &o);
	status = verb->act(&o);
	decimal_release(&o.run.dust);
	tsv_release(&o.out);
	flush_stdout();
	return status;
}

/*
 * reconcile-fills - compare the books with the exchange, and propose corrections
 *
 * Three depths: the sells that FIFO found no lot for; sums by product and day; every order, fill and
 * field.  A difference becomes a row, and where the exchange knows what is right, a proposal that a
 * person approves or rejects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "cli/opts.h"
#include "coinbase/client_net.h"
#include "coinbase/coinbase.h"
#include "db/db.h"
#include "db/statistics.h"
#include "exact/decimal.h"
#include "format/tsv.h"
#include "ledger/decisions_db.h"
#include "ledger/fills_db.h"
#include "ledger/ledger_diff_db.h"
#include "ledger/proposals_db.h"
#include "ledger/uncovered_sells_db.h"
#include "os/log.h"

/* Entries that a listing of all time has no more: the exchange forgets, or takes back. */
static const char vanished_sql[] =
	"select nullif(count(*), 0) from exchange_fills e where source = 'api' and ($1::text is null or product_id = $1)"
	"   and trade_time < (select min(window_to) from staged_windows)"
	"   and not exists (select from staged_fills s where s.entry_id = e.entry_id)";

/* The oldest trade of the books, if the exchange is not known to keep trades for so many days. */
static const char oldest_sql[] =
	"select min(trade_time)::text from trade_records where ($1::text is null or product_id = $1)"
	"   and trade_time < now() - make_interval(days => nullif($2::integer, 0))";

static const char help[] =
	"usage: reconcile-fills check 1|2|3 [--product P] [--fifo N] [--window DAYS] [--offline]\n"
	"       reconcile-fills proposals [STATE]\n"
	"       reconcile-fills approve ID...|all | reject ID...|all [--by NAME]\n"
	"       reconcile-fills settle ENTRY... [--by NAME]\n"
	"       reconcile-fills discard RECORD...|all [--by NAME]\n"
	"\n"
	"Compare the books (trade_records) with the exchange (exchange_fills, fetched first) and print what\n"
	"differs.  Each correction that the exchange supports becomes a proposal.  Exit: 0 no difference,\n"
	"1 differences, 75 not checked.\n"
	"\n"
	"  check 1                the sells without a FIFO lot: which orders are missing around them\n"
	"  check 2                trades, size, value and fee by product, day and side; whole history\n"
	"  check 3                order by order, fill by fill, every field; everything is fetched again\n"
	"      --product P        one product, such as BTC-USD\n"
	"      --fifo N           tier 1: this FIFO version, not the current one\n"
	"      --window DAYS      tier 1: days to fetch around a sell (30)\n"
	"      --account A        only rows of the books with this account\n"
	"      --tolerance D      amounts may differ by this much (0.00000001)\n"
	"      --horizon DAYS     how long the exchange keeps its trades: warn about older windows\n"
	"      --offline          fetch nothing; compare the stored fills\n"
	"  -n, --dry-run          make no proposals\n"
	"      --auto-backfill    apply the proposals at once\n"
	"      --part             one tier of several: do not report how many orders are missing\n"
	OPTS_ROWS_HELP
	"\n"
	"  proposals              list the open proposals; or those applied, rejected, stale, or all\n"
	"  approve ID...          apply these, or all open ones; one whose facts have changed is not applied\n"
	"  reject ID...           reject these, and do not propose them again\n"
	"  settle ENTRY...        record a decision on these reversals, corrections and negative commissions:\n"
	"                         the books are correct; until then each is a finding, and its trade is\n"
	"                         not proposed\n"
	"  discard RECORD...      remove these futures and perpetuals, or all of them, from the books and the\n"
	"                         stored fills; they are kept in discarded_trades and discarded_fills\n"
	"      --by NAME          who decides (by default $USER)\n"
	"\n"
	"The older spellings still work: --tier N, --proposals, --approve, --reject, --settle, --version N\n"
	"for --fifo N.\n"
	"\n"
	EXCHANGE_HELP
	OPTS_HELP;

enum { WINDOW_DAYS = 30 };

struct settings {
	struct comparison_scope scope;
	const char *version, *by;
	int window_days;		/* -1: not said, WINDOW_DAYS */
	int horizon_days;		/* 0: not known */
	bool offline, dry_run, auto_backfill;
	bool part;			/* of a run that adds up by itself */
	struct exchange_options exchange;
	struct tsv_writer out;
	/* What became of it. */
	bool unchecked;			/* some, or all */
	int trouble;			/* the exit status of the worst that befell the asking */
};

/* Asking ------------------------------------------------------------------------------------- */

static void note_unchecked(struct settings *s, int status)
{
	s->unchecked = true;
	s->trouble = s->trouble ? http_worse_status(s->trouble, status) : status;
}

/* Bring what is stored up to date.  False: it could not be, and nothing may be said of the window.  *whole: no row had
 * to be left out; without it the new time is not known. */
static bool ask(struct settings *s, PGconn *db, const char *product, const char *since, const char *until, bool all,
		bool orders, bool *whole)
{
	struct exchange_query q = { .products = &product, .n_products = product ? 1 : 0, .orders = orders };
	struct exchange_stored stored;
	struct exchange_totals totals = { 0 };
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
		 product ? product : "all", stored.added, stored.changed, stored.twins.replaced, totals.pages);
	*whole = totals.unread == 0;
	if (!*whole) {
		log_error("not checked to the end: %s%s%s, of which %ld %s left out",
			  product ? product : "all products", since ? " from " : "", since ? since : "", totals.unread,
			  plural(totals.unread, "row was", "rows were"));
		note_unchecked(s, EX_DATAERR);
	}
	return true;
}

static void warn_of_vanished(const struct settings *s, PGconn *db)
{
	char *n = db_value(db, vanished_sql, DB_ARGS(s->scope.product));

	if (n)
		log_warning("the exchange no longer lists %s of the stored fills", n);
	free(n);
}

static void warn_of_horizon(const struct settings *s, PGconn *db)
{
	char horizon[16], *oldest;

	snprintf(horizon, sizeof horizon, "%d", s->horizon_days);
	oldest = db_value(db, oldest_sql, DB_ARGS(s->scope.product, horizon));
	if (oldest)
		log_warning("the books go back to %s, and the exchange is known to keep %d days: it may no longer "
			    "have what is missing there", oldest, s->horizon_days);
	free(oldest);
}

/* Saying what was found ---------------------------------------------------------------------- */

/* The lines that jobs and people look for, the last of a run: -q ends with the first of them.  A part of a run leaves
 * them to the whole. */
static void say_missing(struct settings *s, const char *side, long n)
{
	if (s->part)
		return;
	if (!log_wants(LOG_INFO))
		log_set_level(LOG_INFO);
	if (s->unchecked && n == 0)
		log_warning("Missing %s orders: not checked", side);
	else
		log_info("Missing %s orders found: %ld", side, n);
}

static void say_unchecked(struct settings *s, PGconn *db)
{
	PGresult *res = comparison_unchecked(db, &s->scope, s->offline);

	for (int i = 0; i < PQntuples(res); i++) {
		const char *trades = PQgetvalue(res, i, 1);

		log_warning("not checked: %s %s of %s from %s to %s %s where the exchange was not asked; "
			    "fetch-fills --store --all asks for all time", trades, plural_of(trades, "trade", "trades"),
			    PQgetvalue(res, i, 0), PQgetvalue(res, i, 2), PQgetvalue(res, i, 3),
			    plural_of(trades, "lies", "lie"));
		note_unchecked(s, EX_TEMPFAIL);
	}
	PQclear(res);
}

enum { NAMED_DOUBTS = 5 };

/* What is missing but may be a row of the books. */
static void say_doubts(PGconn *db)
{
	PGresult *res = comparison_doubts(db, NAMED_DOUBTS);
	int n = PQntuples(res);

	for (int i = 0; i < n; i++)
		log_warning("%s at %s: the books lack this %s of %s, but it may be %s, of %s at %s, or a part or the whole of that, "
			    "%s; if it is, correct the books or reject the proposal, otherwise approve it by its number: approve all "
			    "leaves it out",
			    PQgetvalue(res, i, 0), PQgetvalue(res, i, 1), PQgetvalue(res, i, 2), PQgetvalue(res, i, 3),
			    PQgetvalue(res, i, 4), PQgetvalue(res, i, 5), PQgetvalue(res, i, 6),
			    *PQgetvalue(res, i, 7) == 't' ? "which they have and the exchange does not know" : "from another source");
	if (n > 0 && atol(PQgetvalue(res, 0, 8)) > n)
		log_warning("%s missing trades may be there already; the first %d are named", PQgetvalue(res, 0, 8), n);
	PQclear(res);
}

static int not_checked(struct settings *s)
{
	say_missing(s, "BUY", 0);
	say_missing(s, "SELL", 0);
	return s->trouble;
}

/* Comparing and proposing -------------------------------------------------------------------- */

/* Apply what this run proposes.  How much of the findings is left. */
static long backfill(struct settings *s, PGconn *db)
{
	char by[128];
	int applied, stale, held;

	snprintf(by, sizeof by, "auto-backfill (%.100s)", decider(s->by));
	applied = proposals_apply_made(db, by, &stale, &held);
	log_fact(LOG_INFO, "applied at once, because of --auto-backfill", "applied=%d stale=%d held=%d by=%s", applied, stale,
		 held, by);
	return stale + held + comparison_unmendable(db);
}

/* What is covered is compared, printed and proposed; the exit status. */
static int conclude(struct settings *s, PGconn *db)
{
	long long made = 0;
	long findings, left, buys, sells;

	comparison_find(db, &s->scope);
	if (s->scope.tier != 1)
		say_unchecked(s, db);
	say_doubts(db);
	buys = comparison_missing(db, "BUY");
	sells = comparison_missing(db, "SELL");
	left = findings = db_print(comparison_findings(db, s->scope.tier), comparison_columns, &s->out);
	if (!s->dry_run)
		made = proposals_make(db, s->scope.tier);
	if (s->auto_backfill)
		left = backfill(s, db);
	if (!s->dry_run)
		comparison_keep(db, &s->scope, &(struct comparison_result){ left, buys, sells, s->unchecked });
	db_exec(db, "commit");
	statistics_refresh(db, "{backfill_proposals,trade_records}", made);
	log_fact(LOG_INFO, "compared", "tier=%d findings=%ld proposals=%lld unchecked=%s", s->scope.tier, findings, made,
		 s->unchecked ? "yes" : "no");
	say_missing(s, "BUY", buys);
	say_missing(s, "SELL", sells);
	if (left > 0)
		return EX_DIFFERENCES;
	return s->unchecked ? s->trouble : 0;
}

/* Tier 1 ------------------------------------------------------------------------------------- */

static char *find_version(const struct settings *s, PGconn *db)
{
	char *version = uncovered_version(db, s->version);

	if (!version && s->version)
		die(EX_DATAERR, "--fifo %s: there is no such version; match-fifo list shows them", s->version);
	if (!version)
		die(EX_DATAERR, "no FIFO version is current: name one with --fifo N, or make one current with match-fifo "
				"make-current N");
	return version;
}

/* Bring a window up to date.  False: it could not be, and nothing may be said of it. */
static bool look_up(struct settings *s, PGconn *db, const char *product, const char *from, const char *to)
{
	bool whole;

	/* A key that is refused once is refused always. */
	if (s->trouble == EX_NOPERM)
		return false;
	if (!s->offline)
		return ask(s, db, product, from, to, false, false, &whole) && whole;
	if (exchange_knows(db, product, from, to))
		return true;
	log_error("not checked: %s from %s to %s was not asked of the exchange to the end; without --offline it is", product,
		  from, to);
	note_unchecked(s, EX_TEMPFAIL);
	return false;
}

static int look_up_sells(struct settings *s, PGconn *db)
{
	char *version = find_version(s, db);
	struct uncovered sells;
	PGresult *windows;
	bool *known;
	int n;

	uncovered_list(db, version, s->scope.product, &sells);
	if (sells.covered > 0)
		log_info("the books now cover %ld of the sells without a lot in version %s: match a new version",
			 sells.covered, version);
	log_fact(LOG_INFO, "sells without a lot", "version=%s sells=%ld", version, sells.sells);
	windows = uncovered_windows(db, &sells, s->window_days < 0 ? WINDOW_DAYS : s->window_days, s->horizon_days);
	n = PQntuples(windows);
	known = xmalloc((size_t)(n + 1) * sizeof *known);
	for (int i = 0; i < n; i++) {
		if (*PQgetvalue(windows, i, 3) == 't')
			log_warning("%s: the window from %s on is older than the %d days the exchange is known to keep: "
				    "it may no longer have what is missing there", PQgetvalue(windows, i, 0),
				    PQgetvalue(windows, i, 1), s->horizon_days);
		known[i] = look_up(s, db, PQgetvalue(windows, i, 0), PQgetvalue(windows, i, 1), PQgetvalue(windows, i, 2));
	}
	comparison_begin(db);
	for (int i = 0; i < n; i++)
		if (known[i])
			comparison_cover_window(db, PQgetvalue(windows, i, 0), PQgetvalue(windows, i, 1), PQgetvalue(windows, i, 2));
	PQclear(windows);
	free(known);
	free(version);
	uncovered_release(&sells);
	return conclude(s, db);
}

/* Tiers 2 and 3 ------------------------------------------------------------------------------ */

static int compare_history(struct settings *s, PGconn *db)
{
	const char *product = s->scope.product;
	bool anew = s->scope.tier == 3, whole;

	if (!s->offline) {
		if (!ask(s, db, product, NULL, NULL, anew, anew, &whole))
			return not_checked(s);
		if (anew && whole)
			warn_of_vanished(s, db);
	}
	warn_of_horizon(s, db);
	if (!exchange_was_asked(db, product)) {
		log_error("not checked: the exchange was never asked%s%s; run fetch-fills --store", product ? " for " : "",
			  product ? product : "");
		note_unchecked(s, EX_TEMPFAIL);
		return not_checked(s);
	}
	comparison_begin(db);
	comparison_cover_history(db, product);
	return conclude(s, db);
}

/* Arguments ---------------------------------------------------------------------------------- */

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

/* From OPT_PRODUCT to OPT_AUTO those that go with check. */
enum { OPT_TIER = 1, OPT_PRODUCT, OPT_VERSION, OPT_WINDOW, OPT_ACCOUNT, OPT_TOLERANCE, OPT_HORIZON, OPT_OFFLINE,
       OPT_PART, OPT_AUTO, OPT_PROPOSALS, OPT_APPROVE, OPT_REJECT, OPT_SETTLE, OPT_DISCARD, OPT_BY };

static void check_operands(int verb, int argc, char **argv)
{
	switch (verb) {
	case OPT_PROPOSALS: decisions_judge(DECISION_LIST, argc, argv); break;
	case OPT_APPROVE:
	case OPT_REJECT:    decisions_judge(DECISION_TAKE, argc, argv); break;
	case OPT_SETTLE:    decisions_judge(DECISION_SETTLE, argc, argv); break;
	case OPT_DISCARD:   decisions_judge(DECISION_DISCARD, argc, argv); break;
	}
}

/* tier_option: the name of an option that only means something with check, or NULL. */
static void check_arguments(const struct settings *s, int verb, const char *tier_option, int operands, char **words)
{
	if (!s->scope.tier && !verb && operands)
		die(EX_USAGE, "%s: no such command; see reconcile-fills --help", words[0]);
	if (!s->scope.tier && !verb)
		die(EX_USAGE, "missing command: check 1, 2 or 3, proposals, approve, reject, settle or discard; see --help");
	if (s->scope.tier && verb)
		die(EX_USAGE, "check goes without proposals, approve, reject and settle");
	/* Who says --approve all --dry-run, or --product P, means less than all. */
	if (verb && tier_option)
		die(EX_USAGE, "--%s goes with check: proposals, approve and reject take numbers, or all", tier_option);
	if (s->scope.tier && operands)
		die(EX_USAGE, "check takes one tier and no other operands");
	if (s->scope.product && !coinbase_product_ok(s->scope.product))
		die(EX_USAGE, "--product %s: write it as BTC-USD", s->scope.product);
	if (s->version && s->scope.tier != 1)
		die(EX_USAGE, "--fifo goes with check 1");
	if (s->window_days >= 0 && s->scope.tier != 1)
		die(EX_USAGE, "--window goes with check 1");
	if (s->dry_run && s->auto_backfill)
		die(EX_USAGE, "--dry-run and --auto-backfill contradict each other");
	check_operands(verb, operands, words);
}

/* The verb that the first operand is, taken out of them; check sets the tier and is 0, like no verb. */
static int take_verb(struct settings *s, int *n, char ***operands)
{
	static const struct {
		const char *word;
		int option;
	} verbs[] = { { "check", OPT_TIER }, { "proposals", OPT_PROPOSALS }, { "approve", OPT_APPROVE },
		      { "reject", OPT_REJECT }, { "settle", OPT_SETTLE }, { "discard", OPT_DISCARD } };
	char **words = *operands;
	int taken = 1;

	for (size_t i = 0; *n > 0 && i < sizeof verbs / sizeof *verbs; i++) {
		if (strcmp(words[0], verbs[i].word) != 0)
			continue;
		if (verbs[i].option == OPT_TIER && *n > 1) {
			s->scope.tier = (int)opts_number("check", words[1], 1, 3);
			taken = 2;
		}
		*operands += taken;
		*n -= taken;
		return verbs[i].option == OPT_TIER ? 0 : verbs[i].option;
	}
	return 0;
}

/* The options, taken out of the operands; which verb it is, 0 for check. */
static int read_options(int *argc, char ***argv, struct settings *s)
{
	static const struct option longopts[] = {
		{ "tier", required_argument, NULL, OPT_TIER }, { "product", required_argument, NULL, OPT_PRODUCT },
		{ "version", required_argument, NULL, OPT_VERSION }, { "fifo", required_argument, NULL, OPT_VERSION },
		{ "window", required_argument, NULL, OPT_WINDOW },
		{ "account", required_argument, NULL, OPT_ACCOUNT }, { "tolerance", required_argument, NULL, OPT_TOLERANCE },
		{ "horizon", required_argument, NULL, OPT_HORIZON }, { "offline", no_argument, NULL, OPT_OFFLINE },
		{ "dry-run", no_argument, NULL, 'n' }, { "auto-backfill", no_argument, NULL, OPT_AUTO },
		{ "part", no_argument, NULL, OPT_PART },
		{ "proposals", no_argument, NULL, OPT_PROPOSALS }, { "approve", no_argument, NULL, OPT_APPROVE },
		{ "reject", no_argument, NULL, OPT_REJECT }, { "settle", no_argument, NULL, OPT_SETTLE },
		{ "by", required_argument, NULL, OPT_BY },
		EXCHANGE_LONGOPTS, OPTS_ROWS, OPTS_COMMON
	};
	const char *tier_option = NULL;
	int c, verb = 0, index = 0;

	/* --version N, the older --fifo N, names a FIFO version; alone it means what it means everywhere. */
	opts_lone_version(*argc, *argv, help);
	while ((c = opts_next(*argc, *argv, OPTS_SHORT "n", longopts, &index)) != -1) {
		if ((c >= OPT_PRODUCT && c <= OPT_AUTO) || c == 'n')
			tier_option = c == 'n' ? "dry-run" : longopts[index].name;
		switch (c) {
		case OPT_TIER:      s->scope.tier = (int)opts_number("--tier", optarg, 1, 3); break;
		case OPT_PRODUCT:   s->scope.product = optarg; break;
		case OPT_VERSION:
			opts_number("--fifo", optarg, 1, INT32_MAX);
			s->version = optarg;
			break;
		case OPT_WINDOW:    s->window_days = (int)opts_number("--window", optarg, 0, 36500); break;
		case OPT_ACCOUNT:   s->scope.account = optarg; break;
		case OPT_TOLERANCE: s->scope.tolerance = decimal_option("--tolerance", optarg); break;
		case OPT_HORIZON:   s->horizon_days = (int)opts_number("--horizon", optarg, 0, 36500); break;
		case OPT_OFFLINE:   s->offline = true; break;
		case 'n':           s->dry_run = true; break;
		case OPT_AUTO:      s->auto_backfill = true; break;
		case OPT_PART:      s->part = true; break;
		case OPT_BY:        s->by = optarg; break;
		case OPT_PROPOSALS:
		case OPT_APPROVE:
		case OPT_REJECT:
		case OPT_SETTLE:
			if (verb)
				die(EX_USAGE, "one of proposals, approve, reject and settle at a time");
			verb = c;
			break;
		default:
			if (!exchange_option(&s->exchange, c, optarg) && !opts_rows(c, &s->out))
				opts_common(c, help);
		}
	}
	*argc -= optind;
	*argv += optind;
	if (!verb && !s->scope.tier)
		verb = take_verb(s, argc, argv);
	check_arguments(s, verb, tier_option, *argc, *argv);
	return verb;
}

static int act(struct settings *s, PGconn *db, int verb, int argc, char **argv)
{
	const struct decision decision = { s->by, &s->out };

	switch (verb) {
	case OPT_PROPOSALS: return decisions_list(&decision, db, argc, argv);
	case OPT_APPROVE:   return decisions_take(&decision, db, true, argc, argv);
	case OPT_REJECT:    return decisions_take(&decision, db, false, argc, argv);
	case OPT_SETTLE:    return decisions_settle(&decision, db, argc, argv);
	case OPT_DISCARD:   return decisions_discard(&decision, db, argc, argv);
	default:            return s->scope.tier == 1 ? look_up_sells(s, db) : compare_history(s, db);
	}
}

int main(int argc, char **argv)
{
	static struct settings s = { .scope.tolerance = "0.00000001", .window_days = -1, .exchange = EXCHANGE_OPTIONS_INIT };
	int status, verb;
	PGconn *db;

	tool_begin(argc, argv);
	exchange_environment(&s.exchange);
	verb = read_options(&argc, &argv, &s);
	db = db_connect();
	status = act(&s, db, verb, argc, argv);
	PQfinish(db);
	flush_stdout();
	return status;
}

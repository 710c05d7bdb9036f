#include "ledger/decisions_db.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/opts.h"
#include "db/statistics.h"
#include "ledger/contracts_db.h"
#include "ledger/corrections_db.h"
#include "ledger/fills_db.h"
#include "ledger/proposals_db.h"
#include "os/log.h"

static const char proposals_sql[] =
	"select proposal_id, state, tier, action, product_id, level, record_id, side,"
	"       " DB_MOMENT("trade_time") " as trade_time,"
	"       trim_scale(size) as size, trim_scale(price) as price, trim_scale(value) as value,"
	"       trim_scale(fee) as fee, fills, reason,"
	"       " DB_MOMENT("proposed_at") " as proposed_at, decided_by, " DB_MOMENT("decided_at") " as decided_at, may_be"
	"  from backfill_proposals where $1 = 'all' or state = $1 order by proposal_id";

static const char *const proposal_columns[] = {
	"proposal_id", "state", "tier", "action", "product_id", "level", "record_id", "side", "trade_time", "size", "price",
	"value", "fee", "fills", "reason", "proposed_at", "decided_by", "decided_at", "may_be", NULL
};

static const char open_proposals_sql[] =
	"select proposal_id, may_be from backfill_proposals where state = 'proposed'"
	" order by trade_time, trade_nanos, proposal_id";
static const char numbered_proposals_sql[] =
	"select n, may_be from unnest($1::bigint[]) with ordinality as t (n, nth)"
	" left join backfill_proposals on proposal_id = n order by nth";

const char *decider(const char *by)
{
	const struct passwd *user;
	const char *name = by;

	if (!name || !*name)
		name = getenv("USER");
	if (!name || !*name)
		name = getenv("LOGNAME");
	if (name && *name)
		return name;
	user = getpwuid(getuid());
	return user ? user->pw_name : "nobody";
}

static const char *state_of(int argc, char **argv)
{
	return argc > 0 ? argv[0] : "proposed";
}

static void judge_state(int argc, char **argv)
{
	static const char *const states[] = { "proposed", "applied", "rejected", "stale", "all", NULL };
	const char *state = state_of(argc, argv);
	int i = 0;

	while (states[i] && strcmp(states[i], state) != 0)
		i++;
	if (!states[i] || argc > 1)
		die(EX_USAGE, "proposals %s: must be proposed, applied, rejected, stale or all", argc > 1 ? argv[1] : state);
}

static bool is_all(int argc, char **argv)
{
	return argc == 1 && strcmp(argv[0], "all") == 0;
}

static void judge_numbers(int argc, char **argv)
{
	if (argc < 1)
		die(EX_USAGE, "which proposals? their numbers, or all; reconcile-fills proposals lists them");
	for (int i = 0; i < argc && !is_all(argc, argv); i++)
		opts_number("proposal", argv[i], 1, INT64_MAX);
}

void decisions_judge(enum decision_kind kind, int argc, char **argv)
{
	switch (kind) {
	case DECISION_LIST:
		judge_state(argc, argv);
		break;
	case DECISION_TAKE:
		judge_numbers(argc, argv);
		break;
	case DECISION_SETTLE:
		if (argc < 1)
			die(EX_USAGE, "which corrections? their entry ids: record_id of the findings that are undecided");
		break;
	case DECISION_DISCARD:
		if (argc < 1)
			die(EX_USAGE, "which contracts? their record ids, or all; check 2 lists them, and match-fifo make warns of "
				      "their products");
		break;
	}
}

int decisions_list(const struct decision *d, PGconn *db, int argc, char **argv)
{
	db_print(db_query(db, proposals_sql, DB_ARGS(state_of(argc, argv))), proposal_columns, d->out);
	return 0;
}

static PGresult *named_proposals(PGconn *db, int argc, char **argv)
{
	struct buf ids = BUF_INIT;
	PGresult *res;

	if (is_all(argc, argv))
		return db_query(db, open_proposals_sql, DB_NO_ARGS);
	db_array_begin(&ids);
	for (int i = 0; i < argc; i++)
		db_array_add(&ids, argv[i]);
	db_array_end(&ids);
	res = db_query(db, numbered_proposals_sql, DB_ARGS(ids.data));
	buf_release(&ids);
	return res;
}

/* A name beside what became of it. */
static void print_outcome(const struct decision *d, const char *name, const char *outcome)
{
	tsv_text(d->out, name);
	tsv_text(d->out, outcome);
	tsv_end_row(d->out);
}

/* What is held is no part of all that are open. */
static enum proposal_outcome decide(PGconn *db, const PGresult *proposals, int i, bool approve, bool all,
				    const char *by)
{
	const char *id = PQgetvalue(proposals, i, 0);

	if (!approve)
		return proposal_reject(db, id, by);
	return all && !PQgetisnull(proposals, i, 1) ? PROPOSAL_HELD : proposal_approve(db, id, by);
}

enum { NAMED_HELD = 5 };

/* nth: how many have had the outcome, with this one; may_be: "" where it is nothing that is there. */
static void say_outcome(const char *id, const char *may_be, enum proposal_outcome outcome, int nth, bool approve)
{
	switch (outcome) {
	case PROPOSAL_APPLIED:
		if (*may_be)
			log_warning("proposal %s is applied: if %s is that trade, or a part or the whole of it, it counts twice now", id,
				    may_be);
		break;
	case PROPOSAL_HELD:
		if (nth <= NAMED_HELD)
			log_warning("proposal %s is held: it may be %s, or a part or the whole of that; correct the books, reject it, or "
				    "approve it by its number", id, may_be);
		break;
	case PROPOSAL_STALE:
		log_warning("proposal %s is not applied: the exchange or the books have changed since it was made; reconcile again",
			    id);
		break;
	case PROPOSAL_WAS_APPLIED:
		if (!approve)
			log_warning("proposal %s has been applied and cannot be rejected", id);
		break;
	case PROPOSAL_UNKNOWN:
		log_error("there is no proposal %s; reconcile-fills proposals lists those that are open", id);
		break;
	case PROPOSAL_REJECTED:
		break;
	}
}

int decisions_take(const struct decision *d, PGconn *db, bool approve, int argc, char **argv)
{
	static const char *const names[] = { "proposal_id", "outcome", NULL };
	static const char *const outcome_name[] = {
		[PROPOSAL_APPLIED] = "applied", [PROPOSAL_WAS_APPLIED] = "applied before", [PROPOSAL_STALE] = "stale",
		[PROPOSAL_REJECTED] = "rejected", [PROPOSAL_UNKNOWN] = "unknown", [PROPOSAL_HELD] = "held",
	};
	enum proposal_outcome *outcomes;
	int made[6] = { 0 };
	PGresult *res;
	int n;

	db_begin(db, "");
	exchange_take_turn(db);
	res = named_proposals(db, argc, argv);
	n = PQntuples(res);
	outcomes = xmalloc((size_t)(n + 1) * sizeof *outcomes);
	if (approve)
		proposals_overtake(db);
	for (int i = 0; i < n; i++)
		outcomes[i] = decide(db, res, i, approve, is_all(argc, argv), decider(d->by));
	db_exec(db, "commit");
	tsv_begin(d->out, stdout, names);
	for (int i = 0; i < n; i++) {
		const char *id = PQgetvalue(res, i, 0);

		made[outcomes[i]]++;
		print_outcome(d, id, outcome_name[outcomes[i]]);
		say_outcome(id, PQgetvalue(res, i, 1), outcomes[i], made[outcomes[i]], approve);
	}
	if (made[PROPOSAL_HELD] > NAMED_HELD)
		log_warning("%d proposals are held; the first %d are named", made[PROPOSAL_HELD], NAMED_HELD);
	tsv_release(d->out);
	PQclear(res);
	free(outcomes);
	statistics_refresh(db, "{trade_records}", made[PROPOSAL_APPLIED]);
	log_fact(LOG_INFO, approve ? "approved" : "rejected",
		 "applied=%d rejected=%d before=%d stale=%d unknown=%d held=%d by=%s",
		 made[PROPOSAL_APPLIED], made[PROPOSAL_REJECTED], made[PROPOSAL_WAS_APPLIED], made[PROPOSAL_STALE],
		 made[PROPOSAL_UNKNOWN], made[PROPOSAL_HELD], decider(d->by));
	if (made[PROPOSAL_UNKNOWN])
		return EX_DATAERR;
	return made[PROPOSAL_STALE] || made[PROPOSAL_HELD] || (!approve && made[PROPOSAL_WAS_APPLIED]) ? EX_DIFFERENCES : 0;
}

int decisions_settle(const struct decision *d, PGconn *db, int argc, char **argv)
{
	static const char *const names[] = { "entry_id", "outcome", NULL };
	static const char *const outcome_name[] = {
		[CORRECTION_SETTLED] = "settled", [CORRECTION_WAS_SETTLED] = "settled before", [CORRECTION_UNKNOWN] = "unknown",
	};
	enum correction_outcome *outcomes;
	int unknown = 0;

	outcomes = xmalloc((size_t)argc * sizeof *outcomes);
	db_begin(db, "");
	exchange_take_turn(db);
	for (int i = 0; i < argc; i++)
		outcomes[i] = correction_settle(db, argv[i], decider(d->by));
	db_exec(db, "commit");
	tsv_begin(d->out, stdout, names);
	for (int i = 0; i < argc; i++) {
		print_outcome(d, argv[i], outcome_name[outcomes[i]]);
		if (outcomes[i] == CORRECTION_UNKNOWN) {
			log_error("there is no correction %s; check 2 lists those that are undecided", argv[i]);
			unknown++;
		}
	}
	tsv_release(d->out);
	free(outcomes);
	return unknown ? EX_DATAERR : 0;
}

int decisions_discard(const struct decision *d, PGconn *db, int argc, char **argv)
{
	static const char *const names[] = { "record_id", "discarded", NULL };
	long long *discarded;
	int unknown = 0;

	discarded = xmalloc((size_t)argc * sizeof *discarded);
	db_begin(db, "");
	exchange_take_turn(db);
	for (int i = 0; i < argc; i++)
		discarded[i] = contracts_discard(db, argv[i], decider(d->by));
	db_exec(db, "commit");
	tsv_begin(d->out, stdout, names);
	for (int i = 0; i < argc; i++) {
		tsv_text(d->out, argv[i]);
		tsv_int(d->out, discarded[i]);
		tsv_end_row(d->out);
		if (discarded[i] == 0 && strcmp(argv[i], "all") != 0) {
			log_error("there is no future or perpetual %s; spot trades are not discarded", argv[i]);
			unknown++;
		}
	}
	tsv_release(d->out);
	free(discarded);
	return unknown ? EX_DATAERR : 0;
}

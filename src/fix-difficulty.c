/*
 * fix-difficulty - correct the difficulty of a span of time and everything derived from it
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/plural.h"
#include "bitcoin/difficulty.h"
#include "bitcoin/difficulty_db.h"
#include "bitcoin/mining.h"
#include "calculation/calculation_changes_db.h"
#include "calculation/facts_db.h"
#include "calculation/stored_days_db.h"
#include "calculation/summaries_db.h"
#include "cli/currency.h"
#include "cli/opts.h"
#include "db/day_set.h"
#include "db/db.h"
#include "format/tsv.h"
#include "os/log.h"

static const char known_sql[] =
	"select extract(epoch from effective_from)::bigint, extract(epoch from in_force_until)::bigint,"
	"       difficulty, nbits, block_height, time_quality"
	"  from network_difficulty order by effective_from";

/* What goes on after the correction is as it was, but its beginning is no retarget. */
static const char keep_rest_sql[] =
	"insert into network_difficulty (effective_from, in_force_until, nbits, difficulty, source, time_quality)"
	" select to_timestamp($2::bigint), to_timestamp($3::bigint), nbits, difficulty, source, $4"
	"   from network_difficulty where effective_from = to_timestamp($1::bigint)";

static const char shorten_sql[] =
	"update network_difficulty set in_force_until = to_timestamp($2::bigint)"
	" where effective_from = to_timestamp($1::bigint)";

/* A retarget within the span stays one, at its height and time. */
static const char correct_sql[] =
	"update network_difficulty"
	"   set in_force_until = to_timestamp($2::bigint), difficulty = $3::numeric, nbits = $4, source = 'manual'"
	" where effective_from = to_timestamp($1::bigint)";

static const char add_sql[] =
	"insert into network_difficulty (effective_from, in_force_until, difficulty, nbits, source, time_quality)"
	" values (to_timestamp($1::bigint), to_timestamp($2::bigint), $3::numeric, $4, 'manual', $5)";

static const char keep_reason_sql[] =
	"insert into difficulty_corrections (effective_from, in_force_until, difficulty, forced, reason, corrected_by)"
	" values (to_timestamp($1::bigint), to_timestamp($2::bigint), $3::numeric, $4::boolean, $5,"
	"         coalesce($6, session_user))";

static const char archived_sql[] =
	"select string_agg(year, ', ' order by year) from archived_years where year between left($1, 4) and left($2, 4)";

static const char help[] =
	"usage: fix-difficulty [--check] [--dry-run] [--force] [--reason TEXT] FROM TO VALUE\n"
	"\n"
	"Set VALUE as the difficulty in force from FROM to TO, and recalculate every affected calculation,\n"
	"day, month and year, all in one transaction.  Changes are printed: level, key, field, old, new.\n"
	"\n"
	"FROM and TO are dates, both inclusive, meaning whole days in UTC, the network's time zone; or\n"
	"instants such as 2025-03-23T11:15:16Z or 2025-06-01T00:00:00+01:00, TO exclusive.\n"
	"\n"
	"A VALUE that no nBits gives, or that is more than four times or less than a quarter of the\n"
	"difficulty just before or after the span, is refused: it is impossible on the network.\n"
	"\n"
	"      --check            check the arguments alone, without a database, and change nothing\n"
	"      --dry-run          print what would change, before and after, and change nothing\n"
	"      --force            accept such a VALUE; needs --reason\n"
	"      --reason TEXT      why; recorded in the table difficulty_corrections\n"
	OPTS_ROWS_HELP OPTS_HELP
	"\n"
	"  fix-difficulty --dry-run 2025-03-10 2025-03-22 112149504190349\n";

/* One end of the span: an instant, and how exactly a person knows it. */
struct bound {
	instant_t when;
	const char *quality;
	char seconds[24];
};

struct fix {
	PGconn *db;			/* writes, in the one transaction */
	struct bound from, until;	/* until is exclusive */
	unsigned __int128 difficulty;
	char value[FIXED_TEXT];		/* the same as text */
	char nbits[9];			/* empty: there is none */
	bool forced;			/* take what the network cannot have had */
	const char *reason;		/* or NULL */
	const char *currency;		/* of the summaries' values */
	struct tsv_writer out;
	long epochs;			/* that changed, or came */
};

/* The history -------------------------------------------------------------------------------- */

static void print_difficulty(struct fix *f, instant_t from, const char *field, const char *old, const char *new)
{
	char key[INSTANT_TEXT];

	tsv_plain(&f->out, "difficulty");
	tsv_plain(&f->out, instant_format(from, key));
	tsv_plain(&f->out, field);
	tsv_text(&f->out, old);
	tsv_text(&f->out, new);
	tsv_end_row(&f->out);
}

static void print_until(struct fix *f, instant_t from, instant_t old, instant_t new)
{
	char was[INSTANT_TEXT], is[INSTANT_TEXT];

	if (old != new)
		print_difficulty(f, from, "in_force_until", old ? instant_format(old, was) : NULL, instant_format(new, is));
}

static const char *seconds_of(instant_t when, char text[24])
{
	snprintf(text, 24, "%lld", (long long)when);
	return text;
}

static const char *nbits_or_null(const struct fix *f)
{
	return *f->nbits ? f->nbits : NULL;
}

/* Nothing is known from here to there, or what was is shortened: now the value holds. */
static void add_epoch(struct fix *f, instant_t from, instant_t until)
{
	const char *quality = from == f->from.when ? f->from.quality : "exact";
	char begins[24], ends[24];

	db_change(f->db, add_sql,
		  DB_ARGS(seconds_of(from, begins), seconds_of(until, ends), f->value, nbits_or_null(f), quality));
	print_difficulty(f, from, "difficulty", NULL, f->value);
	print_until(f, from, 0, until);
	f->epochs++;
}

/* A row of the table that has another difficulty and is in force in the span; end is when it ceases
 * to be, by its own word or by the next one's beginning. */
static void change_epoch(struct fix *f, instant_t from, instant_t until, instant_t end, const char *difficulty)
{
	instant_t last = end < f->until.when ? end : f->until.when;
	char begins[24], ends[24];

	seconds_of(from, begins);
	if (end > last)
		db_change(f->db, keep_rest_sql, DB_ARGS(begins, f->until.seconds, seconds_of(end, ends), f->until.quality));
	if (from < f->from.when) {
		db_change(f->db, shorten_sql, DB_ARGS(begins, f->from.seconds));
		print_until(f, from, until, f->from.when);
		add_epoch(f, f->from.when, last);
	} else {
		db_change(f->db, correct_sql, DB_ARGS(begins, seconds_of(last, ends), f->value, nbits_or_null(f)));
		print_difficulty(f, from, "difficulty", difficulty, f->value);
		print_until(f, from, until, last);
		f->epochs++;
	}
	if (end > last) {
		print_difficulty(f, last, "difficulty", NULL, difficulty);
		print_until(f, last, 0, end);
	}
}

/* Refuse what the network cannot have had, unless a person insists. */
static void doubt(const struct fix *f, const char *what)
{
	if (!f->forced)
		die(EX_DATAERR, "VALUE: %s; nothing was changed (--force --reason TEXT accepts it)", what);
	log_warning("%s; the next fetch-difficulty replaces it if its source gives another value, and "
		    "otherwise refuses to continue", what);
}

/* Further apart than a retarget goes, with a thousandth for how difficulties are rounded. */
static bool is_far(unsigned __int128 a, unsigned __int128 b)
{
	return a > b * 4 + b / 1000 || b > a * 4 + a / 1000;
}

/* Doubt the value if no retarget leads to it from the difficulty that is in force on this side of the span, or back. */
static void doubt_neighbour(const struct fix *f, const char *side, const char *difficulty, instant_t from)
{
	unsigned __int128 known;
	char when[INSTANT_TEXT];
	struct reason what;

	if (!difficulty_parse(difficulty, &known, NULL) || !is_far(f->difficulty, known))
		return;
	reason_set(&what,
		   "%s is more than a factor of four from %s, in force just %s (since %s), and no retarget changes it further",
		   f->value, difficulty, side, instant_format(from, when));
	doubt(f, what.text);
}

static void doubt_neighbours(const struct fix *f)
{
	PGresult *res = db_query(f->db, known_sql, DB_NO_ARGS);

	for (int i = 0; i < PQntuples(res); i++) {
		instant_t from = db_int(res, i, 0), until = db_int(res, i, 1);

		if (from < f->from.when && until >= f->from.when)
			doubt_neighbour(f, "before", PQgetvalue(res, i, 2), from);
		if (from <= f->until.when && until > f->until.when)
			doubt_neighbour(f, "after", PQgetvalue(res, i, 2), from);
	}
	PQclear(res);
}

/* Who says so, as far as a process knows. */
static void keep_reason(const struct fix *f)
{
	const char *user = getenv("SUDO_USER") ? getenv("SUDO_USER") : getenv("LOGNAME");

	db_change(f->db, keep_reason_sql, DB_ARGS(f->from.seconds, f->until.seconds, f->value, f->forced ? "true" : "false",
						  f->reason, user));
}

/* Let the value be in force throughout the span; where it already is, nothing is written. */
static void correct_history(struct fix *f)
{
	PGresult *res = db_query(f->db, known_sql, DB_NO_ARGS);
	instant_t covered = f->from.when;

	for (int i = 0; i < PQntuples(res); i++) {
		instant_t from = db_int(res, i, 0), until = db_int(res, i, 1);
		instant_t next = i + 1 < PQntuples(res) ? db_int(res, i + 1, 0) : until;
		instant_t end = next < until ? next : until;
		const char *difficulty = PQgetvalue(res, i, 2);
		unsigned __int128 known;
		struct reason why;

		if (end <= f->from.when || from >= f->until.when)
			continue;
		if (from > covered)
			add_epoch(f, covered, from);
		covered = end;
		if (!difficulty_parse(difficulty, &known, &why))
			die(EX_DATAERR, "table network_difficulty: %s", why.text);
		if (known != f->difficulty)
			change_epoch(f, from, until, end, difficulty);
	}
	if (covered < f->until.when)
		add_epoch(f, covered, f->until.when);
	PQclear(res);
}

/* Say so if the history as it is now cannot be the network's. */
static void check_history(struct fix *f)
{
	PGresult *res = db_query(f->db, known_sql, DB_NO_ARGS);
	struct difficulty_history history = DIFFICULTY_HISTORY_INIT;
	struct reason why;
	bool possible = true;

	for (int i = 0; i < PQntuples(res) && possible; i++) {
		struct retarget row = {
			.from = db_int(res, i, 0), .until = db_int(res, i, 1),
			.height = PQgetisnull(res, i, 4) ? NO_HEIGHT : (int32_t)db_int(res, i, 4),
			.quality = strcmp(PQgetvalue(res, i, 5), "exact") == 0 ? TIME_EXACT : TIME_DAY,
		};

		possible = nbits_of_difficulty(PQgetvalue(res, i, 2), &row.nbits, &why) &&
			   difficulty_history_add(&history, &row, &why);
	}
	if (!possible || !difficulty_check(&history, &why))
		log_warning("this history is impossible on the network: %s; the next fetch-difficulty "
			    "repairs it if its source gives another value, and otherwise refuses to continue", why.text);
	difficulty_history_release(&history);
	PQclear(res);
}

/* What was made from it -------------------------------------------------------------------------- */

/* What was made from it and is in files could not follow. */
static void refuse_archived(PGconn *db, struct day_range days)
{
	char from[DAY_TEXT], to[DAY_TEXT];
	char *years = db_value(db, archived_sql, DB_ARGS(day_format(days.from, from), day_format(days.to, to)));

	if (years)
		die(EX_DATAERR,
		    "%s: archived, and has to follow a correction; restore it first, with scripts/partitions restore-year", years);
}

/* The settlement dates with a part in the span, of those that the database knows; false: none. */
static bool touched_days(struct fix *f, struct day_range *days)
{
	struct day_range known;

	*days = (struct day_range){ day_of_instant(f->from.when), day_of_instant(f->until.when - 1) };
	refuse_archived(f->db, *days);
	if (!days_known(f->db, &known.from, &known.to))
		return false;
	if (days->from < known.from)
		days->from = known.from;
	if (days->to > known.to)
		days->to = known.to;
	return days->from <= days->to;
}

/* Make the calculations of these days what their records and the facts now in force give.  Two
 * sessions read what was there before the transaction, whose days nobody else can change. */
static void recalculate(struct fix *f, struct day_range range, struct change_totals *totals)
{
	PGconn *records = db_connect_again(), *stored = db_connect_again();
	struct changes changes = { .n_rows = 0 };
	struct reference reference;
	struct calculation_facts facts;
	struct days days;
	struct day_count count;

	reference_from_db(&reference, f->db);
	facts = reference_facts(&reference);
	days_open(&days, records, &stored, range.from, range.to, NULL, NULL);
	while (days_next(&days)) {
		changes_begin(&changes, days.text);
		if (!days_compare(&days, &facts, changes_note, &changes, &count))
			die(EX_DATAERR, "a day cannot be read; nothing was changed");
		changes_count(totals, &changes, &count);
		if (changes_any(&changes))
			changes_write(f->db, &changes);
	}
	days_close(&days);
	changes_release(&changes);
	reference_release(&reference);
	PQfinish(records);
	PQfinish(stored);
}

/* The whole of it in one transaction, which a dry run takes back. */
static void fix_difficulty(struct fix *f, bool dry_run)
{
	static struct day_set touched;
	struct change_totals totals = { 0 };
	struct day_range range, stretch;
	char from[INSTANT_TEXT], until[INSTANT_TEXT];
	long summaries = 0;

	db_begin(f->db, "");
	difficulty_lock(f->db);
	if (touched_days(f, &range)) {
		day_set_add(&touched, range);
		for (day_t day = range.from; day <= range.to; day++)
			db_lock_day(f->db, day, 60);
	}
	doubt_neighbours(f);
	correct_history(f);
	if (f->epochs)
		keep_reason(f);
	if (f->epochs && *f->nbits)
		check_history(f);
	if (touched.n_days)
		recalculate(f, range, &totals);
	if (totals.lost)
		die(EX_DATAERR, "%s cannot be the difficulty: it makes %ld %s impossible; nothing was changed",
		    f->value, totals.lost, plural(totals.lost, "calculation", "calculations"));
	for (day_t day = 0; day_set_stretch(&touched, day, &stretch); day = stretch.to + 1)
		summaries += summaries_sum(f->db, stretch, f->currency, false, &f->out);
	db_exec(f->db, dry_run ? "rollback" : "commit");
	summaries_print(&f->out);
	log_fact(LOG_INFO, dry_run ? "would be corrected" : "corrected",
		 "from=%s until=%s difficulty=%s epochs=%ld days=%ld added=%ld replaced=%ld removed=%ld summaries=%ld",
		 instant_format(f->from.when, from), instant_format(f->until.when, until), f->value, f->epochs, totals.days,
		 totals.added, totals.replaced, totals.removed, summaries);
	if (totals.failed_days)
		die(EX_DATAERR, "%ld %s left with calculations missing", totals.failed_days,
		    plural(totals.failed_days, "day is", "days are"));
}

/* Arguments -------------------------------------------------------------------------------------- */

/* FROM, or with ends TO: a date is a whole day of UTC. */
static struct bound parse_bound(const char *text, bool ends, instant_t now)
{
	struct bound bound = { .quality = "exact" };

	if (!instant_parse(text, &bound.when)) {
		if (strchr(text, ':'))
			die(EX_USAGE, "\"%.60s\" is not an instant such as 2025-03-23T11:15:16Z", text);
		bound.quality = "day";
		bound.when = ((instant_t)opts_day(text, now) + ends) * DAY_SECONDS;
	}
	seconds_of(bound.when, bound.seconds);
	return bound;
}

/* Each difficulty has one exact figure, that of its nBits, whatever digits a person or a source gives. */
static void parse_value(struct fix *f, const char *text)
{
	struct reason why;
	uint32_t nbits;

	if (!difficulty_parse(text, &f->difficulty, &why))
		die(EX_USAGE, "VALUE: %s", why.text);
	if (nbits_of_difficulty(text, &nbits, &why) && difficulty_of_nbits(nbits, &f->difficulty, &why))
		nbits_format(nbits, f->nbits);
	else
		doubt(f, why.text);
	fixed_format(f->difficulty, 8, f->value);
}

static void read_options(int argc, char **argv, struct fix *f, bool *check, bool *dry_run)
{
	enum { DRY_RUN = 1, FORCE, REASON, CHECK };
	static const struct option longopts[] = {
		{ "check", no_argument, NULL, CHECK },
		{ "dry-run", no_argument, NULL, DRY_RUN },
		{ "force", no_argument, NULL, FORCE },
		{ "reason", required_argument, NULL, REASON },
		OPTS_ROWS, OPTS_COMMON
	};
	instant_t now = time(NULL);
	int c;

	while ((c = opts_next(argc, argv, OPTS_SHORT, longopts, NULL)) != -1) {
		switch (c) {
		case CHECK:   *check = true; break;
		case DRY_RUN: *dry_run = true; break;
		case FORCE:   f->forced = true; break;
		case REASON:  f->reason = optarg; break;
		default:
			if (!opts_rows(c, &f->out))
				opts_common(c, help);
		}
	}
	if (f->forced && (!f->reason || !*f->reason))
		die(EX_USAGE, "--force needs --reason: why did the network have this difficulty?");
	if (argc - optind != 3)
		die(EX_USAGE, "FROM, TO and VALUE are needed; see --help");
	f->from = parse_bound(argv[optind], false, now);
	f->until = parse_bound(argv[optind + 1], true, now);
	if (f->from.when >= f->until.when)
		die(EX_USAGE, "%s is not before %s", argv[optind], argv[optind + 1]);
	if (f->from.when > now || f->until.when > (now / DAY_SECONDS + 1) * DAY_SECONDS)
		die(EX_USAGE, "the span ends in the future: its difficulty is not known yet");
	parse_value(f, argv[optind + 2]);
}

int main(int argc, char **argv)
{
	struct fix f = { .epochs = 0 };
	bool check = false, dry_run = false;

	tool_begin(argc, argv);
	read_options(argc, argv, &f, &check, &dry_run);
	if (check)
		return 0;
	f.currency = currency_configured();
	f.db = db_connect();
	tsv_begin(&f.out, NULL, summary_columns);
	fix_difficulty(&f, dry_run);
	tsv_release(&f.out);
	PQfinish(f.db);
	return flush_stdout();
}

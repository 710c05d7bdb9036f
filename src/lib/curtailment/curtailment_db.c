#include "curtailment/curtailment_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "db/stage.h"
#include "format/copy_text.h"
#include "os/log.h"
#include "query/curtailment-add.h"
#include "query/curtailment-facts.h"
#include "query/curtailment-remember.h"
#include "query/curtailment-stage.h"
#include "query/curtailment-sums.h"
#include "query/curtailment-withdraw.h"

enum { LOCK_SECONDS = 10 };

static const char *const fact_columns[] = {
	"settlement_date", "settlement_period", "status", "selection", "rows_seen", "rows_kept", "volume", "source_created_at",
	"passed_over", NULL
};
static const char *const undecided_columns[] = {
	"settlement_date", "settlement_period", "farm_id", "records", "mwh", "payment", NULL
};

static const char day_present_sql[] =
	"select exists (select from ingested_periods where settlement_date = $1::date)"
	"    or exists (select from curtailment_records where settlement_date = $1::date)";

/* Of another register: a unit that was kept is passed over now, because a list calls it something other than wind. */
static const char stored_periods_sql[] =
	"select i.settlement_period, i.status, i.rows_seen, i.volume, coalesce(not n.passed_over <@ i.passed_over, false)"
	"       and exists (select from curtailment_records c"
	"                     join known_units k on k.farm_id = c.farm_id and k.valid_from <= $1::date"
	"                                       and (k.valid_to is null or k.valid_to > $1::date)"
	"                    where c.settlement_date = $1::date and c.settlement_period = i.settlement_period"
	"                      and c.farm_id = any (n.passed_over))"
	"  from ingested_periods i"
	"  left join unnest($3::smallint[], $4::text[]) as s (settlement_period, passed_over)"
	"    on s.settlement_period = i.settlement_period"
	" cross join lateral (select s.passed_over::text[] as passed_over) n"
	" where i.settlement_date = $1::date and i.selection = $2"
	" order by settlement_period";

/* Suspect: what is stored stays, but final it is no more. */
static const char mark_suspect_sql[] =
	"insert into ingested_periods (settlement_date, settlement_period, status, selection, rows_seen,"
	" rows_kept, volume, suspect)"
	" values ($1::date, $2::smallint, 'suspect', $3, 0, 0, 0, $4)"
	" on conflict (settlement_date, settlement_period) do update set status = 'suspect', suspect = excluded.suspect"
	"  where (ingested_periods.status, ingested_periods.suspect) is distinct from ('suspect', excluded.suspect)";

/* Of the fetched periods: what nobody says is wind, and what no longer is of that kind.  Most have none. */
static const char undecided_known_sql[] =
	"select exists (select from undecided_curtailment where settlement_date = $1::date)";

static const char undecided_gone_sql[] =
	"delete from undecided_curtailment where settlement_date = $1::date and settlement_period = any ($2::smallint[])";

void records_begin(struct records *r, PGconn *db, const char *selection, bool trailing)
{
	*r = (struct records){ .db = db, .selection = selection, .trailing = trailing, .month = INT32_MIN };
	PQsetnonblocking(db, 1);	/* rows wait in libpq, not we for the server */
}

void records_push(struct records *r)
{
	if (r->on_the_way)
		PQflush(r->db);		/* what goes wrong here shows when the rows are waited for */
}

void records_finish(struct records *r)
{
	if (!r->on_the_way)
		return;
	r->on_the_way = false;
	r->changed += db_copy_end(r->db);
	db_exec(r->db, "commit");
}

static void ensure_month_of(struct records *r, day_t day)
{
	int year, month, mday;
	day_t first;

	day_to_civil(day, &year, &month, &mday);
	first = day - mday + 1;
	if (r->month != first)
		db_ensure_months(r->db, day, day);
	r->month = first;
}

/* One answer beside what is stored of its period. */
static void doubt_period(const struct records *r, struct curtailed_day *d, int number,
			 const struct stored_period *stored)
{
	struct curtailed_period *period = &d->period[number];

	if (period->state != PERIOD_FETCHED || !curtailed_doubt(period, stored, &period->doubt))
		return;
	if (accepted_days_has(r->accepted, d->day)) {
		log_warning("%s period %d: %s; accepted", d->text, number, period->doubt.text);
		period->accepted = true;
		return;
	}
	period->state = PERIOD_SUSPECT;
	period->was_final = stored->final;
	log_warning("%s period %d is suspect: %s; the stored rows stay", d->text, number, period->doubt.text);
}

/* Which units each answer passes over, as two arrays side by side; the second one's elements are arrays as text. */
static void list_passed_over(const struct curtailed_day *d, struct buf *numbers, struct buf *passed_over)
{
	char number[12];

	db_array_begin(numbers);
	db_array_begin(passed_over);
	for (int p = 1; p <= MAX_PERIODS; p++) {
		if (d->period[p].state != PERIOD_FETCHED || !d->period[p].passed_over.data)
			continue;
		snprintf(number, sizeof number, "%d", p);
		db_array_add(numbers, number);
		db_array_add(passed_over, d->period[p].passed_over.data);
	}
	db_array_end(numbers);
	db_array_end(passed_over);
}

void records_doubt(PGconn *db, const struct records *r, struct curtailed_day *d)
{
	struct buf numbers = BUF_INIT, passed_over = BUF_INIT;
	PGresult *res;
	struct stored_period stored = { .there = false }, nothing = { .there = false };

	list_passed_over(d, &numbers, &passed_over);
	res = db_query(db, stored_periods_sql, DB_ARGS(d->text, r->selection, numbers.data, passed_over.data));
	decimal_init(&stored.volume);
	decimal_init(&nothing.volume);
	for (int p = 1, i = 0; p <= MAX_PERIODS; p++) {
		while (i < PQntuples(res) && db_int(res, i, 0) < p)
			i++;
		if (i == PQntuples(res) || db_int(res, i, 0) != p) {
			doubt_period(r, d, p, &nothing);
			continue;
		}
		stored.there = true;
		/* What is suspect was final once, or nothing was stored of it. */
		stored.final = strcmp(PQgetvalue(res, i, 1), "provisional") != 0;
		stored.rows_seen = (int)db_int(res, i, 2);
		stored.final &= strcmp(PQgetvalue(res, i, 1), "suspect") != 0 || stored.rows_seen > 0;
		decimal_parse_text(&stored.volume, PQgetvalue(res, i, 3), DECIMAL_PLAIN, NULL);
		stored.other_register = *PQgetvalue(res, i, 4) == 't';
		doubt_period(r, d, p, &stored);
	}
	decimal_release(&stored.volume);
	decimal_release(&nothing.volume);
	buf_release(&numbers);
	buf_release(&passed_over);
	PQclear(res);
}

/* A suspect period that is settled, or was final, is marked so; one that is provisional stays that. */
static void mark_suspects(struct records *r, const struct curtailed_day *d)
{
	bool due = r->now >= day_final_from(d->day);
	char number[12];

	for (int p = 1; p <= MAX_PERIODS; p++) {
		const struct curtailed_period *period = &d->period[p];

		if (period->state != PERIOD_SUSPECT || !(due || period->was_final))
			continue;
		snprintf(number, sizeof number, "%d", p);
		r->changed += db_change(r->db, mark_suspect_sql, DB_ARGS(d->text, number, r->selection, period->doubt.text));
	}
}

/* Who fetches, for the memory of revisions. */
static const char *fetched_by(char text[128])
{
	const char *job = getenv("WINDFALL_JOB"), *run = getenv("WINDFALL_RUN"), *user = getenv("LOGNAME");

	if (job && *job)
		snprintf(text, 128, "%.60s run %.60s", job, run ? run : "");
	else
		snprintf(text, 128, "%.60s by hand%s%.40s", log_tool(), user ? ", " : "", user ? user : "");
	return text;
}

static bool any_accepted(const struct curtailed_day *d)
{
	for (int p = 1; p <= MAX_PERIODS; p++)
		if (d->period[p].accepted)
			return true;
	return false;
}

/* The fetched periods as COPY text: their rows, and the facts about them. */
static void write_copy_text(const struct records *r, const struct curtailed_day *d, struct buf *rows, struct buf *facts)
{
	for (int p = 1; p <= MAX_PERIODS; p++) {
		const struct curtailed_period *period = &d->period[p];
		char created[INSTANT_TEXT] = "\\N";

		if (period->state != PERIOD_FETCHED)
			continue;
		if (period->has_created)
			instant_format(period->created, created);
		buf_addf(facts, "%s\t%d\t%s\t%s\t%d\t%d\t", d->text, p, period->final ? "final" : "provisional", r->selection,
			 period->rows_seen, period->rows_kept);
		decimal_write(&period->volume, DECIMAL_KEEP_ZEROS, facts);
		buf_addf(facts, "\t%s\t", created);
		copy_escape(facts, period->passed_over.data);
		buf_addc(facts, '\n');
		buf_add(rows, period->rows.data, period->rows.len);
	}
}

static void write_undecided(const struct curtailed_day *d, struct buf *rows)
{
	for (int p = 1; p <= MAX_PERIODS; p++) {
		const struct curtailed_period *period = &d->period[p];
		struct decimal positive;

		if (period->state != PERIOD_FETCHED)
			continue;
		decimal_init(&positive);
		for (size_t i = 0; i < period->n_undecided; i++) {
			const struct curtailed_undecided *unit = &period->undecided[i];

			buf_addf(rows, "%s\t%d\t", d->text, p);
			copy_escape(rows, unit->id);
			buf_addf(rows, "\t%d\t", unit->rows);
			decimal_neg(&positive, &unit->volume);
			decimal_write(&positive, DECIMAL_TRIM_ZEROS, rows);
			buf_addc(rows, '\t');
			decimal_write(&unit->payment, DECIMAL_TRIM_ZEROS, rows);
			buf_addc(rows, '\n');
		}
		decimal_release(&positive);
	}
}

/* The numbers of the fetched periods, as an array. */
static void list_fetched(const struct curtailed_day *d, struct buf *periods)
{
	char number[12];

	db_array_begin(periods);
	for (int p = 1; p <= MAX_PERIODS; p++) {
		if (d->period[p].state != PERIOD_FETCHED)
			continue;
		snprintf(number, sizeof number, "%d", p);
		db_array_add(periods, number);
	}
	db_array_end(periods);
}

/* Replace what is undecided of the fetched periods, in the transaction at hand. */
static void store_undecided(PGconn *db, const struct curtailed_day *d)
{
	struct buf rows = BUF_INIT, periods = BUF_INIT;
	char *known = db_value(db, undecided_known_sql, DB_ARGS(d->text));

	if (*known == 't') {
		list_fetched(d, &periods);
		db_change(db, undecided_gone_sql, DB_ARGS(d->text, periods.data));
	}
	write_undecided(d, &rows);
	if (rows.len)
		db_load(db, "undecided_curtailment", undecided_columns, rows.data, rows.len);
	free(known);
	buf_release(&rows);
	buf_release(&periods);
}

static void load(struct records *r, const struct buf *rows, const struct buf *facts)
{
	db_load(r->db, "ingested_periods", fact_columns, facts->data, facts->len);
	db_load_begin(r->db, "curtailment_records", curtailed_columns);
	db_copy_put(r->db, rows->data, rows->len);
	r->on_the_way = true;
	if (!r->trailing)
		records_finish(r);
}

static void replace(struct records *r, const struct curtailed_day *d, const struct buf *rows, const struct buf *facts)
{
	const char *date = d->text;
	struct buf periods = BUF_INIT;
	char by[128];

	list_fetched(d, &periods);
	/* Nobody has counted the staged rows: a loop in a loop is what the planner would guess. */
	db_exec(r->db, "set local enable_nestloop = off");
	db_exec(r->db, query_curtailment_stage);
	db_stage(r->db, "curtailment_records", curtailed_columns, rows->data, rows->len);
	db_stage(r->db, "ingested_periods", fact_columns, facts->data, facts->len);
	db_change(r->db, query_curtailment_sums, DB_ARGS(date, periods.data, "false"));
	r->changed += db_change(r->db, query_curtailment_withdraw, DB_ARGS(date, periods.data));
	r->changed += db_change(r->db, query_curtailment_add, DB_ARGS(date));
	db_change(r->db, query_curtailment_sums, DB_ARGS(date, periods.data, "true"));
	db_change(r->db, query_curtailment_remember,
		  DB_ARGS(date, periods.data, fetched_by(by), any_accepted(d) ? "true" : "false"));
	db_change(r->db, query_curtailment_facts, DB_ARGS(date));
	db_exec(r->db, "commit");
	buf_release(&periods);
}

void records_store(struct records *r, struct curtailed_day *d)
{
	struct buf rows = BUF_INIT, facts = BUF_INIT;
	bool is_new;
	char *present;

	if (!curtailed_count(d, PERIOD_FETCHED))
		return;
	records_finish(r);
	ensure_month_of(r, d->day);
	db_begin(r->db, "");
	db_lock_day(r->db, d->day, LOCK_SECONDS);
	db_writes_day(r->db, d->text);
	records_doubt(r->db, r, d);
	present = db_value(r->db, day_present_sql, DB_ARGS(d->text));
	is_new = *present == 'f';
	mark_suspects(r, d);
	write_copy_text(r, d, &rows, &facts);
	store_undecided(r->db, d);
	if (!facts.len)
		db_exec(r->db, "commit");
	else if (is_new)
		load(r, &rows, &facts);
	else
		replace(r, d, &rows, &facts);
	free(present);
	buf_release(&rows);
	buf_release(&facts);
}

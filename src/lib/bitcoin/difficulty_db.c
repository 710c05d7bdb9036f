#include "bitcoin/difficulty_db.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitcoin/mining.h"
#include "db/stage.h"
#include "os/log.h"

/* The other columns of network_difficulty. */
#define FACTS "block_height, difficulty, source, nbits, time_quality, time_sigma_s, in_force_until"

/* A row as it is printed, and staged. */
const char *const difficulty_columns[] = {
	"effective_from", "block_height", "difficulty", "source", "nbits", "time_quality", "time_sigma_s",
	"in_force_until", NULL
};

static const char known_sql[] =
	"select extract(epoch from effective_from)::bigint, extract(epoch from in_force_until)::bigint,"
	"       block_height, nbits, difficulty, source, time_quality, time_sigma_s"
	"  from network_difficulty"
	" order by effective_from";

static const char lock_sql[] = "select pg_advisory_xact_lock(hashtextextended('network_difficulty', 0))";

/* What is staged, as a list of the statement's own: an engine that shards joins no table of this session with its.  Nor
 * does it change a table that is on every node by such a list: $1 are the beginnings that stay, and a changed row is an
 * insert that meets the one that is there. */
#define STAGED "with s as materialized (select * from staged_network_difficulty)"

static const char stay_sql[] = "select array_agg(effective_from)::text from staged_network_difficulty";

static const char withdraw_sql[] = "delete from network_difficulty where effective_from <> all ($1::timestamptz[])";

static const char mend_sql[] =
	"insert into network_difficulty (effective_from, " FACTS ")"
	" " STAGED
	" select s.* from (select effective_from, " FACTS " from s) s"
	"   join network_difficulty n on n.effective_from = s.effective_from"
	"  where (n.in_force_until, n.block_height, n.nbits, n.difficulty, n.source, n.time_quality, n.time_sigma_s)"
	"        is distinct from"
	"        (s.in_force_until, s.block_height, s.nbits, s.difficulty, s.source, s.time_quality, s.time_sigma_s)"
	" on conflict (effective_from) do update"
	"   set in_force_until = excluded.in_force_until, block_height = excluded.block_height, nbits = excluded.nbits,"
	"       difficulty = excluded.difficulty, source = excluded.source, time_quality = excluded.time_quality,"
	"       time_sigma_s = excluded.time_sigma_s";

static const char add_sql[] =
	"insert into network_difficulty (effective_from, " FACTS ")"
	" " STAGED
	" select effective_from, " FACTS " from s"
	"  where not exists (select from network_difficulty n where n.effective_from = s.effective_from)"
	"  order by effective_from";

static const char last_halving_sql[] = "select max(block_height) from block_subsidies";

static const char add_halving_sql[] =
	"insert into block_subsidies (effective_from, block_height, subsidy)"
	" values (to_timestamp($1::bigint), $2::integer, $3::numeric) on conflict do nothing";

void difficulty_lock(PGconn *db)
{
	PQclear(db_query(db, lock_sql, DB_NO_ARGS));
}

static bool covers(const struct difficulty_history *news, instant_t when)
{
	return news->n && when >= news->rows[0].from && when < news->rows[news->n - 1].until;
}

/*
 * What the table holds.  A difficulty that no nBits gives (written by hand) is left behind where the news
 * know better, and stops us where they do not.
 */
static void read_known(PGconn *db, const struct difficulty_history *news, struct difficulty_history *known)
{
	PGresult *res = db_query(db, known_sql, DB_NO_ARGS);
	char when[INSTANT_TEXT];

	for (int i = 0; i < PQntuples(res); i++) {
		const char *quality = PQgetvalue(res, i, 6);
		struct retarget row = {
			.from = db_int(res, i, 0), .until = db_int(res, i, 1),
			.height = PQgetisnull(res, i, 2) ? NO_HEIGHT : (int32_t)db_int(res, i, 2),
			.sigma_s = (int)db_int(res, i, 7),
		};
		struct reason why;

		while (strcmp(time_quality_name(row.quality), quality) != 0 && row.quality < TIME_EXACT)
			row.quality++;
		snprintf(row.source, sizeof row.source, "%s", PQgetvalue(res, i, 5));
		if (nbits_of_difficulty(PQgetvalue(res, i, 4), &row.nbits, &why) && difficulty_history_add(known, &row, &why))
			continue;
		instant_format(row.from, when);
		if (!covers(news, row.from))
			die(EX_DATAERR, "table network_difficulty, %s: %s; correct it, or fetch a history that covers it", when, why.text);
		log_warning("table network_difficulty, %s: %s: replaced", when, why.text);
	}
	PQclear(res);
}

void difficulty_write_row(struct tsv_writer *w, const struct retarget *row)
{
	char text[48], nbits[NBITS_TEXT];

	tsv_plain(w, instant_format(row->from, text));
	if (row->height == NO_HEIGHT)
		tsv_null(w);
	else
		tsv_int(w, row->height);
	tsv_plain(w, fixed_format(row->difficulty, 8, text));
	tsv_text(w, row->source);
	tsv_plain(w, nbits_format(row->nbits, nbits));
	tsv_text(w, time_quality_name(row->quality));
	tsv_int(w, row->sigma_s);
	tsv_plain(w, instant_format(row->until, text));
	tsv_end_row(w);
}

static void stage(PGconn *db, const struct difficulty_history *history)
{
	struct tsv_writer w = { .no_header = true };

	tsv_begin(&w, NULL, difficulty_columns);
	for (size_t i = 0; i < history->n; i++)
		difficulty_write_row(&w, &history->rows[i]);
	db_stage(db, "network_difficulty", difficulty_columns, w.line.data, w.line.len);
	tsv_release(&w);
}

/* The halvings that the newest block has passed and the table does not have. */
static long long store_halvings(PGconn *db, struct difficulty_fetch *f)
{
	char *last = db_value(db, last_halving_sql, DB_NO_ARGS);
	int64_t height = last ? strtoll(last, NULL, 10) + BLOCKS_PER_HALVING : 0;
	int64_t reached = f->tip != NO_HEIGHT ? f->tip : f->news.rows[f->news.n - 1].height;
	long long added = 0;
	instant_t when;

	for (; last && height <= reached; height += BLOCKS_PER_HALVING) {
		char seconds[24], block[24], subsidy[SATOSHI_TEXT];

		if (!f->source->block_time || !f->source->block_time(f, height, &when))
			die(EX_DATAERR, "the subsidy was halved at block %" PRId64 ", and %s does not say when: fetch from mempool or "
			    "bitcoind once", height, f->source->name);
		snprintf(seconds, sizeof seconds, "%" PRId64, when);
		snprintf(block, sizeof block, "%" PRId64, height);
		satoshi_format(subsidy_at_height(height), subsidy);
		added += db_change(db, add_halving_sql, DB_ARGS(seconds, block, subsidy));
	}
	free(last);
	return added;
}

/* Is this row there, of this time and difficulty? */
static bool is_kept(const struct retarget *row, const struct difficulty_history *merged)
{
	for (size_t k = 0; k < merged->n; k++)
		if (merged->rows[k].from == row->from && merged->rows[k].nbits == row->nbits)
			return true;
	return false;
}

/* Neither what a person had corrected nor what a block's header said is lost in silence. */
static void tell_replaced(const struct difficulty_fetch *f, const struct difficulty_history *known,
			  const struct difficulty_history *merged)
{
	const struct retarget *first = NULL;
	char when[INSTANT_TEXT];
	long exact = 0;

	for (size_t i = 0; i < known->n; i++) {
		const struct retarget *row = &known->rows[i];

		if (is_kept(row, merged))
			continue;
		if (strcmp(row->source, "manual") == 0) {
			log_warning("the difficulty given by hand from %s is replaced: %s gives another", instant_format(row->from, when),
				    f->source->name);
		} else if (row->quality == TIME_EXACT && row->height != NO_HEIGHT && exact++ == 0) {
			first = row;
		}
	}
	if (first)
		log_warning("height %d: %s gives another difficulty or time than the stored one, of %s, which is replaced (%ld such)",
			    first->height, f->source->name, instant_format(first->from, when), exact);
}

static const char archived_sql[] =
	"select string_agg(year, ', ' order by year) from archived_years"
	" where make_date(year::integer, 1, 1) < to_timestamp($2::bigint)"
	"   and make_date(year::integer + 1, 1, 1) > to_timestamp($1::bigint)";

/* Nor is it that what was calculated of an archived year keeps a difficulty that is replaced. */
static void tell_archived(PGconn *db, const struct difficulty_history *known, const struct difficulty_history *merged)
{
	instant_t first = INT64_MAX, last = INT64_MIN;
	char from[24], until[24], *years;

	for (size_t i = 0; i < known->n; i++)
		if (!is_kept(&known->rows[i], merged)) {
			first = known->rows[i].from < first ? known->rows[i].from : first;
			last = known->rows[i].until > last ? known->rows[i].until : last;
		}
	if (first >= last)
		return;
	snprintf(from, sizeof from, "%" PRId64, first);
	snprintf(until, sizeof until, "%" PRId64, last);
	years = db_value(db, archived_sql, DB_ARGS(from, until));
	if (years)
		log_warning("of the difficulties that are replaced some were in force in %s, archived: its calculations and sums "
			    "keep them until it is restored (scripts/partitions restore-year)", years);
	free(years);
}

void difficulty_store(struct difficulty_fetch *f)
{
	struct difficulty_history known = DIFFICULTY_HISTORY_INIT, merged;
	PGconn *db = db_connect();
	long long removed, mended, added, halvings;
	char until[INSTANT_TEXT], *stay;
	struct reason why;

	db_begin(db, "");
	difficulty_lock(db);
	read_known(db, &f->news, &known);
	if (!f->correct && !difficulty_agrees(&f->news, &known, &why))
		die(EX_DATAERR, "%s contradicts what is known: %s: is it another chain's, or of another time zone? If "
		    "those stored are wrong, fetch-difficulty --store --correct replaces all of them", f->source->name, why.text);
	if (!difficulty_days_agree(&f->news, &known, &why) || !difficulty_merge(&known, &f->news, &merged, &why) ||
	    !difficulty_check(&merged, &why))
		die(EX_DATAERR, "%s contradicts what is known: %s", f->source->name, why.text);
	tell_replaced(f, &known, &merged);
	tell_archived(db, &known, &merged);
	stage(db, &merged);
	stay = db_value(db, stay_sql, DB_NO_ARGS);
	removed = db_change(db, withdraw_sql, DB_ARGS(stay));
	mended = db_change(db, mend_sql, DB_NO_ARGS);
	added = db_change(db, add_sql, DB_NO_ARGS);
	halvings = store_halvings(db, f);
	db_exec(db, "commit");
	log_fact(LOG_INFO, "stored", "source=%s epochs=%zu added=%lld changed=%lld removed=%lld halvings=%lld known_until=%s",
		 f->source->name, f->news.n, added, mended, removed, halvings,
		 instant_format(merged.rows[merged.n - 1].until, until));
	difficulty_history_release(&known);
	difficulty_history_release(&merged);
	free(stay);
	PQfinish(db);
}

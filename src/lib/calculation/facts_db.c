#include "calculation/facts_db.h"

#include <stdlib.h>
#include <string.h>

#include "bitcoin/nbits.h"
#include "cli/input.h"
#include "os/log.h"
#include "os/paths.h"

/* One row of each of the two kinds ----------------------------------------------------------- */

/* A date is its 00:00 UTC. */
static instant_t instant_or_die(const char *text, const char *source)
{
	instant_t when;
	day_t day;

	if (text && day_parse(text, &day))
		return (instant_t)day * DAY_SECONDS;
	if (!text || !instant_parse(text, &when))
		die(EX_DATAERR, "%s: \"%.40s\" is neither a date nor an instant such as 2025-03-23T11:15:16Z", source,
		    text ? text : "");
	return when;
}

/* A block height; -1 where there is none. */
static int32_t height_or_die(const char *text, const char *source)
{
	char *end;
	long height;

	if (!text || !*text)
		return -1;
	height = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || height > INT32_MAX / 2)
		die(EX_DATAERR, "%s: block_height \"%.40s\" is not a height", source, text);
	return (int32_t)height;
}

/* until may be NULL: the next one's start, or a day for the last. */
static void add_epoch(struct reference *r, const char *from, const char *until, const char *difficulty,
		      const char *height, const char *source)
{
	struct network *n = &r->network;
	struct difficulty_epoch *e;
	struct reason why;

	n->epochs = xgrow(n->epochs, n->n_epochs, sizeof *n->epochs);
	e = &n->epochs[n->n_epochs++];
	e->from = instant_or_die(from, source);
	e->until = until && *until ? instant_or_die(until, source) : e->from;
	if (!difficulty_parse(difficulty ? difficulty : "", &e->difficulty, &why))
		die(EX_DATAERR, "%s: difficulty: %s", source, why.text);
	if (n->n_epochs > 1 && e[-1].from >= e->from)
		die(EX_DATAERR, "%s: %s is not later than the row before it", source, from);
	e->height = height_or_die(height, source);
	/* The one before, if it does not say how long it lasted: not over epochs that are not there. */
	if (n->n_epochs > 1 && e[-1].until == e[-1].from) {
		if (e->height >= 0 && e[-1].height >= 0 && e->height != e[-1].height + BLOCKS_PER_EPOCH)
			die(EX_DATAERR, "%s: block_height %d does not follow %d, and there is no in_force_until", source, e->height,
			    e[-1].height);
		e[-1].until = e->from;
	}
	if (n->n_epochs > 1 && e[-1].until > e->from)
		die(EX_DATAERR, "%s: %s: the row before is in force until after that", source, from);
}

/* The newest row, if it does not say how long it lasts, lasts a day. */
static void close_epochs(struct network *n)
{
	if (n->n_epochs && n->epochs[n->n_epochs - 1].until == n->epochs[n->n_epochs - 1].from)
		n->epochs[n->n_epochs - 1].until += DAY_SECONDS;
}

static void add_era(struct reference *r, const char *from, const char *subsidy, const char *height, const char *source)
{
	struct network *n = &r->network;
	struct reason why;

	n->eras = xgrow(n->eras, n->n_eras, sizeof *n->eras);
	n->eras[n->n_eras].from = instant_or_die(from, source);
	if (!subsidy_parse(subsidy ? subsidy : "", &n->eras[n->n_eras].subsidy, &why))
		die(EX_DATAERR, "%s: subsidy: %s", source, why.text);
	n->eras[n->n_eras].height = height_or_die(height, source);
	n->n_eras++;
}

/* From the database ---------------------------------------------------------------------------- */

static const char epochs_sql[] =
	"select to_char(effective_from, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
	"       to_char(in_force_until, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), difficulty, block_height"
	"  from network_difficulty order by effective_from";

static const char eras_sql[] =
	"select to_char(effective_from, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), subsidy, block_height"
	"  from block_subsidies order by effective_from";

void reference_from_db(struct reference *r, PGconn *db)
{
	PGresult *res;

	*r = (struct reference){ 0 };
	models_from_db(&r->models, db);
	res = db_query(db, epochs_sql, DB_NO_ARGS);
	for (int i = 0; i < PQntuples(res); i++)
		add_epoch(r, PQgetvalue(res, i, 0), PQgetvalue(res, i, 1), PQgetvalue(res, i, 2), PQgetvalue(res, i, 3),
			  "table network_difficulty");
	PQclear(res);
	res = db_query(db, eras_sql, DB_NO_ARGS);
	for (int i = 0; i < PQntuples(res); i++)
		add_era(r, PQgetvalue(res, i, 0), PQgetvalue(res, i, 1), PQgetvalue(res, i, 2), "table block_subsidies");
	PQclear(res);
}

/* From files ----------------------------------------------------------------------------------- */

/* Where the row at hand stands. */
static const char *place_of(const struct tsv_reader *t, struct buf *place)
{
	buf_clear(place);
	buf_addf(place, "%s, line %ld", t->name, t->line_number);
	return place->data;
}

void reference_from_files(struct reference *r, const char *models_path, const char *history_path)
{
	static const char *const epoch_columns[] = { "effective_from", "difficulty", "block_height", "in_force_until", NULL };
	static const char *const era_columns[] = { "effective_from", "subsidy", "block_height", NULL };
	char *history = history_path ? xstrdup(history_path) : root_path("sql/reference/difficulty-epochs.tsv");
	char *subsidies = root_path("sql/reference/block-subsidies.tsv");
	struct buf place = BUF_INIT;
	struct tsv_reader t;

	*r = (struct reference){ 0 };
	models_from_file(&r->models, models_path);
	input_open_rows(&t, history, epoch_columns, 2);
	while (input_row(&t))
		add_epoch(r, t.value[0], t.value[3], t.value[1], t.value[2], place_of(&t, &place));
	input_close_rows(&t);
	close_epochs(&r->network);
	input_open_rows(&t, subsidies, era_columns, 2);
	while (input_row(&t))
		add_era(r, t.value[0], t.value[1], t.value[2], place_of(&t, &place));
	input_close_rows(&t);
	buf_release(&place);
	free(history);
	free(subsidies);
}

struct calculation_facts reference_facts(const struct reference *r)
{
	return (struct calculation_facts){ r->models.models, r->models.n, &r->network };
}

void reference_release(struct reference *r)
{
	models_release(&r->models);
	free(r->network.epochs);
	free(r->network.eras);
}

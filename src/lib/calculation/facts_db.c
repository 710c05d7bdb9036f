#include "calculation/facts_db.h"

#include <stdlib.h>
#include <string.h>

#include "cli/input.h"
#include "os/log.h"
#include "os/paths.h"

/* One row of each of the three kinds ----------------------------------------------------------- */

/* Room for one more in an array of n, which grows by doubling. */
static void *room_for_one(void *array, size_t n, size_t size)
{
	return n & (n - 1) ? array : xrealloc(array, (n ? 2 * n : 1) * size);
}

/* A model's column active; without one it is. */
static bool is_active(const char *text, const char *source)
{
	if (!text || strcmp(text, "t") == 0 || strcmp(text, "true") == 0)
		return true;
	if (strcmp(text, "f") != 0 && strcmp(text, "false") != 0)
		die(EX_DATAERR, "%s: active \"%.40s\": it is true or false", source, text);
	return false;
}

static void add_model(struct reference *r, const char *name, const char *hashrate, const char *power, bool active,
		      const char *source)
{
	struct reason why;

	r->models = room_for_one(r->models, r->n_models, sizeof *r->models);
	if (!miner_model_parse(name ? name : "", hashrate ? hashrate : "", power ? power : "", &r->models[r->n_models].model, &why))
		die(EX_DATAERR, "%s: %s", source, why.text);
	r->models[r->n_models++].active = active;
}

static instant_t instant_or_die(const char *text, const char *source)
{
	instant_t when;

	if (!text || !instant_parse(text, &when))
		die(EX_DATAERR, "%s: \"%s\" is not an instant such as 2025-03-23T11:15:16Z", source, text ? text : "");
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
static void add_epoch(struct reference *r, const char *from, const char *until, const char *difficulty, const char *height,
		      const char *source)
{
	struct network *n = &r->network;
	struct difficulty_epoch *e;
	struct reason why;

	n->epochs = room_for_one(n->epochs, n->n_epochs, sizeof *n->epochs);
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
		if (e->height >= 0 && e[-1].height >= 0 && e->height != e[-1].height + 2016)
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
		n->epochs[n->n_epochs - 1].until += 86400;
}

static void add_era(struct reference *r, const char *from, const char *subsidy, const char *height, const char *source)
{
	struct network *n = &r->network;
	struct reason why;

	n->eras = room_for_one(n->eras, n->n_eras, sizeof *n->eras);
	n->eras[n->n_eras].from = instant_or_die(from, source);
	if (!subsidy_parse(subsidy ? subsidy : "", &n->eras[n->n_eras].subsidy, &why))
		die(EX_DATAERR, "%s: subsidy: %s", source, why.text);
	n->eras[n->n_eras].height = height_or_die(height, source);
	n->n_eras++;
}

static int by_name(const void *a, const void *b)
{
	const struct reckon_model *left = a, *right = b;

	return strcmp(left->model.name, right->model.name);
}

/* From the database ---------------------------------------------------------------------------- */

static const char models_sql[] =
	"select miner_model, hashrate_ths, power_w, active from miner_models order by miner_model";

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
	res = db_query(db, models_sql, DB_NO_ARGS);
	for (int i = 0; i < PQntuples(res); i++)
		add_model(r, PQgetvalue(res, i, 0), PQgetvalue(res, i, 1), PQgetvalue(res, i, 2),
			  is_active(PQgetvalue(res, i, 3), "table miner_models"), "table miner_models");
	PQclear(res);
	res = db_query(db, epochs_sql, DB_NO_ARGS);
	for (int i = 0; i < PQntuples(res); i++)
		add_epoch(r, PQgetvalue(res, i, 0), PQgetvalue(res, i, 1), PQgetvalue(res, i, 2), PQgetvalue(res, i, 3),
			  "table network_difficulty");
	PQclear(res);
	res = db_query(db, eras_sql, DB_NO_ARGS);
	for (int i = 0; i < PQntuples(res); i++)
		add_era(r, PQgetvalue(res, i, 0), PQgetvalue(res, i, 1), PQgetvalue(res, i, 2), "table block_subsidies");
	PQclear(res);
	if (r->n_models == 0)
		die(EX_CONFIG, "the table miner_models is empty; scripts/migrate fills it");
	qsort(r->models, r->n_models, sizeof *r->models, by_name);
}

/* From files ----------------------------------------------------------------------------------- */

void reference_from_files(struct reference *r, const char *models_path, const char *history_path)
{
	static const char *const model_columns[] = { "miner_model", "hashrate_ths", "power_w", "active", NULL };
	static const char *const epoch_columns[] = { "effective_from", "difficulty", "block_height", "in_force_until", NULL };
	static const char *const era_columns[] = { "effective_from", "subsidy", "block_height", NULL };
	char *models = models_path ? xstrdup(models_path) : root_path("sql/reference/miner-models.tsv");
	char *history = history_path ? xstrdup(history_path) : root_path("sql/reference/difficulty-epochs.tsv");
	char *subsidies = root_path("sql/reference/block-subsidies.tsv");
	struct tsv_reader t;

	*r = (struct reference){ 0 };
	input_open_rows(&t, models, model_columns, 3);
	while (input_row(&t))
		add_model(r, t.value[0], t.value[1], t.value[2], is_active(t.value[3], models), models);
	input_close_rows(&t);
	input_open_rows(&t, history, epoch_columns, 2);
	while (input_row(&t))
		add_epoch(r, t.value[0], t.value[3], t.value[1], t.value[2], history);
	input_close_rows(&t);
	close_epochs(&r->network);
	input_open_rows(&t, subsidies, era_columns, 2);
	while (input_row(&t))
		add_era(r, t.value[0], t.value[1], t.value[2], subsidies);
	input_close_rows(&t);
	qsort(r->models, r->n_models, sizeof *r->models, by_name);
	free(models);
	free(history);
	free(subsidies);
}

void reference_keep_models(struct reference *r, const char *const *names, size_t n_names)
{
	size_t kept = 0;

	for (size_t n = 0; n < n_names; n++) {
		struct buf known = BUF_INIT;
		bool found = false;

		for (size_t i = 0; i < r->n_models; i++) {
			found |= strcmp(r->models[i].model.name, names[n]) == 0;
			buf_addf(&known, "%s%s", i ? ", " : "", r->models[i].model.name);
		}
		if (!found)
			die(EX_USAGE, "there is no miner model %s; known are %s", names[n], known.len ? known.data : "none");
		buf_release(&known);
	}
	for (size_t i = 0; i < r->n_models; i++)
		for (size_t n = 0; n < n_names; n++)
			if (strcmp(r->models[i].model.name, names[n]) == 0) {
				r->models[kept++] = r->models[i];
				break;
			}
	r->n_models = kept;
}

struct reckon_facts reference_facts(const struct reference *r)
{
	return (struct reckon_facts){ r->models, r->n_models, &r->network };
}

void reference_release(struct reference *r)
{
	free(r->models);
	free(r->network.epochs);
	free(r->network.eras);
}

#include "calculation/models_db.h"

#include <stdlib.h>
#include <string.h>

#include "base/ident.h"
#include "cli/input.h"
#include "os/log.h"
#include "os/paths.h"

static const char models_sql[] =
	"select miner_model, hashrate_ths, power_w, active, retired_from from miner_models order by miner_model";

/* A model's column active; without one it is. */
static bool is_active(const char *text, const char *source)
{
	if (!text || strcmp(text, "t") == 0 || strcmp(text, "true") == 0)
		return true;
	if (strcmp(text, "f") != 0 && strcmp(text, "false") != 0)
		die(EX_DATAERR, "%s: active \"%.40s\": must be true or false", source, text);
	return false;
}

static struct calculation_model *add_model(struct model_list *list, const char *name, const char *hashrate,
					   const char *power, const char *active, const char *source)
{
	struct calculation_model *model;
	struct reason why;

	list->models = xrealloc(list->models, (list->n + 1) * sizeof *list->models);
	model = &list->models[list->n++];
	*model = (struct calculation_model){ .active = is_active(active, source) };
	if (!miner_model_parse(name ? name : "", hashrate ? hashrate : "", power ? power : "", &model->model, &why))
		die(EX_DATAERR, "%s: %s", source, why.text);
	return model;
}

static int by_name(const void *a, const void *b)
{
	const struct calculation_model *left = a, *right = b;

	return strcmp(left->model.name, right->model.name);
}

void models_from_db(struct model_list *list, PGconn *db)
{
	static const char source[] = "table miner_models";
	PGresult *res = db_query(db, models_sql, DB_NO_ARGS);

	*list = (struct model_list){ 0 };
	for (int i = 0; i < PQntuples(res); i++) {
		struct calculation_model *model = add_model(list, PQgetvalue(res, i, 0), PQgetvalue(res, i, 1), PQgetvalue(res, i, 2),
							    PQgetvalue(res, i, 3), source);
		const char *retired = db_text(res, i, 4);

		if (retired && !day_parse(retired, &model->retired_from))
			die(EX_DATAERR, "%s: %s: retired_from %s; dates go from 1996 to 2099", source, model->model.name, retired);
	}
	PQclear(res);
	if (list->n == 0)
		die(EX_CONFIG, "the table miner_models is empty; scripts/migrate fills it");
	qsort(list->models, list->n, sizeof *list->models, by_name);
}

void models_from_file(struct model_list *list, const char *path)
{
	static const char *const columns[] = { "miner_model", "hashrate_ths", "power_w", "active", NULL };
	char *file = path ? xstrdup(path) : root_path("sql/reference/miner-models.tsv");
	struct tsv_reader t;

	*list = (struct model_list){ 0 };
	input_open_rows(&t, file, columns, 3);
	while (input_row(&t)) {
		const struct calculation_model *known = models_find(list, t.value[0] ? t.value[0] : "");

		/* It becomes a cell of a table that a spreadsheet may open. */
		if (t.value[0] && *t.value[0] && !ident_is_key(t.value[0]))
			input_refuse(&t, "miner_model \"%.40s\" is not a name: letters, digits and . "
					 "_ + - make one, and it begins with none of = + - @",
				     t.value[0]);
		if (known)
			input_refuse(&t, "the miner model %s is listed twice", known->model.name);
		add_model(list, t.value[0], t.value[1], t.value[2], t.value[3], file);
	}
	input_close_rows(&t);
	if (list->n)
		qsort(list->models, list->n, sizeof *list->models, by_name);
	free(file);
}

void models_release(struct model_list *list)
{
	free(list->models);
	*list = (struct model_list){ 0 };
}

const struct calculation_model *models_find(const struct model_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->models[i].model.name, name) == 0)
			return &list->models[i];
	return NULL;
}

static bool is_chosen(const struct model_choice *choice, const char *name)
{
	for (size_t n = 0; n < choice->n; n++)
		if (strcmp(choice->names[n], name) == 0)
			return true;
	return choice->n == 0;
}

void models_keep(struct model_list *list, const struct model_choice *choice, const char *source)
{
	size_t kept = 0;

	for (size_t n = 0; n < choice->n; n++) {
		struct buf known = BUF_INIT;

		if (models_find(list, choice->names[n]))
			continue;
		for (size_t i = 0; i < list->n; i++)
			buf_addf(&known, "%s%s", i ? ", " : "", list->models[i].model.name);
		die(EX_USAGE, "there is no miner model %s; known are %s (%s)", choice->names[n],
		    known.len ? known.data : "none", source);
	}
	for (size_t i = 0; i < list->n; i++)
		if (is_chosen(choice, list->models[i].model.name))
			list->models[kept++] = list->models[i];
	list->n = kept;
}

/* The two sides -------------------------------------------------------------------------------- */

enum model_difference models_compare(const struct calculation_model *in_db, const struct calculation_model *in_file)
{
	if (!in_file)
		return MODEL_DATABASE_ONLY;
	if (!in_db)
		return MODEL_FILE_ONLY;
	return in_db->model.hashrate_ghs == in_file->model.hashrate_ghs && in_db->model.power_mw == in_file->model.power_mw ?
		       MODEL_SAME : MODEL_FIGURES;
}

const char *model_difference_name(enum model_difference difference)
{
	static const char *const name[] = { "same", "figures", "database_only", "file_only" };

	return name[difference];
}

void models_side_by_side(const struct model_list *db, const struct model_list *file,
			 void (*each)(void *ctx, const struct calculation_model *in_db, const struct calculation_model *in_file), void *ctx)
{
	size_t d = 0, f = 0;

	while (d < db->n || f < file->n) {
		const struct calculation_model *in_db = d < db->n ? &db->models[d] : NULL;
		const struct calculation_model *in_file = f < file->n ? &file->models[f] : NULL;
		int order = !in_db ? 1 : !in_file ? -1 : by_name(in_db, in_file);

		each(ctx, order <= 0 ? in_db : NULL, order >= 0 ? in_file : NULL);
		d += order <= 0;
		f += order >= 0;
	}
}

static void count_disagreeing(void *ctx, const struct calculation_model *in_db, const struct calculation_model *in_file)
{
	enum model_difference difference = models_compare(in_db, in_file);
	size_t *n = ctx;

	*n += difference == MODEL_FIGURES || difference == MODEL_FILE_ONLY;
}

size_t models_disagreeing(PGconn *db)
{
	struct model_list in_db, in_file;
	size_t n = 0;

	models_from_db(&in_db, db);
	models_from_file(&in_file, NULL);
	models_side_by_side(&in_db, &in_file, count_disagreeing, &n);
	models_release(&in_db);
	models_release(&in_file);
	return n;
}

/*
 * models_db - the miner models: those of the database, those of the reference file, and whether the two agree
 *
 * Calculations use the database's; a filter, which has none, uses the file's.  Each function succeeds, or says
 * why on stderr and ends the process.
 */
#ifndef WINDFALL_MODELS_DB_H
#define WINDFALL_MODELS_DB_H

#include "calculation/calculation.h"
#include "db/db.h"

struct model_list {
	struct calculation_model *models;	/* by name */
	size_t n;
};

/* Those of the table miner_models; ends with EX_CONFIG if there is none.  Release with models_release(). */
void models_from_db(struct model_list *list, PGconn *db);

/* Those of a file with the columns miner_model, hashrate_ths, power_w and perhaps active; NULL: the tree's own,
 * sql/reference/miner-models.tsv. */
void models_from_file(struct model_list *list, const char *path);

void models_release(struct model_list *list);

/* The model of this name, borrowed; NULL if there is none. */
const struct calculation_model *models_find(const struct model_list *list, const char *name);

/* The models that a person chose by name; none: all. */
struct model_choice {
	const char *names[64];
	size_t n;
};

/* Leave only the chosen models; ends with EX_USAGE, listing the known ones of source, if one is not there. */
void models_keep(struct model_list *list, const struct model_choice *choice, const char *source);

/* How the database's model (or NULL) and the file's of the same name (or NULL) compare: their figures, not whether
 * they are in force. */
enum model_difference { MODEL_SAME, MODEL_FIGURES, MODEL_DATABASE_ONLY, MODEL_FILE_ONLY };
enum model_difference models_compare(const struct calculation_model *in_db, const struct calculation_model *in_file);

/* The word for it: "same", "figures", "database_only", "file_only". */
const char *model_difference_name(enum model_difference difference);

/* Call each once for every name that either list has, in the order of the names. */
void models_side_by_side(const struct model_list *db, const struct model_list *file,
			 void (*each)(void *ctx, const struct calculation_model *in_db, const struct calculation_model *in_file), void *ctx);

/* How many differ so that calculations and filters give different answers for one name, or that the database lacks:
 * a model that only the database has is not among them. */
size_t models_disagreeing(PGconn *db);

#endif

/*
 * facts_db - the facts that calculations are made from, out of the database or its files
 *
 * Each function succeeds, or says why on stderr and ends the process.  The files are those
 * in sql/reference/ that a new database is filled from; options name others.
 */
#ifndef WINDFALL_FACTS_DB_H
#define WINDFALL_FACTS_DB_H

#include "calculation/calculation.h"
#include "calculation/models_db.h"
#include "db/db.h"

struct reference {
	struct model_list models;
	struct network network;
};

/* From the tables.  Release with reference_release(). */
void reference_from_db(struct reference *r, PGconn *db);

/* From files: miner models, difficulty history (NULL: those of the tree); the subsidies too. */
void reference_from_files(struct reference *r, const char *models_path, const char *history_path);

void reference_release(struct reference *r);

/* The facts as a comparison takes them; borrowed from r. */
struct calculation_facts reference_facts(const struct reference *r);

#endif

/*
 * question_db - one question about a fleet: everything that its answer stands on, read in one snapshot
 *
 * Each function succeeds, or ends the process (db.h); what is wrong with an option or the file of fees ends with
 * EX_USAGE or EX_DATAERR.
 */
#ifndef WINDFALL_QUESTION_DB_H
#define WINDFALL_QUESTION_DB_H

#include "calculation/facts_db.h"
#include "fleet/places_db.h"

struct question {
	const struct fleet_request *request;
	PGconn *db;
	struct miner_model model;
	char *model_from;		/* "miner_models", "options", or the page that the catalogue names */
	struct day_range days;
	const char *state;		/* as of places_state() */
	struct places places;
	struct reference reference;
	int64_t *fees;			/* by day, share of the subsidy, 1e-8 */
	enum price_state *price_states;	/* by day */
	bool *stored;			/* by day: is any of its periods? */
	long days_stored;
	struct market market;
};

/*
 * Connect, begin a snapshot that is read only, and read what the question stands on; argc and argv are the operands,
 * years the years of use that the market is built for.
 */
void question_open(struct question *question, const struct fleet_request *request, int argc, char **argv, instant_t now,
		   int years);

/* Walk the energy; warns of what is not in the answer. */
void question_energy(struct question *question, void (*each)(void *ctx, const struct place_energy *energy), void *ctx);

/* Warn of what the fleets could not be given: half hours without difficulty or price; ends where inputs are
 * impossible. */
void question_warn(const struct question *question, const struct fleet *fleets, size_t n_fleets);

void question_close(struct question *question);

/* Print the catalogue of machines, and the models of the database, as rows. */
void question_list_models(struct tsv_writer *out);

#endif

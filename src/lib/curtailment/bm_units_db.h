/*
 * bm_units_db - the register of BM units as it was on a settlement date
 *
 * A unit changes hands, name or fuel, so a date's lines are judged by the units of that date.  The
 * database says from when until when each set of units holds; consecutive dates share one.  A file
 * holds one set for all dates.
 *
 * Each function succeeds, or says why on stderr and ends the process.
 */
#ifndef WINDFALL_BM_UNITS_DB_H
#define WINDFALL_BM_UNITS_DB_H

#include <stdbool.h>

#include "curtailment/curtailment.h"
#include "curtailment/elexon_register.h"
#include "db/db.h"

/* The units on each of the dates from..until. */
struct unit_set {
	struct elexon_unit *units;	/* sorted as curtailed_select() needs them */
	size_t n_units;
	bool complete;			/* holds units that are not wind, so that one it lacks is a new one */
	/* The module's own: */
	struct unit_set *next;
	day_t from, until;		/* until is exclusive */
	int users;
	PGresult *res;			/* what the texts are borrowed from, or the file's rows */
};

/* A row of a file of units; texts owned. */
struct unit_row {
	char *id, *lead_party_name, *fuel_type, *capacity_mw;
	day_t from, until;		/* until is exclusive */
	bool declared;			/* holds on its days, whatever the register says */
};

/* The sets that are in memory.  Begin with all zero; units_release() frees. */
struct units {
	struct unit_set *sets;
	struct unit_row *rows;		/* of the files, once they were read */
	size_t n_rows;
};

/* The set that holds on this date, if it is in memory, or NULL.  Sets that nobody uses are let go. */
struct unit_set *units_held(struct units *u, day_t day);

/* Read the set of this date from the register and the declarations (known_units); the session must be free.  A register
 * without a wind unit is refused. */
struct unit_set *units_from_db(struct units *u, PGconn *db, day_t day);

/* Read the set of a date from TSV rows with the columns farm_id, lead_party_name and fuel_type and, if there are
 * any, valid_from and valid_to (exclusive); where path is NULL, from the tree's own wind-units.tsv and
 * declared-units.tsv in sql/reference. */
struct unit_set *units_from_file(struct units *u, const char *path, day_t day);

/* Each of the three above lends the set to one more user, who gives it back when the date is done. */
void units_give_back(struct unit_set *set);

void units_release(struct units *u);

#endif

/*
 * elexon_register - the register of BM units, checked before a row of it is believed
 *
 *   GET /reference/bmunits/all   [row,…]
 */
#ifndef WINDFALL_ELEXON_REGISTER_H
#define WINDFALL_ELEXON_REGISTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/oddities.h"
#include "base/reason.h"
#include "curtailment/elexon.h"
#include "format/json.h"

/* A BM unit, as the register or a reference file has it; texts are NULL where the source has null. */
struct elexon_unit {
	const char *id;
	const char *name, *lead_party_name, *fuel_type, *national_grid_id;
	char capacity_mw[ELEXON_DECIMAL];	/* "" if not known */
};

/* Sort by id (byte order), as elexon_find_unit() needs it. */
void elexon_sort_units(struct elexon_unit *units, size_t n_units);

/* Find by id in units so sorted; NULL if absent. */
const struct elexon_unit *elexon_find_unit(const struct elexon_unit *units, size_t n_units, const char *id);

/* Is this wind?  A unit that the register does not hold (NULL), or of which it says no fuel type, is none. */
bool elexon_is_wind(const struct elexon_unit *unit);

/* Make a fuel type what the register calls it, in place: in capitals, without blanks around it, and WIND where it has
 * that word in it. */
void elexon_tidy_fuel_type(char *text);

/* The register of BM units. */
struct elexon_register {
	struct elexon_unit *units;		/* sorted by id, one per id */
	size_t n_units;
	int rows_seen;
	int without_id;				/* rows whose elexonBmUnit is null or empty: left out */
	int repeated;				/* rows whose id stood before: the first is kept, and has what it lacks from them */
	int differing;				/* of those, how many differ in a kept field */
	char first_differing[ELEXON_MAX_ID + 1];
	int odd_kept;			/* noted in odd, and yet nothing is left out: a capacity, another encoding */
	struct oddities odd;			/* rows left out, each named; among rows_seen */
	cJSON *document;			/* what the units' texts are borrowed from */
};

/*
 * Parse the answer of reference/bmunits/all; release in either case.  Names come without control characters and marks
 * that turn the direction of text; an empty text, or a fuel type such as N/A, says as little as null, and of a unit
 * that stands twice each row says what those before it do not.  A row that is not as documented is left out and noted
 * in odd, but a unit whose capacity is no number stays without it.  Bytes that are not UTF-8 are read as Latin-1,
 * which is noted: one name of another encoding is not in the way of three thousand units.  False, with a reason, for
 * another document, or where most rows are odd.
 */
bool elexon_parse_bmunits(const char *body, size_t len, struct elexon_register *reg, struct reason *why);
void elexon_register_release(struct elexon_register *reg);

#endif

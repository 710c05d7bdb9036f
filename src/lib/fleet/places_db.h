/*
 * places_db - which units a question is about, where a fleet stands, and the energy that was curtailed there
 *
 * Each function succeeds, or ends the process (db.h); a name that is not known ends with EX_USAGE and names the
 * nearest ones.
 */
#ifndef WINDFALL_PLACES_DB_H
#define WINDFALL_PLACES_DB_H

#include "db/db.h"
#include "fleet/request_io.h"

/* A unit and the place whose fleet takes its energy. */
struct placed_unit {
	char *id;
	size_t place;
};

/* Units in the order of their ids; places in the order in which they came. */
struct places {
	enum fleet_per per;
	bool everywhere;		/* no unit was named: each that has energy is one */
	struct placed_unit *units;
	size_t n_units;
	char **names;			/* of the places */
	PGresult *known;		/* what is known of each unit */
	size_t n;
};

/* The units that the request names, looked up in the sites, the register and the records. */
void places_choose(struct places *places, PGconn *db, const struct fleet_request *request);
void places_release(struct places *places);

/* The days that anything is stored of; false if there are none. */
bool places_stored_days(PGconn *db, struct day_range *days);

/* One place's energy in one settlement period. */
struct place_energy {
	size_t place;
	day_t day;
	int period;
	int64_t nmwh;			/* Σ over its units of their energy, each rounded to 1e-9 MWh */
	int64_t payment;		/* likewise, 1e-9 £ */
};

/*
 * Walk the energy of these days in the order of time with one statement.  The result is how many records have no
 * payment, because the source gave no price: they count as none.  A sum that cannot be is left out, with a warning that
 * names it.
 */
long places_energy(struct places *places, PGconn *db, struct day_range days,
		   void (*each)(void *ctx, const struct place_energy *energy), void *ctx);

/*
 * How complete the days are: "final", "provisional" (a period may still change) or "not_complete" (periods are
 * missing).  Ends with EX_DATAERR where the records of a year are archived.
 */
const char *places_state(PGconn *db, struct day_range days);

/* Note of each day of the span whether any of its periods is stored. */
void places_days(PGconn *db, struct day_range days, bool *stored);

/* The price of each day of the span, from the table, by the rule of the summaries: that of the day; of the last known
 * day before it, where the next one is within a fortnight of that; in USD, 65,000 otherwise. */
enum price_state { PRICE_NONE, PRICE_GIVEN, PRICE_KNOWN, PRICE_EARLIER, PRICE_ASSUMED };
void places_prices(PGconn *db, const char *currency, struct day_range days, int64_t *price, enum price_state *state);

#endif

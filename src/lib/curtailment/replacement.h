/*
 * replacement - what it cost to turn others up in place of wind that was turned down
 *
 * The system operator that turns wind down by V MWh in a half hour buys as much elsewhere.  What that cost is
 * estimated from the offer stack of the half hour, units of all fuels and adjustments: offers flagged as shorter
 * than the continuous acceptance duration limit are left out (no flag is no such flag), the others are taken in
 * the order of the stack, those without the SO flag first and then by sequence number, until V is reached, the
 * last one in part.  The cost is the sum of original price × MWh taken.  Where the offers do not come to V, what
 * was taken counts.  Exact: nothing is rounded.
 */
#ifndef WINDFALL_REPLACEMENT_H
#define WINDFALL_REPLACEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "curtailment/elexon_register.h"
#include "curtailment/elexon_stack.h"
#include "exact/decimal.h"
#include "format/tsv.h"

/* The columns of replacement_costs and replacement_offers; each ends with NULL. */
extern const char *const replacement_columns[];
extern const char *const replacement_offer_columns[];

/* An offer that is taken; the row is borrowed from the stack. */
struct replacement_offer {
	const struct elexon_row *row;
	struct decimal taken;			/* MWh: all of its volume, or what of it was still lacking */
};

struct replacement {
	int64_t curtailed;			/* 1e-9 MWh: what is to be replaced */
	struct decimal replaced, cost;		/* MWh taken; £ */
	struct replacement_offer *offers;	/* those taken, in order */
	size_t n_offers;
	const struct elexon_row *implausible;	/* the first offer taken of a price that is, or of more than any unit makes */
	int n_implausible;
	int unpriced;				/* offers that would have had their turn, but have no price: passed over */
};

/*
 * Replace this energy (1e-9 MWh, above zero) from an offer stack, which must live as long as the result.  False,
 * with the reason, if an offer whose turn comes contradicts another (elexon_stack.h): either would be a guess.
 * Release in either case.
 */
bool replacement_choose(const struct elexon_stack *offers, int64_t curtailed, struct replacement *r,
			struct reason *why);
void replacement_release(struct replacement *r);

/* Is this a stack of wind units alone, of the units given, which are sorted?  The market's has units of all fuels:
 * such a one is a part of it, and would replace wind by wind. */
bool replacement_is_wind_alone(const struct elexon_stack *offers, const struct elexon_unit *units, size_t n_units);

/*
 * Is this answer less than can be?  True, with the reason, for no offer of any unit in a settled half hour in which
 * wind was turned down, for offers of wind units alone, and for fewer than half of the rows that an earlier answer
 * had (stored_rows, 0 for none).
 */
bool replacement_doubt(int rows_seen, bool settled, bool wind_alone, int stored_rows, struct reason *why);

/* Add the half hour's sum as a row of replacement_columns; final: the source is done with it.  as_of is when what it
 * replaces was last changed, or NULL; it is left out where the writer's columns end before records_as_of. */
void replacement_put(struct tsv_writer *w, const struct elexon_stack *offers, const struct replacement *r, bool final,
		     const char *as_of);

/* Add each offer taken as a row of replacement_offer_columns. */
void replacement_put_offers(struct tsv_writer *w, const struct elexon_stack *offers, const struct replacement *r);

#endif

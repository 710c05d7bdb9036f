/*
 * elexon - what the Elexon Insights API answers, checked before a row of it is believed
 *
 *   GET /balancing/settlement/stack/all/{bid|offer}/{date}/{period}   {"metadata":…,"data":[row,…]}
 *   GET /reference/bmunits/all                                        [row,…]
 *
 * A body is untrusted: the parsers refuse it whole, with a reason that names period, row and field,
 * or return every row of it.  Numbers keep every digit that was sent (an exponent is written out).
 */
#ifndef WINDFALL_ELEXON_H
#define WINDFALL_ELEXON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/oddities.h"
#include "exact/calendar.h"
#include "exact/decimal.h"
#include "format/json.h"
#include "base/reason.h"

/* Where the API is. */
#define ELEXON_URL "https://data.elexon.co.uk/bmrs/api/v1"

/* Volumes (MWh), prices (£/MWh) and factors are below 1,000,000, either sign, with up to 30 decimal
 * places: the source computes in a 28-place decimal, and a half hour of the whole country is below
 * 50,000 MWh.  What passes here passes energy_parse(). */
#define ELEXON_MAX_PLACES 30
#define ELEXON_DECIMAL    (1 + 6 + 1 + ELEXON_MAX_PLACES + 1)
#define ELEXON_MAX_ID     64

enum elexon_side { ELEXON_BID, ELEXON_OFFER };

/* "bid" or "offer". */
const char *elexon_side_name(enum elexon_side side);

enum elexon_flag { ELEXON_NULL = -1, ELEXON_FALSE, ELEXON_TRUE };

/* One line of a settlement stack.  A text that the source sent as null is empty here. */
struct elexon_row {
	int number;				/* its place in the body, from 1 */
	char id[ELEXON_MAX_ID + 1];		/* BM unit, or a number for a balancing services adjustment */
	bool has_acceptance_id, has_pair_id, has_created_at;
	int64_t acceptance_id;
	int pair_id;
	int sequence_number;
	enum elexon_flag so_flag, cadl_flag;
	int sign;				/* of the volume: -1, 0, 1 */
	char volume[ELEXON_DECIMAL];		/* never empty */
	char original_price[ELEXON_DECIMAL];
	char final_price[ELEXON_DECIMAL];
	char transmission_loss_multiplier[ELEXON_DECIMAL];
	instant_t created_at;
	int contradicts;			/* number of a row with the same key that says otherwise, or 0 */
};

struct elexon_stack {
	day_t day;
	int period;
	enum elexon_side side;
	struct elexon_row *rows;		/* in the order sent, without repeated lines */
	size_t n_rows, size;
	int rows_seen;				/* all lines of the body, repeated ones too */
	int repeated;				/* lines left out because the very same line stood before */
	char first_repeated[160];		/* "row 7 repeats row 3 (T_X-1, acceptance 5, pair -1, sequence 9)" */
	int undated;				/* rows without createdDateTime */
	instant_t oldest_created, newest_created;	/* of the dated rows; 0 when there is none */
	struct oddities odd;			/* rows left out because their id is none; among rows_seen */
};

/* An empty stack: also what a 404 for a period means. */
void elexon_stack_init(struct elexon_stack *stack, day_t day, int period, enum elexon_side side);
void elexon_stack_release(struct elexon_stack *stack);

/* Append where the API has this stack, below its base: "balancing/settlement/stack/all/bid/2025-03-04/1". */
void elexon_stack_path(const struct elexon_stack *stack, struct buf *path);

/*
 * Parse the stack of one period and side into stack, which this initialises; release it in either case.
 * False, with a reason such as "period 12, row 3 (T_X-1), field volume: a string, not a number", if
 * anything is not as documented: another date or period, a kept field absent or of the wrong type or
 * past range, a number that is none, another endpoint's answer, no JSON.  A row whose id is not one
 * (ident.h) is left out and noted in odd; if more than half are such, the body is refused.
 *
 * Two lines with one key (id, acceptance, pair, sequence) that are the same in every kept field are
 * one line, counted in `repeated`.  If they differ both stay and are marked: elexon_select() refuses
 * them if they would be kept, since adding both or dropping one would each be a guess.
 */
bool elexon_parse_stack(const char *body, size_t len, day_t day, int period, enum elexon_side side,
			struct elexon_stack *stack, struct reason *why);

/* Is this a settlement stack at all, whatever its rows say?  False when another dataset, another
 * endpoint's rows or an error message came in its place; true for what is no JSON. */
bool elexon_is_stack(const char *body, size_t len);

/*
 * Has the source finished with this period?  True if its rows were made 24 h or more after the
 * period's end.  If there is no row, or one does not say when it was made, time must tell: fetched_at
 * is then to be at or after 00:15 London time two days after the settlement date.  (Measured: 6 of 73
 * days changed between the first and second morning, none later.)  With both sides fetched, both must be final.
 */
bool elexon_is_final(const struct elexon_stack *stack, instant_t fetched_at);

/* A BM unit, as the register or a reference file has it; texts are NULL where the source has null. */
struct elexon_unit {
	const char *id;
	const char *name, *lead_party_name, *fuel_type, *national_grid_id;
	char capacity_mw[ELEXON_DECIMAL];	/* "" if not known */
};

/* Sort by id (byte order), as elexon_select() needs it. */
void elexon_sort_units(struct elexon_unit *units, size_t n_units);

/* Find by id in units so sorted; NULL if absent. */
const struct elexon_unit *elexon_find_unit(const struct elexon_unit *units, size_t n_units, const char *id);

/* Lines that are curtailment, with the unit each belongs to; both borrowed. */
struct elexon_kept {
	const struct elexon_row *row;
	const struct elexon_unit *unit;
};

/*
 * A line that was passed over although nobody says that its unit is no wind farm: the register does not hold
 * it, or gives it generation capacity and no fuel type and its price is at or below zero, at which who burns
 * fuel is hardly turned down.
 */
struct elexon_doubtful {
	const struct elexon_row *row;
	bool unknown;				/* not in the register */
	bool cheap;				/* at or below zero */
};

struct elexon_selection {
	struct elexon_kept *kept;
	size_t n_kept;
	struct decimal volume;			/* sum of the kept volumes, MWh, not positive */
	const char **passed_over;		/* the unit of each line that would be kept if that were wind; ids borrowed */
	size_t n_passed_over;
	struct elexon_doubtful *doubtful;	/* of these lines, those that may well be wind */
	size_t n_doubtful;
};

/*
 * Keep the lines of wind units (fuel type WIND) with a negative volume and, unless all_flags, the SO
 * flag set.  Other units are passed over and named, never guessed at; adjustments (ids that are
 * numbers, or null) are not units.  False if a line to be kept contradicts another.  Release in either
 * case.
 */
bool elexon_select(const struct elexon_stack *stack, const struct elexon_unit *units, size_t n_units,
		   bool all_flags, struct elexon_selection *selection, struct reason *why);
void elexon_selection_release(struct elexon_selection *selection);

/* Append volume × original price, exact, without superfluous zeros: £, positive when the farm is
 * paid.  False, and nothing appended, when the price is null. */
bool elexon_payment(const struct elexon_row *row, struct buf *out);

/* The register of BM units. */
struct elexon_register {
	struct elexon_unit *units;		/* sorted by id, one per id */
	size_t n_units;
	int rows_seen;
	int without_id;				/* rows whose elexonBmUnit is null: left out */
	int repeated;				/* rows whose id stood before: the first is kept */
	int differing;				/* of those, how many differ in a kept field */
	char first_differing[ELEXON_MAX_ID + 1];
	struct oddities odd;			/* rows left out because their id is none; among rows_seen */
	cJSON *document;			/* what the units' texts are borrowed from */
};

/* Parse the answer of reference/bmunits/all, as for the stack; release in either case.  Names come without
 * control characters and marks that turn the direction of text. */
bool elexon_parse_bmunits(const char *body, size_t len, struct elexon_register *reg, struct reason *why);
void elexon_register_release(struct elexon_register *reg);

#endif

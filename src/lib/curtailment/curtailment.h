/*
 * curtailment - what the settlement stacks of a date say was curtailed
 *
 * A settlement period is read from the stack of its bids, of its offers, or both.  Each stack in turn
 * is given to curtailed_take(), which keeps the lines that curtailed_select() calls curtailment; when
 * the last is there, curtailed_settle() makes them rows in the order of the table's key, whatever
 * the order of the source.
 */
#ifndef WINDFALL_CURTAILMENT_H
#define WINDFALL_CURTAILMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/reason.h"
#include "curtailment/elexon_register.h"
#include "curtailment/elexon_stack.h"
#include "exact/calendar.h"
#include "exact/decimal.h"
#include "format/tsv.h"

/* The columns of a row, as curtailment_records names them; ends with NULL. */
extern const char *const curtailed_columns[];

/* What is curtailment ------------------------------------------------------------------------- */

/* Lines that are curtailment, with the unit each belongs to; both borrowed. */
struct curtailed_kept {
	const struct elexon_row *row;
	const struct elexon_unit *unit;
};

/*
 * A line that was passed over although nobody says that its unit is no wind farm: the register does not hold
 * it, or gives it generation capacity and no fuel type and its price is at or below zero, at which who burns
 * fuel is hardly turned down.
 */
struct curtailed_doubtful {
	const struct elexon_row *row;
	bool unknown;				/* not in the register */
	bool cheap;				/* at or below zero */
};

struct curtailed_selection {
	struct curtailed_kept *kept;
	size_t n_kept;
	struct decimal volume;			/* sum of the kept volumes, MWh, not positive */
	const char **passed_over;		/* the unit of each line that would be kept if that were wind, and of each that
						 * could not be read; ids borrowed */
	size_t n_passed_over;
	struct curtailed_doubtful *doubtful;	/* of these lines, those that may well be wind */
	size_t n_doubtful;
	struct curtailed_kept unflagged;	/* the first line of what is or may be wind whose SO flag is null */
	int n_unflagged;
	const struct elexon_row *unnamed;	/* the first line that may be curtailment, and is of an acceptance without a unit */
	int n_unnamed;
};

/*
 * Keep the lines of wind units (fuel type WIND) with a negative volume and, unless all_flags, the SO
 * flag set.  Other units are passed over and named, never guessed at; adjustments (ids that are
 * numbers, or null) are not units.  False if a line to be kept contradicts another.  Release in either
 * case.
 */
bool curtailed_select(const struct elexon_stack *stack, const struct elexon_unit *units, size_t n_units,
		      bool all_flags, struct curtailed_selection *selection, struct reason *why);
void curtailed_selection_release(struct curtailed_selection *selection);

/* Append volume × original price, exact, without superfluous zeros: £, positive when the farm is
 * paid.  False, and nothing appended, when the price is null. */
bool curtailed_payment(const struct elexon_row *row, struct buf *out);

/* Of a date ----------------------------------------------------------------------------------- */

enum period_state {
	PERIOD_NOT_WANTED,
	PERIOD_AWAITED,			/* not all its stacks are here */
	PERIOD_FETCHED,			/* its rows and figures below are what the source says */
	PERIOD_FAILED,			/* a stack was refused, or did not come: nothing below counts */
	PERIOD_NOT_TRIED,		/* the source was found down before its turn came */
	PERIOD_SUSPECT,			/* an answer came that is not believed: see curtailed_doubt() */
};

/* A line that is curtailment; all three borrowed from the stack and the register. */
struct curtailed_line {
	const struct elexon_row *row;
	const struct elexon_unit *unit;
	enum elexon_side side;
};

/* What one unit of which nobody says whether it is wind was turned down: lines that are not kept
 * (curtailed_doubtful). */
struct curtailed_undecided {
	char id[ELEXON_MAX_ID + 1];
	bool unknown, cheap;		/* not in the register; every line at a price at or below zero */
	int rows;
	struct decimal volume, payment;	/* MWh, negative; £ */
};

struct curtailed_period {
	enum period_state state;
	bool absent;			/* "not found" was the answer for every stack */
	bool final;			/* the source will not change it any more */
	int rows_seen, rows_kept;	/* of all its stacks */
	bool has_created;
	instant_t created;		/* when the source made its newest row */
	struct decimal volume;		/* Σ volume of the rows kept, MWh, not positive */
	struct decimal payment;		/* Σ payment of those that have a price, £ */
	/* What is odd about it, in words, or "". */
	char excess[ELEXON_MAX_ID + 96];	/* a unit that gave more energy than its capacity allows */
	bool impossible;			/* more than any unit can */
	char dear[2 * ELEXON_MAX_ID + 96];	/* the first line, of the sorted ones, at a price that nobody pays */
	char unpriced[2 * ELEXON_MAX_ID + 48];	/* the first line, of the sorted ones, without a price */
	char unflagged[2 * ELEXON_MAX_ID + 96];	/* the first line of what is or may be wind whose SO flag is null */
	int n_unflagged;
	char unnamed[96];			/* the first line of an acceptance that names no unit */
	int n_unnamed;
	struct elexon_doubled doubled;
	struct reason doubt;		/* of PERIOD_SUSPECT: why */
	bool was_final;			/* of PERIOD_SUSPECT: what is stored of it is, or was before it was suspect */
	bool accepted;			/* a person takes the answer, though it is suspect */
	struct curtailed_undecided *undecided;	/* one a unit */
	size_t n_undecided;
	struct buf rows;		/* what is to be printed or copied */
	struct buf passed_over;		/* the units whose lines would be rows were they wind, each once, in
					 * order, as a PostgreSQL array: {"T_DRAXX-1"} */
	/* Until it is settled: */
	struct curtailed_line *lines;
	size_t n_lines;
	const char **passed_over_ids;	/* borrowed from the stacks; may repeat */
	size_t n_passed_over_ids;
};

struct curtailed_day {
	day_t day;
	char text[DAY_TEXT];
	struct curtailed_period period[MAX_PERIODS + 1];	/* from 1 on */
};

/* How one stack came. */
struct curtailed_source {
	bool absent;			/* "not found": the stack is empty */
	bool final;			/* elexon_is_final(), or false where nothing can be known */
};

/* Begin a date of which the periods in this set, bit p - 1 for period p, are awaited. */
void curtailed_init(struct curtailed_day *d, day_t day, uint64_t periods);
void curtailed_release(struct curtailed_day *d);

/*
 * Take one stack into the period it belongs to.  The stack and the units, which are sorted, must live
 * until the period is settled or the day released.  all_flags: also lines without the SO flag.
 * False, with the reason, if a line to be kept contradicts another.
 */
bool curtailed_take(struct curtailed_day *d, const struct elexon_stack *stack, struct curtailed_source source,
		    const struct elexon_unit *units, size_t n_units, bool all_flags, struct reason *why);

/* All stacks of an awaited period are here: make its rows.  w was begun with curtailed_columns and no
 * file; it is empty before and after. */
void curtailed_settle(struct curtailed_day *d, int period, struct tsv_writer *w);

/* What is stored of a period, as far as a new answer is compared with it. */
struct stored_period {
	bool there;			/* it was fetched before */
	bool final;
	int rows_seen;
	struct decimal volume;		/* of the rows kept, MWh, not positive; initialised by the caller */
	bool other_register;		/* a unit that was kept then is passed over now, and some list calls it no wind */
};

/*
 * Is this answer less, or more, than can be?  The stack is of the whole market, so a settled period without a row of
 * any unit hardly exists, what was sent once is not taken back, and no unit saves more than any can make: true, with
 * the reason, for
 *
 *  - a unit's energy above 1,500 MWh, which no unit of Great Britain makes, unless just that is final already;
 *  - most of its lines repeating an acceptance and pair of another line, with the same exception;
 *  - no row of any unit, where the answer is of a time at which the period was settled (answer->final), unless a
 *    person has accepted that;
 *  - fewer than half the rows, of any unit, that the stored answer had;
 *  - less than half the curtailed energy that was final, by the same register.
 *
 * Every other change is a revision, in either direction, and true of the source.
 */
bool curtailed_doubt(const struct curtailed_period *answer, const struct stored_period *stored, struct reason *why);

/* How many periods are in this state. */
int curtailed_count(const struct curtailed_day *d, enum period_state state);

/* Of how many fetched periods the source has nothing: "not found". */
int curtailed_count_absent(const struct curtailed_day *d);

/*
 * Is this day nowhere?  "Not found" stands for "nothing there" when single periods of a day are not found.  That a
 * whole day is not, when it should long be final, is rather a wrong address, and would otherwise be stored as a day
 * without curtailment; and an archive that has nothing of what was requested never held the day.
 */
bool curtailed_is_nowhere(const struct curtailed_day *d, bool archived, instant_t now);

/* Write the rows of the periods that are PERIOD_FETCHED, in their order. */
void curtailed_print(const struct curtailed_day *d, struct tsv_writer *out);

#endif

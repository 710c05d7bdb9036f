/*
 * elexon_stack - the settlement stack of one half hour, checked before a row of it is believed
 *
 *   GET /balancing/settlement/stack/all/{bid|offer}/{date}/{period}   {"metadata":…,"data":[row,…]}
 */
#ifndef WINDFALL_ELEXON_STACK_H
#define WINDFALL_ELEXON_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/oddities.h"
#include "base/reason.h"
#include "curtailment/elexon.h"
#include "curtailment/elexon_register.h"
#include "exact/calendar.h"

enum elexon_side { ELEXON_BID, ELEXON_OFFER };

/* "bid" or "offer". */
const char *elexon_side_name(enum elexon_side side);

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

/* Settlement knows one volume of a unit's acceptance and pair in a half hour.  These rows have another's acceptance and
 * pair under another sequence number, and its volume and price, or another time of making, as where an answer holds two
 * runs of the calculation.  They are kept all the same. */
struct elexon_doubled {
	int n;
	char first[2 * ELEXON_MAX_ID + 96];	/* "T_X-1: row 7, of 6.5 MWh, has acceptance 5 and pair -1 of row 3" */
};

struct elexon_stack {
	day_t day;
	int period;
	enum elexon_side side;
	struct elexon_row *rows;		/* in the order sent, without repeated lines */
	size_t n_rows, size;
	int rows_seen;				/* all lines of the body, repeated ones too */
	int unnamed;				/* rows without an id; among rows_seen */
	int repeated;				/* lines left out because the very same line stood before */
	char first_repeated[160];		/* "row 7 repeats row 3 (T_X-1, acceptance 5, pair -1, sequence 9)" */
	struct elexon_doubled doubled;
	int undated;				/* rows without createdDateTime */
	instant_t oldest_created, newest_created;	/* of the dated rows; 0 when there is none */
	struct oddities odd;			/* rows left out; among rows_seen */
	char (*left_out)[ELEXON_MAX_ID + 1];	/* the unit of each of these that names one; may repeat */
	size_t n_left_out;
};

/* What no unit of Great Britain makes in half an hour, in MWh.  Plausibility, not money: a double will do. */
#define ELEXON_NO_UNIT_MAKES 1500.0

/* Is its price beyond what lost load is valued at?  Units that cannot be turned down, or up, ask for 9999 or 99999
 * either way, which the source takes as a price like others. */
bool elexon_price_is_implausible(const struct elexon_row *row);

/* Count the row, of which before is the one before it in the order of acceptances, if the two are one of these. */
void elexon_note_doubled(struct elexon_doubled *doubled, const struct elexon_row *row, const struct elexon_row *before);

/* An empty stack: also what a 404 for a period means. */
void elexon_stack_init(struct elexon_stack *stack, day_t day, int period, enum elexon_side side);
void elexon_stack_release(struct elexon_stack *stack);

/* Append where the API has this stack, below its base: "balancing/settlement/stack/all/bid/2025-03-04/1". */
void elexon_stack_path(const struct elexon_stack *stack, struct buf *path);

/*
 * Parse the stack of one period and side into stack, which this initialises; release it in either case.
 * False, with a reason such as "period 12, row 3 (T_X-1), field volume: a string, not a number", if a row
 * of a wind unit is not as documented: another date or period, a kept field absent or of the wrong type or
 * past range, a number that is none.  Without units (NULL) every row is such.  Any other row that is not as
 * documented, or whose id is not one (ident.h), is left out and noted in odd; if more than half are, or it is
 * another endpoint's answer or no JSON, the body is refused.  A bid above zero costs its row, whosever it is, and
 * where most rows are so, these are offers, or the signs are changed, and the body is refused.
 *
 * Two lines with one key (id, acceptance, pair, sequence) that are the same in every kept field are
 * one line, counted in `repeated`.  If they differ both stay and are marked: curtailed_select() refuses
 * them if they would be kept, since adding both or dropping one would each be a guess.
 */
bool elexon_parse_stack(const char *body, size_t len, day_t day, int period, enum elexon_side side,
			const struct elexon_unit *units, size_t n_units, struct elexon_stack *stack, struct reason *why);

/*
 * The same for offers of the whole market, of which one is as good as the next: a row that is not as documented, such
 * as an adjustment whose cost was divided by next to no energy, or is below zero, costs that row alone, noted in odd.
 */
bool elexon_parse_offers(const char *body, size_t len, day_t day, int period, struct elexon_stack *stack,
			 struct reason *why);

/*
 * Has the source finished with this period?  True if its rows were made 24 h or more after the
 * period's end.  If there is no row, or one does not say when it was made, or says a time that has not
 * come (a day is allowed for clocks that differ), time must tell: fetched_at is then to be at or after 00:15 London
 * time two days after the settlement date.  (Measured: 6 of 73 days changed between the first and second morning, none
 * later.)  With both sides fetched, both must be final.
 */
bool elexon_is_final(const struct elexon_stack *stack, instant_t fetched_at);

#endif

/*
 * answer - the columns of an answer: what it assumes, then its figures
 *
 * what-if and size-fleet print the same columns, so that rows of both stand side by side.
 */
#ifndef WINDFALL_ANSWER_H
#define WINDFALL_ANSWER_H

#include "fleet/question_db.h"
#include "format/page.h"

enum assumption {
	FIRST_DAY, LAST_DAY, DAYS, DAYS_STORED, STATE, PLACE, PER, PLACES, MODEL, MODEL_FROM, HASHRATE_THS, POWER_W,
	JOULE_PER_TH, MACHINES_PER_PLACE, MIN_RUN, UPTIME, POOL_FEE, FEES, DIFFICULTY_LEAST, DIFFICULTY_MOST,
	DIFFICULTY_GROWTH, SUBSIDY_LEAST, SUBSIDY_MOST, CURRENCY, PRICE_LEAST, PRICE_MOST, PRICE_STATE, POUND, POWER_PRICE,
	PAYMENT_IS, OPEX_EACH, CAPEX_MACHINE, CAPEX_MW, YEARS,
	N_ASSUMPTIONS
};

extern const char *const assumption_names[N_ASSUMPTIONS];

/* Each as text, its own; NULL where there is none. */
struct assumptions {
	char *text[N_ASSUMPTIONS];
};

/* What a question assumes.  PLACE, PLACES and MACHINES_PER_PLACE are of the row: answer_row() sets them. */
void assumptions_of(struct assumptions *assumptions, const struct question *question);
void assumptions_release(struct assumptions *assumptions);

/* Replace one of them by other text, or NULL. */
void assumptions_set(struct assumptions *assumptions, enum assumption which, const char *text);

/* The names of all columns, then those of more, which ends with NULL; the caller frees the array. */
const char **answer_columns(const char *const *more);

/* Write the columns of one row, but for those of more and its end. */
void answer_row(struct tsv_writer *out, const struct assumptions *assumptions, const struct fleet_figures *figures);

/* A column's name in words: "used mwh". Appended to out. */
void answer_words(const char *name, struct buf *out);

/* The assumptions as lines "name  value", those that say something. */
void answer_print_assumptions(const struct assumptions *assumptions, FILE *out);

/*
 * A table for people, a row for each size or place with the figures that matter most.  Each row begins with first and
 * ends with last, where their columns have names; NULL leaves a column out.  Begin, add rows, then page_print() with a
 * header and page_release().
 */
void answer_table_begin(struct page *page, const char *first, const char *last);
void answer_table_row(struct page *page, const char *first, const struct fleet_figures *figures, const char *last);

/* All figures as lines "name  value". */
void answer_print_figures(const struct fleet_figures *figures, FILE *out);

#endif

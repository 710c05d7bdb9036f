/*
 * calculation - the calculations that a day's curtailment calls for, and how they compare with
 * the ones that are stored
 *
 * A calculation is written as the row that the table holds, in COPY text:
 *
 *	date period farm model curtailed_mwh miners difficulty subsidy hashrate_ths power_w bitcoin_mined
 *
 * Every figure has one way to be written, so two calculations are equal when their bytes are.
 * Days are walked in the order of the key (period, farm, model), as the table's index gives them.
 */
#ifndef WINDFALL_CALCULATION_H
#define WINDFALL_CALCULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "bitcoin/mining.h"
#include "exact/calendar.h"

#define FARM_TEXT 128		/* the longest farm id, its NUL included */

/* The columns of such a row, in this order. */
#define CALCULATION_COLUMNS							\
	"settlement_date, settlement_period, farm_id, miner_model, curtailed_mwh," \
	" miners, difficulty, subsidy, hashrate_ths, power_w, bitcoin_mined"
#define CALCULATION_TYPES							\
	COPY_DATE, COPY_SMALLINT, COPY_TEXT, COPY_TEXT, COPY_NUMERIC,		\
	COPY_BIGINT, COPY_NUMERIC, COPY_NUMERIC, COPY_NUMERIC, COPY_NUMERIC, COPY_NUMERIC

/*
 * A model is in force on every day, or until it was retired on the days before that one.  From then on it calls for
 * nothing; what was calculated stays, and must be correct: a day that holds calculations of it holds all of them.
 */
struct calculation_model {
	struct miner_model model;
	bool active;		/* in force on every day */
	day_t retired_from;	/* of an inactive one: the first day it is not in force; 0: on none it is */
};

/* Does the model call for calculations of this day, whatever is stored? */
bool model_in_force(const struct calculation_model *model, day_t day);

/* What every calculation is made from.  Borrowed; models are in the order of their names. */
struct calculation_facts {
	const struct calculation_model *models;
	size_t n_models;
	const struct network *network;
};

/* The energy curtailed on one farm in one period: Σ |volume|, rounded to 1e-9 MWh. */
struct pair {
	int period;
	char farm[FARM_TEXT];
	int64_t nmwh;			/* 1e-9 MWh */
};

/* The network at the start of a period, as numbers and as a row shows them. */
struct period_inputs {
	unsigned __int128 difficulty;	/* 1e-8 */
	int64_t subsidy;		/* satoshi */
	char difficulty_text[FIXED_TEXT];
	char subsidy_text[SATOSHI_TEXT];
};

/* Look a period's inputs up; false, with the reason, where they are not known. */
bool calculation_inputs(const struct calculation_facts *facts, day_t day, int period, struct period_inputs *inputs,
			struct reason *why);

/* The same with one or both given by hand (difficulty 0 and subsidy 0 mean: look it up). */
bool calculation_inputs_given(const struct calculation_facts *facts, day_t day, int period,
			      unsigned __int128 difficulty, int64_t subsidy, struct period_inputs *inputs, struct reason *why);

/* Comparing ---------------------------------------------------------------------------------- */

enum difference { MISSING, STALE, ORPHAN };

/* The word for it: "missing", "stale", "orphan". */
const char *difference_name(enum difference difference);

/* What differs: the key, and for MISSING and STALE the row that should be stored (without newline). */
struct difference_row {
	enum difference difference;
	day_t day;
	int period;
	const char *farm, *model;	/* unescaped; borrowed for the length of the call */
	const char *row;		/* NULL for ORPHAN, and where it cannot be made */
	size_t row_len;
	const char *unknown;		/* why it cannot be made; NULL where it can */
	bool impossible;		/* because its inputs, which are known, give no amount */
};

struct day_count {
	long expected;		/* (period, farm) × models in force */
	long present;		/* of these, how many are stored */
	long right;		/* of these, how many are what they should be */
	long missing, stale, orphan;	/* those of retired models among them */
	long unknown;		/* of missing and stale, those that cannot be made */
};

struct comparison {
	/* The stored rows of the day in key order: NULL ends.  The row is borrowed until the next call. */
	const char *(*next_stored)(void *source);
	void *source;
	/* Called for each difference; NULL if only the counts are wanted. */
	void (*differs)(void *ctx, const struct difference_row *difference);
	void *ctx;
};

/*
 * Compare a day's calculations with those stored.  pairs are in the order (period, farm), each
 * once.  False, with the reason, for a stored row that cannot be read.
 */
bool calculations_compare(const struct calculation_facts *facts, day_t day, const struct pair *pairs, size_t n_pairs,
			  const struct comparison *comparison, struct day_count *count, struct reason *why);

#endif

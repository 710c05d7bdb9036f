/*
 * status_metrics - the figures that check-status tells, and when they are bad
 *
 * Names in JSON and in Prometheus are the promise of this file: they stay.  Pure, but for the
 * limits, which are set once from the options.
 */
#ifndef WINDFALL_STATUS_METRICS_H
#define WINDFALL_STATUS_METRICS_H

#include "base/reason.h"
#include "status/metric.h"

enum figure_id {
	FIRST_DAY, LAST_DAY, DAYS, LAG, RECORDS, PAIRS, ENERGY, PAYMENT,
	PERIODS_EXPECTED, PERIODS_FETCHED, PERIODS_FINAL, PROVISIONAL, PROVISIONAL_OVERDUE, UNFETCHED, UNFETCHED_OVERDUE,
	SUSPECT, UNDECIDED_UNITS, UNDECIDED_MWH,
	WINDOW_FROM, WINDOW_TO, WINDOW_DAYS, EXPECTED, PRESENT, MISSING_NOW, STALE_NOW, ORPHAN_NOW, UNKNOWN_INPUTS, PERCENT,
	CALCULATIONS, BITCOIN, COUNTED_MISSING, COUNTED_SURPLUS, COUNTED_PERCENT, MODEL_DIFFERENCES, SUMMARY_DIFFERENCES,
	CURRENCY, DAYS_WITHOUT_PRICE,
	DIFFICULTY, DIFFICULTY_FROM, DIFFICULTY_UNTIL, DIFFICULTY_SOURCE, DIFFICULTY_AGE,
	LEDGER_FILLS, LEDGER_LAST_FILL, LEDGER_ASKED_AGE, LEDGER_PROPOSALS, LEDGER_NOT_BOOKED, LEDGER_GAIN, LEDGER_UNCOVERED,
	LEDGER_UNCOVERED_PROCEEDS, LEDGER_UNMATCHED, LEDGER_CONTRACTS, LEDGER_FINDINGS, LEDGER_CHECKED,
	JOB_ENDED, JOB_GOOD, JOB_AGE, JOB_STATUS, JOB_VERDICT, JOB_DURATION, FAILED_DATES,
	DATABASE_SIZE, PARTITIONS_AHEAD, CHECKED_AT, N_FIGURES
};

extern const struct figure_def status_defs[N_FIGURES];

/* In the order they are shown; a heading says how far its figures can be believed. */
extern const struct figure_group status_groups[];

/* The long options that set a limit: their names are status_option(0 … STATUS_OPTIONS - 1). */
enum { STATUS_LIMITS = 17, STATUS_OPTIONS = 2 * (STATUS_LIMITS + 1) };
const char *status_option(int option);

/* Set one from "100", "99.5", "30h", "2d" or "off", or "JOB=" and one of these for an age.
 * False, with the reason. */
bool status_set_limit(int option, const char *text, struct reason *why);

/* The limits in force, as rows of TSV with a header: limit, job (of an age), warn and crit; times in seconds. */
void status_print_limits(struct buf *out);

/* Judge every figure that has a limit. */
void status_judge(struct figures *all);

#endif

/*
 * fetch_summary_io - what fetching came to: added up day by day, said once at the end
 */
#ifndef WINDFALL_FETCH_SUMMARY_IO_H
#define WINDFALL_FETCH_SUMMARY_IO_H

#include <stdbool.h>

#include "curtailment/curtailment.h"
#include "net/http.h"

struct fetch_summary {
	long fetched, failed, not_tried, suspect;	/* periods */
	long long rows;				/* kept, of the periods fetched */
	struct decimal volume, payment;		/* of these rows: MWh, negative; £ */
	struct curtailed_undecided *undecided;	/* what nobody says is wind, one a unit */
	size_t n_undecided;
	bool complete;				/* a register that holds every unit said so */
};

void fetch_summary_init(struct fetch_summary *t);
void fetch_summary_release(struct fetch_summary *t);

/* Add a date whose every period has its state.  A unit that it lacks counts at any price where the register is
 * complete; a list of wind units alone lacks most, so that only those at or below zero do. */
void fetch_summary_add(struct fetch_summary *t, const struct curtailed_day *d, bool complete);

/* Periods of which it is known what became of them. */
long fetch_summary_settled(const struct fetch_summary *t);

/* Say the totals: what to look at as warnings, then one line of facts.  done is the word for what was
 * done with the rows; more are further facts, "key=value" each after a space, or "". */
void fetch_summary_say(const struct fetch_summary *t, const char *done, size_t n_days, const char *more,
		       const struct http_totals *http);

#endif

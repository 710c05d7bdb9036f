/*
 * fetched_day_io - what is odd about a day that was fetched, judged by itself and said
 *
 * A period that must not be passed on or stored becomes PERIOD_FAILED; the exit status that this calls for is
 * returned, 0 where all is well.  What a stored answer says besides is curtailment_db's to ask.
 */
#ifndef WINDFALL_FETCHED_DAY_IO_H
#define WINDFALL_FETCHED_DAY_IO_H

#include "curtailment/curtailment.h"

/* Refuse a day that is nowhere (curtailed_is_nowhere()): EX_UNAVAILABLE. */
int fetched_day_check_absence(struct curtailed_day *d, bool archived, instant_t now);

/* A filter has nothing to compare with: that nothing at all was accepted in a settled period is a warning, and what no
 * unit can make is not passed on: EX_DATAERR. */
int fetched_day_check_alone(struct curtailed_day *d);

/* Warn of what is taken as sent although a person should see it: energy beyond the register's capacity, a price that
 * nobody pays, an acceptance that stands twice. */
void fetched_day_warn(const struct curtailed_day *d);

#endif

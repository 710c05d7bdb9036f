/*
 * energy_sums_io - energy summed by (settlement date, period, farm), in whatever order it comes
 *
 * Memory stays bounded however long the input is: what does not fit is sorted into temporary
 * files (TMPDIR) and merged at the end.
 */
#ifndef WINDFALL_ENERGY_SUMS_IO_H
#define WINDFALL_ENERGY_SUMS_IO_H

#include <stdbool.h>

#include "base/reason.h"
#include "calculation/calculation.h"
#include "exact/calendar.h"
#include "exact/energy.h"

struct pair_sums;

/* max_in_memory: how many sums are held before they are put aside (32 bytes each; 0: 400,000). */
struct pair_sums *pairs_new(size_t max_in_memory);

/* Add |energy| to a sum.  False, with the reason: the farm id is empty or too long, the sum does
 * not fit, or the temporary file cannot be written. */
bool pairs_add(struct pair_sums *sums, day_t day, int period, const char *farm, energy_t energy, struct reason *why);

/* Nothing more will be added: get ready to read. */
bool pairs_finish(struct pair_sums *sums, struct reason *why);

/* The next sum in the order of (date, period, farm): 1; 0 at the end; -1 with the reason. */
int pairs_next(struct pair_sums *sums, day_t *day, struct pair *pair, struct reason *why);

/* Was it the temporary file, and not the data, that the last false or -1 was for? */
bool pairs_disk_failed(const struct pair_sums *sums);

void pairs_free(struct pair_sums *sums);

#endif

/*
 * energy - megawatt hours, exactly
 *
 * Volumes come with up to some twenty decimals and are summed before anything is rounded.
 * They are held as whole numbers of 1e-30 MWh in 128 bits: 30 decimals and up to 170 million
 * MWh, ten thousand times what Great Britain uses in a half hour.
 */
#ifndef WINDFALL_ENERGY_H
#define WINDFALL_ENERGY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"
#include "exact/fixed.h"

/* 1e-30 MWh. */
typedef __int128 energy_t;

/* A volume that the parser lets pass is smaller than this many MWh, either sign. */
#define ENERGY_LIMIT_MWH 1000000

#define NMWH_TEXT FIXED_TEXT	/* "-170000000.123456789" and its NUL, with room */

/*
 * Parse a decimal number such as "-10.166666666666666075" or "2.5e-07".  False, with the
 * reason, for anything else: letters, NaN, infinities, more than 30 decimals that are not
 * zero, ENERGY_LIMIT_MWH or more.
 */
bool energy_parse(const char *text, energy_t *energy, struct reason *why);

/* Add |more| to sum; false if the sum no longer fits. */
bool energy_add_magnitude(energy_t *sum, energy_t more);

/* Round half away from zero to whole 1e-9 MWh. */
int64_t energy_round(energy_t energy);

/* Write 1e-9 MWh as MWh with nine decimals, such as "62399.044166466", and return text. */
char *nmwh_format(int64_t nmwh, char text[NMWH_TEXT]);

/* Parse MWh of at most nine decimals, such as the tables hold, to 1e-9 MWh. */
bool nmwh_parse(const char *text, int64_t *nmwh);

#endif

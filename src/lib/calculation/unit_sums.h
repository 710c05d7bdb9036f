/*
 * unit_sums - records and calculations added up by farm and day, and by half hour
 *
 * Rows come as COPY text, records in the order of their key; keys stay as they came, escaped, so that a farm may be
 * called anything.  All sums are exact: energy in 1e-9 MWh, each farm's half hour rounded before (energy.h), pounds
 * in 1e-24, bitcoin in satoshi.  A figure that does not fit these is refused: a caller then has the database add them
 * up.
 */
#ifndef WINDFALL_UNIT_SUMS_H
#define WINDFALL_UNIT_SUMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/reason.h"

/* Of records: a farm's day, a half hour; of calculations the same by miner model. */
enum unit_level { FARM_DAYS, HALF_HOURS, FARM_COINS, HALF_HOUR_COINS, UNIT_LEVELS };

struct unit_sums;

/* Begin with nothing; free it. */
struct unit_sums *unit_sums_new(void);
void unit_sums_free(struct unit_sums *s);

/* Add a record, "date period farm volume payment", of which the payment may be \N; or after the last of them, NULL.
 * False, with the reason, for a figure or a key that cannot be held. */
bool unit_sums_record(struct unit_sums *s, const char *row, struct reason *why);

/* Add a calculation, "date period farm model bitcoin".  Likewise. */
bool unit_sums_calculation(struct unit_sums *s, const char *row, struct reason *why);

/*
 * Hold a stored sum against its own: "date farm curtailed_mwh payment payment_to_farms payment_by_farms records
 * periods", "date period …" and the number of farms, or "date farm model bitcoin_mined calculations", "date period
 * model …".  False if there is nothing of it to add up: the row should not be there.
 */
bool unit_sums_stored(struct unit_sums *s, enum unit_level level, const char *row);

/* Append the rows, as above, of which none was held against them or one that differs: how many.  whole is set if no
 * stored row of the level was seen. */
long unit_sums_changed(const struct unit_sums *s, enum unit_level level, struct buf *rows, bool *whole);

#endif

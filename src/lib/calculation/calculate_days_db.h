/*
 * calculate_days_db - make the stored calculations of days match the stored curtailment records
 *
 * What calc-btc --store does.  Each function succeeds, or ends the process (db.h).
 */
#ifndef WINDFALL_CALCULATE_DAYS_DB_H
#define WINDFALL_CALCULATE_DAYS_DB_H

#include "calculation/calculation_changes_db.h"
#include "calculation/models_db.h"
#include "db/day_set.h"

/*
 * Add what is missing on the wanted days, replace what is stale, remove the orphans, one transaction a day.  Of other
 * models than the chosen ones nothing is read or changed.  The days are held, and another tool that would write one of
 * them waits.  Returns what was done; days with calculations that cannot be made are logged and counted in it.
 */
struct change_totals calculate_days(const struct day_set *wanted, const struct model_choice *models);

#endif

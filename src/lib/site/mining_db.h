/*
 * mining_db - the mining page: what so many machines would have earned at each farm, and what it stands on
 */
#ifndef WINDFALL_SITE_MINING_DB_H
#define WINDFALL_SITE_MINING_DB_H

#include "fleet/request_io.h"
#include "site/pages_db.h"

/*
 * Write the page, on a fleet of so many machines at each farm, beside the sizes that it always shows.  The request was
 * checked; its span is that from the beginning of the latest year to the latest final day where it names none; NULL:
 * there is no miner model to ask with.  options is what else the page depends on, for its key; with keep, a page that
 * is there stays.
 */
void pages_mining(struct site_data *data, const struct fleet_request *request, int64_t machines, const char *options,
		  bool keep);

#endif

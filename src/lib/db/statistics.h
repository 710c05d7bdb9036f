/*
 * statistics - what the planner knows of tables that were just filled
 *
 * A table that nobody has analyzed is planned for as if it were all but empty, and a join of two such tables may take
 * twenty times as long.  The server analyzes by itself some minutes later, and never the whole of one cut into
 * partitions.
 */
#ifndef WINDFALL_STATISTICS_H
#define WINDFALL_STATISTICS_H

#include "db/db.h"

/* Rows that are worth asking for: with fewer the statistics are left to the server. */
enum { STATISTICS_ROWS = 1000 };

/*
 * Analyze of these tables ({name,...}, an array literal) what was never analyzed or has grown by a fifth since, if so
 * many rows were written.  Call outside a transaction, behind the last write.  One that another session analyzes is
 * passed over, and so is what this role does not own.
 */
void statistics_refresh(PGconn *db, const char *tables, long long rows_written);

#endif

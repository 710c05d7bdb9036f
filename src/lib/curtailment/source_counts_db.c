#include "curtailment/source_counts_db.h"

#include <stdio.h>

#include "base/plural.h"
#include "os/log.h"

static const char provisional_sql[] =
	"update ingested_periods set status = 'provisional'"
	" where settlement_date = $1::date and settlement_period = $2::smallint and status = 'final'";

long source_counts_doubt(PGconn *db, const struct plan *plan, const struct source_counts *before,
			 const struct source_counts *after)
{
	char date[DAY_TEXT], number[12];
	long changed = 0;

	for (size_t i = 0; i < plan->n_days; i++)
		for (int p = 1; p <= MAX_PERIODS; p++) {
			int first = before->days[i].count[p], last = after->days[i].count[p];

			if (!(plan->days[i].periods >> (p - 1) & 1) || first < 0 || last < 0 || first == last)
				continue;
			day_format(plan->days[i].day, date);
			snprintf(number, sizeof number, "%d", p);
			log_warning("%s period %d: the source had %d %s before the fetch and %d after it; "
				    "the period stays provisional", date, p, first, plural(first, "row", "rows"), last);
			db_change(db, provisional_sql, DB_ARGS(date, number));
			changed++;
		}
	return changed;
}

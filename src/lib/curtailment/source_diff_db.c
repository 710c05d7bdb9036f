#include "curtailment/source_diff_db.h"
#include "query/source-diff.h"

const char *const verify_columns[] = {
	"settlement_date", "settlement_period", "stored_rows", "source_rows", "stored_volume", "source_volume",
	"only_stored", "only_source", NULL
};

int verify_day(PGconn *db, const struct curtailed_day *d, struct tsv_writer *out)
{
	struct buf rows = BUF_INIT, numbers = BUF_INIT, suspects = BUF_INIT;
	PGresult *res;
	int n;

	buf_addc(&numbers, '{');
	buf_addc(&suspects, '{');
	for (int p = 1; p <= MAX_PERIODS; p++) {
		if (d->period[p].state != PERIOD_FETCHED && d->period[p].state != PERIOD_SUSPECT)
			continue;
		if (d->period[p].state == PERIOD_SUSPECT)
			buf_addf(&suspects, "%s%d", suspects.len > 1 ? "," : "", p);
		buf_addf(&numbers, "%s%d", numbers.len > 1 ? "," : "", p);
		buf_add(&rows, d->period[p].rows.data, d->period[p].rows.len);
	}
	buf_addc(&numbers, '}');
	buf_addc(&suspects, '}');
	res = db_query(db, query_source_diff, DB_ARGS(d->text, rows.data ? rows.data : "", numbers.data, suspects.data));
	n = db_print(res, NULL, out);
	buf_release(&rows);
	buf_release(&numbers);
	buf_release(&suspects);
	return n;
}

#include "calculation/day_proofs_db.h"

#include <stdlib.h>
#include <string.h>

#include "exact/energy.h"
#include "query/day-proofs-store.h"
#include "query/day-proofs.h"

/* Provers share this lock and who tidies has it alone: what a prover has not seen yet must stay noted. */
#define PROVING "hashtextextended('day proofs', 0)"

static const char share_sql[] = "select pg_advisory_xact_lock_shared(" PROVING ")";

/* A transaction that sees only what was there when it began may have begun before it held the day. */
static const char begin_sql[] =
	"select pg_current_snapshot(),"
	"       case when current_setting('transaction_isolation') = 'read committed'"
	"            then month_seal(date_trunc('month', $1::date)::date) end";

static const char any_notes_sql[] = "select exists (select from withdrawn_proofs)";
static const char tidy_sql[] =
	"delete from withdrawn_proofs w"
	" where not exists (select from day_proofs p where p.settlement_date between w.from_date and w.to_date"
	"                      and not pg_visible_in_snapshot(w.writer, p.seen))";

void day_proofs_read(struct day_proofs *p, PGconn *db, struct day_range days, const struct calculation_facts *facts)
{
	char from[DAY_TEXT], to[DAY_TEXT];
	PGresult *res = db_query(db, query_day_proofs, DB_ARGS(day_format(days.from, from), day_format(days.to, to)));
	const int n = PQntuples(res);

	*p = (struct day_proofs){ .rows = n ? xmalloc((size_t)n * sizeof *p->rows) : NULL };
	for (int i = 0; i < n; i++) {
		struct day_proof *row = &p->rows[p->n];

		*row = (struct day_proof){
			.inputs = (uint64_t)db_int(res, i, 1),
			.records = db_int(res, i, 2),
			.pairs = db_int(res, i, 3),
			.expected = db_int(res, i, 5),
			.calculations = db_int(res, i, 6),
		};
		if (day_parse(PQgetvalue(res, i, 0), &row->day) && nmwh_parse(PQgetvalue(res, i, 4), &row->nmwh) &&
		    row->inputs == digest_inputs(facts, row->day))
			p->n++;
	}
	PQclear(res);
}

const struct day_proof *day_proofs_from(struct day_proofs *p, day_t day)
{
	while (p->next < p->n && p->rows[p->next].day < day)
		p->next++;
	return p->next < p->n ? &p->rows[p->next] : NULL;
}

void day_proofs_release(struct day_proofs *p)
{
	free(p->rows);
	*p = (struct day_proofs){ 0 };
}

void proving_begin(struct proving *w, PGconn *db, day_t day)
{
	char date[DAY_TEXT];
	PGresult *res;

	PQclear(db_query(db, share_sql, DB_NO_ARGS));
	res = db_query(db, begin_sql, DB_ARGS(day_format(day, date)));
	w->seen = xstrdup(PQgetvalue(res, 0, 0));
	w->seal = PQgetisnull(res, 0, 1) ? NULL : xstrdup(PQgetvalue(res, 0, 1));
	PQclear(res);
}

static void add_int(struct buf *array, int64_t value)
{
	buf_addf(array, "%s%lld", array->len > 1 ? "," : "", (long long)value);
}

void proving_store(const struct proving *w, PGconn *db, const struct day_proof *proofs, size_t n)
{
	enum { DAYS, INPUTS, RECORDS, PAIRS, NMWH, EXPECTED, CALCULATIONS, DIGESTS, N_ARRAYS };
	struct buf arrays[N_ARRAYS] = { BUF_INIT };
	char date[DAY_TEXT];

	for (int i = 0; i < N_ARRAYS; i++)
		db_array_begin(&arrays[i]);
	for (const struct day_proof *p = proofs; p < proofs + n; p++) {
		db_array_add(&arrays[DAYS], day_format(p->day, date));
		add_int(&arrays[INPUTS], (int64_t)p->inputs);
		add_int(&arrays[RECORDS], p->records);
		add_int(&arrays[PAIRS], p->pairs);
		add_int(&arrays[NMWH], p->nmwh);
		add_int(&arrays[EXPECTED], p->expected);
		add_int(&arrays[CALCULATIONS], p->calculations);
		db_array_add(&arrays[DIGESTS], p->digest);
	}
	for (int i = 0; i < N_ARRAYS; i++)
		db_array_end(&arrays[i]);
	db_change(db, query_day_proofs_store,
		  DB_ARGS(w->seen, w->seal, arrays[DAYS].data, arrays[INPUTS].data, arrays[RECORDS].data, arrays[PAIRS].data,
			  arrays[NMWH].data, arrays[EXPECTED].data, arrays[CALCULATIONS].data, arrays[DIGESTS].data));
	for (int i = 0; i < N_ARRAYS; i++)
		buf_release(&arrays[i]);
}

void proving_end(struct proving *w)
{
	free(w->seen);
	free(w->seal);
	*w = (struct proving){ 0 };
}

void day_proofs_tidy(PGconn *db)
{
	char *any = db_value(db, any_notes_sql, DB_NO_ARGS), *alone;

	if (*any == 't') {
		db_begin(db, "isolation level read committed");
		alone = db_value(db, "select pg_try_advisory_xact_lock(" PROVING ")", DB_NO_ARGS);
		if (*alone == 't')
			db_change(db, tidy_sql, DB_NO_ARGS);
		db_exec(db, "commit");
		free(alone);
	}
	free(any);
}

#include "curtailment/settled_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/opts.h"
#include "db/stage.h"
#include "format/copy_text.h"
#include "query/settled-compare.h"
#include "query/settled-day.h"

enum { LOCK_SECONDS = 60 };

/* Multipliers that were seen lie within 2 % of 1. */
enum { MULTIPLIER_PERCENT = 3 };

static const char *const columns[] = {
	"settlement_date", "settlement_period", "farm_id", "bid_cashflow", "offer_cashflow", "not_flagged", NULL
};

static const char pairs_sql[] =
	"select count(*) from (select distinct settlement_period, farm_id from curtailment_records"
	"                       where settlement_date = $1::date and stack = 'bid') pairs";

static const char rows_sql[] = "select bid_rows, offer_rows from settled_days where settlement_date = $1::date";

static const char gone_sql[] =
	"with fresh as materialized (select settlement_period, farm_id from staged_settled_cashflows)"
	" delete from settled_cashflows c"
	"  where c.settlement_date = $1::date"
	"    and not exists (select from fresh f where f.settlement_period = c.settlement_period and f.farm_id = c.farm_id)";

const char *settled_reason_name(enum settled_reason reason)
{
	static const char *const names[SETTLED_REASONS] = {
		"unfetched", "multiplier_missing", "not_flagged", "records_differ", "not_in_source", "unexplained"
	};

	return names[reason];
}

void settled_differences_release(struct settled_differences *d)
{
	for (size_t i = 0; i < d->n; i++) {
		decimal_release(&d->list[i].settled);
		decimal_release(&d->list[i].expected);
		decimal_release(&d->list[i].plain);
		decimal_release(&d->list[i].not_flagged);
	}
	free(d->list);
	*d = (struct settled_differences){ .list = NULL };
}

/* Is |a - b| at most a penny, or this many per cent of a third figure? */
static bool is_near(const struct decimal *a, const struct decimal *b, int percent, const struct decimal *of)
{
	struct decimal apart, most;
	bool near;

	decimal_init(&apart);
	decimal_init(&most);
	decimal_apart(&apart, a, b);
	decimal_set_int(&most, 1, 2);
	decimal_add_share(&most, percent, 2, of);
	near = decimal_cmp(&apart, &most) <= 0;
	decimal_release(&apart);
	decimal_release(&most);
	return near;
}

static void read_pounds(struct decimal *to, const PGresult *res, int row, int column)
{
	decimal_init(to);
	if (!PQgetisnull(res, row, column))
		decimal_parse_text(to, PQgetvalue(res, row, column), DECIMAL_PLAIN, NULL);
}

static void read_difference(struct settled_difference *d, const PGresult *res, int row)
{
	*d = (struct settled_difference){
		.period = (int)db_int(res, row, 0),
		.in_source = !PQgetisnull(res, row, 2),
		.stored = !PQgetisnull(res, row, 3),
		.without_multiplier = *PQgetvalue(res, row, 5) == 't',
		.fetched = *PQgetvalue(res, row, 6) == 't',
	};
	snprintf(d->unit, sizeof d->unit, "%s", PQgetvalue(res, row, 1));
	read_pounds(&d->settled, res, row, 2);
	read_pounds(&d->expected, res, row, 3);
	read_pounds(&d->plain, res, row, 4);
	decimal_init(&d->not_flagged);
	if (!d->fetched)
		d->reason = SETTLED_UNFETCHED;
	else if (!d->in_source)
		d->reason = SETTLED_NOT_IN_SOURCE;
	else if (d->without_multiplier && is_near(&d->settled, &d->plain, MULTIPLIER_PERCENT, &d->plain))
		d->reason = SETTLED_NO_MULTIPLIER;
	else
		d->reason = SETTLED_UNEXPLAINED;
}

void settled_compare(PGconn *db, const struct cashflows *bids, const struct elexon_unit *units, size_t n_units,
		     struct settled_differences *d)
{
	struct buf periods = BUF_INIT, ids = BUF_INIT, flows = BUF_INIT;
	char date[DAY_TEXT], number[12], *pairs;
	PGresult *res;

	db_array_begin(&periods);
	db_array_begin(&ids);
	db_array_begin(&flows);
	for (size_t i = 0; i < bids->n_rows; i++) {
		if (!elexon_is_wind(elexon_find_unit(units, n_units, bids->rows[i].unit)))
			continue;
		snprintf(number, sizeof number, "%d", bids->rows[i].period);
		db_array_add(&periods, number);
		db_array_add(&ids, bids->rows[i].unit);
		db_array_add(&flows, bids->rows[i].total);
	}
	db_array_end(&periods);
	db_array_end(&ids);
	db_array_end(&flows);
	day_format(bids->day, date);
	res = db_query(db, query_settled_compare, DB_ARGS(date, periods.data, ids.data, flows.data));
	d->n = (size_t)PQntuples(res);
	d->list = xmalloc((d->n + 1) * sizeof *d->list);
	for (size_t i = 0; i < d->n; i++) {
		read_difference(&d->list[i], res, (int)i);
		d->lacking += d->list[i].stored && !d->list[i].in_source;
	}
	PQclear(res);
	pairs = db_value(db, pairs_sql, DB_ARGS(date));
	d->stored_pairs = strtol(pairs, NULL, 10);
	free(pairs);
	buf_release(&periods);
	buf_release(&ids);
	buf_release(&flows);
}

/* What a stack settles with a unit for its bids, with the SO flag and without: volume × price × multiplier. */
struct settled_stack {
	struct decimal flagged, not_flagged;
	bool any_not_flagged, without_multiplier;
};

static void add_bid(struct settled_stack *sum, const struct elexon_row *row)
{
	struct decimal pounds, factor;
	struct decimal *to = row->so_flag == ELEXON_TRUE ? &sum->flagged : &sum->not_flagged;

	if (!*row->original_price)
		return;
	decimal_init(&pounds);
	decimal_init(&factor);
	decimal_parse_text(&pounds, row->volume, DECIMAL_PLAIN, NULL);
	decimal_parse_text(&factor, row->original_price, DECIMAL_PLAIN, NULL);
	decimal_mul(&pounds, &pounds, &factor);
	if (*row->transmission_loss_multiplier) {
		decimal_parse_text(&factor, row->transmission_loss_multiplier, DECIMAL_PLAIN, NULL);
		decimal_mul(&pounds, &pounds, &factor);
	} else {
		sum->without_multiplier = true;
	}
	decimal_add(to, to, &pounds);
	sum->any_not_flagged |= row->so_flag != ELEXON_TRUE;
	decimal_release(&pounds);
	decimal_release(&factor);
}

static void explain(struct settled_difference *d, const struct elexon_stack *stack)
{
	struct settled_stack sum = { .any_not_flagged = false };
	struct decimal with, all;
	int percent;

	decimal_init(&sum.flagged);
	decimal_init(&sum.not_flagged);
	decimal_init(&with);
	decimal_init(&all);
	for (size_t i = 0; i < stack->n_rows; i++)
		if (stack->rows[i].sign < 0 && strcmp(stack->rows[i].id, d->unit) == 0)
			add_bid(&sum, &stack->rows[i]);
	decimal_add(&with, &d->expected, &sum.not_flagged);
	decimal_add(&all, &sum.flagged, &sum.not_flagged);
	percent = sum.without_multiplier || d->without_multiplier ? MULTIPLIER_PERCENT : 0;
	if (sum.any_not_flagged && is_near(&d->settled, &with, percent, &with)) {
		d->reason = SETTLED_NOT_FLAGGED;
		decimal_set(&d->not_flagged, &sum.not_flagged);
	} else if (d->in_source && is_near(&d->settled, &all, percent, &all)) {
		d->reason = SETTLED_RECORDS_DIFFER;
		decimal_set(&d->not_flagged, &sum.not_flagged);
	}
	decimal_release(&sum.flagged);
	decimal_release(&sum.not_flagged);
	decimal_release(&with);
	decimal_release(&all);
}

void settled_explain(struct settled_differences *d, const struct elexon_stack *stack)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->list[i].period == stack->period && d->list[i].reason > SETTLED_NOT_FLAGGED)
			explain(&d->list[i], stack);
}

void settled_rows_stored(PGconn *db, day_t day, int rows[2])
{
	char date[DAY_TEXT];
	PGresult *res = db_query(db, rows_sql, DB_ARGS(day_format(day, date)));

	for (int side = 0; side < 2; side++)
		rows[side] = PQntuples(res) ? (int)db_int(res, 0, side) : 0;
	PQclear(res);
}

/* Of a row of either side, its place in the order of (period, unit); no row comes last. */
static int compare_flows(const struct cashflow *a, const struct cashflow *b)
{
	if (!a || !b)
		return (!a) - (!b);
	return a->period != b->period ? (a->period > b->period) - (a->period < b->period) : strcmp(a->unit, b->unit);
}

static const struct settled_difference *difference_of(const struct settled_differences *d, const struct cashflow *row)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->list[i].period == row->period && strcmp(d->list[i].unit, row->unit) == 0)
			return &d->list[i];
	return NULL;
}

static bool is_zero(const struct cashflow *row)
{
	return !row || row->total[strspn(row->total, "-0.")] == '\0';
}

/* The cash flows of wind units, of both sides beside each other, as COPY text. */
static void write_flows(const struct cashflows sides[2], const struct elexon_unit *units, size_t n_units,
			const struct settled_differences *d, struct buf *rows)
{
	const struct cashflows *bids = &sides[ELEXON_BID], *offers = &sides[ELEXON_OFFER];
	char date[DAY_TEXT];

	day_format(bids->day, date);
	for (size_t i = 0, j = 0; i < bids->n_rows || j < offers->n_rows; ) {
		const struct cashflow *bid = i < bids->n_rows ? &bids->rows[i] : NULL;
		const struct cashflow *offer = j < offers->n_rows ? &offers->rows[j] : NULL;
		int order = compare_flows(bid, offer);
		const struct cashflow *row = order <= 0 ? bid : offer;
		const struct settled_difference *difference;

		bid = order <= 0 ? bid : NULL;
		offer = order >= 0 ? offer : NULL;
		i += bid != NULL;
		j += offer != NULL;
		if (!elexon_is_wind(elexon_find_unit(units, n_units, row->unit)) || (is_zero(bid) && is_zero(offer)))
			continue;
		buf_addf(rows, "%s\t%d\t", date, row->period);
		copy_escape(rows, row->unit);
		buf_addf(rows, "\t%s\t%s\t", bid ? bid->total : "0", offer ? offer->total : "0");
		difference = bid ? difference_of(d, bid) : NULL;
		if (difference)
			decimal_write(&difference->not_flagged, DECIMAL_TRIM_ZEROS, rows);
		else
			buf_addc(rows, '0');
		buf_addc(rows, '\n');
	}
}

long long settled_store(PGconn *db, const struct cashflows sides[2], const struct elexon_unit *units, size_t n_units,
			const struct settled_differences *d, long unexplained)
{
	char date[DAY_TEXT], seen[2][12], created[INSTANT_TEXT], open[24];
	const struct cashflows *newest = sides[1].newest_created > sides[0].newest_created ? &sides[1] : &sides[0];
	struct buf rows = BUF_INIT;
	long long changed;

	write_flows(sides, units, n_units, d, &rows);
	for (int side = 0; side < 2; side++)
		snprintf(seen[side], sizeof seen[side], "%d", sides[side].rows_seen);
	snprintf(open, sizeof open, "%ld", unexplained);
	day_format(sides[0].day, date);
	db_begin(db, "");
	db_lock_day(db, sides[0].day, LOCK_SECONDS);
	db_stage(db, "settled_cashflows", columns, rows.data, rows.len);
	changed = db_change(db, gone_sql, DB_ARGS(date));
	changed += db_merge(db, "settled_cashflows", columns, 3, 3);
	changed += db_change(db, query_settled_day,
			     DB_ARGS(date, seen[0], seen[1],
				     newest->has_created ? instant_format(newest->newest_created, created) : NULL, open));
	db_exec(db, "commit");
	buf_release(&rows);
	return changed;
}

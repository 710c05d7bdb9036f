#include "curtailment/replacement.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/plural.h"
#include "exact/energy.h"

const char *const replacement_columns[] = {
	"settlement_date", "settlement_period", "status", "curtailed_mwh", "replaced_mwh", "cost", "offers", "rows_seen",
	"source_created_at", "records_as_of", NULL
};
const char *const replacement_offer_columns[] = {
	"settlement_date", "settlement_period", "place", "unit_id", "acceptance_id", "pair_id", "sequence_number", "so_flag",
	"offered_mwh", "original_price", "taken_mwh", NULL
};

/* The order of the stack; what stands behind the sequence number only settles what the source left open. */
static int by_turn(const void *x, const void *y)
{
	const struct elexon_row *a = *(const struct elexon_row *const *)x;
	const struct elexon_row *b = *(const struct elexon_row *const *)y;
	int order = (a->so_flag == ELEXON_TRUE) - (b->so_flag == ELEXON_TRUE);

#define THEN(p, q) if (!order) order = ((p) > (q)) - ((p) < (q))
	THEN(a->sequence_number, b->sequence_number);
	if (!order)
		order = strcmp(a->id, b->id);
	THEN(a->acceptance_id, b->acceptance_id);
	THEN(a->pair_id, b->pair_id);
	THEN(a->number, b->number);
#undef THEN
	return order;
}

/* Offers in the order of their turns; caller frees. */
static const struct elexon_row **in_order(const struct elexon_stack *offers, size_t *n)
{
	const struct elexon_row **rows = xmalloc((offers->n_rows + 1) * sizeof *rows);

	*n = 0;
	for (size_t i = 0; i < offers->n_rows; i++)
		if (offers->rows[i].sign > 0 && offers->rows[i].cadl_flag != ELEXON_TRUE)
			rows[(*n)++] = &offers->rows[i];
	if (*n)
		qsort(rows, *n, sizeof *rows, by_turn);
	return rows;
}

static void note_implausible(struct replacement *r, const struct elexon_row *row)
{
	if (!elexon_price_is_implausible(row) && strtod(row->volume, NULL) <= ELEXON_NO_UNIT_MAKES)
		return;
	if (r->n_implausible++ == 0)
		r->implausible = row;
}

/* Take of an offer what is lacking, or all of it, and lessen what is lacking by that. */
static void take(struct replacement *r, const struct elexon_row *row, struct decimal *lacking)
{
	struct replacement_offer *offer = &r->offers[r->n_offers++];
	struct decimal paid;

	offer->row = row;
	decimal_init(&offer->taken);
	decimal_init(&paid);
	decimal_parse_text(&offer->taken, row->volume, DECIMAL_PLAIN, NULL);
	decimal_parse_text(&paid, row->original_price, DECIMAL_PLAIN, NULL);
	if (decimal_cmp(&offer->taken, lacking) > 0)
		decimal_set(&offer->taken, lacking);
	decimal_sub(lacking, lacking, &offer->taken);
	decimal_add(&r->replaced, &r->replaced, &offer->taken);
	decimal_mul(&paid, &paid, &offer->taken);
	decimal_add(&r->cost, &r->cost, &paid);
	decimal_release(&paid);
	note_implausible(r, row);
}

bool replacement_choose(const struct elexon_stack *offers, int64_t curtailed, struct replacement *r, struct reason *why)
{
	size_t n;
	const struct elexon_row **rows = in_order(offers, &n);
	struct decimal lacking;
	bool ok = true;

	*r = (struct replacement){ .curtailed = curtailed, .offers = xmalloc((n + 1) * sizeof *r->offers) };
	decimal_init(&r->replaced);
	decimal_init(&r->cost);
	decimal_init(&lacking);
	decimal_set_int(&lacking, curtailed, 9);
	for (size_t i = 0; ok && i < n && decimal_sign(&lacking) > 0; i++) {
		if (rows[i]->contradicts)
			ok = reason_set(why, "period %d, row %d (%s): same acceptance, pair and sequence as row %d, but another content",
					offers->period, rows[i]->number, rows[i]->id, rows[i]->contradicts);
		else if (!*rows[i]->original_price)
			r->unpriced++;
		else
			take(r, rows[i], &lacking);
	}
	decimal_release(&lacking);
	free(rows);
	return ok;
}

void replacement_release(struct replacement *r)
{
	for (size_t i = 0; i < r->n_offers; i++)
		decimal_release(&r->offers[i].taken);
	free(r->offers);
	decimal_release(&r->replaced);
	decimal_release(&r->cost);
}

bool replacement_is_wind_alone(const struct elexon_stack *offers, const struct elexon_unit *units, size_t n_units)
{
	for (size_t i = 0; i < offers->n_rows; i++)
		if (!elexon_is_wind(elexon_find_unit(units, n_units, offers->rows[i].id)))
			return false;
	return offers->n_rows > 0;
}

bool replacement_doubt(int rows_seen, bool settled, bool wind_alone, int stored_rows, struct reason *why)
{
	if (rows_seen == 0 && settled)
		reason_set(why, "no offer of any unit, though the period is settled and wind was turned down");
	else if (wind_alone)
		reason_set(why, "offers of wind units alone, where the stack is of the whole market");
	else if (2 * rows_seen < stored_rows)
		reason_set(why, "%d %s of any unit, where there were %d", rows_seen, plural(rows_seen, "offer", "offers"),
			   stored_rows);
	else
		return false;
	return true;
}

static void put_period(struct tsv_writer *w, const struct elexon_stack *offers)
{
	char date[DAY_TEXT];

	tsv_plain(w, day_format(offers->day, date));
	tsv_int(w, offers->period);
}

void replacement_put(struct tsv_writer *w, const struct elexon_stack *offers, const struct replacement *r, bool final,
		     const char *as_of)
{
	char created[INSTANT_TEXT], mwh[NMWH_TEXT];

	put_period(w, offers);
	tsv_plain(w, final ? "final" : "provisional");
	tsv_plain(w, nmwh_format(r->curtailed, mwh));
	tsv_decimal(w, &r->replaced, DECIMAL_TRIM_ZEROS);
	tsv_decimal(w, &r->cost, DECIMAL_TRIM_ZEROS);
	tsv_int(w, (int64_t)r->n_offers);
	tsv_int(w, offers->rows_seen);
	tsv_plain(w, offers->rows_seen > offers->undated ? instant_format(offers->newest_created, created) : NULL);
	if (w->columns[w->at])
		tsv_plain(w, as_of);
	tsv_end_row(w);
}

void replacement_put_offers(struct tsv_writer *w, const struct elexon_stack *offers, const struct replacement *r)
{
	for (size_t i = 0; i < r->n_offers; i++) {
		const struct elexon_row *row = r->offers[i].row;

		put_period(w, offers);
		tsv_int(w, (int64_t)i + 1);
		tsv_text_if_any(w, row->id);
		if (row->has_acceptance_id)
			tsv_int(w, row->acceptance_id);
		else
			tsv_null(w);
		if (row->has_pair_id)
			tsv_int(w, row->pair_id);
		else
			tsv_null(w);
		tsv_int(w, row->sequence_number);
		if (row->so_flag == ELEXON_NULL)
			tsv_null(w);
		else
			tsv_bool(w, row->so_flag == ELEXON_TRUE);
		tsv_plain(w, row->volume);
		tsv_plain(w, row->original_price);
		tsv_decimal(w, &r->offers[i].taken, DECIMAL_TRIM_ZEROS);
		tsv_end_row(w);
	}
}

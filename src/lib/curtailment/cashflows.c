#include "curtailment/cashflows.h"

#include <stdlib.h>
#include <string.h>

#include "exact/decimal.h"
#include "format/json.h"

enum { CASHFLOW_PLACES = 12 };

void cashflows_init(struct cashflows *c, day_t day, enum elexon_side side)
{
	*c = (struct cashflows){ .day = day, .side = side, .final = true };
}

void cashflows_release(struct cashflows *c)
{
	free(c->rows);
	oddities_release(&c->odd);
	cashflows_init(c, c->day, c->side);
}

void cashflows_path(const struct cashflows *c, struct buf *path)
{
	char date[DAY_TEXT];

	buf_addf(path, "balancing/settlement/indicative/cashflows/all/%s/%s", elexon_side_name(c->side),
		 day_format(c->day, date));
}

static bool read_total(const struct elexon_place *place, const cJSON *value, char out[CASHFLOW_TEXT])
{
	const char *literal = json_number_text(value);
	struct decimal pounds;
	struct buf text = BUF_INIT;
	char shown[48];
	bool ok;

	if (!literal)
		return elexon_refuse(place, "totalCashflow", "%s, not a number", json_kind(value));
	decimal_init(&pounds);
	ok = decimal_parse_text(&pounds, literal, DECIMAL_EXPONENT, NULL);
	if (ok) {
		decimal_round(&pounds, &pounds, CASHFLOW_PLACES);
		decimal_write(&pounds, DECIMAL_TRIM_ZEROS, &text);
		decimal_abs(&pounds, &pounds);
		ok = decimal_cmp_int(&pounds, 1000000000, 0) < 0;
	}
	if (ok)
		memcpy(out, text.data, text.len + 1);
	decimal_release(&pounds);
	buf_release(&text);
	return ok || elexon_refuse(place, "totalCashflow", "%s is past range", elexon_shown(literal, shown));
}

static bool read_row(struct elexon_place *place, const cJSON *value, struct cashflows *c, struct cashflow *row)
{
	const char *date = json_string(json_member(value, "settlementDate"));
	const cJSON *start = json_member(value, "startTime"), *created = json_member(value, "createdDateTime");
	char asked[DAY_TEXT], shown[48];
	int64_t period;
	instant_t when;
	bool dated;

	if (!cJSON_IsObject(value))
		return reason_set(place->why, "row %d: %s, not an object", place->row, json_kind(value));
	day_format(c->day, asked);
	if (!date || strcmp(date, asked) != 0)
		return elexon_refuse(place, "settlementDate", "%s, but %s was requested",
				     date ? elexon_shown(date, shown) : "no date", asked);
	if (!elexon_check_integer(place, "settlementPeriod", json_member(value, "settlementPeriod"), 1,
				  settlement_periods(c->day), &period))
		return false;
	row->period = (int)period;
	if (elexon_begins_on_another_day(start, c->day, row->period))
		return elexon_refuse(place, "startTime", "%s is of another day", elexon_shown(json_string(start), shown));
	if (!read_total(place, json_member(value, "totalCashflow"), row->total))
		return false;
	if (!elexon_check_created(place, created, period_start(c->day, row->period), &dated, &when))
		return false;
	if (!dated)
		return true;
	if (!c->has_created || when > c->newest_created)
		c->newest_created = when;
	c->has_created = true;
	c->final &= when - (period_start(c->day, row->period) + PERIOD_SECONDS) >= DAY_SECONDS;
	return true;
}

static int by_key(const void *x, const void *y)
{
	const struct cashflow *a = x, *b = y;

	return a->period != b->period ? (a->period > b->period) - (a->period < b->period) : strcmp(a->unit, b->unit);
}

/* Each unit and half hour once; where its rows differ, none is believed. */
static void settle_repeated(struct cashflows *c)
{
	size_t kept = 0, next;

	if (c->n_rows)
		qsort(c->rows, c->n_rows, sizeof *c->rows, by_key);
	for (size_t i = 0; i < c->n_rows; i = next) {
		const struct cashflow *first = &c->rows[i];
		bool same = true;

		for (next = i + 1; next < c->n_rows && by_key(first, &c->rows[next]) == 0; next++)
			if (strcmp(first->total, c->rows[next].total) != 0) {
				oddities_note(&c->odd, "period %d (%s): two cash flows, %s and %s: both are left out", first->period,
					      first->unit, first->total, c->rows[next].total);
				same = false;
			}
		if (same)
			c->rows[kept++] = *first;
	}
	c->n_rows = kept;
}

static void take_row(const cJSON *value, struct cashflows *c)
{
	struct reason why;
	struct elexon_place place = { .row = ++c->rows_seen, .why = &why };
	const cJSON *unit = json_member(value, "bmUnit");
	char *id = json_string(unit) ? unit->valuestring : NULL;
	struct cashflow row = { .period = 0 };

	c->odd.rows++;
	if (id)
		elexon_trim(id);
	if (id && *id && elexon_id_is_odd(&place, id, &c->odd))
		return;
	place.id = id;
	if (!id && unit && !json_is_null(unit)) {
		elexon_refuse(&place, "bmUnit", "%s, not a string", json_kind(unit));
		oddities_note(&c->odd, "%s", why.text);
		return;
	}
	if (!read_row(&place, value, c, &row)) {
		oddities_note(&c->odd, "%s: the row is left out", why.text);
		return;
	}
	if (!id || !*id)
		return;
	memcpy(row.unit, id, strlen(id) + 1);
	c->rows = xgrow(c->rows, c->n_rows, sizeof *c->rows);
	c->rows[c->n_rows++] = row;
}

bool cashflows_parse(struct cashflows *c, const char *body, size_t len, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	const cJSON *data = document ? elexon_rows(document, "EBOCF", "cash flows", why) : NULL, *value;

	cJSON_ArrayForEach(value, data)
		take_row(value, c);
	settle_repeated(c);
	json_release(document);
	return data && !oddities_prevail(&c->odd, why);
}

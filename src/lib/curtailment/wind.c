#include "curtailment/wind.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "curtailment/elexon.h"
#include "exact/decimal.h"
#include "format/json.h"

enum { MAX_MW = 100000, MIN_MW = -1000, DECIMALS = 6 };

static bool within(const struct decimal *value, long low, long high)
{
	struct decimal bound;
	bool ok;

	decimal_init(&bound);
	decimal_set_int(&bound, low, 0);
	ok = decimal_cmp(value, &bound) >= 0;
	decimal_set_int(&bound, high, 0);
	ok = ok && decimal_cmp(value, &bound) <= 0;
	decimal_release(&bound);
	return ok;
}

/* Half of a number of MW, as MWh to a millionth: 1000.5 is 500.25. */
static bool halve(const char *mw, char mwh[WIND_TEXT])
{
	struct buf text = BUF_INIT;
	struct decimal value, half;
	bool ok;

	decimal_init(&value);
	decimal_init(&half);
	decimal_set_int(&half, 5, 1);
	ok = decimal_parse_text(&value, mw, DECIMAL_EXPONENT, NULL) && within(&value, MIN_MW, MAX_MW);
	if (ok && decimal_sign(&value) < 0)
		decimal_set_int(&value, 0, 0);
	if (ok) {
		decimal_mul(&value, &value, &half);
		decimal_round(&value, &value, DECIMALS);
		decimal_write(&value, DECIMAL_TRIM_ZEROS, &text);
		snprintf(mwh, WIND_TEXT, "%s", text.data);
	}
	decimal_release(&value);
	decimal_release(&half);
	buf_release(&text);
	return ok;
}

struct wind_row {
	day_t day;
	int64_t period;
	int kind;			/* WIND_ONSHORE, WIND_OFFSHORE; -1: solar, or another business */
	instant_t published;
	const char *quantity;		/* NULL: the source does not know it */
};

/* Which half hour and kind a row is of; what follows may still be wrong with it. */
static bool read_place(const cJSON *row, struct wind_row *to, struct reason *why)
{
	const char *type = json_string(json_member(row, "psrType"));
	const char *date = json_string(json_member(row, "settlementDate"));
	const char *business = json_string(json_member(row, "businessType"));

	if (!type || !date)
		return reason_set(why, "it lacks %s", type ? "settlementDate" : "psrType");
	to->kind = strcmp(type, "Wind Onshore") == 0 ? WIND_ONSHORE : strcmp(type, "Wind Offshore") == 0 ? WIND_OFFSHORE : -1;
	if (to->kind < 0 && strcmp(type, "Solar") != 0)
		return reason_set(why, "field psrType: \"%.40s\" is not known", type);
	if (business && strcmp(business, "Wind generation") != 0)
		to->kind = -1;
	if (!day_parse(date, &to->day))
		return reason_set(why, "field settlementDate: \"%.40s\" is not a date", date);
	if (!json_int64(json_member(row, "settlementPeriod"), &to->period) || to->period < 1 ||
	    to->period > settlement_periods(to->day))
		return reason_set(why, "field settlementPeriod: %s has periods 1 to %d", date, settlement_periods(to->day));
	return true;
}

static bool read_figure(const cJSON *row, struct wind_row *to, char mwh[WIND_TEXT], struct reason *why)
{
	const cJSON *quantity = json_member(row, "quantity");
	const char *published = json_string(json_member(row, "publishTime"));

	to->published = 0;
	if (published && !instant_parse(published, &to->published))
		return reason_set(why, "field publishTime: \"%.40s\" is not an instant", published);
	if (quantity && json_is_null(quantity)) {
		to->quantity = NULL;
		return true;
	}
	to->quantity = json_number_text(quantity);
	if (!to->quantity)
		return reason_set(why, "field quantity: %s, not a number", json_kind(quantity));
	return halve(to->quantity, mwh) || reason_set(why, "field quantity: %.40s is not a power in MW", to->quantity);
}

/* Let a figure hold unless a later one does.  Two that differ contradict each other until a later one comes. */
static bool keep_figure(struct wind_period *period, const struct wind_row *row, const char *mwh, struct reason *why)
{
	bool known = *period->mwh[row->kind], contradicts;

	if (known && period->published[row->kind] > row->published)
		return true;
	contradicts = known && period->published[row->kind] == row->published;
	if (contradicts && strcmp(period->mwh[row->kind], mwh) == 0)
		return true;
	period->contradicted[row->kind] = contradicts;
	if (contradicts)
		return reason_set(why, "%s MWh, and %s MWh published at the same time", mwh, period->mwh[row->kind]);
	period->published[row->kind] = row->published;
	snprintf(period->mwh[row->kind], WIND_TEXT, "%s", mwh);
	return true;
}

static void read_row(const cJSON *json, day_t from, day_t to, struct wind_day *days, struct oddities *odd)
{
	struct wind_period *period;
	struct wind_row row = { 0 };
	char mwh[WIND_TEXT] = "";
	struct reason why;

	odd->rows++;
	if (!read_place(json, &row, &why)) {
		oddities_note(odd, "row %zu: %s", odd->rows, why.text);
		return;
	}
	if (row.kind < 0 || row.day < from || row.day > to)
		return;
	period = &days[row.day - from].period[row.period];
	if (!read_figure(json, &row, mwh, &why))
		period->spoilt[row.kind] = true;
	else if (!row.quantity || keep_figure(period, &row, mwh, &why))
		return;
	oddities_note(odd, "row %zu: %s", odd->rows, why.text);
}

/* Forget what cannot be used. */
static void settle(day_t from, day_t to, struct wind_day *days, struct oddities *odd)
{
	char date[DAY_TEXT];

	for (day_t day = from; day <= to; day++)
		for (int n = 1; n <= settlement_periods(day); n++) {
			struct wind_period *p = &days[day - from].period[n];
			bool calm = strcmp(p->mwh[WIND_ONSHORE], "0") == 0 && strcmp(p->mwh[WIND_OFFSHORE], "0") == 0;

			if (calm)
				oddities_note(odd, "%s period %d: no wind at all, on land and at sea", day_format(day, date), n);
			for (int kind = WIND_ONSHORE; kind <= WIND_OFFSHORE; kind++)
				if (calm || p->spoilt[kind] || p->contradicted[kind])
					*p->mwh[kind] = '\0';
		}
}

bool wind_parse(const char *body, size_t len, day_t from, day_t to, struct wind_day *days, struct oddities *odd,
		struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	const cJSON *data = json_member(document, "data"), *row;
	const char *said = json_complaint(document, cJSON_IsArray(data));
	bool ok = document != NULL;
	char text[48];

	if (ok && !(data && data->child) && said)
		ok = reason_answer(why, ANSWER_OTHER, "an error instead of an answer about generation: %s", elexon_shown(said, text));
	if (ok && !cJSON_IsArray(data))
		ok = reason_answer(why, ANSWER_OTHER, "not an answer about generation: it has no list named data");
	if (ok) {
		cJSON_ArrayForEach(row, data)
			read_row(row, from, to, days, odd);
		settle(from, to, days, odd);
		ok = !oddities_prevail(odd, why);
	}
	json_release(document);
	return ok;
}

#include "curtailment/wind.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "curtailment/elexon.h"
#include "exact/decimal.h"
#include "format/json.h"

enum { MAX_MW = 100000, MIN_MW = -1000, DECIMALS = 6 };

static bool within(const struct decimal *value, long low, long high)
{
	return decimal_cmp_int(value, low, 0) >= 0 && decimal_cmp_int(value, high, 0) <= 0;
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
	int kind;			/* WIND_ONSHORE, WIND_OFFSHORE; -1: solar */
	struct wind_publication published;
	const char *quantity;		/* NULL: the source does not know it */
};

/* Which half hour and kind a row is of; what follows may still be wrong with it. */
static bool read_place(const cJSON *row, struct wind_row *to, struct reason *why)
{
	const char *type = json_string(json_member(row, "psrType"));
	const char *date = json_string(json_member(row, "settlementDate"));
	const char *business = json_string(json_member(row, "businessType"));
	const char *dataset = json_string(json_member(row, "dataset"));

	if (!type || !date)
		return reason_set(why, "it lacks %s", type ? "settlementDate" : "psrType");
	if (dataset && strcmp(dataset, "AGWS") != 0)
		return reason_set(why, "field dataset: \"%.40s\", not AGWS", dataset);
	to->kind = strcasecmp(type, "Wind Onshore") == 0 ? WIND_ONSHORE :
		   strcasecmp(type, "Wind Offshore") == 0 ? WIND_OFFSHORE : -1;
	if (to->kind < 0 && strcasecmp(type, "Solar") != 0)
		return reason_set(why, "field psrType: \"%.40s\" is not known", type);
	if (to->kind >= 0 && business && strcasecmp(business, "Wind generation") != 0)
		return reason_set(why, "field businessType: \"%.40s\", not Wind generation", business);
	if (!day_parse(date, &to->day))
		return reason_set(why, "field settlementDate: \"%.40s\" is not a date", date);
	if (!json_int64(json_member(row, "settlementPeriod"), &to->period) || to->period < 1 ||
	    to->period > settlement_periods(to->day))
		return reason_set(why, "field settlementPeriod: %s has periods 1 to %d", date, settlement_periods(to->day));
	return true;
}

/* One whose time cannot be read may be the latest of all. */
static bool read_publication(const cJSON *row, struct wind_publication *to, struct reason *why)
{
	const char *published = json_string(json_member(row, "publishTime"));

	*to = (struct wind_publication){ .at = 0 };
	if (!json_int64(json_member(row, "documentRevisionNumber"), &to->revision))
		to->revision = 0;
	if (!published || elexon_is_unset(published) || elexon_instant(published, &to->at))
		return true;
	*to = (struct wind_publication){ INT64_MAX, INT64_MAX };
	return reason_set(why, "field publishTime: \"%.40s\" is not an instant", published);
}

static bool read_figure(const cJSON *row, struct wind_row *to, char mwh[WIND_TEXT], struct reason *why)
{
	const cJSON *quantity = json_member(row, "quantity"), *start = json_member(row, "startTime");

	if (!read_publication(row, &to->published, why))
		return false;
	if (elexon_begins_on_another_day(start, to->day, (int)to->period))
		return reason_set(why, "field startTime: \"%.40s\" is of another day", json_string(start));
	if (quantity && json_is_null(quantity)) {
		to->quantity = NULL;
		return true;
	}
	to->quantity = json_number_text(quantity);
	if (!to->quantity)
		return reason_set(why, "field quantity: %s, not a number", json_kind(quantity));
	return halve(to->quantity, mwh) || reason_set(why, "field quantity: %.40s is not a power in MW", to->quantity);
}

static int compare_publications(const struct wind_publication *a, const struct wind_publication *b)
{
	return a->at != b->at ? (a->at > b->at) - (a->at < b->at) : (a->revision > b->revision) - (a->revision < b->revision);
}

/* Let a figure hold unless a later one does.  Two that differ contradict each other until a later one comes. */
static bool keep_figure(struct wind_period *period, const struct wind_row *row, const char *mwh, struct reason *why)
{
	int order = *period->mwh[row->kind] ? compare_publications(&row->published, &period->published[row->kind]) : 1;

	if (order < 0 || (order == 0 && strcmp(period->mwh[row->kind], mwh) == 0))
		return true;
	period->contradicted[row->kind] = order == 0;
	if (order == 0)
		return reason_set(why, "%s MWh, and %s MWh published at the same time", mwh, period->mwh[row->kind]);
	period->published[row->kind] = row->published;
	snprintf(period->mwh[row->kind], WIND_TEXT, "%s", mwh);
	return true;
}

static void spoil(struct wind_period *period, const struct wind_row *row)
{
	if (!period->spoilt[row->kind] || compare_publications(&row->published, &period->spoilt_at[row->kind]) > 0)
		period->spoilt_at[row->kind] = row->published;
	period->spoilt[row->kind] = true;
}

static void read_row(const cJSON *json, day_t from, day_t to, instant_t now, struct wind_day *days,
		     struct oddities *odd)
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
	if (period_start(row.day, (int)row.period) > now) {
		oddities_note(odd, "row %zu: %s period %d has not begun, or the clock of this machine is behind", odd->rows,
			      json_string(json_member(json, "settlementDate")), (int)row.period);
		return;
	}
	period = &days[row.day - from].period[row.period];
	if (!read_figure(json, &row, mwh, &why))
		spoil(period, &row);
	else if (!row.quantity || keep_figure(period, &row, mwh, &why))
		return;
	oddities_note(odd, "row %zu: %s", odd->rows, why.text);
}

/* Forget what rows of it leave in doubt, and a half hour without any wind. */
static void settle_period(struct wind_period *p, const char *date, int number, struct oddities *odd)
{
	bool calm = strcmp(p->mwh[WIND_ONSHORE], "0") == 0 && strcmp(p->mwh[WIND_OFFSHORE], "0") == 0;

	if (calm)
		oddities_note(odd, "%s period %d: no wind at all, on land and at sea", date, number);
	for (int kind = WIND_ONSHORE; kind <= WIND_OFFSHORE; kind++) {
		bool spoilt = p->spoilt[kind] && compare_publications(&p->spoilt_at[kind], &p->published[kind]) >= 0;

		if (calm || spoilt || p->contradicted[kind])
			*p->mwh[kind] = '\0';
	}
}

/* The half hours of an answer, in order. */
struct series {
	struct place {
		day_t day;
		int number;
		struct wind_period *period;
		double mwh;		/* of the kind at hand; below zero: not known */
		bool impossible;
	} *at;
	size_t n;
};

static struct series list_periods(day_t from, day_t to, struct wind_day *days)
{
	struct series s = { xmalloc((size_t)(to - from + 1) * MAX_PERIODS * sizeof *s.at), 0 };

	for (day_t day = from; day <= to; day++)
		for (int n = 1; n <= settlement_periods(day); n++)
			s.at[s.n++] = (struct place){ day, n, &days[day - from].period[n], -1, false };
	return s;
}

/* The wind of a whole country neither stops nor starts within half an hour. */
#define STANDSTILL_MWH 250.0
#define LEAP_MWH 1250.0
#define LEAP_TIMES 4.0

/* From a half hour that is 0 on in this direction: do the zeros end next to one that says they cannot be? */
static bool is_standstill(const struct series *s, size_t i, int step)
{
	while (i < s->n && s->at[i].mwh == 0)
		i += (size_t)step;
	return i < s->n && s->at[i].mwh > STANDSTILL_MWH;
}

static bool leaps(double from, double to)
{
	return fabs(to - from) > LEAP_MWH && (to > LEAP_TIMES * from || from > LEAP_TIMES * to);
}

/* Are this half hour and the one before or behind it, in this direction, both known? */
static bool are_known(const struct series *s, size_t i, int step)
{
	return i + (size_t)step < s->n && s->at[i].mwh >= 0 && s->at[i + (size_t)step].mwh >= 0;
}

/* Is there a leap from one to the other? */
static bool leaps_to(const struct series *s, size_t i, int step)
{
	return are_known(s, i, step) && leaps(s->at[i].mwh, s->at[i + (size_t)step].mwh);
}

/* The half hours from this one on, in this direction, to the next leap or to what is not known. */
static size_t count_level(const struct series *s, size_t i, int step)
{
	size_t n = 1;

	for (; are_known(s, i, step) && !leaps_to(s, i, step); i += (size_t)step)
		n++;
	return n;
}

/* A run of half hours for which a source lacks farms, or has some twice, is no longer than this. */
enum { LONGEST_SLIP = 24 };

/* How many half hours from this one on, into which there is a leap, lie above those on both sides, or below them, as
 * the wind cannot?  Of a run longer than what is known around it nobody knows whether it is the one that is wrong. */
static size_t count_slips(const struct series *s, size_t i)
{
	size_t n = count_level(s, i, 1), last = i + n - 1;
	bool rises = s->at[i].mwh > s->at[i - 1].mwh;

	if (!leaps_to(s, last, 1) || rises == (s->at[last + 1].mwh > s->at[last].mwh))
		return 0;
	return n <= LONGEST_SLIP && n <= count_level(s, i - 1, -1) + count_level(s, last + 1, 1) ? n : 0;
}

static const char *where(int kind)
{
	return kind == WIND_ONSHORE ? "on land" : "at sea";
}

/* Which half hours do those beside them make impossible? */
static void find_impossible(struct series *s)
{
	for (size_t i = 0; i < s->n; i++) {
		s->at[i].impossible |= s->at[i].mwh == 0 && (is_standstill(s, i, 1) || is_standstill(s, i, -1));
		for (size_t n = leaps_to(s, i, -1) ? count_slips(s, i) : 0; n > 0; n--)
			s->at[i + n - 1].impossible = true;
	}
}

/* Forget what the half hours beside it make impossible, and say where one of two must be wrong. */
static void settle_kind(struct series *s, int kind, struct oddities *odd)
{
	char date[DAY_TEXT];

	for (size_t i = 0; i < s->n; i++) {
		s->at[i].mwh = *s->at[i].period->mwh[kind] ? strtod(s->at[i].period->mwh[kind], NULL) : -1;
		s->at[i].impossible = false;
	}
	find_impossible(s);
	for (size_t i = 0; i < s->n; i++) {
		const struct place *p = &s->at[i];

		if (p->impossible)
			oddities_note(odd, "%s period %d: %s MWh %s is impossible, by the half hours beside it", day_format(p->day, date),
				      p->number, p->period->mwh[kind], where(kind));
		else if (leaps_to(s, i, -1) && !p[-1].impossible)
			oddities_note(odd, "%s period %d: %.3f MWh %s, after %.3f: one of the two is wrong, and which is not known: both "
				      "are kept", day_format(p->day, date), p->number, p->mwh, where(kind), p[-1].mwh);
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].impossible)
			*s->at[i].period->mwh[kind] = '\0';
}

/* The wind of Great Britain is below 50 MW for half an hour, but not for a day. */
#define LEAST_MWH 25.0
enum { ENOUGH_PERIODS = 24 };

/* Forget a day whose every half hour is next to nothing, as if its figures were GW. */
static void settle_day(struct wind_day *day, const char *date, struct oddities *odd)
{
	double most = 0;
	int known = 0;

	for (int n = 1; n <= MAX_PERIODS; n++) {
		const struct wind_period *p = &day->period[n];

		if (*p->mwh[WIND_ONSHORE] && *p->mwh[WIND_OFFSHORE]) {
			most = fmax(most, strtod(p->mwh[WIND_ONSHORE], NULL) + strtod(p->mwh[WIND_OFFSHORE], NULL));
			known++;
		}
	}
	if (known < ENOUGH_PERIODS || most >= LEAST_MWH)
		return;
	oddities_note(odd, "%s: at most %.3f MWh in each of %d half hours, as if its figures were GW, not MW: the day is "
		      "left out", date, most, known);
	for (int n = 1; n <= MAX_PERIODS; n++)
		*day->period[n].mwh[WIND_ONSHORE] = *day->period[n].mwh[WIND_OFFSHORE] = '\0';
}

/* Forget the wind of one kind on a day of which each half hour that is known has none. */
static void settle_calm(struct wind_day *day, int kind, const char *date, struct oddities *odd)
{
	int known = 0, calm = 0;

	for (int n = 1; n <= MAX_PERIODS; n++) {
		known += *day->period[n].mwh[kind] != '\0';
		calm += strcmp(day->period[n].mwh[kind], "0") == 0;
	}
	if (known < ENOUGH_PERIODS || calm < known)
		return;
	oddities_note(odd, "%s: 0 MWh %s in each of %d half hours: they are left out", date,
		      where(kind), known);
	for (int n = 1; n <= MAX_PERIODS; n++)
		*day->period[n].mwh[kind] = '\0';
}

/* Forget what cannot be used. */
static void settle(day_t from, day_t to, struct wind_day *days, struct oddities *odd)
{
	struct series s = list_periods(from, to, days);
	char date[DAY_TEXT];

	for (size_t i = 0; i < s.n; i++)
		settle_period(s.at[i].period, day_format(s.at[i].day, date), s.at[i].number, odd);
	for (day_t day = from; day <= to; day++)
		settle_day(&days[day - from], day_format(day, date), odd);
	for (int kind = WIND_ONSHORE; kind <= WIND_OFFSHORE; kind++) {
		settle_kind(&s, kind, odd);
		for (day_t day = from; day <= to; day++)
			settle_calm(&days[day - from], kind, day_format(day, date), odd);
	}
	free(s.at);
}

bool wind_parse(const char *body, size_t len, day_t from, day_t to, instant_t now, struct wind_day *days,
		struct oddities *odd, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	const cJSON *data = document ? elexon_rows(document, "AGWS", "an answer about generation", why) : NULL, *row;

	cJSON_ArrayForEach(row, data)
		read_row(row, from, to, now, days, odd);
	if (data)
		settle(from, to, days, odd);
	json_release(document);
	return data && !oddities_prevail(odd, why);
}

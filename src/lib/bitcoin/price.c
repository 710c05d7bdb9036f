#include "bitcoin/price.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/plural.h"
#include "exact/decimal.h"
#include "format/json.h"

void price_history_release(struct price_history *h)
{
	free(h->rows);
	*h = (struct price_history)PRICE_HISTORY_INIT;
}

bool price_parse(const char *text, char price[PRICE_TEXT], struct reason *why)
{
	struct buf rounded = BUF_INIT;
	struct decimal value;
	bool ok;

	decimal_init(&value);
	ok = decimal_parse_text(&value, text, DECIMAL_EXPONENT, why);
	if (ok) {
		decimal_round(&value, &value, 8);
		ok = decimal_sign(&value) > 0 && decimal_cmp_int(&value, 1000000000, 0) < 0;
		if (!ok)
			reason_set(why, "%.40s is not a price", text);
	}
	if (ok) {
		decimal_write(&value, DECIMAL_TRIM_ZEROS, &rounded);
		snprintf(price, PRICE_TEXT, "%s", rounded.data);
	}
	decimal_release(&value);
	buf_release(&rounded);
	return ok;
}

void price_history_add_at(struct price_history *h, day_t day, int second, const char *price)
{
	if (h->n == h->size) {
		h->size = h->size ? 2 * h->size : 512;
		h->rows = xrealloc(h->rows, h->size * sizeof *h->rows);
	}
	h->rows[h->n] = (struct day_price){ .day = day, .second = second };
	snprintf(h->rows[h->n++].price, PRICE_TEXT, "%s", price);
}

void price_history_add(struct price_history *h, day_t day, const char *price)
{
	price_history_add_at(h, day, 0, price);
}

static int by_time(const void *x, const void *y)
{
	const struct day_price *a = x, *b = y;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->second != b->second)
		return a->second < b->second ? -1 : 1;
	return strcmp(a->price, b->price);
}

void price_history_sort(struct price_history *h, const char *what, struct oddities *odd)
{
	char date[DAY_TEXT];
	size_t kept = 0;

	if (h->n)
		qsort(h->rows, h->n, sizeof *h->rows, by_time);
	for (size_t i = 0, end; i < h->n; i = end) {
		const struct day_price *first = &h->rows[i], *other = NULL;

		for (end = i + 1; end < h->n && h->rows[end].day == first->day; end++)
			if (h->rows[end].second == first->second && strcmp(h->rows[end].price, first->price) != 0)
				other = &h->rows[end];
		if (other)
			oddities_note(odd, "%s: %s %s and %s at once: the day is left out", day_format(first->day, date), what,
				      first->price, other->price);
		else
			h->rows[kept++] = *first;
	}
	h->n = kept;
}

/* Is the one more than so many times the other, or twice that where more than a month lies between them?
 * Plausibility, not money: a double will do. */
static bool is_far(const struct day_price *a, const struct day_price *b, double times)
{
	double x = strtod(a->price, NULL), y = strtod(b->price, NULL);

	if (labs((long)a->day - (long)b->day) > 31)
		times *= 2;
	return x > times * y || y > times * x;
}

/* How many rows from this one on are far from the one before them and from the one behind them, which agree? */
static size_t count_slips(const struct day_price *before, const struct day_price *row, const struct day_price *end,
			  double times)
{
	for (size_t n = 1; n <= PRICE_SLIPS && row + n < end; n++) {
		bool far = is_far(before, &row[n - 1], times);

		if (!far)
			return 0;
		if (is_far(before, &row[n], times))
			continue;
		for (size_t i = 0; i < n && far; i++)
			far = is_far(&row[n], &row[i], times);
		return far ? n : 0;
	}
	return 0;
}

/* The first row and the last have neighbours on one side alone: two of these that agree. */
static bool is_slip_at_end(const struct day_price *near, const struct day_price *next, const struct day_price *row,
			   double times)
{
	return is_far(near, row, times) && is_far(next, row, times) && !is_far(near, next, times);
}

/* How many rows from i on are slips, by those before them that are kept and those behind them; *beside are two of
 * these. */
static size_t slips_from(const struct price_history *h, size_t kept, size_t i, double times,
			 const struct day_price *beside[2])
{
	const struct day_price *row = &h->rows[i];
	size_t slips = kept ? count_slips(&h->rows[kept - 1], row, h->rows + h->n, times) : 0;

	if (slips) {
		beside[0] = &h->rows[kept - 1];
		beside[1] = row + slips;
	} else if (kept == 0 && i + 2 < h->n && !count_slips(row, row + 1, h->rows + h->n, times)) {
		beside[0] = row + 2;
		beside[1] = row + 1;
		slips = is_slip_at_end(beside[1], beside[0], row, times);
	} else if (kept >= 2 && i + 1 == h->n) {
		beside[0] = &h->rows[kept - 1];
		beside[1] = &h->rows[kept - 2];
		slips = is_slip_at_end(beside[0], beside[1], row, times);
	}
	return slips;
}

void price_history_drop_absurd(struct price_history *h, double times, const char *what, struct oddities *odd)
{
	const struct day_price *beside[2];
	char date[DAY_TEXT];
	size_t kept = 0;

	for (size_t i = 0, slips; i < h->n; i += slips ? slips : 1) {
		slips = slips_from(h, kept, i, times, beside);
		if (!slips)
			h->rows[kept++] = h->rows[i];
		for (size_t k = i; k < i + slips; k++)
			oddities_note(odd, "%s: %s %s is far from %s and %s beside it", day_format(h->rows[k].day, date), what,
				      h->rows[k].price, beside[0]->price, beside[1]->price);
	}
	h->n = kept;
}

void price_history_note_leaps(const struct price_history *h, double times, const char *what, struct oddities *odd)
{
	char date[DAY_TEXT];

	for (size_t i = 1; i < h->n; i++)
		if (is_far(&h->rows[i - 1], &h->rows[i], times))
			oddities_note(odd, "%s: %s %s, after %s: one of the two is wrong, and which is not known: both are kept",
				      day_format(h->rows[i].day, date), what, h->rows[i].price, h->rows[i - 1].price);
}

/* From this row on: how many days in a row have its price? */
static size_t count_same(const struct price_history *h, size_t i)
{
	size_t n = 1;

	while (i + n < h->n && h->rows[i + n].day == h->rows[i].day + (day_t)n &&
	       strcmp(h->rows[i + n].price, h->rows[i].price) == 0)
		n++;
	return n;
}

void price_history_note_standstills(const struct price_history *h, struct oddities *odd)
{
	char date[DAY_TEXT];

	for (size_t i = 0, n; i < h->n; i += n) {
		n = count_same(h, i);
		if (n >= PRICE_STANDSTILL && strtod(h->rows[i].price, NULL) >= 100)
			oddities_note(odd, "%s: price %s on each of %zu days from here on, as if the source stood still: they are kept",
				      day_format(h->rows[i].day, date), h->rows[i].price, n);
	}
}

/* What the middle one of the ratios may lie from 1. */
#define RATIO_TOLERANCE 0.03

static int by_size(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* Of the days for which another is known so many days before: how many have its very value? */
static size_t count_equal(const struct price_history *h, const struct price_history *known, int before, size_t *common)
{
	size_t equal = 0;

	*common = 0;
	for (size_t i = 0, k = 0; i < h->n && k < known->n; ) {
		day_t day = h->rows[i].day - before;

		if (day == known->rows[k].day) {
			++*common;
			equal += strtod(h->rows[i].price, NULL) == strtod(known->rows[k].price, NULL);
		}
		if (day <= known->rows[k].day)
			i++;
		else
			k++;
	}
	return equal;
}

/* Have most days what is known of the day before them, or of the day after? */
static bool is_shifted(const struct price_history *h, const struct price_history *known, size_t least,
		       struct reason *why)
{
	size_t common, own = count_equal(h, known, 0, &common);

	/* Where prices do not move, each day has those of its neighbours as well. */
	if (2 * own >= common)
		return false;
	for (int before = -1; before <= 1; before += 2) {
		size_t equal = count_equal(h, known, before, &common);

		if (common >= least && equal > common / 2)
			return !reason_set(why, "%zu of its days have what is stored of the day %s", equal,
					   before > 0 ? "before" : "after");
	}
	return false;
}

bool price_history_agrees(const struct price_history *h, const struct price_history *known, size_t least,
			  struct reason *why)
{
	double *ratios = xmalloc((h->n + 1) * sizeof *ratios), middle;
	size_t n = 0;

	for (size_t i = 0, k = 0; i < h->n && k < known->n; ) {
		if (h->rows[i].day == known->rows[k].day)
			ratios[n++] = strtod(h->rows[i].price, NULL) / strtod(known->rows[k].price, NULL);
		if (h->rows[i].day <= known->rows[k].day)
			i++;
		else
			k++;
	}
	qsort(ratios, n, sizeof *ratios, by_size);
	middle = n ? ratios[n / 2] : 1;
	free(ratios);
	if (n >= least && (middle < 1 - RATIO_TOLERANCE || middle > 1 / (1 - RATIO_TOLERANCE)))
		return reason_set(why, "%zu of its days are stored already, and the middle one is %.3g times what is stored", n,
				  middle);
	return !is_shifted(h, known, least, why);
}

/* 2009-01-03 */
#define FIRST_BITCOIN 14247

void price_history_drop_before_bitcoin(struct price_history *h, struct oddities *odd)
{
	char first[DAY_TEXT], last[DAY_TEXT];
	size_t n = 0;

	while (n < h->n && h->rows[n].day < FIRST_BITCOIN)
		n++;
	if (!n)
		return;
	oddities_note(odd, "%s to %s: a price of %zu %s before the first bitcoin", day_format(h->rows[0].day, first),
		      day_format(h->rows[n - 1].day, last), n, plural((long long)n, "day", "days"));
	h->n -= n;
	memmove(h->rows, h->rows + n, h->n * sizeof *h->rows);
}

/* What bitcoin has cost, with room to spare, and may cost: nobody knows the future, and all of it is possible in time.
 * A yen is about a hundredth of any other of the currencies.  Plausibility, not money. */
static const struct {
	day_t until;			/* exclusive */
	double least, most;
} costs[] = {
	{ 17532, 0, 30000 },		/* to 2017 */
	{ 20454, 2000, 250000 },	/* to 2025 */
	{ 24106, 200, 25000000 },	/* to 2035 */
	{ INT32_MAX, 0, HUGE_VAL },
};

void price_history_drop_impossible(struct price_history *h, const char *currency, struct oddities *odd)
{
	double unit = strcmp(currency, "JPY") == 0 ? 100 : 1;
	char date[DAY_TEXT];
	size_t kept = 0;

	for (size_t i = 0, span = 0; i < h->n; i++) {
		double price = strtod(h->rows[i].price, NULL) / unit;

		while (h->rows[i].day >= costs[span].until)
			span++;
		if (price >= costs[span].least && price <= costs[span].most)
			h->rows[kept++] = h->rows[i];
		else
			oddities_note(odd, "%s: a bitcoin did not cost %s %s then", day_format(h->rows[i].day, date), h->rows[i].price,
				      currency);
	}
	h->n = kept;
}

void price_history_drop_after(struct price_history *h, day_t today, const char *what, struct oddities *odd)
{
	size_t all = h->n;
	char first[DAY_TEXT], last[DAY_TEXT];

	/* By day: the last are the latest. */
	while (h->n && h->rows[h->n - 1].day > today)
		h->n--;
	if (h->n < all)
		oddities_note(odd, "%s to %s: a %s of %zu %s in the future, or the clock of this machine is behind",
			      day_format(h->rows[h->n].day, first), day_format(h->rows[all - 1].day, last), what, all - h->n,
			      plural((long long)(all - h->n), "day", "days"));
}

struct price_holes price_history_holes(const struct price_history *h)
{
	struct price_holes holes = { 0, 0 };

	for (size_t i = 1; i < h->n; i++) {
		long gap = h->rows[i].day - h->rows[i - 1].day - 1;

		holes.days += gap;
		if (gap > holes.longest)
			holes.longest = gap;
	}
	return holes;
}

/* The day (UTC) and its second of a time in seconds; false if it is none of a settlement date's years. */
static bool day_of_time(const cJSON *value, day_t *day, int *second)
{
	int64_t time;

	if (!json_int64(value, &time) || time < 0 || time > INT64_C(4102444800))
		return false;
	*day = (day_t)(time / DAY_SECONDS);
	*second = (int)(time % DAY_SECONDS);
	return true;
}

/* "0", "0.0", "-1": sources that have no price say so. */
static bool is_none(const char *number)
{
	return strspn(number, "0.") == strlen(number) || strcmp(number, "-1") == 0;
}

/* Add one price of one row; none is passed over, an odd one noted. */
static void add_price(struct price_history *history, const cJSON *time, const cJSON *value, struct oddities *odd)
{
	const char *number = json_number_text(value);
	char price[PRICE_TEXT];
	struct reason why;
	int second;
	day_t day;

	odd->rows++;
	if (!day_of_time(time, &day, &second))
		oddities_note(odd, "row %zu: its time is %s, not seconds since 1970", odd->rows, json_kind(time));
	else if (!value || json_is_null(value) || (number && is_none(number)))
		return;
	else if (!number)
		oddities_note(odd, "row %zu: its price is %s", odd->rows, json_kind(value));
	else if (!price_parse(number, price, &why))
		oddities_note(odd, "row %zu: price %s", odd->rows, why.text);
	else
		price_history_add_at(history, day, second, price);
}

/* Add the price in each row of the list of this name. */
static bool read_list(const char *body, size_t len, const char *list, const char *time, const char *price,
		      struct price_history *history, struct oddities *odd, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	const cJSON *rows = json_member(document, list), *row;
	const char *said = json_complaint(document, cJSON_IsArray(rows));
	const char *unit = json_string(json_member(document, "unit"));
	bool ok = document != NULL;

	if (ok && !(rows && rows->child) && said)
		ok = reason_answer(why, ANSWER_OTHER, "an error instead of a price history: %.120s", said);
	else if (ok && !cJSON_IsArray(rows))
		ok = reason_answer(why, ANSWER_OTHER, "not a price history: it has no list named %s", list);
	else if (ok && unit && strcmp(unit, "USD") != 0)
		ok = reason_answer(why, ANSWER_OTHER, "its unit is %.40s, not USD: another chart", unit);
	if (ok)
		cJSON_ArrayForEach(row, rows)
			add_price(history, json_member(row, time), json_member(row, price), odd);
	json_release(document);
	if (!ok)
		return false;
	price_history_sort(history, "price", odd);
	price_history_drop_absurd(history, PRICE_JUMP, "price", odd);
	return !oddities_prevail(odd, why);
}

bool price_read_blockchain(const char *body, size_t len, struct price_history *history, struct oddities *odd,
			   struct reason *why)
{
	return read_list(body, len, "values", "x", "y", history, odd, why);
}

bool price_read_mempool(const char *body, size_t len, const char *currency, struct price_history *history,
			struct oddities *odd, struct reason *why)
{
	return read_list(body, len, "prices", "time", currency, history, odd, why);
}

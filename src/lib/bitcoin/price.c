#include "bitcoin/price.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
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
	struct decimal value, bound;
	bool ok;

	decimal_init(&value);
	decimal_init(&bound);
	decimal_set_int(&bound, 1000000000, 0);
	ok = decimal_parse_text(&value, text, DECIMAL_EXPONENT, why);
	if (ok) {
		decimal_round(&value, &value, 8);
		ok = decimal_sign(&value) > 0 && decimal_cmp(&value, &bound) < 0;
		if (!ok)
			reason_set(why, "%.40s is not a price", text);
	}
	if (ok) {
		decimal_write(&value, DECIMAL_TRIM_ZEROS, &rounded);
		snprintf(price, PRICE_TEXT, "%s", rounded.data);
	}
	decimal_release(&value);
	decimal_release(&bound);
	buf_release(&rounded);
	return ok;
}

void price_history_add(struct price_history *h, day_t day, const char *price)
{
	if (h->n == h->size) {
		h->size = h->size ? 2 * h->size : 512;
		h->rows = xrealloc(h->rows, h->size * sizeof *h->rows);
	}
	h->rows[h->n].day = day;
	snprintf(h->rows[h->n++].price, PRICE_TEXT, "%s", price);
}

/* By day; of one day, in the order in which they were added, which is that of their addresses
 * before sorting: so the sort is a stable one, by merging. */
static void merge_sort(struct day_price *rows, struct day_price *room, size_t n)
{
	size_t half = n / 2, left = 0, right = half;

	if (n < 2)
		return;
	merge_sort(rows, room, half);
	merge_sort(rows + half, room, n - half);
	for (size_t i = 0; i < n; i++) {
		bool from_right = left == half || (right < n && rows[right].day < rows[left].day);

		room[i] = rows[from_right ? right++ : left++];
	}
	memcpy(rows, room, n * sizeof *rows);
}

void price_history_sort(struct price_history *h)
{
	struct day_price *room = xmalloc(h->n * sizeof *room);
	size_t kept = 0;

	merge_sort(h->rows, room, h->n);
	free(room);
	for (size_t i = 0; i < h->n; i++) {
		if (kept && h->rows[kept - 1].day == h->rows[i].day)
			kept--;
		h->rows[kept++] = h->rows[i];
	}
	h->n = kept;
}

/* Is the one more than so many times the other?  Plausibility, not money: a double will do. */
static bool is_far(const struct day_price *a, const struct day_price *b, double times)
{
	double x = strtod(a->price, NULL), y = strtod(b->price, NULL);

	return x > times * y || y > times * x;
}

void price_history_drop_absurd(struct price_history *h, double times, const char *what, struct oddities *odd)
{
	char date[DAY_TEXT];
	size_t kept = 0;

	for (size_t i = 0; i < h->n; i++) {
		const struct day_price *row = &h->rows[i];
		const struct day_price *before = kept ? &h->rows[kept - 1] : i + 2 < h->n ? row + 2 : NULL;
		const struct day_price *after = i + 1 < h->n ? row + 1 : kept > 1 ? &h->rows[kept - 2] : NULL;

		if (before && after && is_far(before, row, times) && is_far(after, row, times) && !is_far(before, after, times)) {
			oddities_note(odd, "%s: %s %s is far from %s and %s beside it", day_format(row->day, date), what, row->price,
				      before->price, after->price);
			continue;
		}
		h->rows[kept++] = *row;
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
		oddities_note(odd, "%s to %s: a %s of %zu days in the future, or the clock of this machine is behind",
			      day_format(h->rows[h->n].day, first), day_format(h->rows[all - 1].day, last), what, all - h->n);
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

/* The day (UTC) of a time in seconds; false if it is none of a settlement date's years. */
static bool day_of_time(const cJSON *value, day_t *day)
{
	int64_t time;

	if (!json_int64(value, &time) || time < 0 || time > INT64_C(4102444800))
		return false;
	*day = (day_t)(time / 86400);
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
	day_t day;

	odd->rows++;
	if (!day_of_time(time, &day))
		oddities_note(odd, "row %zu: its time is %s, not seconds since 1970", odd->rows, json_kind(time));
	else if (!value || json_is_null(value) || (number && is_none(number)))
		return;
	else if (!number)
		oddities_note(odd, "row %zu: its price is %s", odd->rows, json_kind(value));
	else if (!price_parse(number, price, &why))
		oddities_note(odd, "row %zu: price %s", odd->rows, why.text);
	else
		price_history_add(history, day, price);
}

/* Add the price in each row of the list of this name. */
static bool read_list(const char *body, size_t len, const char *list, const char *time, const char *price,
		      struct price_history *history, struct oddities *odd, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	const cJSON *rows = json_member(document, list), *row;
	const char *said = json_complaint(document, false);
	bool ok = document != NULL;

	if (ok && !cJSON_IsArray(rows) && said)
		ok = reason_answer(why, ANSWER_OTHER, "an error instead of a price history: %.120s", said);
	else if (ok && !cJSON_IsArray(rows))
		ok = reason_answer(why, ANSWER_OTHER, "not a price history: it has no list named %s", list);
	if (ok)
		cJSON_ArrayForEach(row, rows)
			add_price(history, json_member(row, time), json_member(row, price), odd);
	json_release(document);
	if (!ok)
		return false;
	price_history_sort(history);
	price_history_drop_absurd(history, PRICE_JUMP, "price", odd);
	return !oddities_prevail(odd, why);
}

bool price_read_blockchain(const char *body, size_t len, struct price_history *history, struct oddities *odd, struct reason *why)
{
	return read_list(body, len, "values", "x", "y", history, odd, why);
}

/* Newest first: the last added of a day is its earliest. */
bool price_read_mempool(const char *body, size_t len, const char *currency, struct price_history *history,
			struct oddities *odd, struct reason *why)
{
	return read_list(body, len, "prices", "time", currency, history, odd, why);
}

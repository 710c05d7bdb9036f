#include "bitcoin/price.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitcoin/mining.h"
#include "base/buf.h"
#include "format/json.h"

void price_history_release(struct price_history *h)
{
	free(h->rows);
	*h = (struct price_history)PRICE_HISTORY_INIT;
}

bool price_parse(const char *text, char price[PRICE_TEXT], struct reason *why)
{
	const unsigned __int128 unit = 100000000;
	unsigned __int128 value;

	if (!fixed_parse(text, 8, &value, why))
		return false;
	if (value >= unit * 1000000000 || strlen(text) >= PRICE_TEXT)
		return reason_set(why, "%.40s is not a price", text);
	snprintf(price, PRICE_TEXT, "%s", text);
	return true;
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

/* Add one price of one row; none is passed over. */
static bool add_price(struct price_history *history, int row, const cJSON *time, const cJSON *value, struct reason *why)
{
	const char *number = json_number_text(value);
	char price[PRICE_TEXT];
	struct reason inner;
	day_t day;

	if (!day_of_time(time, &day))
		return reason_set(why, "row %d: its time is %s, not seconds since 1970", row, json_kind(time));
	if (!number)
		return reason_set(why, "row %d: its price is %s", row, json_kind(value));
	if (is_none(number))
		return true;
	if (!price_parse(number, price, &inner))
		return reason_set(why, "row %d: price %s", row, inner.text);
	price_history_add(history, day, price);
	return true;
}

/* Add the price in each row of the list of this name. */
static bool read_list(const char *body, size_t len, const char *list, const char *time, const char *price,
		      struct price_history *history, struct reason *why)
{
	cJSON *document = json_parse(body, len, why);
	const cJSON *rows = json_member(document, list), *row;
	bool ok = document != NULL;
	int number = 0;

	if (ok && !cJSON_IsArray(rows))
		ok = reason_set(why, "not a price history: it has no list named %s", list);
	if (ok)
		cJSON_ArrayForEach(row, rows)
			if (ok)
				ok = add_price(history, ++number, json_member(row, time), json_member(row, price), why);
	json_release(document);
	if (ok)
		price_history_sort(history);
	return ok;
}

bool price_read_blockchain(const char *body, size_t len, struct price_history *history, struct reason *why)
{
	return read_list(body, len, "values", "x", "y", history, why);
}

/* Newest first: the last added of a day is its earliest. */
bool price_read_mempool(const char *body, size_t len, const char *currency, struct price_history *history,
			struct reason *why)
{
	return read_list(body, len, "prices", "time", currency, history, why);
}

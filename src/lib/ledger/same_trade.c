#include "ledger/same_trade.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "exact/calendar.h"

void twins_init(struct twins *list)
{
	*list = (struct twins){ 0 };
}

void twins_release(struct twins *list)
{
	for (size_t i = 0; i < list->n; i++)
		decimal_release(&list->twin[i].size);
	free(list->twin);
	*list = (struct twins){ 0 };
}

static int64_t millis(const struct instant_ns *m)
{
	instant_t when = 0;

	instant_parse(m->micros, &when);
	return when * 1000 + strtol((char[]){ m->micros[20], m->micros[21], m->micros[22], '\0' }, NULL, 10);
}

void twins_add(struct twins *list, const char *product, bool buy, const char *size, const struct instant_ns *first,
	       const struct instant_ns *last)
{
	struct twin *t;
	size_t len;

	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 256;
		list->twin = xrealloc(list->twin, list->room * sizeof *list->twin);
	}
	t = &list->twin[list->n];
	*t = (struct twin){ .buy = buy, .number = list->n, .partner = TWIN_NONE };
	snprintf(t->product, sizeof t->product, "%s", product);
	len = strlen(t->product);
	if (len > 5 && strcmp(t->product + len - 5, "-USDC") == 0)
		t->product[len - 1] = '\0';
	t->first_ms = millis(first);
	t->last_ms = millis(last);
	decimal_init(&t->size);
	decimal_parse_text(&t->size, size, DECIMAL_PLAIN, NULL);
	t->about = mpz_get_d(t->size.unscaled) * pow(10, -(double)t->size.scale);
	list->n++;
}

enum { KIND_BITS = 2 };

void twins_name(struct twins *list, enum twin_ids kind, const char *id)
{
	uint64_t hash = UINT64_C(14695981039346656037);		/* FNV-1a */

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
	list->twin[list->n - 1].name = hash << KIND_BITS | kind;
}

/* Do two ids of one kind say that these are two trades? */
static bool are_named_apart(const struct twin *a, const struct twin *b)
{
	const uint64_t kind = (1 << KIND_BITS) - 1;

	return a->name && b->name && (a->name & kind) == (b->name & kind) && a->name != b->name;
}

static int by_time(const void *x, const void *y)
{
	const struct twin *a = x, *b = y;
	int order = strcmp(a->product, b->product);

	if (order == 0)
		order = a->buy - b->buy;
	if (order == 0)
		order = (a->first_ms > b->first_ms) - (a->first_ms < b->first_ms);
	return order ? order : (a->number > b->number) - (a->number < b->number);
}

static int by_number(const void *x, const void *y)
{
	const struct twin *a = x, *b = y;

	return (a->number > b->number) - (a->number < b->number);
}

static bool same_size(const struct twin *a, const struct twin *b)
{
	struct decimal difference, unit;
	bool same;

	/* Thousands of one second are each held against the other: most differ by far more than what is compared exactly. */
	if (decimal_sign(&a->size) <= 0 || fabs(a->about - b->about) > 1e-7 + 1e-9 * fabs(a->about))
		return false;
	decimal_init(&difference);
	decimal_init(&unit);
	decimal_sub(&difference, &a->size, &b->size);
	decimal_abs(&difference, &difference);
	decimal_set_int(&unit, 1, 8);
	same = decimal_cmp(&difference, &unit) <= 0;
	decimal_release(&difference);
	decimal_release(&unit);
	return same;
}

static int compare_kind(const struct twin *a, const struct twin *b)
{
	int order = strcmp(a->product, b->product);

	return order ? order : a->buy - b->buy;
}

size_t twins_pair(struct twins *a, struct twins *b)
{
	const int64_t slack = TWIN_SECONDS * 1000;
	size_t pairs = 0, from = 0;

	if (a->n == 0 || b->n == 0)
		return 0;
	qsort(a->twin, a->n, sizeof *a->twin, by_time);
	qsort(b->twin, b->n, sizeof *b->twin, by_time);
	for (size_t i = 0; i < a->n; i++) {
		struct twin *x = &a->twin[i];

		/* Those that are paired already, or lie behind, are looked at no more. */
		while (from < b->n && (b->twin[from].partner != TWIN_NONE || compare_kind(&b->twin[from], x) < 0 ||
				       (compare_kind(&b->twin[from], x) == 0 && b->twin[from].last_ms < x->first_ms - slack)))
			from++;
		for (size_t j = from; j < b->n && compare_kind(&b->twin[j], x) == 0 &&
				      b->twin[j].first_ms <= x->last_ms + slack; j++) {
			struct twin *y = &b->twin[j];

			if (y->partner != TWIN_NONE || y->last_ms < x->first_ms - slack || are_named_apart(x, y) ||
			    !same_size(x, y))
				continue;
			x->partner = y->number;
			y->partner = x->number;
			pairs++;
			break;
		}
	}
	qsort(a->twin, a->n, sizeof *a->twin, by_number);
	qsort(b->twin, b->n, sizeof *b->twin, by_number);
	return pairs;
}

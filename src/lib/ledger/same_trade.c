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
	for (size_t i = 0; i < list->n; i++) {
		decimal_release(&list->twin[i].size);
		free(list->twin[i].moved);
	}
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

	list->twin = xgrow(list->twin, list->n, sizeof *list->twin);
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

enum { KIND_BITS = 2, SLACK_MS = TWIN_SECONDS * 1000, SECOND_MS = 999 };

void twins_name(struct twins *list, enum twin_ids kind, const char *id)
{
	uint64_t hash = UINT64_C(14695981039346656037);		/* FNV-1a */

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
	list->twin[list->n - 1].name = hash << KIND_BITS | kind;
}

void twins_moved(struct twins *list, const char *moved)
{
	list->twin[list->n - 1].moved = xstrdup(moved);
	list->twin[list->n - 1].about_moved = strtod(moved, NULL);
}

/* Are two amounts apart by more than two units of the last decimal of the coarser, at most two cents, and so many
 * thousandths? */
static bool is_apart(const char *moved, const char *other, long thousandths)
{
	struct decimal x, y, difference, slack;
	bool apart;

	decimal_init(&x);
	decimal_init(&y);
	decimal_init(&difference);
	decimal_init(&slack);
	decimal_parse_text(&x, moved, DECIMAL_PLAIN, NULL);
	decimal_parse_text(&y, other, DECIMAL_PLAIN, NULL);
	decimal_apart(&difference, &x, &y);
	decimal_add_share(&slack, thousandths, 3, &x);
	decimal_add_int(&slack, 2, x.scale < 2 || y.scale < 2 ? 2 : x.scale < y.scale ? x.scale : y.scale);
	apart = decimal_cmp(&difference, &slack) > 0;
	decimal_release(&x);
	decimal_release(&y);
	decimal_release(&difference);
	decimal_release(&slack);
	return apart;
}

bool twins_contradict(const char *moved, const char *other)
{
	return is_apart(moved, other, 2);
}

bool twins_moved_the_same(const char *moved, const char *other)
{
	return !is_apart(moved, other, 0);
}

static int kind_of_name(const struct twin *t)
{
	return t->name & ((1 << KIND_BITS) - 1);
}

/* Do their ids leave open whether these are one trade?  One without an id has none of the kinds. */
static bool names_say_nothing(const struct twin *a, const struct twin *b)
{
	return !a->name || kind_of_name(a) != kind_of_name(b);
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

/* Two sizes are one to this many units of the eighth decimal. */
static bool same_size(const struct twin *a, const struct twin *b, long units)
{
	struct decimal apart;
	bool same;

	/* Thousands of one second are each held against the other: most differ by far more than what is compared exactly. */
	if (decimal_sign(&a->size) <= 0 || fabs(a->about - b->about) > 1e-7 + 1e-9 * fabs(a->about))
		return false;
	decimal_init(&apart);
	decimal_apart(&apart, &a->size, &b->size);
	same = decimal_cmp_int(&apart, units, 8) <= 0;
	decimal_release(&apart);
	return same;
}

static int compare_kind(const struct twin *a, const struct twin *b)
{
	int order = strcmp(a->product, b->product);

	return order ? order : a->buy - b->buy;
}

static int by_name(const void *x, const void *y)
{
	const struct twin *a = x, *b = y;
	int order = compare_kind(a, b);

	if (order == 0)
		order = (a->name > b->name) - (a->name < b->name);
	return order ? order : (a->number > b->number) - (a->number < b->number);
}

static bool same_time(const struct twin *a, const struct twin *b, int64_t slack_ms)
{
	return a->last_ms >= b->first_ms - slack_ms && b->last_ms >= a->first_ms - slack_ms;
}

static void make_pair(struct twin *a, struct twin *b)
{
	a->partner = b->number;
	b->partner = a->number;
}

/* Pair those of one id, which must agree in all else too. */
static size_t pair_by_name(struct twins *a, struct twins *b)
{
	size_t pairs = 0, j = 0;

	qsort(a->twin, a->n, sizeof *a->twin, by_name);
	qsort(b->twin, b->n, sizeof *b->twin, by_name);
	for (size_t i = 0; i < a->n && j < b->n; i++) {
		struct twin *x = &a->twin[i];

		while (j < b->n && (compare_kind(&b->twin[j], x) < 0 ||
				    (compare_kind(&b->twin[j], x) == 0 && b->twin[j].name < x->name)))
			j++;
		if (x->name && j < b->n && compare_kind(&b->twin[j], x) == 0 && b->twin[j].name == x->name &&
		    same_time(x, &b->twin[j], SLACK_MS) && same_size(x, &b->twin[j], 1)) {
			make_pair(x, &b->twin[j++]);
			pairs++;
		}
	}
	return pairs;
}

/* How alike two trades must be. */
struct likeness {
	long units;			/* of the eighth decimal, that the sizes may be apart */
	long thousandths;		/* that what they moved may be apart, beyond rounding */
	int64_t slack_ms;
};

enum { HOWEVER_FAR = 1000 };

/* Most amounts of one second differ by far more than is compared exactly. */
static bool moved_alike(const struct twin *a, const struct twin *b, long thousandths)
{
	if (thousandths == HOWEVER_FAR || !a->moved || !b->moved)
		return true;
	return fabs(a->about_moved - b->about_moved) <= 0.03 + 0.003 * fabs(a->about_moved) &&
	       !is_apart(a->moved, b->moved, thousandths);
}

static bool is_alike(const struct twin *a, const struct twin *b, const struct likeness *how)
{
	return names_say_nothing(a, b) && same_time(a, b, how->slack_ms) && same_size(a, b, how->units) &&
	       moved_alike(a, b, how->thousandths);
}

/* Pair the rest by their facts, earliest with earliest. */
static size_t pair_by_facts(struct twins *a, struct twins *b, const struct likeness *how)
{
	size_t pairs = 0, from_of_kind[1 << KIND_BITS] = { 0 };

	qsort(a->twin, a->n, sizeof *a->twin, by_time);
	qsort(b->twin, b->n, sizeof *b->twin, by_time);
	for (size_t i = 0; i < a->n; i++) {
		struct twin *x = &a->twin[i];
		size_t *from = &from_of_kind[kind_of_name(x)];

		if (x->partner != TWIN_NONE)
			continue;
		/* Those that are paired already, lie behind, or have ids of the same kind, are looked at no more. */
		while (*from < b->n && (b->twin[*from].partner != TWIN_NONE || compare_kind(&b->twin[*from], x) < 0 ||
					(compare_kind(&b->twin[*from], x) == 0 && (b->twin[*from].last_ms < x->first_ms - SLACK_MS ||
										    !names_say_nothing(&b->twin[*from], x)))))
			(*from)++;
		for (size_t j = *from; j < b->n && compare_kind(&b->twin[j], x) == 0 &&
				       b->twin[j].first_ms <= x->last_ms + SLACK_MS; j++) {
			struct twin *y = &b->twin[j];

			if (y->partner != TWIN_NONE || !is_alike(x, y, how))
				continue;
			make_pair(x, y);
			pairs++;
			break;
		}
	}
	return pairs;
}

size_t twins_pair(struct twins *a, struct twins *b)
{
	/* One that looks alike must not take the place of the one that is known by its id, by the amount that it moved, as
	 * of two fills of a sweep through the book, by the second of its time, which is all that a history has of it, or by
	 * its very size: a fill of one satoshi that of two. */
	static const struct likeness likeness[] = {
		{ 0, 0, SECOND_MS }, { 0, 0, SLACK_MS }, { 0, 2, SLACK_MS }, { 0, HOWEVER_FAR, SLACK_MS },
		{ 1, HOWEVER_FAR, SLACK_MS },
	};
	size_t pairs;

	if (a->n == 0 || b->n == 0)
		return 0;
	pairs = pair_by_name(a, b);
	for (size_t i = 0; i < sizeof likeness / sizeof *likeness; i++)
		pairs += pair_by_facts(a, b, &likeness[i]);
	qsort(a->twin, a->n, sizeof *a->twin, by_number);
	qsort(b->twin, b->n, sizeof *b->twin, by_number);
	return pairs;
}

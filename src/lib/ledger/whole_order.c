#include "ledger/whole_order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { SLACK_MS = TWIN_SECONDS * 1000, LONGEST_MS = 24 * 60 * 60 * 1000 };

/* What is looked at: the trades of one product and side. */
struct search {
	const struct telling *telling;
	const struct twin **row, **fill;	/* by time; a fill that has found its row goes */
	size_t n_rows, n_fills;
	bool *used;				/* by number: a row that is an order */
	bool waited;				/* look for orders that lay in the book for some time */
	struct whole_orders *found;
};

static int by_book(const void *x, const void *y)
{
	const struct twin *const *a = x, *const *b = y;
	int order = strcmp((*a)->product, (*b)->product);

	if (order == 0)
		order = (*a)->buy - (*b)->buy;
	if (order == 0)
		order = ((*a)->first_ms > (*b)->first_ms) - ((*a)->first_ms < (*b)->first_ms);
	return order ? order : ((*a)->number > (*b)->number) - ((*a)->number < (*b)->number);
}

static void add_sizes(struct decimal *sum, const struct twin *const *trade, size_t n)
{
	for (size_t i = 0; i < n; i++)
		decimal_add(sum, sum, &trade[i]->size);
}

/* Are the quantities of both one, to a unit of the eighth decimal for each row? */
static bool same_quantity(const struct twin *const *row, size_t n_rows, const struct twin *const *fill, size_t n_fills)
{
	struct decimal rows, fills;
	bool same;

	decimal_init(&rows);
	decimal_init(&fills);
	add_sizes(&rows, row, n_rows);
	add_sizes(&fills, fill, n_fills);
	decimal_apart(&rows, &rows, &fills);
	same = decimal_cmp_int(&rows, (long)n_rows, 8) <= 0;
	decimal_release(&rows);
	decimal_release(&fills);
	return same;
}

static char *moved_of(const struct twin *const *trade, size_t n)
{
	struct buf text = BUF_INIT;
	struct decimal sum, moved;

	decimal_init(&sum);
	decimal_init(&moved);
	for (size_t i = 0; i < n; i++)
		if (decimal_parse_text(&moved, trade[i]->moved, DECIMAL_PLAIN, NULL))
			decimal_add(&sum, &sum, &moved);
	decimal_write(&sum, DECIMAL_KEEP_ZEROS, &text);
	decimal_release(&sum);
	decimal_release(&moved);
	return text.data;
}

/* How well a run suits a row; of two the better one, and of as good ones the first. */
enum suits { SUITS_NOT, SUITS_BY_SIZE, SUITS_NEARLY, SUITS };

static enum suits judge_moved(const struct twin *row, const struct twin *const *fill, size_t n)
{
	char *moved = moved_of(fill, n);
	enum suits suits = twins_moved_the_same(row->moved, moved) ? SUITS :
			   !twins_contradict(row->moved, moved)    ? SUITS_NEARLY : SUITS_BY_SIZE;

	free(moved);
	return suits;
}

static bool lies_within(const struct twin *row, int64_t first, int64_t last)
{
	return row->first_ms >= first - SLACK_MS && row->first_ms <= last + SLACK_MS;
}

/* Rows and fills that were both there before have been held against each other: what was left is no order of theirs. */
static bool has_news(const struct search *s, const struct twin *const *row, size_t n_rows,
		     const struct twin *const *fill, size_t n_fills)
{
	bool news = false;

	for (size_t i = 0; i < n_rows; i++)
		news |= s->telling[row[i]->number].is_new;
	for (size_t i = 0; i < n_fills; i++)
		news |= s->telling[fill[i]->number].is_new;
	return news;
}

static size_t *numbers(const struct twin *const *trade, size_t n)
{
	size_t *number = xmalloc(n * sizeof *number);

	for (size_t i = 0; i < n; i++)
		number[i] = trade[i]->number;
	return number;
}

static void keep(struct search *s, const struct twin *const *row, size_t n_rows, const struct twin *const *fill,
		 size_t n_fills)
{
	struct whole_order *o;
	bool rows_count = true;

	for (size_t i = 0; i < n_rows; i++) {
		s->used[row[i]->number] = true;
		rows_count &= !s->telling[row[i]->number].is_new;
	}
	for (size_t i = 0; i < n_fills; i++) {
		const struct telling *t = &s->telling[fill[i]->number];

		rows_count &= t->is_new && t->reported && !*t->order;
	}
	s->found->order = xgrow(s->found->order, s->found->n, sizeof *s->found->order);
	o = &s->found->order[s->found->n++];
	*o = (struct whole_order){ .row = numbers(row, n_rows), .fill = numbers(fill, n_fills), .n_rows = n_rows,
				   .n_fills = n_fills, .rows_count = rows_count, .rows_moved = moved_of(row, n_rows),
				   .fills_moved = moved_of(fill, n_fills) };
	o->gone = rows_count ? o->fill : o->row;
	o->n_gone = rows_count ? n_fills : n_rows;
}

/* Named orders -------------------------------------------------------------------------------- */

struct named {
	const struct twin *fill;
	const char *order;
};

/* The fills fill[0..n) of one order. */
struct order {
	const struct twin **fill;
	size_t n;
	bool used;
};

static int by_order(const void *x, const void *y)
{
	const struct named *a = x, *b = y;
	int order = strcmp(a->order, b->order);

	if (order == 0)
		order = (a->fill->first_ms > b->fill->first_ms) - (a->fill->first_ms < b->fill->first_ms);
	return order ? order : (a->fill->number > b->fill->number) - (a->fill->number < b->fill->number);
}

static int by_first_fill(const void *x, const void *y)
{
	const struct order *a = x, *b = y;

	return by_book(&a->fill[0], &b->fill[0]);
}

/* Did its last fill come before the row's time? */
static bool is_over(const struct order *o, const struct twin *row)
{
	return o->fill[o->n - 1]->first_ms < row->first_ms - SLACK_MS;
}

static void pair_orders(struct search *s, struct order *order, size_t n)
{
	size_t from = 0;

	qsort(order, n, sizeof *order, by_first_fill);
	for (size_t r = 0; r < s->n_rows; r++) {
		/* What has its row, or is over, no later row can have. */
		while (from < n && (order[from].used || is_over(&order[from], s->row[r])))
			from++;
		for (size_t k = from; k < n && order[k].fill[0]->first_ms <= s->row[r]->first_ms + SLACK_MS; k++) {
			struct order *o = &order[k];

			if (o->used || is_over(o, s->row[r]) || !has_news(s, &s->row[r], 1, o->fill, o->n) ||
			    !same_quantity(&s->row[r], 1, o->fill, o->n))
				continue;
			keep(s, &s->row[r], 1, o->fill, o->n);
			o->used = true;
			break;
		}
	}
}

static void find_named(struct search *s, const struct twin *const *trade, size_t n)
{
	struct named *named = xmalloc(n * sizeof *named);
	const struct twin **fill = xmalloc(n * sizeof *fill);
	struct order *order = xmalloc(n * sizeof *order);
	size_t n_named = 0, n_orders = 0, n_kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct telling *t = &s->telling[trade[i]->number];

		if (!t->whole && *t->order)
			named[n_named++] = (struct named){ trade[i], t->order };
	}
	qsort(named, n_named, sizeof *named, by_order);
	for (size_t i = 0; i < n_named; i++) {
		fill[i] = named[i].fill;
		if (i == 0 || strcmp(named[i].order, named[i - 1].order) != 0)
			order[n_orders++] = (struct order){ &fill[i], 0, false };
		order[n_orders - 1].n++;
	}
	/* One of a single fill is that fill. */
	for (size_t k = 0; k < n_orders; k++)
		if (order[k].n > 1)
			order[n_kept++] = order[k];
	pair_orders(s, order, n_kept);
	free(named);
	free(fill);
	free(order);
}

/* Fills that name no order -------------------------------------------------------------------- */

static bool follows(const struct twin *const *fill, size_t i)
{
	return fill[i]->first_ms - fill[i - 1]->first_ms <= SLACK_MS;
}

static enum suits judge_run(const struct search *s, const struct twin *row, size_t from, size_t n)
{
	const struct twin *const *fill = s->fill + from;
	int64_t first = fill[0]->first_ms, last = fill[n - 1]->first_ms;
	bool close = true, alone, at_an_end;
	enum suits suits;

	if (!lies_within(row, first, last) || !has_news(s, &row, 1, fill, n) || !same_quantity(&row, 1, fill, n))
		return SUITS_NOT;
	for (size_t i = 1; i < n; i++)
		close &= follows(fill, i);
	at_an_end = lies_within(row, first, first) || lies_within(row, last, last);
	if (s->waited ? !at_an_end : !close)
		return SUITS_NOT;
	suits = judge_moved(row, fill, n);
	/* The fills of a day make many sums. */
	if (!close)
		return suits == SUITS ? SUITS : SUITS_NOT;
	if (suits != SUITS_BY_SIZE)
		return suits;
	alone = (from == 0 || !follows(s->fill, from)) && (from + n == s->n_fills || !follows(s->fill, from + n));
	return alone ? SUITS_BY_SIZE : SUITS_NOT;
}

static void take_fills(struct search *s, size_t from, size_t n)
{
	s->n_fills -= n;
	memmove(s->fill + from, s->fill + from + n, (s->n_fills - from) * sizeof *s->fill);
}

/* Look for the row's run among the fills from this one on, by the sum of their quantities. */
static void find_run(struct search *s, const struct twin *row, size_t from)
{
	double sum = 0, slack = 1e-7 + 1e-9 * row->about;
	size_t best_from = 0, best_n = 0;
	enum suits best = SUITS_NOT;

	for (size_t i = from, j = from; j < s->n_fills && s->fill[j]->first_ms <= row->first_ms + LONGEST_MS; j++) {
		enum suits suits = SUITS_NOT;

		sum += s->fill[j]->about;
		while (i < j && sum > row->about + slack)
			sum -= s->fill[i++]->about;
		if (i < j && fabs(sum - row->about) <= slack)
			suits = judge_run(s, row, i, j - i + 1);
		if (suits > best) {
			best = suits;
			best_from = i;
			best_n = j - i + 1;
		}
	}
	if (best != SUITS_NOT) {
		keep(s, &row, 1, s->fill + best_from, best_n);
		take_fills(s, best_from, best_n);
	}
}

static void find_runs(struct search *s, bool waited)
{
	size_t from = 0;

	s->waited = waited;
	for (size_t r = 0; r < s->n_rows; r++) {
		while (from < s->n_fills && s->fill[from]->first_ms < s->row[r]->first_ms - LONGEST_MS)
			from++;
		if (!s->used[s->row[r]->number])
			find_run(s, s->row[r], from);
	}
}

/* The rows that are left in the time of fills that follow each other. */
static void find_mixed(struct search *s)
{
	const struct twin **row = xmalloc(s->n_rows * sizeof *row);
	size_t at = 0;				/* the first row that is not before all fills from here on */

	for (size_t from = 0, to; from < s->n_fills; from = to) {
		const int64_t first = s->fill[from]->first_ms;
		int64_t last;
		size_t n = 0;

		for (to = from + 1; to < s->n_fills && follows(s->fill, to); to++)
			;
		last = s->fill[to - 1]->first_ms;
		while (at < s->n_rows && s->row[at]->first_ms < first - SLACK_MS)
			at++;
		for (size_t r = at; r < s->n_rows && lies_within(s->row[r], first, last); r++)
			if (!s->used[s->row[r]->number])
				row[n++] = s->row[r];
		if (n > 1 && has_news(s, row, n, s->fill + from, to - from) &&
		    same_quantity(row, n, s->fill + from, to - from)) {
			keep(s, row, n, s->fill + from, to - from);
			take_fills(s, from, to - from);
			to = from;
		}
	}
	free(row);
}

/* All trades ---------------------------------------------------------------------------------- */

static void find_in(struct search *s, const struct twin *const *trade, size_t n)
{
	s->n_rows = s->n_fills = 0;
	for (size_t i = 0; i < n; i++) {
		const struct telling *t = &s->telling[trade[i]->number];

		if (decimal_sign(&trade[i]->size) <= 0 || t->taken)
			continue;
		if (t->whole)
			s->row[s->n_rows++] = trade[i];
		else if (t->reported && !*t->order)
			s->fill[s->n_fills++] = trade[i];
	}
	if (s->n_rows == 0)
		return;
	/* Fills of a day make many sums: those go first of which the time leaves least open. */
	find_named(s, trade, n);
	find_runs(s, false);
	find_mixed(s);
	find_runs(s, true);
}

void whole_orders_find(const struct twins *list, const struct telling *telling, struct whole_orders *found)
{
	const struct twin **trade = xmalloc((list->n + 1) * sizeof *trade);
	struct search s = { .telling = telling, .found = found };

	*found = (struct whole_orders){ 0 };
	s.row = xmalloc((list->n + 1) * sizeof *s.row);
	s.fill = xmalloc((list->n + 1) * sizeof *s.fill);
	s.used = xmalloc(list->n + 1);
	memset(s.used, 0, list->n);
	for (size_t i = 0; i < list->n; i++)
		trade[i] = &list->twin[i];
	qsort(trade, list->n, sizeof *trade, by_book);
	for (size_t from = 0, to; from < list->n; from = to) {
		for (to = from + 1; to < list->n && strcmp(trade[to]->product, trade[from]->product) == 0 &&
				    trade[to]->buy == trade[from]->buy; to++)
			;
		find_in(&s, trade + from, to - from);
	}
	free(s.row);
	free(s.fill);
	free(s.used);
	free(trade);
}

void whole_orders_release(struct whole_orders *found)
{
	for (size_t i = 0; i < found->n; i++) {
		free(found->order[i].row);
		free(found->order[i].fill);
		free(found->order[i].rows_moved);
		free(found->order[i].fills_moved);
	}
	free(found->order);
	*found = (struct whole_orders){ 0 };
}

#include "coinbase/csv_balance.h"

#include <stdlib.h>
#include <string.h>

/* So many rows of one second are looked through for the one that comes next, or for one that was told before. */
enum { LOOK_AROUND = 500 };

/* An account with so many breaks is not looked at further: its rows are in no order, or not all there. */
enum { ENOUGH = 20 };

/* A figure of so many digits may have been rounded by a spreadsheet. */
enum { ROUNDED_DIGITS = 10 };

void coinbase_movement_init(struct coinbase_movement *m)
{
	*m = (struct coinbase_movement){ .line = 0 };
	decimal_init(&m->amount);
	decimal_init(&m->balance);
}

void coinbase_movement_release(struct coinbase_movement *m)
{
	decimal_release(&m->amount);
	decimal_release(&m->balance);
}

static int compare_accounts(const struct coinbase_movement *a, const struct coinbase_movement *b)
{
	int order = strcmp(a->unit, b->unit);

	return order ? order : strcmp(a->portfolio, b->portfolio);
}

static int compare(const void *a, const void *b)
{
	const struct coinbase_movement *x = a, *y = b;
	int order = compare_accounts(x, y);

	if (order == 0)
		order = instant_ns_cmp(&x->time, &y->time);
	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* Rows of one account that are still to be put in sequence: from the first one that is not taken. */
struct sequence {
	struct coinbase_movement *first, *end;
	const struct coinbase_movement *last;	/* the last one taken that has a balance; NULL at the beginning */
	struct decimal balance;			/* that one's, and what moved since */
};

/* The last decimal of a figure that may be rounded is not certain. */
static void add_doubt(struct decimal *slack, const struct decimal *d)
{
	long digits = (long)mpz_sizeinbase(d->unscaled, 10);

	if (digits >= ROUNDED_DIGITS || d->scale + 1 >= ROUNDED_DIGITS)
		decimal_add_int(slack, 1, d->scale);
}

/* Does this row come after an account of this balance? */
static bool follows(const struct coinbase_movement *m, const struct decimal *before)
{
	struct decimal apart, slack;
	bool ok;

	if (!m->has_balance)
		return true;
	decimal_init(&apart);
	decimal_add(&apart, before, &m->amount);
	decimal_apart(&apart, &apart, &m->balance);
	ok = decimal_sign(&apart) == 0;
	if (!ok) {
		decimal_init(&slack);
		add_doubt(&slack, before);
		add_doubt(&slack, &m->amount);
		add_doubt(&slack, &m->balance);
		ok = decimal_cmp(&apart, &slack) <= 0;
		decimal_release(&slack);
	}
	decimal_release(&apart);
	return ok;
}

/* May this row come next?  It is of the second that begins with the first. */
static bool is_near(const struct sequence *s, const struct coinbase_movement *m)
{
	return m < s->end && m - s->first < LOOK_AROUND && m->at <= s->first->at + 1;
}

static struct coinbase_movement *find_next(const struct sequence *s)
{
	for (struct coinbase_movement *m = s->first; s->last && is_near(s, m); m++)
		if (!m->taken && follows(m, &s->balance))
			return m;
	return NULL;
}

static bool has_predecessor(const struct coinbase_movement *m, const struct sequence *s)
{
	for (const struct coinbase_movement *before = s->first; is_near(s, before); before++)
		if (before != m && !before->taken && before->has_balance && follows(m, &before->balance))
			return true;
	return false;
}

/* Where nothing follows: the row that no other one of the second comes before. */
static struct coinbase_movement *find_start(const struct sequence *s)
{
	for (struct coinbase_movement *m = s->first; is_near(s, m); m++)
		if (!m->taken && m->has_balance && !has_predecessor(m, s))
			return m;
	return s->first;
}

static bool is_same(const struct coinbase_movement *a, const struct coinbase_movement *b)
{
	return instant_ns_cmp(&a->time, &b->time) == 0 && decimal_cmp(&a->amount, &b->amount) == 0 &&
	       decimal_cmp(&a->balance, &b->balance) == 0;
}

/* Is this row told again that was taken before? */
static bool is_repeat(const struct coinbase_movement *m, const struct coinbase_movement *account)
{
	for (long back = 1; back <= m - account && back < LOOK_AROUND && m[-back].at == m->at; back++)
		if (m[-back].taken && is_same(&m[-back], m))
			return true;
	return false;
}

static void add_break(struct coinbase_csv *csv, const struct coinbase_movement *m, const struct sequence *s)
{
	struct buf balance = BUF_INIT, made = BUF_INIT;
	struct coinbase_break *b;
	struct decimal sum;

	decimal_init(&sum);
	decimal_add(&sum, &s->balance, &m->amount);
	decimal_write(&sum, DECIMAL_TRIM_ZEROS, &made);
	decimal_write(&m->balance, DECIMAL_TRIM_ZEROS, &balance);
	decimal_release(&sum);
	csv->breaks = xgrow(csv->breaks, csv->n_breaks, sizeof *csv->breaks);
	b = &csv->breaks[csv->n_breaks++];
	b->line = m->line;
	reason_set(&b->why, "the balance is %.40s %s, and that of line %ld with this amount makes %.40s", balance.data,
		   m->unit, s->last->line, made.data);
	buf_release(&balance);
	buf_release(&made);
}

static void pass(struct sequence *s, struct coinbase_movement *m)
{
	m->taken = true;
	while (s->first < s->end && s->first->taken)
		s->first++;
}

static void take(struct sequence *s, struct coinbase_movement *m)
{
	if (m->has_balance) {
		decimal_set(&s->balance, &m->balance);
		s->last = m;
	} else {
		decimal_add(&s->balance, &s->balance, &m->amount);
	}
	pass(s, m);
}

static void check_account(struct coinbase_csv *csv, struct coinbase_movement *m, size_t n)
{
	struct sequence s = { .first = m, .end = m + n };
	size_t enough = csv->n_breaks + ENOUGH;

	decimal_init(&s.balance);
	while (s.first < s.end && csv->n_breaks < enough) {
		struct coinbase_movement *next = find_next(&s);

		if (!next) {
			next = find_start(&s);
			if (is_repeat(next, m)) {
				pass(&s, next);
				continue;
			}
			if (s.last)
				add_break(csv, next, &s);
		}
		take(&s, next);
	}
	decimal_release(&s.balance);
}

void coinbase_balances_check(struct coinbase_csv *csv, struct coinbase_movement *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		instant_parse(m[i].time.micros, &m[i].at);
	if (n > 0)
		qsort(m, n, sizeof *m, compare);
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && compare_accounts(&m[from], &m[to]) == 0; to++)
			;
		check_account(csv, m + from, to - from);
	}
}

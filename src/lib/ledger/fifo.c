#include "ledger/fifo.h"

#include <string.h>

/* A stream's current trade and what is left of it. */
struct side {
	const struct fifo_stream *stream;
	const char *name;
	struct fifo_trade trade;
	struct decimal left, amount_left;
	bool have, ended;
	long long n;			/* trades with a size, so far */
	struct instant_ns last_at;		/* of the trade before, to see that the order holds */
	struct buf last_id;
};

struct matching {
	const struct fifo_rules *rules;
	struct side lots, disposals;
	struct fifo_slice slice;
	fifo_put *put;
	void *to;
	struct fifo_totals *totals;
	struct reason *why;
};

void fifo_trade_init(struct fifo_trade *t)
{
	buf_init(&t->id);
	t->at = (struct instant_ns){ .nanos = 0 };
	decimal_init(&t->size);
	decimal_init(&t->amount);
}

void fifo_trade_release(struct fifo_trade *t)
{
	buf_release(&t->id);
	decimal_release(&t->size);
	decimal_release(&t->amount);
}

const char *fifo_status_name(enum fifo_status status)
{
	static const char *const name[] = { "OK", "MISSING_BASIS", "OPEN", "DUST" };

	return name[status];
}

enum { N_SUMS = 8 };

static void all_sums(struct fifo_totals *t, struct decimal *sum[N_SUMS])
{
	struct decimal *const all[N_SUMS] = { &t->size, &t->basis, &t->proceeds, &t->gain, &t->uncovered_size,
					      &t->uncovered_proceeds, &t->open_size, &t->open_basis };

	memcpy(sum, all, sizeof all);
}

void fifo_totals_init(struct fifo_totals *t)
{
	struct decimal *sum[N_SUMS];

	memset(t, 0, sizeof *t);
	all_sums(t, sum);
	for (int i = 0; i < N_SUMS; i++)
		decimal_init(sum[i]);
}

void fifo_totals_release(struct fifo_totals *t)
{
	struct decimal *sum[N_SUMS];

	all_sums(t, sum);
	for (int i = 0; i < N_SUMS; i++)
		decimal_release(sum[i]);
}

static void count(struct fifo_totals *t, const struct fifo_slice *s)
{
	t->slices++;
	if (!s->disposal) {
		decimal_add(&t->open_size, &t->open_size, &s->size);
		decimal_add(&t->open_basis, &t->open_basis, &s->basis);
		return;
	}
	decimal_add(&t->size, &t->size, &s->size);
	decimal_add(&t->basis, &t->basis, &s->basis);
	decimal_add(&t->proceeds, &t->proceeds, &s->proceeds);
	decimal_add(&t->gain, &t->gain, &s->gain);
	if (s->status == FIFO_MISSING_BASIS) {
		t->uncovered++;
		decimal_add(&t->uncovered_size, &t->uncovered_size, &s->size);
		decimal_add(&t->uncovered_proceeds, &t->uncovered_proceeds, &s->proceeds);
	}
}

/* Streams ------------------------------------------------------------------------------------ */

static bool in_order(struct side *side, struct reason *why)
{
	const struct fifo_trade *t = &side->trade;
	int order = 1;

	if (side->last_id.len > 0) {
		order = instant_ns_cmp(&t->at, &side->last_at);
		if (order == 0)
			order = strcmp(t->id.data, side->last_id.data);
	}
	if (order == 0)
		return reason_set(why, "the %s %s occurs twice", side->name, t->id.data);
	if (order < 0)
		return reason_set(why, "the %s %s of %s comes after a later one", side->name, t->id.data, t->at.micros);
	side->last_at = t->at;
	buf_clear(&side->last_id);
	buf_add(&side->last_id, t->id.data, t->id.len);
	return true;
}

/* The current trade of a stream, read if need be: 1, or 0 when there are no more. */
static int current(struct side *side, struct reason *why)
{
	while (!side->have && !side->ended) {
		int got = side->stream->next(side->stream->context, &side->trade, why);

		if (got < 0)
			return -1;
		side->ended = got == 0;
		if (side->ended)
			break;
		if (!in_order(side, why))
			return -1;
		if (decimal_sign(&side->trade.size) == 0) {
			if (decimal_sign(&side->trade.amount) == 0)
				continue;
			reason_set(why, "the %s %s has size zero, but a value or a fee", side->name,
				   side->trade.id.data);
			return -1;
		}
		if (decimal_sign(&side->trade.size) < 0) {
			reason_set(why, "the size of the %s %s is negative", side->name, side->trade.id.data);
			return -1;
		}
		decimal_set(&side->left, &side->trade.size);
		decimal_set(&side->amount_left, &side->trade.amount);
		side->have = true;
		side->n++;
	}
	return side->have;
}

/* Take size off what is left; amount becomes its share of the money, or all that remains. */
static void cut(struct side *side, const struct decimal *size, long places, struct decimal *amount)
{
	if (decimal_cmp(size, &side->left) == 0) {
		decimal_set(amount, &side->amount_left);
		side->have = false;
		return;
	}
	decimal_mul(amount, &side->trade.amount, size);
	decimal_div(amount, amount, &side->trade.size, places);
	decimal_sub(&side->left, &side->left, size);
	decimal_sub(&side->amount_left, &side->amount_left, amount);
}

/* Slices ------------------------------------------------------------------------------------- */

static bool put(struct matching *m, enum fifo_status status, const struct fifo_trade *lot,
		const struct fifo_trade *disposal)
{
	struct fifo_slice *s = &m->slice;

	s->status = status;
	s->lot = lot;
	s->disposal = disposal;
	if (!lot)
		decimal_set_int(&s->basis, 0, 0);
	if (!disposal) {
		decimal_set_int(&s->proceeds, 0, 0);
		decimal_set_int(&s->gain, 0, 0);
	} else {
		decimal_sub(&s->gain, &s->proceeds, &s->basis);
	}
	count(m->totals, s);
	return m->put(m->to, s, m->why);
}

/* All that is left of a lot, without a disposal. */
static bool put_lot(struct matching *m, enum fifo_status status)
{
	decimal_set(&m->slice.size, &m->lots.left);
	cut(&m->lots, &m->slice.size, m->rules->places, &m->slice.basis);
	return put(m, status, &m->lots.trade, NULL);
}

/* All that is left of a disposal, without a lot. */
static bool put_disposal(struct matching *m, enum fifo_status status)
{
	decimal_set(&m->slice.size, &m->disposals.left);
	cut(&m->disposals, &m->slice.size, m->rules->places, &m->slice.proceeds);
	return put(m, status, NULL, &m->disposals.trade);
}

static bool is_dust(const struct matching *m, const struct side *side)
{
	return side->have && m->rules->dust && decimal_cmp(&side->left, m->rules->dust) <= 0;
}

/* One slice of the current disposal. */
static bool dispose(struct matching *m)
{
	struct side *lots = &m->lots, *disposals = &m->disposals;
	int got = current(lots, m->why);

	if (got < 0)
		return false;
	if (got == 0 || instant_ns_cmp(&lots->trade.at, &disposals->trade.at) > 0)
		return put_disposal(m, FIFO_MISSING_BASIS);
	decimal_set(&m->slice.size, decimal_cmp(&lots->left, &disposals->left) < 0 ? &lots->left : &disposals->left);
	cut(lots, &m->slice.size, m->rules->places, &m->slice.basis);
	cut(disposals, &m->slice.size, m->rules->places, &m->slice.proceeds);
	if (!put(m, FIFO_OK, &lots->trade, &disposals->trade))
		return false;
	if (is_dust(m, lots) && !put_lot(m, FIFO_DUST))
		return false;
	return !is_dust(m, disposals) || put_disposal(m, FIFO_DUST);
}

static bool match(struct matching *m)
{
	int got;

	while ((got = current(&m->disposals, m->why)) == 1)
		while (m->disposals.have)
			if (!dispose(m))
				return false;
	if (got < 0)
		return false;
	while ((got = current(&m->lots, m->why)) == 1)
		if (!put_lot(m, FIFO_OPEN))
			return false;
	return got == 0;
}

static void begin_side(struct side *side, const struct fifo_stream *stream, const char *name)
{
	memset(side, 0, sizeof *side);
	side->stream = stream;
	side->name = name;
	fifo_trade_init(&side->trade);
	decimal_init(&side->left);
	decimal_init(&side->amount_left);
	buf_init(&side->last_id);
}

static void end_side(struct side *side)
{
	fifo_trade_release(&side->trade);
	decimal_release(&side->left);
	decimal_release(&side->amount_left);
	buf_release(&side->last_id);
}

bool fifo_match(const struct fifo_rules *rules, const struct fifo_stream *lots,
		const struct fifo_stream *disposals, fifo_put *put_slice, void *to,
		struct fifo_totals *totals, struct reason *why)
{
	struct matching m = { .rules = rules, .put = put_slice, .to = to, .totals = totals, .why = why };
	struct decimal *const of_slice[] = { &m.slice.size, &m.slice.basis, &m.slice.proceeds, &m.slice.gain };
	bool ok;

	begin_side(&m.lots, lots, "lot");
	begin_side(&m.disposals, disposals, "disposal");
	for (int i = 0; i < 4; i++)
		decimal_init(of_slice[i]);
	ok = match(&m);
	totals->lots += m.lots.n;
	totals->disposals += m.disposals.n;
	for (int i = 0; i < 4; i++)
		decimal_release(of_slice[i]);
	end_side(&m.lots);
	end_side(&m.disposals);
	return ok;
}

#include "coinbase/csv_convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coinbase/csv_note.h"

static bool read_amounts(struct coinbase_conversion *c, const struct coinbase_row *row, struct coinbase_amounts *a)
{
	struct reason *why = &c->why;
	bool has_price = *coinbase_row_field(row, EXPORT_PRICE);

	if (!coinbase_row_amount(row, EXPORT_QUANTITY, "quantity", &a->quantity, why) ||
	    (has_price && !coinbase_row_amount(row, EXPORT_PRICE, "price", &a->price, why)) ||
	    !coinbase_row_amount(row, *coinbase_row_field(row, EXPORT_TOTAL) ? EXPORT_TOTAL : EXPORT_PAID, "total",
				 &a->total, why))
		return false;
	c->negative = decimal_sign(&a->quantity) < 0;
	decimal_abs(&a->quantity, &a->quantity);
	decimal_abs(&a->price, &a->price);
	decimal_abs(&a->total, &a->total);
	if (decimal_sign(&a->quantity) == 0)
		return reason_set(why, "the quantity is 0");
	/* Total is the worth at the time of the order, and the price may be that of the fill: either may be the nearer. */
	if (has_price && !coinbase_amounts_near(a, &a->total)) {
		if (!*coinbase_row_field(row, EXPORT_SUBTOTAL))
			return reason_set(why, "quantity × price is away from the total %.40s", coinbase_row_field(row, EXPORT_TOTAL));
		if (!coinbase_row_amount(row, EXPORT_SUBTOTAL, "subtotal", &a->value, why))
			return false;
		decimal_abs(&a->value, &a->value);
		if (!coinbase_amounts_plausible(a, why))
			return false;
		decimal_sub(&a->scratch, &a->total, &a->value);
		decimal_abs(&a->scratch, &a->scratch);
		decimal_add(&a->scratch, &a->scratch, &a->scratch);
		if (decimal_cmp(&a->scratch, &a->value) > 0)
			return reason_set(why, "the subtotal is %.40s and the total %.40s", coinbase_row_field(row, EXPORT_SUBTOTAL),
					  coinbase_row_field(row, EXPORT_TOTAL));
	}
	return coinbase_keep_decimal(c->quantity, &a->quantity, why) && coinbase_keep_decimal(c->total, &a->total, why);
}

void coinbase_conversion_read(struct coinbase_conversion *c, const struct coinbase_row *row,
			      const struct instant_ns *time)
{
	struct coinbase_amounts a;

	*c = (struct coinbase_conversion){ .line = row->in->line, .time = *time };
	instant_parse(time->micros, &c->at);
	coinbase_amounts_init(&a);
	c->bad = !coinbase_row_fits(row, &c->why) ||
		 !coinbase_row_put_id(c->id, sizeof c->id, "the id", coinbase_row_field(row, EXPORT_ID), &c->why) ||
		 !coinbase_row_put(c->asset, sizeof c->asset, "the asset", coinbase_row_field(row, EXPORT_ASSET), &c->why) ||
		 !coinbase_row_put(c->currency, sizeof c->currency, "the currency", coinbase_row_currency(row), &c->why) ||
		 !coinbase_row_put(c->note, sizeof c->note, "the note", coinbase_row_field(row, EXPORT_NOTES), &c->why) ||
		 !read_amounts(c, row, &a);
	coinbase_in_capitals(c->asset);
	coinbase_in_capitals(c->currency);
	coinbase_amounts_release(&a);
}

static int compare(const void *a, const void *b)
{
	const struct coinbase_conversion *x = a, *y = b;
	int order = instant_ns_cmp(&x->time, &y->time);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

void coinbase_conversions_sort(struct coinbase_conversion *c, size_t n)
{
	if (n > 0)
		qsort(c, n, sizeof *c, compare);
}

/* What a note tells: "Converted 0.0036 BTC to 156.1 XRP". */
struct told {
	char given[COINBASE_DECIMAL], given_asset[16], got[COINBASE_DECIMAL], got_asset[16];
};

static bool read_note(const char *note, struct told *t)
{
	int used = 0;

	if (sscanf(note, "%*[Cc]onverted %71s %15s to %71s %15[A-Za-z0-9]%n", t->given, t->given_asset, t->got, t->got_asset,
		   &used) != 4)
		return false;
	coinbase_in_capitals(t->given_asset);
	coinbase_in_capitals(t->got_asset);
	return note[used] == '\0' || note[used] == ' ' || note[used] == '.';
}

/* Which of two rows is of what was given, by the note that both have; NULL if it does not tell of both. */
static const struct coinbase_conversion *given_by_note(const struct coinbase_conversion *a,
						       const struct coinbase_conversion *b)
{
	struct told t;

	if (strcmp(a->note, b->note) != 0 || !read_note(a->note, &t))
		return NULL;
	if (strcmp(a->asset, t.given_asset) == 0 && strcmp(b->asset, t.got_asset) == 0)
		return a;
	return strcmp(b->asset, t.given_asset) == 0 && strcmp(a->asset, t.got_asset) == 0 ? b : NULL;
}

/* Two rows of one conversion: with one id or one note, and of different coins. */
static bool is_partner(const struct coinbase_conversion *a, const struct coinbase_conversion *b)
{
	return strcmp(a->asset, b->asset) != 0 &&
	       ((*a->id && strcmp(a->id, b->id) == 0) ||
		(*a->note && strcmp(a->note, b->note) == 0 && (a->negative != b->negative || given_by_note(a, b))));
}

/* The rows of a conversion are written one after the other, mostly within two seconds; what was given may wait for
 * what is received, though no longer than this. */
enum { MOST_SECONDS = 24 * 60 * 60 };

/* So many rows are looked through for the other one; where more have this very time *crowded is set. */
enum { LOOK_AHEAD = 500, AT_ONCE = 60 };

static struct coinbase_conversion *find_partner(struct coinbase_conversion *first, struct coinbase_conversion *end,
						bool *crowded)
{
	struct coinbase_conversion *c = first + 1;

	*crowded = false;
	for (; c < end && c - first <= LOOK_AHEAD && c->at - first->at <= MOST_SECONDS; c++)
		if (!c->done && is_partner(first, c))
			return c;
	*crowded = c < end && c->at - first->at <= AT_ONCE;
	return NULL;
}

/* One side of a conversion. */
struct side {
	const char *asset, *quantity, *id;
};

static bool make_fill(struct coinbase_fill *f, const struct side *side, const struct coinbase_conversion *c, bool buy,
		      struct reason *why)
{
	struct coinbase_amounts a;
	bool ok;

	f->buy = buy;
	f->line = c->line;
	f->traded = c->time;
	coinbase_amounts_init(&a);
	ok = amount_parse(side->quantity, AMOUNT_POINT, &a.quantity, why) &&
	     amount_parse(c->total, AMOUNT_POINT, &a.value, why) &&
	     (decimal_div(&a.price, &a.value, &a.quantity, COINBASE_PLACES) || reason_set(why, "the quantity is 0")) &&
	     coinbase_amounts_are_of(side->asset, &a.quantity, c->currency, &a.value, why) &&
	     coinbase_amounts_name(f, side->asset, c->currency, why) && coinbase_amounts_keep(f, &a, why);
	coinbase_amounts_release(&a);
	if (ok && *side->id) {
		snprintf(f->trade_id, sizeof f->trade_id, "%s", side->id);
		snprintf(f->entry_id, sizeof f->entry_id, "%s:%s:%s", f->source, side->id, buy ? "BUY" : "SELL");
	}
	return ok;
}

/* One may round what the other has in full. */
static bool same_quantity(const char *a, const char *b)
{
	struct decimal x, y;
	bool same;

	decimal_init(&x);
	decimal_init(&y);
	same = amount_parse(a, AMOUNT_POINT, &x, NULL) && amount_parse(b, AMOUNT_POINT, &y, NULL) &&
	       coinbase_amounts_same_quantity(&x, &y);
	decimal_release(&x);
	decimal_release(&y);
	return same;
}

/* Hold what a note tells of the row's coin against the row, and put what it tells of the other as a plain number. */
static bool read_other(const struct coinbase_conversion *c, const char *own, char other[COINBASE_DECIMAL],
		       struct reason *why)
{
	struct decimal d;
	enum note_marks marks = NOTE_OTHER;
	bool ok;

	decimal_init(&d);
	if (amount_parse(c->quantity, AMOUNT_POINT, &d, NULL))
		marks = coinbase_note_marks(own, &d);
	if (marks == NOTE_OTHER || marks == NOTE_UNREADABLE)
		ok = reason_set(why, "the note has %.30s %s, but the row has %.30s", own, c->asset, c->quantity);
	else
		ok = coinbase_note_amount(other, marks, &d, why) && coinbase_keep_decimal(other, &d, why);
	decimal_release(&d);
	return ok;
}

/* The two sides of a conversion: what was given, then what was received. */
struct sides {
	struct side side[2];
	const struct coinbase_conversion *row;	/* that of what was given, or the only one */
	struct told told;			/* by its note: a side may stand in it */
};

/* What was given is what was received is worth, but for what the exchange kept: not half of it, or two cents. */
static bool agree_on_worth(const struct coinbase_conversion *given, const struct coinbase_conversion *got,
			   struct reason *why)
{
	struct decimal x, y, apart;
	bool agree;

	decimal_init(&x);
	decimal_init(&y);
	decimal_init(&apart);
	agree = amount_parse(given->total, AMOUNT_POINT, &x, why) && amount_parse(got->total, AMOUNT_POINT, &y, why);
	decimal_apart(&apart, &x, &y);
	decimal_add(&apart, &apart, &apart);
	decimal_add_int(&x, 4, 2);
	if (agree && decimal_cmp(&apart, &x) > 0)
		agree = reason_set(why, "the total of one side is %.40s and of the other %.40s", given->total, got->total);
	decimal_release(&x);
	decimal_release(&y);
	decimal_release(&apart);
	return agree;
}

/* Do two rows say what the note of one tells, if that tells of both sides? */
static bool agree_with_note(const char *note, const struct coinbase_conversion *given,
			    const struct coinbase_conversion *got, struct reason *why)
{
	struct told t, again;

	if (!read_note(note, &t))
		return true;
	if (strcmp(given->asset, t.given_asset) != 0 || strcmp(got->asset, t.got_asset) != 0)
		return reason_set(why, "by the note %s became %s, and by the rows %s became %s", t.given_asset, t.got_asset,
				  given->asset, got->asset);
	again = t;
	return read_other(given, t.given, t.got, why) && read_other(got, again.got, again.given, why);
}

/* The two sides, by two rows. */
static bool sides_of_two(const struct coinbase_conversion *a, const struct coinbase_conversion *b, struct sides *s,
			 struct reason *why)
{
	const struct coinbase_conversion *given, *got;

	if (a->bad || b->bad)
		return reason_set(why, "%s", a->bad ? a->why.text : b->why.text);
	given = a->negative == b->negative ? given_by_note(a, b) : a->negative ? a : b;
	if (!given)
		return reason_set(why, "both sides of the conversion go the same way");
	if (strcmp(a->currency, b->currency) != 0)
		return reason_set(why, "one side is in %s and the other in %s", a->currency, b->currency);
	got = given == a ? b : a;
	if (!agree_on_worth(given, got, why) || !agree_with_note(given->note, given, got, why) ||
	    !agree_with_note(got->note, given, got, why))
		return false;
	s->row = given;
	s->side[0] = (struct side){ given->asset, given->quantity, given->id };
	s->side[1] = (struct side){ got->asset, got->quantity, got->id };
	return true;
}

/* The two sides, by one row and its note, which has been read into s. */
static bool sides_of_note(const struct coinbase_conversion *c, struct sides *s, struct reason *why)
{
	struct told *t = &s->told;
	bool is_given = strcmp(c->asset, t->given_asset) == 0;

	if (!is_given && strcmp(c->asset, t->got_asset) != 0)
		return reason_set(why, "the note names %s and %s, but the row names %s", t->given_asset, t->got_asset, c->asset);
	if (!read_other(c, is_given ? t->given : t->got, is_given ? t->got : t->given, why))
		return false;
	s->row = c;
	s->side[0] = (struct side){ t->given_asset, is_given ? c->quantity : t->given, c->id };
	s->side[1] = (struct side){ t->got_asset, is_given ? t->got : c->quantity, c->id };
	return true;
}

static bool find_sides(struct coinbase_conversion *c, struct coinbase_conversion *end, struct sides *s,
		       struct reason *why)
{
	bool crowded;
	struct coinbase_conversion *partner = find_partner(c, end, &crowded);

	c->done = true;
	if (partner) {
		partner->done = true;
		return sides_of_two(c, partner, s, why);
	}
	if (crowded)
		return reason_set(why, "its time is that of over %d conversions: book it with import-trades", LOOK_AHEAD);
	if (c->bad)
		return reason_set(why, "%s", c->why.text);
	if (read_note(c->note, &s->told))
		return sides_of_note(c, s, why);
	return reason_set(why, "a conversion whose other side is neither in the note nor in a row: book both with "
			       "import-trades");
}

/* For the row's currency, or another one, a conversion is a plain purchase or sale. */
static bool is_money(const struct sides *s, int i)
{
	return coinbase_amounts_are_money(s->side[i].asset, s->row->currency);
}

/* Until 2023 the exchange showed staked ether as a coin of its own, which nobody could sell; it is ether again
 * since. */
static bool is_staked_ether(const struct side side[2])
{
	bool forth = strcmp(side[0].asset, "ETH") == 0 && strcmp(side[1].asset, "ETH2") == 0;
	bool back = strcmp(side[0].asset, "ETH2") == 0 && strcmp(side[1].asset, "ETH") == 0;

	return (forth || back) && same_quantity(side[0].quantity, side[1].quantity);
}

/* A fill for each side that is a coin. */
static bool make_fills(struct coinbase_converted *to, const struct sides *s, const char *source, struct reason *why)
{
	for (int i = 0; i < 2; i++) {
		struct coinbase_fill *f = &to->fills[to->n_fills];

		if (is_money(s, i))
			continue;
		*f = (struct coinbase_fill){ .source = source, .trade_type = "FILL" };
		if (!make_fill(f, &s->side[i], s->row, i == 1, why))
			return false;
		to->n_fills++;
	}
	return true;
}

void coinbase_conversion_join(struct coinbase_conversion *c, size_t n, const char *source,
			      struct coinbase_converted *to)
{
	struct sides s;

	to->kind = COINBASE_CONVERT_TRADES;
	to->n_fills = 0;
	if (!find_sides(c, c + n, &s, &to->why))
		to->kind = COINBASE_CONVERT_BAD;
	else if (is_staked_ether(s.side))
		to->kind = COINBASE_CONVERT_STAKED;
	else if (is_money(&s, 0) && is_money(&s, 1))
		to->kind = COINBASE_CONVERT_MONEY;
	else if (!make_fills(to, &s, source, &to->why))
		to->kind = COINBASE_CONVERT_BAD;
}

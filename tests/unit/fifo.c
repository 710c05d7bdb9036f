#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/csv.h"
#include "ledger/fifo.h"

/* A ledger in memory, one side of it a stream. */
enum { MAX_TRADES = 128 };

struct ledger {
	int n, at;
	struct fifo_trade trade[MAX_TRADES];
};

static void ledger_add(struct ledger *l, const char *id, const char *time, const char *size, const char *amount)
{
	struct fifo_trade *t = &l->trade[l->n++];
	struct reason why = { .text = "" };

	assert_true(l->n <= MAX_TRADES);
	fifo_trade_init(t);
	buf_adds(&t->id, id);
	if (!instant_ns_parse(&t->at, time, false, &why) || !decimal_parse_text(&t->size, size, DECIMAL_PLAIN, &why) ||
	    !decimal_parse_text(&t->amount, amount, DECIMAL_PLAIN, &why))
		fail_msg("%s", why.text);
}

static void ledger_release(struct ledger *l)
{
	for (int i = 0; i < l->n; i++)
		fifo_trade_release(&l->trade[i]);
}

static int next_trade(void *stream, struct fifo_trade *t, struct reason *why)
{
	struct ledger *l = stream;
	const struct fifo_trade *from;

	(void)why;
	if (l->at == l->n)
		return 0;
	from = &l->trade[l->at++];
	buf_clear(&t->id);
	buf_adds(&t->id, from->id.data);
	t->at = from->at;
	decimal_set(&t->size, &from->size);
	decimal_set(&t->amount, &from->amount);
	return 1;
}

/* "disposal<lot size basis proceeds gain; ", a status other than OK in front. */
static bool note_slice(void *to, const struct fifo_slice *s, struct reason *why)
{
	struct buf *out = to;

	(void)why;
	if (s->status != FIFO_OK)
		buf_addf(out, "%s ", fifo_status_name(s->status));
	buf_addf(out, "%s<%s ", s->disposal ? s->disposal->id.data : "", s->lot ? s->lot->id.data : "");
	decimal_write(&s->size, DECIMAL_TRIM_ZEROS, out);
	buf_addc(out, ' ');
	decimal_write(&s->basis, DECIMAL_TRIM_ZEROS, out);
	buf_addc(out, ' ');
	decimal_write(&s->proceeds, DECIMAL_TRIM_ZEROS, out);
	buf_addc(out, ' ');
	decimal_write(&s->gain, DECIMAL_TRIM_ZEROS, out);
	buf_adds(out, "; ");
	return true;
}

/*
 * The slices of a ledger of lines "B id hh:mm size@price fee" (B a buy, S a sale), or "! reason".
 * size@price may also be size=amount.  gain, if not NULL, gets the total gain.
 */
static char *slices(const char *text, const char *dust_text, char **gain)
{
	struct ledger lots = { 0 }, disposals = { 0 };
	struct fifo_stream from_lots = { next_trade, &lots }, from_disposals = { next_trade, &disposals };
	struct fifo_rules rules = { FIFO_PLACES, NULL };
	struct fifo_totals totals;
	struct decimal dust, fee, price;
	struct buf out = BUF_INIT, total = BUF_INIT;
	struct reason why = { .text = "" };
	int used;

	decimal_init(&dust);
	decimal_init(&fee);
	decimal_init(&price);
	for (; *text; text += used) {
		char side, how, id[16], time[8], at[32], size[64], figure[64], fees[64];
		struct ledger *l;

		assert_int_equal(sscanf(text, " %c %15s %7s %63[0-9.]%c%63s %63s %n", &side, id, time, size, &how, figure,
					fees, &used), 7);
		l = side == 'B' ? &lots : &disposals;
		snprintf(at, sizeof at, "2024-01-01T%s:00Z", time);
		ledger_add(l, id, at, size, figure);
		if (how == '@')
			decimal_mul(&l->trade[l->n - 1].amount, &l->trade[l->n - 1].amount, &l->trade[l->n - 1].size);
		assert_true(decimal_parse_text(&fee, fees, DECIMAL_PLAIN, NULL));
		if (side == 'S')
			decimal_neg(&fee, &fee);
		decimal_add(&l->trade[l->n - 1].amount, &l->trade[l->n - 1].amount, &fee);
	}
	if (dust_text) {
		assert_true(decimal_parse_text(&dust, dust_text, DECIMAL_PLAIN, NULL));
		rules.dust = &dust;
	}
	fifo_totals_init(&totals);
	if (!fifo_match(&rules, &from_lots, &from_disposals, note_slice, &out, &totals, &why))
		buf_addf(&out, "! %s", why.text);
	decimal_write(&totals.gain, DECIMAL_TRIM_ZEROS, &total);
	if (gain)
		*gain = buf_detach(&total);
	buf_release(&total);
	fifo_totals_release(&totals);
	ledger_release(&lots);
	ledger_release(&disposals);
	decimal_release(&dust);
	decimal_release(&fee);
	decimal_release(&price);
	buf_addc(&out, '\0');
	return buf_detach(&out);
}

static void assert_slices(const char *text, const char *dust, const char *want)
{
	char *got = slices(text, dust, NULL);

	assert_string_equal(got, want);
	free(got);
}

/* The cases that users of an earlier system tested theirs with; results reckoned by hand. */
static void the_earlier_systems_cases_come_out(void **state)
{
	static const struct { const char *ledger, *want; } row[] = {
		/* 1 */ { "B b 10:00 0.001@40000 0 S s 11:00 0.001@42000 0", "s<b 0.001 40 42 2; " },
		/* 2 */ { "B b 10:00 0.001@40000 0 S s 11:00 0.001@38000 0", "s<b 0.001 40 38 -2; " },
		/* 3 */ { "B b 10:00 1.0@40000 0 S s 11:00 0.5@42000 0",
			  "s<b 0.5 20000 21000 1000; OPEN <b 0.5 20000 0 0; " },
		/* 4 */ { "B b1 10:00 0.5@40000 0 B b2 10:05 0.5@41000 0 S s 11:00 0.6@42000 0",
			  "s<b1 0.5 20000 21000 1000; s<b2 0.1 4100 4200 100; OPEN <b2 0.4 16400 0 0; " },
		/* 5 */ { "B b 10:00 0.001@40000 0.40 S s 11:00 0.001@42000 0.42", "s<b 0.001 40.4 41.58 1.18; " },
		/* 6 */ { "B b 10:00 0.001@40000 0 S s 11:00 0.000@42000 0", "OPEN <b 0.001 40 0 0; " },
		/* 7 */ { "B b 10:00 0.00012345@40123.456789 0 S s 11:00 0.00012345@42789.654321 0",
			  "s<b 0.00012345 4.95324074060205 5.28238282592745 0.3291420853254; " },
		/* 8 */ { "S s 11:00 0.001@42000 0", "MISSING_BASIS s< 0.001 0 42 42; " },
		/* 9 */ { "B b 10:00 0.001@50000 0 S s 11:00 0.001@30000 0", "s<b 0.001 50 30 -20; " },
		/* 10 */ { "B b 10:00 0.001@40000 0 S s 14:00 0.001@41000 0", "s<b 0.001 40 41 1; " },
		/* break-even with fees on both sides; a loss with fees */
		{ "B b 10:00 0.001@40000 0.40 S s 11:00 0.001@40000 0.40", "s<b 0.001 40.4 39.6 -0.8; " },
		{ "B b 10:00 0.001@42000 0.42 S s 11:00 0.001@40000 0.40", "s<b 0.001 42.42 39.6 -2.82; " },
		/* the appendix */
		{ "B b1 10:00 0.5@30000 0 B b2 10:05 0.3@31000 0 S s 10:10 0.7@32000 0",
		  "s<b1 0.5 15000 16000 1000; s<b2 0.2 6200 6400 200; OPEN <b2 0.1 3100 0 0; " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_slices(row[i].ledger, NULL, row[i].want);
}

/* Case 12: Σ (45000 − 40000 − 10 i) × 0.01 for i = 0 … 99 = 5000 − 0.1 × 4950 = 4505. */
static void a_hundred_small_buys_cover_one_large_sale(void **state)
{
	struct buf text = BUF_INIT;
	char *got, *gain;
	int rows = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_addf(&text, "B b%02d 10:00 0.01@%d 0 ", i, 40000 + 10 * i);
	buf_adds(&text, "S s 11:00 1.0@45000 0 ");
	got = slices(text.data, NULL, &gain);
	for (const char *at = got; (at = strstr(at, "s<b")); at++)
		rows++;
	assert_int_equal(rows, 100);
	assert_null(strstr(got, "OPEN"));
	assert_null(strstr(got, "MISSING"));
	assert_string_equal(gain, "4505");
	free(got);
	free(gain);
	buf_release(&text);
}

/* B-01: arrival order and a mutable remainder gave −14.91 here; the oldest lot with anything left is
 * the one, so that a buy consumed before is not consumed again. */
static void B_01_what_was_used_before_is_not_used_again(void **state)
{
	(void)state;
	assert_slices("B old 10:00 213.1@0.2349 0 B new 23:11 188.9@0.17477 0"
		      " S first 12:00 213.1@0.2300 0 S s 23:13 188.9@0.17357 0", NULL,
		      "first<old 213.1 50.05719 49.013 -1.04419; s<new 188.9 33.014053 32.787373 -0.22668; ");
	/* 2 left of 77,871, then the newer lot: 2 and 33,393, and 44,676 are left. */
	assert_slices("B b1 10:00 77871@0.000773 0 B b2 11:00 78069@0.000424 0"
		      " S s1 10:30 77869@0.000773 0 S s2 12:00 33395@0.000423 0", NULL,
		      "s1<b1 77869 60.192737 60.192737 0; s2<b1 2 0.001546 0.000846 -0.0007; "
		      "s2<b2 33393 14.158632 14.125239 -0.033393; OPEN <b2 44676 18.942624 0 0; ");
}

/* A stream that breaks off after so many trades: what is matched by then is no whole. */
struct breaking {
	struct ledger *ledger;
	int after;
};

static int next_or_break(void *stream, struct fifo_trade *t, struct reason *why)
{
	struct breaking *b = stream;

	if (b->after-- > 0)
		return next_trade(b->ledger, t, why);
	reason_set(why, "the database went away");
	return -1;
}

static void an_error_in_mid_stream_is_no_end(void **state)
{
	(void)state;
	for (int broken = 0; broken < 2; broken++)
		for (int after = 0; after < 3; after++) {
			struct ledger lots = { 0 }, disposals = { 0 };
			struct breaking of_lots = { &lots, broken == 0 ? after : 9 }, of_disposals = { &disposals, broken == 1 ? after : 9 };
			const struct fifo_stream buys = { next_or_break, &of_lots }, sales = { next_or_break, &of_disposals };
			const struct fifo_rules rules = { FIFO_PLACES, NULL };
			struct fifo_totals totals;
			struct reason why = { .text = "" };
			struct buf out = BUF_INIT;

			ledger_add(&lots, "b1", "2024-01-01T01:00:00Z", "1", "10");
			ledger_add(&lots, "b2", "2024-01-01T02:00:00Z", "1", "10");
			ledger_add(&disposals, "s1", "2024-01-01T03:00:00Z", "1", "11");
			ledger_add(&disposals, "s2", "2024-01-01T04:00:00Z", "1", "11");
			fifo_totals_init(&totals);
			assert_false(fifo_match(&rules, &buys, &sales, note_slice, &out, &totals, &why));
			assert_string_equal(why.text, "the database went away");
			/* A sale whose lot could not be read is not one without a lot; nor is anything left open. */
			if (out.data)
				assert_true(!strstr(out.data, "MISSING_BASIS") && !strstr(out.data, "OPEN"));
			fifo_totals_release(&totals);
			buf_release(&out);
			ledger_release(&lots);
			ledger_release(&disposals);
		}
}

static void total_is(const struct decimal *d, const char *want)
{
	struct buf text = BUF_INIT;

	decimal_write(d, DECIMAL_TRIM_ZEROS, &text);
	assert_string_equal(text.data, want);
	buf_release(&text);
}

/* Two sales, of which the second outruns the lots, and a lot that stays open. */
static void totals_are_those_of_the_slices_by_kind(void **state)
{
	struct ledger lots = { 0 }, disposals = { 0 };
	struct fifo_stream from_lots = { next_trade, &lots }, from_disposals = { next_trade, &disposals };
	const struct fifo_rules rules = { FIFO_PLACES, NULL };
	struct fifo_totals t;
	struct buf out = BUF_INIT;

	(void)state;
	ledger_add(&lots, "b1", "2024-01-01T00:01:00Z", "10", "100");
	ledger_add(&lots, "b2", "2024-01-01T00:09:00Z", "2.5", "50");
	ledger_add(&disposals, "s1", "2024-01-01T00:02:00Z", "4", "60");
	ledger_add(&disposals, "s2", "2024-01-01T00:03:00Z", "8", "160");
	ledger_add(&disposals, "s3", "2024-01-01T00:04:00Z", "1", "21");
	fifo_totals_init(&t);
	assert_true(fifo_match(&rules, &from_lots, &from_disposals, note_slice, &out, &t, NULL));
	assert_int_equal(t.lots, 2);
	assert_int_equal(t.disposals, 3);
	assert_int_equal(t.slices, 5);
	assert_int_equal(t.uncovered, 2);
	total_is(&t.size, "13");
	total_is(&t.basis, "100");
	total_is(&t.proceeds, "241");
	total_is(&t.gain, "141");
	total_is(&t.uncovered_size, "3");
	total_is(&t.uncovered_proceeds, "61");
	total_is(&t.open_size, "2.5");
	total_is(&t.open_basis, "50");
	/* They are added to. */
	lots.at = disposals.at = 0;
	assert_true(fifo_match(&rules, &from_lots, &from_disposals, note_slice, &out, &t, NULL));
	assert_int_equal(t.slices, 10);
	total_is(&t.size, "26");
	total_is(&t.uncovered_size, "6");
	fifo_totals_release(&t);
	buf_release(&out);
	ledger_release(&lots);
	ledger_release(&disposals);
}

static void a_size_below_zero_is_refused_on_either_side(void **state)
{
	(void)state;
	for (int side = 0; side < 2; side++) {
		struct ledger l[2] = { { 0 }, { 0 } };
		struct fifo_stream streams[2] = { { next_trade, &l[0] }, { next_trade, &l[1] } };
		const struct fifo_rules rules = { FIFO_PLACES, NULL };
		struct fifo_totals t;
		struct buf out = BUF_INIT;
		struct reason why = { .text = "" };

		ledger_add(&l[side], "odd", "2024-01-01T00:01:00Z", "-1", "10");
		ledger_add(&l[1 - side], "even", "2024-01-01T00:02:00Z", "1", "10");
		fifo_totals_init(&t);
		assert_false(fifo_match(&rules, &streams[0], &streams[1], note_slice, &out, &t, &why));
		assert_string_equal(why.text, side ? "the size of the disposal odd is negative" : "the size of the lot odd is negative");
		fifo_totals_release(&t);
		buf_release(&out);
		ledger_release(&l[0]);
		ledger_release(&l[1]);
	}
}

struct failing {
	struct buf out;
	int good;
};

static bool put_some(void *to, const struct fifo_slice *s, struct reason *why)
{
	struct failing *f = to;

	return f->good-- > 0 ? note_slice(&f->out, s, why) : reason_set(why, "the disk is full");
}

/* Whoever takes the slices may fail, at any of them: that ends it, and is no success. */
static void a_slice_that_is_not_taken_ends_the_matching(void **state)
{
	(void)state;
	for (int good = 0; good <= 6; good++) {
		struct ledger lots = { 0 }, disposals = { 0 };
		struct fifo_stream from_lots = { next_trade, &lots }, from_disposals = { next_trade, &disposals };
		struct fifo_rules rules = { FIFO_PLACES, NULL };
		struct failing to = { BUF_INIT, good };
		struct fifo_totals t;
		struct decimal dust;
		struct reason why = { .text = "" };

		/* A slice, dust of a lot, a slice, dust of a sale, one without a lot, and a lot that stays open. */
		ledger_add(&lots, "b1", "2024-01-01T00:01:00Z", "1.01", "10");
		ledger_add(&lots, "b2", "2024-01-01T00:03:00Z", "2", "10");
		ledger_add(&lots, "b3", "2024-01-01T00:09:00Z", "1", "10");
		ledger_add(&disposals, "s1", "2024-01-01T00:02:00Z", "1", "10");
		ledger_add(&disposals, "s2", "2024-01-01T00:04:00Z", "2.01", "10");
		ledger_add(&disposals, "s3", "2024-01-01T00:05:00Z", "1", "10");
		decimal_init(&dust);
		assert_true(decimal_parse_text(&dust, "0.01", DECIMAL_PLAIN, NULL));
		rules.dust = &dust;
		fifo_totals_init(&t);
		if (fifo_match(&rules, &from_lots, &from_disposals, put_some, &to, &t, &why) != (good == 6))
			fail_msg("%d slices: %s", good, to.out.data);
		if (good < 6)
			assert_string_equal(why.text, "the disk is full");
		assert_int_equal(to.good, good < 6 ? -1 : 0);
		fifo_totals_release(&t);
		decimal_release(&dust);
		buf_release(&to.out);
		ledger_release(&lots);
		ledger_release(&disposals);
	}
}

/* B-15: a small sale whose fee is larger than its value has negative proceeds, and that is right. */
static void B_15_a_fee_larger_than_the_sale_gives_negative_proceeds(void **state)
{
	(void)state;
	assert_slices("B b 10:00 1@0.10 0 S s 11:00 1@0.12 0.50", NULL, "s<b 1 0.1 -0.38 -0.48; ");
}

/* B-16: a sale takes the oldest lot, not the most recent buy; and none from after itself. */
static void B_16_a_sale_takes_the_oldest_lot_that_was_there(void **state)
{
	(void)state;
	assert_slices("B b1 10:00 1@10 0 B b2 11:00 1@20 0 B b3 13:00 1@30 0 S s 12:00 2.5@40 0", NULL,
		      "s<b1 1 10 40 30; s<b2 1 20 40 20; MISSING_BASIS s< 0.5 0 20 20; OPEN <b3 1 30 0 0; ");
}

static void a_lot_of_the_same_instant_is_there_already(void **state)
{
	(void)state;
	/* The lot's id comes after the sale's, and still it is first. */
	assert_slices("B z 10:00 1@10 0 S a 10:00 1@12 0", NULL, "a<z 1 10 12 2; ");
	/* Equal times: the id decides. */
	assert_slices("B b1 10:00 1@10 0 B b2 10:00 1@20 0 S s1 11:00 1@30 0 S s2 11:00 1@40 0", NULL,
		      "s1<b1 1 10 30 20; s2<b2 1 20 40 20; ");
}

static void the_run_goes_on_after_an_uncovered_sale(void **state)
{
	(void)state;
	assert_slices("S s1 09:00 1@9 0 B b 10:00 1@10 0 S s2 11:00 2@12 1", NULL,
		      "MISSING_BASIS s1< 1 0 9 9; s2<b 1 10 11.5 1.5; MISSING_BASIS s2< 1 0 11.5 11.5; ");
}

static void the_last_slice_takes_what_remains(void **state)
{
	(void)state;
	/* 10 / 3 does not end: thirds of a lot, and of a sale. */
	assert_slices("B b 10:00 3=10 0 S s1 11:00 1@5 0 S s2 11:01 1@5 0 S s3 11:02 1@5 0", NULL,
		      "s1<b 1 3.333333333333333333 5 1.666666666666666667; "
		      "s2<b 1 3.333333333333333333 5 1.666666666666666667; "
		      "s3<b 1 3.333333333333333334 5 1.666666666666666666; ");
	assert_slices("B b1 10:00 1@1 0 B b2 10:01 1@1 0 B b3 10:02 1@1 0 S s 11:00 3=10 0", NULL,
		      "s<b1 1 1 3.333333333333333333 2.333333333333333333; "
		      "s<b2 1 1 3.333333333333333333 2.333333333333333333; "
		      "s<b3 1 1 3.333333333333333334 2.333333333333333334; ");
	/* What was sent with more digits than a slice keeps loses none. */
	assert_slices("B b 10:00 2=0.0000000000000000000012 0 S s 11:00 1@1 0 S t 12:00 1@1 0", NULL,
		      "s<b 1 0 1 1; t<b 1 0.0000000000000000000012 1 0.9999999999999999999988; ");
	/* Half away from zero: 0.000…0005 and its negative (a rebate larger than the value). */
	assert_slices("B b 10:00 2=0.000000000000000001 0 S s 11:00 1@1 0", NULL,
		      "s<b 1 0.000000000000000001 1 0.999999999999999999; OPEN <b 1 0 0 0; ");
	assert_slices("B b 10:00 2=0 -0.000000000000000001 S s 11:00 1@1 0", NULL,
		      "s<b 1 -0.000000000000000001 1 1.000000000000000001; OPEN <b 1 0 0 0; ");
}

static void dust_is_set_aside_and_never_dropped(void **state)
{
	static const char lots[] = "B b1 10:00 1@10 0 B b2 10:30 1@20 0 S s 11:00 0.99@30 0 S t 12:00 0.5@40 0";
	static const char sale[] = "B b1 10:00 1@10 0 B b2 10:30 1@20 0 S s 11:00 1.01@30 0 S t 12:00 0.5@40 0";

	(void)state;
	/* Without dust a remainder of a lot is used like any other. */
	assert_slices(lots, NULL, "s<b1 0.99 9.9 29.7 19.8; t<b1 0.01 0.1 0.4 0.3; t<b2 0.49 9.8 19.6 9.8;"
				  " OPEN <b2 0.51 10.2 0 0; ");
	assert_slices(lots, "0.01", "s<b1 0.99 9.9 29.7 19.8; DUST <b1 0.01 0.1 0 0; t<b2 0.5 10 20 10;"
				    " OPEN <b2 0.5 10 0 0; ");
	/* A remainder of a sale. */
	assert_slices(sale, NULL, "s<b1 1 10 30 20; s<b2 0.01 0.2 0.3 0.1; t<b2 0.5 10 20 10; OPEN <b2 0.49 9.8 0 0; ");
	assert_slices(sale, "0.01", "s<b1 1 10 30 20; DUST s< 0.01 0 0.3 0.3; t<b2 0.5 10 20 10; OPEN <b2 0.5 10 0 0; ");
	assert_slices(sale, "0.009", "s<b1 1 10 30 20; s<b2 0.01 0.2 0.3 0.1; t<b2 0.5 10 20 10; OPEN <b2 0.49 9.8 0 0; ");
	/* A whole trade is never dust. */
	assert_slices("B b 10:00 0.001@10 0 S s 11:00 0.001@20 0 S t 12:00 0.001@20 0", "0.01",
		      "s<b 0.001 0.01 0.02 0.01; MISSING_BASIS t< 0.001 0 0.02 0.02; ");
}

static void a_stream_out_of_order_is_refused(void **state)
{
	(void)state;
	assert_slices("B b1 11:00 1@10 0 B b2 10:00 1@20 0", NULL,
		      "OPEN <b1 1 10 0 0; ! the lot b2 of 2024-01-01T10:00:00.000000Z comes after a later one");
	assert_slices("S s2 11:00 1@10 0 S s1 11:00 1@20 0", NULL,
		      "MISSING_BASIS s2< 1 0 10 10; ! the disposal s1 of 2024-01-01T11:00:00.000000Z comes after a later one");
	assert_slices("S s 11:00 1@10 0 S s 11:00 1@20 0", NULL,
		      "MISSING_BASIS s< 1 0 10 10; ! the disposal s occurs twice");
	/* Not only of the first two. */
	assert_slices("S s 11:00 1@10 0 S t 11:00 1@20 0 S t 11:00 1@20 0", NULL,
		      "MISSING_BASIS s< 1 0 10 10; MISSING_BASIS t< 1 0 20 20; ! the disposal t occurs twice");
	assert_slices("S s 11:00 0@10 0.5", NULL, "! the disposal s has size zero, but a value or a fee");
}

static void nanoseconds_decide_the_order(void **state)
{
	struct ledger lots = { 0 }, disposals = { 0 };
	struct fifo_stream from_lots = { next_trade, &lots }, from_disposals = { next_trade, &disposals };
	struct fifo_rules rules = { FIFO_PLACES, NULL };
	struct fifo_totals totals;
	struct buf out = BUF_INIT;

	(void)state;
	ledger_add(&lots, "b", "2024-01-01T10:00:00.000000501Z", "1", "10");
	ledger_add(&disposals, "s", "2024-01-01T10:00:00.000000500Z", "1", "12");
	fifo_totals_init(&totals);
	assert_true(fifo_match(&rules, &from_lots, &from_disposals, note_slice, &out, &totals, NULL));
	assert_string_equal(out.data, "MISSING_BASIS s< 1 0 12 12; OPEN <b 1 10 0 0; ");
	assert_int_equal(totals.lots, 1);
	assert_int_equal(totals.disposals, 1);
	assert_int_equal(totals.slices, 2);
	assert_int_equal(totals.uncovered, 1);
	fifo_totals_release(&totals);
	ledger_release(&lots);
	ledger_release(&disposals);
	buf_release(&out);
}

/* The six published ledgers, row by row (tests/data/fifo/README.md). ------------------------- */

static char *read_whole(const char *path)
{
	struct buf text = BUF_INIT;
	FILE *in = fopen(path, "r");
	size_t n;

	assert_non_null(in);
	do {
		n = fread(buf_reserve(&text, 4096), 1, 4096, in);
		text.len += n;
	} while (n > 0);
	fclose(in);
	buf_addc(&text, '\0');
	return buf_detach(&text);
}

/* vector,seq,time_utc,side,qty,unit_price,fee_quote,total_quote,… */
static void read_ledger(const char *vector, struct ledger *lots, struct ledger *disposals)
{
	char *text = read_whole("tests/data/fifo/ledger.csv");
	struct csv_reader r;

	csv_open(&r, text, strlen(text));
	while (csv_next(&r, NULL) == 1) {
		bool is_lot = strcmp(r.field[3], "BUY") == 0 || strcmp(r.field[3], "INCOME") == 0;

		if (strcmp(r.field[0], vector) == 0)
			ledger_add(is_lot ? lots : disposals, r.field[1], r.field[2], r.field[4], r.field[7]);
	}
	csv_close(&r);
	free(text);
}

/*
 * The published gain is rounded by itself, from the shares before they were rounded; ours is what
 * the row's own proceeds and cost give, so that it can be added up again.  The two may differ by one in
 * the last decimal (and do, in one row), never by more.  gain becomes proceeds - cost.
 */
static void re_add(const char *cost, const char *proceeds, const char *published, struct buf *gain)
{
	struct decimal a, b, c, last;
	struct decimal *const all[] = { &a, &b, &c, &last };

	for (int i = 0; i < 4; i++)
		decimal_init(all[i]);
	assert_true(decimal_parse_text(&a, proceeds, DECIMAL_PLAIN, NULL));
	assert_true(decimal_parse_text(&b, cost, DECIMAL_PLAIN, NULL));
	assert_true(decimal_parse_text(&c, published, DECIMAL_PLAIN, NULL));
	decimal_set_int(&last, 1, FIFO_PLACES);
	decimal_sub(&a, &a, &b);
	decimal_write(&a, DECIMAL_TRIM_ZEROS, gain);
	decimal_sub(&c, &c, &a);
	decimal_abs(&c, &c);
	assert_true(decimal_cmp(&c, &last) <= 0);
	for (int i = 0; i < 4; i++)
		decimal_release(all[i]);
}

/* vector,disposal_seq,lot_seq,qty,cost,proceeds,gain,status as note_slice() writes it. */
static void read_expected(const char *vector, struct buf *want)
{
	char *text = read_whole("tests/data/fifo/expected_allocations.csv");
	struct csv_reader r;

	csv_open(&r, text, strlen(text));
	while (csv_next(&r, NULL) == 1) {
		if (strcmp(r.field[0], vector) != 0)
			continue;
		assert_string_equal(r.field[7], "OK");
		buf_addf(want, "%s<%s %s %s %s ", r.field[1], r.field[2], r.field[3], r.field[4], r.field[5]);
		re_add(r.field[4], r.field[5], r.field[6], want);
		buf_adds(want, "; ");
	}
	buf_adds(want, "");
	csv_close(&r);
	free(text);
}

static void assert_decimal(const struct decimal *d, const char *want)
{
	struct buf text = BUF_INIT;

	decimal_write(d, DECIMAL_TRIM_ZEROS, &text);
	assert_string_equal(text.data, want);
	buf_release(&text);
}

static void check_vector(const char *vector, const char *cost, const char *gain, const char *qty, const char *left)
{
	struct ledger lots = { 0 }, disposals = { 0 };
	struct fifo_stream from_lots = { next_trade, &lots }, from_disposals = { next_trade, &disposals };
	struct fifo_rules rules = { FIFO_PLACES, NULL };
	struct fifo_totals totals;
	struct buf got = BUF_INIT, want = BUF_INIT, proceeds = BUF_INIT, sum = BUF_INIT;
	char *open;

	read_ledger(vector, &lots, &disposals);
	assert_true(lots.n > 0);
	read_expected(vector, &want);
	fifo_totals_init(&totals);
	assert_true(fifo_match(&rules, &from_lots, &from_disposals, note_slice, &got, &totals, NULL));
	open = strstr(got.data, "OPEN");
	if (open)
		*open = '\0';
	assert_string_equal(got.data, want.len ? want.data : "");
	assert_decimal(&totals.basis, cost);
	decimal_write(&totals.proceeds, DECIMAL_TRIM_ZEROS, &proceeds);
	re_add(cost, proceeds.data, gain, &sum);
	assert_decimal(&totals.gain, sum.data);
	assert_decimal(&totals.open_size, qty);
	assert_decimal(&totals.open_basis, left);
	assert_int_equal(totals.uncovered, 0);
	fifo_totals_release(&totals);
	ledger_release(&lots);
	ledger_release(&disposals);
	buf_release(&got);
	buf_release(&want);
	buf_release(&proceeds);
	buf_release(&sum);
}

/* vector,total_cost,total_gain,remaining_qty,remaining_cost */
static void the_six_published_ledgers_come_out_row_by_row(void **state)
{
	char *text = read_whole("tests/data/fifo/expected_totals.csv");
	struct csv_reader r;
	int n = 0;

	(void)state;
	csv_open(&r, text, strlen(text));
	assert_int_equal(csv_next(&r, NULL), 1);
	while (csv_next(&r, NULL) == 1) {
		check_vector(r.field[0], r.field[1], r.field[2], r.field[3], r.field[4]);
		n++;
	}
	assert_int_equal(n, 6);
	csv_close(&r);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earlier_systems_cases_come_out),
		cmocka_unit_test(a_hundred_small_buys_cover_one_large_sale),
		cmocka_unit_test(B_01_what_was_used_before_is_not_used_again),
		cmocka_unit_test(an_error_in_mid_stream_is_no_end),
		cmocka_unit_test(totals_are_those_of_the_slices_by_kind),
		cmocka_unit_test(a_size_below_zero_is_refused_on_either_side),
		cmocka_unit_test(a_slice_that_is_not_taken_ends_the_matching),
		cmocka_unit_test(B_15_a_fee_larger_than_the_sale_gives_negative_proceeds),
		cmocka_unit_test(B_16_a_sale_takes_the_oldest_lot_that_was_there),
		cmocka_unit_test(a_lot_of_the_same_instant_is_there_already),
		cmocka_unit_test(the_run_goes_on_after_an_uncovered_sale),
		cmocka_unit_test(the_last_slice_takes_what_remains),
		cmocka_unit_test(dust_is_set_aside_and_never_dropped),
		cmocka_unit_test(a_stream_out_of_order_is_refused),
		cmocka_unit_test(nanoseconds_decide_the_order),
		cmocka_unit_test(the_six_published_ledgers_come_out_row_by_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <sys/time.h>

#include "ledger/same_trade.h"

static void add(struct twins *list, const char *product, bool buy, const char *size, const char *time)
{
	struct instant_ns m;

	assert_true(instant_ns_parse(&m, time, false, NULL));
	twins_add(list, product, buy, size, &m, &m);
}

static void two_seconds_and_a_unit_of_the_eighth_decimal_are_allowed(void **state)
{
	static const struct { const char *product; bool buy; const char *size, *time; size_t pairs; } row[] = {
		{ "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z", 1 },
		{ "BTC-USDC", true, "0.50000000", "2024-01-01T00:00:10Z", 1 },
		{ "BTC-USD", true, "0.500000009", "2024-01-01T00:00:12Z", 1 },
		{ "BTC-USD", true, "0.49999999", "2024-01-01T00:00:08Z", 1 },
		{ "BTC-USD", true, "0.5", "2024-01-01T00:00:12.001Z", 0 },
		{ "BTC-USD", true, "0.5", "2024-01-01T00:00:07.999Z", 0 },
		{ "BTC-USD", true, "0.50000002", "2024-01-01T00:00:10Z", 0 },
		{ "BTC-USD", false, "0.5", "2024-01-01T00:00:10Z", 0 },
		{ "BTC-EUR", true, "0.5", "2024-01-01T00:00:10Z", 0 },
		{ "ETH-USD", true, "0.5", "2024-01-01T00:00:10Z", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct twins a, b;

		twins_init(&a);
		twins_init(&b);
		add(&a, "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z");
		add(&b, row[i].product, row[i].buy, row[i].size, row[i].time);
		assert_int_equal(twins_pair(&a, &b), row[i].pairs);
		assert_int_equal(a.twin[0].partner, row[i].pairs ? 0 : TWIN_NONE);
		twins_release(&a);
		twins_release(&b);
	}
}

/* Fills of one and two satoshis in one second, which the sources have in another order. */
static void the_very_size_goes_before_one_that_is_near(void **state)
{
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	add(&a, "BTC-EUR", true, "0.00000001", "2024-01-01T00:00:10Z");
	add(&a, "BTC-EUR", true, "0.00000002", "2024-01-01T00:00:10Z");
	add(&a, "BTC-EUR", true, "0.000000031", "2024-01-01T00:00:10Z");
	add(&b, "BTC-EUR", true, "0.00000003", "2024-01-01T00:00:10Z");
	add(&b, "BTC-EUR", true, "0.00000002", "2024-01-01T00:00:10.1Z");
	add(&b, "BTC-EUR", true, "0.00000001", "2024-01-01T00:00:10.2Z");
	assert_int_equal(twins_pair(&a, &b), 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(a.twin[i].partner, 2 - i);
	twins_release(&a);
	twins_release(&b);
}

/* Fills of one size at three prices, which the sources have in another order; 0.1 % is rounding. */
static void what_moved_goes_before_the_order(void **state)
{
	static const char *const mine[] = { "5000", "5020", "5040", "5060" }, *const theirs[] = { "5061", "5041", "5100", "5001" };
	static const size_t partner[] = { 3, 2, 1, 0 };
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	for (size_t i = 0; i < 4; i++) {
		add(&a, "BTC-EUR", true, "0.1", "2024-01-01T00:00:10Z");
		twins_moved(&a, mine[i]);
		add(&b, "BTC-EUR", true, "0.1", "2024-01-01T00:00:10Z");
		twins_moved(&b, theirs[i]);
	}
	assert_int_equal(twins_pair(&a, &b), 4);
	for (size_t i = 0; i < 4; i++)
		if (a.twin[i].partner != partner[i])
			fail_msg("%zu is paired with %zu", i, a.twin[i].partner);
	twins_release(&a);
	twins_release(&b);
}

/* Two amounts that are apart by less than what rounding may make; and two that were rounded to the cent. */
static void what_moved_the_same_goes_before_what_moved_about_as_much(void **state)
{
	static const char *const mine[] = { "5000", "5001.50", "0.0125000", "0.0125012" };
	static const char *const theirs[] = { "5001.4803", "5000.01999", "0.0125010", "0.0125002" };
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	for (size_t i = 0; i < 4; i++) {
		add(&a, i < 2 ? "BTC-EUR" : "ETH-BTC", true, "0.1", "2024-01-01T00:00:10Z");
		twins_moved(&a, mine[i]);
		add(&b, i < 2 ? "BTC-EUR" : "ETH-BTC", true, "0.1", "2024-01-01T00:00:10Z");
		twins_moved(&b, theirs[i]);
	}
	assert_int_equal(twins_pair(&a, &b), 4);
	for (size_t i = 0; i < 4; i++)
		if (a.twin[i].partner != (i ^ 1))
			fail_msg("%zu is paired with %zu", i, a.twin[i].partner);
	twins_release(&a);
	twins_release(&b);
}

/* A history has the second of a trade; that of another one may be as near. */
static void the_second_of_a_trade_goes_before_one_that_is_earlier(void **state)
{
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	add(&a, "BTC-EUR", true, "0.1", "2024-01-01T00:00:10Z");
	add(&a, "BTC-EUR", true, "0.1", "2024-01-01T00:00:11Z");
	add(&b, "BTC-EUR", true, "0.1", "2024-01-01T00:00:11.999Z");
	assert_int_equal(twins_pair(&a, &b), 1);
	assert_int_equal(b.twin[0].partner, 1);
	twins_release(&a);
	twins_release(&b);
}

/* Of whom no amount is known, nothing contradicts. */
static void an_unknown_amount_contradicts_none(void **state)
{
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	add(&a, "BTC-EUR", true, "0.1", "2024-01-01T00:00:10Z");
	twins_moved(&a, "0.01");
	add(&a, "BTC-EUR", true, "0.1", "2024-01-01T00:00:10Z");
	twins_moved(&a, "5000");
	add(&b, "BTC-EUR", true, "0.1", "2024-01-01T00:00:10Z");
	add(&b, "BTC-EUR", true, "0.1", "2024-01-01T00:00:10Z");
	twins_moved(&b, "0.02");
	for (int swapped = 0; swapped < 2; swapped++) {
		assert_int_equal(swapped ? twins_pair(&b, &a) : twins_pair(&a, &b), 2);
		for (size_t i = 0; i < 2; i++) {
			assert_int_equal(a.twin[i].partner, i);
			assert_int_equal(b.twin[i].partner, i);
			a.twin[i].partner = b.twin[i].partner = TWIN_NONE;
		}
	}
	twins_release(&a);
	twins_release(&b);
}

/* A five-hundredth, and two units of the last decimal of the coarser, which has two decimals at least. */
static void amounts_contradict_beyond_rounding(void **state)
{
	static const struct { const char *moved, *other; bool contradict; } row[] = {
		{ "100", "100.22", false }, { "100", "100.221", true }, { "100", "99.78", false }, { "100", "99.779", true },
		{ "-100", "-100.22", false }, { "-100", "-100.221", true }, { "100.2204", "100", false }, { "100.221", "100", true },
		{ "100.00", "100.22", false }, { "100.00", "100.221", true }, { "100.000", "100.202", false },
		{ "100.000", "100.203", true }, { "100.000", "100.2021", true }, { "100.0000", "100.202", false },
		{ "100.0000", "100.2002", false }, { "100.0000", "100.2003", true }, { "0", "0.02", false }, { "0", "0.03", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (twins_contradict(row[i].moved, row[i].other) != row[i].contradict)
			fail_msg("%s and %s", row[i].moved, row[i].other);
	/* Of the same no share is left out, but rounding. */
	assert_true(twins_moved_the_same("1000", "1000.02"));
	assert_false(twins_moved_the_same("1000", "1000.03"));
}

static void look_alikes_are_paired_one_to_one(void **state)
{
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	for (int i = 0; i < 3; i++)
		add(&a, "ADA-EUR", true, "10", "2024-01-01T00:00:10.400Z");
	add(&a, "ADA-EUR", true, "7", "2024-01-01T00:00:10.400Z");
	for (int i = 0; i < 5; i++)
		add(&b, "ADA-EUR", true, "10", "2024-01-01T00:00:10Z");
	assert_int_equal(twins_pair(&a, &b), 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(b.twin[a.twin[i].partner].partner, i);
	assert_int_equal(a.twin[3].partner, TWIN_NONE);
	assert_int_equal(b.twin[3].partner, TWIN_NONE);
	assert_int_equal(b.twin[4].partner, TWIN_NONE);
	twins_release(&a);
	twins_release(&b);
}

static void a_chain_of_near_trades_is_paired_as_far_as_it_goes(void **state)
{
	/* Each of b is within two seconds of two of a: the earliest goes to the earliest. */
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	add(&a, "ADA-EUR", false, "1", "2024-01-01T00:00:04Z");
	add(&a, "ADA-EUR", false, "1", "2024-01-01T00:00:01Z");
	add(&b, "ADA-EUR", false, "1", "2024-01-01T00:00:03Z");
	add(&b, "ADA-EUR", false, "1", "2024-01-01T00:00:06Z");
	assert_int_equal(twins_pair(&a, &b), 2);
	assert_int_equal(a.twin[1].partner, 0);
	assert_int_equal(a.twin[0].partner, 1);
	twins_release(&a);
	twins_release(&b);
}

/* Lists are sorted by product and side first: what stands behind in one kind must not be looked for in another. */
static void two_sides_and_two_products_of_one_list_are_kept_apart(void **state)
{
	static const struct { const char *product; bool buy; const char *time; size_t partner; } mine[] = {
		{ "SOL-USD", false, "2024-01-01T00:00:10Z", 3 }, { "ADA-USD", true, "2024-01-01T00:00:10Z", 1 },
		{ "SOL-USD", true, "2024-01-01T00:00:10Z", 2 }, { "ADA-USD", false, "2024-01-01T00:00:10Z", 0 },
		{ "ADA-USD", true, "2024-01-01T00:00:30Z", TWIN_NONE }, { "SOL-USD", true, "2024-01-01T00:00:01Z", 5 },
		{ "ADA-EUR", true, "2024-01-01T00:00:10Z", TWIN_NONE },
	};
	static const struct { const char *product; bool buy; const char *time; } theirs[] = {
		{ "ADA-USDC", false, "2024-01-01T00:00:10Z" }, { "ADA-USDC", true, "2024-01-01T00:00:10Z" },
		{ "SOL-USDC", true, "2024-01-01T00:00:10Z" }, { "SOL-USDC", false, "2024-01-01T00:00:10Z" },
		{ "ADA-USD", false, "2024-01-01T00:00:30Z" }, { "SOL-USD", true, "2024-01-01T00:00:02Z" },
	};
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	for (size_t i = 0; i < sizeof mine / sizeof *mine; i++)
		add(&a, mine[i].product, mine[i].buy, "1", mine[i].time);
	for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
		add(&b, theirs[i].product, theirs[i].buy, "1", theirs[i].time);
	assert_int_equal(twins_pair(&a, &b), 5);
	for (size_t i = 0; i < sizeof mine / sizeof *mine; i++)
		if (a.twin[i].partner != mine[i].partner)
			fail_msg("%zu has %zu", i, a.twin[i].partner);
	twins_release(&a);
	twins_release(&b);
}

/* Wherever it stands among two of another product, side or time: it is found. */
static void a_trade_is_found_among_others(void **state)
{
	static const char at_5[] = "2024-01-01T00:00:05Z";
	static const struct { const char *product; bool buy; const char *time[3]; } other[] = {
		{ "BTC-EUR", false, { at_5, at_5, at_5 } }, { "AAA-EUR", false, { at_5, at_5, at_5 } }, { "ADA-EUR", true, { at_5, at_5, at_5 } },
		{ "ADA-EUR", false, { "2024-01-01T00:00:01Z", "2024-01-01T00:00:02Z", "2024-01-01T00:00:01Z" } },
		{ "ADA-EUR", false, { "2024-01-01T00:00:09Z", "2024-01-01T00:00:10Z", "2024-01-01T00:00:10Z" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		for (size_t place = 0; place < 3; place++) {
			struct twins a, b;

			twins_init(&a);
			twins_init(&b);
			add(&a, "ADA-EUR", false, "1", at_5);
			for (size_t k = 0; k < 3; k++)
				if (k == place)
					add(&b, "ADA-EUR", false, "1", at_5);
				else
					add(&b, other[i].product, other[i].buy, "1", other[i].time[k]);
			if (twins_pair(&a, &b) != 1 || a.twin[0].partner != place)
				fail_msg("row %zu: not found in place %zu", i, place);
			twins_release(&a);
			twins_release(&b);
		}
}

/* An order lasts from its first fill to its last: two seconds around that.  A long one before does not hide a short one. */
static void an_order_is_as_long_as_its_fills(void **state)
{
	static const char *const time[] = { "2024-01-01T00:00:00Z", "2024-01-01T00:01:40Z", "2024-01-01T00:00:01Z", "2024-01-01T00:00:50Z" };
	struct instant_ns at[4];
	struct twins a, b;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_true(instant_ns_parse(&at[i], time[i], false, NULL));
	for (int swapped = 0; swapped < 2; swapped++) {
		struct twins *x = swapped ? &b : &a, *y = swapped ? &a : &b;

		twins_init(&a);
		twins_init(&b);
		twins_add(x, "ADA-EUR", true, "5", &at[3], &at[3]);		/* at :50 */
		twins_add(y, "ADA-EUR", true, "7", &at[0], &at[1]);		/* from :00 to 1:40, another size */
		twins_add(y, "ADA-EUR", true, "5", &at[2], &at[2]);		/* at :01: too far away */
		assert_int_equal(twins_pair(&a, &b), 0);
		assert_int_equal(x->twin[0].partner, TWIN_NONE);
		assert_int_equal(y->twin[1].partner, TWIN_NONE);
		twins_add(y, "ADA-EUR", true, "5", &at[0], &at[1]);
		assert_int_equal(twins_pair(&a, &b), 1);
		assert_int_equal(x->twin[0].partner, 2);
		twins_release(&a);
		twins_release(&b);
	}
}

/* Two ids of one kind are two trades; without one, or where the kinds differ, the facts decide. */
static void two_ids_of_one_kind_are_two_trades(void **state)
{
	static const struct { int kind; const char *id; } none = { 0, "" }, row[] = {
		{ 0, "" }, { TWIN_TRADE_NUMBER, "101" }, { TWIN_TRADE_NUMBER, "102" }, { TWIN_TRANSACTION, "101" }, { TWIN_TRANSACTION, "" },
	};
	const size_t n = sizeof row / sizeof *row;

	(void)state;
	for (size_t i = 0; i < n * n; i++) {
		bool apart = i / n != i % n && row[i / n].kind == row[i % n].kind && row[i / n].kind != none.kind;
		struct twins a, b;

		twins_init(&a);
		twins_init(&b);
		add(&a, "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z");
		if (row[i / n].kind)
			twins_name(&a, row[i / n].kind, row[i / n].id);
		add(&b, "BTC-USD", true, "0.5", "2024-01-01T00:00:11Z");
		if (row[i % n].kind)
			twins_name(&b, row[i % n].kind, row[i % n].id);
		assert_int_equal(twins_pair(&a, &b), apart ? 0 : 1);
		twins_release(&a);
		twins_release(&b);
	}
}

/* What an id knows is not taken by an earlier one that only looks alike: both are known. */
static void an_id_goes_before_a_look_alike(void **state)
{
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	add(&a, "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z");
	twins_name(&a, TWIN_TRADE_NUMBER, "101");
	add(&a, "BTC-USD", true, "0.5", "2024-01-01T00:00:11Z");
	twins_name(&a, TWIN_TRADE_NUMBER, "102");
	add(&b, "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z");
	twins_name(&b, TWIN_TRANSACTION, "h1");
	add(&b, "BTC-USD", true, "0.5", "2024-01-01T00:00:11Z");
	twins_name(&b, TWIN_TRADE_NUMBER, "101");
	assert_int_equal(twins_pair(&a, &b), 2);
	assert_int_equal(a.twin[0].partner, 1);
	assert_int_equal(a.twin[1].partner, 0);
	twins_release(&a);
	twins_release(&b);
}

/* The right one is found among those that look alike. */
static void an_id_finds_its_own_among_many(void **state)
{
	char id[16];
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	for (int i = 0; i < 9; i++) {
		add(&a, "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z");
		snprintf(id, sizeof id, "%d", i);
		twins_name(&a, TWIN_TRADE_NUMBER, id);
		add(&b, "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z");
		snprintf(id, sizeof id, "%d", 12 - i);
		twins_name(&b, TWIN_TRADE_NUMBER, id);
	}
	assert_int_equal(twins_pair(&a, &b), 5);
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(a.twin[i].partner, i < 4 ? TWIN_NONE : 12 - i);
	twins_release(&a);
	twins_release(&b);
}

/* One id is one trade only if all else agrees: two order books count alike, and an amount may be told wrongly. */
static void one_id_with_other_facts_is_no_pair(void **state)
{
	static const struct { const char *product; bool buy; const char *size, *time, *id; size_t partner; } mine[] = {
		{ "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z", "101", 3 }, { "ETH-USD", true, "0.5", "2024-01-01T00:00:10Z", "101", TWIN_NONE },
		{ "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z", "102", TWIN_NONE }, { "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z", "103", TWIN_NONE },
		{ "ADA-USD", true, "0.5", "2024-01-01T00:00:10Z", "7", 4 }, { "SOL-USD", true, "0.5", "2024-01-01T00:00:10Z", "7", 5 },
		{ "SOL-USD", false, "0.5", "2024-01-01T00:00:10Z", "8", 6 },
		{ "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z", "104", 7 }, { "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z", "105", TWIN_NONE },
	}, theirs[] = {
		{ "ETH-USD", false, "0.5", "2024-01-01T00:00:10Z", "101", TWIN_NONE }, { "BTC-USD", true, "0.6", "2024-01-01T00:00:10Z", "102", TWIN_NONE },
		{ "BTC-USD", true, "0.5", "2024-01-01T00:00:12.001Z", "103", TWIN_NONE }, { "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z", "101", 0 },
		{ "ADA-USD", true, "0.5", "2024-01-01T00:00:10Z", "7", 4 }, { "SOL-USD", true, "0.5", "2024-01-01T00:00:10Z", "7", 5 },
		{ "SOL-USD", false, "0.5", "2024-01-01T00:00:10Z", "8", 6 },
		{ "BTC-USD", true, "0.50000001", "2024-01-01T00:00:10Z", "104", 7 },
		{ "BTC-USD", true, "0.50000002", "2024-01-01T00:00:10Z", "105", TWIN_NONE },
	};
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	for (size_t i = 0; i < sizeof mine / sizeof *mine; i++) {
		add(&a, mine[i].product, mine[i].buy, mine[i].size, mine[i].time);
		twins_name(&a, TWIN_TRADE_NUMBER, mine[i].id);
		add(&b, theirs[i].product, theirs[i].buy, theirs[i].size, theirs[i].time);
		twins_name(&b, TWIN_TRADE_NUMBER, theirs[i].id);
	}
	assert_int_equal(twins_pair(&a, &b), 5);
	for (size_t i = 0; i < sizeof mine / sizeof *mine; i++)
		if (a.twin[i].partner != mine[i].partner || b.twin[i].partner != theirs[i].partner)
			fail_msg("%zu has %zu, and %zu", i, a.twin[i].partner, b.twin[i].partner);
	twins_release(&a);
	twins_release(&b);
}

/* An id that stands twice in one list, as where an export was put together, is the earlier of the two. */
static void one_id_twice_pairs_once(void **state)
{
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	for (int i = 0; i < 2; i++) {
		add(&a, "BTC-USD", true, "0.5", i ? "2024-01-01T00:00:11Z" : "2024-01-01T00:00:10Z");
		twins_name(&a, TWIN_TRADE_NUMBER, "101");
	}
	add(&b, "BTC-USD", true, "0.5", "2024-01-01T00:00:11Z");
	twins_name(&b, TWIN_TRADE_NUMBER, "101");
	assert_int_equal(twins_pair(&a, &b), 1);
	assert_int_equal(a.twin[0].partner, 0);
	assert_int_equal(a.twin[1].partner, TWIN_NONE);
	twins_release(&a);
	twins_release(&b);
}

/* Behind one that is not yet over stand one that is paired already, and one of another id: neither is taken. */
static void what_is_paired_or_another_is_passed_over(void **state)
{
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	add(&a, "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z");
	twins_name(&a, TWIN_TRADE_NUMBER, "101");
	add(&a, "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z");
	add(&a, "BTC-USD", true, "0.6", "2024-01-01T00:00:10Z");
	twins_name(&a, TWIN_TRADE_NUMBER, "102");
	add(&b, "BTC-USD", true, "0.7", "2024-01-01T00:00:10Z");
	add(&b, "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z");
	twins_name(&b, TWIN_TRADE_NUMBER, "101");
	add(&b, "BTC-USD", true, "0.6", "2024-01-01T00:00:10Z");
	twins_name(&b, TWIN_TRADE_NUMBER, "103");
	assert_int_equal(twins_pair(&a, &b), 1);
	assert_int_equal(a.twin[0].partner, 1);
	assert_int_equal(b.twin[1].partner, 0);
	assert_int_equal(a.twin[1].partner, TWIN_NONE);
	assert_int_equal(a.twin[2].partner, TWIN_NONE);
	twins_release(&a);
	twins_release(&b);
}

static void nothing_pairs_with_nothing_and_no_size_with_none(void **state)
{
	static const struct { const char *mine, *theirs; size_t pairs; } row[] = {
		{ "0", "0", 0 }, { "-1", "-1", 0 }, { "x", "0", 0 }, { "0.00000001", "0.00000001", 1 }, { "12345678.5", "12345678.5", 1 },
		{ "12345678.5", "12345678.50000002", 0 }, { "0.00000001", "0", 1 },
	};
	struct twins a, b;

	(void)state;
	twins_init(&a);
	twins_init(&b);
	assert_int_equal(twins_pair(&a, &b), 0);
	add(&a, "BTC-USD", true, "1", "2024-01-01T00:00:10Z");
	assert_int_equal(twins_pair(&a, &b), 0);
	assert_int_equal(twins_pair(&b, &a), 0);
	assert_int_equal(a.twin[0].partner, TWIN_NONE);
	twins_release(&a);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		twins_init(&a);
		twins_init(&b);
		add(&a, "A-USD", true, row[i].mine, "2024-01-01T00:00:10Z");
		add(&b, "A-USDC", true, row[i].theirs, "2024-01-01T00:00:10Z");
		if (twins_pair(&a, &b) != row[i].pairs)
			fail_msg("%s and %s", row[i].mine, row[i].theirs);
		twins_release(&a);
		twins_release(&b);
	}
}

/* As many as there is room for, so that a step behind the end is seen; and both stand by number again. */
static void full_lists_are_walked_to_their_end_and_no_further(void **state)
{
	enum { ROOM = 256 };		/* a power of two fills what xgrow() allocates */
	struct twins a, b;

	(void)state;
	for (int behind = 0; behind < 3; behind++) {
		twins_init(&a);
		twins_init(&b);
		for (int i = 0; i < ROOM; i++) {
			add(&a, behind == 2 ? "XRP-USD" : "BTC-USD", true, "1", behind ? "2024-01-01T00:10:00Z" : "2024-01-01T00:00:10Z");
			add(&b, i % 2 ? "BTC-USD" : "ADA-USD", i % 3 == 0, "2", "2024-01-01T00:00:10Z");
		}
		assert_int_equal(a.n, ROOM);
		assert_int_equal(b.n, ROOM);
		for (int swapped = 0; swapped < 2; swapped++) {
			assert_int_equal(swapped ? twins_pair(&b, &a) : twins_pair(&a, &b), 0);
			for (size_t i = 0; i < ROOM; i++) {
				assert_int_equal(a.twin[i].number, i);
				assert_int_equal(b.twin[i].number, i);
			}
		}
		twins_release(&a);
		twins_release(&b);
	}
}

/* An export has whole seconds, and a bot thousands of fills in one. */
static void twenty_thousand_of_one_second_are_paired_in_a_moment(void **state)
{
#ifdef QUICK
	enum { MANY = 50 };		/* what `make mutate` has time for */
#else
	enum { MANY = 20000 };
#endif
	struct twins a, b;
	char size[32];

	(void)state;
	for (int different = 0; different < 2; different++) {
		twins_init(&a);
		twins_init(&b);
		for (int i = 0; i < MANY; i++) {
			snprintf(size, sizeof size, "0.%06d", different ? i + 1 : 500000);
			add(&a, "BTC-USD", true, size, "2024-01-01T00:00:10Z");
			snprintf(size, sizeof size, "0.%06d", different ? MANY - i : 500000);
			add(&b, "BTC-USD", true, size, "2024-01-01T00:00:10Z");
		}
		/* Many minutes of the processor, were each held against each exactly; a build without optimization takes ten seconds. */
		setitimer(ITIMER_VIRTUAL, &(struct itimerval){ .it_value = { 60, 0 } }, NULL);
		assert_int_equal(twins_pair(&a, &b), MANY);
		setitimer(ITIMER_VIRTUAL, &(struct itimerval){ { 0, 0 }, { 0, 0 } }, NULL);
		assert_int_equal(a.twin[0].partner, different ? MANY - 1 : 0);
		twins_release(&a);
		twins_release(&b);
	}
}

/* Two portfolios bought alike: no id of one is looked for among all of the other. */
static void ids_of_a_hundred_thousand_alike_are_told_apart_in_a_moment(void **state)
{
#ifdef QUICK
	enum { MANY = 50 };
#else
	enum { MANY = 100000 };
#endif
	struct twins a, b;
	char id[16];

	(void)state;
	twins_init(&a);
	twins_init(&b);
	for (int i = 0; i < MANY; i++) {
		add(&a, "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z");
		snprintf(id, sizeof id, "a%d", i);
		twins_name(&a, TWIN_TRADE_NUMBER, id);
		add(&b, "BTC-USD", true, "0.5", "2024-01-01T00:00:10Z");
		snprintf(id, sizeof id, "b%d", i);
		twins_name(&b, TWIN_TRADE_NUMBER, id);
	}
	setitimer(ITIMER_VIRTUAL, &(struct itimerval){ .it_value = { 60, 0 } }, NULL);
	assert_int_equal(twins_pair(&a, &b), 0);
	setitimer(ITIMER_VIRTUAL, &(struct itimerval){ { 0, 0 }, { 0, 0 } }, NULL);
	twins_release(&a);
	twins_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_seconds_and_a_unit_of_the_eighth_decimal_are_allowed),
		cmocka_unit_test(two_sides_and_two_products_of_one_list_are_kept_apart),
		cmocka_unit_test(the_very_size_goes_before_one_that_is_near),
		cmocka_unit_test(what_moved_goes_before_the_order),
		cmocka_unit_test(what_moved_the_same_goes_before_what_moved_about_as_much),
		cmocka_unit_test(the_second_of_a_trade_goes_before_one_that_is_earlier),
		cmocka_unit_test(an_unknown_amount_contradicts_none),
		cmocka_unit_test(amounts_contradict_beyond_rounding),
		cmocka_unit_test(look_alikes_are_paired_one_to_one),
		cmocka_unit_test(a_trade_is_found_among_others),
		cmocka_unit_test(an_order_is_as_long_as_its_fills),
		cmocka_unit_test(two_ids_of_one_kind_are_two_trades),
		cmocka_unit_test(an_id_goes_before_a_look_alike),
		cmocka_unit_test(an_id_finds_its_own_among_many),
		cmocka_unit_test(one_id_with_other_facts_is_no_pair),
		cmocka_unit_test(one_id_twice_pairs_once),
		cmocka_unit_test(what_is_paired_or_another_is_passed_over),
		cmocka_unit_test(nothing_pairs_with_nothing_and_no_size_with_none),
		cmocka_unit_test(full_lists_are_walked_to_their_end_and_no_further),
		cmocka_unit_test(twenty_thousand_of_one_second_are_paired_in_a_moment),
		cmocka_unit_test(ids_of_a_hundred_thousand_alike_are_told_apart_in_a_moment),
		cmocka_unit_test(a_chain_of_near_trades_is_paired_as_far_as_it_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

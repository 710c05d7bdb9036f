#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calculation/calculation.h"

/* Two active models and one that never is in force, in the order of their names. */
static const struct calculation_model models[] = {
	{ { "M20S", 68000, 3360000 }, true, 0 },
	{ { "OLD", 1000, 1000000 }, false, 0 },
	{ { "S9", 13500, 1323000 }, true, 0 },
};

/* A retarget at 11:15:16 UTC on 2025-03-23, and nothing known from 20:00 on. */
static struct difficulty_epoch epochs[] = {
	{ 1741535789, 1742728516, (unsigned __int128)112149504190349 * 100000000, 887040 },
	{ 1742728516, 1742760000, (unsigned __int128)113757508810853 * 100000000, 889056 },
};
static struct subsidy_era eras[] = { { 1713571767, 312500000, 840000 } };
static const struct network network = { epochs, 2, eras, 1 };
static const struct calculation_facts facts = { models, 3, &network };

static const char day_text[] = "2025-03-23";

/* One farm in a period of either difficulty, and one in a period without any. */
static const struct pair pairs[] = {
	{ 23, "T_A-1", 1525000000 },
	{ 24, "T_A-1", 1525000000 },
};
static const struct pair dark[] = { { 41, "T_A-1", 1525000000 } };

/* What is right for these, by exact rational arithmetic elsewhere. */
static const char *const right[] = {
	"2025-03-23\t23\tT_A-1\tM20S\t1.525000000\t907\t112149504190349\t3.12500000\t68\t3360\t0.00072025",
	"2025-03-23\t23\tT_A-1\tS9\t1.525000000\t2305\t112149504190349\t3.12500000\t13.5\t1323\t0.00036339",
	"2025-03-23\t24\tT_A-1\tM20S\t1.525000000\t907\t113757508810853\t3.12500000\t68\t3360\t0.00071007",
	"2025-03-23\t24\tT_A-1\tS9\t1.525000000\t2305\t113757508810853\t3.12500000\t13.5\t1323\t0.00035825",
	NULL
};

static day_t day(void)
{
	day_t d;

	assert_true(day_parse(day_text, &d));
	return d;
}

/* The stored rows, and what was said to differ: "23 T_A-1 S9 stale", and the row or why there is none. */
struct stored {
	const char *const *next;
	char said[4096];
	struct day_count count;
};

static const char *next_stored(void *source)
{
	struct stored *s = source;

	return *s->next ? *s->next++ : NULL;
}

static void say(void *ctx, const struct difference_row *d)
{
	struct stored *s = ctx;
	size_t used = strlen(s->said);

	assert_int_equal(d->day, day());
	assert_true(d->difference != ORPHAN || !d->row);
	assert_int_equal(d->row_len, d->row ? strlen(d->row) : 0);
	/* Of what is not known nothing is impossible. */
	assert_int_equal(d->impossible, d->unknown && strncmp(d->unknown, "no ", 3) != 0);
	snprintf(s->said + used, sizeof s->said - used, "%d %s %s %s%s%s\n", d->period, d->farm, d->model,
		 difference_name(d->difference), d->row ? ": " : d->unknown ? "? " : "", d->row ? d->row : d->unknown ? d->unknown : "");
}

static void compare(struct stored *s, const char *const *rows, const struct pair *wanted, size_t n)
{
	const struct comparison comparison = { next_stored, s, say, s };
	struct reason why = { .text = "" };

	*s = (struct stored){ .next = rows };
	if (!calculations_compare(&facts, day(), wanted, n, &comparison, &s->count, &why))
		fail_msg("%s", why.text);
}

static void assert_counts(const struct day_count *c, long expected, long present, long ok, long missing, long stale, long orphan)
{
	assert_int_equal(c->expected, expected);
	assert_int_equal(c->present, present);
	assert_int_equal(c->right, ok);
	assert_int_equal(c->missing, missing);
	assert_int_equal(c->stale, stale);
	assert_int_equal(c->orphan, orphan);
}

static void what_is_right_is_passed_over(void **state)
{
	struct stored s;

	(void)state;
	compare(&s, right, pairs, 2);
	assert_string_equal(s.said, "");
	assert_counts(&s.count, 4, 4, 4, 0, 0, 0);
}

static void what_is_not_stored_is_missing_with_its_row(void **state)
{
	static const char *const none[] = { NULL };
	struct stored s;
	char want[1024];

	(void)state;
	compare(&s, none, pairs, 2);
	snprintf(want, sizeof want,
		 "23 T_A-1 M20S missing: %s\n23 T_A-1 S9 missing: %s\n24 T_A-1 M20S missing: %s\n24 T_A-1 S9 missing: %s\n",
		 right[0], right[1], right[2], right[3]);
	assert_string_equal(s.said, want);
	assert_counts(&s.count, 4, 0, 0, 4, 0, 0);
}

static void one_that_is_missing_in_between_does_not_hide_the_others(void **state)
{
	const char *const rows[] = { right[0], right[2], right[3], NULL };
	struct stored s;
	char want[512];

	(void)state;
	compare(&s, rows, pairs, 2);
	snprintf(want, sizeof want, "23 T_A-1 S9 missing: %s\n", right[1]);
	assert_string_equal(s.said, want);
	assert_counts(&s.count, 4, 3, 3, 1, 0, 0);
}

static void a_row_that_differs_in_any_figure_is_stale(void **state)
{
	static const char *const wrong[] = {
		"2025-03-23\t23\tT_A-1\tS9\t1.525000001\t2305\t112149504190349\t3.12500000\t13.5\t1323\t0.00036339",
		"2025-03-23\t23\tT_A-1\tS9\t1.525000000\t2304\t112149504190349\t3.12500000\t13.5\t1323\t0.00036339",
		"2025-03-23\t23\tT_A-1\tS9\t1.525000000\t2305\t113757508810853\t3.12500000\t13.5\t1323\t0.00036339",
		"2025-03-23\t23\tT_A-1\tS9\t1.525000000\t2305\t112149504190349\t6.25000000\t13.5\t1323\t0.00036339",
		"2025-03-23\t23\tT_A-1\tS9\t1.525000000\t2305\t112149504190349\t3.12500000\t14\t1323\t0.00036339",
		"2025-03-23\t23\tT_A-1\tS9\t1.525000000\t2305\t112149504190349\t3.12500000\t13.5\t1350\t0.00036339",
		"2025-03-23\t23\tT_A-1\tS9\t1.525000000\t2305\t112149504190349\t3.12500000\t13.5\t1323\t0.00036340",
		/* a field too few or too many */
		"2025-03-23\t23\tT_A-1\tS9\t1.525000000\t2305\t112149504190349\t3.12500000\t13.5\t1323",
		"2025-03-23\t23\tT_A-1\tS9\t1.525000000\t2305\t112149504190349\t3.12500000\t13.5\t1323\t0.00036339\t1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const char *const rows[] = { right[0], wrong[i], right[2], right[3], NULL };
		struct stored s;
		char want[512];

		compare(&s, rows, pairs, 2);
		snprintf(want, sizeof want, "23 T_A-1 S9 stale: %s\n", right[1]);
		assert_string_equal(s.said, want);
		assert_counts(&s.count, 4, 4, 3, 0, 1, 0);
	}
}

static void a_row_that_nothing_calls_for_is_an_orphan_wherever_it_sorts(void **state)
{
	static const char *const orphan[] = {
		"2025-03-23\t1\tT_A-1\tS9\t1\t1\t1\t1\t1\t1\t1",	/* a period before all */
		"2025-03-23\t23\tT_A\tS9\t1\t1\t1\t1\t1\t1\t1",		/* a farm before */
		"2025-03-23\t23\tT_A-1\tA\t1\t1\t1\t1\t1\t1\t1",	/* models that are not known */
		"2025-03-23\t23\tT_A-1\tN\t1\t1\t1\t1\t1\t1\t1",
		"2025-03-23\t23\tT_A-1\tZ\t1\t1\t1\t1\t1\t1\t1",
		"2025-03-23\t23\tT_A-10\tS9\t1\t1\t1\t1\t1\t1\t1",	/* a farm behind */
		"2025-03-23\t50\tT_A-1\tS9\t1\t1\t1\t1\t1\t1\t1",	/* a period behind all */
	};
	const char *const rows[] = { orphan[0], orphan[1], orphan[2], right[0], orphan[3], right[1], orphan[4], orphan[5],
				     right[2], right[3], orphan[6], NULL };
	struct stored s;

	(void)state;
	compare(&s, rows, pairs, 2);
	assert_string_equal(s.said, "1 T_A-1 S9 orphan\n23 T_A S9 orphan\n23 T_A-1 A orphan\n23 T_A-1 N orphan\n"
				    "23 T_A-1 Z orphan\n23 T_A-10 S9 orphan\n50 T_A-1 S9 orphan\n");
	assert_counts(&s.count, 4, 4, 4, 0, 0, 7);
	compare(&s, right, NULL, 0);
	assert_counts(&s.count, 0, 0, 0, 0, 0, 4);
}

static const char old_23[] = "2025-03-23\t23\tT_A-1\tOLD\t1.525000000\t3050\t112149504190349\t3.12500000\t1\t1000\t0.00003562";
static const char old_24[] = "2025-03-23\t24\tT_A-1\tOLD\t1.525000000\t3050\t113757508810853\t3.12500000\t1\t1000\t0.00003511";

static void an_inactive_model_calls_for_nothing_but_must_be_right(void **state)
{
	static const char odd[] = "2025-03-23\t23\tT_A-1\tOLD\t1.525000000\t3050\t112149504190349\t3.12500000\t1\t1000\t0.00003563";
	const char *const well[] = { right[0], old_23, right[1], right[2], old_24, right[3], NULL };
	const char *const ill[] = { right[0], odd, right[1], right[2], old_24, right[3], NULL };
	struct stored s;
	char want[512];

	(void)state;
	compare(&s, well, pairs, 2);
	assert_string_equal(s.said, "");
	assert_counts(&s.count, 4, 4, 4, 0, 0, 0);
	compare(&s, ill, pairs, 2);
	snprintf(want, sizeof want, "23 T_A-1 OLD stale: %s\n", old_23);
	assert_string_equal(s.said, want);
	assert_counts(&s.count, 4, 4, 4, 0, 1, 0);
}

static void a_day_that_holds_some_of_a_retired_model_holds_all_of_it(void **state)
{
	const char *const some[] = { right[0], right[1], right[2], old_24, right[3], NULL };
	const char *const others[] = { "2025-03-23\t23\tT_A-1\tGONE\tx", right[0], right[1], right[2], right[3], NULL };
	struct stored s;
	char want[512];

	(void)state;
	compare(&s, some, pairs, 2);
	snprintf(want, sizeof want, "23 T_A-1 OLD missing: %s\n", old_23);
	assert_string_equal(s.said, want);
	assert_counts(&s.count, 4, 4, 4, 1, 0, 0);
	/* A model that nobody knows is an orphan, and calls for nothing. */
	compare(&s, others, pairs, 2);
	assert_string_equal(s.said, "23 T_A-1 GONE orphan\n");
	assert_counts(&s.count, 4, 4, 4, 0, 0, 1);
}

/* Wherever among the models it stands. */
static void a_retired_model_may_be_the_first(void **state)
{
	static const struct calculation_model two[] = { { { "OLD", 1000, 1000000 }, false, 0 }, { { "S9", 13500, 1323000 }, true, 0 } };
	static const struct calculation_facts with = { two, 2, &network };
	const char *const none[] = { right[1], right[3], NULL }, *const some[] = { right[1], old_24, right[3], NULL };
	struct reason why;
	struct stored s = { .next = none };
	struct comparison comparison = { next_stored, &s, say, &s };
	char want[512];

	(void)state;
	assert_true(calculations_compare(&with, day(), pairs, 2, &comparison, &s.count, &why));
	assert_string_equal(s.said, "");
	assert_counts(&s.count, 2, 2, 2, 0, 0, 0);
	s = (struct stored){ .next = some };
	assert_true(calculations_compare(&with, day(), pairs, 2, &comparison, &s.count, &why));
	snprintf(want, sizeof want, "23 T_A-1 OLD missing: %s\n", old_23);
	assert_string_equal(s.said, want);
	assert_counts(&s.count, 2, 2, 2, 1, 0, 0);
}

static void a_model_is_in_force_up_to_the_day_before_it_was_retired(void **state)
{
	static const struct { int days_later; bool in_force; } row[] = { { -1, false }, { 0, false }, { 1, true }, { 9000, true } };
	struct calculation_model retired[3];
	const struct calculation_facts with = { retired, 3, &network };

	(void)state;
	memcpy(retired, models, sizeof models);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct stored s = { .next = right };
		const struct comparison comparison = { next_stored, &s, say, &s };
		struct reason why;

		retired[1].retired_from = day() + row[i].days_later;
		assert_int_equal(model_in_force(&retired[1], day()), row[i].in_force);
		assert_true(calculations_compare(&with, day(), pairs, 2, &comparison, &s.count, &why));
		assert_counts(&s.count, row[i].in_force ? 6 : 4, 4, 4, row[i].in_force ? 2 : 0, 0, 0);
	}
	assert_true(model_in_force(&models[0], day()));
}

static void without_a_difficulty_nothing_is_made_up(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const some[] = {
		"2025-03-23\t41\tT_A-1\tS9\t1.525000000\t2305\t113757508810853\t3.12500000\t13.5\t1323\t0.00035825", NULL
	};
	struct stored s;

	(void)state;
	compare(&s, none, dark, 1);
	assert_string_equal(s.said,
			    "41 T_A-1 M20S missing? no difficulty is known for 2025-03-23T20:00:00Z: the one before it is known to "
			    "2025-03-23T20:00:00Z; fetch-difficulty --store adds more to the database; a filter reads it from a file: fetch-difficulty >FILE, then --history FILE\n"
			    "41 T_A-1 S9 missing? no difficulty is known for 2025-03-23T20:00:00Z: the one before it is known to "
			    "2025-03-23T20:00:00Z; fetch-difficulty --store adds more to the database; a filter reads it from a file: fetch-difficulty >FILE, then --history FILE\n");
	assert_int_equal(s.count.unknown, 2);
	/* One that is stored cannot be shown to be right. */
	compare(&s, some, dark, 1);
	assert_counts(&s.count, 2, 1, 0, 1, 1, 0);
	assert_int_equal(s.count.unknown, 2);
}

static void a_figure_written_with_more_zeros_is_the_same_figure(void **state)
{
	static const char *const rows[] = {
		"2025-03-23\t24\tT_A-1\tM20S\t1.525\t907\t113757508810853.00\t3.125\t68.0\t3360\t0.00071007",
		"2025-03-23\t24\tT_A-1\tS9\t1.525000000\t2305\t113757508810853\t3.12500000\t13.500\t1323.\t0.000358250", NULL
	};
	static const char *const others[] = {
		"2025-03-23\t24\tT_A-1\tM20S\t1.525000000\t9070\t113757508810853\t3.12500000\t68\t3360\t0.00071007",
		"2025-03-23\t24\tT_A-1\tS9\t1.525000000\t2305\t113757508810853\t3.12500000\t13.5\t13230\t0.00035825", NULL
	};
	struct stored s;

	(void)state;
	compare(&s, rows, pairs + 1, 1);
	assert_string_equal(s.said, "");
	assert_counts(&s.count, 2, 2, 2, 0, 0, 0);
	compare(&s, others, pairs + 1, 1);
	assert_counts(&s.count, 2, 2, 0, 0, 2, 0);
}

static void farms_and_models_are_escaped_as_copy_has_them(void **state)
{
	static const struct pair odd[] = { { 24, "T\t\\A\n", 0 } };
	static const char *const rows[] = {
		"2025-03-23\t24\tT\\t\\\\A\\n\tM20S\t0.000000000\t0\t113757508810853\t3.12500000\t68\t3360\t0.00000000",
		"2025-03-23\t24\tT\\t\\\\A\\n\tS9\t0.000000000\t0\t113757508810853\t3.12500000\t13.5\t1323\t0.00000001", NULL
	};
	struct stored s;

	(void)state;
	compare(&s, rows, odd, 1);
	assert_string_equal(s.said, "24 T\t\\A\n S9 stale: "
				    "2025-03-23\t24\tT\\t\\\\A\\n\tS9\t0.000000000\t0\t113757508810853\t3.12500000\t13.5\t1323\t0.00000000\n");
}

static void a_stored_row_that_cannot_be_read_is_refused(void **state)
{
	static const char *const bad[] = { "", "2025-03-23", "2025-03-23\tx\tT\tS9\t", "2025-03-23\t24\tT_A-1",
					   "2025-03-23\t123456789\tT\tS9\t", "2025-03-23\t00000023\tT_A-1\tS9\tx",
					   "2025-03-23\t23\tT_A-1\tOLD\\" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *const rows[] = { bad[i], NULL };
		struct stored s = { .next = rows };
		const struct comparison comparison = { next_stored, &s, say, &s };
		struct reason why = { .text = "" };

		if (calculations_compare(&facts, day(), pairs, 2, &comparison, &s.count, &why))
			fail_msg("\"%s\" was taken for a calculation: %s", bad[i], s.said);
		assert_non_null(strstr(why.text, "cannot be read"));
	}
}

static struct day_count compared_with(const struct calculation_facts *with, const char *const *rows, struct stored *s)
{
	const struct comparison comparison = { next_stored, s, say, s };
	struct reason why = { .text = "" };

	*s = (struct stored){ .next = rows };
	if (!calculations_compare(with, day(), pairs, 2, &comparison, &s->count, &why))
		fail_msg("%s", why.text);
	return s->count;
}

/* Without the subsidy, and where the figures have no room, a calculation is missing with the reason, and one that is stored
 * cannot be shown to be right. */
static void what_cannot_be_calculated_is_said_and_not_made_up(void **state)
{
	static struct subsidy_era later[] = { { 1900000000, 156250000, 1050000 } };
	static struct difficulty_epoch least[] = { { 1741535789, 1742760000, 1, 887040 } };
	static const struct calculation_model huge[] = { { { "HUGE", 1000000000000, 1 }, true, 0 } };
	const struct network no_subsidy = { epochs, 2, later, 1 }, no_difficulty_to_speak_of = { least, 1, eras, 1 };
	const struct calculation_facts unpaid = { models, 3, &no_subsidy }, flood = { huge, 1, &no_difficulty_to_speak_of };
	static const char *const none[] = { NULL };
	struct stored s;
	struct day_count c;

	(void)state;
	c = compared_with(&unpaid, none, &s);
	assert_int_equal(c.missing, 4);
	assert_int_equal(c.unknown, 4);
	assert_non_null(strstr(s.said, "23 T_A-1 M20S missing? no block subsidy is known for 2025-03-23T11:00:00Z"));
	c = compared_with(&unpaid, right, &s);
	assert_int_equal(c.right, 0);
	assert_int_equal(c.stale, 4);
	c = compared_with(&flood, none, &s);
	assert_int_equal(c.unknown, 2);
	if (!strstr(s.said, "23 T_A-1 HUGE missing? "))
		fail_msg("%s", s.said);
	assert_non_null(strstr(s.said, "too large"));
}

/* Where no model is retired the rows are read one by one: one that cannot be read may come at any place. */
static void a_row_that_cannot_be_read_is_refused_wherever_it_stands(void **state)
{
	static const struct calculation_model active[] = { { { "M20S", 68000, 3360000 }, true, 0 }, { { "S9", 13500, 1323000 }, true, 0 } };
	static const struct calculation_facts two = { active, 2, &network };
	static const char bad[] = "2025-03-23\tx";

	(void)state;
	for (int at = 0; at <= 4; at++) {
		const char *rows[6] = { NULL };
		struct stored s = { .next = rows };
		const struct comparison comparison = { next_stored, &s, say, &s };
		struct reason why = { .text = "" };

		for (int i = 0, from = 0; i <= 4; i++)
			rows[i] = i == at ? bad : right[from++];
		if (calculations_compare(&two, day(), pairs, 2, &comparison, &s.count, &why))
			fail_msg("at %d: %s", at, s.said);
		assert_non_null(strstr(why.text, "cannot be read"));
		/* Every row before it was right. */
		assert_int_equal(s.count.right, at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_is_passed_over),
		cmocka_unit_test(what_is_not_stored_is_missing_with_its_row),
		cmocka_unit_test(one_that_is_missing_in_between_does_not_hide_the_others),
		cmocka_unit_test(a_row_that_differs_in_any_figure_is_stale),
		cmocka_unit_test(a_row_that_nothing_calls_for_is_an_orphan_wherever_it_sorts),
		cmocka_unit_test(an_inactive_model_calls_for_nothing_but_must_be_right),
		cmocka_unit_test(a_day_that_holds_some_of_a_retired_model_holds_all_of_it),
		cmocka_unit_test(a_retired_model_may_be_the_first),
		cmocka_unit_test(a_model_is_in_force_up_to_the_day_before_it_was_retired),
		cmocka_unit_test(without_a_difficulty_nothing_is_made_up),
		cmocka_unit_test(a_figure_written_with_more_zeros_is_the_same_figure),
		cmocka_unit_test(farms_and_models_are_escaped_as_copy_has_them),
		cmocka_unit_test(what_cannot_be_calculated_is_said_and_not_made_up),
		cmocka_unit_test(a_row_that_cannot_be_read_is_refused_wherever_it_stands),
		cmocka_unit_test(a_stored_row_that_cannot_be_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

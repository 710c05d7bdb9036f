#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/nearest.h"

static const char *const units[] = {
	"T_SGRWO-1", "T_SGRWO-2", "T_SGRWO-3", "T_BEATO-1", "T_GORDW-1", "2__PPGEN001", "Beatrice Offshore WF 1", "", NULL
};

static void expect(const char *wanted, const char *words)
{
	struct nearest nearest;
	struct buf out = BUF_INIT;

	nearest_begin(&nearest, wanted);
	for (int twice = 0; twice < 2; twice++)
		for (int i = 0; units[i]; i++)
			nearest_offer(&nearest, units[i]);
	assert_string_equal(nearest_words(&nearest, &out), words);
	buf_release(&out);
}

static void names_that_differ_little_are_named_the_nearest_first(void **state)
{
	(void)state;
	expect("T_SGRWO1", "; the nearest are T_SGRWO-1, T_SGRWO-2, T_SGRWO-3");
	expect("t_beato-1", "; the nearest is T_BEATO-1");
	expect("T_GORDW-9", "; the nearest is T_GORDW-1");
	expect("2__PPGEN010", "; the nearest is 2__PPGEN001");
}

static void a_part_of_a_name_is_near_it(void **state)
{
	(void)state;
	expect("beatrice", "; the nearest is Beatrice Offshore WF 1");
	expect("GORD", "; the nearest is T_GORDW-1");
	expect("W-1", "; the nearest is T_GORDW-1");
	expect("Beatrise", "; the nearest is Beatrice Offshore WF 1");
	expect("beatrice ofshore", "; the nearest is Beatrice Offshore WF 1");
}

static void what_is_far_from_all_names_none(void **state)
{
	(void)state;
	expect("zzzzzzzz", "");
	expect("xORDW", "");
	expect("T", "");
	expect("GO", "");
	expect("", "");
	expect("x'; drop table farms; --", "");
}

static void long_names_are_cut_and_not_read_beyond(void **state)
{
	char name[400];
	struct nearest nearest;
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof name; i++)
		name[i] = 'a';
	name[sizeof name - 1] = '\0';
	nearest_begin(&nearest, name);
	nearest_offer(&nearest, name);
	nearest_offer(&nearest, name + 1);
	assert_int_equal(nearest.n, 1);
	assert_int_equal(nearest.distance[0], 0);
	buf_release(&out);
}

static void a_nearer_name_goes_before_those_that_came_earlier(void **state)
{
	static const char *const offered[] = { "T_SGRWO-22", "T_SGRWX-2", "T_SGRWO-1", "T_SGRWO-3", "T_SGRWO-2" };
	struct nearest nearest;
	struct buf out = BUF_INIT;

	(void)state;
	nearest_begin(&nearest, "T_SGRWO-2");
	for (size_t i = 0; i < sizeof offered / sizeof *offered; i++)
		nearest_offer(&nearest, offered[i]);
	assert_string_equal(nearest_words(&nearest, &out), "; the nearest are T_SGRWO-2, T_SGRWO-22, T_SGRWX-2");
	buf_release(&out);
}

/* -1: not near.  A third of the name is near, and at least two characters; one step further what only begins so. */
static void how_near_a_name_is(void **state)
{
	static const struct { const char *wanted, *known; int distance; } row[] = {
		{ "az-unit-1", "AZ-UNIT-1", 0 },
		{ "abxcdexf", "abcdef", 2 },
		{ "abcdef", "abxcdexf", 2 },
		{ "T_GORDXYZ", "T_GORDW-1", 3 },
		{ "T_GORXXYZ", "T_GORDW-1", -1 },
		{ "Beatrixx", "Beatrice Offshore WF 1", 3 },
		{ "Beatrxxx", "Beatrice Offshore WF 1", -1 },
		{ "Beatrise", "Beatricelands Offshore WF 1", -1 },
		{ "Beata", "Beats Offshore 1", 3 },
		{ "Beax", "Beat Offshore 1", -1 },
		{ "beat", "Beats Offshore 1", 1 },
		{ "Bea", "Beats Offshore 1", 1 },
		{ "Bea", "Beats", 1 },
		{ "xea", "Beats Offshore 1", -1 },
		{ "Be", "Beats Offshore 1", -1 },
		{ "Bea", "bEA", 0 },
		{ "eat", "Beats Offshore 1", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct nearest nearest;

		nearest_begin(&nearest, row[i].wanted);
		nearest_offer(&nearest, row[i].known);
		if ((nearest.n ? nearest.distance[0] : -1) != row[i].distance)
			fail_msg("%s from %s: %d", row[i].wanted, row[i].known, nearest.n ? nearest.distance[0] : -1);
	}
}

/* Names that fill their places, the farthest first, and a fourth that is nearer than all. */
static void each_nearer_one_goes_to_the_front_with_its_distance(void **state)
{
	char wanted[NEAREST_TEXT + 8], known[NEAREST_TEXT + 8];
	struct nearest nearest;

	(void)state;
	memset(wanted, 'a', sizeof wanted);
	wanted[sizeof wanted - 1] = '\0';
	nearest_begin(&nearest, wanted);
	for (int wrong = 3; wrong >= 0; wrong--) {
		memcpy(known, wanted, sizeof known);
		memset(known + NEAREST_TEXT - 1 - wrong, 'b', (size_t)wrong);
		nearest_offer(&nearest, known);
	}
	assert_int_equal(nearest.n, NEAREST_NAMES);
	for (int i = 0; i < nearest.n; i++) {
		assert_int_equal(nearest.distance[i], i);
		assert_int_equal(strlen(nearest.name[i]), NEAREST_TEXT - 1);
	}
}

/* For a question there is only room for the nearest. */
static void those_that_are_equally_near_stand_alone(void **state)
{
	static const struct { const char *wanted, *words; } row[] = {
		{ "T_SGRWO-9", "T_SGRWO-1 or T_SGRWO-2 or T_SGRWO-3" }, { "T_SGRWO-2", "T_SGRWO-2" }, { "2__PPGEN001", "2__PPGEN001" }, { "beat", "Beatrice Offshore WF 1" },
		{ "zzzzzzzz", "" },
	};

	(void)state;
	for (size_t r = 0; r < sizeof row / sizeof *row; r++) {
		struct buf out = BUF_INIT;
		struct nearest nearest;

		nearest_begin(&nearest, row[r].wanted);
		for (int i = 0; units[i]; i++)
			nearest_offer(&nearest, units[i]);
		assert_string_equal(nearest_alone(&nearest, &out), row[r].words);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_differ_little_are_named_the_nearest_first),
		cmocka_unit_test(a_nearer_name_goes_before_those_that_came_earlier),
		cmocka_unit_test(how_near_a_name_is),
		cmocka_unit_test(each_nearer_one_goes_to_the_front_with_its_distance),
		cmocka_unit_test(a_part_of_a_name_is_near_it),
		cmocka_unit_test(what_is_far_from_all_names_none),
		cmocka_unit_test(long_names_are_cut_and_not_read_beyond),
		cmocka_unit_test(those_that_are_equally_near_stand_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

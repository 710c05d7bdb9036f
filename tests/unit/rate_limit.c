#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "net/rate_limit.h"

/* Start n requests as early as allowed, but none before t; the times go to start. */
static void run(struct rate_limit *p, int n, double t, double *start)
{
	for (int i = 0; i < n; i++) {
		t = fmax(t, rate_limit_next(p));
		rate_limit_count(p, t);
		start[i] = t;
	}
}

static void starts_stand_on_an_even_grid(void **state)
{
	static struct rate_limit p;
	double start[20];

	(void)state;
	rate_limit_init(&p, 10, 1000);
	run(&p, 20, 1000, start);
	for (int i = 0; i < 20; i++)
		assert_true(fabs(start[i] - (1000 + i / 10.0)) < 1e-6);
}

static void what_was_missed_is_caught_up_but_never_beyond_the_rate_in_a_second(void **state)
{
	static struct rate_limit p;
	double start[40];

	(void)state;
	rate_limit_init(&p, 10, 1000);
	run(&p, 5, 1000, start);
	run(&p, 35, 1007.35, start + 5);	/* seven seconds late */
	assert_true(start[8] == start[5]);	/* those of a third of a second at once, and the one that is due ... */
	assert_true(fabs(start[9] - (start[5] + 0.4 - 1 / 3.0)) < 1e-6);
	for (int i = 10; i < 40; i++)		/* ... but the eleventh is a second after the first */
		assert_true(start[i] - start[i - 10] > 1 - 1e-6);
}

static void the_greatest_rate_has_room_for_its_second(void **state)
{
	static struct rate_limit p;
	static double start[RATE_LIMIT_MAX + 1];

	(void)state;
	rate_limit_init(&p, RATE_LIMIT_MAX, 0);
	run(&p, RATE_LIMIT_MAX + 1, 0, start);
	assert_true(fabs(start[RATE_LIMIT_MAX] - 1) < 1e-6);
}

static void a_rate_below_one_spaces_starts_by_its_inverse(void **state)
{
	static struct rate_limit p;
	double start[3];

	(void)state;
	rate_limit_init(&p, 0.25, 0);
	run(&p, 3, 0, start);
	assert_true(fabs(start[1] - 4) < 1e-6);
	assert_true(fabs(start[2] - 8) < 1e-6);
}

static void a_hold_is_kept_and_not_caught_up(void **state)
{
	static struct rate_limit p;
	double start[5];

	(void)state;
	rate_limit_init(&p, 10, 1000);
	rate_limit_hold(&p, 1030);
	rate_limit_hold(&p, 1020);			/* a shorter one takes nothing away */
	run(&p, 5, 1000, start);
	for (int i = 0; i < 5; i++)
		assert_true(fabs(start[i] - (1030 + i / 10.0)) < 1e-6);
}

static void too_many_requests_halve_the_rate_once_and_successes_bring_it_back(void **state)
{
	static struct rate_limit p;

	(void)state;
	rate_limit_init(&p, 10, 1000);
	rate_limit_slow_down(&p, 1000, 7);
	rate_limit_slow_down(&p, 1003, 7);		/* of the same crowd */
	assert_true(p.rate == 5);
	assert_true(rate_limit_next(&p) >= 1010);
	rate_limit_slow_down(&p, 1011, 0);
	assert_true(p.rate == 2.5);
	rate_limit_slow_down(&p, 1012, 7);		/* a second is enough, if nothing was said, and what was said is */
	assert_true(p.rate == 1.25);
	rate_limit_slow_down(&p, 1019, 0);
	assert_true(p.rate == 0.625);
	for (int i = 0; i < 20; i++)
		rate_limit_slow_down(&p, 2000 + 10 * i, 0);
	assert_true(p.rate == 0.2);
	for (int i = 0; i < 1000; i++)
		rate_limit_speed_up(&p);
	assert_true(p.rate == 10);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_stand_on_an_even_grid),
		cmocka_unit_test(what_was_missed_is_caught_up_but_never_beyond_the_rate_in_a_second),
		cmocka_unit_test(the_greatest_rate_has_room_for_its_second),
		cmocka_unit_test(a_rate_below_one_spaces_starts_by_its_inverse),
		cmocka_unit_test(a_hold_is_kept_and_not_caught_up),
		cmocka_unit_test(too_many_requests_halve_the_rate_once_and_successes_bring_it_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/circuit_breaker.h"

static void failures_in_a_row_open_it_and_three_failed_probes_end_it(void **state)
{
	struct circuit_breaker b;
	double pause = 0;

	(void)state;
	circuit_breaker_init(&b, 3, 2);
	assert_int_equal(circuit_breaker_failure(&b, false, &pause), BREAKER_STAYS);
	assert_int_equal(circuit_breaker_failure(&b, false, &pause), BREAKER_STAYS);
	assert_int_equal(circuit_breaker_failure(&b, false, &pause), BREAKER_OPENS);
	assert_true(pause == 2);
	assert_true(b.open);
	assert_int_equal(circuit_breaker_failure(&b, true, &pause), BREAKER_PAUSES);
	assert_true(pause == 4);
	assert_int_equal(circuit_breaker_failure(&b, true, &pause), BREAKER_PAUSES);
	assert_true(pause == 8);
	assert_int_equal(circuit_breaker_failure(&b, true, &pause), BREAKER_GIVES_UP);
}

static void a_success_between_begins_the_count_anew(void **state)
{
	struct circuit_breaker b;
	double pause;

	(void)state;
	circuit_breaker_init(&b, 2, 1);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(circuit_breaker_failure(&b, false, &pause), BREAKER_STAYS);
		assert_false(circuit_breaker_success(&b));
	}
	assert_false(b.open);
}

static void a_probe_that_succeeds_closes_it(void **state)
{
	struct circuit_breaker b;
	double pause = 0;

	(void)state;
	circuit_breaker_init(&b, 1, 1);
	assert_int_equal(circuit_breaker_failure(&b, false, &pause), BREAKER_OPENS);
	assert_int_equal(circuit_breaker_failure(&b, true, &pause), BREAKER_PAUSES);
	assert_true(circuit_breaker_success(&b));
	assert_false(b.open);
	assert_int_equal(circuit_breaker_failure(&b, false, &pause), BREAKER_OPENS);
	assert_true(pause == 1);
}

/* What was on the way when it opened says nothing new. */
static void only_probes_count_while_it_is_open(void **state)
{
	struct circuit_breaker b;
	double pause = 0;

	(void)state;
	circuit_breaker_init(&b, 1, 1);
	circuit_breaker_failure(&b, false, &pause);
	for (int i = 0; i < 10; i++)
		assert_int_equal(circuit_breaker_failure(&b, false, &pause), BREAKER_STAYS);
	assert_int_equal(circuit_breaker_failure(&b, true, &pause), BREAKER_PAUSES);
	assert_true(pause == 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_in_a_row_open_it_and_three_failed_probes_end_it),
		cmocka_unit_test(a_success_between_begins_the_count_anew),
		cmocka_unit_test(a_probe_that_succeeds_closes_it),
		cmocka_unit_test(only_probes_count_while_it_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

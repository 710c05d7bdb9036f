/* oddities: how many of the odd rows are shown, and when they are too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/oddities.h"

static void some_are_shown_a_line_each_and_all_are_counted(void **state)
{
	struct oddities odd = { 0 };
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < ODDITIES_SHOWN + 2; i++)
		oddities_note(&odd, "row %d:\nodd", i);
	for (size_t i = 0; i < odd.text.len; i++)
		lines += odd.text.data[i] == '\n';
	assert_int_equal(lines, ODDITIES_SHOWN);
	assert_memory_equal(odd.text.data, "row 0: odd\nrow 1: odd\n", 22);
	assert_int_equal(odd.odd, ODDITIES_SHOWN + 2);
	oddities_release(&odd);
}

static void more_than_half_prevail(void **state)
{
	struct oddities odd = { .rows = 4 };
	struct reason why;

	(void)state;
	assert_false(oddities_prevail(&odd, &why));
	oddities_note(&odd, "first");
	oddities_note(&odd, "second");
	assert_false(oddities_prevail(&odd, &why));
	oddities_note(&odd, "third");
	assert_true(oddities_prevail(&odd, &why));
	assert_string_equal(why.text, "3 of 4 rows cannot be used; the first: first");
	oddities_release(&odd);
	/* The only one. */
	odd = (struct oddities){ .rows = 1 };
	oddities_note(&odd, "alone");
	assert_true(oddities_prevail(&odd, &why));
	oddities_release(&odd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(some_are_shown_a_line_each_and_all_are_counted),
		cmocka_unit_test(more_than_half_prevail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

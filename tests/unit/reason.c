/* Why something was refused, and what a tool ends with for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "base/reason.h"

static void a_reason_is_words_and_what_kind_of_answer_it_was(void **state)
{
	struct reason why = { .text = "before" };

	(void)state;
	assert_false(reason_answer(&why, ANSWER_CUT, "cut after %d bytes", 7));
	assert_string_equal(why.text, "cut after 7 bytes");
	assert_int_equal(why.answer, ANSWER_CUT);
	/* One that says no kind is of an odd value, whatever was said before. */
	assert_false(reason_set(&why, "row %d: %s", 3, "odd"));
	assert_string_equal(why.text, "row 3: odd");
	assert_int_equal(why.answer, ANSWER_ODD);
}

static void nobody_need_ask_for_a_reason(void **state)
{
	(void)state;
	assert_false(reason_set(NULL, "%s", "odd"));
	assert_false(reason_answer(NULL, ANSWER_OTHER, "%s", "odd"));
}

static void a_long_reason_is_cut(void **state)
{
	struct reason why;
	char text[2 * sizeof why.text];

	(void)state;
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	assert_false(reason_set(&why, "%s", text));
	assert_int_equal(strlen(why.text), sizeof why.text - 1);
}

/* What is odd in an answer is in the data; another answer, or half of one, is the source's. */
static void each_kind_of_answer_has_its_status(void **state)
{
	(void)state;
	assert_int_equal(answer_exit_status(ANSWER_ODD), EX_DATAERR);
	assert_int_equal(answer_exit_status(ANSWER_CUT), EX_PROTOCOL);
	assert_int_equal(answer_exit_status(ANSWER_OTHER), EX_PROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reason_is_words_and_what_kind_of_answer_it_was),
		cmocka_unit_test(nobody_need_ask_for_a_reason),
		cmocka_unit_test(a_long_reason_is_cut),
		cmocka_unit_test(each_kind_of_answer_has_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

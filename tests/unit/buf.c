#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static void what_was_added_is_what_is_detached(void **state)
{
	struct buf b = BUF_INIT;
	char *text;

	(void)state;
	buf_adds(&b, "wind");
	buf_addc(&b, ' ');
	buf_addf(&b, "%d", 2022);
	buf_add(&b, "", 0);
	text = buf_detach(&b);
	assert_string_equal(text, "wind 2022");
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	free(text);
}

static void an_empty_buffer_detaches_as_an_empty_string(void **state)
{
	struct buf b = BUF_INIT;
	char *text = buf_detach(&b);

	(void)state;
	assert_string_equal(text, "");
	free(text);
}

static void it_grows_past_any_size_it_had(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, (char)('a' + i % 26));
	assert_int_equal(b.len, 100000);
	assert_int_equal(strlen(b.data), 100000);
	assert_int_equal(b.data[99999], 'a' + 99999 % 26);
	buf_clear(&b);
	assert_string_equal(b.data, "");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_what_is_detached),
		cmocka_unit_test(an_empty_buffer_detaches_as_an_empty_string),
		cmocka_unit_test(it_grows_past_any_size_it_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

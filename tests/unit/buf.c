#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void what_is_formatted_to_nothing_is_an_empty_string(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_addf(&b, "%s", "");
	assert_int_equal(b.len, 0);
	assert_non_null(b.data);
	assert_string_equal(b.data, "");
	buf_release(&b);
}

/* Under AddressSanitizer a byte behind what it allocated would be noticed. */
static void an_array_has_room_for_one_more_and_keeps_what_it_holds(void **state)
{
	long *array = NULL;

	(void)state;
	for (size_t n = 0; n < 1000; n++) {
		array = xgrow(array, n, sizeof *array);
		array[n] = (long)n;
	}
	for (long n = 0; n < 1000; n++)
		assert_int_equal(array[n], n);
	free(array);
}

static void reserve_too_much(void)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "here");
	buf_reserve(&b, SIZE_MAX / 2);
}

static void allocate_too_much(void)
{
	volatile size_t much = SIZE_MAX / 2;

	*(volatile char *)xmalloc(much) = 1;
}

/* It ends its process, which is one of its own here, with this status and these words. */
static void it_says_that_memory_is_out(void (*run)(void))
{
	char said[64] = "";
	int out[2], status;
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDERR_FILENO);
		run();
		_exit(0);
	}
	close(out[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EX_OSERR);
	assert_int_equal(read(out[0], said, sizeof said - 1), strlen("out of memory\n"));
	assert_string_equal(said, "out of memory\n");
	close(out[0]);
}

static void more_than_there_can_be_is_out_of_memory(void **state)
{
	(void)state;
	it_says_that_memory_is_out(reserve_too_much);
#ifndef __SANITIZE_ADDRESS__	/* which ends the process itself */
	it_says_that_memory_is_out(allocate_too_much);
#else
	(void)allocate_too_much;
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_what_is_detached),
		cmocka_unit_test(an_empty_buffer_detaches_as_an_empty_string),
		cmocka_unit_test(it_grows_past_any_size_it_had),
		cmocka_unit_test(what_is_formatted_to_nothing_is_an_empty_string),
		cmocka_unit_test(an_array_has_room_for_one_more_and_keeps_what_it_holds),
		cmocka_unit_test(more_than_there_can_be_is_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

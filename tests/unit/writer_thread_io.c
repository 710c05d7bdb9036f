/*
 * The thread that stores while its owner prepares: order, memory, the end, and a log that both write.  `make check-tsan`
 * runs this under ThreadSanitizer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "os/log.h"
#include "os/writer_thread.h"

/* What is done goes here, in the order in which it is done. */
static struct buf done;

struct job {
	struct buf text;
};

static void append(void *job)
{
	struct job *j = job;

	nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);	/* slower than the owner, which has to wait */
	buf_add(&done, j->text.data, j->text.len);
	buf_clear(&j->text);
	log_debug("written: %zu", done.len);
}

/* As calc-btc does: two jobs by turns, each filled anew when the one before it is done. */
static void jobs_are_done_in_their_order_and_their_memory_comes_back(void **state)
{
	enum { JOBS = 300 };
	struct job jobs[2] = { { BUF_INIT }, { BUF_INIT } };
	struct buf want = BUF_INIT;
	struct writer_thread *thread = writer_thread_start(append);

	(void)state;
	for (int i = 0; i < JOBS; i++) {
		struct job *j = &jobs[i % 2];

		/* Empty: the job before the last is done. */
		assert_int_equal(j->text.len, 0);
		buf_addf(&j->text, "%d;", i);
		buf_addf(&want, "%d;", i);
		log_debug("prepared: %d", i);
		writer_thread_give(thread, j);
	}
	writer_thread_wait(thread);
	assert_int_equal(done.len, want.len);
	assert_memory_equal(done.data, want.data, want.len);
	writer_thread_end(thread);
	for (int i = 0; i < 2; i++)
		buf_release(&jobs[i].text);
	buf_release(&want);
	buf_release(&done);
}

static void what_was_given_is_done_before_the_end(void **state)
{
	struct writer_thread *thread;

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct job job = { BUF_INIT };

		buf_adds(&job.text, "last");
		thread = writer_thread_start(append);
		writer_thread_give(thread, &job);
		writer_thread_end(thread);
		assert_int_equal(done.len, 4);
		buf_release(&job.text);
		buf_release(&done);
	}
	/* And a thread that was given nothing ends too. */
	thread = writer_thread_start(append);
	writer_thread_wait(thread);
	writer_thread_end(thread);
	assert_int_equal(done.len, 0);
}

/* How many lines of this file are whole messages of one of the two. */
static long whole_lines(FILE *file)
{
	char line[400];
	long n = 0;

	rewind(file);
	while (fgets(line, sizeof line, file)) {
		const char *owner = strstr(line, "msg=\"owner "), *writer = strstr(line, "msg=\"writer ");

		if ((owner != NULL) == (writer != NULL) || !strstr(line, " abcdefghijklmnopqrstuvwxyz\""))
			fail_msg("torn: %s", line);
		n++;
	}
	return n;
}

enum { LINES = 400 };

static void write_lines(void *job)
{
	for (int i = 0; i < LINES; i++)
		log_warning("%s %d abcdefghijklmnopqrstuvwxyz", (const char *)job, i);
}

/* A line of the log is one thread's, whole. */
static void both_may_write_the_log(void **state)
{
	char name[] = "writer";
	struct writer_thread *thread = writer_thread_start(write_lines);
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);

	(void)state;
	assert_non_null(file);
	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	writer_thread_give(thread, name);
	write_lines((char[]){ "owner" });
	writer_thread_end(thread);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_int_equal(whole_lines(file), 2 * LINES);
	fclose(file);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_are_done_in_their_order_and_their_memory_comes_back),
		cmocka_unit_test(what_was_given_is_done_before_the_end),
		cmocka_unit_test(both_may_write_the_log),
	};

	(void)argc;
	log_init(argv[0]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

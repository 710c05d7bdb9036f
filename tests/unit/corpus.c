/*
 * The parsers over the kept inputs of the fuzzer (tests/fuzz), whole, cut short at every byte, and with one byte changed:
 * what `make fuzz` looks for at random, this repeats in a moment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>

#include <cmocka.h>

#include "base/buf.h"
#include "targets.h"

#define SEEDS "tests/fuzz/seeds"
#define CORPUS "tests/fuzz/corpus"

/* Of each letter, how many seeds were taken as a document of its kind. */
static int taken_by[256], untaken;

typedef void visit(const char *name, const struct fuzz_target *target, const char *body, size_t len);

/* Visit each file of a folder, its body in memory of exactly its length; how many there were. */
static int each_file(const char *folder, visit *act)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int files = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char path[600];
		const struct fuzz_target *target;
		struct buf in = BUF_INIT;
		char *body;
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		file = fopen(path, "rb");
		assert_non_null(file);
		for (int c; (c = getc(file)) != EOF; )
			buf_addc(&in, (char)c);
		fclose(file);
		target = in.len ? fuzz_target_of(in.data[0]) : NULL;
		if (!target)
			fail_msg("%s begins with the letter of no target", path);
		body = xmalloc(in.len);
		memcpy(body, in.data + 1, in.len - 1);
		act(entry->d_name, target, body, in.len - 1);
		free(body);
		buf_release(&in);
		files++;
	}
	closedir(dir);
	return files;
}

static void take_seed(const char *name, const struct fuzz_target *target, const char *body, size_t len)
{
	if (!target->run(body, len))
		print_error("%s is no document that %s takes\n", name, target->name), untaken++;
	taken_by[(unsigned char)target->letter]++;
}

static void take_any(const char *name, const struct fuzz_target *target, const char *body, size_t len)
{
	(void)name;
	target->run(body, len);
}

/* Each change in memory of its own length, so that a sanitizer sees a read behind the end. */
static void run_copy(const struct fuzz_target *target, const char *body, size_t len, size_t at, int byte)
{
	char *copy = xmalloc(len + !len);

	memcpy(copy, body, len);
	if (byte >= 0)
		copy[at] = (char)byte;
	target->run(copy, len);
	free(copy);
}

static void spoil(const char *name, const struct fuzz_target *target, const char *body, size_t len)
{
	static const unsigned char bytes[] = { 0, '"', '9', '-', '\n', 0xff };

	(void)name;
	for (size_t at = 0; at < len; at++) {
		run_copy(target, body, at, 0, -1);
		for (size_t i = 0; i < sizeof bytes; i++)
			run_copy(target, body, len, at, bytes[i]);
	}
}

static void every_target_has_seeds_and_takes_them(void **state)
{
	(void)state;
	assert_true(each_file(SEEDS, take_seed) > 0);
	assert_int_equal(untaken, 0);
	for (const struct fuzz_target *target = fuzz_targets; target->letter; target++) {
		if (!taken_by[(unsigned char)target->letter])
			fail_msg("no seed for %s", target->name);
		assert_ptr_equal(fuzz_target_of(target->letter), target);	/* its letter is its own */
	}
}

static void what_the_fuzzer_kept_upsets_no_parser(void **state)
{
	(void)state;
	assert_true(each_file(CORPUS, take_any) > 100);
}

static void a_seed_cut_short_or_changed_in_a_byte_upsets_no_parser(void **state)
{
	(void)state;
	assert_true(each_file(SEEDS, spoil) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_target_has_seeds_and_takes_them),
		cmocka_unit_test(what_the_fuzzer_kept_upsets_no_parser),
		cmocka_unit_test(a_seed_cut_short_or_changed_in_a_byte_upsets_no_parser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

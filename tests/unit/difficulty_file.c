/* A file of difficulties, line by line: what each column may say, and what the columns say together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "bitcoin/difficulty_file.h"

static bool read_text(const char *text, struct difficulty_history *history, struct reason *why)
{
	FILE *in = tmpfile();
	bool ok;

	assert_non_null(in);
	assert_int_equal(fwrite(text, 1, strlen(text), in), strlen(text));
	rewind(in);
	*history = (struct difficulty_history)DIFFICULTY_HISTORY_INIT;
	why->text[0] = '\0';
	ok = difficulty_read_file(in, "f", history, why);
	fclose(in);
	return ok;
}

/* Without a word about it the time itself says how well it is known. */
static void a_time_is_as_exact_as_it_is_written(void **state)
{
	static const struct { const char *from, *height; enum time_quality quality; } row[] = {
		{ "2025-03-10", "\\N", TIME_DAY }, { "2025-03-10", "887040", TIME_DAY },
		{ "2025-03-10T00:00:00Z", "\\N", TIME_DAY }, { "2025-03-10T00:00:01Z", "\\N", TIME_ESTIMATED },
		{ "2025-03-10T00:00:00Z", "887040", TIME_EXACT }, { "2025-03-10T15:55:00Z", "887040", TIME_EXACT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_history history;
		struct buf text = BUF_INIT;
		struct reason why;

		buf_addf(&text, "effective_from\tdifficulty\tblock_height\n%s\t112149504190349\t%s\n", row[i].from, row[i].height);
		if (!read_text(text.data, &history, &why))
			fail_msg("%s", why.text);
		if (history.n != 1 || history.rows[0].quality != row[i].quality)
			fail_msg("row %zu: quality %d", i, history.rows[0].quality);
		difficulty_history_release(&history);
		buf_release(&text);
	}
}

static void numbers_are_digits_within_their_bounds(void **state)
{
	static const struct { const char *column, *value; bool ok; } row[] = {
		{ "block_height", "967680", true }, { "block_height", "0000967680", true },
		{ "block_height", "2147481632", false }, { "block_height", "00000967680", false },
		{ "block_height", "-2016", false }, { "block_height", "+2016", false }, { "block_height", "2016.0", false },
		{ "block_height", "x", false }, { "time_sigma_s", "8640000", true }, { "time_sigma_s", "8640001", false },
		{ "nbits", "17028281", true }, { "nbits", "zz", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_history history;
		struct buf text = BUF_INIT, words = BUF_INIT;
		struct reason why;
		bool ok;

		buf_addf(&text, "effective_from\tdifficulty\t%s\n2025-03-10\t112149504190349\t%s\n", row[i].column, row[i].value);
		if (row[i].column[0] == 'n')
			buf_addf(&words, "f, line 2: %s is not eight hex digits", row[i].value);
		else
			buf_addf(&words, "f, line 2: %s \"%s\" is not a ", row[i].column, row[i].value);
		ok = read_text(text.data, &history, &why);
		if (ok != row[i].ok || (!ok && !strstr(why.text, words.data)))
			fail_msg("%s %s: %s", row[i].column, row[i].value, why.text);
		difficulty_history_release(&history);
		buf_release(&text);
		buf_release(&words);
	}
}

/* The highest number that is a height, and heights of test networks, which began years after Bitcoin. */
static void a_height_is_of_the_main_network_or_refused(void **state)
{
	static const struct { const char *from, *height; bool ok; } row[] = {
		{ "2009-01-04", "0", true }, { "2025-03-10", "887040", true }, { "2025-03-10", "2147481631", false },
		{ "2025-03-10", "0", false }, { "2025-11-02T01:41:00Z", "98784", false }, { "2020-09-15", "2016", false },
		{ "2025-03-10", "4227552", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_history history;
		struct buf text = BUF_INIT, words = BUF_INIT;
		struct reason why = { .text = "" };

		buf_addf(&text, "effective_from\tdifficulty\tblock_height\n%s\t1\t%s\n", row[i].from, row[i].height);
		buf_addf(&words, "f, line 2: no block %s of Bitcoin's main network is of %.10s", row[i].height, row[i].from);
		if (read_text(text.data, &history, &why) != row[i].ok || (!row[i].ok && !strstr(why.text, words.data)))
			fail_msg("%s %s: %s", row[i].from, row[i].height, why.text);
		difficulty_history_release(&history);
		buf_release(&text);
		buf_release(&words);
	}
}

/* Heights that skip an epoch leave open what held in between, unless each line says how far it is known. */
static void lines_follow_each_other(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "effective_from\tdifficulty\n2025-03-10\t112149504190349\n2025-03-10\t110568428300952\n",
		  "f, line 3: effective_from is not after that of the line before" },
		{ "effective_from\tdifficulty\tblock_height\n2025-03-09T15:55:00Z\t112149504190349\t887040\n"
		  "2025-04-05T23:33:00Z\t121507793131898\t891072\n",
		  "f, line 3: block_height 891072 does not follow 887040, and there is no in_force_until" },
		{ "effective_from\tdifficulty\tblock_height\tin_force_until\n2025-03-09T15:55:00Z\t112149504190349\t887040\t2025-03-23T11:15:16Z\n"
		  "2025-04-05T23:33:00Z\t121507793131898\t891072\t2025-04-06T23:33:00Z\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct difficulty_history history;
		struct reason why;

		assert_int_equal(read_text(row[i].text, &history, &why), !row[i].want);
		assert_string_equal(why.text, row[i].want ? row[i].want : "");
		difficulty_history_release(&history);
	}
}

/* As many lines as the memory of a history holds before it grows. */
static void every_line_of_a_long_file_is_read(void **state)
{
	struct difficulty_history history;
	struct buf text = BUF_INIT;
	struct reason why;

	(void)state;
	buf_adds(&text, "effective_from\tdifficulty\tin_force_until\n");
	for (int i = 0; i < 512; i++)
		buf_addf(&text, "20%02d-%02d-%02dT12:00:00Z\t%s\t20%02d-%02d-%02dT12:00:01Z\n", 10 + i / 336, 1 + i / 28 % 12, 1 + i % 28,
			 i % 2 ? "112149504190349" : "110568428300952", 10 + i / 336, 1 + i / 28 % 12, 1 + i % 28);
	if (!read_text(text.data, &history, &why))
		fail_msg("%s", why.text);
	assert_int_equal(history.n, 512);
	assert_int_equal(history.size, 512);
	difficulty_history_release(&history);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_as_exact_as_it_is_written),
		cmocka_unit_test(numbers_are_digits_within_their_bounds),
		cmocka_unit_test(a_height_is_of_the_main_network_or_refused),
		cmocka_unit_test(lines_follow_each_other),
		cmocka_unit_test(every_line_of_a_long_file_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "format/table.h"

static FILE *file_of(const char *text, size_t len)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	rewind(file);
	return file;
}

static void fields_are(const struct table *s, long line, int n, const char *const *want)
{
	assert_int_equal(s->line, line);
	assert_int_equal(s->n_fields, n);
	for (int i = 0; i < n; i++)
		if (want[i])
			assert_string_equal(s->field[i], want[i]);
		else
			assert_null(s->field[i]);
}

#define FIELDS(...) (int)(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)), (const char *const[]){ __VA_ARGS__ }

static void the_first_line_says_which_of_the_two_it_is(void **state)
{
	static const char tsv[] = "\xef\xbb\xbf" "a\tb,c\r\n\\N\tx\\ty\n\n1\t\n", csv[] = "\xef\xbb\xbf" "a,b\r\n\"x\ty\",\\N\n\n1,\n";
	struct table s;
	FILE *file = file_of(tsv, sizeof tsv - 1);

	(void)state;
	assert_true(table_open(&s, file, NULL));
	fields_are(&s, 1, FIELDS("a", "b,c"));
	assert_int_equal(table_next(&s, NULL), 1);
	fields_are(&s, 2, FIELDS(NULL, "x\ty"));
	assert_int_equal(table_next(&s, NULL), 1);
	assert_true(table_is_blank(&s));
	assert_int_equal(table_next(&s, NULL), 1);
	fields_are(&s, 4, FIELDS("1", ""));
	assert_int_equal(table_next(&s, NULL), 0);
	table_close(&s);
	fclose(file);

	file = file_of(csv, sizeof csv - 1);
	assert_true(table_open(&s, file, NULL));
	fields_are(&s, 1, FIELDS("a", "b"));
	assert_int_equal(table_next(&s, NULL), 1);
	fields_are(&s, 2, FIELDS("x\ty", "\\N"));
	assert_int_equal(table_next(&s, NULL), 1);
	assert_true(table_is_blank(&s));
	assert_int_equal(table_next(&s, NULL), 1);
	fields_are(&s, 4, FIELDS("1", ""));
	assert_int_equal(table_next(&s, NULL), 0);
	table_close(&s);
	fclose(file);
}

#define TEXT(text) text, sizeof text - 1

static void what_is_no_table_is_refused_with_its_line(void **state)
{
	static const struct { const char *text; size_t len; const char *words; } row[] = {
		{ TEXT(""), "it is empty: a header line with the column names is needed" },
		{ TEXT("a,b"), "line 1: the input ends in the middle of a line" },
		{ TEXT("a\tb\n1"), "line 2: the input ends in the middle of a line" },
		{ TEXT("a,b\n1"), "line 2: the input ends in the middle of a line" },
		{ TEXT("a,b\n1,\"2\n"), "line 2: a quoted field does not end" },
		{ TEXT("a\tb\n1\t\0002\n"), "line 2: a NUL byte" },
		{ TEXT("\xff\xfe" "a\0,\0b\0\n\0"), "it is UTF-16: save it as UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		FILE *file = file_of(row[i].text, row[i].len);
		struct reason why = { "" };
		struct table s;

		if (table_open(&s, file, &why))
			assert_int_equal(table_next(&s, &why), -1);
		if (strncmp(why.text, row[i].words, strlen(row[i].words)) != 0)
			fail_msg("'%s' is not '%s'", why.text, row[i].words);
		table_close(&s);
		fclose(file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_line_says_which_of_the_two_it_is),
		cmocka_unit_test(what_is_no_table_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

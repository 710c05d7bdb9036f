#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "format/table.h"
#include "format/table_rows.h"

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
	static const char tsv[] = "\xef\xbb\xbf" "a\tb,c\r\n\\N\tx\\ty\n\n1\t\n\t1\n", csv[] = "\xef\xbb\xbf" "a,b\r\n\"x\ty\",\\N\n\n1,\n,1\n";
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
	assert_int_equal(table_next(&s, NULL), 1);
	fields_are(&s, 5, FIELDS("", "1"));
	assert_false(table_is_blank(&s));
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
	assert_int_equal(table_next(&s, NULL), 1);
	fields_are(&s, 5, FIELDS("", "1"));
	assert_false(table_is_blank(&s));
	assert_int_equal(table_next(&s, NULL), 0);
	table_close(&s);
	fclose(file);
}

#define TEXT(text) text, sizeof text - 1

/* Found by the fuzzer: of a record that cannot be read no field may be touched. */
static void a_header_whose_quote_does_not_end_is_refused(void **state)
{
	static const char *const text[] = { "a,\"b", "a,\"b\"c\n", "\"a" };

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		struct table s;
		struct reason why = { .text = "" };
		FILE *file = file_of(text[i], strlen(text[i]));

		memset(&s, 0, sizeof s);
		assert_false(table_open(&s, file, &why));
		assert_non_null(strstr(why.text, "line 1"));
		assert_int_equal(s.n_fields, 0);
		table_close(&s);
		fclose(file);
	}
}

static void a_row_of_separators_alone_has_nothing(void **state)
{
	static const struct { const char *text; size_t len; bool nothing; } row[] = {
		{ TEXT("a,b\n\n"), true }, { TEXT("a,b\n,\n"), true }, { TEXT("a,b\n , \n"), true }, { TEXT("a\tb\n\t\n"), true },
		{ TEXT("a,b\n,x\n"), false }, { TEXT("a,b\nx,\n"), false }, { TEXT("a\tb\n\t\\N\n"), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		FILE *file = file_of(row[i].text, row[i].len);
		struct table s;

		assert_true(table_open(&s, file, NULL));
		assert_int_equal(table_next(&s, NULL), 1);
		assert_int_equal(table_has_nothing(&s), row[i].nothing);
		table_close(&s);
		fclose(file);
	}
}

/* Exporters write it for a spreadsheet; the lines are counted as they stand in the file. */
static void a_line_that_names_the_separator_is_no_header(void **state)
{
	static const struct { const char *text; size_t len; long line; } row[] = {
		{ TEXT("sep=,\na,b\n1,2\n"), 3 }, { TEXT("\xef\xbb\xbfsep=,\r\na,b\r\n1,2\r\n"), 3 },
		{ TEXT("SEP=\t\na\tb\n1\t2\n"), 3 }, { TEXT("a,b\n1,2\n"), 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		FILE *file = file_of(row[i].text, row[i].len);
		struct table s;

		assert_true(table_open(&s, file, NULL));
		fields_are(&s, row[i].line - 1, FIELDS("a", "b"));
		assert_int_equal(table_next(&s, NULL), 1);
		fields_are(&s, row[i].line, FIELDS("1", "2"));
		table_close(&s);
		fclose(file);
	}
	/* Nor is it a line without anything. */
	{
		FILE *file = file_of("\n", 1);
		struct table s;

		assert_true(table_open(&s, file, NULL));
		fields_are(&s, 1, FIELDS(""));
		table_close(&s);
		fclose(file);
	}
}

static void what_is_no_table_is_refused_with_its_line(void **state)
{
	static const struct { const char *text; size_t len; const char *words; } row[] = {
		{ TEXT(""), "it is empty: a header line with the column names is needed" },
		{ TEXT("sep=,\n"), "it is empty: a header line with the column names is needed" },
		{ TEXT("\xEF\xBB\xBF"), "it is empty: a header line with the column names is needed" },
		{ TEXT("sep=,\na,b"), "line 2: the input ends in the middle of a line" },
		{ TEXT("a,b"), "line 1: the input ends in the middle of a line" },
		{ TEXT("a\tb\n1"), "line 2: the input ends in the middle of a line" },
		{ TEXT("a,b\n1"), "line 2: the input ends in the middle of a line" },
		{ TEXT("a,b\n1,\"2\n"), "line 2: a quoted field does not end" },
		{ TEXT("a\tb\n1\t\0002\n"), "line 2: a NUL byte" },
		{ TEXT("\xff\xfe" "a\0,\0b\0\n\0"), "it is UTF-16: save it as UTF-8" },
		{ TEXT("\xfe\xff"), "it is UTF-16: save it as UTF-8" },
		{ TEXT("a,b\r1,2\r"), "its lines end in a carriage return alone: save it with line feeds" },
		{ TEXT("a\tb\rc"), "its lines end in a carriage return alone: save it with line feeds" },
		{ TEXT("a,b\r"), "line 1: the input ends in the middle of a line" },
		{ TEXT("\x1f\x8b\x08\0\n"), "it is compressed with gzip: unpack it first" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		FILE *file = file_of(row[i].text, row[i].len);
		struct reason why = { .text = "" };
		struct table s;

		if (table_open(&s, file, &why))
			assert_int_equal(table_next(&s, &why), -1);
		if (strncmp(why.text, row[i].words, strlen(row[i].words)) != 0)
			fail_msg("'%s' is not '%s'", why.text, row[i].words);
		table_close(&s);
		fclose(file);
	}
}

/* Editors leave a last line without its end: whole, unless it is shorter than those before it. */
static void a_last_line_without_an_end_is_read_and_marked(void **state)
{
	static const char *const text[] = { "a\tb\n1\t20\n1\t30", "a,b\n1,20\n1,30", "a\n1\n2", "a\tb\n1\t\\N\n1\t3" };

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		FILE *file = file_of(text[i], strlen(text[i]));
		struct reason why = { .text = "" };
		struct table s;

		assert_true(table_open(&s, file, &why));
		assert_int_equal(table_next(&s, &why), 1);
		assert_false(s.unended);
		if (table_next(&s, &why) != 1)
			fail_msg("%zu: %s", i, why.text);
		assert_true(s.unended);
		assert_int_equal(table_next(&s, &why), 0);
		table_close(&s);
		fclose(file);
	}
}

/* With its end and the NUL behind it. */
static void a_header_may_fill_the_memory_of_its_line(void **state)
{
	char text[256];
	FILE *file;
	struct table s;

	(void)state;
	memset(text, 'a', 255);
	text[100] = '\t';
	text[254] = '\n';
	file = file_of(text, 255);
	assert_true(table_open(&s, file, NULL));
	assert_int_equal(s.size, 256);
	assert_int_equal(s.n_fields, 2);
	assert_int_equal(strlen(s.field[0]), 100);
	assert_int_equal(strlen(s.field[1]), 153);
	table_close(&s);
	fclose(file);
}

static const char *const wanted[] = { "day", "price", "note", NULL };

static void columns_are_found_by_name_whichever_way_the_table_is_written(void **state)
{
	static const char *const text[] = {
		"price\tother\tday\n5\tx\t2022-01-01\n\t\t\n6\t\ty\n\\N\tx\tz\n",
		"price,other,day\r\n5,x,2022-01-01\r\n\r\n6,,\"y\"\r\n,x,z\r\n,,\r\n, \r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		FILE *file = file_of(text[i], strlen(text[i]));
		struct table_rows rows;
		struct reason why;

		assert_true(table_rows_open(&rows, file, "f", wanted, 2, &why));
		assert_int_equal(table_rows_next(&rows, &why), 1);
		assert_string_equal(rows.value[0], "2022-01-01");
		assert_string_equal(rows.value[1], "5");
		assert_null(rows.value[2]);
		assert_int_equal(table_rows_next(&rows, &why), 1);
		assert_int_equal(rows.table.line, 4);
		assert_string_equal(rows.value[0], "y");
		assert_int_equal(table_rows_next(&rows, &why), 1);
		/* Null is TSV's alone. */
		if (i == 0)
			assert_null(rows.value[1]);
		else
			assert_string_equal(rows.value[1], "");
		assert_int_equal(table_rows_next(&rows, &why), 0);
		table_rows_close(&rows);
		fclose(file);
	}
}

static void rows_that_do_not_fit_their_header_are_named(void **state)
{
	static const struct { const char *text, *words; } row[] = {
		{ "", "f: it is empty" },
		{ "day\tother\n", "f: the header has no column price" },
		{ "day;price\n2022-01-01;5\n", "f: the header has no column day; tabs or commas separate the columns, not semicolons" },
		{ "day,price,day\n", "f: the column day occurs twice in the header" },
		{ "day,price\n1,2,3\n", "f, line 2: 3 fields where the header has 2" },
		{ "day\tprice\n1\t2\n1\n", "f, line 3: 1 field where the header has 2" },
		{ "day,price\n1,\"2\n", "f, line 2: a quoted field does not end" },
		{ "day,price\n1,20\n1,3", "f, line 3: the input ends in the middle of a line" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		FILE *file = file_of(row[i].text, strlen(row[i].text));
		struct reason why = { .text = "" };
		struct table_rows rows;
		int got = table_rows_open(&rows, file, "f", wanted, 2, &why);

		while (got > 0)
			got = table_rows_next(&rows, &why);
		if (strncmp(why.text, row[i].words, strlen(row[i].words)) != 0)
			fail_msg("'%s' is not '%s'", why.text, row[i].words);
		table_rows_close(&rows);
		fclose(file);
	}
}

/* Semicolons are named where they are what is wrong. */
static void the_word_about_semicolons_is_for_a_header_of_them_alone(void **state)
{
	static const struct { const char *text, *words; } row[] = {
		{ "day\n", "f: the header has no column price" },
		{ "day,pri;ce\n", "f: the header has no column price" },
		{ "\\N\tday\n", "f: the header has no column price" },
		{ "day;price\n", "f: the header has no column day; tabs or commas separate the columns, not semicolons" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		FILE *file = file_of(row[i].text, strlen(row[i].text));
		struct reason why;
		struct table_rows rows;

		assert_false(table_rows_open(&rows, file, "f", wanted, 2, &why));
		assert_string_equal(why.text, row[i].words);
		table_rows_close(&rows);
		fclose(file);
	}
}

/* Empty lines are passed over, also the last; in a table of one column they are values. */
static void an_empty_line_is_a_row_of_one_column_alone(void **state)
{
	static const struct { const char *text; int n_needed, rows; } row[] = {
		{ "day\tprice\n\n1\t2\n\n", 2, 1 }, { "day,price\n\n1,2\n\n", 2, 1 }, { "day\n\n1\n", 1, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		FILE *file = file_of(row[i].text, strlen(row[i].text));
		struct reason why = { .text = "" };
		struct table_rows rows;

		assert_true(table_rows_open(&rows, file, "f", wanted, row[i].n_needed, &why));
		for (int n = 0; n < row[i].rows; n++)
			assert_int_equal(table_rows_next(&rows, &why), 1);
		assert_int_equal(table_rows_next(&rows, &why), 0);
		assert_string_equal(why.text, "");
		table_rows_close(&rows);
		fclose(file);
	}
}

/* A line without an end, and one that is no line, are held to a bound. */
static void a_line_beyond_the_bound_is_refused_wherever_it_stands(void **state)
{
	static const struct { const char *before, *words; } row[] = {
		{ "", "line 1: a line of more than 1048576 bytes" }, { "a\tb\n1\t2\n", "line 3: a line of more than 1048576 bytes" },
	};
	struct buf text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct reason why = { .text = "" };
		struct table s;
		FILE *file;

		buf_clear(&text);
		buf_adds(&text, row[i].before);
		for (int n = 0; n <= TSV_MAX_LINE / 16; n++)
			buf_adds(&text, "0123456789abcde\t");
		buf_addc(&text, '\n');
		file = file_of(text.data, text.len);
		if (table_open(&s, file, &why)) {
			assert_int_equal(table_next(&s, &why), 1);
			assert_int_equal(table_next(&s, &why), -1);
		}
		assert_string_equal(why.text, row[i].words);
		table_close(&s);
		fclose(file);
	}
	buf_release(&text);
}

/* A folder can be opened, and gives nothing to read. */
static void what_cannot_be_read_is_an_error_and_no_end(void **state)
{
	FILE *folder = fopen("/", "r");
	struct reason why = { .text = "" };
	struct table s;

	(void)state;
	if (!folder)
		skip();
	assert_false(table_open(&s, folder, &why));
	assert_non_null(strstr(why.text, "cannot read: "));
	table_close(&s);
	fclose(folder);
}

/* A pipe that has nothing yet, and does not wait. */
static void a_read_that_fails_in_mid_file_is_said_with_its_line(void **state)
{
	static const char text[] = "a\tb\n1\t2\n";
	struct reason why = { .text = "" };
	struct table s;
	FILE *in;
	int end[2];

	(void)state;
	assert_int_equal(pipe(end), 0);
	assert_int_equal(fcntl(end[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(write(end[1], text, sizeof text - 1), sizeof text - 1);
	in = fdopen(end[0], "r");
	assert_non_null(in);
	assert_true(table_open(&s, in, &why));
	assert_int_equal(table_next(&s, &why), 1);
	assert_int_equal(table_next(&s, &why), -1);
	assert_memory_equal(why.text, "line 3: cannot read: ", 21);
	table_close(&s);
	fclose(in);
	close(end[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_line_says_which_of_the_two_it_is),
		cmocka_unit_test(a_line_beyond_the_bound_is_refused_wherever_it_stands),
		cmocka_unit_test(what_cannot_be_read_is_an_error_and_no_end),
		cmocka_unit_test(a_read_that_fails_in_mid_file_is_said_with_its_line),
		cmocka_unit_test(a_last_line_without_an_end_is_read_and_marked),
		cmocka_unit_test(a_header_may_fill_the_memory_of_its_line),
		cmocka_unit_test(the_word_about_semicolons_is_for_a_header_of_them_alone),
		cmocka_unit_test(an_empty_line_is_a_row_of_one_column_alone),
		cmocka_unit_test(a_header_whose_quote_does_not_end_is_refused),
		cmocka_unit_test(a_row_of_separators_alone_has_nothing),
		cmocka_unit_test(a_line_that_names_the_separator_is_no_header),
		cmocka_unit_test(what_is_no_table_is_refused_with_its_line),
		cmocka_unit_test(columns_are_found_by_name_whichever_way_the_table_is_written),
		cmocka_unit_test(rows_that_do_not_fit_their_header_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

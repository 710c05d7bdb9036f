#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/tsv.h"

static const char *const columns[] = { "id", "text", "volume", "flag", NULL };

/* What the writer makes of one row of a text, a number, a flag and a null. */
static char *written(enum tsv_format format, bool no_header, const char *text)
{
	struct tsv_writer w = { .format = format, .no_header = no_header };
	char *bytes = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);

	tsv_begin(&w, out, columns);
	tsv_int(&w, -7);
	tsv_text(&w, text);
	tsv_plain(&w, "-10.166666666666666075");
	tsv_bool(&w, true);
	tsv_end_row(&w);
	tsv_release(&w);
	fclose(out);
	return bytes;
}

/* Open a reader on this text; the caller ends it with close_input(). */
static bool open_input(struct tsv_reader *r, const char *bytes, size_t len, const char *const *wanted, int n_needed,
		       struct reason *why)
{
	FILE *in = tmpfile();

	assert_non_null(in);
	assert_int_equal(fwrite(bytes, 1, len, in), len);
	rewind(in);
	return tsv_open(r, in, "rows.tsv", wanted, n_needed, why);
}

static void close_input(struct tsv_reader *r)
{
	fclose(r->in);
	tsv_close(r);
}

static void a_row_is_copy_text_csv_or_ndjson(void **state)
{
	static const struct { enum tsv_format format; const char *text, *want; } row[] = {
		{ TSV, "a\tb\\c\nd", "id\ttext\tvolume\tflag\n-7\ta\\tb\\\\c\\nd\t-10.166666666666666075\tt\n" },
		{ TSV, NULL, "id\ttext\tvolume\tflag\n-7\t\\N\t-10.166666666666666075\tt\n" },
		{ TSV, "", "id\ttext\tvolume\tflag\n-7\t\t-10.166666666666666075\tt\n" },
		{ CSV, "a,\"b\"", "id,text,volume,flag\n-7,\"a,\"\"b\"\"\",-10.166666666666666075,t\n" },
		{ CSV, NULL, "id,text,volume,flag\n-7,,-10.166666666666666075,t\n" },
		{ CSV, "", "id,text,volume,flag\n-7,\"\",-10.166666666666666075,t\n" },
		{ NDJSON, "a\t\"b\"\\", "{\"id\":-7,\"text\":\"a\\u0009\\\"b\\\"\\\\\",\"volume\":-10.166666666666666075,\"flag\":true}\n" },
		{ NDJSON, "\xc3\xa9\xe9t\xed\xa0\x80\xc3", "{\"id\":-7,\"text\":\"\xc3\xa9\xef\xbf\xbdt\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"volume\":-10.166666666666666075,\"flag\":true}\n" },
		{ NDJSON, NULL, "{\"id\":-7,\"text\":null,\"volume\":-10.166666666666666075,\"flag\":true}\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char *got = written(row[i].format, false, row[i].text);

		assert_string_equal(got, row[i].want);
		free(got);
	}
}

static void the_header_can_be_left_out(void **state)
{
	char *got = written(TSV, true, "x");

	(void)state;
	assert_string_equal(got, "-7\tx\t-10.166666666666666075\tt\n");
	free(got);
}

static void a_date_is_a_string_in_json_and_a_number_is_not(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "2025-03-30", "{\"id\":\"2025-03-30\"}\n" }, { "-0.5", "{\"id\":-0.5}\n" }, { "0", "{\"id\":0}\n" },
		{ "007", "{\"id\":\"007\"}\n" }, { "1.", "{\"id\":\"1.\"}\n" }, { ".5", "{\"id\":\".5\"}\n" },
		{ "1e5", "{\"id\":\"1e5\"}\n" }, { "NaN", "{\"id\":\"NaN\"}\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct tsv_writer w = { .format = NDJSON };
		char *bytes = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&bytes, &size);

		tsv_begin(&w, out, columns);
		tsv_plain(&w, row[i].text);
		tsv_end_row(&w);
		tsv_release(&w);
		fclose(out);
		assert_string_equal(bytes, row[i].want);
		free(bytes);
	}
}

static void an_empty_text_may_be_null_and_a_decimal_keeps_or_drops_its_zeros(void **state)
{
	struct tsv_writer w = { .no_header = true };
	struct decimal d;
	char *bytes = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);

	(void)state;
	decimal_init(&d);
	assert_true(decimal_parse_text(&d, "-12.50", DECIMAL_PLAIN, NULL));
	tsv_begin(&w, out, columns);
	tsv_text_if_any(&w, "a");
	tsv_text_if_any(&w, "");
	tsv_decimal(&w, &d, DECIMAL_KEEP_ZEROS);
	tsv_decimal(&w, &d, DECIMAL_TRIM_ZEROS);
	tsv_end_row(&w);
	tsv_release(&w);
	fclose(out);
	assert_string_equal(bytes, "a\t\\N\t-12.50\t-12.5\n");
	free(bytes);
	decimal_release(&d);
}

static void every_byte_comes_back_as_it_went(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		char text[] = { 'a', (char)byte, 'N', (char)byte, '\0' };
		char *bytes = written(TSV, false, text);
		struct tsv_reader r;
		struct reason why = { .text = "" };

		assert_true(open_input(&r, bytes, strlen(bytes), columns, 4, &why));
		if (tsv_read(&r, &why) != 1)
			fail_msg("byte %d: %s", byte, why.text);
		assert_string_equal(r.value[0], "-7");
		assert_string_equal(r.value[1], text);
		assert_int_equal(tsv_read(&r, &why), 0);
		close_input(&r);
		free(bytes);
	}
}

static void columns_are_found_by_name_and_others_passed_over(void **state)
{
	static const char input[] = "extra\tvolume\tmore\tid\n\\N\t-1.5\tx\t7\ny\t\\N\t\t8\n";
	static const char *const wanted[] = { "id", "volume", "absent", NULL };
	struct tsv_reader r;
	struct reason why = { .text = "" };

	(void)state;
	assert_true(open_input(&r, input, strlen(input), wanted, 2, &why));
	assert_int_equal(tsv_read(&r, &why), 1);
	assert_string_equal(r.value[0], "7");
	assert_string_equal(r.value[1], "-1.5");
	assert_null(r.value[2]);
	assert_int_equal(tsv_read(&r, &why), 1);
	assert_string_equal(r.value[0], "8");
	assert_null(r.value[1]);
	assert_int_equal(r.line_number, 3);
	assert_int_equal(tsv_read(&r, &why), 0);
	close_input(&r);
}

static void an_empty_field_is_not_null_and_an_escaped_n_is_not_either(void **state)
{
	static const char input[] = "id\ttext\n\t\\N\n\\\\N\t\\x\n";
	static const char *const wanted[] = { "id", "text", NULL };
	struct tsv_reader r;
	struct reason why = { .text = "" };

	(void)state;
	assert_true(open_input(&r, input, strlen(input), wanted, 2, &why));
	assert_int_equal(tsv_read(&r, &why), 1);
	assert_string_equal(r.value[0], "");
	assert_null(r.value[1]);
	assert_int_equal(tsv_read(&r, &why), 1);
	assert_string_equal(r.value[0], "\\N");
	assert_string_equal(r.value[1], "x");
	close_input(&r);
}

static void a_header_without_a_needed_column_is_refused(void **state)
{
	static const struct { const char *input, *why; } row[] = {
		{ "", "rows.tsv is empty: a header line with the column names is needed" },
		{ "id\ttext\n", "rows.tsv: the header has no column volume" },
		{ "id,text,volume\n", "rows.tsv: the header has no column id; tabs separate the columns, not commas" },
		{ "id\ttext\tvolume\tid\n", "rows.tsv: the column id occurs twice in the header" },
		{ "id\ttext\tvol", "rows.tsv, line 1: the input ends in the middle of a line" },
		{ "ID\ttext\tvolume\n", "rows.tsv: the header has no column id" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct tsv_reader r;
		struct reason why = { .text = "" };

		assert_false(open_input(&r, row[i].input, strlen(row[i].input), columns, 3, &why));
		assert_string_equal(why.text, row[i].why);
		close_input(&r);
	}
}

/* As a spreadsheet or an editor saves them. */
static void a_mark_blanks_and_a_last_line_without_end_are_read(void **state)
{
	static const char *const input[] = {
		"\xef\xbb\xbfid\ttext\n1\t1.50\n2\t2.25\n", "id\ttext\r\n1\t1.50\r\n2\t2.25\r\n", " id\ttext \n1 \t 1.50\n 2\t2.25  \n",
		"id\ttext\n1\t1.50\n2\t2.25", "\xef\xbb\xbf id \t text\r\n1\t1.50\r\n2\t2.25",
	};
	static const char *const wanted[] = { "id", "text", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof input / sizeof *input; i++) {
		struct tsv_reader r;
		struct reason why = { .text = "" };

		if (!open_input(&r, input[i], strlen(input[i]), wanted, 2, &why))
			fail_msg("%zu: %s", i, why.text);
		assert_int_equal(tsv_read(&r, &why), 1);
		assert_string_equal(r.value[1], "1.50");
		assert_false(r.unended);
		assert_int_equal(tsv_read(&r, &why), 1);
		assert_string_equal(r.value[0], "2");
		assert_string_equal(r.value[1], "2.25");
		assert_int_equal(r.unended, i >= 3);
		assert_int_equal(tsv_read(&r, &why), 0);
		close_input(&r);
	}
}

static void a_row_that_cannot_be_whole_is_refused_by_its_line(void **state)
{
	static const struct { const char *input; size_t len; const char *why; } row[] = {
#define INPUT(text) text, sizeof text - 1
		{ INPUT("id\ttext\n1\ta1\n2\tb"), "rows.tsv, line 3: the input ends in the middle of a line" },
		{ INPUT("id\ttext\n1\t1.525\n2\t12.52"), "rows.tsv, line 3: the input ends in the middle of a line" },
		{ INPUT("id\ttext\n1\ta\n2"), "rows.tsv, line 3: the input ends in the middle of a line" },
		{ INPUT("id\ttext\n1\n"), "rows.tsv, line 2: 1 field where the header has 2" },
		{ INPUT("id\ttext\n1\ta\tb\n"), "rows.tsv, line 2: 3 fields where the header has 2" },
		{ INPUT("id\ttext\n1\ta\n\n2\n"), "rows.tsv, line 4: 1 field where the header has 2" },
		{ INPUT("id\ttext\n1\ta\n\t"), "rows.tsv, line 3: the input ends in the middle of a line" },
		{ INPUT("id\ttext\n1\ta\0b\n"), "rows.tsv, line 2: a NUL byte" },
#undef INPUT
	};
	static const char *const wanted[] = { "id", "text", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct tsv_reader r;
		struct reason why = { .text = "" };
		int got;

		assert_true(open_input(&r, row[i].input, row[i].len, wanted, 2, &why));
		while ((got = tsv_read(&r, &why)) > 0)
			;
		assert_int_equal(got, -1);
		assert_string_equal(why.text, row[i].why);
		close_input(&r);
	}
}

/* Editors leave them below a table, and spreadsheets a tab for each column. */
static void lines_in_which_nothing_stands_are_passed_over(void **state)
{
	static const char input[] = "id\ttext\n\n1\ta\n\t\n \t \r\n2\t\n\n";
	static const char *const wanted[] = { "id", "text", NULL };
	struct tsv_reader r;
	struct reason why = { .text = "" };

	(void)state;
	assert_true(open_input(&r, input, sizeof input - 1, wanted, 2, &why));
	assert_int_equal(tsv_read(&r, &why), 1);
	assert_int_equal(r.line_number, 3);
	assert_string_equal(r.value[0], "1");
	assert_int_equal(tsv_read(&r, &why), 1);
	assert_string_equal(r.value[0], "2");
	assert_string_equal(r.value[1], "");
	assert_int_equal(tsv_read(&r, &why), 0);
	close_input(&r);

	/* Of one column an empty line is a row: an empty text. */
	assert_true(open_input(&r, "id\n\n", 4, wanted, 1, &why));
	assert_int_equal(tsv_read(&r, &why), 1);
	assert_string_equal(r.value[0], "");
	close_input(&r);
}

static void lines_may_end_as_on_windows(void **state)
{
	static const char input[] = "id\ttext\r\n1\ta\r\n";
	static const char *const wanted[] = { "id", "text", NULL };
	struct tsv_reader r;
	struct reason why = { .text = "" };

	(void)state;
	assert_true(open_input(&r, input, strlen(input), wanted, 2, &why));
	assert_int_equal(tsv_read(&r, &why), 1);
	assert_string_equal(r.value[1], "a");
	close_input(&r);
}

static void a_line_may_be_as_long_as_a_record_of_csv_and_no_longer(void **state)
{
	static const char *const wanted[] = { "text", NULL };
	size_t len = TSV_MAX_LINE - 1;
	char *input = malloc(len + 8);
	struct tsv_reader r;
	struct reason why = { .text = "" };

	(void)state;
	assert_non_null(input);
	memcpy(input, "text\n", 5);
	memset(input + 5, 'x', len);
	memcpy(input + 5 + len, "\n", 2);
	assert_true(open_input(&r, input, len + 6, wanted, 1, &why));
	assert_int_equal(tsv_read(&r, &why), 1);
	assert_int_equal(strlen(r.value[0]), len);
	close_input(&r);
	memcpy(input + 5 + len, "x\n", 3);
	assert_true(open_input(&r, input, len + 7, wanted, 1, &why));
	assert_int_equal(tsv_read(&r, &why), -1);
	assert_string_equal(why.text, "rows.tsv, line 2: a line of more than 1048576 bytes");
	close_input(&r);
	free(input);
}

/* A blank at either end of a field is data: it is marked, or a reader would take it for a person's. */
static void a_blank_at_either_end_comes_back(void **state)
{
	static const char *const text[] = { " a", "a ", " ", "  ", " a\\ ", "a\t ", "\\ " };

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		char *bytes = written(TSV, false, text[i]);
		struct tsv_reader r;
		struct reason why = { .text = "" };

		assert_true(open_input(&r, bytes, strlen(bytes), columns, 4, &why));
		assert_int_equal(tsv_read(&r, &why), 1);
		assert_string_equal(r.value[1], text[i]);
		close_input(&r);
		free(bytes);
	}
}

static void a_format_has_one_of_four_names(void **state)
{
	static const struct { const char *name; enum tsv_format format; } row[] = { { "tsv", TSV }, { "csv", CSV }, { "ndjson", NDJSON }, { "table", TABLE } };
	static const char *const bad[] = { "", "TSV", "json", "tables" };
	enum tsv_format format;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_true(tsv_format_parse(row[i].name, &format));
		assert_int_equal(format, row[i].format);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(tsv_format_parse(bad[i], &format));
}

static void a_plain_word_and_whole_numbers_stand_as_they_are(void **state)
{
	static const int64_t number[] = { 0, 1, -1, INT64_MAX, INT64_MIN };
	static const char *const digits[] = { "0", "1", "-1", "9223372036854775807", "-9223372036854775808" };
	char *got = written(CSV, true, "a b");

	(void)state;
	assert_string_equal(got, "-7,a b,-10.166666666666666075,t\n");
	free(got);
	got = written(NDJSON, true, "a b\x1f");
	assert_non_null(strstr(got, "\"a b\\u001f\""));
	free(got);
	/* Without a stream the rows stay in the line, without a header. */
	for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
		struct tsv_writer w = { .format = TSV };
		char want[64];

		tsv_begin(&w, NULL, columns);
		for (int row = 0; row < 2; row++) {
			tsv_int(&w, number[i]);
			tsv_plain(&w, NULL);
			tsv_end_row(&w);
		}
		snprintf(want, sizeof want, "%s\t\\N\n%s\t\\N\n", digits[i], digits[i]);
		assert_string_equal(w.line.data, want);
		tsv_release(&w);
	}
}

static void rows_of_a_table_reach_it(void **state)
{
	char *got = written(TABLE, false, "word");

	(void)state;
	assert_non_null(strstr(got, "volume"));
	assert_non_null(strstr(got, "word"));
	free(got);
}

/* On a terminal stdout is a table, of any width, unless a format was asked for; every other stream is what it was. */
static void people_get_a_table_on_stdout_alone(void **state)
{
	static const struct { int width; bool is_stdout, chosen, is_table; } row[] = {
		{ 0, true, false, true }, { 40, true, false, true }, { 40, true, true, false }, { 40, false, false, false },
		{ 0, false, false, false }, { -1, true, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct tsv_writer w = { .format = TSV, .chosen = row[i].chosen };
		char *bytes = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&bytes, &size), *was = stdout;

		tsv_for_people(row[i].width);
		if (row[i].is_stdout)
			stdout = out;
		tsv_begin(&w, out, columns);
		for (int c = 0; c < 4; c++)
			tsv_int(&w, c);
		tsv_end_row(&w);
		tsv_release(&w);
		stdout = was;
		fclose(out);
		tsv_for_people(-1);
		assert_int_equal(strchr(bytes, '\t') == NULL, row[i].is_table);
		free(bytes);
	}
}

/* Around the sizes at which the memory for a line grows; the last line of an input may have no end. */
static void lines_of_every_length_come_whole(void **state)
{
	static const char *const wanted[] = { "t", NULL };

	(void)state;
	for (size_t len = 0; len < 1600; len += len == 2 ? 248 : len == 260 ? 504 : len == 770 ? 768 : 1)
		for (int ended = 0; ended < 2; ended++) {
			struct buf input = BUF_INIT;
			struct tsv_reader r;
			struct reason why = { .text = "" };

			buf_adds(&input, "t\n");
			for (size_t i = 0; i < len; i++)
				buf_addc(&input, 'x');
			buf_adds(&input, ended ? "\nx\n" : "");
			assert_true(open_input(&r, input.data, input.len, wanted, 1, &why));
			assert_int_equal(tsv_read(&r, &why), len || ended);
			if (len || ended)
				assert_int_equal(strlen(r.value[0]), len);
			assert_int_equal(tsv_read(&r, &why), ended);
			close_input(&r);
			buf_release(&input);
		}
}

static void an_empty_line_is_a_row_of_one_column(void **state)
{
	static const char input[] = "t\n\n\r\na\n\\\\x\n";
	static const char *const wanted[] = { "t", NULL }, *const want[] = { "", "", "a", "\\x" };
	struct tsv_reader r;
	struct reason why = { .text = "" };

	(void)state;
	assert_true(open_input(&r, input, strlen(input), wanted, 1, &why));
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		assert_int_equal(tsv_read(&r, &why), 1);
		assert_string_equal(r.value[0], want[i]);
	}
	assert_int_equal(tsv_read(&r, &why), 0);
	close_input(&r);
}

static void what_is_no_text_of_rows_is_refused_at_its_header(void **state)
{
	static const struct { const char *input; size_t len; const char *why; } row[] = {
		{ "\xff\xfei\0d\0\n\0", 8, "rows.tsv is UTF-16: save it as UTF-8" }, { "\xfe\xff\0i\0d\0\n", 8, "rows.tsv is UTF-16: save it as UTF-8" },
		{ "\xff\xfe", 2, "rows.tsv is UTF-16: save it as UTF-8" }, { "id\0\n", 4, "rows.tsv, line 1: a NUL byte" },
		{ "id\n", 3, "rows.tsv: the header has no column text" }, { "id\ta,b\n", 7, "rows.tsv: the header has no column text" },
	};
	struct tsv_reader r;
	struct reason why = { .text = "" };
	FILE *folder = fopen("/", "r");

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_false(open_input(&r, row[i].input, row[i].len, columns, 2, &why));
		assert_string_equal(why.text, row[i].why);
		close_input(&r);
	}
	if (folder) {
		assert_false(tsv_open(&r, folder, "folder", columns, 2, &why));
		assert_non_null(strstr(why.text, "folder: cannot read: "));
		close_input(&r);
	}
	/* In a later line these bytes are bytes. */
	assert_true(open_input(&r, "id\ttext\n\xff\xfe\t1\n", 13, columns, 2, &why));
	assert_int_equal(tsv_read(&r, &why), 1);
	assert_string_equal(r.value[0], "\xff\xfe");
	close_input(&r);
}

static void a_last_field_is_whole_that_has_the_decimals_of_the_others(void **state)
{
	struct last_field last = { 0 };

	(void)state;
	assert_true(last_field_is_whole(&last, ""));
	last_field_note(&last, "1.2");
	assert_true(last_field_is_whole(&last, "1.2"));
	assert_true(last_field_is_whole(&last, "1.25"));
	assert_false(last_field_is_whole(&last, "100"));
	assert_false(last_field_is_whole(&last, "10."));
	assert_false(last_field_is_whole(&last, ".2"));
	assert_int_equal(text_mark("\xef\xbb\xbf", 3), 3);
	assert_int_equal(text_mark("\xef\xbb\xbf", 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_copy_text_csv_or_ndjson),
		cmocka_unit_test(a_format_has_one_of_four_names),
		cmocka_unit_test(a_plain_word_and_whole_numbers_stand_as_they_are),
		cmocka_unit_test(rows_of_a_table_reach_it),
		cmocka_unit_test(people_get_a_table_on_stdout_alone),
		cmocka_unit_test(lines_of_every_length_come_whole),
		cmocka_unit_test(an_empty_line_is_a_row_of_one_column),
		cmocka_unit_test(what_is_no_text_of_rows_is_refused_at_its_header),
		cmocka_unit_test(a_last_field_is_whole_that_has_the_decimals_of_the_others),
		cmocka_unit_test(the_header_can_be_left_out),
		cmocka_unit_test(a_date_is_a_string_in_json_and_a_number_is_not),
		cmocka_unit_test(an_empty_text_may_be_null_and_a_decimal_keeps_or_drops_its_zeros),
		cmocka_unit_test(every_byte_comes_back_as_it_went),
		cmocka_unit_test(a_blank_at_either_end_comes_back),
		cmocka_unit_test(columns_are_found_by_name_and_others_passed_over),
		cmocka_unit_test(an_empty_field_is_not_null_and_an_escaped_n_is_not_either),
		cmocka_unit_test(a_header_without_a_needed_column_is_refused),
		cmocka_unit_test(a_mark_blanks_and_a_last_line_without_end_are_read),
		cmocka_unit_test(a_row_that_cannot_be_whole_is_refused_by_its_line),
		cmocka_unit_test(lines_in_which_nothing_stands_are_passed_over),
		cmocka_unit_test(lines_may_end_as_on_windows),
		cmocka_unit_test(a_line_may_be_as_long_as_a_record_of_csv_and_no_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

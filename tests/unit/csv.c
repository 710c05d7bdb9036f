#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/csv.h"

static void open_text(struct csv_reader *r, const char *text)
{
	csv_open(r, text, strlen(text));
}

static void next_is(struct csv_reader *r, long line, int n, const char *const *fields)
{
	struct reason why = { .text = "" };
	int got = csv_next(r, &why);

	if (got != 1)
		fail_msg("no record but %d: %s", got, why.text);
	assert_int_equal(r->line, line);
	assert_int_equal(r->n_fields, n);
	for (int i = 0; i < n; i++)
		assert_string_equal(r->field[i], fields[i]);
}

#define FIELDS(...) (int)(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)), (const char *const[]){ __VA_ARGS__ }

static void quotes_hold_commas_line_ends_and_quotes(void **state)
{
	struct csv_reader r;

	(void)state;
	open_text(&r, "a,\"b,c\",\"d\"\"e\"\r\n\"x\ny\",,\"\"\nlast");
	next_is(&r, 1, FIELDS("a", "b,c", "d\"e"));
	next_is(&r, 2, FIELDS("x\ny", "", ""));
	next_is(&r, 4, FIELDS("last"));
	assert_int_equal(csv_next(&r, NULL), 0);
	assert_int_equal(csv_next(&r, NULL), 0);
	csv_close(&r);
}

static void a_byte_order_mark_is_no_part_of_the_first_name(void **state)
{
	struct csv_reader r;

	(void)state;
	open_text(&r, "\xef\xbb\xbfID,Type\r\n1,2\r\n");
	next_is(&r, 1, FIELDS("ID", "Type"));
	next_is(&r, 2, FIELDS("1", "2"));
	assert_int_equal(csv_next(&r, NULL), 0);
	csv_close(&r);
	/* Nor of the first name of a second file that was put behind it, in quotes or not. */
	open_text(&r, "1,2\r\n\xef\xbb\xbfID,Type\n\xef\xbb\xbf\"ID\",\xef\xbb\xbf\n");
	next_is(&r, 1, FIELDS("1", "2"));
	next_is(&r, 2, FIELDS("ID", "Type"));
	next_is(&r, 3, FIELDS("ID", "\xef\xbb\xbf"));
	assert_int_equal(csv_next(&r, NULL), 0);
	csv_close(&r);
}

static void blanks_at_the_ends_of_a_field_are_cut_off(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "", "" }, { "a", "a" }, { " a ", "a" }, { "\t a b\t", "a b" }, { "\xc2\xa0 a\xc2\xa0\xc2\xa0", "a" }, { " \t\xc2\xa0", "" },
		{ "\xc2\xa3" "1\xc2", "\xc2\xa3" "1\xc2" }, { "\xa0", "\xa0" }, { "a\xe2\x82\xac", "a\xe2\x82\xac" },
	};
	struct csv_reader r;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char text[32];

		snprintf(text, sizeof text, "%s", row[i].text);
		assert_string_equal(csv_trim(text), row[i].want);
	}
	open_text(&r, ",, ,\t\n\n\xc2\xa0\n,,a\n\xa0\n");
	for (int i = 0; i < 5; i++) {
		assert_int_equal(csv_next(&r, NULL), 1);
		assert_int_equal(csv_is_blank(&r), i < 3);
	}
	csv_close(&r);
}

static void an_empty_line_is_a_record_of_one_empty_field(void **state)
{
	struct csv_reader r;

	(void)state;
	open_text(&r, "a\n\n\r\n,\n");
	next_is(&r, 1, FIELDS("a"));
	next_is(&r, 2, FIELDS(""));
	next_is(&r, 3, FIELDS(""));
	next_is(&r, 4, FIELDS("", ""));
	assert_int_equal(csv_next(&r, NULL), 0);
	csv_close(&r);
}

static void what_is_not_csv_is_refused_with_its_line(void **state)
{
	static const struct { const char *text; size_t len; const char *words; } row[] = {
		{ "a\n\"b", 4, "line 2: a quoted field does not end" },
		{ "a\n\"b\"c,d\n", 9, "line 2: text after the quote" },
		{ "a\nb\0c\n", 6, "line 2: a NUL byte" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct csv_reader r;
		struct reason why = { .text = "" };

		csv_open(&r, row[i].text, row[i].len);
		assert_int_equal(csv_next(&r, &why), 1);
		assert_int_equal(csv_next(&r, &why), -1);
		if (!strstr(why.text, row[i].words))
			fail_msg("'%s' does not say '%s'", why.text, row[i].words);
		csv_close(&r);
	}
}

static void a_record_of_too_many_fields_is_refused(void **state)
{
	char commas[CSV_MAX_FIELDS + 2];
	struct csv_reader r;
	struct reason why = { .text = "" };

	(void)state;
	memset(commas, ',', sizeof commas);
	csv_open(&r, commas, CSV_MAX_FIELDS - 1);
	assert_int_equal(csv_next(&r, &why), 1);
	assert_int_equal(r.n_fields, CSV_MAX_FIELDS);
	csv_close(&r);
	csv_open(&r, commas, CSV_MAX_FIELDS);
	assert_int_equal(csv_next(&r, &why), -1);
	assert_string_equal(why.text, "line 1: more than 256 fields");
	csv_close(&r);
}

/* Every kind of record, so many times that each byte of them stands at the seam of two pieces once. */
static void a_file_in_pieces_reads_as_the_text_in_memory(void **state)
{
	static const char some[] = "a,\"b,c\",\"d\"\"e\"\r\n\"x\ny\",,\"\"\n\rz\r,\r\n\n";
	const size_t len = sizeof some - 1, times = 70000;
	struct csv_reader whole, pieces;
	FILE *file = tmpfile();
	struct buf text = BUF_INIT;
	char first[5];
	int got;

	(void)state;
	assert_non_null(file);
	for (size_t i = 0; i < times; i++)
		buf_add(&text, some, len);
	assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
	rewind(file);
	assert_int_equal(fread(first, 1, sizeof first, file), sizeof first);
	csv_open(&whole, text.data, text.len);
	csv_open_file(&pieces, file, first, sizeof first);
	do {
		got = csv_next(&whole, NULL);
		assert_int_equal(csv_next(&pieces, NULL), got);
		assert_int_equal(pieces.n_fields, whole.n_fields);
		assert_int_equal(pieces.line, whole.line);
		for (int i = 0; i < whole.n_fields; i++)
			assert_string_equal(pieces.field[i], whole.field[i]);
	} while (got == 1);
	assert_int_equal(whole.next_line, 1 + 5 * (long)times);
	csv_close(&whole);
	csv_close(&pieces);
	fclose(file);
	buf_release(&text);
}

/* The same with each byte of such a record, and of a mark before it, as the last of the first piece, which has 64 KiB. */
static void a_piece_may_end_anywhere_in_a_record(void **state)
{
	static const char some[] = "\xef\xbb\xbf" "a,\"b,c\",\"d\"\"e\"\r\n\"x\ny\",\"\"\n";
	const size_t len = sizeof some - 1;

	(void)state;
	for (size_t before = 1; before <= len; before++) {
		FILE *file = tmpfile();
		struct csv_reader r;

		assert_non_null(file);
		for (size_t i = 1; i < (1 << 16) - before; i++)
			fputc('x', file);
		fprintf(file, "\n%s", some);
		rewind(file);
		csv_open_file(&r, file, "", 0);
		assert_int_equal(csv_next(&r, NULL), 1);
		next_is(&r, 2, FIELDS("a", "b,c", "d\"e"));
		next_is(&r, 3, FIELDS("x\ny", ""));
		assert_int_equal(csv_next(&r, NULL), 0);
		csv_close(&r);
		fclose(file);
	}
}

/* A text ends where its length says, whatever stands behind. */
static void what_stands_behind_the_text_is_not_read(void **state)
{
	static const char behind_a_return[] = "a\r\n", behind_a_quote[] = "\"a\"\"";
	struct csv_reader r;

	(void)state;
	csv_open(&r, behind_a_return, 2);
	next_is(&r, 1, FIELDS("a\r"));
	assert_int_equal(csv_next(&r, NULL), 0);
	csv_close(&r);
	csv_open(&r, behind_a_quote, 3);
	next_is(&r, 1, FIELDS("a"));
	assert_int_equal(csv_next(&r, NULL), 0);
	csv_close(&r);
}

static void a_record_that_ends_with_the_text_is_cut(void **state)
{
	struct csv_reader r;

	(void)state;
	open_text(&r, "a\n\"b\"");
	assert_int_equal(csv_next(&r, NULL), 1);
	assert_false(r.is_cut);
	assert_int_equal(csv_next(&r, NULL), 1);
	assert_true(r.is_cut);
	csv_close(&r);
}

static void a_quote_that_swallows_a_file_is_refused(void **state)
{
	char *text = malloc(CSV_MAX_RECORD + 10);
	struct csv_reader r;
	struct reason why;

	(void)state;
	memset(text, 'x', CSV_MAX_RECORD + 10);
	memcpy(text, "a\n\"", 3);
	csv_open(&r, text, CSV_MAX_RECORD + 10);
	assert_int_equal(csv_next(&r, &why), 1);
	assert_int_equal(csv_next(&r, &why), -1);
	assert_string_equal(why.text, "line 2: a record of more than 1048576 bytes: is a quote not closed?");
	csv_close(&r);
	free(text);
}

static void a_record_beyond_the_bound_is_refused_in_quotes_and_without(void **state)
{
	char *text = malloc(CSV_MAX_RECORD + 10);

	(void)state;
	for (int over = 0; over < 2; over++) {
		struct csv_reader r;
		struct reason why = { .text = "" };

		memset(text, 'x', CSV_MAX_RECORD + 10);
		csv_open(&r, text, (size_t)CSV_MAX_RECORD + (size_t)over);
		assert_int_equal(csv_next(&r, &why), over ? -1 : 1);
		if (over)
			assert_non_null(strstr(why.text, "line 1: a record of more than 1048576 bytes"));
		csv_close(&r);
	}
	/* The last byte that has room, or the first that has none, is a doubled quote. */
	for (int over = 0; over < 2; over++) {
		struct csv_reader r;
		struct reason why = { .text = "" };

		memset(text, 'x', CSV_MAX_RECORD + 10);
		text[0] = '"';
		memcpy(text + CSV_MAX_RECORD + over, "\"\"\"\n", 4);
		csv_open(&r, text, (size_t)CSV_MAX_RECORD + 4 + (size_t)over);
		assert_int_equal(csv_next(&r, &why), over ? -1 : 1);
		csv_close(&r);
	}
	free(text);
}

/* What was too much is not skipped, so that the rest could pass for a record. */
static void behind_too_long_a_text_in_quotes_nothing_is_read(void **state)
{
	char *text = malloc(CSV_MAX_RECORD + 10);
	struct csv_reader r;
	struct reason why = { .text = "" };

	(void)state;
	memset(text, 'x', CSV_MAX_RECORD + 10);
	memcpy(text, "\"x\n", 3);
	csv_open(&r, text, CSV_MAX_RECORD + 10);
	assert_int_equal(csv_next(&r, &why), -1);
	csv_close(&r);
	memset(text, 'x', CSV_MAX_RECORD + 1);
	text[0] = '"';
	memcpy(text + CSV_MAX_RECORD + 1, "\"\"\n\"\n", 5);
	csv_open(&r, text, CSV_MAX_RECORD + 6);
	assert_int_equal(csv_next(&r, &why), -1);
	csv_close(&r);
	free(text);
}

static void a_file_that_cannot_be_read_is_an_error_and_no_end(void **state)
{
	FILE *folder = fopen("/", "r");
	struct csv_reader r;
	struct reason why = { .text = "" };

	(void)state;
	if (!folder)
		skip();
	csv_open_file(&r, folder, "", 0);
	assert_int_equal(csv_next(&r, &why), -1);
	assert_non_null(strstr(why.text, "line 1: cannot read: "));
	csv_close(&r);
	fclose(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_hold_commas_line_ends_and_quotes),
		cmocka_unit_test(a_record_beyond_the_bound_is_refused_in_quotes_and_without),
		cmocka_unit_test(a_file_that_cannot_be_read_is_an_error_and_no_end),
		cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_first_name),
		cmocka_unit_test(blanks_at_the_ends_of_a_field_are_cut_off),
		cmocka_unit_test(an_empty_line_is_a_record_of_one_empty_field),
		cmocka_unit_test(what_is_not_csv_is_refused_with_its_line),
		cmocka_unit_test(a_record_of_too_many_fields_is_refused),
		cmocka_unit_test(a_file_in_pieces_reads_as_the_text_in_memory),
		cmocka_unit_test(a_piece_may_end_anywhere_in_a_record),
		cmocka_unit_test(what_stands_behind_the_text_is_not_read),
		cmocka_unit_test(behind_too_long_a_text_in_quotes_nothing_is_read),
		cmocka_unit_test(a_record_that_ends_with_the_text_is_cut),
		cmocka_unit_test(a_quote_that_swallows_a_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

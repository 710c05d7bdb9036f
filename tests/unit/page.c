#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "format/page.h"
#include "format/page_rows.h"

static void columns_of_numbers_stand_to_the_right_and_width_is_of_characters(void **state)
{
	static const char *const cells[] = { "name", "£", "left", "a", "1,234.50", "x", "bé", "-7.00", NULL };
	struct page page;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	page_begin(&page, 3);
	for (int i = 0; i < 9; i++)
		page_cell(&page, cells[i]);
	page_print(&page, out, true);
	fclose(out);
	assert_string_equal(text, "name         £  left\n"
				  "a     1,234.50  x\n"
				  "bé       -7.00  \n");
	page_release(&page);
	free(text);
}

/* The rows of a page at this width, as text to free. */
static char *printed(int width, bool in_blocks)
{
	static const char *const cells[] = { "settlement_date", "provisional", "of", "farm_id", "2025-03-04", "12", "+4.5", "T_A-1",
					     "2025-03-05", "7", "-", "T_LONGER-2" };
	struct page page;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	page_begin(&page, 4);
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		page_cell(&page, cells[i]);
		if (in_blocks && (i == 7 || i == 11))
			page_print_block(&page, out, true, width);
	}
	if (!in_blocks)
		page_print_within(&page, out, true, width);
	page_release(&page);
	fclose(out);
	return text;
}

static void what_is_too_wide_breaks_names_then_stands_closer_then_becomes_lists(void **state)
{
	static const struct { int width; bool in_blocks; const char *want; } row[] = {
		{ 0, false, "settlement_date  provisional    of  farm_id   \n"
			    "2025-03-04                12  +4.5  T_A-1     \n"
			    "2025-03-05                 7     -  T_LONGER-2\n" },
		{ 44, false, "settlement                               \n"
			     "date        provisional    of  farm_id   \n"
			     "2025-03-04           12  +4.5  T_A-1     \n"
			     "2025-03-05            7     -  T_LONGER-2\n" },
		{ 38, false, "settlement                            \n"
			     "date       provisional   of farm_id   \n"
			     "2025-03-04          12 +4.5 T_A-1     \n"
			     "2025-03-05           7    - T_LONGER-2\n" },
		{ 37, false, "settlement provis-                \n"
			     "date         ional   of farm_id   \n"
			     "2025-03-04      12 +4.5 T_A-1     \n"
			     "2025-03-05       7    - T_LONGER-2\n" },
		{ 30, false, "settlement_date  2025-03-04\nprovisional      12\nof               +4.5\nfarm_id          T_A-1\n\n"
			     "settlement_date  2025-03-05\nprovisional      7\nof               -\nfarm_id          T_LONGER-2\n\n" },
		/* The first block gives the widths. */
		{ 0, true, "settlement_date  provisional    of  farm_id\n"
			   "2025-03-04                12  +4.5  T_A-1  \n"
			   "2025-03-05                 7     -  T_LONGER-2\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char *text = printed(row[i].width, row[i].in_blocks);

		/* The last column is not filled up. */
		for (const char *want = row[i].want, *got = text; ; want += strcspn(want, "\n") + 1, got += strcspn(got, "\n") + 1) {
			size_t length = strcspn(want, "\n");

			while (length > 0 && want[length - 1] == ' ')
				length--;
			assert_int_equal(strncmp(want, got, length), 0);
			assert_int_equal(strspn(got + length, " "), strcspn(got + length, "\n"));
			if (!*want || !*got) {
				assert_int_equal(*want, *got);
				break;
			}
		}
		free(text);
	}
}

static void a_last_column_of_text_goes_on_below_itself(void **state)
{
	static const char *const cells[] = { "name", "what", "a", "each day with its instants, by miner model, and é", "b", "no" };
	struct page page;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	page_begin(&page, 2);
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
		page_cell(&page, cells[i]);
	page_print_within(&page, out, true, 36);
	page_release(&page);
	fclose(out);
	assert_string_equal(text, "name  what\n"
				  "a     each day with its instants, by\n"
				  "      miner model, and é\n"
				  "b     no\n");
	free(text);
}

static void rows_of_copy_text_become_a_page_that_no_terminal_obeys(void **state)
{
	static const char *const columns[] = { "farm_id", "mwh", NULL };
	static const char lines[] = "T_A\\n\\tB\t\\N\n\033[31mred\xe2\x80\xae\t1.5\nshort\n";
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct page_rows *rows = page_rows_open(out, columns, true, 80);

	(void)state;
	page_rows_add(rows, lines, sizeof lines - 1);
	assert_int_equal(fflush(out), 0);
	assert_int_equal(len, 0);		/* held until the end */
	page_rows_close(rows);
	fclose(out);
	assert_string_equal(text, "farm_id  mwh\nT_A  B      \nred      1.5\nshort       \n");
	free(text);
	page_rows_close(NULL);
}

/* Cells as a page, to free. */
static char *page_of(const char *const *cells, size_t n, int n_columns, bool has_header, int width)
{
	struct page page;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	page_begin(&page, n_columns);
	for (size_t i = 0; i < n; i++)
		page_cell(&page, cells[i]);
	page_print_within(&page, out, has_header, width);
	page_release(&page);
	fclose(out);
	return text;
}

#define PAGE(n_columns, has_header, width, want, ...) do { \
	char *text = page_of((const char *const[]){ __VA_ARGS__ }, sizeof (const char *const[]){ __VA_ARGS__ } / sizeof (char *), \
			     n_columns, has_header, width); \
	assert_string_equal(text, want); \
	free(text); \
} while (0)

static void without_a_header_every_row_is_one(void **state)
{
	(void)state;
	PAGE(2, false, 0, "a long name  1\n"
			  "b            x\n", "a long name", "1", "b", "x");
}

#define X10 "xxxxxxxxxx"
#define X62 X10 X10 X10 X10 X10 X10 "xx"
#define Y10 "yyyyyyyyyy"
#define Y64 Y10 Y10 Y10 Y10 Y10 Y10 "yyyy"

/* Two words share a line where there is room for both.  A word beyond what a piece can be is cut, and nothing of it is lost. */
static void a_name_is_broken_between_words_and_a_long_word_is_cut(void **state)
{
	(void)state;
	PAGE(2, true, 12, "ab cd  \n"
			  " efgh  x\n"
			  "12345  y\n", "ab cd efgh", "x", "12345", "y");
	PAGE(2, true, 12, "   ab  \n"
			  "  cde  \n"
			  "  fgh  x\n"
			  "12345  y\n", "ab cde fgh", "x", "12345", "y");
	PAGE(2, true, 67, X62 "-   a\n"
			  "xx                                                                b\n"
			  Y64 "  z\n", X62 "xx", "a b", Y64, "z");
	PAGE(2, true, 73, X62 "-         a\n"
			  "xxxxxxxx                                                                b\n"
			  Y64 "yyyyyy  z\n", X62 "xxxxxxxx", "a b", Y64 "yyyyyy", "z");
}

static void the_text_that_goes_on_is_broken_at_its_blanks_alone(void **state)
{
	(void)state;
	PAGE(2, true, 36, "name  what\n"
			  "a     each day with its instants, no\n"
			  "b      " X10 X10 X10 X10 "\n"
			  "c     each day with its\n"
			  "      instantaneous values\n",
	     "name", "what", "a", "each day with its instants, no", "b", " " X10 X10 X10 X10, "c", "each day with its instantaneous values");
	/* The columns before it are left as they are, however wide. */
	PAGE(2, true, 56, "name                            what\n"
			  "each day with its instants, no  each day with its\n"
			  "                                instants, by miner model\n",
	     "name", "what", "each day with its instants, no", "each day with its instants, by miner model");
}

static void a_single_column_or_a_last_one_of_numbers_becomes_a_list(void **state)
{
	(void)state;
	PAGE(1, true, 30, "what  each day with its instants, by miner model\n\n", "what", "each day with its instants, by miner model");
	PAGE(2, true, 30, "a     x\nwhat  1234567890123456789012345678901234567890\n\n", "a", "what", "x", "1234567890123456789012345678901234567890");
}

static void later_blocks_widen_columns_and_a_hidden_header_stays_hidden(void **state)
{
	static const struct { bool shown; int width; const char *want; } row[] = {
		{ true, 0, "a  b\n1  x\nlong one  y\nz         w\n" }, { false, 0, "1  x\nlong one  y\nz         w\n" },
		{ true, 2, "a  1\nb  x\n\na  long one\nb  y\n\na  z\nb  w\n\n" }, { false, 2, "a  1\nb  x\n\na  long one\nb  y\n\na  z\nb  w\n\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		static const char *const cells[] = { "a", "b", "1", "x", "long one", "y", "z", "w" };
		struct page page;
		char *text = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		page_begin(&page, 2);
		for (size_t c = 0; c < 8; c++) {
			page_cell(&page, cells[c]);
			if (c == 3 || c == 7)
				page_print_block(&page, out, row[i].shown, row[i].width);
		}
		page_release(&page);
		fclose(out);
		assert_string_equal(text, row[i].want);
		free(text);
	}
}

static void a_later_block_goes_on_below_its_column_however_long_its_text(void **state)
{
	static const char *const cells[] = { "name", "what", "c", "each day with its instantaneous values", "d",
					     "each day with its instants, by miner model" };
	struct page page;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	page_begin(&page, 2);
	for (size_t c = 0; c < 6; c++) {
		page_cell(&page, cells[c]);
		if (c == 3 || c == 5)
			page_print_block(&page, out, true, 36);
	}
	page_release(&page);
	fclose(out);
	assert_string_equal(text, "name  what\n"
				  "c     each day with its\n"
				  "      instantaneous values\n"
				  "d     each day with its instants, by\n"
				  "      miner model\n");
	free(text);
}

static const char *const two_columns[] = { "farm_id", "mwh", NULL };

/* So that a person sees something before the last of a million rows, and the header of none. */
static void five_hundred_rows_are_held_and_the_rest_follows(void **state)
{
	char *text = NULL;
	size_t len = 0;
	int lines = 0;
	FILE *out = open_memstream(&text, &len);
	struct page_rows *rows = page_rows_open(out, two_columns, true, 80);

	(void)state;
	for (int n = 1; n <= 502; n++) {
		char line[32];
		int length = snprintf(line, sizeof line, "T_A\t%d\n", n);

		page_rows_add(rows, line, (size_t)length);
		assert_int_equal(fflush(out), 0);
		if ((len > 0) != (n >= 500))
			fail_msg("%zu bytes after row %d", len, n);
	}
	page_rows_close(rows);
	fclose(out);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 503);
	assert_non_null(strstr(text, "T_A      502\n"));
	free(text);

	out = open_memstream(&text, &len);
	page_rows_close(page_rows_open(out, two_columns, true, 80));
	fclose(out);
	assert_string_equal(text, "farm_id  mwh\n");
	free(text);
}

static void a_field_begins_with_no_end_of_a_line(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct page_rows *rows = page_rows_open(out, two_columns, false, 0);

	(void)state;
	page_rows_add(rows, "\\nT_A\t\\t1\n", 10);
	page_rows_close(rows);
	fclose(out);
	assert_string_equal(text, " T_A      1\n");
	free(text);
}

/* A tool that fails in the middle has said what it knew. */
static void what_is_held_when_the_process_ends_is_printed(void **state)
{
	static struct page_rows *volatile left[2];		/* known to a leak checker, as those of a tool are */
	FILE *out = tmpfile();
	char text[200] = "";
	pid_t child;

	(void)state;
	assert_non_null(out);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		for (int i = 0; i < 2; i++) {
			left[i] = page_rows_open(out, two_columns, true, 80);
			page_rows_add(left[i], "T_A\t1.5\n", 8);
		}
		exit(0);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	rewind(out);
	assert_int_equal(fread(text, 1, sizeof text - 1, out), 52);
	assert_string_equal(text, "farm_id  mwh\nT_A      1.5\nfarm_id  mwh\nT_A      1.5\n");
	fclose(out);
}

static void numbers_for_people_have_their_places_and_separators(void **state)
{
	static const struct { const char *number; int places; const char *want; } row[] = {
		{ "0", 2, "0.00" }, { "999.995", 2, "1,000.00" }, { "-1234567.891", 2, "-1,234,567.89" }, { "-0.001", 2, "0.00" },
		{ "1000", 0, "1,000" }, { "0.00000001", 8, "0.00000001" }, { "123", 3, "123.000" }, { "-999", 0, "-999" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct decimal value;
		struct buf text = BUF_INIT;

		decimal_init(&value);
		assert_true(decimal_parse_text(&value, row[i].number, DECIMAL_PLAIN, NULL));
		people_number(&value, row[i].places, &text);
		assert_string_equal(text.data, row[i].want);
		buf_release(&text);
		decimal_release(&value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_of_numbers_stand_to_the_right_and_width_is_of_characters),
		cmocka_unit_test(what_is_too_wide_breaks_names_then_stands_closer_then_becomes_lists),
		cmocka_unit_test(a_last_column_of_text_goes_on_below_itself),
		cmocka_unit_test(rows_of_copy_text_become_a_page_that_no_terminal_obeys),
		cmocka_unit_test(without_a_header_every_row_is_one),
		cmocka_unit_test(a_name_is_broken_between_words_and_a_long_word_is_cut),
		cmocka_unit_test(the_text_that_goes_on_is_broken_at_its_blanks_alone),
		cmocka_unit_test(a_single_column_or_a_last_one_of_numbers_becomes_a_list),
		cmocka_unit_test(later_blocks_widen_columns_and_a_hidden_header_stays_hidden),
		cmocka_unit_test(a_later_block_goes_on_below_its_column_however_long_its_text),
		cmocka_unit_test(five_hundred_rows_are_held_and_the_rest_follows),
		cmocka_unit_test(a_field_begins_with_no_end_of_a_line),
		cmocka_unit_test(what_is_held_when_the_process_ends_is_printed),
		cmocka_unit_test(numbers_for_people_have_their_places_and_separators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

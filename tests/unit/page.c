#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

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
		cmocka_unit_test(numbers_for_people_have_their_places_and_separators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "format/page.h"

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
		cmocka_unit_test(numbers_for_people_have_their_places_and_separators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
